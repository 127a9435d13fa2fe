"""Several collections asked as one: by the program's own calls and by programs over HTTP."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from paperrag.assistant import Assistant
from paperrag.errors import QueryError
from paperrag.page.api import Api
from paperrag.search.filtering import Filters
from paperrag.together import Together
from workbench import environment, write_file

PETS = "# Pets\n\n- Tabby: striped fur, sleeps all day\n- 暹罗猫 Siamese：爱叫，蓝眼睛\n"
BOATS = "# Boats\n\n## Sails\n\n- Catboat: one sail\n- 拖船：船身短，发动机有力\n"


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Together:
    return open_both(tmp_path_factory.mktemp("together"))


def open_both(folder: Path) -> Together:
    """Return two collections of one note each, pets before boats."""
    write_file(folder / "pets" / "pets.md", PETS)
    write_file(folder / "boats" / "boats.md", BOATS)
    return Together(
        {
            name: Assistant.open(folder / name, folder / f"{name}.index", encoder="bundled-static")
            for name in ("pets", "boats")
        }
    )


def sources(found: dict[str, Any]) -> set[str]:
    return {hit["source"].rpartition("/")[2] for hit in found["hits"]}


def test_a_call_chooses_the_collections_that_it_asks(both: Together) -> None:
    api = Api(both)
    assert api.collections == ("pets", "boats")
    assert sources(api.search("cats 船")) == {"pets.md", "boats.md"}
    assert sources(api.search("cats 船", collection="boats")) == {"boats.md"}
    assert sources(api.search("cats 船", collection="boats, pets")) == {"pets.md", "boats.md"}
    assert api.ask("蓝眼睛的是什么猫？", collection="pets")["answer"].startswith("pets: ")
    assert api.ask("蓝眼睛的是什么猫？", collection="boats")["abstained"]
    assert list(api.status(collection="boats")["collections"]) == ["boats"]


def test_an_unknown_collection_is_named_with_those_there_are(both: Together) -> None:
    with pytest.raises(
        QueryError, match="no collection 'trains' is asked here; there are: pets, boats"
    ):
        Api(both).search("cats", collection="trains")
    with pytest.raises(
        QueryError, match="only one folder is asked here, without a name; leave it out"
    ):
        Api(both.one("pets")).search("cats", collection="pets")


def test_an_entry_of_another_collection_is_not_there(both: Together) -> None:
    api = Api(both)
    boat = api.search("catboat", 1)["hits"][0]["entry_id"]
    assert api.entry(boat)["title"] == api.entry(boat, "boats")["title"] == "Catboat: one sail"
    with pytest.raises(QueryError, match="no entry has the id"):
        api.entry(boat, "pets")
    assert api.note("boats.md", 5, 5, "boats")["text"] == "- Catboat: one sail"
    with pytest.raises(QueryError, match="no note the name"):
        api.note("boats.md", collection="pets")


def test_a_filter_that_names_nothing_in_one_collection_asks_the_other(both: Together) -> None:
    found = both.search("cats 船", filters=Filters(section="Sails"))
    assert {hit.entry.source.rpartition("/")[2] for hit in found.hits} == {"boats.md"}
    answer, _ = both.ask("which boats have one sail?", Filters(section="Sails"))
    assert answer.text.startswith("boats: ") and answer.notice is None
    with pytest.raises(QueryError, match="Wheels"):
        both.ask("which boats have one sail?", Filters(section="Wheels"))


def test_an_answer_grows_collection_by_collection(both: Together) -> None:
    steps = [answer for answer, _ in both.ask_stream("Which entries are about 猫 or 拖船 or cats?")]
    assert steps[-1] == both.ask("Which entries are about 猫 or 拖船 or cats?")[0]
    assert all(one.usage is None for one in steps[:-1])
    assert all(steps[-1].text.startswith(one.text) for one in steps)


def test_chats_name_a_collection_as_a_model(both: Together) -> None:
    from paperrag.page.chat_completions import ChatCompletions

    chats = ChatCompletions(Api(both))
    assert [model["id"] for model in chats.models()["data"]] == [
        "paperrag",
        "paperrag/pets",
        "paperrag/boats",
    ]
    messages = [{"role": "user", "content": "which boats have one sail?"}]
    asked = chats.whole({"model": "paperrag/boats", "messages": messages})
    assert asked["paperrag"]["answer"].startswith("boats: ")
    assert chats.whole({"model": "paperrag/pets", "messages": messages})["paperrag"]["abstained"]
    with pytest.raises(QueryError, match="no collection 'trains'"):
        chats.whole({"model": "paperrag/trains", "messages": messages})


def test_tools_say_which_collections_there_are(both: Together) -> None:
    pytest.importorskip("mcp", reason="the tools need mcp")
    from paperrag.page.tools import make_tools

    tools = make_tools(Api(both))
    assert "Collections: pets, boats" in (tools.instructions or "")
    call = tools.call_tool("search_notes", {"query": "cats 船", "collection": "pets"})
    with ThreadPoolExecutor(1) as other_thread:  # browser tests hold an event loop in this one
        told = other_thread.submit(asyncio.run, call).result()
    assert "pets.md" in str(told) and "boats.md" not in str(told)


# --- served to programs ---------------------------------------------------------------------------


def collections_at(folder: Path) -> dict[str, str]:
    """Write two collections and the settings that name them; return the environment for both."""
    write_file(folder / "pets" / "pets.md", PETS)
    write_file(folder / "boats" / "boats.md", BOATS)
    settings = "".join(
        f'[collections.{name}]\ncorpus = "{folder}/{name}"\n' for name in ("pets", "boats")
    )
    write_file(folder / "config" / "paperrag" / "paperrag.toml", settings)
    homes = {"XDG_CONFIG_HOME": f"{folder}/config", "XDG_DATA_HOME": f"{folder}/data"}
    return {**environment(), **homes}


@pytest.mark.slow
def test_several_collections_are_served_to_programs(tmp_path: Path) -> None:
    httpx = pytest.importorskip("httpx", reason="the API needs what mcp brings")
    command = [sys.executable, "-m", "paperrag", "-c", "pets", "-c", "boats", "serve"]
    command += ["--encoder", "bundled-static", "--port", str(port := free_port())]
    served = subprocess.Popen(
        command, env=collections_at(tmp_path), cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )
    assert served.stdout is not None
    try:
        said = [served.stdout.readline(), served.stdout.readline()]
        assert said == [
            "paperrag: indexing pets and boats for the first time, then serving them; model none; "
            "Ctrl-C stops\n",
            f"paperrag: open http://127.0.0.1:{port}/\n",
        ]
        url = f"http://127.0.0.1:{port}"
        both = httpx.get(f"{url}/search", params={"q": "cats 船"}).json()
        assert sources(both) == {"pets.md", "boats.md"}
        asked = {"question": "which boats have one sail?", "collection": "boats", "stream": True}
        events = httpx.post(f"{url}/ask", json=asked).text.split("\n\n")
        assert '"answer":"boats: ' in events[-2].replace('": ', '":')
        assert httpx.get(f"{url}/health").json()["entries"] == 4
        wrong = httpx.get(f"{url}/search", params={"q": "cats", "collection": "trains"})
        assert wrong.status_code == 400 and "there are: pets, boats" in wrong.text
        files = httpx.get(f"{url}/paperrag/files").json()["html"]
        assert "pets:pets.md" in files and "boats:boats.md" in files
        assert httpx.get(f"{url}/health", headers={"Host": "evil.example"}).status_code == 403
        assert tool_names(f"{url}/mcp") >= {"search_notes", "ask_notes"}
    finally:
        served.send_signal(signal.SIGINT)
        try:
            assert served.wait(20) == 0
        finally:
            served.kill()
            served.stdout.close()


def tool_names(url: str) -> set[str]:
    with ThreadPoolExecutor(1) as other_thread:  # browser tests hold an event loop in this one
        return other_thread.submit(lambda: asyncio.run(_tool_names(url))).result()


async def _tool_names(url: str) -> set[str]:
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async with (
        streamable_http_client(url) as (read, write, _),
        ClientSession(read, write) as session,
    ):
        await session.initialize()
        return {tool.name for tool in (await session.list_tools()).tools}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
