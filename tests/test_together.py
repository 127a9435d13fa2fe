"""Several collections asked as one: by the program's own calls and by programs over HTTP."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from paperrag.assistant import Assistant
from paperrag.errors import QueryError
from paperrag.page.api import Api
from paperrag.search.filtering import Filters
from paperrag.together import Together
from workbench import write_file

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
