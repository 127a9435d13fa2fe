"""Chunks of an index by row, over all of its segments. Rows stand in the order of the entries'."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt

from paperrag.index.layout import Layout


class ChunkTable:
    """Chunks as arrays, each (n,): entry row, and span in the entry's text."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def __len__(self) -> int:
        """Return the number of chunks."""
        return self._layout.count("chunk")

    @cached_property
    def entry(self) -> npt.NDArray[np.int32]:
        """The row of each chunk's entry."""
        return self._layout.column("chunk_entry")

    @cached_property
    def start(self) -> npt.NDArray[np.int32]:
        """Where each begins in its entry's text."""
        return self._layout.column("chunk_start")

    @cached_property
    def end(self) -> npt.NDArray[np.int32]:
        """Where each ends in its entry's text."""
        return self._layout.column("chunk_end")

    @cached_property
    def words(self) -> npt.NDArray[np.int32]:
        """How many words each has."""
        return self._layout.column("chunk_words")
