"""What the notes know of the words of a question: headings, words, names at the head of titles."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property, reduce

import numpy as np

from paperrag.index.engine import Snapshot
from paperrag.index.lexical import tokenize
from paperrag.notes.tags import fits_tag
from paperrag.question.conditions import Condition
from paperrag.question.fields import FieldWords
from paperrag.question.names import NUMBER, Speller
from paperrag.records import Status
from paperrag.search.filtering import sections_like
from paperrag.search.saying import works_saying
from paperrag.text.names import latin_name
from paperrag.text.patterns import lazy_pattern
from paperrag.text.people import beside_name

_VENUE_NAME = lazy_pattern(r"[A-Z][A-Za-z&.\s-]{0,40}[A-Za-z](?![A-Za-z])")
"""What stands before the year or the volume in a venue."""


MOST_CALLED = 200
"""Chunks that are looked through for another name of somebody."""


class NotesVocabulary:
    """The `Vocabulary` of one loaded index."""

    def __init__(self, data: Snapshot, rows_saying: Callable[[str], list[int]]) -> None:
        self._data = data
        self._rows_saying = rows_saying

    def has_section(self, name: str) -> bool:
        """Whether a heading, or a part of one, has a name."""
        return bool(sections_like(self._data.entries, name))

    def has_tag(self, name: str) -> bool:
        """Whether some note is tagged so."""
        return any(fits_tag(tag, name) for tag in self._data.entries.rows_by_tag)

    def marks_reading(self, status: Status) -> bool:
        """Whether some note says of its paper how far its reader is."""
        if status == "unread":
            return bool(self._data.entries.columns["is_unread"].any())
        return any(work.status == status for work in self._data.entries.works)

    def fields(self) -> FieldWords:
        """What the fields of the notes' works are called, and what they say."""
        return self._fields

    def venues(self) -> frozenset[str]:
        """The names of venues, without years, that notes give for their works."""
        return self._venues

    def holds(self, name: str) -> bool:
        """Whether every word of a name is somewhere in the notes."""
        words = tokenize(name)
        return bool(words) and all(len(self._data.rows_with(word)) for word in words)

    def writes(self, name: str) -> bool:
        """Whether a name stands in the notes as it is, case aside."""
        return bool(self._rows_saying(name))

    def numbers_behind(self, name: str) -> frozenset[str]:
        """Return the numbers that notes write behind a name, as of versions."""
        behind = re.compile(rf"(?<!\w){re.escape(name)}[ -]?{NUMBER}", re.IGNORECASE)
        entries = self._data.entries
        said = map(entries.text, self._rows_saying(name)[:MOST_CALLED])
        return frozenset(found for text in said for found in behind.findall(text))

    def spelt(self, name: str) -> str:
        """Return a name as the notes spell it, or as it was said if none is near."""
        return self._speller.spelt(name)

    def names(self, asked: Condition) -> bool:
        """Whether notes say of some work what is asked for, with a label or without."""
        told = self._data.entries.works.fields.values()
        said = works_saying(asked, self._data.entries, self._rows_saying)
        return any(map(asked.fits, told)) or any(True for _ in said)

    def also_called(self, name: str) -> tuple[str, ...]:
        """Return what the notes call somebody in the other script, beside a name: Lao Wei 老魏."""
        if not (words := tokenize(name)):
            return ()
        rows = reduce(np.intersect1d, map(self._data.rows_with, words))[:MOST_CALLED]
        entries = self._data.entries
        texts = (entries.text(row) for row in np.unique(self._data.chunks.entry[rows]).tolist())
        beside = (other for text in texts for other in beside_name(name, text))
        return tuple(dict.fromkeys(beside))

    def called(self, identifier: str) -> str:
        """Return the name of the work that gives an id as its own, "" if none does."""
        words = dict.fromkeys(tokenize(identifier))
        holding = reduce(np.intersect1d, map(self._data.rows_with, words))
        entries = self._data.entries
        for row in np.unique(self._data.chunks.entry[holding]).tolist():
            work = entries.get(row).work
            if work and any(link.identifier == identifier for link in work.links):
                return latin_name(work.name) or work.name
        return ""

    @cached_property
    def _fields(self) -> FieldWords:
        return FieldWords(self._data.entries.works.fields.values())

    @cached_property
    def _venues(self) -> frozenset[str]:
        named = map(_VENUE_NAME.match, set(self._data.entries.venues))
        return frozenset(found[0].strip() for found in named if found)

    @cached_property
    def _speller(self) -> Speller:
        return Speller(self._data.entries.titles())
