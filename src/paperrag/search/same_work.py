"""Ranked entries -> which of them are about one work, although they stand in several notes.

An index page names a paper that has a note of its own; a paper is noted twice. Works are one
where they have the same name or give the same paper first. Looked up among the best entries of
a question only: what is about one work scores alike. Abstracts give way to no note and no note to
them: which belong together is told by `same_paper`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from paperrag.index.codes import PARTS
from paperrag.index.tables import EntryTable
from paperrag.notes.naming import letters
from paperrag.records import Work

LOOKED_AT = 300
"""Entries of a ranking among which twins are looked for."""

LEAST_LETTERS = 8
"""Of a name; shorter ones are given to many things."""


def same_works(entries: EntryTable, rows: Sequence[int]) -> tuple[dict[int, int], frozenset[int]]:
    """Return the unit that each unit of ranked rows gives way to, and the rows that say nothing
    beyond the name of a work that another note tells of.
    """
    units = list(dict.fromkeys(entries.units[list(rows[:LOOKED_AT])].tolist()))
    works = {
        unit: work
        for unit in units
        if not entries.is_abstract(unit) and (work := _work(entries, unit)) is not None
    }
    group_of: dict[str, int] = {}
    same: dict[int, int] = {}
    for unit in sorted(works, key=lambda unit: (_says_less(entries, unit, works[unit]), unit)):
        keys = list(_keys(works[unit]))
        first = next((group_of[key] for key in keys if key in group_of), unit)
        if works[first].source != works[unit].source:
            same[unit] = first
        for key in keys:
            group_of.setdefault(key, same.get(unit, unit))
    silent = {unit for unit in same if _is_silent(entries, unit, works[unit])}
    return same, frozenset(row for row in rows[:LOOKED_AT] if int(entries.units[row]) in silent)


def _work(entries: EntryTable, unit: int) -> Work | None:
    """Return the work of a note; what is fetched of a paper is evidence of another level."""
    if entries.is_abstract(unit):
        return None
    return entries.work(int(entries.columns["work"][unit]))


def _keys(work: Work) -> Iterator[str]:
    """Yield what two works have in common that are one."""
    if work.links and work.links[0].identifier:
        yield f"{work.links[0].site}:{work.links[0].identifier}"
    names = (letters(name) for name in (work.name, *work.aliases))
    yield from (name for name in names if len(name) >= LEAST_LETTERS)


def _says_less(entries: EntryTable, unit: int, work: Work) -> tuple[bool, bool]:
    return not entries.is_of_file[unit], _is_silent(entries, unit, work)


def _is_silent(entries: EntryTable, unit: int, work: Work) -> bool:
    """Whether a note names a work and says nothing of it."""
    is_pointer = int(entries.columns["part"][unit]) == PARTS.index("pointer")
    return is_pointer or not (work.statement or entries.is_of_file[unit])
