"""Conversations of the page, without a browser."""

from __future__ import annotations

import time
from collections.abc import Generator
from pathlib import Path
from threading import Event

import pytest

from app_corpus import open_pets
from paperrag.errors import HistoryError, IndexLocked, QueryError
from paperrag.page.chat import Asked, Chat, Step
from paperrag.page.conversations import Conversations
from paperrag.page.corpora import Corpora
from paperrag.page.refusals import in_words, twin
from paperrag.page.running import Running, Stopped
from paperrag.page.turns import SearchScope

pytest.importorskip("gradio", reason="the page needs gradio")


EVERYWHERE = SearchScope()


def _chat(folder: Path, file: str = "kept.sqlite") -> Chat:
    return Chat(Corpora(open_pets(folder)), Conversations(folder / file, folder / "corpus"))


def _asked(question: str, scope: SearchScope = EVERYWHERE, again: bool = False) -> Asked:
    return Asked(question, "c", "r", scope, "en", again)


def _last(chat: Chat, asked: Asked) -> Step:
    return [step for step in chat.ask(asked) if step is not None][-1]


@pytest.mark.slow
def test_question_is_shown_at_once_then_answered_and_kept(tmp_path: Path) -> None:
    chat = _chat(tmp_path)
    steps = [step for step in chat.ask(_asked("which cats are talkative?")) if step]
    assert [step["is_running"] for step in steps] == [True, False]
    assert "pr-pending" in steps[0]["html"] and "Siamese" in steps[-1]["html"]
    shown = chat.shown("c", "en")
    assert shown is not None and shown["turns"] == [steps[-1]["html"]]
    assert chat.shown("other", "en") is None


def test_question_can_be_stopped_from_its_first_step_on(tmp_path: Path) -> None:
    chat = _chat(tmp_path)
    steps = chat.ask(_asked("which cats are talkative?"))
    next(steps)
    chat.stop("r")
    assert "Stopped." in [step for step in steps if step][-1]["html"]


def test_follow_up_knows_what_was_asked_before(tmp_path: Path) -> None:
    chat = _chat(tmp_path)
    _last(chat, _asked("What do Collie dogs herd?"))
    step = _last(chat, _asked("and who wrote about them?"))
    assert step["turn"] == 1
    assert "Understood as" in step["html"]


def test_asking_again_replaces_the_last_turn(tmp_path: Path) -> None:
    chat = _chat(tmp_path)
    _last(chat, _asked("Siamese cats", SearchScope(section="Dogs")))
    assert _last(chat, _asked("Siamese cats", again=True))["turn"] == 0
    assert [turn.scope for turn in chat.turns("c")] == [SearchScope()]


def test_unusable_question_is_an_error_in_the_language_of_the_page(tmp_path: Path) -> None:
    chat = _chat(tmp_path)
    step = _last(chat, Asked("?!", "c", "r", SearchScope(), "zh"))
    assert "问题是空的" in step["html"]


@pytest.mark.slow
def test_conversation_goes_on_where_it_cannot_be_kept(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    chat = _chat(tmp_path, "taken")
    step = _last(chat, _asked("What do Collie dogs herd?"))
    assert "PAPERRAG_CONVERSATIONS" in step["trouble"]
    assert _last(chat, _asked("Siamese cats"))["turn"] == 1
    assert [turn.question for turn in chat.turns("c")] == [
        "What do Collie dogs herd?",
        "Siamese cats",
    ]


def test_export_holds_every_turn(tmp_path: Path) -> None:
    chat = _chat(tmp_path)
    for question in ("What do Collie dogs herd?", "哪些猫爱叫？"):
        _last(chat, _asked(question))
    text = chat.markdown("c")
    assert text.startswith("# What do Collie dogs herd?\n")
    assert text.count("**") >= 4 and "哪些猫爱叫？" in text
    assert chat.markdown("other") == ""


# --- streams that can be stopped ------------------------------------------------------------------


@pytest.mark.timed
def test_stopping_takes_effect_at_once_and_closes_the_stream_at_its_next_item() -> None:
    go, closed = Event(), Event()

    def stream() -> Generator[int, None, None]:
        try:
            yield 1
            go.wait(5)
            yield 2
            yield 3
        finally:
            closed.set()

    running = Running(stream)
    items = running.items()
    assert next(items) == (1,)
    running.stop()
    start = time.perf_counter()
    with pytest.raises(Stopped):
        next(items)
    assert time.perf_counter() - start < 0.4
    go.set()
    assert closed.wait(2)


def test_reader_that_goes_away_closes_the_stream() -> None:
    closed = Event()

    def stream() -> Generator[int, None, None]:
        try:
            while True:
                time.sleep(0.01)
                yield 1
        finally:
            closed.set()

    items = Running(stream).items()
    next(items)
    del items
    assert closed.wait(2)


def test_error_of_a_stream_reaches_its_reader() -> None:
    def stream() -> Generator[int, None, None]:
        yield 1
        raise QueryError("no")

    items = Running(stream).items()
    assert next(items) == (1,)
    with pytest.raises(QueryError, match="no"):
        next(items)


# --- sentences and colours ------------------------------------------------------------------------


def test_errors_have_chinese_twins_with_their_values() -> None:
    assert twin("no section matches 'x'; nearest: a; b") == "没有与 'x' 相符的章节；相近的有：a; b"
    assert twin("something else") is None
    locked = IndexLocked("another process writes")
    assert in_words(locked, "zh") == "索引暂时无法使用：another process writes"
    assert in_words(locked, "en") == "another process writes"


def test_chinese_page_says_in_chinese_what_cannot_be_kept(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    kept = Conversations(tmp_path / "taken" / "c.sqlite", tmp_path)
    with pytest.raises(HistoryError) as caught:
        kept.find()
    told = in_words(caught.value, "zh")
    assert (
        told.startswith(f"无法保存到 {tmp_path / 'taken' / 'c.sqlite'}（") and "[Errno" not in told
    )
    assert twin(
        "notes/a.md cannot be read or written (Read-only file system); is it there, and yours?"
    )
    assert twin("cannot write a (No space left on device); check its permissions and the disk")
    assert twin("cannot write a (Permission denied); pass another file as PAPERRAG_FEEDBACK")


def test_stopping_a_stream_ends_what_it_waits_for() -> None:
    ended = Event()

    def stream() -> Generator[int, None, None]:
        yield 1
        ended.wait(5)

    running = Running(stream, ended.set)
    items = running.items()
    assert next(items) == (1,)
    running.stop()
    assert ended.is_set()
    with pytest.raises(Stopped):
        next(item for item in items if item is not None)
