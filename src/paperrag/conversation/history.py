"""Answers given before, in whatever form they were kept -> exchanges, which a question may follow
up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from paperrag.proof.saved import SavedAnswer, SavedCitation, answer_of
from paperrag.records import Answer, Citation, Entry
from paperrag.text.language import detect_language


class Exchange(Struct, frozen=True):
    """What was asked, as it stands alone, and the answer."""

    question: str
    answer: Answer


Past = Exchange | Answer | Mapping[str, Any]
"""An answer given before, in whatever form it was kept: the last is what `ask --json` prints."""


def exchange(answer: Answer) -> Exchange:
    """Return an answer as history."""
    return Exchange(answer.standalone or answer.question, answer)


def as_exchange(past: Past) -> Exchange:
    """Return an answer as history, in whatever form it was kept. Raises AnswerFileError."""
    if isinstance(past, Exchange):
        return past
    if isinstance(past, Answer):
        return exchange(past)
    return exchange_of(answer_of(past, "history"))


def exchange_of(saved: SavedAnswer) -> Exchange:
    """Return the exchange of a saved answer."""
    language = detect_language(saved.question)
    citations = tuple(_citation(one) for one in saved.citations)
    return exchange(
        Answer(
            saved.question,
            language,
            "extractive",
            None,
            saved.abstained,
            "",
            citations,
            standalone=saved.standalone,
        )
    )


def _citation(saved: SavedCitation) -> Citation:
    """Return a citation of which no more is known than its entry's id and title."""
    title = saved.title
    entry = Entry(
        saved.entry_id,
        "",
        "note",
        "item",
        title,
        (),
        "",
        1,
        1,
        None,
        (),
        (),
        None,
        detect_language(title),
    )
    return Citation(saved.n, entry, saved.quote, False, (), 0.0)
