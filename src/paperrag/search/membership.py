"""What speaks for each of a question's works -> how probable it is that it belongs to the list that
is asked for, and which works to list.

A logistic regression over evidence that knows no corpus: how near a work is, by its best entry, by
what it says that it does, as a whole, and by the very words, each also held against the works
beside it; how many works are as near. `benchmarks/fit_ranking.py` fits it on questions over
folders with one note a paper and holds it against folders that it was not fitted on.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import FloatArray

EXPECTED_SHARE = 0.7
"""Of the sum of all chances, how much counts as members when a list is cut: many small chances make
a sum to which few members belong. On folders left out of the fit, F1 of lists is 0.774 with it and
0.760 with 1; where one work answers, precision is 0.71 and 0.63
(`benchmarks/fit_ranking.py`)."""

RIVALS_WITHIN = 0.05
"""Works that score no more than this less than a work, or more, are its rivals. By hand,
before the fit of `benchmarks/fit_ranking.py`.
"""


@dataclass(frozen=True, slots=True)
class WorkEvidence:
    """What speaks for each work, each (n,), best work first.

    near, second, meaning: score of its best entry and of the one behind that, best cosine. told:
    score of what names it or says what it does. words, told_words: share of the question's words
    that it holds, that those entries hold. whole: cosine of the question and the mean of its
    vectors. kin: cosine of that mean and those of the leading works. close, size: number of its
    entries that are close to the best of all, and of all that were scored.
    """

    near: FloatArray
    second: FloatArray
    meaning: FloatArray
    told: FloatArray
    words: FloatArray
    told_words: FloatArray
    whole: FloatArray
    kin: FloatArray
    close: FloatArray
    size: FloatArray

    def taken(self, order: npt.NDArray[np.int64]) -> WorkEvidence:
        """Return the evidence of works in another order."""
        return WorkEvidence(*(getattr(self, field.name)[order] for field in fields(self)))


WEIGHTS: dict[str, float] = {
    "near": 1.81,
    "near_behind": 3.58,
    "near_apart": -0.16,
    "meaning": 2.46,
    "meaning_behind": 4.96,
    "meaning_apart": 0.41,
    "told": -1.63,
    "told_behind": 3.15,
    "told_apart": 0.31,
    "words": -0.88,
    "words_behind": -0.33,
    "words_apart": 0.49,
    "whole": -0.97,
    "whole_behind": 1.28,
    "whole_apart": -0.43,
    "kin_apart": 0.29,
    "told_words": 0.26,
    "told_words_behind": -0.34,
    "second": 3.95,
    "spread": 1.76,
    "rivals": -0.83,
    "close": -0.13,
    "size": -0.03,
    "is_topic": -1.01,
}
"""Of the features, by name; fitted on 224 lists and topics over three folders, by both encoders
(`benchmarks/fit_ranking.py --also NOTES QUESTIONS`)."""

BIAS = 1.21
"""Added to the weighted sum, in logits, by the same fit (`benchmarks/fit_ranking.py`)."""


def member_features(found: WorkEvidence, is_topic: bool) -> dict[str, FloatArray]:
    """Return the features (n,) of works by name; is_topic: whether a subject is named and no list
    asked for.

    "_behind" is the distance from the best, "_apart" the distance from the mean in deviations.
    """
    features: dict[str, FloatArray] = {}
    names = ("near", "meaning", "told", "words", "whole")
    values = np.stack([*(getattr(found, name) for name in names), found.kin])
    behind = values - values.max(axis=1, initial=0.0, keepdims=True)
    apart = _in_deviations(values)
    for at, name in enumerate(names):
        features |= {name: values[at], f"{name}_behind": behind[at], f"{name}_apart": apart[at]}
    near = found.near
    rivals = (near > near[:, np.newaxis] - RIVALS_WITHIN).sum(axis=1)
    return features | {
        "kin_apart": apart[-1],
        "told_words": found.told_words,
        "told_words_behind": found.told_words - found.told_words.max(initial=0.0),
        "second": found.second,
        "spread": np.full(len(near), near.max(initial=0.0) - _middle(near), dtype=np.float32),
        "rivals": np.log1p(rivals, dtype=np.float32),
        "close": np.log1p(found.close),
        "size": np.log1p(found.size),
        "is_topic": np.full(len(near), is_topic, dtype=np.float32),
    }


def membership(found: WorkEvidence, is_topic: bool) -> FloatArray:
    """Return the probability (n,) that each work belongs."""
    features = member_features(found, is_topic)
    total = sum((weight * features[name] for name, weight in WEIGHTS.items()), np.float32(BIAS))
    return np.asarray(1 / (1 + np.exp(-total)), dtype=np.float32)


def likely(chances: FloatArray) -> npt.NDArray[np.bool_]:
    """Return which works to list: the k most probable, for the k of the greatest expected F1.

    F1 of k works is 2 · right / (k + members); as many members are expected as the chances say
    (Lewis 1995, "Evaluating and optimizing autonomous text classification systems").
    """
    order = np.argsort(-chances, kind="stable")
    right = np.cumsum(chances[order])
    members = EXPECTED_SHARE * chances.sum()
    expected = 2 * right / (np.arange(1, len(order) + 1) + members)
    chosen = np.zeros(len(chances), dtype=bool)
    chosen[order[: int(expected.argmax()) + 1 if len(order) else 0]] = True
    return chosen


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
