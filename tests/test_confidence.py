from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from paperrag.answer.confidence import (
    COMMON_LOSS,
    FEWEST_TOKENS,
    LEAST_COMMON,
    LENGTH_GAIN,
    NAMED_GAIN,
    UNKNOWN_LOSS,
    USUAL_TOKENS,
    confidence,
)
from paperrag.question.read import Question
from paperrag.question.scope import Scope
from paperrag.search.found import EntryScores
from paperrag.search.scoring import CERTAIN, Scores


class CountingEncoder:
    """Counts words; the rest of the contract is not asked for."""

    def count_tokens(self, texts: list[str]) -> list[int]:
        return [len(text.split()) for text in texts]


LEAST_LOSS = COMMON_LOSS * LEAST_COMMON


def scored(total: float, dense: float, late: float, common: float = 0.0) -> EntryScores:
    one = np.zeros(1, dtype=np.int64)
    parts = [np.array([part], dtype=np.float32) for part in (total, dense, 0.0, late, 0.0)]
    return EntryScores(one, parts[0], one, Scores(one, *parts, matched={}, common=common))


def words(count: int) -> str:
    return " ".join(["词"] * count)


def sureness(
    asked: str, found: EntryScores, unknown_names: tuple[str, ...] = (), title: str = ""
) -> float:
    question = Question(asked, asked, "zh", "one", False, Scope(asked), (), unknown_names)
    return confidence(question, found, CountingEncoder(), title)


def test_confidence_is_the_mean_of_dense_and_late_for_a_question_of_usual_length():
    assert sureness(words(USUAL_TOKENS), scored(0.5, 0.3, 0.7)) == pytest.approx(
        (0.3 + 0.7) / 2 - LEAST_LOSS
    )


@pytest.mark.parametrize("count", [6, 20, 40])
def test_confidence_rises_with_the_length_of_the_question(count: int):
    expected = (
        (0.3 + 0.7) / 2 - LEAST_LOSS + LENGTH_GAIN * math.log((count + 1) / (USUAL_TOKENS + 1))
    )
    assert sureness(words(count), scored(0.5, 0.3, 0.7)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("common", "counted"), [(0.1, 0.1), (0.04, 0.04), (0.0, LEAST_COMMON), (-0.2, LEAST_COMMON)]
)
def test_question_that_is_near_to_all_notes_needs_a_better_entry(common: float, counted: float):
    found = sureness(words(USUAL_TOKENS), scored(0.5, 0.3, 0.7, common))
    assert found == pytest.approx((0.3 + 0.7) / 2 - COMMON_LOSS * counted)


def test_very_short_question_counts_as_a_short_one():
    short = scored(0.5, 0.3, 0.7)
    assert sureness("LoRA", short) == sureness(words(FEWEST_TOKENS), short)


def test_confidence_lies_in_0_to_1():
    assert sureness("词", scored(0.1, 0.0, 0.01)) == 0.0
    assert sureness(words(500), scored(0.9, 0.9, 0.95)) == 1.0


def test_entry_of_a_given_paper_id_is_certain():
    assert sureness("2407.08454", scored(CERTAIN, 0.0, 0.0)) == 1.0


def test_encoder_without_token_vectors_is_judged_by_its_score():
    assert sureness(words(3), scored(0.4, 0.5, 0.0)) == pytest.approx(0.4)


def test_nothing_found_is_no_sureness():
    nothing = np.empty(0, dtype=np.int64)
    floats = nothing.astype(np.float32)
    empty = EntryScores(
        nothing,
        floats,
        nothing,
        Scores(nothing, floats, floats, floats, floats, floats, matched={}),
    )
    assert sureness("哪些方法", empty) == 0.0


def test_question_that_says_the_name_of_the_best_entry_is_surer():
    plain, named = (
        sureness("what is CaM", scored(0.3, 0.1, 0.2), title=title)
        for title in ("Else", "CaM: Merging")
    )
    assert named - plain == pytest.approx(NAMED_GAIN)


def test_question_with_a_name_that_the_notes_do_not_hold_is_less_sure():
    known, unknown = (
        sureness(words(12), scored(0.5, 0.3, 0.7), names) for names in ((), ("SnapKV",))
    )
    assert known - unknown == pytest.approx(UNKNOWN_LOSS)


def test_all_that_a_question_looks_at_answers_it():
    assert sureness("papers", replace(scored(0.1, 0.0, 0.1), is_whole=True)) == 1.0
