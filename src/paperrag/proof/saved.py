"""What `ask --json` printed -> the answer again, as far as it can be checked or followed up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec import Struct

from paperrag.errors import AnswerFileError

_WANTED = "expected what `paperrag ask --json` prints"


class SavedCitation(Struct, frozen=True):
    """A citation as it was saved."""

    n: int
    entry_id: str
    title: str
    quote: str


class SavedAnswer(Struct, frozen=True):
    """An answer as it was saved; `standalone` as in Answer."""

    question: str
    text: str
    abstained: bool
    citations: tuple[SavedCitation, ...]
    standalone: str | None = None


class _Printed(Struct, frozen=True):
    """What is read of `ask --json`; what else it holds is passed over."""

    question: str
    citations: tuple[SavedCitation, ...]
    answer: str | None = None
    abstained: bool = False
    standalone_question: str | None = None


def read_answer(path: Path) -> SavedAnswer:
    """Return the answer in a file. Raises AnswerFileError saying what is wrong with it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise AnswerFileError(
            f"cannot read {path} ({error.strerror}); name a file that `paperrag ask --json` wrote"
        ) from error
    except UnicodeDecodeError as error:
        raise AnswerFileError(f"{path} is no JSON ({error}); {_WANTED}") from error
    return parse_answer(text, str(path))


def parse_answer(text: str, place: str) -> SavedAnswer:
    """Return the answer in a JSON text; `place` names it in errors. Raises AnswerFileError."""
    return _answer(lambda: msgspec.json.decode(text, type=_Printed), place)


def answer_of(printed: object, place: str) -> SavedAnswer:
    """Return the answer in what JSON says; as `parse_answer`."""
    return _answer(lambda: msgspec.convert(printed, type=_Printed), place)


def _answer(read: Callable[[], _Printed], place: str) -> SavedAnswer:
    try:
        found = read()
    except msgspec.ValidationError as error:
        raise AnswerFileError(f"{place} is no saved answer: {error}; {_WANTED}") from error
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise AnswerFileError(f"{place} is no JSON ({error}); {_WANTED}") from error
    return SavedAnswer(
        found.question,
        found.answer or "",
        found.abstained,
        found.citations,
        found.standalone_question,
    )
