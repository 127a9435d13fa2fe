"""Late interaction: how well each word of a query is met by some word of a text.

ColBERT's MaxSim (Khattab & Zaharia 2020) over the token vectors of a static encoder. The mean
vector of a text says what it is about; this says whether each thing that was asked for is
there, in either language. Tokens of the breadcrumb count like the text's own and are kept
apart so that a hit can say which of the two was met.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Protocol

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import FloatArray, TokenEncoder, unit_rows

LEAST_SIMILARITY = 0.3
"""Cosines below this are chance between unrelated tokens and count as 0."""

KEPT_TOKENS = 4096
"""Tokens of questions whose near tokens are kept: most questions share their small words."""


@dataclass(frozen=True, slots=True)
class TokenLists:
    """Distinct token ids per row, twice: of the row's own text and of its breadcrumb.

    Row r's own tokens are `tokens[starts[2r]:starts[2r + 1]]`, its breadcrumb's end at
    `starts[2r + 2]`. Every list holds at least one token; 0 is the unknown token.
    """

    tokens: npt.NDArray[np.integer]
    starts: npt.NDArray[np.int64]

    @staticmethod
    def of(own: Sequence[Sequence[int]], breadcrumbs: Sequence[Sequence[int]]) -> TokenLists:
        """Return the lists of rows given as token ids."""
        lists = [
            sorted(set(ids)) or [0] for pair in zip(own, breadcrumbs, strict=True) for ids in pair
        ]
        starts = np.zeros(len(lists) + 1, dtype=np.int64)
        np.cumsum([len(ids) for ids in lists], out=starts[1:])
        return TokenLists(
            np.array([token for ids in lists for token in ids], dtype=np.int32), starts
        )

    @property
    def row_count(self) -> int:
        """Number of rows."""
        return (len(self.starts) - 1) // 2

    @property
    def used(self) -> npt.NDArray[np.integer]:
        """The tokens that occur, ascending."""
        return np.unique(self.tokens)

    def parts(
        self, rows: npt.NDArray[np.integer]
    ) -> Iterator[tuple[npt.NDArray[np.integer], TokenLists]]:
        """Yield the lists of some rows, and which of these rows they are."""
        yield np.arange(len(rows)), self.take(rows)

    def take(self, rows: npt.NDArray[np.integer]) -> TokenLists:
        """Return the lists of some rows, in the order given."""
        first, between, end = (self.starts[2 * rows + step] for step in range(3))
        lengths = np.stack([between - first, end - between], axis=1).ravel()
        starts = np.zeros(len(lengths) + 1, dtype=np.int64)
        np.cumsum(lengths, out=starts[1:])
        positions = np.repeat(first - starts[:-1:2], end - first)
        positions += np.arange(starts[-1])
        return TokenLists(self.tokens[positions], starts)

    @staticmethod
    def joined(parts: Sequence[TokenLists]) -> TokenLists:
        """Return the rows of several lists one after another."""
        offsets = np.cumsum([0, *(len(part.tokens) for part in parts)])
        starts = [part.starts[:-1] + offset for part, offset in zip(parts, offsets, strict=False)]
        return TokenLists(
            np.concatenate([part.tokens for part in parts]), np.concatenate([*starts, offsets[-1:]])
        )


class TokenSource(Protocol):
    """Where token lists are; TokenLists are one, the segments of an index another."""

    @property
    def used(self) -> npt.NDArray[np.integer]:
        """The tokens that occur, ascending."""

    def parts(
        self, rows: npt.NDArray[np.integer]
    ) -> Iterator[tuple[npt.NDArray[np.integer], TokenLists]]:
        """Yield the lists of some rows, and which of these rows they are."""


class LateInteraction:
    """MaxSim of queries against the rows of token lists."""

    def __init__(self, encoder: TokenEncoder, lists: TokenSource) -> None:
        self._encoder = encoder
        self._lists = lists
        used = lists.used
        self._slots = int(used.max(initial=0)) + 1
        vectors = unit_rows(encoder.token_vectors(used))
        vectors[used == 0] = 0.0
        self._near = lru_cache(KEPT_TOKENS)(partial(_near, encoder, used, vectors))

    def scores(self, query: str, rows: npt.NDArray[np.integer]) -> tuple[FloatArray, FloatArray]:
        """Return (score, score of the row's own text alone) in 0–1 for each row, shapes (r,).

        Score = sum over query tokens of |q| · max cos(q, t) over the row's tokens t, divided by
        the sum of |q|; the encoder learned |q| as the token's weight in a mean.
        """
        ids = self._encoder.token_ids([query])[0]
        if not ids or not len(rows):
            zeros = np.zeros(len(rows), dtype=np.float32)
            return zeros, zeros
        weights = np.linalg.norm(self._encoder.token_vectors(ids), axis=1)
        best = self._best(ids, rows)
        own, breadcrumb = best[:, 0::2], best[:, 1::2]
        share = weights / (weights.sum() or 1.0)
        return share @ np.maximum(own, breadcrumb), share @ own

    def _best(self, ids: Sequence[int], rows: npt.NDArray[np.integer]) -> FloatArray:
        """Return the greatest similarity of each query token with the lists of rows, (q, 2r).

        Few tokens of the lists are near any token of the query; only those are compared.
        """
        near = [self._near(token) for token in ids]
        slot = np.zeros(self._slots, dtype=np.int32)  # of a token among the near ones, 0 for none
        for tokens, _ in near:
            slot[tokens] = 1
        slot[slot > 0] = np.arange(1, 1 + np.count_nonzero(slot))
        similarity = np.zeros((len(ids), 1 + int(slot.max(initial=0))), dtype=np.float32)
        for number, (tokens, similarities) in enumerate(near):
            similarity[number, slot[tokens]] = similarities
        best = np.zeros((len(ids), 2 * len(rows)), dtype=np.float32)
        for places, lists in self._lists.parts(rows):
            slots = slot[lists.tokens]
            met = np.flatnonzero(slots)
            if len(met):
                columns = np.stack([2 * places, 2 * places + 1], axis=1).ravel()
                of_list = np.repeat(columns, np.diff(lists.starts))[met]
                firsts = np.flatnonzero(np.diff(of_list, prepend=-1))
                near_by_token = similarity[:, slots[met]]
                best[:, of_list[firsts]] = np.maximum.reduceat(near_by_token, firsts, axis=1)
        return best


def _near(
    encoder: TokenEncoder, used: npt.NDArray[np.integer], vectors: FloatArray, token: int
) -> tuple[npt.NDArray[np.integer], FloatArray]:
    """Return the used tokens that are near a token, and their similarities."""
    cosines = vectors @ unit_rows(encoder.token_vectors([token]))[0]
    near = np.flatnonzero(cosines >= LEAST_SIMILARITY)
    return used[near], cosines[near]
