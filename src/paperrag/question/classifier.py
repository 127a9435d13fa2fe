"""A question -> what it wants, the type of its answer and whether it points back, by weights
learned from labelled questions (training/train_questions.py). Knows no notes.

One weight a feature and label, summed: a linear model of 7,000 features in 8 bits, 0.2 ms a
question.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal, cast

import numpy as np
import numpy.typing as npt

from paperrag.errors import EncoderError
from paperrag.frozen import dataclass
from paperrag.question.features import features, key_of, tokens

AnswerType = Literal["name", "number", "date", "reason", "procedure", "person", "other"]
"""What answers a question: what something is called, how much, when or where it appeared, why,
how, who wrote or proposed it, or anything else. Rules alone say that a person is asked for.
"""

WEIGHTS = Path(__file__).parent / "classifier.npz"

SURELY_BACK = 0.7
"""Share from which a question needs what came before: at 0.5 two of 550 that begin talks seem to, above 0.7
none (`training/train_questions.py` prints it)."""

HEADS: dict[str, tuple[str, ...]] = {
    "want": ("comparison", "count", "list", "one", "topic", "yesno"),
    "answer_type": ("date", "name", "number", "other", "procedure", "reason"),
    "about": ("inside", "works"),
    "back": ("alone", "back"),
}
"""The labels of each thing that is told apart; their columns stand side by side in this order."""


@dataclass(frozen=True, slots=True)
class Likely:
    """How likely each label is, as shares of 1 by head and label."""

    shares: dict[str, dict[str, float]]

    def best(self, head: str) -> str:
        """Return the likeliest label of a head."""
        shares = self.shares[head]
        return max(shares, key=lambda label: shares[label])

    @property
    def answer_type(self) -> AnswerType:
        """What kind of thing answers the question."""
        return cast(AnswerType, self.best("answer_type"))

    @property
    def asks_for_several(self) -> float:
        """How likely the question wants every entry that fits, or their number."""
        return self.shares["want"]["list"] + self.shares["want"]["count"]

    @property
    def asks_for_works(self) -> float:
        """How likely papers or methods are asked for rather than what is said in them."""
        return self.shares["about"]["works"]

    @property
    def counts(self) -> bool:
        """Whether the number of entries is asked for."""
        return self.best("want") == "count"

    @property
    def points_back(self) -> bool:
        """Whether the question needs what was said before it."""
        return self.shares["back"]["back"] >= SURELY_BACK


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
        seen = {key_of(feature) for feature in features(tokens(folded, self._knows))}
        rows = [self._row_of[key] for key in seen if key in self._row_of]
        scores = self._weights[rows].sum(axis=0, dtype=np.float32) * self._scales + self._bias
        return Likely(_shares(scores))

    def _knows(self, word: str) -> bool:
        return key_of(word) in self._known


def _shares(scores: npt.NDArray[np.float32]) -> dict[str, dict[str, float]]:
    shares, start = {}, 0
    for head, labels in HEADS.items():
        own = scores[start : start + len(labels)]
        powers = np.exp(own - own.max())
        shares[head] = dict(zip(labels, (powers / powers.sum()).tolist(), strict=True))
        start += len(labels)
    return shares


@lru_cache(maxsize=1)
def classifier() -> Classifier:
    """Return the classifier that ships inside the package, read once."""
    return Classifier.load()
