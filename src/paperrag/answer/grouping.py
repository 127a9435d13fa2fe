"""Scored entries -> the groups of the notes that a list question asks for: a heading or label most
of whose members score close to the best. Knows no question.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from paperrag.answer.weights import (
    SECTION_SHARE,
    Reach,
)
from paperrag.index.lines import Section
from paperrag.index.tables import EntryTable
from paperrag.search.scores import EntryScores


class Contenders:
    """The scored entries that say something, best first: all but labels, fields and, beside works,
    lines of an index.
    """

    def __init__(self, scored: EntryScores, entries: EntryTable) -> None:
        self.entries = entries
        self._same = scored.same
        is_silent = entries.are_part(scored.rows, "label", "field")
        positions = np.flatnonzero(~is_silent & ~scored.only_mention(entries))
        rows = scored.rows[positions].tolist()
        self.position_of = dict(zip(rows, positions.tolist(), strict=True))
        self.score_of = dict(zip(rows, scored.scores[positions].tolist(), strict=True))
        self.rows = list(self.position_of)
        self._best = self.score_of[self.rows[0]] if self.rows else 0.0

    def floor(self, share: float) -> float:
        """Return the score from which an entry has a share of the best."""
        return share * self._best

    def is_of_file(self, row: int) -> bool:
        """Whether an entry stands in a file that is about one work."""
        return bool(self.entries.is_of_file[row])

    def work(self, row: int) -> int | None:
        """Return the row that stands for an entry's work, None where it has none."""
        work = self.entries.work_row(row)
        return None if work is None else self._same.get(work, work)

    def unit(self, row: int) -> int:
        """Return the row that stands for an entry's work, the entry's own where it has none."""
        work = self.work(row)
        return row if work is None else work


class Groups:
    """The groups around entries that were asked for; `sections` are those found so far."""

    def __init__(self, among: Contenders, reach: Reach, works_only: bool) -> None:
        self.sections: list[Section] = []
        self._among, self._entries = among, among.entries
        self._share, self._works_only = reach.group_share, works_only
        self._close = among.floor(reach.close)

    def around(self, row: int) -> Sequence[int]:
        """Return the members of the widest group around a row that was asked for, or nothing."""
        source, path = self._entries.section(row)
        for wide in (True, False):
            section = (source, path[:-1] if wide else path)
            if self.hold(row):
                return ()
            if wide and len(path) < 2:
                continue
            members = self._members(section, wide)
            if self._was_asked_for(members) and (
                not wide or self._all_parts_were_asked_for(section, members)
            ):
                self.sections.append(section)
                return members
        return ()

    def hold(self, row: int) -> bool:
        """Whether a row stands in a group that was found."""
        source, path = self._entries.section(row)
        return any(
            source == group_source and path[: len(group)] == group
            for group_source, group in self.sections
        )

    def _all_parts_were_asked_for(self, section: Section, members: Sequence[int]) -> bool:
        """Whether most of a wide section speaks for it, and each group in it does by itself: a
        large one brings no others.
        """
        source, path = section
        paths = {self._entries.section(row)[1][: len(path) + 1] for row in members}
        groups = [part for part in paths if len(part) > len(path)]
        return self._speaking(members) >= SECTION_SHARE * len(members) and all(
            self._was_asked_for(self._members((source, part), deep=True), fewest=1)
            for part in groups
        )

    def _members(self, section: Section, deep: bool) -> list[int]:
        rows = self._entries.rows_below(section) if deep else self._entries.rows_in(section)
        members = [row for row in rows if row in self._among.score_of]
        if deep:
            members = [row for row in members if self._among.work(row) == row]
        if self._works_only:
            works = [row for row in members if self._among.work(row) is not None]
            if len(works) >= 2:
                return works
        return members

    def _was_asked_for(self, members: Sequence[int], fewest: int = 2) -> bool:
        return len(members) >= fewest and self._speaking(members) >= self._share * len(members)

    def _speaking(self, members: Sequence[int]) -> int:
        return sum(self._among.score_of[row] >= self._close for row in members)
