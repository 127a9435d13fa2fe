"""What the Notes tab says, without a browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from app_corpus import open_pets
from paperrag.adding import Added

pytest.importorskip("gradio", reason="the page needs gradio")


@pytest.mark.parametrize(("language", "words"), [("en", "Several files came under one name"), ("zh", "有多个文件同名而内容不同")])
def test_files_of_one_name_are_named_in_both_languages(language: str, words: str) -> None:
    from paperrag.ui.notes_html import added_html

    page = added_html(Added(added=("notes/a.md",), clashes=("notes/a.md",)), [], language)  # type: ignore[arg-type]
    assert words in page
    assert page.count("notes/a.md") == 2


def test_uploading_two_files_of_one_name_keeps_the_first(tmp_path: Path) -> None:
    from paperrag.ui.notes import _NotesTab

    for folder, text in (("one", "- first"), ("two", "- second")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.md").write_text(text, encoding="utf-8")
    tab = _NotesTab(open_pets(tmp_path))
    page = tab.add("en", "", "", [str(tmp_path / "one" / "a.md"), str(tmp_path / "two" / "a.md")])[0]
    assert "Several files came under one name" in page
    assert (tmp_path / "corpus" / "notes" / "a.md").read_text(encoding="utf-8") == "- first"
