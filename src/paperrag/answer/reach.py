"""Ranked works -> how probable it is that each belongs to the answer of a list question.

A logistic regression over the shape of the scores: how far a work lies behind the best and where
in the order, how high it scores at all, how much it stands out of the field, how near it is as a
whole, and whether it is like the works that lead. `benchmarks/fit_reach.py` fits it on questions
over folders with one note a paper and holds it against folders that it was not fitted on.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import FloatArray
from paperrag.search.works import RankedWorks

FEWEST = 10
"""Works that have a middle; the distance of fewer is to the last."""


@dataclass(frozen=True, slots=True)
class MemberFeatures:
    """What tells a member, each (n,) of ranked works.

    behind: distance from the best score. order: logarithm of the rank. score, words: as ranked.
    spread: distance from the best score to the middle of the field. is_topic: whether the question
    names a topic and does not ask for a list. stands_out, whole, kin: the score, the nearness of
    the whole work and its likeness to the leading ones, in deviations from the field's means.
    """

    behind: FloatArray
    order: FloatArray
    score: FloatArray
    words: FloatArray
    spread: FloatArray
    is_topic: FloatArray
    stands_out: FloatArray
    whole: FloatArray
    kin: FloatArray


WEIGHTS = (-15.8, -0.58, 6.7, 1.25, 7.86, -1.43, 0.46, -0.44, 0.67)
"""Of the features, in their order."""

BIAS = -1.91


def membership(works: RankedWorks, is_topic: bool) -> FloatArray:
    """Return the probability (n,) that each work belongs."""
    total = BIAS + table(member_features(works, is_topic)) @ np.array(WEIGHTS)
    return np.asarray(1 / (1 + np.exp(-total)), dtype=np.float32)


def member_features(works: RankedWorks, is_topic: bool) -> MemberFeatures:
    """Return the features of ranked works, best first."""
    scores, count = works.scores, len(works)
    best = scores[:1].sum()
    middle = np.median(scores) if count >= FEWEST else scores[-1:].sum()
    return MemberFeatures(
        behind=best - scores,
        order=np.log(np.arange(1, count + 1, dtype=np.float32)),
        score=scores,
        words=works.words,
        spread=np.full(count, best - middle, dtype=np.float32),
        is_topic=np.full(count, is_topic, dtype=np.float32),
        stands_out=_in_deviations(scores),
        whole=_in_deviations(works.whole),
        kin=_in_deviations(works.kin),
    )


def table(found: MemberFeatures) -> npt.NDArray[np.float64]:
    """Return features as columns, (n, their number)."""
    return np.column_stack(astuple(found)).reshape(-1, len(fields(MemberFeatures)))


def _in_deviations(values: FloatArray) -> FloatArray:
    if not len(values):
        return values
    return np.asarray((values - values.mean()) / max(float(values.std()), 1e-3), dtype=np.float32)
