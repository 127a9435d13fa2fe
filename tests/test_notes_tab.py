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
from paperrag.page.given import Given
from paperrag.page.indexing import Build, IndexDesk
from paperrag.page.notes_html import added_html, progress_html

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Several files came under one name"), ("zh", "有多个文件同名而内容不同")],
)
def test_files_of_one_name_are_named_in_both_languages(language: str, words: str) -> None:
    page = added_html(Added(added=("notes/a.md",), clashes=("notes/a.md",)), [], language, str)  # type: ignore[arg-type]
    assert words in page
    assert page.count("notes/a.md") == 2


@pytest.mark.parametrize(
    ("language", "words"), [("en", "The index could not be built"), ("zh", "索引构建失败")]
)
def test_a_build_that_fails_by_an_error_of_any_kind_says_so(
    tmp_path: Path, language: str, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    desk = IndexDesk(Corpora(open_pets(tmp_path)))
    with patch.object(Assistant, "build", side_effect=OSError(28, "No space left on <device>")):
        *_, last = desk.build(False, language)  # type: ignore[arg-type]
    assert words in last
    assert "No space left on &lt;device&gt;" in last
    assert desk.builds == []
    assert "building the index failed" in caplog.text


def test_a_build_whose_page_was_closed_can_be_cancelled_until_it_ends(tmp_path: Path) -> None:
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

    desk = IndexDesk(Corpora(open_pets(tmp_path)))
    with patch.object(Assistant, "build", build):
        steps = desk.build(False, "en")
        next(steps)
        assert started.wait(10)
        steps.close()
        desk.cancel()
        assert ended.wait(10)
        until = time.monotonic() + 10
        while desk.builds and time.monotonic() < until:
            time.sleep(0.01)
    assert desk.builds == []


def test_progress_goes_by_files_and_never_back(tmp_path: Path) -> None:
    build = Build()
    for what, done, total in (
        ("indexing", 2, 10), ("embedding", 64, 900), ("indexing", 5, 10), ("embedding", 32, 40), ("indexing", 4, 10),
    ):  # fmt: skip
        build.tell(what, done, total)
    assert (build.files, build.texts) == ((5, 10), (32, 40))
    page = progress_html(build.files, build.texts, "en")
    assert "width:50.0%" in page and "5 of 10 files · 32 of 40 texts" in page


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("next answer knows", "There already")), ("zh", ("下一个回答", "内容相同"))],
)
def test_what_adding_did_is_said(tmp_path: Path, language: str, words: tuple[str, str]) -> None:
    pytest.importorskip("starlette", reason="notes are added by a route")
    from paperrag.page.note_routes import NoteDesk

    assistant = open_pets(tmp_path)
    assistant.retriever()
    desk = NoteDesk(Corpora(assistant))

    def add(name: str) -> str:
        given = Given({"name": name, "pasted": "yes", "lang": language})
        return str(desk.add(given, b"# Okapi\n\n- Okapi: eats leaves\n")["html"])

    assert words[0] in add("")
    assert "leaves" in assistant.ask("what does the okapi eat?")[0].text
    assert words[1] in add("Okapi")
