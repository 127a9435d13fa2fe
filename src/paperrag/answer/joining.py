"""Answers to the parts of a question -> one answer, its citations numbered through."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from paperrag.answer.strings import UNANSWERED
from paperrag.records import Answer, Citation
from paperrag.text.patterns import CITED_NUMBER, lazy_pattern

_CITE = lazy_pattern(CITED_NUMBER)


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
            text += f"\n\n{renumbered(other.text, len(citations).__add__)}"
            citations += [replace(one, n=len(citations) + one.n) for one in other.citations]
    return replace(first, text=text, citations=tuple(citations))


def renumbered(text: str, number_of: Callable[[int], int]) -> str:
    """Return a text with other numbers of its citations."""
    return _CITE.sub(lambda cited: f"[{number_of(int(cited[1]))}]", text)


def _is_told(citation: Citation, told: Sequence[Citation]) -> bool:
    same = (one.quote for one in told if one.entry.id == citation.entry.id)
    return any(citation.quote in quote or quote in citation.quote for quote in same)
