"""What of entries, works and sections has no column of its own, as lines of JSON: written and read
here alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from msgspec.json import Decoder, encode
from msgspec.structs import replace

from paperrag.records import Entry, FieldPairs, Link, Role, Work

Section = tuple[str, tuple[str, ...]]
"""A source file and a breadcrumb in it."""


class EntryLine(Struct, frozen=True):
    """What the line of an entry holds; fields as in Entry."""

    role: Role
    text: str
    line_start: int
    line_end: int
    links: tuple[Link, ...]
    fields: FieldPairs


class WrittenBy(Struct, frozen=True):
    """What tells by whom a work is and when it appeared; fields as in Work."""

    name: str
    aliases: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    year: int | None = None


_ENTRY, _WORK, _SECTION = Decoder(EntryLine), Decoder(Work), Decoder(Section)
_FIELDS, _TAGS = Decoder(FieldPairs), Decoder(tuple[str, ...])

read_entry = _ENTRY.decode
"""`entry_line` backwards."""

read_written_by = Decoder(WrittenBy).decode
"""Read only that of the line of a work."""

read_section = _SECTION.decode
"""`section_line` backwards."""


def entry_line(entry: Entry) -> str:
    """Return the line of an entry."""
    return _line(EntryLine(*(getattr(entry, name) for name in EntryLine.__struct_fields__)))


def section_line(section: Section) -> str:
    """Return the line of a section."""
    return _line(section)


def work_line(work: Work) -> str:
    """Return the line of a work, which is without its fields."""
    return _line(replace(work, fields=()))


def fields_line(work: Work) -> str:
    """Return the line of a work's fields, "" for none."""
    return _line(work.fields) if work.fields else ""


def read_fields(line: str) -> FieldPairs:
    """Return the fields that `fields_line` wrote."""
    return _FIELDS.decode(line) if line else ()


def read_work(line: str, fields: str) -> Work:
    """Return the work that `work_line` and `fields_line` wrote."""
    work = _WORK.decode(line)
    return replace(work, fields=read_fields(fields)) if fields else work


def tags_line(tags: Sequence[str]) -> str:
    """Return the line of an entry's tags, "" for none."""
    return _line(tags) if tags else ""


def read_tags(line: str) -> tuple[str, ...]:
    """Return the tags that `tags_line` wrote."""
    return _TAGS.decode(line) if line else ()


def _line(value: Any) -> str:
    return encode(value).decode()
