"""The entries of a file, or one bullet -> when and where its work appeared, who wrote it, whether
it was read and how it was rated.

Only what is said of the work itself counts: front matter, lines `Venue: …`, a table's head with the
row below, tags, heading, file name, the work's own id. Papers that a note only mentions have years
and venues too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from msgspec import Struct

from paperrag.notes.naming import file_name, year_in
from paperrag.notes.outline import FIRST_ENTRIES, LABEL_CHARS, Outline
from paperrag.records import Entry, Link, Status
from paperrag.text.fields import field_of_label, labelled_fields
from paperrag.text.patterns import YEAR, lazy_pattern
from paperrag.text.people import authors_in
from paperrag.text.progress import rating_in, rating_of, status_in, status_of_box
from paperrag.text.venues import find_venue, read_year

_YEAR = lazy_pattern(YEAR)
_YEAR_IN_BRACKETS = lazy_pattern(rf"[(（\[][^()（）\[\]]*?({YEAR})\s*[)）\]]")
_NEAR_ENTRIES = 2
Value = TypeVar("Value")


class Published(Struct, frozen=True):
    """What a note says of where its work comes from; empty where it does not say."""

    year: int | None = None
    venue: str | None = None
    authors: tuple[str, ...] = ()
    status: Status = ""
    rating: int | None = None


def of_file(file: Outline, own: Sequence[Link]) -> Published:
    """Return what a file says of the one work that it is about; own: the links to that."""
    told, tags = _lines_of(file), _tags(file)
    said = dict(file.paper.fields) | told
    venue = file.paper.venue or _venue(told) or _first(map(find_venue, tags)) or _venue_near(file)
    return Published(
        _year_of_file(file, told, tags, venue, own),
        venue,
        file.paper.authors or _authors(told),
        _status(said, tags),
        _rating(said),
    )


def of_entry(entry: Entry, told: Mapping[str, str]) -> Published:
    """Return what a bullet, row or heading says of the work that it names; told: by field, what the
    head of its table names.
    """
    said = labelled_fields(entry.text) | dict(entry.fields) | dict(told)
    venue = _venue(said) or entry.venue
    first_line = entry.text.split("\n", 1)[0]
    years = (read_year(said.get("year", "")), year_in(venue or ""), year_in(first_line))
    bracketed = _YEAR_IN_BRACKETS.search(entry.title)
    return Published(
        _first(years) or (int(bracketed[1]) if bracketed else None) or arxiv_year(entry.links),
        venue,
        _authors(said),
        status_of_box(entry.text) or _status(said, entry.tags) or status_in(entry.title),
        _rating(said) or rating_in(first_line),
    )


def row_fields(head: str, row: str) -> dict[str, str]:
    """Return the cells of a table's row by the fields that the cells of its head name."""
    named = (
        (field_of_label(label), cell)
        for label, cell in zip(_cells(head), _cells(row), strict=False)
    )
    return {name: cell for name, cell in named if name and cell}


def arxiv_year(links: Sequence[Link]) -> int | None:
    """Return the year that the first arXiv id of some links begins with."""
    ids = (link.arxiv_id for link in links if link.arxiv_id)
    found = next((re.match(r"(\d\d)(?:0[1-9]|1[0-2])\.", identifier) for identifier in ids), None)
    return 2000 + int(found[1]) if found else None


def _year_of_file(
    file: Outline,
    told: Mapping[str, str],
    tags: Sequence[str],
    venue: str | None,
    own: Sequence[Link],
) -> int | None:
    """Return the year of a file's work: what is said of it before what may be the note's own."""
    fields = dict(file.paper.fields)
    said = (fields.get(name, "") for name in ("year", "published"))
    of_tags = (tag for tag in tags if _YEAR.fullmatch(tag))
    return (
        _first(map(read_year, (*said, told.get("year", ""), *of_tags)))
        or year_in(venue or "")
        or read_year(venue or "")
        or file.name[1]
        or arxiv_year(own)
        or file.paper.year
        or read_year(told.get("date", ""))
    )


def _lines_of(file: Outline) -> dict[str, str]:
    """Return the fields in the first lines of a file: `**Venue**: …`, and those of its first
    table.
    """
    first = file.entries[:FIRST_ENTRIES]
    told: dict[str, str] = {}
    for entry in first:
        told = {**labelled_fields(entry.text), **told}
    rows = [entry.text for entry in first if entry.role == "row"]
    return {**row_fields(rows[0], rows[1]), **told} if len(rows) > 1 else told


def _venue_near(file: Outline) -> str | None:
    """Return the venue in what heads a file: its name, its heading, a short line below that."""
    line = file.heading.line if file.heading else None
    heads = [
        entry.text
        for entry in file.entries[:_NEAR_ENTRIES]
        if (entry.line_start == line if entry.role == "heading" else len(entry.text) <= LABEL_CHARS)
    ]
    near = [file_name(file.source)[0], *heads]
    return _first(map(find_venue, near))


def _tags(file: Outline) -> list[str]:
    return [*file.paper.tags, *(tag for entry in file.entries[:1] for tag in entry.tags)]


def _venue(said: Mapping[str, str]) -> str | None:
    venue, year = said.get("venue", "").strip(), said.get("year", "").strip()
    if not venue:
        return None
    return find_venue(venue) or (f"{venue} {year}" if _YEAR.fullmatch(year) else venue)


def _authors(said: Mapping[str, str]) -> tuple[str, ...]:
    return authors_in(said.get("authors") or said.get("author") or "")


def _status(said: Mapping[str, str], tags: Sequence[str]) -> Status:
    own: Iterator[str] = (said[name] for name in ("status", "状态") if said.get(name))
    found = (status_in(text.replace("-", " ")) for text in (*own, *tags))
    return next(filter(None, found), "")


def _rating(said: Mapping[str, str]) -> int | None:
    given = (said[label] for label in said if field_of_label(label) == "rating")
    return _first(map(rating_of, given))


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip().strip("|").split("|")]


def _first(values: Iterable[Value | None]) -> Value | None:
    return next((value for value in values if value), None)
