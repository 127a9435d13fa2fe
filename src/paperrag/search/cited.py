"""A question that cites a paper by its authors -> the works that it may mean."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from msgspec import Struct

from paperrag.index.tables import EntryTable
from paperrag.text.citations import (
    CitedByAuthors,
    citations_in,
    cited_at_head,
    key,
    may_cite,
    names_in,
    surnames,
)
from paperrag.text.fields import BYLINE
from paperrag.text.folding import fold


class _Authors(Struct, frozen=True):
    surnames: frozenset[str]
    year: int | None


class CitedWorks:
    """Finds works by their authors in one loaded index."""

    def __init__(self, entries: EntryTable) -> None:
        self._entries = entries

    def cited(self, text: str) -> dict[str, tuple[int, ...]]:
        """Return the rows that stand for the works that a text cites, by the words that do so.

        The authors of a work are those that its note gives, or that its name or the name of its
        file begins with. Works with files of their own stand before what says the same elsewhere.
        """
        text = fold(text)
        if not may_cite(text):  # most do not, and need no authors read
            return {}
        told = {one.said: self._units(one) for one in citations_in(text, self._by_surname)}
        return {said: units for said, units in told.items() if units}

    def _units(self, citation: CitedByAuthors) -> tuple[int, ...]:
        numbers = [
            number
            for number in self._by_surname[citation.surnames[0]]
            if citation.fits((told := self._authors[number]).surnames, told.year)
        ]
        rows = self._entries.rows_of_works(numbers)
        of_files = [row for row in rows if self._entries.is_of_file[row]]
        return tuple(of_files or rows)

    @cached_property
    def _authors(self) -> list[_Authors]:
        return list(self._read_authors())

    def _read_authors(self) -> Iterator[_Authors]:
        fields = self._entries.works.fields
        for number, told in enumerate(self._entries.works.written_by()):
            heads = [cited_at_head(name) for name in (told.name, *told.aliases)]
            lines = (line for label, line in fields.get(number, ()) if label == BYLINE)
            names = {key(one) for head in heads for one in head.names}
            names |= {*surnames(told.authors), *names_in(" ".join(lines))}
            years = (told.year, *(head.year for head in heads))
            yield _Authors(frozenset(names), next(filter(None, years), None))

    @cached_property
    def _by_surname(self) -> dict[str, list[int]]:
        found = defaultdict[str, list[int]](list)
        for number, told in enumerate(self._authors):
            for name in told.surnames:
                found[name].append(number)
        return dict(found)
