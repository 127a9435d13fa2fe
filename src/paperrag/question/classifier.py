"""A question -> what it wants, the type of its answer and whether it points back, by weights
learned from labelled questions (training/train_questions.py). Knows no notes.

One weight a feature and label, summed: a linear model of 7,000 features in 8 bits, 0.2 ms a
question.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal, cast

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from paperrag.errors import EncoderError
from paperrag.question.features import keys_of
from paperrag.question.thresholds import SURELY_BACK

AnswerType = Literal["name", "number", "date", "reason", "procedure", "person", "other"]
"""What answers a question: what something is called, how much, when or where it appeared, why,
how, who wrote or proposed it, or anything else. Rules alone say that a person is asked for.
"""

WEIGHTS = Path(__file__).parent / "classifier.npz"


HEADS: dict[str, tuple[str, ...]] = {
    "want": ("comparison", "count", "list", "one", "topic", "yesno"),
    "answer_type": ("date", "name", "number", "other", "procedure", "reason"),
    "about": ("inside", "works"),
    "back": ("alone", "back"),
}
"""The labels of each thing that is told apart; their columns stand side by side in this order."""


class Likely(Struct, frozen=True):
    """What a question seems to be.

    shares, best: how likely each label is, in shares of 1 by head and label, and the likeliest of
    each head. several, works: how likely it wants every entry that fits, or their number; papers or
    methods rather than what is said in them. answer_type: what kind of thing answers it. counts:
    whether the number of entries is asked for. points_back: whether it needs what was said before.
    """

    shares: Mapping[str, Mapping[str, float]]
    best: Mapping[str, str]
    several: float
    works: float
    answer_type: AnswerType
    counts: bool
    points_back: bool


class Classifier:
    """Weights by feature; see `Classifier.load`."""

    def __init__(
        self,
        keys: npt.NDArray[np.uint32],
        weights: npt.NDArray[np.int8],
        scales: npt.NDArray[np.float32],
        bias: npt.NDArray[np.float32],
        known: npt.NDArray[np.uint32],
    ) -> None:
        self._row_of = {key: row for row, key in enumerate(keys.tolist())}
        self._weights, self._scales, self._bias = weights, scales, bias
        self._known = frozenset(known.tolist())

    @classmethod
    def load(cls, path: Path = WEIGHTS) -> Classifier:
        """Return the classifier of a file. Raises EncoderError if it is missing or damaged."""
        try:
            with np.load(path) as arrays:
                names = ("keys", "weights", "scales", "bias", "known")
                return cls(*(arrays[name] for name in names))
        except (OSError, ValueError, KeyError) as error:
            raise EncoderError(f"cannot read {path}: {error}; reinstall paperrag") from error

    def read(self, folded: str) -> Likely:
        """Return how likely each label is for a folded question."""
        rows = [self._row_of[key] for key in keys_of(folded, self._known) if key in self._row_of]
        scores = self._weights[rows].sum(axis=0, dtype=np.float32) * self._scales + self._bias
        return _likely(_shares(scores.tolist()))


def _likely(shares: Mapping[str, Mapping[str, float]]) -> Likely:
    best = {head: max(labels, key=labels.__getitem__) for head, labels in shares.items()}
    want = shares["want"]
    return Likely(
        shares,
        best,
        several=want["list"] + want["count"],
        works=shares["about"]["works"],
        answer_type=cast(AnswerType, best["answer_type"]),
        counts=best["want"] == "count",
        points_back=shares["back"]["back"] >= SURELY_BACK,
    )


def _shares(scores: Sequence[float]) -> dict[str, dict[str, float]]:
    shares, start = {}, 0
    for head, labels in HEADS.items():
        own = scores[start : start + len(labels)]
        greatest = max(own)
        powers = [math.exp(score - greatest) for score in own]
        whole = sum(powers)
        shares[head] = {label: power / whole for label, power in zip(labels, powers, strict=True)}
        start += len(labels)
    return shares


@lru_cache(maxsize=1)
def classifier() -> Classifier:
    """Return the classifier that ships inside the package, read once."""
    return Classifier.load()
