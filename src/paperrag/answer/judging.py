"""What a question found -> how far each of its first entries answers it, by a network that reads both
together; without one, nothing is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from paperrag.question.read import Question
from paperrag.records import Entry
from paperrag.search.found import Found

JUDGED = 4
"""Entries, the nearest: of 1,360 questions about two vaults of strangers one of them answers 94 of
100, of six 96. Each costs some 12 ms of a processor.
"""


class Judge(Protocol):
    """Says how far texts answer a question."""

    def logits(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        """Return a logit for each text: the higher, the rather it answers."""


def text_to_judge(entry: Entry) -> str:
    """Return what a question is held against: an entry's place and its lines."""
    return "\n".join([" › ".join(entry.breadcrumb), entry.text])


def judged(question: Question, found: Found, judge: Judge | None) -> Found:
    """Return what was found with what a judge says of the first entries, if the nearest stands in a
    file about one work and nothing is to be listed or compared: the network was taught neither.
    """
    lists = question.want == "list" or bool(question.compared)
    first = found.scored.rows[:JUDGED].tolist()
    in_paper = bool(first) and bool(found.entries.is_of_file[first[0]])
    if judge is None or lists or found.scored.is_whole or not in_paper:
        return replace(found, judged=())
    texts = [text_to_judge(found.entries.get(row)) for row in first]
    return replace(found, judged=tuple(judge.logits(question.raw, texts)))
