"""Indexes -> what a reader browses: the tree of files and headings with counts, below the names of
several collections, and a list that narrows with each word.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from heapq import merge
from itertools import accumulate, chain
from pathlib import Path
from typing import Any, Literal

import numpy as np
from msgspec import Struct, field

from paperrag.conversation.naming import ByName
from paperrag.index.codes import KINDS, LANGUAGES
from paperrag.index.engine import Snapshot
from paperrag.notes.folders import folders_of
from paperrag.records import Entry, Kind, Language
from paperrag.text.folding import fold, letters
from paperrag.text.venues import read_year

Order = Literal["note", "title", "section", "venue"]

_BETWEEN = "\x1e"
"""Stands between texts that are folded at once."""

_ALONE = ByName("")

TreePlace = tuple[str, ...]
"""Folders, file and headings, outermost first: ("notes", "llm.md", "Decoding")."""


class Branch(Struct):
    """A folder, file or heading with the number of entries anywhere below it."""

    name: str
    place: TreePlace
    count: int = 0
    below: dict[str, Branch] = field(default_factory=dict)


class _FileRead(Struct, frozen=True):
    """What is read once of a file that stays as it is: what each of its entries is found by,
    folded, and whether it is a heading.
    """

    words: list[str]
    are_headings: list[bool]


class NoteTree:
    """One index generation to browse. before: the one before it; what it has read of files that
    stayed is taken over. naming: what its entries are called beside those of other collections.
    """

    def __init__(
        self, data: Snapshot, before: NoteTree | None = None, naming: ByName = _ALONE
    ) -> None:
        self._data = data
        self._naming = naming
        self._entries = data.entries
        self._read: dict[tuple[str, str], _FileRead] = before._read if before else {}
        self._ranks: dict[Order, list[int]] = {}
        self._keys: dict[Order, list[Any]] = {}

    @cached_property
    def tree(self) -> Branch:
        """The whole corpus as a tree; branches in corpus order."""
        root = Branch("", ())
        for place in self.places:
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
        rows = self._rows_of(kind, language)
        if place:
            rows = [row for row in rows if self.places[row][: len(place)] == place]
        for word in fold(words).lower().split():
            rows = [row for row in rows if word in self.words[row]]
        return rows if order == "note" else sorted(rows, key=self._rank(order).__getitem__)

    def entry(self, row: int) -> Entry:
        """Return the entry of a row."""
        return self._naming.outside(self._entries.get(row))

    def key(self, row: int, order: Order) -> Any:
        """Return what an entry is sorted by, among those of other collections too."""
        return None if order == "note" else self._sort_keys(order)[row]

    @cached_property
    def places(self) -> list[TreePlace]:
        """Where each entry stands in the tree."""
        numbers = self._entries.columns["section_number"]
        used, first = np.unique(numbers, return_index=True)
        of_section = dict(zip(used.tolist(), map(self._place_of, first.tolist()), strict=True))
        return [of_section[number] for number in numbers.tolist()]

    @cached_property
    def words(self) -> list[str]:
        """What each entry is found by, folded."""
        return list(chain.from_iterable(file.words for file in self._files))

    @cached_property
    def _are_headings(self) -> list[bool]:
        return list(chain.from_iterable(file.are_headings for file in self._files))

    @cached_property
    def _files(self) -> list[_FileRead]:
        files = self._data.manifest.files
        kept: dict[tuple[str, str], _FileRead] = {}
        for source, row in first_rows(self._data).items():
            key = (source, files[source].sha256)
            kept[key] = self._read.get(key) or self._read_file(row, files[source].entries)
        self._read = kept
        return list(kept.values())

    def _rows_of(self, kind: Kind | None, language: Language | None) -> list[int]:
        columns = self._entries.columns
        fits = np.ones(len(self._entries), dtype=bool)
        if kind is not None:
            fits &= columns["kind"] == KINDS.index(kind)
        if language is not None:
            fits &= columns["language"] == LANGUAGES.index(language)
        rows: list[int] = np.flatnonzero(fits).tolist()
        return rows

    def _place_of(self, row: int) -> TreePlace:
        """Return folders, file and headings above an entry; items above it are left out."""
        are_headings = self._are_headings
        while (parent := self._entries.parent_row(row)) is not None and not are_headings[parent]:
            row = parent
        source, headings = self._entries.section(row)
        folders = source.split("/")
        inside = headings[_shared_folders(folders, headings) :]
        if inside and letters(inside[0]) == letters(Path(source).stem):
            inside = inside[1:]  # a file without a title of its own is called by its name
        collection = (self._naming.name,) if self._naming.name else ()
        return (*collection, *folders, *inside)

    def _read_file(self, first: int, count: int) -> _FileRead:
        """Read the entries of a file; folding all of them at once is quicker."""
        lines = list(self._entries.lines(first, count))
        crumbs = (" ".join(self._entries.section(first + at)[1]) for at in range(count))
        words = (
            f"{title}\n{line.text}\n{path}".replace(_BETWEEN, " ")
            for (title, line), path in zip(lines, crumbs, strict=True)
        )
        folded = fold(_BETWEEN.join(words)).lower().split(_BETWEEN)
        return _FileRead(folded, [line.role == "heading" for _, line in lines])

    def _rank(self, order: Order) -> list[int]:
        """Return the place of each entry in an order."""
        if order not in self._ranks:
            keys = self._sort_keys(order)
            ranks = [0] * len(keys)
            for rank, row in enumerate(sorted(range(len(keys)), key=keys.__getitem__)):
                ranks[row] = rank
            self._ranks[order] = ranks
        return self._ranks[order]

    def _sort_keys(self, order: Order) -> list[Any]:
        if order not in self._keys:
            self._keys[order] = self._made_keys(order)
        return self._keys[order]

    def _made_keys(self, order: Order) -> list[Any]:
        if order == "title":
            titles = [title.replace(_BETWEEN, " ") for title in self._entries.titles()]
            return fold(_BETWEEN.join(titles)).lower().split(_BETWEEN)
        if order == "section":
            paths = [
                [fold(part).lower() for part in path] for _, path in self._entries.section_list
            ]
            return [paths[number] for number in self._entries.columns["section_number"].tolist()]
        by_venue = {
            venue: (-(read_year(venue) or 0), venue or "\uffff")
            for venue in set(self._entries.venues)
        }
        return [by_venue[venue] for venue in self._entries.venues]


class NoteTrees:
    """The trees of all collections of a page, as one."""

    def __init__(self, trees: Sequence[NoteTree]) -> None:
        self._trees = trees

    @property
    def tree(self) -> Branch:
        """All of them as one tree."""
        roots = [one.tree for one in self._trees]
        below = {name: branch for root in roots for name, branch in root.below.items()}
        return Branch("", (), sum(root.count for root in roots), below)

    def find(
        self,
        words: str = "",
        place: TreePlace = (),
        kind: Kind | None = None,
        language: Language | None = None,
        order: Order = "note",
    ) -> list[tuple[int, int]]:
        """Return what `NoteTree.find` does, each row after the number of its tree."""
        found = (
            [(number, row) for row in one.find(words, place, kind, language, order)]
            for number, one in enumerate(self._trees)
        )
        if order == "note":
            return list(chain.from_iterable(found))
        return list(merge(*found, key=lambda at: self._trees[at[0]].key(at[1], order)))

    def entry(self, at: tuple[int, int]) -> Entry:
        """Return the entry of a tree's row."""
        number, row = at
        return self._trees[number].entry(row)


def first_rows(data: Snapshot) -> dict[str, int]:
    """Return the row of the first entry of each file that has one."""
    files = data.manifest.files
    rows = accumulate((record.entries for record in files.values()), initial=0)
    return {
        source: row for (source, one), row in zip(files.items(), rows, strict=False) if one.entries
    }


def title_of_note(data: Snapshot, row: int) -> str:
    """Return what the note is called that begins with an entry: as the one work that it is about,
    else by its first heading, "" where it has none.
    """
    entry = data.entries.get(row)
    if entry.work and data.entries.is_of_file[row]:
        return entry.work.name
    if entry.role in ("document", "heading"):
        return entry.title
    inside = entry.breadcrumb[len(folders_of(entry.source)) :]
    return next((name for name in inside if name != Path(entry.source).stem), "")


def _shared_folders(folders: Sequence[str], headings: Sequence[str]) -> int:
    """How many parts at the start of a breadcrumb are the file's folders."""
    inner = folders[1:-1]
    return len(inner) if inner and list(headings[: len(inner)]) == inner else 0
