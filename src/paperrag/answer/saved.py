"""What `ask --json` printed -> the answer again, as far as it can be checked or followed up."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paperrag.errors import AnswerFileError

_WANTED = "expected what `paperrag ask --json` prints"


@dataclass(frozen=True, slots=True)
class SavedCitation:
    """A citation as it was saved."""

    n: int
    entry_id: str
    title: str
    quote: str


@dataclass(frozen=True, slots=True)
class SavedAnswer:
    """An answer as it was saved; `standalone` as in Answer."""

    question: str
    text: str
    abstained: bool
    citations: tuple[SavedCitation, ...]
    standalone: str | None = None


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
    try:
        record = json.loads(text)
    except (ValueError, RecursionError) as error:
        fault = "nested too deeply" if isinstance(error, RecursionError) else error
        raise AnswerFileError(f"{place} is no JSON ({fault}); {_WANTED}") from error
    if (
        not isinstance(record, dict)
        or not isinstance(record.get("question"), str)
        or not isinstance(record.get("citations"), list)
    ):
        raise AnswerFileError(
            f"{place} is no saved answer: it has no question with citations; {_WANTED}"
        )
    for key in ("answer", "standalone_question"):
        if not isinstance(record.get(key, ""), str | None):
            raise AnswerFileError(
                f"{place}: {key} is {type(record[key]).__name__}, not a text; {_WANTED}"
            )
    citations = tuple(
        _citation(item, number, place) for number, item in enumerate(record["citations"], 1)
    )
    is_abstained = record.get("abstained") is True
    return SavedAnswer(
        record["question"],
        record.get("answer") or "",
        is_abstained,
        citations,
        record.get("standalone_question"),
    )


def _citation(item: Any, number: int, place: str) -> SavedCitation:
    kinds = {"n": int, "entry_id": str, "title": str, "quote": str}
    if not isinstance(item, dict) or not all(
        isinstance(item.get(key), kind) for key, kind in kinds.items()
    ):
        raise AnswerFileError(
            f"{place}: citation {number} lacks n, entry_id, title or quote; {_WANTED}"
        )
    return SavedCitation(*(item[key] for key in kinds))
