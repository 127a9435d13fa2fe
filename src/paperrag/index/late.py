"""Late interaction: how well each word of a query is met by some word of a text.

ColBERT's MaxSim (Khattab & Zaharia 2020) over the token vectors of a static encoder. The mean
vector of a text says what it is about; this says whether each thing that was asked for is
there, in either language. Tokens of the breadcrumb count like the text's own and are kept
apart so that a hit can say which of the two was met.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from paperrag.encoders.contract import FloatArray, Near, NearEncoder, TokenEncoder, unit_rows
from paperrag.index.arrays import distinct, holds, ranges
from paperrag.index.near_tokens import NearTokens

LEAST_SIMILARITY = 0.3
"""Cosines below this are chance between unrelated tokens and count as 0. By hand;
`benchmarks/ablate.py --weight late` measures it.
"""

BLAS_ROWS = 8
"""Tokens are compared in eights: five at once take longer."""

KEPT_TOKENS = 4096
"""Tokens of questions whose near tokens are kept: most questions share their small words."""


class TokenLists(Struct, frozen=True):
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
    ) -> Iterator[tuple[npt.NDArray[np.integer], ComparedTokens]]:
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
        return TokenLists(self.tokens.take(ranges(first, end)), starts)

    def scores(self, near: NearTokens, share: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the scores of rows; see `ComparedTokens`.

        Few tokens of the lists are near any token of the query; only those are compared.
        """
        tokens, places, similarities = near.together()
        kind = np.min_scalar_type(len(tokens))  # small, for it is looked up for each token
        slots = int(max(tokens.max(initial=0), self.tokens.max(initial=0))) + 1
        slot = np.zeros(slots, dtype=kind)  # of a token among the near ones, 0 for none
        slot[tokens] = np.arange(1, 1 + len(tokens))
        table = np.zeros((len(near.query), 1 + len(tokens)), dtype=np.float32)
        table[places, slot[tokens]] = similarities
        slot_at = slot.take(self.tokens)
        met = np.flatnonzero(slot_at > 0)
        ends = np.searchsorted(met, self.starts)
        meeting = np.flatnonzero(ends[1:] > ends[:-1])
        best = np.zeros((len(near.query), len(ends) - 1), dtype=np.float32)
        best[:, meeting] = np.maximum.reduceat(table[:, slot_at[met]], ends[meeting], axis=1)
        own, breadcrumb = best[:, 0::2], best[:, 1::2]
        return share @ np.maximum(own, breadcrumb), share @ own

    @staticmethod
    def joined(parts: Sequence[TokenLists]) -> TokenLists:
        """Return the rows of several lists one after another."""
        offsets = np.cumsum([0, *(len(part.tokens) for part in parts)])
        starts = [part.starts[:-1] + offset for part, offset in zip(parts, offsets, strict=False)]
        return TokenLists(
            np.concatenate([part.tokens for part in parts]), np.concatenate([*starts, offsets[-1:]])
        )


class ComparedTokens(Protocol):
    """The token lists of some rows, however they are kept."""

    def scores(self, near: NearTokens, share: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the score of each of r rows, and of its own text alone, each (r,); share: (q,) of
        each token of the query.
        """


class TokenSource(Protocol):
    """Where token lists are; TokenLists are one, the segments of an index another."""

    @property
    def used(self) -> npt.NDArray[np.integer]:
        """The tokens that occur, ascending."""

    def parts(
        self, rows: npt.NDArray[np.integer]
    ) -> Iterator[tuple[npt.NDArray[np.integer], ComparedTokens]]:
        """Yield the lists of some rows, and which of these rows they are."""


class _Told(NamedTuple):
    """What is told of a token of queries: its weight, and the used ones that are near it."""

    weight: float
    near: Near


class LateInteraction:
    """MaxSim of queries against the rows of token lists."""

    def __init__(self, encoder: TokenEncoder, lists: TokenSource) -> None:
        self._encoder = encoder
        self._lister = encoder if isinstance(encoder, NearEncoder) else None
        self._lists = lists
        self._used = lists.used
        self._known: dict[int, _Told] = {}

    def scores(self, query: str, rows: npt.NDArray[np.integer]) -> tuple[FloatArray, FloatArray]:
        """Return (score, score of the row's own text alone) in 0–1 for each row, shapes (r,).

        Score = sum over query tokens of |q| · max cos(q, t) over the row's tokens t, divided by
        the sum of |q|; the encoder learned |q| as the token's weight in a mean.
        """
        times = Counter(self._encoder.token_ids([query])[0])
        if not times or not len(rows):
            zeros = np.zeros(len(rows), dtype=np.float32)
            return zeros, zeros
        told = self._told(list(times))
        weights = np.array([one.weight for one in told]) * np.array(list(times.values()))
        share = (weights / (weights.sum() or 1.0)).astype(np.float32)
        near = NearTokens(list(times), [one.near for one in told])
        whole, own = np.empty((2, len(rows)), dtype=np.float32)
        for places, lists in self._lists.parts(rows):
            whole[places], own[places] = lists.scores(near, share)
        return whole, own

    def _told(self, tokens: Sequence[int]) -> list[_Told]:
        """Return what is told of some tokens."""
        if unknown := [token for token in tokens if token not in self._known]:
            if len(self._known) + len(unknown) > KEPT_TOKENS:
                self._known.clear()
                unknown = list(tokens)
            weights = np.linalg.norm(self._encoder.token_vectors(unknown), axis=1).tolist()
            near = self._near(unknown)
            self._known |= zip(unknown, map(_Told, weights, near), strict=True)
        return [self._known[token] for token in tokens]

    def _near(self, tokens: Sequence[int]) -> Iterator[Near]:
        """Yield for each of some tokens the used ones that are near it, and their similarities."""
        lister = self._lister
        listed = lister.near_tokens(tokens, LEAST_SIMILARITY) if lister else None
        if listed is None:
            yield from self._compared(tokens)
        for near, similarities in listed or ():
            is_used = holds(self._used, near)
            yield near[is_used], similarities[is_used]

    def _compared(self, tokens: Sequence[int]) -> Iterator[Near]:
        """Yield what is near to tokens that no list tells of, compared together: what takes time is
        reading all that is used, 20 MB of it.
        """
        rows = np.zeros((_whole(len(tokens), BLAS_ROWS), self._vectors.shape[1]), dtype=np.float32)
        rows[: len(tokens)] = unit_rows(self._encoder.token_vectors(tokens))
        cosines = (self._vectors @ rows.T).ravel()
        near = np.flatnonzero(cosines >= LEAST_SIMILARITY)
        used, token = np.divmod(near, len(rows))
        for place in range(len(tokens)):
            of_token = token == place
            yield self._used[used[of_token]], cosines[near[of_token]]

    @cached_property
    def _vectors(self) -> FloatArray:
        vectors = unit_rows(self._encoder.token_vectors(self._used))
        vectors[self._used == 0] = 0.0
        return vectors


def _whole(count: int, of: int) -> int:
    return -(-count // of) * of
