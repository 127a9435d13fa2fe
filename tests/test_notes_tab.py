"""What the Notes tab says, without a browser."""

from __future__ import annotations

import time
from pathlib import Path
from threading import Event
from typing import Any
from unittest.mock import patch

import pytest

from app_corpus import open_pets
from paperrag.assistant import Assistant
from paperrag.errors import BuildCancelled
from paperrag.notes.adding import Added
from paperrag.page.corpora import Corpora

pytestmark = pytest.mark.slow

pytest.importorskip("gradio", reason="the page needs gradio")


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Several files came under one name"), ("zh", "有多个文件同名而内容不同")],
)
def test_files_of_one_name_are_named_in_both_languages(language: str, words: str) -> None:
    from paperrag.page.notes_html import added_html

    page = added_html(Added(added=("notes/a.md",), clashes=("notes/a.md",)), [], language, str)  # type: ignore[arg-type]
    assert words in page
    assert page.count("notes/a.md") == 2


def test_uploading_two_files_of_one_name_keeps_the_first(tmp_path: Path) -> None:
    from paperrag.page.notes import _NotesTab

    for folder, text in (("one", "- first"), ("two", "- second")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.md").write_text(text, encoding="utf-8")
    tab = _NotesTab(Corpora(open_pets(tmp_path)))
    page = tab.add(
        "en", None, "", "", [str(tmp_path / "one" / "a.md"), str(tmp_path / "two" / "a.md")]
    )[0]
    assert "Several files came under one name" in page
    assert (tmp_path / "corpus" / "notes" / "a.md").read_text(encoding="utf-8") == "- first"


@pytest.mark.parametrize(
    ("language", "words"), [("en", "The index could not be built"), ("zh", "索引构建失败")]
)
def test_a_build_that_fails_by_an_error_of_any_kind_says_so(
    tmp_path: Path, language: str, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    from paperrag.page.notes import _NotesTab

    tab = _NotesTab(Corpora(open_pets(tmp_path)))
    with patch.object(Assistant, "build", side_effect=OSError(28, "No space left on <device>")):
        *_, last = tab.update(language)
    assert words in last
    assert "No space left on &lt;device&gt;" in last
    assert tab._builds == []
    assert "building the index failed" in caplog.text


def test_a_build_whose_page_was_closed_can_be_cancelled_until_it_ends(tmp_path: Path) -> None:
    from paperrag.page.notes import _NotesTab

    started, ended = Event(), Event()

    def build(assistant: Any, rebuild: bool, progress: Any) -> None:
        started.set()
        try:
            while True:
                progress("reading", 1, 2)
                time.sleep(0.01)
        except BuildCancelled:
            ended.set()
            raise

    tab = _NotesTab(Corpora(open_pets(tmp_path)))
    with patch.object(Assistant, "build", build):
        steps = tab.update("en")
        next(steps)
        assert started.wait(10)
        steps.close()
        tab.cancel()
        assert ended.wait(10)
        until = time.monotonic() + 10
        while tab._builds and time.monotonic() < until:
            time.sleep(0.01)
    assert tab._builds == []


def test_progress_goes_by_files_and_never_back(tmp_path: Path) -> None:
    from paperrag.page.notes import _Build
    from paperrag.page.notes_html import progress_html

    build = _Build()
    for what, done, total in (
        ("indexing", 2, 10), ("embedding", 64, 900), ("indexing", 5, 10), ("embedding", 32, 40), ("indexing", 4, 10),
    ):  # fmt: skip
        build._tell(what, done, total)
    assert (build.files, build.texts) == ((5, 10), (32, 40))
    page = progress_html(build.files, build.texts, "en")
    assert "width:50.0%" in page and "5 of 10 files · 32 of 40 texts" in page


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("next answer knows", "There already")), ("zh", ("下一个回答", "内容相同"))],
)
def test_what_adding_did_is_said(tmp_path: Path, language: str, words: tuple[str, str]) -> None:
    from paperrag.page.notes import _NotesTab

    assistant = open_pets(tmp_path)
    assistant.retriever()
    tab = _NotesTab(Corpora(assistant))
    note = "# Okapi\n\n- Okapi: eats leaves\n"
    assert words[0] in tab.add(language, None, "", note, None)[0]
    assert "leaves" in assistant.ask("what does the okapi eat?")[0].text
    assert words[1] in tab.add(language, None, "Okapi", note, None)[0]
