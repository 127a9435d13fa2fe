"""Another program builds a newer index between any two looks at it: what is shown still comes from
one of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from app_corpus import PETS, open_pets
from paperrag.assistant import Assistant
from paperrag.index.store import Store
from paperrag.papers.ids import PaperId
from paperrag.papers.refs import Paper
from paperrag.papers.shelf import Shelf


@pytest.fixture
def restless(tmp_path: Path) -> Iterator[Assistant]:
    """An assistant whose index has one more entry at its head, and a new generation, whenever it
    looks for one.
    """
    assistant = open_pets(tmp_path)
    identifier = PaperId("arxiv", "2401.00001")
    paper = Paper(
        "On Herding",
        ("A. Shepherd",),
        2024,
        None,
        "We watch collies.",
        (identifier,),
        "https://arxiv.org/abs/2401.00001",
        "arXiv",
    )
    Shelf(tmp_path / "corpus").put(paper, ())
    assistant.build()
    other = Assistant.open(assistant.settings.corpus, assistant.settings.index)
    looks: list[str] = []
    find_manifest = Store.manifest

    def build_and_find(store: Store):  # type: ignore[no-untyped-def]
        if store is assistant.newest.store:
            looks.append(f"- Pet {len(looks)}\n")
            (tmp_path / "corpus" / "notes" / "pets.md").write_text(
                "".join(looks) + "\n" + PETS, encoding="utf-8"
            )
            other.build()
        return find_manifest(store)

    with patch.object(Store, "manifest", build_and_find):
        yield assistant


def _id_of(assistant: Assistant, title: str) -> str:
    entries = assistant.data().entries
    return next(
        entries.get(row).id
        for row in range(len(entries))
        if entries.get(row).title.startswith(title)
    )


@pytest.mark.slow
def test_similar_entries_are_those_of_the_entry(restless: Assistant) -> None:
    entry_id = _id_of(restless, "Collie dogs")
    hits = restless.similar(entry_id, 50)
    assert hits is not None
    assert entry_id not in {
        hit.entry.id for hit in hits
    }  # as it would be if the row were another entry's now


@pytest.mark.slow
def test_abstracts_are_those_of_the_entry(restless: Assistant) -> None:
    assert [entry.title for entry in restless.same_paper(_id_of(restless, "Collie dogs"))] == [
        "On Herding"
    ]


@pytest.mark.slow
def test_every_point_of_the_map_has_its_own_title(restless: Assistant) -> None:
    pytest.importorskip("gradio", reason="the page needs gradio")
    from starlette.applications import Starlette
    from starlette.testclient import TestClient

    from paperrag.page.corpora import Corpora
    from paperrag.page.library import LibraryPage
    from paperrag.page.map import MapPage

    corpora = Corpora(restless)
    route = MapPage(corpora, LibraryPage(corpora)).route()
    points = json.loads(TestClient(Starlette(routes=[route])).get("/paperrag/map").text)
    assert len(points["x"]) == len(points["titles"])
    notes = [points["notes"][number] for number in points["note"]]
    entries = [restless.entry(name) for name in points["ids"]]
    assert notes == [Path(entry.source).stem for entry in entries if entry]
