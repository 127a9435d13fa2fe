"""The library of very many files, in pieces, without a browser."""

from __future__ import annotations

from pathlib import Path

from paperrag.assistant import Assistant
from paperrag.page.files import FilesPage
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
    library = LibraryPage(assistant)
    page = library.tree({"place": '["notes"]'}, "en")
    assert page.count('data-act="place"') == BRANCHES
    assert "… and 50 more; type to find them" in page
    rows = library.rows({"words": "point 349"}, "en")
    assert "1 entry" in rows["html"] and rows["next"] is None
    assert library.rows({"order": "title", "first": "100"}, "en")["next"] == 200
    assert len(library.scopes("n0", "en")) == SCOPES
    assert [one["value"] for one in library.scopes("n349", "en")] == ["notes/n349.md"]
    files = FilesPage(assistant)
    assert files.rows({}, "zh")["next"] == 100
    assert "notes/n349.md" in files.rows({"words": "n349"}, "en")["html"]
