"""Index -> what a reader browses: the tree of files and headings with counts, and a list that
narrows with each word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import Literal

from paperrag.index.codes import KINDS, LANGUAGES
from paperrag.index.tables import IndexData
from paperrag.papers.ids import read_year
from paperrag.records import Entry, Kind, Language
from paperrag.text.folding import fold

Order = Literal["note", "title", "section", "venue"]

TreePlace = tuple[str, ...]
"""Folders, file and headings, outermost first: ("notes", "llm.md", "Decoding")."""


@dataclass(slots=True)
class Branch:
    """A folder, file or heading with the number of entries anywhere below it."""

    name: str
    place: TreePlace
    count: int = 0
    below: dict[str, Branch] = field(default_factory=dict)


class NoteTree:
    """One index generation to browse."""

    def __init__(self, data: IndexData) -> None:
        self._entries = data.entries

    @cached_property
    def tree(self) -> Branch:
        """The whole corpus as a tree; branches in corpus order."""
        root = Branch("", ())
        for place in self._places:
            branch = root
            branch.count += 1
            for depth, name in enumerate(place):
                branch = branch.below.setdefault(name, Branch(name, place[: depth + 1]))
                branch.count += 1
        return root

    def find(
        self,
        words: str = "",
        place: TreePlace = (),
        kind: Kind | None = None,
        language: Language | None = None,
        order: Order = "note",
    ) -> list[int]:
        """Return the rows of entries that hold every word (case and width aside) in title, text or
        section.

        place: only entries below it. Ties of an order stay in corpus order.
        """
        wanted = fold(words).lower().split()
        kinds, languages = self._entries.columns["kind"], self._entries.columns["language"]
        rows = [
            row
            for row, here in enumerate(self._places)
            if here[: len(place)] == place
            and (kind is None or kinds[row] == KINDS.index(kind))
            and (language is None or languages[row] == LANGUAGES.index(language))
            and (not wanted or all(word in self._words[row] for word in wanted))
        ]
        return (
            rows
            if order == "note"
            else sorted(rows, key=lambda row: _sort_key(self._entries.get(row), order))
        )

    def entry(self, row: int) -> Entry:
        """Return the entry of a row."""
        return self._entries.get(row)

    def place(self, row: int) -> TreePlace:
        """Return where an entry stands in the tree."""
        return self._places[row]

    @cached_property
    def _places(self) -> list[TreePlace]:
        places = [
            self._place_of_section(number) for number in range(len(self._entries.section_list))
        ]
        return [places[number] for number in self._entries.columns["section_number"].tolist()]

    def _place_of_section(self, number: int) -> TreePlace:
        """Return folders, file and headings of a section; items above it are left out."""
        source, path = self._entries.section_list[number]
        row = self._entries.rows_in((source, path))[0]
        while (parent := self._entries.parent_row(row)) is not None and self._entries.get(
            parent
        ).role != "heading":
            row = parent
        folders = source.split("/")
        _, headings = self._entries.section(row)
        inside = headings[_shared_folders(folders, headings) :]
        return (*folders, *inside)

    @cached_property
    def _words(self) -> list[str]:
        entries = (self._entries.get(row) for row in range(len(self._entries)))
        return [
            fold("\n".join((entry.title, entry.text, *entry.breadcrumb))).lower()
            for entry in entries
        ]


def first_rows(data: IndexData) -> dict[str, int]:
    """Return the row of the first entry of each file that has one."""
    files = data.manifest.files
    rows = accumulate((record.entries for record in files.values()), initial=0)
    return {
        source: row for (source, one), row in zip(files.items(), rows, strict=False) if one.entries
    }


def _shared_folders(folders: Sequence[str], headings: Sequence[str]) -> int:
    """How many parts at the start of a breadcrumb are the file's folders."""
    inner = folders[1:-1]
    return len(inner) if inner and list(headings[: len(inner)]) == inner else 0


def _sort_key(entry: Entry, order: Order) -> tuple[object, ...]:
    if order == "title":
        return (fold(entry.title).lower(),)
    if order == "section":
        return tuple(fold(part).lower() for part in entry.breadcrumb)
    return (-(read_year(entry.venue) or 0), entry.venue or "\uffff")
