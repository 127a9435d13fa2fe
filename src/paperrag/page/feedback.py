"""Thumbs -> lines of a local JSONL file: the question, the answer, and the entries it cited."""

from __future__ import annotations

import time
from pathlib import Path
from threading import Lock
from typing import Literal

import msgspec

from paperrag.errors import FeedbackError
from paperrag.files import write_whole
from paperrag.records import Answer

Vote = Literal["good", "bad"]

_writing = Lock()


def save_vote(file: Path, answer: Answer, vote: Vote | None, turn: str = "") -> None:
    """Save a vote on an answer in place of the one before on the same turn; None takes that back.

    turn: what tells the answers of a page apart; "" is always another one. Raises FeedbackError if
    the file cannot be written.
    """
    with _writing:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            if turn:
                _take_back(file, turn)
            if vote:
                with file.open("ab") as out:
                    out.write(msgspec.json.encode(_cast(answer, vote, turn)) + b"\n")
        except OSError as error:
            raise FeedbackError(
                f"cannot write {file} ({error.strerror}); pass another file as PAPERRAG_FEEDBACK"
            ) from error


class _Cast(msgspec.Struct):
    """A line of the file: a vote, and what was voted on."""

    time: str
    vote: Vote
    turn: str
    question: str
    abstained: bool
    mode: str
    answer: str
    entry_ids: list[str]


def _cast(answer: Answer, vote: Vote, turn: str) -> _Cast:
    return _Cast(
        time=time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        vote=vote,
        turn=turn,
        question=answer.question,
        abstained=answer.abstained,
        mode=answer.mode,
        answer=answer.text,
        entry_ids=[citation.entry.id for citation in answer.citations],
    )


def _take_back(file: Path, turn: str) -> None:
    """Remove the vote on a turn; lines that are no votes stay as they are."""
    if not file.exists():
        return
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if _turn_of(line) != turn]
    if len(kept) < len(lines):
        write_whole(file, "".join(kept).encode())


def _turn_of(line: str) -> str:
    try:
        return msgspec.json.decode(line, type=_Cast).turn
    except (msgspec.DecodeError, RecursionError):
        return ""
