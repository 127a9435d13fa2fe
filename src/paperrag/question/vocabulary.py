"""What a question has to know of the notes to be understood. Knows no index."""

from __future__ import annotations

from typing import Protocol

from paperrag.question.conditions import Condition
from paperrag.question.fields import FieldWords
from paperrag.records import Status


class Vocabulary(Protocol):
    """What the notes know of the words of a question."""

    def has_section(self, name: str) -> bool:
        """Whether a heading, or a part of one, has a name."""

    def has_tag(self, name: str) -> bool:
        """Whether some note is tagged so."""

    def marks_reading(self, status: Status) -> bool:
        """Whether some note says of its paper how far its reader is."""

    def fields(self) -> FieldWords:
        """What the fields of the notes' works are called, and what they say."""

    def venues(self) -> frozenset[str]:
        """The names of venues, without years, that notes give for their works."""

    def holds(self, name: str) -> bool:
        """Whether every word of a name is somewhere in the notes."""

    def writes(self, name: str) -> bool:
        """Whether a name stands in the notes as it is, case aside."""

    def numbers_behind(self, name: str) -> frozenset[str]:
        """Return the numbers that notes write behind a name, as of versions."""

    def spelt(self, name: str) -> str:
        """Return a name as the notes spell it, or as it was said if none is near."""

    def names(self, asked: Condition) -> bool:
        """Whether notes say of some work what is asked for, with a label or without."""

    def also_called(self, name: str) -> tuple[str, ...]:
        """Return what the notes call somebody in the other script, beside a name: Lao Wei 老魏."""

    def called(self, identifier: str) -> str:
        """Return the name of the work that gives an id as its own, "" if none does."""
