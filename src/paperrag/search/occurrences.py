"""A name or an id -> where one loaded index holds it as it is. Knows no question."""

from __future__ import annotations

from functools import reduce

import numpy as np
import numpy.typing as npt

from paperrag.index.arrays import distinct, holds
from paperrag.index.engine import Snapshot
from paperrag.index.lexical import tokenize

MOST_READ = 2000
"""Entries that are read for a name; one that more of them hold is a word of the field."""


class Occurrences:
    """Finds the chunks and entries of one loaded index that hold a text."""

    def __init__(self, data: Snapshot) -> None:
        self._data = data

    def chunks_with_words(self, text: str) -> npt.NDArray[np.integer]:
        """Return the chunk rows that hold every word of a text."""
        rows_of_words = [self._data.rows_with(word) for word in dict.fromkeys(tokenize(text))]
        return reduce(_in_both, rows_of_words) if rows_of_words else np.empty(0, dtype=np.int32)

    def entries_with(self, text: str, among: npt.NDArray[np.integer] | None = None) -> list[int]:
        """Return the entries, or those of some, that hold every word of a text in one chunk, and it
        as it is, case aside.
        """
        rows = self._entries_with_words(text)
        looked_at = (rows if among is None else rows[holds(np.sort(among), rows)]).tolist()
        wanted = text.lower()
        return [row for row in looked_at if wanted in self._data.entries.text(row).lower()]

    def entries_saying(self, name: str) -> list[int]:
        """Return the entries that hold a name; of one that very many hold, those that name a work
        or say what it does.
        """
        rows = self._entries_with_words(name)
        among = rows[self._data.entries.stands_for_unit[rows]] if len(rows) > MOST_READ else rows
        return self.entries_with(name, among)

    def entries_of(self, units: npt.NDArray[np.int64], name: str) -> list[int]:
        """Return the entries of some units, ascending, that hold a name, none of one that too many
        chunks hold to tell anything.
        """
        rows = self.chunks_with_words(name)
        if len(rows) > MOST_READ:
            return []
        entries = self._data.chunks.entry[rows]
        return self.entries_with(name, entries[holds(units, self._data.entries.units[entries])])

    def _entries_with_words(self, text: str) -> npt.NDArray[np.integer]:
        return distinct(self._data.chunks.entry[self.chunks_with_words(text)])


def _in_both(
    one: npt.NDArray[np.integer], other: npt.NDArray[np.integer]
) -> npt.NDArray[np.integer]:
    few, many = sorted((one, other), key=len)
    return few[holds(many, few)]
