"""A sentence -> how well it fits the type of answer that a question wants: a number with its unit for
"how many", a name for "what is it called". Knows no entry. For reasons, procedures and dates nothing
that a sentence says was found to help.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from paperrag.question.classifier import AnswerType
from paperrag.question.names import proper_names, squeezed
from paperrag.question.nouns import any_of
from paperrag.text.language import HAN
from paperrag.text.patterns import lazy_pattern

HAS_NUMBER, HAS_UNIT, GIVES_NAME, ASKS = 0.12, 0.3, 0.2, -0.1
"""Added to the likeness of a sentence, a sum of two parts of 0–1; of the first two one. By hand: of
340 questions for one thing over the ten sets and two vaults of strangers the quotes of 292 hold the
answer with them, of 290 without the unit; `benchmarks/ablate.py --weight fitting` has more.
"""

_NUMBER = r"(?<![A-Za-z\d.#-])\d[\d.,]*"
_ANY_NUMBER = lazy_pattern(
    rf"{_NUMBER}(?!\d*[.:]\d*[A-Za-z])|[一二两三四五六七八九十百千万]+(?=[{HAN}])"
)
_HOW_MANY = lazy_pattern(
    rf"(?:多少|几)\s*[个条种篇层步张次名位项维]?\s*[{HAN}]{{2}}|\bhow many\s+[a-z-]{{3}}",
    re.IGNORECASE,
)
_UNITS = (
    (
        lazy_pattern(r"倍|\bhow (?:many times|much \w+er\b)|\bfactor\b", re.I),
        rf"{_NUMBER}\s*(?:[x×X]\b|times|-?fold|倍)|factor of {_NUMBER}",
    ),
    (
        lazy_pattern(r"百分|比例|占比|\bpercent|\bfraction\b|\bshare\b", re.I),
        rf"{_NUMBER}\s*(?:\\?%|per ?cent|个百分点)|百分之",
    ),
    (
        lazy_pattern(r"多久|多长时间|\bhow long\b", re.I),
        rf"{_NUMBER}\s*(?:ms|s|h|秒|分钟|小时|天|周|(?:milli)?seconds?|minutes?|hours?|days?|weeks?)\b",
    ),
)
"""What asks for a unit, and a number with that unit."""

_NAMING_EN = any_of(["known as", "referred to as", *"called named dubbed termed coined".split()])
_NAMING = lazy_pattern(rf"\b{_NAMING_EN}\b|[叫称]之?[作为做]|名为|命名|简称", re.I)
_ASKS_NAME = lazy_pattern(r"叫[做作]?(?:什么|啥)|名[字称]|\bcalled\W*$|\bname of\b", re.I)
_ASKS_HOW_MUCH = lazy_pattern(r"多[少大高快久长]|几|\bhow\b|\bwhat\b", re.I)
_WHICH_PAPER = lazy_pattern(
    r"\bwhich\s+(?:paper|article|note|work)s?\b|哪一?[篇个](?:论文|文章|笔记|工作)?", re.I
)
_AGAINST = any_of("while whereas but than versus unlike compared".split())
_CLAUSE = lazy_pattern(rf"[,，;；]\s*|\s(?={_AGAINST}\b)|(?=[而但](?!且))", re.I)
_CONTRAST = lazy_pattern(rf"^\s*(?:{_AGAINST}|[而但]|相比|不像)", re.I)
_QUESTION_END = ("?", "？")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an answer should hold: its type, the pattern of a number with the unit asked for, "" for
    any, and the names that the question says.
    """

    answer_type: AnswerType = "other"
    number: str = ""
    said: frozenset[str] = frozenset()


def wanted_of(question: str, answer_type: AnswerType) -> Wanted:
    """Return what the answer to a question should hold."""
    number = next((unit for asks, unit in _UNITS if asks.search(question)), "")
    return Wanted(
        _type_of(question, answer_type, bool(number or _HOW_MANY.search(question))),
        number,
        frozenset(map(squeezed, proper_names(question))),
    )


def _type_of(question: str, answer_type: AnswerType, has_unit: bool) -> AnswerType:
    """Return the type of an answer: of how much of something a number; to "which paper" the name of
    the work answers, whatever is quoted.
    """
    if has_unit and _ASKS_HOW_MUCH.search(question):
        return "number"
    if _ASKS_NAME.search(question):
        return "name"
    return "other" if answer_type == "name" and _WHICH_PAPER.search(question) else answer_type


def fit(sentence: str, wanted: Wanted) -> float:
    """Return what is added to the likeness of a sentence for what it holds."""
    gain = ASKS if is_question(sentence) else 0.0
    if wanted.answer_type == "number":
        gain += _number_gain(sentence, wanted)
    elif wanted.answer_type == "name" and gives_name(sentence, wanted):
        gain += GIVES_NAME
    return gain


def is_question(sentence: str) -> bool:
    """Whether a sentence asks: it answers nothing."""
    return sentence.rstrip().endswith(_QUESTION_END)


def says_new_name(sentence: str, wanted: Wanted) -> bool:
    """Whether a sentence says a name that the question does not say."""
    cells = sentence.split("·")  # of a table
    names = (squeezed(name) for cell in cells for name in proper_names(cell.strip()))
    return any(name not in wanted.said for name in names)


def gives_name(sentence: str, wanted: Wanted) -> bool:
    """Whether a sentence says what something is called, and the question does not say it."""
    return bool(_NAMING.search(sentence)) and says_new_name(sentence, wanted)


def _number_gain(sentence: str, wanted: Wanted) -> float:
    own = ", ".join(part for part in _CLAUSE.split(sentence) if not _is_of_another(part, wanted))
    if not _ANY_NUMBER.search(own):
        return 0.0
    has_unit = wanted.number and re.search(wanted.number, own, re.IGNORECASE)
    return HAS_UNIT if has_unit else HAS_NUMBER


def _is_of_another(clause: str, wanted: Wanted) -> bool:
    """Whether a clause sets something against what the question is about: what a baseline needs."""
    names = map(squeezed, proper_names(clause))
    return bool(_CONTRAST.match(clause)) and not wanted.said.intersection(names)
