"""The library of very many files, in pieces, without a browser."""

from __future__ import annotations

from pathlib import Path

from paperrag.assistant import Assistant
from paperrag.page.corpora import Corpora
from paperrag.page.files import FilesPage
from paperrag.page.given import Given
from paperrag.page.library import BRANCHES, SCOPES, LibraryPage


def test_very_many_files_are_listed_in_part_and_all_found(tmp_path: Path) -> None:
    notes = tmp_path / "corpus" / "notes"
    notes.mkdir(parents=True)
    for number in range(BRANCHES + 50):
        text = f"# Note {number:03}\n\n- point {number:03}\n"
        (notes / f"n{number:03}.md").write_text(text, encoding="utf-8")
    assistant = Assistant.open(
        corpus=tmp_path / "corpus", index=tmp_path / "index", encoder="bundled-static"
    )
    library = LibraryPage(Corpora(assistant))
    page = library.tree(Given({"place": '["notes"]'}))
    assert page.count('data-act="place"') == BRANCHES
    assert "… and 50 more; type to find them" in page
    rows = library.rows(Given({"words": "point 349"}))
    assert "1 entry" in rows["html"] and rows["next"] is None
    assert library.rows(Given({"order": "title", "first": "100"}))["next"] == 200
    assert len(library.scopes("n0")) == SCOPES
    assert [one["value"] for one in library.scopes("n349")] == ["notes/n349.md"]
    files = FilesPage(Corpora(assistant))
    assert files.rows(Given({}))["next"] == 100
    assert "notes/n349.md" in files.rows(Given({"words": "n349"}))["html"]
