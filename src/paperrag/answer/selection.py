"""Scored entries -> the entries that an answer rests on. List questions are answered whole.

One entry answers a single question; a topic, as many as lie about as near as the best. A list
question is answered with groups: when at least half of what stands under one heading or label
scores close to the best entry, the group is what was asked for and all its members are taken, also
those that say little themselves. Other entries join only when they score about as high as the best,
works with files of their own when they probably belong. A question for papers or methods is
answered with works: one entry each, remarks that belong to no work left out.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import takewhile

from msgspec import Struct
from msgspec.structs import replace

from paperrag.answer.grouping import Contenders, Groups
from paperrag.answer.weights import (
    LEADING_ENTRIES,
    LEAST_BESIDE_LISTS,
    TIED,
    Reach,
)
from paperrag.index.lines import Section
from paperrag.search.found import Found
from paperrag.search.membership import likely
from paperrag.search.works import RankedWorks
from paperrag.text.markup import announces
from paperrag.text.names import says_name


class Sought(Struct, frozen=True):
    """Which entries are sought.

    reach: how far from the best they may lie. works_only: whether papers or methods are asked for.
    said: names in the question; what one of these works says is listed whole. asks_inside: whether
    what one work says seems to be asked for. takes_groups: whether a group is taken whole.
    """

    reach: Reach
    works_only: bool = False
    said: tuple[str, ...] = ()
    asks_inside: bool = True
    takes_groups: bool = True


class Selection(Struct, frozen=True):
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


def select_one(found: Found) -> Selection:
    """Return the best entry, and the second if the scores cannot tell them apart.

    The second says something else: neither the same paper's abstract nor, where each has a file of
    its own, another paper.
    """
    scores, rows = found.scored.scores, found.scored.rows.tolist()
    if len(scores) < 2 or scores[1] < TIED * scores[0] or rows[1] in found.relations.rows(rows[0]):
        return Selection((0,)[: len(scores)])
    if found.entries.is_of_file[rows[:2]].all():
        first, second = map(found.unit, rows[:2])
        return Selection((0, 1) if first == second else (0,))
    return Selection((0, 1))


def select_several(found: Found, sought: Sought) -> Selection:
    """Return every entry that is sought, in the order of the notes.

    One entry each of works, if these are asked for. An abstract is left out where a note about its
    paper is there.
    """
    return _Selector(found, sought).select()


class _Selector:
    def __init__(self, found: Found, sought: Sought) -> None:
        self.sought = sought
        self.works, self.entries, self.relations = found.works, found.entries, found.relations
        self.among = Contenders(found.scored, found.entries)
        self.groups = Groups(self.among, sought.reach, sought.works_only)
        self.is_inside = self._is_about_one_work()

    def select(self) -> Selection:
        """Return the groups that were asked for, and what stands apart and is about as near."""
        chosen = [row for lead in self._leads() for row in self.groups.around(lead)]
        near = self._near()
        chosen += [row for row in self.among.rows if row in near and not self.groups.hold(row)]
        chosen = list(dict.fromkeys(member for row in chosen for member in self._told_by(row)))
        if self.sought.works_only:
            chosen = self._one_per_work(chosen)
        chosen = [row for row in chosen if not self._is_echo(row, chosen)]
        return Selection(
            tuple(self.among.position_of[row] for row in sorted(chosen, key=self._place)),
            self._section_of(chosen),
            is_inside=self.is_inside,
        )

    def _told_by(self, row: int) -> Sequence[int]:
        """Return what an entry announces, of one work; in a list of works the entry itself."""
        is_of_works = not self.is_inside and self.among.is_of_file(row)
        return [row] if is_of_works else self._announced(row)

    def _announced(self, row: int) -> Sequence[int]:
        """Return the items that stand right below an entry that announces them, the entry itself if
        it announces none.
        """
        entry = self.entries.get(row)
        if not announces(entry.text):
            return [row]
        below = [child for child in self.entries.child_rows(row) if child in self.among.score_of]
        items = takewhile(lambda child: self.entries.get(child).role in ("item", "row"), below)
        return list(items) or [row]

    def _leads(self) -> list[int]:
        """Return the best entries, whose groups may be what is asked for."""
        if not self.sought.takes_groups:
            return []
        notes = [row for row in self.among.rows if not self.entries.is_abstract(row)]
        leads = notes[:LEADING_ENTRIES]
        return [row for row in leads if self.is_inside or not self._stands_in_work(row)]

    def _stands_in_work(self, row: int) -> bool:
        """Whether what stands around an entry is of the same work, which is no list of works: that
        has the file, or is the heading above.
        """
        unit = self.among.unit(row)
        is_below = unit != row and self.entries.get(unit).role == "heading"
        return self.among.is_of_file(row) or (is_below and not self.sought.asks_inside)

    def _near(self) -> set[int]:
        """Return the entries that belong by themselves."""
        floor = self.among.floor(self.sought.reach.near)
        near = {row for row in self.among.rows if self.among.score_of[row] >= floor}
        if self.is_inside:
            return near
        near = {row for row in near if not self.among.is_of_file(row)}
        if self.works is None:
            return near.union(self._files())
        units = self.works.units[self.works.by_chance(self.entries)]
        others = {row for row in near if self.among.unit(row) not in units}
        return others.union(self._probable(self.works))

    def _is_echo(self, row: int, chosen: Collection[int]) -> bool:
        """Whether it is the abstract of a paper that is there with a note."""
        is_abstract = self.entries.is_abstract(row)
        return is_abstract and bool(set(self.relations.rows(row)).intersection(chosen))

    def _section_of(self, chosen: Collection[int]) -> tuple[str, ...] | None:
        """Return the path of the only group, if all entries stand in it."""
        sections: list[Section] = self.groups.sections
        is_whole = len(sections) == 1 and all(self.groups.hold(row) for row in chosen)
        return sections[0][1] if is_whole else None

    def _place(self, row: int) -> tuple[bool, int]:
        """Notes in their order, then abstracts."""
        return self.entries.is_abstract(row), row

    def _is_about_one_work(self) -> bool:
        """Whether names in the question are those of the best entry's work, or the best entries
        all stand in the file of one and something in it seems to be asked for.
        """
        among = self.among
        if self.sought.works_only or not among.rows:
            return False
        leads = among.rows[:LEADING_ENTRIES]
        is_of_one = len({among.unit(row) for row in leads}) == 1 and among.is_of_file(leads[0])
        work = self.entries.get(leads[0]).work
        names = [] if work is None else [work.name, *work.aliases]
        said = " ".join(self.sought.said)
        is_named = any(says_name(said, name) for name in names)
        return is_named or (self.sought.asks_inside and is_of_one)

    def _probable(self, works: RankedWorks) -> list[int]:
        """Return the best row of each work that goes by its chance and belongs, best first; the
        best of all always does.
        """
        own = works.by_chance(self.entries)
        belongs = likely(works.chances[own])
        if not works.are_files(self.entries):
            belongs &= works.chances[own] >= LEAST_BESIDE_LISTS
        belongs[:1] |= own[:1]
        found: list[int] = works.rows[own][belongs].tolist()
        return found

    def _files(self) -> list[int]:
        """Return the best row of each file about one work, best first."""
        best: dict[int, int] = {}
        for row in filter(self.among.is_of_file, self.among.rows):
            best.setdefault(self.among.unit(row), row)
        return list(best.values())

    def _one_per_work(self, rows: Collection[int]) -> list[int]:
        """Keep the best entry of each work, and entries of no work only if there is nothing
        else.
        """
        best: dict[int, int] = {}
        for row in sorted(rows, key=lambda row: (-self.among.score_of[row], row)):
            work = self.among.work(row)
            if work is not None:
                best.setdefault(work, row)
        return list(best.values()) or list(rows)
