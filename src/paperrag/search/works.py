"""Ranked entries -> ranked works, each with what tells whether it belongs to a list.

A work is as near as its best entry. Beside it stands how near the work is as a whole, and how
much it is like the works that lead: members of a list are kin.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import FloatArray, unit_rows
from paperrag.index.engine import Snapshot
from paperrag.index.tables import EntryTable
from paperrag.search.scoring import EntryScores

FIELD = 60
"""Works that are looked at; a list is seldom longer, and they are what a work is compared with."""

MeansOf = Callable[[npt.NDArray[np.int64]], FloatArray]
"""Rows that stand for works (n,) -> the mean vector of each, (n, d) at unit length."""

KEPT_MEANS = 4096
"""Of works, 4 MB with the bundled encoder."""

LEADING = 3
"""Works that the others are held against."""


@dataclass(frozen=True, slots=True)
class RankedWorks:
    """The first works of a ranking, each array (n,): the row that stands for each, the row of its
    best entry, the score of that.

    words: the best share of the question's words in one of its entries. whole: cosine of the
    question and the mean of the work's vectors. kin: cosine of that mean and the leading works'.
    """

    units: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]
    scores: FloatArray
    words: FloatArray
    whole: FloatArray
    kin: FloatArray

    def __len__(self) -> int:
        """Return the number of works."""
        return len(self.units)

    def are_files(self, entries: EntryTable) -> bool:
        """Whether at least half of the works have files of their own."""
        flags = entries.is_of_file[self.rows]
        return 2 * int(flags.sum()) >= len(flags)


def ranked_works(scored: EntryScores, entries: EntryTable, means_of: MeansOf) -> RankedWorks:
    """Return the works of scored entries, best first; entries that only name a group are none."""
    silent = entries.are_part(scored.rows, "label", "field")
    positions = np.flatnonzero(~silent)
    names, first, number = np.unique(
        scored.units(entries)[positions], return_index=True, return_inverse=True
    )
    looked_at = np.argsort(first)[:FIELD]
    units, heads = names[looked_at], positions[first[looked_at]]
    words = np.zeros(len(names), dtype=np.float32)
    np.maximum.at(words, number, scored.chunks.lexical[scored.best[positions]])
    means = means_of(units)
    query = scored.chunks.query
    return RankedWorks(
        units,
        scored.rows[heads],
        scored.scores[heads],
        words[looked_at],
        means @ query if query is not None else np.zeros(len(units), dtype=np.float32),
        _kinship(means),
    )


class WorkMeans:
    """The mean vector of each work's chunks, brought to unit length; those asked for are kept."""

    def __init__(self, data: Snapshot) -> None:
        self._data = data
        self._known: dict[int, FloatArray] = {}

    def __call__(self, units: npt.NDArray[np.int64]) -> FloatArray:
        """Return the means of works, given by the rows that stand for them, (n, d)."""
        wanted = units.tolist()
        missing = [unit for unit in wanted if unit not in self._known]
        if len(self._known) + len(missing) > KEPT_MEANS:
            self._known.clear()
            missing = wanted
        self._known |= zip(missing, self._means(missing), strict=True)
        means = [self._known[unit] for unit in wanted]
        return (
            np.stack(means) if means else np.empty((0, self._data.manifest.dimension), np.float32)
        )

    def _means(self, units: list[int]) -> FloatArray:
        entry_of = self._data.chunks.entry
        sums = np.zeros((len(units), self._data.manifest.dimension), dtype=np.float32)
        for number, unit in enumerate(units):
            rows = self._data.entries.unit_rows(unit)
            first, end = np.searchsorted(entry_of, [rows[0], rows[-1] + 1])
            is_of = np.isin(entry_of[first:end], rows, kind="table")
            chunks = np.flatnonzero(is_of) + first
            sums[number] = self._data.vectors_of(chunks).sum(axis=0)
        return unit_rows(sums)


def _kinship(means: FloatArray) -> FloatArray:
    """Return how much each work is like the leading ones, a leading one like the others of them."""
    leading = means[:LEADING]
    sums = np.tile(leading.sum(axis=0), (len(means), 1))
    if len(leading) > 1:
        sums[: len(leading)] -= leading
    likeness: FloatArray = np.sum(means * unit_rows(sums), axis=1)
    return likeness
