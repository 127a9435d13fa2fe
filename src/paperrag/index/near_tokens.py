"""The tokens that are near to those of a query, as late interaction looks them up. Knows no rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import FloatArray
from paperrag.index.arrays import places_of_distinct

Near = tuple[npt.NDArray[np.integer], FloatArray]
"""The tokens that are near to one of a query, and their similarities."""


class NearTokens(NamedTuple):
    """Tokens near to those of a query, ascending. pairs: place in `tokens`, place in the query,
    similarity; the greatest of a place in the query comes last.
    """

    tokens: npt.NDArray[np.integer]
    query_tokens: int
    pairs: Sequence[tuple[int, int, float]]

    @staticmethod
    def of(near: Sequence[Near]) -> NearTokens:
        """Return what is near to each token of a query, together."""
        similarities = np.concatenate([found for _, found in near])
        tokens = np.concatenate([found for found, _ in near])
        queries = np.repeat(np.arange(len(near)), [len(found) for found, _ in near])
        order = np.argsort(tokens, kind="stable")
        distinct_ones, _, places = places_of_distinct(tokens[order])
        place_of = np.empty_like(order)
        place_of[order] = places
        ascending = np.argsort(similarities, kind="stable")
        columns = (place_of, queries, similarities)
        pairs = zip(*(column[ascending].tolist() for column in columns), strict=True)
        return NearTokens(distinct_ones, len(near), list(pairs))
