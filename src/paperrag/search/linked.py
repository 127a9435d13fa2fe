"""Which notes an entry points at: by `[[wiki-links]]`, and by the citation keys of papers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property

import numpy as np

from paperrag.index.tables import EntryTable
from paperrag.notes.folders import link_names
from paperrag.papers.citekeys import cited_keys, own_key
from paperrag.records import Entry
from paperrag.text.patterns import lazy_pattern

MOST_LINKED = 5
"""Notes that are shown beside an entry; an index page points at hundreds."""

_WIKI = lazy_pattern(r"(?<!!)\[\[([^\[\]|#\n]+)")


class LinkedNotes:
    """The notes that entries of one index point at, each by the row that heads its file."""

    def __init__(self, entries: EntryTable, rows_with_id: Callable[[str], list[int]]) -> None:
        self._entries = entries
        self._rows_with_id = rows_with_id

    def rows(self, row: int) -> tuple[int, ...]:
        """Return the rows of the notes that an entry points at, in its order, without its own."""
        entry = self._entries.get(row)
        found = (one for one in self._targets(entry) if self._entries.source(one) != entry.source)
        return tuple(dict.fromkeys(found))[:MOST_LINKED]

    def _targets(self, entry: Entry) -> Iterator[int]:
        if "[[" in entry.text:
            names = (link_names(name)[0] for name in _WIKI.findall(entry.text))
            yield from (self._heads[name] for name in names if name in self._heads)
        for key in cited_keys(entry.text):
            for row in self._rows_with_id(key):
                if own_key(self._entries.get(row)) == key:
                    yield row
                    break

    @cached_property
    def _heads(self) -> dict[str, int]:
        """The first row of each file by its path and by its name; of two the first has it."""
        sources = [source for source, _ in self._entries.section_list]
        numbers, rows = np.unique(self._entries.columns["section_number"], return_index=True)
        first: dict[str, int] = {}
        for number, row in zip(numbers.tolist(), rows.tolist(), strict=True):
            first[sources[number]] = min(row, first.get(sources[number], row))
        heads: dict[str, int] = {}
        for source, row in sorted(first.items(), key=lambda one: one[1]):
            for name in link_names(source):
                heads.setdefault(name, row)
        return heads
