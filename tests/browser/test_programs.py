"""What programs see: gradio_client over the named endpoints, an MCP client over its real
transport, passwords.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from browser.conftest import Served, start_server, stop_server

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning"
)  # of the clients, not ours to mend

QUESTION = "which methods merge KV cache?"


@pytest.fixture(scope="module")
def client(served: Served) -> Any:
    from gradio_client import Client

    return Client(served.url, verbose=False)


def _command_line(served: Served, *arguments: str) -> dict[str, Any]:
    command = [
        sys.executable,
        "-m",
        "paperrag",
        "--corpus",
        str(served.corpus),
        "--index",
        str(served.index),
        "--json",
        *arguments,
    ]
    answer: dict[str, Any] = json.loads(
        subprocess.run(command, capture_output=True, check=True, text=True).stdout
    )
    return answer


def _without_time(shape: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in shape.items() if key != "took_ms"}


def test_endpoints_are_named_and_nothing_else_is_open(client: Any) -> None:
    named = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert sorted(named) == ["/ask", "/entry", "/search", "/similar", "/status"]


def test_search_and_ask_answer_as_the_command_line_does(client: Any, served: Served) -> None:
    found = client.predict(query="KV cache 合并", k=3, api_name="/search")
    assert _without_time(found) == _without_time(
        _command_line(served, "search", "KV cache 合并", "-k", "3", "--explain")
    )
    answered = client.predict(question=QUESTION, api_name="/ask")
    assert _without_time(answered) == _without_time(_command_line(served, "ask", QUESTION))


def test_follow_up_is_understood_through_the_endpoint_as_on_the_command_line(
    client: Any, served: Served, tmp_path: Path
) -> None:
    first = client.predict(question=QUESTION, api_name="/ask")
    (tmp_path / "first.json").write_text(json.dumps(first), encoding="utf-8")
    follow_up = "which of them is training-free?"
    second = client.predict(question=follow_up, after=json.dumps(first), api_name="/ask")
    assert {one["entry_id"] for one in second["citations"]} <= {
        one["entry_id"] for one in first["citations"]
    }
    said = _command_line(served, "ask", follow_up, "--after", str(tmp_path / "first.json"))
    assert _without_time(second) == _without_time(said)


def test_status_is_that_of_the_command_line(client: Any, served: Served) -> None:
    assert client.predict(api_name="/status") == _command_line(served, "status")


def test_entry_similar_and_status_have_their_shapes(client: Any, served: Served) -> None:
    entry_id = client.predict(question=QUESTION, api_name="/ask")["citations"][0]["entry_id"]
    entry = client.predict(entry_id=entry_id, api_name="/entry")
    assert (entry["entry_id"], entry["line_start"], entry["kind"]) == (entry_id, 206, "note")
    near = client.predict(entry_id=entry_id, k=5, api_name="/similar")
    assert (near["entry_id"], [hit["rank"] for hit in near["hits"]]) == (entry_id, [1, 2, 3, 4, 5])
    shape = set(_command_line(served, "search", "KV cache")["hits"][0]) | {"work"}
    assert all(set(hit) | {"work"} == shape for hit in near["hits"])  # not all are of a work
    assert client.predict(api_name="/status")["index"]["files"] == 2


def test_mistakes_reach_the_client_as_sentences(client: Any) -> None:
    from gradio_client.exceptions import AppError

    with pytest.raises(AppError, match="the question is empty"):
        client.predict(question=" ", api_name="/ask")
    with pytest.raises(AppError, match="`after` is no JSON"):
        client.predict(question="why?", after="{", api_name="/ask")
    with pytest.raises(AppError, match="no entry has the id"):
        client.predict(entry_id="nope", api_name="/entry")


def test_mcp_client_finds_and_calls_every_tool(served: Served) -> None:
    with ThreadPoolExecutor() as other_thread:  # playwright holds an event loop in this one
        other_thread.submit(asyncio.run, _use_tools(served.url + "mcp")).result()


async def _use_tools(url: str) -> None:
    from mcp import ClientSession
    from mcp.client.streamable_http import streamablehttp_client

    async with (
        streamablehttp_client(url) as (read, write, _),
        ClientSession(read, write) as session,
    ):
        await session.initialize()
        tools = {tool.name for tool in (await session.list_tools()).tools}
        assert tools == {
            "search_notes",
            "ask_notes",
            "get_entry",
            "get_note",
            "similar_entries",
            "index_status",
        }

        async def call(name: str, **arguments: Any) -> dict[str, Any]:
            result = await session.call_tool(name, arguments)
            assert not result.isError
            assert json.loads(result.content[0].text) == result.structuredContent
            return dict(result.structuredContent)

        answer = await call("ask_notes", question=QUESTION)
        assert [citation["n"] for citation in answer["citations"]] == [1, 2, 3, 4]
        follow_up = await call(
            "ask_notes", question="which of them is training-free?", after=json.dumps(answer)
        )
        assert follow_up["standalone_question"]
        entry_id = answer["citations"][0]["entry_id"]
        assert (await call("get_entry", entry_id=entry_id))["source"] == "notes/paper-reading.md"
        assert len((await call("similar_entries", entry_id=entry_id, k=4))["hits"]) == 4
        assert len((await call("search_notes", query="长文本", k=2, lang="zh"))["hits"]) == 2
        assert (await call("index_status"))["index"]["encoder"] == "bundled"
        wrong = await session.call_tool("get_entry", {"entry_id": "nope"})
        assert wrong.isError
        assert "no entry has the id" in wrong.content[0].text


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("locked")
    (folder / "corpus" / "notes").mkdir(parents=True)
    (folder / "corpus" / "notes" / "a.md").write_text(
        "# Notes\n\n- Secret recipe: cinnamon\n", encoding="utf-8"
    )
    running = start_server(folder, ["-m", "paperrag", "serve"], "--auth", "lab:secret")
    yield running
    stop_server(running)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "config",
        "mcp",
        "gradio_api/info",
        "gradio_api/call/ask",
        "gradio_api/queue/data",
        "theme.css",
    ],
)
def test_password_guards_every_path(locked: Served, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(locked.url + path)
    assert refused.value.code == 401
    refused.value.close()


def test_password_lets_browsers_and_programs_in(locked: Served, browser: Any) -> None:
    from gradio_client import Client

    page = browser.new_context(
        http_credentials={"username": "lab", "password": "secret"}
    ).new_page()
    page.goto(locked.url)
    page.locator("#pr-question textarea").wait_for()
    page.context.close()
    token = base64.b64encode(b"lab:secret").decode()
    client = Client(locked.url, verbose=False, headers={"Authorization": f"Basic {token}"})
    assert (
        "cinnamon"
        in client.predict(question="what is the secret recipe?", api_name="/ask")["answer"]
    )


def test_a_link_of_another_site_opens_the_page(served: Served, browser: Any) -> None:
    page = browser.new_context().new_page()
    page.goto(f"data:text/html,<a href='{served.url}'>my notes</a>")
    page.locator("a").click()
    page.locator("#pr-question textarea").wait_for()
    page.context.close()


def test_a_page_without_an_origin_uploads_nothing(served: Served) -> None:
    form = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.md"\r\n\r\n- a\r\n--x--\r\n'
    headers = {"Origin": "null", "Content-Type": "multipart/form-data; boundary=x"}
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(
            urllib.request.Request(f"{served.url}gradio_api/upload", form, headers)
        )
    assert refused.value.code == 403
    refused.value.close()


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "pyproject.toml", "corpus/notes/hostile.md", "feedback.jsonl"]
)
def test_files_of_the_machine_are_not_served(served: Served, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{served.url}gradio_api/file={path}")
    assert refused.value.code in (403, 404)
    refused.value.close()


def test_python_of_the_document_asks_the_page(served: Served, capsys: pytest.CaptureFixture[str]):
    page = Path(__file__).parent.parent.parent / "docs" / "app.md"
    for code in re.findall(
        r"^```python\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL
    ):
        code = code.replace("http://127.0.0.1:7860/", f"{served.url.rstrip('/')}/")
        exec(compile(code, "app.md", "exec"), {})
    assert "Loaded as API" in capsys.readouterr().out
