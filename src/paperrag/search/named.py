"""A name that a question says -> the works that it is the name of.

A work is named by its name and aliases; else by a name that is said in it and hardly elsewhere,
as a method is in the note that introduces it. What only points at a work gives way to it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import PurePosixPath

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from paperrag.index.tables import EntryTable
from paperrag.question.read import within_work
from paperrag.question.record import Question
from paperrag.records import Work
from paperrag.search.cited import CitedWorks
from paperrag.search.weights import LEAST_STEM, MOST_SAYING, OWN_ENTRIES, OWN_SHARE
from paperrag.text.acronyms import stands_for
from paperrag.text.folding import fold, letters
from paperrag.text.names import holds_name, latin_name, says_name, without_name


class Inside(Struct, frozen=True):
    """A question about one work: the name, the question without it, for all entries of a work are
    about what it is called, and the rows that stand for the work. is_own: whether the work is
    called so, rather than says the name.
    """

    name: str
    question: Question
    units: tuple[int, ...]
    is_own: bool = True

    def without_spelt_out(self, words: str) -> Inside:
        """Return it without the unknown names that the work spells out: SOP where it speaks of
        sentence order prediction.
        """
        unknown = tuple(name for name in self.question.unknown_names if not stands_for(name, words))
        return replace(self, question=replace(self.question, unknown_names=unknown))


class SaidWork(Struct, frozen=True):
    """The only work that a question names: by what words, the question within it, and the rows that
    stand for the work. is_called: whether that is its name or an alias, whole; by_authors: whether
    it is cited.
    """

    name: str
    within: Question
    units: tuple[int, ...]
    is_called: bool
    by_authors: bool


class NamedWorks:
    """Finds works by name in one loaded index; rows_with: the entry rows that hold a text."""

    def __init__(self, entries: EntryTable, rows_with: Callable[[str], Sequence[int]]) -> None:
        self._entries = entries
        self._rows_with = rows_with

    def units(self, name: str) -> tuple[int, ...]:
        """Return the rows that stand for the works of a name, in order; () if it is no work's."""
        rows = [*self._rows_with(name), *self._filed_as(name)]
        if not rows or len(rows) > MOST_SAYING:
            return ()
        own = {unit for unit in map(self._unit, rows) if self._is_work_of(unit, name)}
        titled = {self._unit(row) for row in rows if says_name(name, self._entries.title(row))}
        return self._telling(own) or self._telling(titled) or self._where_it_is_said(rows, name)

    def called(self, name: str) -> tuple[int, ...]:
        """Return the rows that stand for the works of which a name is the whole name or an alias,
        else for those whose names hold it.
        """
        rows = [*self._rows_with(name)[:MOST_SAYING], *self._filed_as(name)]
        works = {self._unit(row): self._entries.get(row).work for row in rows}
        told = (
            {unit for unit, work in works.items() if _is_called(work, name)},
            {unit for unit, work in works.items() if _is_of_name(work, name)},
            {self._unit(row) for row in rows if self._holds(row, name)},
        )
        return next(filter(None, map(self._telling, told)), ())

    def mentions(self, name: str) -> tuple[int, ...]:
        """Return the rows that stand for works whose names hold a name, else for those in which it
        is said.
        """
        rows = self._rows_with(name)[:MOST_SAYING]
        about = {self._unit(row) for row in rows if self._holds(row, name)}
        return self._telling(about) or self._telling({self._unit(row) for row in rows})

    def said(self, question: Question, near: Sequence[int]) -> SaidWork | None:
        """Return the only work that a question names: by its name of several words, by its
        authors, by what is written as a name. None where it names none or several.

        near: rows of the nearest entries; their works are known by names of several words, too.
        """
        whole = self._said_whole(question, near)
        cited = {} if whole else self._cited.cited(question.asked)
        return self._only(question, whole or cited or self._said_as_names(question), bool(cited))

    def inside(self, question: Question, said: SaidWork | None) -> Inside | None:
        """Return a question for one thing, or for a list of what a work says, as one about the only
        work that it names; None where it asks for works, or for nothing but the name.
        """
        may_be = question.want == "one" or question.asks_inside
        asks_works = question.names_works and not (may_be or question.subject)
        if said is None or said.within.only_names or question.compared or asks_works:
            return None
        if said.by_authors:
            is_one = len(said.units) == 1
            return Inside(said.name, said.within, said.units) if may_be and is_one else None
        is_subject = not question.names_works or holds_name(question.subject, said.name)
        if not (may_be or (said.is_called and is_subject)):
            return None
        is_own = all(
            self._holds(unit, said.name) or self._is_named(unit, said.name) for unit in said.units
        )
        return Inside(said.name, said.within, said.units, is_own)

    def only_asked_for(self, question: Question, said: SaidWork | None) -> tuple[int, ...]:
        """Return the rows that stand for the works of a name, if a question asks for nothing but
        what the notes say of what is called so: "what do my notes say about VeRA?"; of one with a
        file of its own also if it asks for its gist. Of several that with a file of its own.
        """
        if said is None or not (self._is_its_name(said) or said.by_authors):
            said = self._only(question, self._said_file(question))
        if said is None:
            return ()
        of_files = tuple(unit for unit in said.units if self._entries.is_of_file[unit])
        if len(of_files) == 1 and (said.within.only_names or said.within.asks_gist):
            return of_files
        return said.units if said.within.only_names else ()

    def _is_its_name(self, said: SaidWork) -> bool:
        """Whether works are called so, or it is short for their names."""
        return said.is_called or all(self._is_work_of(unit, said.name) for unit in said.units)

    def _only(
        self, question: Question, said: dict[str, tuple[int, ...]], by_authors: bool = False
    ) -> SaidWork | None:
        """Return what a question says of works, if that is one name."""
        if len(said) != 1:
            return None
        ((name, units),) = said.items()
        within = within_work(question, name)
        if by_authors:  # entries say no authors: what is asked is held against them without
            within = replace(within, raw=without_name(question.raw, name))
        is_called = all(_is_called(self._entries.get(unit).work, name) for unit in units)
        return SaidWork(name, within, units, is_called, by_authors)

    def saying(self, inside: Inside) -> tuple[int, ...]:
        """Return the rows of the entries that say a name, and those that stand for its works."""
        return (*inside.units, *self._rows_with(inside.name)[:MOST_SAYING])

    def is_said_in(self, unit: int, inside: Inside) -> bool:
        """Whether the work of a row says a name, or is called so."""
        return unit in map(self._unit, self.saying(inside))

    @cached_property
    def _cited(self) -> CitedWorks:
        return CitedWorks(self._entries)

    def _filed_as(self, name: str) -> list[int]:
        """Return the rows that stand for works whose file has a name that may stand in no text."""
        return self._by_stem.get(letters(fold(name)), [])

    @cached_property
    def _by_stem(self) -> dict[str, list[int]]:
        entries, found = self._entries, defaultdict[str, list[int]](list)
        for row in np.flatnonzero(entries.stands_for_unit & entries.is_of_file).tolist():
            found[letters(fold(PurePosixPath(entries.source(row)).stem))].append(row)
        return found

    def _said_as_names(self, question: Question) -> dict[str, tuple[int, ...]]:
        """Return the names that a question says with their works; of several the one that it calls
        a paper, for the others are then what it asks of that. Google of "the Google study" is the
        name of none, nor is one with the number of a version that the notes lack.
        """
        lacking = {unknown.rpartition(" ")[0] for unknown in question.unknown_names}
        names = (name for name in question.names if name not in lacking)
        said = {name: units for name in names if (units := self.units(name))}
        paper = question.name_of_paper
        is_name = paper in said and all(self._is_work_of(unit, paper) for unit in said[paper])
        return {paper: said[paper]} if is_name else said

    def _said_whole(self, question: Question, near: Sequence[int]) -> dict[str, tuple[int, ...]]:
        """Return the longest name of several words that a question says of the entries' works."""
        said: dict[str, set[int]] = {}
        for unit in dict.fromkeys(map(self._unit, near)):
            work = self._entries.get(unit).work
            for name in (work.name, *work.aliases) if work else ():
                if len(name.split()) > 1 and holds_name(question.asked, name):
                    said.setdefault(name, set()).add(unit)
        longest = max(said, key=len, default="")
        units = self._telling(said[longest]) if longest else ()
        return {longest: units} if units else {}

    def _said_file(self, question: Question) -> dict[str, tuple[int, ...]]:
        """Return the longest name of a file that a question holds, with what it is about."""
        asked = letters(question.asked)
        held = [stem for stem in self._by_stem if len(stem) >= LEAST_STEM and stem in asked]
        rows = self._by_stem[max(held, key=len)] if held else []
        return {PurePosixPath(self._entries.source(rows[0])).stem: tuple(rows)} if rows else {}

    def _where_it_is_said(self, rows: Sequence[int], name: str) -> tuple[int, ...]:
        """Return the one work in which a name is said; said once in a long note it is a mention,
        unless the note says there what it is about.
        """
        counts = Counter(unit for row in rows if not self._points(unit := self._unit(row)))
        if not counts:
            return ()
        introducing = [unit for unit in counts if self._introduces(unit, name)]
        if len(introducing) == 1:
            return (introducing[0],)
        unit, count = counts.most_common(1)[0]
        if self._entries.work_row(unit) is None or count < OWN_SHARE * counts.total():
            return ()
        is_long = bool(self._entries.is_of_file[unit]) and count < OWN_ENTRIES
        return () if is_long and not self._introduces(unit, name) else (unit,)

    def _introduces(self, unit: int, name: str) -> bool:
        """Whether a note says the name where it says what its work does."""
        work = self._entries.get(unit).work
        return work is not None and says_name(work.statement, name)

    def _telling(self, units: set[int]) -> tuple[int, ...]:
        """Return units without those that only point at works."""
        return tuple(sorted(unit for unit in units if not self._points(unit)))

    def _points(self, unit: int) -> bool:
        return bool(self._entries.are_part(np.array([unit]), "pointer")[0])

    def _unit(self, row: int) -> int:
        return int(self._entries.units[row])

    def _is_named(self, row: int, name: str) -> bool:
        return says_name(name, self._entries.title(row)) or self._is_work_of(row, name)

    def _is_work_of(self, row: int, name: str) -> bool:
        return _is_of_name(self._entries.get(row).work, name)

    def _holds(self, row: int, name: str) -> bool:
        work = self._entries.get(row).work
        return work is not None and fold(name).lower() in fold(work.name).lower()


def _is_of_name(work: Work | None, name: str) -> bool:
    return work is not None and (stands_for(name, work.name) or _is_called(work, name))


def _is_called(work: Work | None, name: str) -> bool:
    key = letters(fold(name))
    names = () if work is None else (work.name, latin_name(work.name), *work.aliases)
    return any(letters(fold(own)) == key for own in names)
