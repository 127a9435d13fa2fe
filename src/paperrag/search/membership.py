"""What speaks for each of a question's works -> how probable it is that it belongs to the list that
is asked for, and which works to list.

A logistic regression over evidence that knows no corpus: how near a work is, by its best entry, by
what it says that it does, as a whole, and by the very words, each also held against the works
beside it; how near the works are that are most like it; how many are as near.
`benchmarks/fit_ranking.py` fits it on questions over folders with one note a paper and holds it
against folders that it was not fitted on.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from msgspec.structs import astuple

from paperrag.encoders.contract import FloatArray

LEAST_LISTED = 0.4
"""Chance from which a work is listed. Where chances are right, F1 is greatest at the half of what
it is then (Lipton, Elkan and Naryanaswamy 2014, "Optimal thresholding of classifiers to maximize F1
measure"). Of 107 lists over six vaults of strangers, some of which the weights had seen, F1 is .734
with it, .716 with as many works as promise most by the sum of chances, .716 with .3 and .5. By
hand.
"""

RIVALS_WITHIN = 0.05
"""Works that score no more than this less than a work, or more, are its rivals. By hand,
before the fit of `benchmarks/fit_ranking.py`.
"""


class WorkEvidence(Struct, frozen=True):
    """What speaks for each work, each (n,), best work first.

    near, second, meaning: score of its best entry and of the one behind that, best cosine. told:
    score of what names it or says what it does. words, told_words: share of the question's words
    that it holds, that those entries hold. whole: cosine of the question and the mean of its
    vectors. kin: cosine of that mean and those of the leading works. company: mean score of the
    works most like it.
    """

    near: FloatArray
    second: FloatArray
    meaning: FloatArray
    told: FloatArray
    words: FloatArray
    told_words: FloatArray
    whole: FloatArray
    kin: FloatArray
    company: FloatArray

    def taken(self, order: npt.NDArray[np.int64]) -> WorkEvidence:
        """Return the evidence of works in another order."""
        return WorkEvidence(*(values[order] for values in astuple(self)))


WEIGHTS: dict[str, float] = {
    "near": 1.85,
    "near_behind": 2.00,
    "near_apart": 0.12,
    "meaning": 1.68,
    "meaning_behind": 3.44,
    "meaning_apart": 0.20,
    "told": 0.11,
    "told_behind": 2.52,
    "told_apart": 0.15,
    "words": 0.03,
    "words_behind": -0.25,
    "words_apart": 0.27,
    "whole": -0.64,
    "whole_behind": 1.58,
    "whole_apart": -0.10,
    "company_apart": 0.38,
    "kin_apart": 0.13,
    "told_words": 0.12,
    "told_words_behind": -0.10,
    "second": 1.46,
    "spread": 0.14,
    "rivals": -0.75,
    "is_topic": -0.84,
}
"""Of the features, by name; fitted on 238 lists and topics over three folders, by both encoders
(`benchmarks/fit_ranking.py --also NOTES QUESTIONS`)."""

BIAS = 0.61
"""Added to the weighted sum, in logits, by the same fit (`benchmarks/fit_ranking.py`)."""


JUDGED_WEIGHTS = {"odds": 0.41, "met": 0.19, "met_behind": 0.12}
"""Of `judged_features`, as JUDGED_BIAS by `benchmarks/fit_ranking.py --judged`."""

JUDGED_BIAS = -0.05
"""Of `judged_features`, fitted on 162 lists over nine folders by `benchmarks/fit_ranking.py
--judged`.
"""


def member_features(found: WorkEvidence, is_topic: bool) -> dict[str, FloatArray]:
    """Return the features (n,) of works by name; is_topic: whether a subject is named and no list
    asked for.

    "_behind" is the distance from the best, "_apart" the distance from the mean in deviations.
    """
    features: dict[str, FloatArray] = {}
    names = ("near", "meaning", "told", "words", "whole")
    values = np.array([*(getattr(found, name) for name in names), found.company, found.kin])
    behind = values - values.max(axis=1, initial=0.0, keepdims=True)
    apart = _in_deviations(values)
    for at, name in enumerate(names):
        features |= {name: values[at], f"{name}_behind": behind[at], f"{name}_apart": apart[at]}
    near = found.near
    rivals = (near > near[:, np.newaxis] - RIVALS_WITHIN).sum(axis=1)
    return features | {
        "company_apart": apart[-2],
        "kin_apart": apart[-1],
        "told_words": found.told_words,
        "told_words_behind": found.told_words - found.told_words.max(initial=0.0),
        "second": found.second,
        "spread": np.full(len(near), near.max(initial=0.0) - _middle(near), dtype=np.float32),
        "rivals": np.log1p(rivals, dtype=np.float32),
        "is_topic": np.full(len(near), is_topic, dtype=np.float32),
    }


def membership(found: WorkEvidence, is_topic: bool) -> FloatArray:
    """Return the probability (n,) that each work belongs."""
    features = member_features(found, is_topic)
    weights = np.array(list(WEIGHTS.values()), dtype=np.float32)
    total = weights @ np.array([features[name] for name in WEIGHTS]) + np.float32(BIAS)
    return np.asarray(1 / (1 + np.exp(-total)), dtype=np.float32)


def as_judged(chances: FloatArray, logits: Sequence[Sequence[float]]) -> FloatArray:
    """Return the chances (n,) of works by those from the scores and by how far entries of each meet
    the question, at least one of each.
    """
    features = judged_features(chances, logits)
    total = sum(weight * features[name] for name, weight in JUDGED_WEIGHTS.items())
    return np.asarray(1 / (1 + np.exp(-total - JUDGED_BIAS)), dtype=np.float32)


def judged_features(
    chances: FloatArray, logits: Sequence[Sequence[float]]
) -> dict[str, FloatArray]:
    """Return the features (n,) of judged works by name: the log-odds of their chances, how far the
    entry that meets the question best does so, and how far that lies behind the best of all.
    """
    least = np.finfo(np.float32).eps
    kept = np.clip(chances, least, 1 - least)
    met = np.array([max(of_work) for of_work in logits], dtype=np.float32)
    behind = met - met.max(initial=-np.inf)
    return {"odds": np.log(kept / (1 - kept)), "met": met, "met_behind": behind}


def likely(chances: FloatArray) -> npt.NDArray[np.bool_]:
    """Return which works (n,) are to be listed, by the probabilities that they belong; the
    likeliest at least.
    """
    return np.asarray(chances >= min(LEAST_LISTED, chances.max(initial=0.0)))


def _middle(values: FloatArray) -> float:
    if not len(values):
        return 0.0
    ordered, half = np.sort(values), len(values) // 2
    return float(ordered[half] + ordered[-half - 1]) / 2


def _in_deviations(values: FloatArray) -> FloatArray:
    """Return values (k, n) as their distances from the mean of their row, in deviations."""
    if not values.shape[1]:
        return values
    from_mean = values - values.mean(axis=1, keepdims=True)
    deviations = np.sqrt(np.square(from_mean).mean(axis=1, keepdims=True))
    return np.asarray(from_mean / np.maximum(deviations, 1e-3), dtype=np.float32)
