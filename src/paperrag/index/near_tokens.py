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
    """The distinct tokens of a query, and what is near to each."""

    query: Sequence[int]
    near: Sequence[Near]

    def together(
        self,
    ) -> tuple[npt.NDArray[np.integer], npt.NDArray[np.intp], FloatArray]:
        """Return, each (n,), all tokens that are near to some token of the query, the place in the
        query of that, and their similarity.
        """
        tokens = np.concatenate([found for found, _ in self.near])
        similarities = np.concatenate([found for _, found in self.near])
        places = np.repeat(np.arange(len(self.near)), [len(found) for found, _ in self.near])
        return tokens, places, similarities
