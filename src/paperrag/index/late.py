"""Late interaction: how well each word of a query is met by some word of a text.

ColBERT's MaxSim (Khattab & Zaharia 2020) over the token vectors of a static encoder. The mean
vector of a text says what it is about; this says whether each thing that was asked for is
there, in either language. Tokens of the breadcrumb count like the text's own and are kept
apart so that a hit can say which of the two was met.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache, partial
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import FloatArray, TokenEncoder, unit_rows
from paperrag.frozen import dataclass
from paperrag.index.arrays import distinct, places_of_distinct

LEAST_SIMILARITY = 0.3
"""Cosines below this are chance between unrelated tokens and count as 0. By hand;
`benchmarks/ablate.py --weight late` measures it.
"""

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
        return distinct(self.tokens)

    def parts(
        self, rows: npt.NDArray[np.integer]
    ) -> Iterator[tuple[npt.NDArray[np.integer], TokenLists]]:
        """Yield the lists of some rows, and which of these rows they are."""
        yield np.arange(len(rows)), self.take(rows)

    def take(self, rows: npt.NDArray[np.integer]) -> TokenLists:
        """Return the lists of some rows, in the order given; those of neighbours are not copied."""
        if len(rows) and (np.diff(rows) == 1).all():
            starts = self.starts[2 * int(rows[0]) : 2 * int(rows[-1]) + 3]
            return TokenLists(self.tokens[starts[0] : starts[-1]], starts - starts[0])
        first, between, end = (self.starts[2 * rows + step] for step in range(3))
        lengths = np.stack([between - first, end - between], axis=1).ravel()
        starts = np.zeros(len(lengths) + 1, dtype=np.int64)
        np.cumsum(lengths, out=starts[1:])
        positions = np.repeat(first - starts[:-1:2], end - first)
        positions += np.arange(starts[-1])
        return TokenLists(self.tokens.take(positions), starts)

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
        pairs = _Pairs.of([self._near(token) for token in ids])
        kind = np.min_scalar_type(len(pairs.tokens))  # small, for it is looked up for each token
        slot = np.zeros(self._slots, dtype=kind)  # of a token among the near ones, 0 for none
        slot[pairs.tokens] = np.arange(1, 1 + len(pairs.tokens))
        best = np.zeros((len(ids), 2 * len(rows)), dtype=np.float32)
        is_met = np.zeros((len(pairs.tokens), 2 * len(rows)), dtype=np.float32)
        for places, lists in self._lists.parts(rows):
            slots = slot.take(lists.tokens)
            met = np.flatnonzero(slots != 0)
            in_list = np.diff(np.searchsorted(met, lists.starts))
            columns = np.repeat(np.add.outer(2 * places, (0, 1)).ravel(), in_list)
            is_met[slots[met] - 1, columns] = 1
        pairs.raise_to(best, is_met)
        return best


class _Pairs(NamedTuple):
    """Tokens near to those of a query: token i, the i-th of `tokens`, is near to the places
    `queries[starts[i]:starts[i + 1]]` of the query. Few are near to more than one.
    """

    tokens: npt.NDArray[np.integer]
    starts: npt.NDArray[np.int64]
    queries: npt.NDArray[np.int64]
    similarities: FloatArray

    @staticmethod
    def of(near: Sequence[tuple[npt.NDArray[np.integer], FloatArray]]) -> _Pairs:
        """Return the pairs of a query's tokens, each given by what is near to it."""
        tokens = np.concatenate([found for found, _ in near])
        order = np.argsort(tokens, kind="stable")
        near_ones, starts, _ = places_of_distinct(tokens[order])
        queries = np.repeat(np.arange(len(near)), [len(found) for found, _ in near])
        similarities = np.concatenate([found for _, found in near])
        return _Pairs(
            near_ones, np.append(starts, len(tokens)), queries[order], similarities[order]
        )

    def raise_to(self, best: FloatArray, is_met: FloatArray) -> None:
        """Raise `best` (queries, columns) to the similarities of the tokens that are met; is_met:
        (tokens, columns), 1 where one is, else 0.
        """
        counts = np.diff(self.starts)
        tokens = np.repeat(np.arange(len(counts)), counts).tolist()
        pairs = zip(tokens, self.queries.tolist(), self.similarities.tolist(), strict=True)
        for token, query, similarity in pairs:
            np.maximum(best[query], is_met[token] * np.float32(similarity), out=best[query])


def _near(
    encoder: TokenEncoder, used: npt.NDArray[np.integer], vectors: FloatArray, token: int
) -> tuple[npt.NDArray[np.integer], FloatArray]:
    """Return the used tokens that are near a token, and their similarities."""
    cosines = vectors @ unit_rows(encoder.token_vectors([token]))[0]
    near = np.flatnonzero(cosines >= LEAST_SIMILARITY)
    return used[near], cosines[near]
