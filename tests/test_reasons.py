"""What stands behind a mark where no number and no name is wrong."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from paperrag.proof.net import Judgement
from paperrag.proof.polarity import Turned
from paperrag.proof.reasons import Compared, Reason, reasons
from paperrag.records import Span

CATS = "Pets › Cats\nthey love water (all do)\nthey sleep a lot"


def spans_of(text: str) -> list[Span]:
    ends = np.cumsum([len(word) + 1 for word in text.split()])
    return [
        (int(end) - len(word) - 1, int(end) - 1)
        for word, end in zip(text.split(), ends, strict=True)
    ]


def compared(claim: str, unmet: list[float], looks: list[tuple[int, int]], text: str) -> Compared:
    spans, others = spans_of(claim), spans_of(text)
    looks_at = np.zeros((len(spans), len(others)), dtype=np.float32)
    for row, column in looks:
        looks_at[row, column] = 1
    judgement = Judgement(-5.0, looks_at)
    return Compared(claim, spans, text, others, judgement, text, np.array(unmet, dtype=np.float32))


@pytest.mark.parametrize(
    ("unmet", "reason"),
    [
        ([0, 0.9, 0.3], Reason("no_source", "hate", "")),
        ([0, 0.9, 0.4], Reason("instead", "", "they love water （all do）")),
        ([0, 0, 0], Reason("instead", "", "they love water （all do）")),
    ],
)
def test_word_that_stands_out_is_told_or_else_what_the_notes_say(
    unmet: list[float], reason: Reason
) -> None:
    # cats looks at the heading and at "they", hate at love, water at water
    looks = [(0, 2), (0, 3), (1, 4), (2, 5)]
    assert list(reasons(compared("cats hate water", unmet, looks, CATS))) == [reason]


def test_of_a_long_sentence_its_clause_is_told() -> None:
    text = "Cats\nthey love water, " + "which is known of cats of every kind and colour " * 2
    looks = [(1, 2), (2, 3)]
    (reason,) = reasons(compared("cats hate water", [0, 0, 0], looks, text))
    assert reason.held == "they love water"


def test_word_that_points_the_other_way_is_told_with_what_the_notes_say() -> None:
    found = compared("cats sleep less", [0, 0.9, 0], [(0, 0)], "cats sleep more")
    opposite = replace(found, turned=Turned(1.0, ((11, 15), (11, 15))))
    assert list(reasons(opposite)) == [Reason("other", "less", "more")]
    assert list(reasons(replace(found, turned=Turned(1.0)))) == [Reason("no_source", "sleep", "")]


def test_word_ends_where_chinese_begins() -> None:
    found = compared("cats sleep less", [0, 0.9, 0], [(0, 0)], "猫用more毛睡")
    opposite = replace(found, turned=Turned(1.0, ((11, 15), (2, 6))))
    assert list(reasons(opposite)) == [Reason("other", "less", "more")]
