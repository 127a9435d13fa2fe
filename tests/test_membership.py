from __future__ import annotations

import numpy as np
import pytest

from paperrag.search import membership
from paperrag.search.membership import WorkEvidence, likely, member_features


def evidence(*near: float, whole: float = 0.0, kin: float = 0.0, rest: float = 0.0) -> WorkEvidence:
    """Works of some scores; the first is as near as a whole, and as much kin, as is said."""
    scores = np.array(near, dtype=np.float32)
    first = np.array([1.0] + [0.0] * (len(scores) - 1), dtype=np.float32)[: len(scores)]
    others = np.full(len(scores), rest, dtype=np.float32)
    return WorkEvidence(
        near=scores,
        second=others,
        meaning=scores,
        told=scores,
        words=others,
        told_words=others,
        whole=whole * first,
        kin=kin * first,
        company=others,
    )


def chances(found: WorkEvidence, is_topic: bool = False) -> list[float]:
    return membership.membership(found, is_topic).tolist()


def test_features_by_hand():
    found = member_features(evidence(0.8, 0.6, 0.58, whole=0.5), is_topic=True)
    assert found["near"].tolist() == pytest.approx([0.8, 0.6, 0.58])
    assert found["near_behind"].tolist() == pytest.approx([0.0, -0.2, -0.22])
    # values of .5, 0 and 0 have the mean .1667 and the deviation .2357
    assert found["whole_apart"].tolist() == pytest.approx([1.4142, -0.7071, -0.7071], abs=1e-3)
    assert found["kin_apart"].tolist() == [0.0, 0.0, 0.0]
    assert found["spread"].tolist() == pytest.approx([0.2] * 3)  # .8 less the middle, .6
    # within .05 of a work, or above it: itself; itself, the first and the third; the same
    assert found["rivals"].tolist() == pytest.approx(np.log1p([1, 3, 3]).tolist())
    assert found["is_topic"].tolist() == [1.0] * 3


def test_membership_is_the_logistic_of_the_features():
    found = evidence(0.8, 0.6, 0.3, kin=0.4, rest=0.2)
    features = member_features(found, False)
    total = membership.BIAS + sum(
        weight * features[name] for name, weight in membership.WEIGHTS.items()
    )
    assert chances(found) == pytest.approx((1 / (1 + np.exp(-total))).tolist())


def test_every_feature_has_a_weight():
    assert list(member_features(evidence(0.5), False)) == list(membership.WEIGHTS)


def test_membership_falls_with_the_score():
    found = chances(evidence(*np.linspace(0.7, 0.2, 30)))
    assert found == sorted(found, reverse=True)
    assert found[0] > 0.5 > found[-1]


def test_topic_reaches_less_far_than_a_list_and_kin_further():
    scores = np.linspace(0.7, 0.5, 12)
    assert chances(evidence(*scores), True)[5] < chances(evidence(*scores))[5]
    assert chances(evidence(*scores, kin=0.9))[0] > chances(evidence(*scores))[0]


@pytest.mark.parametrize(
    ("given", "listed"),
    [
        ((0.9, 0.2, 0.8, 0.4), [True, False, True, True]),
        ((0.05, 0.1, 0.3), [False, False, True]),
        ((), []),
    ],
)
def test_what_probably_belongs_is_listed_and_the_likeliest(
    given: tuple[float, ...], listed: list[bool]
):
    assert likely(np.array(given, dtype=np.float32)).tolist() == listed


def test_membership_of_nothing_is_nothing():
    assert chances(evidence()) == []


def test_evidence_is_taken_in_another_order():
    assert evidence(0.8, 0.6).taken(np.array([1, 0])).near.tolist() == pytest.approx([0.6, 0.8])


@pytest.mark.parametrize("weight", membership.JUDGED_WEIGHTS)
def test_each_weight_of_judged_works_moves_their_chances(
    monkeypatch: pytest.MonkeyPatch, weight: str
):
    given, logits = np.array([0.6, 0.3], dtype=np.float32), [[2.0, -1.0], [-3.0]]
    before = membership.as_judged(given, logits)
    monkeypatch.setitem(membership.JUDGED_WEIGHTS, weight, 0.0)
    assert not np.allclose(membership.as_judged(given, logits), before)


def test_work_that_meets_the_question_gains_and_one_that_does_not_loses():
    given = np.array([0.5, 0.5, 0.5], dtype=np.float32)
    chances = membership.as_judged(given, [[3.0, -4.0], [0.0], [-4.0, -5.0]]).tolist()
    assert chances == sorted(chances, reverse=True)
    assert chances[0] - chances[2] > 0.2


def test_sure_chances_stay_numbers():
    given = np.array([0.0, 1.0], dtype=np.float32)
    assert np.isfinite(membership.as_judged(given, [[0.0], [0.0]])).all()
