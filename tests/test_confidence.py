from __future__ import annotations

import math

import numpy as np
import pytest
from msgspec.structs import replace

from paperrag.answer.confidence import (
    FEWEST_TOKENS,
    LEVEL,
    OTHERS,
    USUAL_TOKENS,
    WEIGHTS,
    Best,
    confidence,
)
from paperrag.question.intent import Want
from paperrag.question.record import Question
from paperrag.question.scope import Scope
from paperrag.search.scores import EntryScores, Scores
from paperrag.search.weights import CERTAIN


class CountingEncoder:
    """Counts words; the rest of the contract is not asked for."""

    def count_tokens(self, texts: list[str]) -> list[int]:
        return [len(text.split()) for text in texts]


def scored(
    total: float, dense: float, late: float, behind: float | None = None, others: int = OTHERS
) -> EntryScores:
    """Scores of the best entry, and of the others: as high as its own, or `behind`."""
    behind = total if behind is None else behind
    scores = np.array([total, *[behind] * others], dtype=np.float32)
    rows = np.arange(len(scores))
    parts = [np.full(len(scores), part, dtype=np.float32) for part in (dense, 0.0, late, 0.0)]
    return EntryScores(rows, scores, rows, Scores(rows, scores, *parts, matched={}))


def words(count: int) -> str:
    return " ".join(["词"] * count)


def sureness(
    asked: str,
    found: EntryScores,
    unknown_names: tuple[str, ...] = (),
    best: Best | None = None,
    want: Want = "one",
    names: tuple[str, ...] = (),
) -> float:
    question = Question(asked, asked, "zh", want, False, Scope(asked), names, unknown_names)
    return confidence(question, found, CountingEncoder(), best)


ALONE = WEIGHTS.dense * 0.9 + WEIGHTS.late * 0.7 - LEVEL
"""Of an entry with dense 0.9 and late 0.7 that others are as near as."""


def test_confidence_weighs_dense_and_late_for_a_question_of_usual_length():
    assert sureness(words(USUAL_TOKENS), scored(0.8, 0.9, 0.7)) == pytest.approx(ALONE)


@pytest.mark.parametrize("count", [6, 20, 40])
def test_confidence_rises_with_the_length_of_the_question(count: int):
    longer = WEIGHTS.length * math.log((count + 1) / (USUAL_TOKENS + 1))
    assert sureness(words(count), scored(0.8, 0.9, 0.7)) == pytest.approx(min(ALONE + longer, 1))


def test_entry_that_stands_out_from_the_others_is_surer():
    found = sureness(words(USUAL_TOKENS), scored(0.8, 0.9, 0.7, behind=0.75))
    assert found == pytest.approx(ALONE + WEIGHTS.stands_out * 0.05)


def test_few_notes_leave_little_behind_the_best():
    few = scored(0.4, 0.3, 0.3, behind=0.4, others=OTHERS // 4)
    alone = WEIGHTS.dense * 0.3 + WEIGHTS.late * 0.3 - LEVEL
    assert sureness(words(USUAL_TOKENS), few) == pytest.approx(
        alone + WEIGHTS.stands_out * (0.4 - 0.4 / 4)
    )


def test_list_has_many_good_entries_and_need_not_stand_out_as_far():
    one, many = (sureness(words(8), scored(0.8, 0.9, 0.7), want=want) for want in ("one", "list"))
    assert many - one == pytest.approx(WEIGHTS.is_list)


def test_very_short_question_counts_as_a_short_one():
    short = scored(0.8, 0.9, 0.7)
    assert sureness("LoRA", short) == sureness(words(FEWEST_TOKENS), short)


def test_confidence_lies_in_0_to_1():
    assert sureness("词", scored(0.1, 0.0, 0.01)) == 0.0
    assert sureness(words(500), scored(1.0, 1.0, 1.0, behind=0.1, others=100)) == 1.0


def test_entry_of_a_given_paper_id_is_certain():
    assert sureness("2407.08454", scored(CERTAIN, 0.0, 0.0)) == 1.0


def test_encoder_without_token_vectors_is_judged_by_its_score():
    assert sureness(words(3), scored(0.4, 0.5, 0.0)) == pytest.approx(0.4)


def test_nothing_found_is_no_confidence():
    nothing = np.empty(0, dtype=np.int64)
    floats = nothing.astype(np.float32)
    chunks = Scores(nothing, floats, floats, floats, floats, floats, matched={})
    assert sureness("哪些方法", EntryScores(nothing, floats, nothing, chunks)) == 0.0


@pytest.mark.parametrize("name", ["TideNet", "潮汐 TideNet-2"])
def test_name_that_the_best_entrys_work_does_not_say_makes_less_sure(name: str):
    said, missed = (
        sureness("how does it work", scored(0.8, 0.9, 0.7), best=Best(words), names=(name,))
        for words in ("tidenet 2 predicts tides, TideNet does", "DuneNet predicts dunes")
    )
    assert said - missed == pytest.approx(-WEIGHTS.misses_name)


def test_name_missed_by_the_best_entry_tells_nothing_in_a_list():
    best = Best("DuneNet predicts dunes")
    asked = "which papers use TideNet"
    found = scored(0.8, 0.9, 0.7)
    told, plain = (
        sureness(asked, found, best=one, want="list", names=("TideNet",)) for one in (best, None)
    )
    assert told == plain


def test_entry_of_a_paper_with_a_file_of_its_own_is_less_sure():
    found = scored(0.8, 0.9, 0.7)
    alone, inside = (sureness(words(12), found, best=Best("x", flag)) for flag in (False, True))
    assert inside - alone == pytest.approx(WEIGHTS.in_paper)


def test_question_with_a_name_that_the_notes_do_not_hold_is_less_sure():
    known, unknown = (
        sureness(words(12), scored(0.8, 0.9, 0.7), names) for names in ((), ("SnapKV",))
    )
    assert known - unknown == pytest.approx(-WEIGHTS.says_unknown)


def test_all_that_a_question_looks_at_answers_it():
    assert sureness("papers", replace(scored(0.1, 0.0, 0.1), is_whole=True)) == 1.0
