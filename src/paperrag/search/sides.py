"""A question that compares two things -> the entries that tell of each.

A thing is told of by the works that are called so; else by the entries titled by its name and all
below them; else by those of the work in which it is said; else where it is mentioned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from paperrag.index.tables import EntryTable
from paperrag.search.named import NamedWorks
from paperrag.search.weights import MENTIONS
from paperrag.text.folding import letters
from paperrag.text.language import HAN_CHAR
from paperrag.text.names import proper_names, says_name


class ComparedSide(Struct, frozen=True):
    """One of two things that are compared.

    name: as it is said. rows: of the entries that tell of it, in order. is_work: whether they are
    of works called so. is_mention: whether the notes only mention it.
    """

    name: str
    rows: tuple[int, ...]
    is_work: bool = False
    is_mention: bool = False


class Sides:
    """Finds what tells of two things in one loaded index; rows_with: the rows that hold a text."""

    def __init__(
        self, entries: EntryTable, named: NamedWorks, rows_with: Callable[[str], Sequence[int]]
    ) -> None:
        self._entries, self._named, self._rows_with = entries, named, rows_with

    def of(self, compared: tuple[str, str]) -> tuple[ComparedSide, ...]:
        """Return both sides and, in front, the entries that name both if there are some; () where
        the notes do not hold both names.
        """
        sides = tuple(map(self._side, compared))
        if not all(side.rows for side in sides):
            return ()
        first, second = (set(self._rows_with(self._as_held(name))) for name in compared)
        own = {self._unit(row) for side in sides for row in side.rows}
        both = sorted(row for row in first & second if self._unit(row) in own)
        apart = [
            replace(side, rows=_without(side.rows, others))
            for side, others in zip(sides, (second, first), strict=True)
        ]
        return (ComparedSide("", tuple(both)), *apart)

    def _side(self, name: str) -> ComparedSide:
        for said in _spellings(name):
            if called := self._named.called(said):
                rows = [row for unit in called for row in self._entries.unit_rows(unit).tolist()]
                return ComparedSide(name, tuple(rows), is_work=True)
            holding = self._rows_with(said)
            titled = [row for row in holding if _is_titled(self._entries.title(row), said)]
            below = [*self._entries.with_all_below(titled), *self._under(said)]
            if below:
                return ComparedSide(name, tuple(sorted(set(below))))
            if own := set(self._named.units(said)):
                return ComparedSide(name, tuple(row for row in holding if self._unit(row) in own))
            if holding:
                return ComparedSide(name, tuple(holding), is_mention=len(holding) <= MENTIONS)
        return ComparedSide(name, ())

    def _under(self, name: str) -> list[int]:
        """Return the rows right under headings of a name."""
        sections = (
            section
            for section in self._entries.section_list
            if section[1] and name.lower() in section[1][-1].lower()
        )
        headed = (section for section in sections if _is_titled(section[1][-1], name))
        return [row for section in headed for row in self._entries.rows_in(section)]

    def _as_held(self, name: str) -> str:
        """Return the first spelling of a name that some entry holds."""
        return next((said for said in _spellings(name) if self._rows_with(said)), name)

    def _unit(self, row: int) -> int:
        return int(self._entries.units[row])


def _is_titled(title: str, name: str) -> bool:
    is_chinese = HAN_CHAR.search(name) is not None
    return says_name(name, title) or (is_chinese and letters(title).startswith(letters(name)))


def _spellings(name: str) -> Iterator[str]:
    """Yield a name as it is said, as one of several, and what of it is written as a name."""
    yield name
    yield name.removesuffix("s")
    marked = proper_names(name)
    if len(marked) == 1:
        yield marked[0]


def _without(rows: tuple[int, ...], others: set[int]) -> tuple[int, ...]:
    """Return the rows that do not name the other side, all of them if every one does."""
    return tuple(row for row in rows if row not in others) or rows
