"""Ranked works -> how probable it is that each belongs to the answer of a list question.

A logistic regression over the shape of the scores: how far a work lies behind the best and where
in the order, how high it scores at all, and whether the section that it stands in was asked for.
Fitted on the list questions of ten sets of notes and two folders with one note a paper, with
each set left out in turn F1 rises from 0.58 (a share of the best score) to 0.68.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import FloatArray

BEHIND, ORDER, SCORE, SECTION, ALONE, SPREAD, BIAS = -4.69, -1.33, 3.06, 1.08, 0.67, -0.63, 0.61
"""Weights of: the distance from the best score, the logarithm of the rank, the score, the share of
the section that scores close (of three or more), standing alone in it, the distance from the best
to the middle of the field."""

CLOSE_SHARE, CLOSE_DISTANCE = 0.72, 0.15
"""A work that scores higher than this share of the best, and nearer than this, is close."""

FIELD, FEWEST_FIELD, FEWEST_MEMBERS = 60, 10, 3
"""Works that make up the field; fewer have no middle. Fewer members tell nothing of a section."""


def membership(scores: FloatArray, sections: npt.NDArray[np.int64]) -> FloatArray:
    """Return the probability (n,) that each work belongs, from scores (n,), best first, and the
    section that each stands in.
    """
    if not len(scores):
        return np.zeros(0, dtype=np.float32)
    best = max(float(scores[0]), 1e-3)
    middle = np.median(scores[:FIELD]) if len(scores) >= FEWEST_FIELD else scores.min()
    close = scores >= max(CLOSE_SHARE * best, best - CLOSE_DISTANCE)
    _, place, members = np.unique(sections, return_inverse=True, return_counts=True)
    share = (np.bincount(place, weights=close) / members)[place]
    total = (
        BIAS
        + BEHIND * (best - scores)
        + ORDER * np.log(np.arange(1, len(scores) + 1))
        + SCORE * scores
        + SECTION * np.where(members[place] >= FEWEST_MEMBERS, share, 0.0)
        + ALONE * (members[place] == 1)
        + SPREAD * (best - middle)
    )
    return np.asarray(1 / (1 + np.exp(-total)), dtype=np.float32)
