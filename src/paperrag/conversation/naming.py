"""What entries of one collection are called beside those of others, and back: sources are whole
paths (`ByPath`), or begin with the collection's name, as ids then do (`ByName`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from paperrag.conversation.history import Exchange
from paperrag.records import Answer, Citation, Entry, Hit

_Found = TypeVar("_Found", Hit, Citation)


class Naming(Protocol):
    """What the entries of a collection are called beside those of others."""

    def outside(self, entry: Entry) -> Entry:
        """Return an entry of the collection as others see it."""

    def inside(self, entry: Entry) -> Entry:
        """Return an entry that others saw as the collection knows it; one of another collection
        as it is.
        """


class ByPath(Struct, frozen=True):
    """Sources are whole paths, ids stay as they are."""

    corpus: Path

    def outside(self, entry: Entry) -> Entry:
        """Return an entry with the whole path of its file."""
        return replace(entry, source=(self.corpus / entry.source).as_posix())

    def inside(self, entry: Entry) -> Entry:
        """Return the entry as it is: it is known by its id."""
        return entry


class ByName(Struct, frozen=True):
    """Ids and sources begin with the collection's name and a colon, breadcrumbs with the name;
    without a name they are as in the index.
    """

    name: str

    def called(self, what: str) -> str:
        """Return what an id or a file is called outside."""
        return f"{self.name}:{what}" if self.name else what

    def outside(self, entry: Entry) -> Entry:
        """Return an entry with its collection's name before its id, its place and its kin."""
        if not self.name:
            return entry
        return replace(
            entry,
            id=self.called(entry.id),
            source=self.called(entry.source),
            breadcrumb=(self.name, *entry.breadcrumb),
            parent_id=self.called(entry.parent_id) if entry.parent_id else None,
            child_ids=tuple(map(self.called, entry.child_ids)),
        )

    def inside(self, entry: Entry) -> Entry:
        """Return an entry as the collection has it."""
        mark = self.called("")
        if not (mark and entry.id.startswith(mark)):
            return entry
        return replace(
            entry,
            id=entry.id.removeprefix(mark),
            source=entry.source.removeprefix(mark),
            breadcrumb=entry.breadcrumb[1:],
        )


def hit_outside(hit: Hit, naming: Naming) -> Hit:
    """Return a hit as others see it."""
    return _outside(hit, naming)


def hits_outside(hits: Sequence[Hit], naming: Naming) -> tuple[Hit, ...]:
    """Return hits as others see them."""
    return tuple(_outside(hit, naming) for hit in hits)


def answer_outside(answer: Answer, naming: Naming) -> Answer:
    """Return an answer as others see it."""
    citations = tuple(_outside(one, naming) for one in answer.citations)
    return replace(answer, citations=citations, nearest=hits_outside(answer.nearest, naming))


def exchange_inside(past: Exchange, naming: Naming) -> Exchange:
    """Return what was answered before with a collection's own entries as it knows them."""
    citations = tuple(replace(one, entry=naming.inside(one.entry)) for one in past.answer.citations)
    return replace(past, answer=replace(past.answer, citations=citations))


def _outside(found: _Found, naming: Naming) -> _Found:
    related = tuple(map(naming.outside, found.related))
    return replace(found, entry=naming.outside(found.entry), related=related)
