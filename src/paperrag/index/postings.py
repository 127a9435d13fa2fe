"""Which chunks hold a word, and what tokens a chunk has, over all segments of an index."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from paperrag.index.arrays import distinct
from paperrag.index.late import ComparedTokens
from paperrag.index.layout import Layout
from paperrag.index.segment import Segment


class WordTable(Struct, frozen=True):
    """The postings of all segments."""

    layout: Layout

    def find(self, term_id: int) -> tuple[npt.NDArray[np.integer], npt.NDArray[np.integer]]:
        """Return the chunk rows that hold a term, ascending, and how often each does."""
        every = (self._in(segment, term_id) for segment in self.layout.segments)
        found = [one for one in every if len(one[0])]
        if not found:
            return np.empty(0, np.int32), np.empty(0, np.uint8)
        if len(found) == 1:
            return found[0]
        rows = np.concatenate([rows for rows, _ in found])
        counts = np.concatenate([counts for _, counts in found])
        if all(one[-1] < other[0] for (one, _), (other, _) in pairwise(found)):
            return rows, counts
        order = np.argsort(rows, kind="stable")
        return rows[order], counts[order]

    def _in(
        self, segment: Segment, term_id: int
    ) -> tuple[npt.NDArray[np.integer], npt.NDArray[np.integer]]:
        inside, counts = segment.postings_of(term_id)
        shift = self.layout.shift("chunk", segment)
        if shift is not None:
            return inside + np.int32(shift), counts
        rows = self.layout.rows_of("chunk", segment)[inside]
        kept = rows >= 0  # ascending, for a segment's files are in corpus order too
        return (rows, counts) if kept.all() else (rows[kept], counts[kept])


class TokenTable(Struct, frozen=True):
    """The token lists of all segments."""

    layout: Layout

    @property
    def used(self) -> npt.NDArray[np.integer]:
        """The tokens that occur, ascending."""
        every = [segment.arrays.whole("token_used") for segment in self.layout.segments]
        return distinct(np.concatenate([np.empty(0, np.int64), *every])).astype(np.int64)

    def parts(
        self, rows: npt.NDArray[np.integer]
    ) -> Iterator[tuple[npt.NDArray[np.integer], ComparedTokens]]:
        """Yield the lists of some chunk rows, and which of these rows they are."""
        for segment, places, inside in self.layout.by_segment("chunk", rows):
            yield places, segment.tokens_compared(inside)
