"""Token lists turned around: which rows hold a token.

A question has some twenty tokens, the rows that it is held against have a hundred thousand: looking
at those that hold one of the twenty takes a tenth of looking through all.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from msgspec import Struct, field
from msgspec.structs import replace

from paperrag.encoders.contract import FloatArray, Near
from paperrag.index.arrays import places_of_distinct
from paperrag.index.late import TokenLists
from paperrag.index.near_tokens import NearTokens

KEPT_BYTES = 1 << 25
"""Of what was found for tokens of questions, which share most of their tokens with others: 340 of
them at 11,517 chunks, where questions that nobody asked before find eleven in twelve; over real
notes, whose words are more, they find six in ten.
"""


class TokenHolders(Struct, frozen=True):
    """Token `tokens[i]` is in the lists `lists[starts[i]:starts[i + 1]]`: r is the own text of row
    r of n, n + r its breadcrumb. rows: those of which similarities are told. known: what was
    found for tokens.
    """

    tokens: npt.NDArray[np.integer]
    starts: npt.NDArray[np.int64]
    lists: npt.NDArray[np.intp]
    row_count: int
    rows: npt.NDArray[np.integer]
    known: dict[int, FloatArray] = field(default_factory=dict)

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
        sums, weighted = np.zeros((2, 2, self.row_count), dtype=np.float32)
        for token, weight, near_it in zip(near.query, share, near.near, strict=True):
            sums += np.multiply(self._best(token, near_it), weight, out=weighted)
        own, whole = sums
        return whole[self.rows], own[self.rows]

    def _best(self, token: int, near: Near) -> FloatArray:
        """Return (2, row_count) how near what is nearest to a token is in the own text of each row,
        and in that or its breadcrumb.
        """
        best = self.known.get(token)
        if best is None:
            self.known[token] = best = self._found(*near)
            if len(self.known) * best.nbytes > KEPT_BYTES:
                del self.known[next(iter(self.known))]
        return best

    def _found(self, tokens: npt.NDArray[np.integer], similarities: FloatArray) -> FloatArray:
        best = np.zeros(2 * self.row_count, dtype=np.float32)
        order = np.argsort(similarities)
        first, end = (
            self.starts[np.searchsorted(self.tokens, tokens[order], side)].tolist()
            for side in ("left", "right")
        )
        for start, stop, similarity in zip(first, end, similarities[order], strict=True):
            best[self.lists[start:stop]] = similarity  # the greatest is written last
        own, either = found = best.reshape(2, -1)
        np.maximum(own, either, out=either)
        return found
