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
    silent = entries.rows_of_part("label", "field")[scored.rows]
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


def work_means(data: Snapshot, units: npt.NDArray[np.int64]) -> FloatArray:
    """Return the mean vector of each work's chunks, brought to unit length."""
    place = np.full(len(data.entries), -1, dtype=np.int64)
    place[units] = np.arange(len(units))
    of_chunk = place[data.entries.units[data.chunks.entry]]
    rows = np.flatnonzero(of_chunk >= 0)
    is_of = (of_chunk[rows] == np.arange(len(units))[:, np.newaxis]).astype(np.float32)
    sums: FloatArray = is_of @ data.vectors_of(rows)
    return unit_rows(sums)


def _kinship(means: FloatArray) -> FloatArray:
    """Return how much each work is like the leading ones, a leading one like the others of them."""
    leading = means[:LEADING]
    sums = np.tile(leading.sum(axis=0), (len(means), 1))
    if len(leading) > 1:
        sums[: len(leading)] -= leading
    likeness: FloatArray = np.sum(means * unit_rows(sums), axis=1)
    return likeness
