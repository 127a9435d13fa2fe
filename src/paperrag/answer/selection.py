"""Scored entries -> the entries that an answer rests on. List questions are answered whole.

One entry answers a single question; a topic, as many as lie about as near as the best. A list
question is answered with groups: when at least half of what stands under one heading or label
scores close to the best entry, the group is what was asked for and all its members are taken,
also those that say little themselves. Other entries join only when they score about as high as
the best. A question for papers or methods is answered with works: one entry each, remarks that
belong to no work left out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from paperrag.index.lines import Section
from paperrag.index.tables import EntryTable
from paperrag.question.names import says_name
from paperrag.search.membership import likely
from paperrag.search.scoring import EntryScores
from paperrag.search.works import RankedWorks

TIED = 0.98
"""Share of the best score from which a second entry cannot be told apart from the first."""

Closeness = tuple[float, float]
"""A share of the best score, and a distance from it; the closer bound counts. The share matters
when scores are low, the distance when all of a section shares the words of the question."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far from the best entry those lie that belong to an answer.

    near: entries of one work that belong. close: members of a group that speak for it.
    group_share: of a group's members, how many must speak for it.
    """

    near: Closeness
    close: Closeness
    group_share: float


LEAST_BESIDE_LISTS = 0.9
"""Where most works found are bullets of lists, which the probabilities were not fitted on."""

LIST = Reach(near=(0.8, 0.08), close=(0.72, 0.15), group_share=0.5)

TOPIC = Reach(near=(0.93, 0.06), close=(0.84, 0.1), group_share=0.67)
"""A topic may be about one entry or several. Over ten sets of questions citation precision is 0.81
and recall 0.78, with the reach of lists for topics 0.78 and 0.79, with the best entry alone 0.81
and 0.76."""

WHOLE = Reach(near=(0.0, 1.0), close=(0.0, 1.0), group_share=1.0)
"""Whatever was looked at."""

SECTION_SHARE = 0.75
"""Share of members that must speak for a whole section with its groups; each of these must be
asked for by itself, too.
"""

_LEADING_ENTRIES = 3

Related = Callable[[int], Collection[int]]
"""Row of an entry -> rows of the notes or abstracts about the same paper."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Positions in the scores, in the order of the answer, and the section they share, if they do.

    `left_out` counts entries that belong to the answer and were not wanted. is_inside: whether they
    are what one work says.
    """

    positions: tuple[int, ...]
    section: tuple[str, ...] | None = None
    left_out: int = 0
    is_inside: bool = False

    def limited(self, most: int | None) -> Selection:
        """Return the selection with only its `most` best entries, None for all."""
        if most is None or len(self.positions) <= most:
            return self
        best = set(sorted(self.positions)[:most])
        kept = tuple(position for position in self.positions if position in best)
        return replace(self, positions=kept, left_out=len(self.positions) - most)


def select_one(
    scored: EntryScores, related: Related = lambda row: (), entries: EntryTable | None = None
) -> Selection:
    """Return the best entry, and the second if the scores cannot tell them apart.

    The second says something else: neither the same paper's abstract nor, where each has a file of
    its own, another paper.
    """
    scores, rows = scored.scores, scored.rows.tolist()
    if len(scores) < 2 or scores[1] < TIED * scores[0] or rows[1] in related(rows[0]):
        return Selection((0,)[: len(scores)])
    if entries is not None and entries.is_of_file[rows[:2]].all():
        first, second = (scored.unit(entries, row) for row in rows[:2])
        return Selection((0, 1) if first == second else (0,))
    return Selection((0, 1))


def select_near(
    works_only: bool,
    scored: EntryScores,
    entries: EntryTable,
    related: Related = lambda row: (),
    said: Sequence[str] = (),
    works: RankedWorks | None = None,
    asks_inside: bool = True,
) -> Selection:
    """Return the entries that a topic is about: those that lie about as near as the best, in the
    order of the notes.
    """
    return _ListSelector(
        works_only, scored, entries, related, TOPIC, said, works, asks_inside
    ).select(True)


def select_whole(
    works_only: bool, scored: EntryScores, entries: EntryTable, related: Related = lambda row: ()
) -> Selection:
    """Return everything that was scored, in the order of the notes; one entry each of works, if
    works are asked for.
    """
    return _ListSelector(works_only, scored, entries, related, WHOLE).select(with_groups=False)


def select_all(
    works_only: bool,
    scored: EntryScores,
    entries: EntryTable,
    related: Related = lambda row: (),
    with_groups: bool = True,
    said: Sequence[str] = (),
    works: RankedWorks | None = None,
    asks_inside: bool = True,
) -> Selection:
    """Return every entry that belongs to the answer of a list question, in the order of the notes.

    works_only: whether papers or methods are asked for. said: names in the question; what one of
    these works says is listed whole. An abstract is left out where a note about its paper is there. with_groups: whether a group is
    taken whole.
    """
    return _ListSelector(
        works_only, scored, entries, related, LIST, said, works, asks_inside
    ).select(with_groups)


class _ListSelector:
    def __init__(
        self,
        works_only: bool,
        scored: EntryScores,
        entries: EntryTable,
        related: Related,
        reach: Reach,
        said: Sequence[str] = (),
        works: RankedWorks | None = None,
        asks_inside: bool = True,
    ) -> None:
        self.works = works
        self.entries = entries
        self.same = scored.same
        self.related = related
        self.reach = reach
        self.works_only = works_only
        is_silent = entries.are_part(scored.rows, "label", "field")
        positions = np.flatnonzero(~is_silent)
        self.position_of = dict(
            zip(scored.rows[positions].tolist(), positions.tolist(), strict=True)
        )
        self.rows = list(self.position_of)
        self.score_of = {
            row: float(scored.scores[position]) for row, position in self.position_of.items()
        }
        self.best = self.score_of[self.rows[0]] if self.rows else 0.0
        self.groups: list[Section] = []
        self.is_inside = self._is_about_one_work(said, asks_inside)

    def select(self, with_groups: bool) -> Selection:
        leads = [row for row in self.rows if not self.entries.is_abstract(row)][:_LEADING_ENTRIES]
        leads = [row for row in leads if self.is_inside or not self._is_of_file(row)]
        chosen = [row for lead in leads for row in self._group_of(lead)] if with_groups else []
        near = set(filter(self._is_near, self.rows))
        if not self.is_inside:
            near = {row for row in near if not self._is_of_file(row)}
            near.update(self._belonging_files())
        chosen += [row for row in self.rows if row in near and not self._is_inside_group(row)]
        chosen = list(dict.fromkeys(chosen))
        if self.works_only:
            chosen = self._one_per_work(chosen)
        chosen = [
            row
            for row in chosen
            if not self.entries.is_abstract(row) or not set(self.related(row)).intersection(chosen)
        ]
        section = (
            self.groups[0][1]
            if len(self.groups) == 1 and all(self._is_inside_group(row) for row in chosen)
            else None
        )
        return Selection(
            tuple(self.position_of[row] for row in sorted(chosen, key=self._place)),
            section,
            is_inside=self.is_inside,
        )

    def _place(self, row: int) -> tuple[bool, int]:
        """Notes in their order, then abstracts."""
        return self.entries.is_abstract(row), row

    def _is_about_one_work(self, said: Sequence[str], asks_inside: bool) -> bool:
        """Whether names in the question are those of the best entry's work, or the best entries
        all stand in the file of one and something in it seems to be asked for.
        """
        if self.works_only or not self.rows:
            return False
        leads = self.rows[:_LEADING_ENTRIES]
        is_of_one = len({self._unit(row) for row in leads}) == 1 and self._is_of_file(leads[0])
        work = self.entries.get(leads[0]).work
        names = [] if work is None else [work.name, *work.aliases]
        is_named = any(says_name(" ".join(said), name) for name in names)
        return is_named or (asks_inside and is_of_one)

    def _belonging_files(self) -> list[int]:
        """Return the best row of each file about one work that belongs, best first; the best of
        all always does. Without ranked works all of them do.
        """
        if self.works is None:
            best: dict[int, int] = {}
            for row in filter(self._is_of_file, self.rows):
                best.setdefault(self._unit(row), row)
            return list(best.values())
        rows = self.works.rows
        own = np.array([self._is_of_file(row) for row in rows.tolist()], dtype=bool)
        belongs = likely(self.works.chances[own])
        if not self.works.are_files(self.entries):
            belongs &= self.works.chances[own] >= LEAST_BESIDE_LISTS
        belongs[:1] |= own[:1]
        found: list[int] = rows[own][belongs].tolist()
        return found

    def _is_of_file(self, row: int) -> bool:
        return bool(self.entries.is_of_file[row])

    def _unit(self, row: int) -> int:
        """Return the row that stands for an entry's work, the entry's own where it has none."""
        work = self._work(row)
        return row if work is None else work

    def _is_near(self, row: int) -> bool:
        return self.score_of[row] >= self._floor(self.reach.near)

    def _floor(self, closeness: Closeness) -> float:
        share, distance = closeness
        return max(share * self.best, self.best - distance)

    def _group_of(self, row: int) -> Sequence[int]:
        """Return the members of the widest group around a row that was asked for, or nothing."""
        source, path = self.entries.section(row)
        for wide in (True, False):
            section = (source, path[:-1] if wide else path)
            if self._is_inside_group(row):
                return ()
            if wide and len(path) < 2:
                continue
            members = self._members(section, wide)
            if self._was_asked_for(members) and (
                not wide or self._all_parts_were_asked_for(section, members)
            ):
                self.groups.append(section)
                return members
        return ()

    def _all_parts_were_asked_for(self, section: Section, members: Sequence[int]) -> bool:
        """Whether most of a wide section speaks for it, and each group in it does by itself: a
        large one brings no others.
        """
        source, path = section
        close = sum(self.score_of[row] >= self._floor(self.reach.close) for row in members)
        paths = {self.entries.section(row)[1][: len(path) + 1] for row in members}
        groups = [part for part in paths if len(part) > len(path)]
        return close >= SECTION_SHARE * len(members) and all(
            self._was_asked_for(self._members((source, part), deep=True), fewest=1)
            for part in groups
        )

    def _members(self, section: Section, deep: bool) -> list[int]:
        rows = self.entries.rows_below(section) if deep else self.entries.rows_in(section)
        members = [row for row in rows if row in self.score_of]
        if deep:
            members = [row for row in members if self._work(row) == row]
        if self.works_only:
            works = [row for row in members if self._work(row) is not None]
            if len(works) >= 2:
                return works
        return members

    def _was_asked_for(self, members: Sequence[int], fewest: int = 2) -> bool:
        close = sum(self.score_of[row] >= self._floor(self.reach.close) for row in members)
        return len(members) >= fewest and close >= self.reach.group_share * len(members)

    def _is_inside_group(self, row: int) -> bool:
        source, path = self.entries.section(row)
        return any(
            source == group_source and path[: len(group)] == group
            for group_source, group in self.groups
        )

    def _one_per_work(self, rows: Sequence[int]) -> list[int]:
        """Keep the best entry of each work, and entries of no work only if there is nothing
        else.
        """
        best: dict[int, int] = {}
        for row in sorted(rows, key=lambda row: (-self.score_of[row], row)):
            work = self._work(row)
            if work is not None:
                best.setdefault(work, row)
        return list(best.values()) or list(rows)

    def _work(self, row: int) -> int | None:
        work = self.entries.work_row(row)
        return None if work is None else self.same.get(work, work)
