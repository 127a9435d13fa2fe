"""Segments and the files in use -> rows of the whole index, in corpus order.

Files stand one after another as their names do, whichever segments they are in. Neighbouring files
that stand so in one segment too are a run; a column of the index is its runs, one after another.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from paperrag.index.rows import CHUNK_COLUMNS, COUNTS_IN, ENTRY_COLUMNS, LEVELS, moved
from paperrag.index.segment import Segment


class Run(NamedTuple):
    """Rows `start` to `stop` of a level in a segment, which begin at row `first` of the index."""

    segment: Segment
    start: int
    stop: int
    first: int


class Layout:
    """Where the rows of the files in use stand. places: the segment and number of each file."""

    def __init__(self, segments: Sequence[Segment], places: Sequence[tuple[int, int]]) -> None:
        self.segments = tuple(segments)
        at = np.array(places, dtype=np.int64).reshape(-1, 2)
        is_first = np.ones(len(at), dtype=bool)
        is_first[1:] = (np.diff(at, axis=0) != (0, 1)).any(axis=1)
        firsts = np.flatnonzero(is_first)
        lasts = np.append(firsts[1:], len(at)) - 1 if len(at) else firsts
        by_number = {segment.number: segment for segment in segments}
        self._numbers = at[firsts, 0]
        self._owners = [by_number[number] for number in self._numbers.tolist()]
        self.file_runs = list(zip(self._owners, at[firsts, 1], at[lasts, 1] + 1, strict=True))
        bounds = [(one.files[first], one.files[end]) for one, first, end in self.file_runs]
        self._bounds = np.array(bounds, dtype=np.int64).reshape(-1, 2, len(LEVELS))
        self._firsts = np.zeros((len(firsts) + 1, len(LEVELS)), dtype=np.int64, order="F")
        np.cumsum(self._bounds[:, 1] - self._bounds[:, 0], axis=0, out=self._firsts[1:])
        steps = self._bounds[:, 0] - self._firsts[:-1]
        self._places = {
            level: (self._firsts[:-1, at].tolist(), steps[:, at].tolist())
            for at, level in enumerate(LEVELS)
        }
        self._rows_of: dict[tuple[str, int], npt.NDArray[np.int32]] = {}
        self._shifts: dict[tuple[str, int], int | None] = {}

    def count(self, level: str) -> int:
        """Return how many rows of a level there are."""
        return int(self._firsts[-1, LEVELS.index(level)])

    def runs(self, level: str) -> Iterator[Run]:
        """Yield the runs in order."""
        at = LEVELS.index(level)
        bounds, firsts = self._bounds[:, :, at].tolist(), self._firsts[:, at].tolist()
        for owner, (start, stop), first in zip(self._owners, bounds, firsts, strict=False):
            yield Run(owner, start, stop, first)

    def column(self, name: str) -> npt.NDArray[Any]:
        """Return a column of all rows, row numbers in it counted in the index."""
        level, dtype = (
            ("entry", ENTRY_COLUMNS[name])
            if name in ENTRY_COLUMNS
            else ("chunk", CHUNK_COLUMNS[name])
        )
        parts = [run.segment.column(name)[run.start : run.stop] for run in self.runs(level)]
        if name in COUNTS_IN:
            counted = list(self.runs(COUNTS_IN[name]))
            parts = [
                moved(part, run.first - run.start) for part, run in zip(parts, counted, strict=True)
            ]
        if len(parts) == 1:
            return parts[0]
        return np.concatenate(parts).astype(dtype, copy=False) if parts else np.empty(0, dtype)

    def place(self, level: str, row: int) -> tuple[Segment, int]:
        """Return the segment of a row, and which row of it it is."""
        starts, shifts = self._places[level]
        run = bisect_right(starts, row) - 1
        return self._owners[run], row + shifts[run]

    def file_rows(self, level: str, row: int) -> range:
        """Return the rows of the file that a row is of."""
        segment, inside = self.place(level, row)
        bounds = segment.files[:, LEVELS.index(level)]
        end = int(np.searchsorted(bounds, inside, side="right"))
        first = row - inside
        return range(first + int(bounds[end - 1]), first + int(bounds[end]))

    def by_segment(
        self, level: str, rows: npt.NDArray[np.integer]
    ) -> Iterator[tuple[Segment, npt.NDArray[np.integer], npt.NDArray[np.integer]]]:
        """Yield the segments that some rows are in, which of the rows those are, and their rows in
        the segment.
        """
        at = LEVELS.index(level)
        if len(self._owners) == 1:
            yield self._owners[0], np.arange(len(rows)), rows + self._bounds[0, 0, at]
            return
        run = np.searchsorted(self._firsts[:, at], rows, side="right") - 1
        inside = rows + (self._bounds[run, 0, at] - self._firsts[run, at])
        numbers = self._numbers[run] if len(rows) else run
        for segment in self.segments:
            places = np.flatnonzero(numbers == segment.number)
            if len(places):
                yield segment, places, inside[places]

    def shift(self, level: str, segment: Segment) -> int | None:
        """Return by what the rows of a segment count less than in the index, None where some are
        dead or stand apart.
        """
        key = (level, segment.number)
        if key not in self._shifts:
            runs = [run for run in self.runs(level) if run.segment is segment]
            is_whole = len(runs) == 1 and runs[0].stop - runs[0].start == segment.counts[level]
            self._shifts[key] = runs[0].first if is_whole else None
        return self._shifts[key]

    def rows_of(self, level: str, segment: Segment) -> npt.NDArray[np.int32]:
        """Return the row in the index of each row of a segment, -1 of those that are dead."""
        key = (level, segment.number)
        if key not in self._rows_of:
            rows = np.full(segment.counts[level], -1, dtype=np.int32)
            for run in self.runs(level):
                if run.segment is segment:
                    rows[run.start : run.stop] = np.arange(
                        run.first, run.first + run.stop - run.start, dtype=np.int32
                    )
            self._rows_of[key] = rows
        return self._rows_of[key]
