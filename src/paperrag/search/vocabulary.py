"""What the notes know of the words of a question: headings, words, names at the head of titles."""

from __future__ import annotations

from functools import cached_property

from paperrag.index.engine import Snapshot
from paperrag.index.lexical import tokenize
from paperrag.notes.tags import fits_tag
from paperrag.question.names import Speller
from paperrag.search.filtering import sections_like
from paperrag.text.folding import fold


class NotesVocabulary:
    """The `Vocabulary` of one loaded index."""

    def __init__(self, data: Snapshot) -> None:
        self._data = data

    def has_section(self, name: str) -> bool:
        """Whether a heading, or a part of one, has a name."""
        return bool(sections_like(self._data.entries, name))

    def has_tag(self, name: str) -> bool:
        """Whether some note is tagged so."""
        return any(fits_tag(tag, name) for tag in self._data.entries.rows_by_tag)

    def marks_reading(self) -> bool:
        """Whether some note says of its paper that it is still to be read."""
        return bool(self._data.entries.columns["is_unread"].any())

    def holds(self, name: str) -> bool:
        """Whether every word of a name is somewhere in the notes."""
        words = tokenize(name)
        return bool(words) and all(len(self._data.rows_with(word)) for word in words)

    def spelt(self, name: str) -> str:
        """Return a name as the notes spell it, or as it was said if none is near."""
        return self._speller.spelt(name)

    @cached_property
    def _speller(self) -> Speller:
        return Speller(map(fold, self._data.entries.titles()))
