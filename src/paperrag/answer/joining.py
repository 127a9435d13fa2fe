"""Answers to the parts of a question -> one answer, its citations numbered through."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec.structs import replace

from paperrag.answer.strings import UNANSWERED
from paperrag.records import Answer, Citation

_NUMBER = r"\[(\d+)\]"


def joined_answers(first: Answer, others: Sequence[Answer]) -> Answer:
    """Return the first answer with those to the other parts below it; first has an answer.

    A part whose answer is quoted already adds nothing; one that the notes do not
    answer is named.
    """
    text, citations = first.text, list(first.citations)
    for other in others:
        if other.abstained:
            text += f"\n{UNANSWERED[first.language].format(question=other.question)}"
        elif not _is_told(other.citations[0], citations):
            text += f"\n\n{_numbered(other.text, len(citations))}"
            citations += [replace(one, n=len(citations) + one.n) for one in other.citations]
    return replace(first, text=text, citations=tuple(citations))


def _is_told(citation: Citation, told: Sequence[Citation]) -> bool:
    same = (one.quote for one in told if one.entry.id == citation.entry.id)
    return any(citation.quote in quote or quote in citation.quote for quote in same)


def _numbered(text: str, offset: int) -> str:
    return re.sub(_NUMBER, lambda match: f"[{int(match[1]) + offset}]", text)
