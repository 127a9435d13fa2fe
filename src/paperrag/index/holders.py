"""Token lists turned around: which rows hold a token.

A question has some twenty tokens, the rows that it is held against have a hundred thousand: looking
at those that hold one of the twenty takes a tenth of looking through all.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from msgspec.structs import replace

from paperrag.encoders.contract import FloatArray
from paperrag.index.arrays import places_of_distinct
from paperrag.index.late import TokenLists
from paperrag.index.near_tokens import NearTokens


class TokenHolders(Struct, frozen=True):
    """Token `tokens[i]` is in the lists `lists[starts[i]:starts[i + 1]]`: r is the own text of row
    r of n, n + r its breadcrumb. rows: those of which similarities are told.
    """

    tokens: npt.NDArray[np.integer]
    starts: npt.NDArray[np.int64]
    lists: npt.NDArray[np.intp]
    row_count: int
    rows: npt.NDArray[np.integer]

    @staticmethod
    def of(lists: TokenLists) -> TokenHolders:
        """Return token lists turned around."""
        order = np.argsort(lists.tokens, kind="stable")
        tokens, starts, _ = places_of_distinct(lists.tokens[order].astype(np.int64))
        every = np.arange(2 * lists.row_count).reshape(2, -1).ravel("F")
        holding = np.repeat(every, np.diff(lists.starts))[order]
        rows = np.arange(lists.row_count)
        return TokenHolders(tokens, np.append(starts, len(order)), holding, len(rows), rows)

    def of_rows(self, rows: npt.NDArray[np.integer]) -> TokenHolders:
        """Return what tells of some rows, in the order given."""
        return replace(self, rows=rows)

    def scores(self, near: NearTokens, share: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the scores of rows; see `ComparedTokens`."""
        best = np.zeros((near.query_tokens, 2 * self.row_count), dtype=np.float32)
        first, end = (
            self.starts[np.searchsorted(self.tokens, near.tokens, side)]
            for side in ("left", "right")
        )
        found = np.flatnonzero(end > first)
        columns = (near.places, first, end, near.similarities)
        for place, start, stop, similarity in zip(
            *(one[found].tolist() for one in columns), strict=True
        ):
            best[place][self.lists[start:stop]] = similarity  # the greatest is written last
        own, breadcrumb = best[:, : self.row_count], best[:, self.row_count :]
        return (share @ np.maximum(own, breadcrumb))[self.rows], (share @ own)[self.rows]
