"""The page over several collections: ids and files begin with the collection's name, and every part
of the page shows and finds both.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from paperrag.assistant import Assistant
from paperrag.errors import QueryError
from paperrag.page.chat import Asked, Chat
from paperrag.page.collecting import CollectPage
from paperrag.page.collection import Collection
from paperrag.page.conversations import Conversations
from paperrag.page.corpora import Corpora
from paperrag.page.files import FilesPage
from paperrag.page.given import Given
from paperrag.page.indexing import IndexDesk
from paperrag.page.library import LibraryPage
from paperrag.page.scoping import narrowed
from paperrag.page.turns import SearchScope
from paperrag.page.viewer import Viewer
from paperrag.together import Together
from workbench import write_file

PETS = """---
tags: [animals]
status: to read
---
# Pets

## Cats

- Tabby cats: striped fur, sleep all day
- 暹罗猫 Siamese cats：爱叫，蓝眼睛

See [[boats]].
"""
BOATS = """---
tags: [animals, water]
status: to read
---
# Boats

## Sails

- Catboat: one sail, https://arxiv.org/abs/2401.00001
- 拖船：船身短，发动机有力
"""


@pytest.fixture
def corpora(tmp_path: Path) -> Corpora:
    write_file(tmp_path / "pets" / "notes" / "pets.md", PETS)
    write_file(tmp_path / "pets" / "notes" / "boats.md", "# Toy boats\n\n- Bath tub boats\n")
    write_file(tmp_path / "boats" / "boats.md", BOATS)
    names = ("pets", "boats")
    return Corpora(
        Together(
            {
                name: Assistant.open(
                    tmp_path / name, tmp_path / f"{name}.index", encoder="bundled-static"
                )
                for name in names
            }
        )
    )


@pytest.fixture
def chat(corpora: Corpora, tmp_path: Path) -> Chat:
    for one in corpora.all:
        one.assistant.build()
    return Chat(corpora, Conversations(tmp_path / "kept.sqlite", *corpora.folders))


def asked(chat: Chat, question: str, **scope: str) -> dict[str, Any]:
    steps = chat.ask(Asked(question, "c", "run", SearchScope(**scope), "en"))
    return [step for step in steps if step][-1]


def cited(chat: Chat) -> list[str]:
    answer = chat.turns("c")[-1].answer
    assert answer is not None
    return [citation.entry.source for citation in answer.citations]


def test_answers_cite_places_by_the_collections_name(chat: Chat) -> None:
    step = asked(chat, "which boats have one sail?")
    assert "boats:boats.md" in cited(chat)
    assert 'data-entry="boats:boats.md' in step["evidence"] and "✓" in step["evidence"]


def test_a_scope_asks_one_collection(chat: Chat) -> None:
    asked(chat, "which boats have one sail?", collection="pets")
    assert "boats:boats.md" not in cited(chat)
    shown = chat.shown("c", "en")
    assert shown is not None and shown["scope"] == {"collection": "pets"}
    assert "in pets" in shown["turns"][0]


def test_a_file_is_looked_for_in_its_collection(corpora: Corpora) -> None:
    who, filters = narrowed(corpora, SearchScope(file="boats:boats.md"))
    assert isinstance(who, Together) and who.names == ("boats",)
    assert filters.file == "boats.md"


def test_an_unknown_collection_is_told(corpora: Corpora) -> None:
    with pytest.raises(QueryError, match="there are: pets, boats"):
        narrowed(corpora, SearchScope(collection="trains"))
    with pytest.raises(QueryError, match="not over a collection"):
        narrowed(Corpora(corpora.all[0].assistant), SearchScope(collection="trains"))


def test_a_question_follows_up_what_a_collection_answered(chat: Chat) -> None:
    asked(chat, "which entries are about sails?")
    asked(chat, "list the second one's source as a table")
    assert "boats:boats.md" in cited(chat)


def test_related_entries_are_those_of_all_collections(chat: Chat) -> None:
    bath = chat.corpora.entry("pets:notes/boats.md#toy-boats/bath-tub-boats")
    assert bath is not None
    near = [entry.id.partition(":")[0] for entry in chat.corpora.related(bath.id, 9)]
    assert set(near) == {"pets", "boats"}
    page = Viewer(chat.corpora, is_at_home=True).entry(bath.id, "en")["html"]
    assert '<span class="pr-venue">boats</span>' in page
    assert '<span class="pr-venue">pets</span>' not in page


def test_the_tree_begins_with_collections(chat: Chat) -> None:
    library = LibraryPage(chat.corpora)
    tree = library.tree(Given({}))
    assert "<span>pets</span>" in tree and "<span>boats</span>" in tree
    assert "<span>boats.md</span>" in tree
    whole, pets = (
        library.rows(Given({"place": json.dumps(place)}))["html"] for place in ([], ["pets"])
    )
    assert "Catboat" in whole and "Catboat" not in pets and "Tabby" in pets


def test_an_order_goes_through_both_collections(chat: Chat) -> None:
    html = LibraryPage(chat.corpora).rows(Given({"order": "title"}))["html"]
    assert html.index("Bath tub") < html.index("Catboat") < html.index("Tabby")


def test_scopes_are_those_of_both_or_of_the_chosen_one(chat: Chat) -> None:
    library = LibraryPage(chat.corpora)
    values = [scope["value"] for scope in library.scopes("")]
    assert {"pets:notes/pets.md", "boats:boats.md"} <= set(values)
    assert [scope["value"] for scope in library.scopes("sails")] == ["Sails"]
    assert library.scopes("sails", "pets") == []
    assert [scope["value"] for scope in library.scopes("animals")] == ["animals"]


def test_files_are_listed_by_collection(chat: Chat) -> None:
    files = FilesPage(chat.corpora)
    whole, boats = (files.rows(Given({"collection": name}))["html"] for name in ("", "boats"))
    assert "pets:notes/pets.md" in whole and "boats:boats.md" in whole
    assert "pets:notes/pets.md" not in boats and "boats:boats.md" in boats


def test_a_note_opens_and_its_links_lead_to_its_own_collection(chat: Chat) -> None:
    from paperrag.page.viewer import Viewer

    viewer = Viewer(chat.corpora)
    page = viewer.note("pets:notes/pets.md", False, "en")["html"]
    assert 'data-entry="pets:boats"' in page
    assert "Bath tub" in viewer.note("pets:boats", False, "en")["html"]
    assert "Catboat" in viewer.note("boats:boats", False, "en")["html"]


def test_an_entry_opens_with_what_is_around_it(chat: Chat) -> None:
    from paperrag.page.viewer import Viewer

    entry = next(one for one in (chat.corpora.asked().search("Catboat").hits)).entry
    assert entry.id.startswith("boats:") and entry.source == "boats:boats.md"
    page = Viewer(chat.corpora).entry(entry.id, "en")["html"]
    assert "Catboat" in page and 'data-source="boats:boats.md"' in page
    assert f'data-entry="{entry.parent_id}"' in page and (entry.parent_id or "")[:6] == "boats:"


def test_notes_are_changed_where_they_lie(chat: Chat) -> None:
    pytest.importorskip("starlette", reason="notes are added by a route")
    from paperrag.page.note_routes import NoteDesk

    desk, folder = NoteDesk(chat.corpora), chat.corpora.folders[1]
    note = desk.source(Given({"source": "boats:boats.md"}))
    changed = {
        "source": "boats:boats.md",
        "text": note["text"] + "- Dory\n",
        "stamp": note["stamp"],
    }
    desk.save(Given(changed))
    assert "Dory" in (folder / "boats.md").read_text(encoding="utf-8")
    named = desk.rename(Given({"source": "boats:boats.md", "name": "boats:ships.md"}))
    assert named["source"] == "boats:ships.md" and (folder / "ships.md").exists()
    desk.delete(Given({"source": "boats:ships.md"}))
    assert (folder / ".trash" / "ships.md").exists()
    desk.restore(Given({"source": "boats:ships.md", "lying": "ships.md"}))
    assert (folder / "ships.md").exists()


@pytest.mark.parametrize(("into", "number"), [("boats", 1), ("pets", 0), ("", 0)])
def test_a_dropped_file_goes_into_the_chosen_collection(chat: Chat, into: str, number: int) -> None:
    pytest.importorskip("starlette", reason="notes are added by a route")
    from paperrag.page.note_routes import NoteDesk

    given = Given({"name": "dory.md", "collection": into})
    told = NoteDesk(chat.corpora).add(given, b"# Dory\n\n- A small boat\n")
    assert f"{chat.corpora.names[number]}:notes/dory.md" in told["html"]
    assert (chat.corpora.folders[number] / "notes" / "dory.md").exists()


def test_what_is_saved_is_of_both(chat: Chat, tmp_path: Path) -> None:
    kept = Collection(tmp_path / "kept.sqlite", *chat.corpora.folders)
    page = CollectPage(chat, kept)
    entry = chat.corpora.asked().search("Catboat").hits[0].entry
    page.star("entry", entry.id, True, "en")
    assert entry.id in page.page("en") and "to read <i>2</i>" in page.page("en")
    assert "2401.00001" in page.export("bib", [entry.id], "en")["text"]
    assert page.compare([entry.id], "en")["text"].count("boats:boats.md") == 1


def test_conversations_belong_to_the_collections_in_whatever_order(tmp_path: Path) -> None:
    from paperrag.page.turns import Turn

    folders = [tmp_path / name for name in ("a", "b")]
    Conversations(tmp_path / "kept.sqlite", *folders).append("c", Turn("one"))
    assert Conversations(tmp_path / "kept.sqlite", *folders[::-1]).turns("c")
    assert not Conversations(tmp_path / "kept.sqlite", folders[0]).turns("c")


def test_the_map_shows_both_or_one(chat: Chat) -> None:
    pytest.importorskip("starlette", reason="the map is a route")
    from paperrag.page.map import MapPage

    points = MapPage(chat.corpora, LibraryPage(chat.corpora))
    whole, boats = (json.loads(points.points(name)) for name in ("", "boats"))
    assert {one.partition(":")[0] for one in whole["ids"]} == {"pets", "boats"}
    assert {one.partition(":")[0] for one in boats["ids"]} == {"boats"}
    assert len(whole["x"]) == len(whole["ids"]) == len(whole["group"]) > len(boats["ids"])


def test_the_collection_of_the_page_is_indexed_whole(corpora: Corpora) -> None:
    pytest.importorskip("starlette", reason="notes are added by a route")
    from paperrag.page.note_routes import NoteDesk

    told = list(IndexDesk(corpora).build(False, "en"))[-1]
    assert told.index(">pets<") < told.index("notes/pets.md") < told.index(">boats<")
    given = Given({"collection": "boats", "name": "dory.md", "pasted": "yes"})
    added = NoteDesk(corpora).add(given, b"# Dory\n\n- A boat\n")
    assert "boats:notes/dory.md" in added["html"]
