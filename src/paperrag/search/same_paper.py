"""Which notes and abstracts are about one paper: by the ids of papers, and by the notes that an
abstract names.

Looked up when a hit is shown; nothing of it is stored in the index, so a link added to a note
counts at once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cached_property

import numpy as np

from paperrag.index.codes import KINDS
from paperrag.index.tables import EntryTable
from paperrag.papers.ids import PAPER_SITES, PaperId, make_id, paper_ids
from paperrag.records import Entry
from paperrag.search.linked import LinkedNotes
from paperrag.text.front import front_matter_end
from paperrag.text.patterns import any_of, lazy_pattern

RowsWithId = Callable[[str], list[int]]
"""Rows of the entries whose text holds an id."""

_FIELD = lazy_pattern(rf"^({any_of(PAPER_SITES)}): *(\S.*)$", re.MULTILINE)
_NOTES = lazy_pattern(r"^notes: *\n((?:[ \t]*- .*\n?)+)", re.MULTILINE)
_ITEM = lazy_pattern(r"^[ \t]*- +(.*\S)", re.MULTILINE)


class Relations:
    """Relations between the rows of one index."""

    def __init__(self, entries: EntryTable, rows_with_id: RowsWithId) -> None:
        self._entries = entries
        self._rows_with_id = rows_with_id
        self._known: dict[int, tuple[int, ...]] = {}
        self._linked = LinkedNotes(entries, rows_with_id)

    def entries(self, row: int) -> tuple[Entry, ...]:
        """Return the related entries of a row, in corpus order."""
        return tuple(self._entries.get(other) for other in self.rows(row))

    def shown_with(self, row: int) -> tuple[Entry, ...]:
        """Return what is shown beside a row: the entries on its paper, then the notes that it
        points at.
        """
        rows = dict.fromkeys((*self.rows(row), *self._linked.rows(row)))
        return tuple(self._entries.get(other) for other in rows)

    def rows(self, row: int) -> tuple[int, ...]:
        """Return the rows of a note's abstracts, or of an abstract's notes, in corpus order."""
        if row not in self._known:
            self._known[row] = self._rows(row)
        return self._known[row]

    def _rows(self, row: int) -> tuple[int, ...]:
        if not len(self._abstract_rows):
            return ()
        entry = self._entries.get(row)
        found = self._notes_of(entry) if entry.kind == "abstract" else self._abstracts_of(entry)
        return tuple(sorted(set(found) - {row}))

    def _abstracts_of(self, note: Entry) -> list[int]:
        by_id = [
            self._by_id[identifier] for identifier in paper_ids(note) if identifier in self._by_id
        ]
        return by_id + self._by_note.get(note.id, [])

    def _notes_of(self, abstract: Entry) -> list[int]:
        named = (self._entries.row_of(note) for note in _note_ids(abstract))
        found = [row for row in named if row is not None and self._entries.get(row).kind == "note"]
        for identifier in _ids(abstract):
            for row in self._rows_with_id(identifier.value):
                entry = self._entries.get(row)
                if entry.kind == "note" and identifier in paper_ids(entry):
                    found.append(row)
        return found

    @cached_property
    def _abstract_rows(self) -> list[int]:
        rows: list[int] = np.flatnonzero(
            self._entries.columns["kind"] == KINDS.index("abstract")
        ).tolist()
        return rows

    @cached_property
    def _by_id(self) -> dict[PaperId, int]:
        return {
            identifier: row
            for row in reversed(self._abstract_rows)
            for identifier in _ids(self._entries.get(row))
        }

    @cached_property
    def _by_note(self) -> dict[str, list[int]]:
        by_note: dict[str, list[int]] = {}
        for row in self._abstract_rows:
            for note in _note_ids(self._entries.get(row)):
                by_note.setdefault(note, []).append(row)
        return by_note


def _ids(abstract: Entry) -> list[PaperId]:
    """The ids in an abstract's front matter, and those of its links where it was written by
    hand.
    """
    head = abstract.text[: front_matter_end(abstract.text)]
    found = list(paper_ids(abstract))
    for site, value in _FIELD.findall(head):
        values = _loaded(value)
        for one in values if isinstance(values, list) else [values]:
            identifier = make_id(site, one)
            if identifier and identifier not in found:
                found.append(identifier)
    return found


def _note_ids(abstract: Entry) -> list[str]:
    """The ids of the note entries that an abstract's front matter names."""
    block = _NOTES.search(abstract.text[: front_matter_end(abstract.text)])
    return [str(_loaded(item)) for item in _ITEM.findall(block[1])] if block else []


def _loaded(value: str) -> object:
    """A value as JSON, which is how it is written; as it stands if it was written by hand."""
    try:
        return json.loads(value)
    except ValueError:
        return value.strip("'\"")
