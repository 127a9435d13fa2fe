"""A sentence -> how well it fits the type of answer that a question wants: a number with its unit for
"how many", a year or venue for "when", and never a question. Knows no entry.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from paperrag.question.classifier import AnswerType
from paperrag.text.language import HAN
from paperrag.text.patterns import lazy_pattern

HAS_NUMBER, COUNTS_IT, HAS_DATE, ASKS = 0.12, 0.4, 0.2, -0.1
"""Added to the likeness of a sentence, a sum of two parts of 0–1."""

_NUMBER = r"(?<![A-Za-z\d.#-])\d[\d.,]*"
_ANY_NUMBER = lazy_pattern(
    rf"{_NUMBER}(?!\d*[.:]\d*[A-Za-z])|[一二两三四五六七八九十百千万]+(?=[{HAN}])"
)
_DATE = lazy_pattern(r"(?<!\d)(?:19|20)\d\d(?!\d)|[A-Za-z]['’]\d\d\b")
_COUNTED = lazy_pattern(
    rf"(?:多少|几)\s*[个条种篇层步张次名位项维]?\s*(?P<zh>[{HAN}]{{2}})|\bhow many\s+(?P<en>[a-z-]{{3,}})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an answer should hold: its type, and what is counted, "" if nothing is."""

    answer_type: AnswerType = "other"
    counted: str = ""


def wanted_of(question: str, answer_type: AnswerType) -> Wanted:
    """Return what the answer to a question should hold."""
    found = _COUNTED.search(question)
    counted = (found["zh"] or found["en"] or "") if found else ""
    return Wanted("number" if counted else answer_type, counted.lower().removesuffix("s"))


def fit(sentence: str, wanted: Wanted) -> float:
    """Return what is added to the likeness of a sentence for what it holds."""
    gain = ASKS if sentence.rstrip().endswith(("?", "？")) else 0.0
    if wanted.answer_type == "number" and _ANY_NUMBER.search(sentence):
        gain += COUNTS_IT if _counts(sentence, wanted.counted) else HAS_NUMBER
    if wanted.answer_type == "date" and _DATE.search(sentence):
        gain += HAS_DATE
    return gain


def _counts(sentence: str, counted: str) -> bool:
    """Whether a number of what is counted is given, with at most a word between them."""
    pattern = rf"{_NUMBER}\s*[万亿千kKMB%]?\s*(?:[个条种篇层步张次名位项维]|[A-Za-z-]+ )?\s*{re.escape(counted)}"
    return bool(counted) and bool(re.search(pattern, sentence, re.IGNORECASE))
