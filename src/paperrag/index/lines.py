"""What of entries, works and sections has no column of its own, as lines of JSON: written and read
here alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.json import decode
from msgspec.structs import asdict

from paperrag.records import Entry, Link, Role, Work

Section = tuple[str, tuple[str, ...]]
"""A source file and a breadcrumb in it."""


class EntryLine(Struct, frozen=True):
    """What the line of an entry holds; fields as in Entry."""

    role: Role
    text: str
    line_start: int
    line_end: int
    links: tuple[Link, ...]
    fields: tuple[tuple[str, str], ...]


def entry_line(entry: Entry) -> str:
    """Return the line of an entry."""
    kept = {name: getattr(entry, name) for name in ("role", "text", "line_start", "line_end")}
    return _line({**kept, "links": _link_values(entry.links), "fields": entry.fields})


def read_entry(line: str) -> EntryLine:
    """Return what `entry_line` wrote."""
    data = decode(line)
    fields = tuple((name, value) for name, value in data["fields"])
    return EntryLine(**{**data, "links": _links(data["links"]), "fields": fields})


def work_line(work: Work) -> str:
    """Return the line of a work."""
    values = asdict(work)
    del values["fields"]
    return _line({**values, "links": _link_values(work.links)})


def read_work(line: str, fields: str) -> Work:
    """Return the work that `work_line` and `fields_line` wrote."""
    data = decode(line)
    texts = {name: tuple(data[name]) for name in ("aliases", "tags", "authors")}
    links = _links(data["links"])
    return Work(**{**data, **texts, "links": links, "fields": read_fields(fields)})


def fields_line(work: Work) -> str:
    """Return the line of a work's fields, "" for none."""
    return json.dumps(work.fields, ensure_ascii=False) if work.fields else ""


def read_fields(line: str) -> tuple[tuple[str, str], ...]:
    """Return the fields that `fields_line` wrote."""
    return tuple((name, value) for name, value in decode(line)) if line else ()


def section_line(section: Section) -> str:
    """Return the line of a section."""
    source, path = section
    return _line({"source": source, "path": path})


def read_section(line: str) -> Section:
    """Return the section that `section_line` wrote."""
    data = decode(line)
    return data["source"], tuple(data["path"])


def tags_line(tags: Sequence[str]) -> str:
    """Return the line of an entry's tags, "" for none."""
    return json.dumps(tags) if tags else ""


def read_tags(line: str) -> tuple[str, ...]:
    """Return the tags that `tags_line` wrote."""
    return tuple(decode(line)) if line else ()


def _line(values: dict[str, object]) -> str:
    return json.dumps(values, ensure_ascii=False)


def _link_values(links: Iterable[Link]) -> list[tuple[str, str, str | None]]:
    return [(link.url, link.site, link.identifier) for link in links]


def _links(values: Iterable[Sequence[str]]) -> tuple[Link, ...]:
    return tuple(Link(*value) for value in values)  # type: ignore[arg-type]  # as they were written
