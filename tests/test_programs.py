"""Programs at the door: assistants over stdio, plain HTTP, and clients of language models.

Each is tried with the client that people use.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import openai
import pytest
from jsonschema import Draft202012Validator
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from starlette.applications import Starlette
from starlette.middleware import Middleware

from app_corpus import open_pets
from app_server import at_address
from llm_server import Reply, serving
from paperrag.assistant import Assistant
from paperrag.page.api import Api
from paperrag.page.guard import Guard
from paperrag.page.http_api import http_routes
from workbench import environment, write_file

pytestmark = pytest.mark.slow

QUESTION = "Which entries are about cats?"
NOTES = "# Pets\n\n- Tabby: striped fur\n- 暹罗猫 Siamese：爱叫，蓝眼睛\n"


@contextmanager
def at_work(assistant: Assistant, login: tuple[str, str] | None = None) -> Iterator[str]:
    """The HTTP API on a free port of this machine, behind the guard; yields its address."""
    app = Starlette(routes=http_routes(Api(assistant)), middleware=[Middleware(Guard, login=login)])
    with at_address(app) as address:
        yield address


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return open_pets(tmp_path_factory.mktemp("programs"))


@pytest.fixture(scope="module")
def url(assistant: Assistant) -> Iterator[str]:
    with at_work(assistant) as address:
        yield address


# --- plain HTTP -----------------------------------------------------------------------------------


def test_search_is_that_of_the_command_line(url: str, assistant: Assistant):
    found = httpx.get(f"{url}/search", params={"q": "猫", "k": 2, "lang": "zh"}).json()
    assert [hit["entry_id"] for hit in found["hits"]] == [
        hit.entry.id for hit in assistant.search("猫").hits if hit.entry.language == "zh"
    ]


@pytest.mark.parametrize("tag", ["none", ["none", "nothing"]])
def test_a_tag_that_no_entry_has_is_told(url: str, tag: str | list[str]):
    told = "no entry has the tag 'none'; the notes have no tags"
    searched = httpx.get(f"{url}/search", params={"q": "cats", "tag": tag})
    asked = httpx.post(f"{url}/ask", json={"question": QUESTION, "tag": tag})
    assert [searched.json()["error"]["message"], asked.json()["error"]["message"]] == [told, told]


def test_question_is_answered_and_followed_up(url: str):
    first = httpx.post(f"{url}/ask", json={"question": QUESTION}).json()
    assert "Siamese" in first["answer"] and first["citations"]
    second = {"question": "which of them has blue eyes?", "after": first}
    followed = httpx.post(f"{url}/ask", json=second).json()
    assert followed["standalone_question"]


def test_answer_comes_as_events(url: str):
    asked = {"question": QUESTION, "stream": True}
    with httpx.stream("POST", f"{url}/ask", json=asked) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        events = [json.loads(line.removeprefix("data: ")) for line in response.iter_lines() if line]
    whole = httpx.post(f"{url}/ask", json={"question": QUESTION}).json()
    assert events[-1] | {"took_ms": 0} == whole | {"took_ms": 0}


def test_entry_and_note_are_given_by_name(url: str):
    entry_id = httpx.get(f"{url}/search", params={"q": "Tabby"}).json()["hits"][0]["entry_id"]
    path = httpx.URL(f"{url}/entries/").copy_with(raw_path=b"/entries/" + _quoted(entry_id))
    assert httpx.get(path).json()["entry_id"] == entry_id
    note = httpx.get(f"{url}/notes/pets.md", params={"line_start": 1, "line_end": 3}).json()
    assert note == {
        "source": "notes/pets.md",
        "line_start": 1,
        "line_end": 3,
        "text": "# Pets\n\n## Cats",
    }


def _quoted(text: str) -> bytes:
    from urllib.parse import quote

    return quote(text, safe="").encode()


def test_health_tells_the_version_and_the_size(url: str, assistant: Assistant):
    found = httpx.get(f"{url}/health").json()
    assert (found["status"], found["entries"]) == ("ok", len(assistant.data().entries))


@pytest.mark.parametrize(
    ("method", "path", "body", "told"),
    [
        ("GET", "/search", None, "question is empty"),
        ("GET", "/search?q=a&k=many", None, "k: expected a whole number, got 'many'"),
        ("GET", "/entries/nope", None, "no entry has the id 'nope'"),
        ("GET", "/notes/..%2F..%2Fetc%2Fpasswd", None, "no note the name"),
        ("POST", "/ask", "no json", "the request is no JSON"),
        ("POST", "/ask", "[]", "must be a JSON object"),
        ("POST", "/ask", '{"question": "a b c", "after": {"x": 1}}', "expected what `paperrag ask"),
        ("POST", "/v1/chat/completions", "{}", "messages: expected a list"),
        ("POST", "/v1/chat/completions", '{"messages": []}', "the last one must be the user's"),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(
    url: str, method: str, path: str, body: str | None, told: str
):
    response = httpx.request(method, url + path, content=body)
    assert response.status_code == 400
    assert told in response.json()["error"]["message"]


def test_every_route_is_described_and_every_description_has_its_route(
    url: str, assistant: Assistant
):
    routes = {
        (route.path.replace(":path", ""), method.lower())
        for route in http_routes(Api(assistant))
        for method in (route.methods or set()) - {"HEAD"}
    }
    described = httpx.get(f"{url}/openapi.json").json()
    assert {(p, m) for p, methods in described["paths"].items() for m in methods} == routes


def test_what_is_given_is_what_is_described(url: str):
    described = httpx.get(f"{url}/openapi.json").json()
    found = httpx.get(f"{url}/search", params={"q": "cats"}).json()
    entry, source = found["hits"][0]["entry_id"], found["hits"][0]["source"]
    given = {
        "/search": found,
        "/ask": httpx.post(f"{url}/ask", json={"question": QUESTION}).json(),
        "/entries/{entry_id}": httpx.get(f"{url}/entries/{quote(entry)}").json(),
        "/notes/{source}": httpx.get(f"{url}/notes/{source}").json(),
    }
    for path, printed in given.items():
        (call,) = described["paths"][path].values()
        said = call["responses"]["200"]["content"]["application/json"]["schema"]
        whole = {**said, "components": described["components"]}
        assert [one.message for one in Draft202012Validator(whole).iter_errors(printed)] == []
        assert list(Draft202012Validator(whole).iter_errors({"question": 3}))
    refused = httpx.get(f"{url}/entries/none")
    said = described["paths"]["/search"]["get"]["responses"]["400"]["content"]
    told = Draft202012Validator(said["application/json"]["schema"])
    assert refused.status_code == 400 and told.is_valid(refused.json())


def test_docs_name_every_call_and_load_nothing(url: str):
    page = httpx.get(f"{url}/docs")
    assert page.headers["content-type"].startswith("text/html")
    for path, methods in httpx.get(f"{url}/openapi.json").json()["paths"].items():
        for method, call in methods.items():
            assert f"<h2><b>{method.upper()}</b><code>{path}</code></h2>" in page.text
            assert all(f"<code>{one['name']}</code>" in page.text for one in call["parameters"])
    assert "<code>paperrag ask --json</code>" in page.text.partition("Shapes")[0]
    assert '<details id="AskShape">' in page.text and 'href="#AskShape"' in page.text
    assert not re.search(r"<(?:script|link|img|iframe)|https?://|@import", page.text)


def test_pages_of_other_sites_are_refused(url: str):
    asked = httpx.post(
        f"{url}/ask", json={"question": QUESTION}, headers={"origin": "https://evil.example"}
    )
    assert asked.status_code == 403


@pytest.mark.parametrize(
    ("origin", "status"), [("app://obsidian.md", 204), ("https://evil.example", 403)]
)
def test_programs_that_ask_as_pages_do_are_let_before_other_sites(
    url: str, origin: str, status: int
):
    asking = {"origin": origin, "access-control-request-method": "POST"}
    leave = httpx.options(f"{url}/v1/chat/completions", headers=asking)
    assert leave.status_code == status
    models = httpx.get(f"{url}/v1/models", headers={"origin": origin})
    told = models.headers.get_list("access-control-allow-origin")
    assert (models.is_success, told) == ((True, [origin]) if status == 204 else (False, []))


# --- clients of language models -------------------------------------------------------------------


def chat(client: openai.OpenAI, *said: str, **options: Any) -> Any:
    roles = ("user", "assistant")
    messages = [{"role": roles[n % 2], "content": text} for n, text in enumerate(said)]
    return client.chat.completions.create(model="paperrag", messages=messages, **options)  # type: ignore[call-overload]


def test_openai_client_asks_the_notes(url: str):
    client = openai.OpenAI(base_url=f"{url}/v1", api_key="none")
    assert [model.id for model in client.models.list()] == ["paperrag"]
    first = chat(client, QUESTION)
    text = first.choices[0].message.content
    assert "Siamese" in text and "notes/pets.md:7" in text
    assert first.model_extra["paperrag"]["citations"][0]["quote_verified"]
    followed = chat(client, QUESTION, text, "which of them has blue eyes?")
    assert followed.model_extra["paperrag"]["standalone_question"]


def test_openai_client_reads_a_stream(url: str):
    client = openai.OpenAI(base_url=f"{url}/v1", api_key="none")
    pieces = list(chat(client, QUESTION, stream=True))
    said = "".join(piece.choices[0].delta.content or "" for piece in pieces)
    assert said == chat(client, QUESTION).choices[0].message.content
    assert pieces[-1].choices[0].finish_reason == "stop"
    assert pieces[-1].model_extra["paperrag"]["citations"]


def test_stream_of_a_model_grows_and_ends_as_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    open_pets(tmp_path)
    reply = "Tabby cats have striped fur [1]. They have quiet paws [1]."
    with serving(lambda messages: Reply(reply, pause_s=0.4)) as server:
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        writing = Assistant.open(tmp_path / "corpus", tmp_path / "index", llm="openai-like:tiny")
        with at_work(writing) as address:
            client = openai.OpenAI(base_url=f"{address}/v1", api_key="none")
            pieces = list(chat(client, "What fur do tabby cats have?", stream=True))
    texts = [piece.choices[0].delta.content for piece in pieces]
    texts = [text for text in texts if text]
    assert len(texts) > 1
    assert "".join(texts).startswith("Tabby cats have striped fur. [1] They have quiet paws. [1]")


@pytest.mark.parametrize("path", ["/ask", "/v1/chat/completions"])
def test_reader_who_leaves_ends_the_request_at_the_models_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
):
    question = "What fur do tabby cats have?"
    asked = {"question": question, "messages": [{"role": "user", "content": question}]}
    reply = "Tabby cats have striped fur [1]. " * 400
    with serving(lambda messages: Reply(reply, pause_s=0.05)) as server:
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        with at_work(open_pets(tmp_path, llm="openai-like:tiny")) as address:
            body = {**asked, "stream": True}
            with httpx.stream("POST", address + path, json=body, timeout=30) as response:
                next(line for line in response.iter_lines() if "striped" in line)
            assert server.gone.wait(5)


def test_password_is_the_key(assistant: Assistant):
    with at_work(assistant, ("lab", "secret")) as address:
        known = openai.OpenAI(base_url=f"{address}/v1", api_key="lab:secret", max_retries=0)
        assert chat(known, QUESTION).choices
        unknown = openai.OpenAI(base_url=f"{address}/v1", api_key="lab:other", max_retries=0)
        with pytest.raises(openai.AuthenticationError):
            chat(unknown, QUESTION)


# --- assistants -----------------------------------------------------------------------------------


def test_mcp_client_asks_over_stdio(tmp_path: Path):
    write_file(tmp_path / "corpus" / "notes" / "pets.md", NOTES)
    start = StdioServerParameters(
        command=sys.executable,
        args=["-m", "paperrag", "mcp", "--encoder", "bundled-static"],
        env=environment(),
        cwd=tmp_path,
    )

    grown: list[str | None] = []

    async def tell(_: float, __: float | None, message: str | None) -> None:
        grown.append(message)

    async def talk() -> dict[str, Any]:
        async with stdio_client(start) as (read, write), ClientSession(read, write) as session:
            begun = await session.initialize()
            tools = {tool.name for tool in (await session.list_tools()).tools}
            asked = {"question": "蓝眼睛的是什么猫？"}
            answer = await session.call_tool("ask_notes", asked, progress_callback=tell)
            note = await session.call_tool("get_note", {"source": "pets.md", "line_end": 1})
            wrong = await session.call_tool("get_note", {"source": "nope.md"})
            whole = await session.read_resource("paperrag://note/notes%2Fpets.md")  # type: ignore[arg-type]
            listed = (await session.list_resources()).resources
            of_list = await session.read_resource(listed[0].uri)
            return {
                "listed": [(one.name, one.mimeType) for one in listed],
                "of_list": of_list.contents[0].text,
                "server": begun.serverInfo,
                "tools": tools,
                "answer": json.loads(answer.content[0].text),
                "note": note.content[0].text,
                "wrong": (wrong.isError, wrong.content[0].text),
                "whole": whole.contents[0].text,
            }

    with (
        ThreadPoolExecutor() as other_thread
    ):  # browser tests before may hold an event loop in this one
        found = other_thread.submit(asyncio.run, talk()).result()
    assert (found["server"].name, found["server"].version) == ("paperrag", _version())
    assert found["tools"] == {
        "search_notes",
        "ask_notes",
        "get_entry",
        "get_note",
        "similar_entries",
        "index_status",
    }
    assert "Siamese" in found["answer"]["answer"]
    assert grown[-1] == found["answer"]["answer"]
    assert (found["note"], found["whole"]) == ("# Pets", NOTES.removesuffix("\n"))
    assert found["listed"] == [("notes/pets.md", "text/markdown")]
    assert found["of_list"] == found["whole"]
    assert found["wrong"][0] and "no note the name 'nope.md'" in found["wrong"][1]


def test_mcp_client_asks_several_collections(tmp_path: Path):
    config = tmp_path / "config"
    write_file(tmp_path / "pets" / "pets.md", NOTES)
    write_file(tmp_path / "boats" / "boats.md", "- 拖船：船身短，发动机有力\n- Catboat: one sail\n")
    write_file(
        config / "paperrag" / "paperrag.toml",
        f'[collections.pets]\ncorpus = "{tmp_path}/pets"\n'
        f'[collections.boats]\ncorpus = "{tmp_path}/boats"\n',
    )
    start = StdioServerParameters(
        command=sys.executable,
        args=["-m", "paperrag", "-c", "pets", "-c", "boats", "mcp", "--encoder", "bundled-static"],
        env={
            **environment(),
            "XDG_CONFIG_HOME": str(config),
            "XDG_DATA_HOME": str(tmp_path / "data"),
        },
        cwd=tmp_path,
    )

    async def talk() -> dict[str, Any]:
        async with stdio_client(start) as (read, write), ClientSession(read, write) as session:
            await session.initialize()
            asked = {"question": "蓝眼睛的是什么猫？"}
            found = {"answer": await session.call_tool("ask_notes", asked)}
            found["hits"] = await session.call_tool("search_notes", {"query": "catboat"})
            hit = json.loads(found["hits"].content[0].text)["hits"][0]
            found["entry"] = await session.call_tool("get_entry", {"entry_id": hit["entry_id"]})
            found["status"] = await session.call_tool("index_status", {})
            note = await session.call_tool("get_note", {"source": hit["source"], "line_start": 2})
            said = {name: json.loads(one.content[0].text) for name, one in found.items()}
            return {**said, "note": note.content[0].text}

    with ThreadPoolExecutor() as other_thread:
        found = other_thread.submit(asyncio.run, talk()).result()
    assert found["answer"]["answer"].startswith("pets: ") and "Siamese" in found["answer"]["answer"]
    assert found["answer"]["notice"] == "以下笔记集没有提到：boats。"
    assert found["hits"]["hits"][0]["source"] == f"{tmp_path}/boats/boats.md"
    assert found["entry"]["source"] == f"{tmp_path}/boats/boats.md"
    assert found["note"] == "- Catboat: one sail"
    assert list(found["status"]["collections"]) == ["pets", "boats"]
    assert found["status"]["collections"]["boats"]["index"]["entries"] == 2


def _version() -> str:
    from paperrag.index.recipe import package_version

    return package_version()
