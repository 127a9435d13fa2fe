"""A question -> what its answer should hold: a number with its unit, a name, a reason. The
classifier says so of most; of how much is asked, and what is called how, a few words say surely.
Knows no notes.
"""

from __future__ import annotations

import re

from msgspec import Struct

from paperrag.question.classifier import AnswerType
from paperrag.question.intent import asks_opinion
from paperrag.text.folding import letters
from paperrag.text.language import HAN
from paperrag.text.names import proper_names, squeezed
from paperrag.text.patterns import lazy_pattern

_HOW_MANY = lazy_pattern(
    rf"多少\s*[个条种篇层步张次名位项维]?\s*[{HAN}]{{2}}|\bhow many\s+[a-z-]{{3}}",
    re.IGNORECASE,
)
_UNITS = {
    "times": lazy_pattern(r"倍|\bhow much \w+er\b", re.I),
    "%": lazy_pattern(r"百分|比例|\bpercent|\bshare\b", re.I),
    "time": lazy_pattern(r"多久|多长时间|\bhow long\b", re.I),
}
"""Kinds of units, as `proof.numbers` has them, and what asks for one."""

_OF_EACH = lazy_pattern(r"\beach\b(?! other)|分别|各(?!种)", re.I)

_ASKS_NAME = lazy_pattern(r"叫[做作什啥]|\bcalled\W*$", re.I)


class Wanted(Struct, frozen=True):
    """What an answer should hold: its type, the kind of unit of a number that is asked for, "" for
    any, the names that the question says, and its letters, which say nothing new. of_each: whether
    it is asked of each of several. of_opinion: whether for what the reader thinks.
    """

    answer_type: AnswerType = "other"
    unit: str = ""
    said: frozenset[str] = frozenset()
    asked: str = ""
    of_each: bool = False
    of_opinion: bool = False


def wanted_of(question: str, answer_type: AnswerType, for_works: bool = False) -> Wanted:
    """Return what the answer to a question should hold; for_works: whether it is for a work,
    whose name answers then, whatever is quoted.
    """
    unit = next((unit for unit, asks in _UNITS.items() if asks.search(question)), "")
    return Wanted(
        _type_of(question, answer_type, bool(unit or _HOW_MANY.search(question)), for_works),
        unit,
        frozenset(map(squeezed, proper_names(question))),
        letters(question),
        not for_works and bool(_OF_EACH.search(question)),
        asks_opinion(question),
    )


def _type_of(question: str, answer_type: AnswerType, has_unit: bool, for_works: bool) -> AnswerType:
    """Return the type of an answer: of how much of something a number."""
    if answer_type == "person":
        return answer_type
    if has_unit:
        return "number"
    if _ASKS_NAME.search(question):
        return "name"
    return "other" if answer_type == "name" and for_works else answer_type
