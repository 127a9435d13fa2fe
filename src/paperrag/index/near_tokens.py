"""The tokens that are near to those of a query, as late interaction looks them up. Knows no
rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import FloatArray, Near


class NearTokens(NamedTuple):
    """Tokens near to those of a query, the least similar first: each (n,), a token, the place in
    the query of what it is near to, and their similarity.
    """

    tokens: npt.NDArray[np.integer]
    places: npt.NDArray[np.intp]
    similarities: FloatArray
    query_tokens: int

    @staticmethod
    def of(near: Sequence[Near]) -> NearTokens:
        """Return what is near to each token of a query, together."""
        similarities = np.concatenate([found for _, found in near])
        tokens = np.concatenate([found for found, _ in near])
        places = np.repeat(np.arange(len(near)), [len(found) for found, _ in near])
        order = np.argsort(similarities, kind="stable")
        return NearTokens(tokens[order], places[order], similarities[order], len(near))
