from __future__ import annotations

import numpy as np
import pytest

from paperrag.answer import reach
from paperrag.answer.reach import member_features, membership, table
from paperrag.search.works import RankedWorks


def ranked(*scores: float, whole: float = 0.0, kin: float = 0.0) -> RankedWorks:
    """Works of some scores; the first is as near as a whole, and as much kin, as is said."""
    rows = np.arange(len(scores), dtype=np.int64)
    first = np.array([1.0] + [0.0] * (len(scores) - 1), dtype=np.float32)[: len(scores)]
    values = np.array(scores, dtype=np.float32)
    return RankedWorks(rows, rows, values, 0 * values, whole * first, kin * first)


def test_features_by_hand():
    found = member_features(ranked(0.8, 0.6, whole=0.5), is_topic=True)
    assert found.behind.tolist() == pytest.approx([0.0, 0.2])
    assert found.order.tolist() == pytest.approx([0.0, np.log(2)])
    # fewer than ten have no middle: the distance is to the last, 0.8 - 0.6
    assert found.spread.tolist() == pytest.approx([0.2, 0.2])
    assert found.is_topic.tolist() == [1.0, 1.0]
    # two values lie one deviation above and below their mean; equal ones none
    assert found.stands_out.tolist() == pytest.approx([1.0, -1.0])
    assert found.whole.tolist() == pytest.approx([1.0, -1.0])
    assert found.kin.tolist() == [0.0, 0.0]


def test_membership_is_the_logistic_of_the_features():
    works = ranked(0.8, 0.6, 0.3, kin=0.4)
    total = reach.BIAS + table(member_features(works, False)) @ np.array(reach.WEIGHTS)
    assert membership(works, False).tolist() == pytest.approx((1 / (1 + np.exp(-total))).tolist())


def test_membership_falls_with_score_and_rank():
    found = membership(ranked(*np.linspace(0.7, 0.3, 30)), False).tolist()
    assert found == sorted(found, reverse=True)
    assert found[0] > 0.5 > found[-1]


def test_topic_reaches_less_far_than_a_list_and_kin_further():
    scores = np.linspace(0.7, 0.5, 12)
    alike = membership(ranked(*scores, kin=0.9), False)
    assert membership(ranked(*scores), True)[5] < membership(ranked(*scores), False)[5]
    assert alike[0] > membership(ranked(*scores), False)[0]


def test_membership_of_nothing_is_nothing():
    assert membership(ranked(), False).tolist() == []
