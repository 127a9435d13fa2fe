"""What a question found, where that does not cover it -> the answer that says so, and why."""

from __future__ import annotations

from paperrag.answer.confidence import best_of, missed_names
from paperrag.answer.strings import (
    NAMED_ELSEWHERE,
    NONE_DATED,
    NONE_FITS,
    NONE_SAYS,
    NONE_SO_DATED,
    NOT_NAMED,
    NOT_SAID_BY,
)
from paperrag.answer.wording import quoted_answer, refusal_lines
from paperrag.question.record import Question
from paperrag.records import Answer
from paperrag.search.found import Found

NEAREST_ENTRIES = 3
"""Shown of what lies nearest."""


def abstained(question: Question, found: Found, sureness: float) -> Answer:
    """Return the answer that the notes do not cover a question, why, and what lies nearest."""
    nearest = found.hits(NEAREST_ENTRIES)
    lines = refusal_lines(nearest, _reason(question, found), question.language)
    return quoted_answer(question, "\n".join(lines), (), sureness, nearest)


def _reason(question: Question, found: Found) -> str:
    """Return what the notes hold nothing of: who something is by, the date or the names in the
    question, or names that they only mention elsewhere; "" if none is why.
    """
    scope = question.scope
    if scope.lacking:
        return NONE_SAYS[question.language].format(names=scope.lacking)
    if scope.dated and not len(found):
        told = NONE_DATED if scope.is_only_dated else NONE_SO_DATED
        return told[question.language].format(dates=scope.dated)
    if scope.is_of_works and scope.is_bare:
        return NONE_FITS[question.language]
    if names := ", ".join(question.unknown_names):
        return NOT_NAMED[question.language].format(names=names)
    if question.wanted.answer_type == "person":
        return NOT_SAID_BY[question.language]
    elsewhere = ", ".join(missed_names(question, best_of(found).words))
    return NAMED_ELSEWHERE[question.language].format(names=elsewhere) if elsewhere else ""
