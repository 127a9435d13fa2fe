"""Vectors of the words of a question -> what heads of a small network say of the whole.

A convolution over the words, and heads that attend to those that tell. Knows no labels; training
writes the weights (training/train_facets.py, training/train_facet_hint.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import cast

import numpy as np

from paperrag.encoders.contract import FloatArray
from paperrag.errors import EncoderError

GELU = 1.702
"""Of the sigmoid that stands for the network's GELU, as `training/train_facets.py` has it."""


class WordNet:
    """The network of a file, read when it is first asked. Raises EncoderError then if the file is
    missing or damaged.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def _weights(self) -> Mapping[str, FloatArray]:
        try:
            with np.load(self._path) as arrays:
                return {name: arrays[name].astype(np.float32) for name in arrays.files}
        except (OSError, ValueError, KeyError) as error:
            raise EncoderError(f"cannot read {self._path}: {error}; reinstall paperrag") from error

    def seen(self, words: FloatArray) -> FloatArray:
        """Return what it sees in each word, (n, width), with those beside it."""
        return hidden(words, self._weights)

    def attended(self, head: str, seen: FloatArray) -> FloatArray:
        """Return what a head says of a question: of each word, weighted by how much it tells."""
        tells = self.of_each(f"{head}_tells", seen)
        attention = np.exp(tells - tells.max(axis=0))
        said = attention / attention.sum(axis=0) * self.of_each(head, seen)
        return cast(FloatArray, said.sum(axis=0))

    def of_each(self, head: str, seen: FloatArray) -> FloatArray:
        """Return what a head says of each word."""
        return seen @ self._weights[head] + self._weights[f"{head}_bias"]


def hidden(words: FloatArray, weights: Mapping[str, FloatArray]) -> FloatArray:
    """Return what a convolution sees in each word with those beside it."""
    beside = len(weights["conv"]) // 2
    padded = np.zeros((len(words) + 2 * beside, words.shape[1]), dtype=np.float32)
    padded[beside : beside + len(words)] = words
    seen = (
        sum(padded[at : at + len(words)] @ taken for at, taken in enumerate(weights["conv"]))
        + weights["conv_bias"]
    )
    return cast(FloatArray, seen / (1 + np.exp(-GELU * seen)))


def shares_of(scores: FloatArray) -> FloatArray:
    """Return how likely each label is, in shares of 1, by the scores of all."""
    powers = np.exp(scores - scores.max())
    return cast(FloatArray, powers / powers.sum())
