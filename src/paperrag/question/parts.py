"""A question -> the questions that it is made of: "what is X called, and how fast is it?"; what it
says before it asks. Rules of the two languages only.
"""

from __future__ import annotations

import re

from paperrag.question.intent import asks, compared
from paperrag.question.thresholds import MOST_PARTS, PART_CHARS, PART_WORDS
from paperrag.text.closed import QUESTION_WORDS_EN
from paperrag.text.language import HAN_CHAR
from paperrag.text.names import proper_names
from paperrag.text.patterns import lazy_pattern

_JOINT = lazy_pattern(
    r"[?？;；]\s*(?=\w)|[,，]\s*(?:and\s+)?(?=\w)"
    rf"|\s+and\s+(?={QUESTION_WORDS_EN}\b)",
    re.IGNORECASE,
)


_CLAUSE_END = lazy_pattern(r"[,，;；:：。]\s*(?=\D)|\.\s+(?=[A-Z])|\s?[–—]+\s?|\s-+\s")


def parts_of(question: str) -> tuple[str, ...]:
    """Return the parts of a question, each a question by itself, () where it has only one."""
    parts = [part.strip(" ?？.。") for part in _JOINT.split(question) if part.strip(" ?？.。")]
    is_several = 1 < len(parts) <= MOST_PARTS and not compared(question)
    return tuple(parts) if is_several and all(map(_stands_alone, parts)) else ()


def leads_of(question: str) -> tuple[tuple[str, str], ...]:
    """Return the clauses that a question begins with and that ask nothing, each with what stands
    behind it.
    """
    leads, start = list[tuple[str, str]](), 0
    for end in _CLAUSE_END.finditer(question):
        clause = question[start : end.start()]
        if asks(_without_attribute(clause)):
            break
        start = end.end()
        leads.append((clause, question[start:]))
    return tuple(leads)


def _without_attribute(clause: str) -> str:
    """Return a Chinese clause without what is said of its last noun, which asks nothing: 会不会 of
    预测学生会不会做对的那篇.
    """
    return clause.rpartition("的")[2] or clause


def _stands_alone(part: str) -> bool:
    has_room = len(part.split()) >= PART_WORDS or len(HAN_CHAR.findall(part)) >= PART_CHARS
    return asks(part) and (has_room or bool(proper_names(part)))
