"""Entries that say the same in several files -> the one that stands for all. Knows no scores.

Copies of a note (a backup, the inbox and the archive) would take every place of a list of hits and
tie with each other. A long text is the same wherever it stands; a short one only at the same place
in its file: "ablation missing" of two papers are two remarks.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt

from paperrag.index.tables import EntryTable
from paperrag.notes.folders import folders_of
from paperrag.records import Entry

LONG_TEXT_CHARS = 60
"""From which on no two people, and no two papers, say a thing in the same words."""


class Twins:
    """Which rows of an index are twins."""

    def __init__(self, entries: EntryTable) -> None:
        self._entries = entries

    def without(self, allowed: npt.NDArray[np.bool_] | None) -> npt.NDArray[np.bool_] | None:
        """Return which of the allowed entries are looked at, None for all: of twins, those of the
        first file that may be.
        """
        if not self._groups:
            return allowed
        return self._first_of_all if allowed is None else self._first_among(allowed)

    @cached_property
    def _first_of_all(self) -> npt.NDArray[np.bool_]:
        return self._first_among(np.ones(len(self._entries), dtype=bool))

    def _first_among(self, allowed: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        kept = allowed.copy()
        for group in self._groups:
            rows = [row for row in group if kept[row]]
            for row in rows:
                kept[row] = self._entries.source(row) == self._entries.source(rows[0])
        return kept

    def of(self, row: int) -> tuple[Entry, ...]:
        """Return the twins of an entry in other files, in corpus order."""
        group, source = self._group_of.get(row, ()), self._entries.source
        others = [other for other in group if source(other) != source(row)]
        return tuple(map(self._entries.get, others))

    @cached_property
    def _group_of(self) -> dict[int, list[int]]:
        return {row: group for group in self._groups for row in group}

    @cached_property
    def _groups(self) -> list[list[int]]:
        """The rows of each group of twins, in corpus order."""
        hashes = self._entries.columns["text_hash"]
        order = np.argsort(hashes, kind="stable")
        is_next = np.r_[False, hashes[order][1:] == hashes[order][:-1], False]
        firsts = np.flatnonzero(~is_next[:-1] & is_next[1:]).tolist()
        lasts = np.flatnonzero(is_next[:-1] & ~is_next[1:]).tolist()
        equal = [order[a : b + 1].tolist() for a, b in zip(firsts, lasts, strict=True)]
        groups = [group for rows in equal for group in self._at_one_place(rows)]
        return [rows for rows in groups if len({self._entries.source(row) for row in rows}) > 1]

    def _at_one_place(self, rows: list[int]) -> list[list[int]]:
        """Rows of the same text, apart by where they stand in their files unless it is long."""
        if len(self._entries.get(rows[0]).text) >= LONG_TEXT_CHARS:
            return [rows]
        by_place: dict[tuple[str, ...], list[int]] = {}
        for row in rows:
            source, path = self._entries.section(row)
            by_place.setdefault(path[len(folders_of(source)) :], []).append(row)
        return list(by_place.values())
