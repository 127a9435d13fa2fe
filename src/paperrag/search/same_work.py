"""Ranked entries -> which of them are about one work, although they stand in several notes.

An index page names a paper that has a note of its own; a paper is noted twice. Works are one
where they have the same name or give the same paper first. Looked up among the best entries of
a question only: what is about one work scores alike. Abstracts give way to no note and no note to
them: which belong together is told by `same_paper`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from paperrag.index.codes import PARTS
from paperrag.index.tables import EntryTable
from paperrag.records import Work
from paperrag.search.weights import OWN_LETTERS
from paperrag.text.folding import letters

LOOKED_AT = 300
"""Entries of a ranking among which twins are looked for."""


class _Told(NamedTuple):
    """What of a work tells whether it is another one: what they have in common that are one, and
    whether its note names it and says nothing of it.
    """

    source: str
    keys: tuple[str, ...]
    is_of_file: bool
    is_silent: bool


class SameWorks:
    """Finds works of one index that are one; what was looked up is kept."""

    def __init__(self, entries: EntryTable) -> None:
        self._entries = entries
        self._known: dict[int, _Told | None] = {}
        self._first_with: dict[str, int] = {}
        self._alike: set[int] = set()

    def among(self, rows: npt.NDArray[np.int64]) -> tuple[dict[int, int], frozenset[int]]:
        """Return the unit that each unit of ranked rows gives way to, and the rows that say nothing
        beyond the name of a work that another note tells of.
        """
        units = self._entries.units[rows]
        of_works = units[self._entries.columns["work"][units] >= 0]
        distinct = set(of_works.tolist())
        for unit in distinct - self._known.keys():
            self._know(unit)
        works = {unit: told for unit in distinct & self._alike if (told := self._known[unit])}
        times = Counter(chain.from_iterable(told.keys for told in works.values()))
        shared = {key for key, count in times.items() if count > 1}
        alike = [unit for unit, told in works.items() if not shared.isdisjoint(told.keys)]
        group_of: dict[str, int] = {}
        same: dict[int, int] = {}
        for unit in sorted(alike, key=lambda unit: (_says_less(works[unit]), unit)):
            keys = works[unit].keys
            first = next((group_of[key] for key in keys if key in group_of), unit)
            if works[first].source != works[unit].source:
                same[unit] = first
            for key in keys:
                group_of.setdefault(key, same.get(unit, unit))
        silent = [unit for unit in same if works[unit].is_silent]
        return same, frozenset(rows[np.isin(units, silent)].tolist() if silent else ())

    def _know(self, unit: int) -> None:
        """Read what is told of the work of a unit, and whether it has anything in common with one
        that was read before.
        """
        told = self._read(unit)
        for key in told.keys if told else ():
            first = self._first_with.setdefault(key, unit)
            if first != unit:
                self._alike.update((first, unit))
        self._known[unit] = told  # last, for a question in another thread takes it as compared

    def _read(self, unit: int) -> _Told | None:
        """Return what tells the work of a note; what is fetched of a paper is evidence of another
        level.
        """
        entries = self._entries
        work = entries.works.get(int(entries.columns["work"][unit]))
        if work is None or entries.is_abstract(unit):
            return None
        is_of_file = bool(entries.is_of_file[unit])
        is_pointer = int(entries.columns["part"][unit]) == PARTS.index("pointer")
        is_silent = is_pointer or not (work.statement or is_of_file)
        return _Told(work.source, tuple(dict.fromkeys(_keys(work))), is_of_file, is_silent)


def _keys(work: Work) -> Iterator[str]:
    """Yield what two works have in common that are one."""
    if work.links and work.links[0].identifier:
        yield f"{work.links[0].site}:{work.links[0].identifier}"
    names = (letters(name) for name in (work.name, *work.aliases))
    yield from (name for name in names if len(name) >= OWN_LETTERS)


def _says_less(told: _Told) -> tuple[bool, bool]:
    return not told.is_of_file, told.is_silent
