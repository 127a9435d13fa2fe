"""The entries of a file, or one bullet -> when and where its work appeared, who wrote it, whether
and when it was read and how it was rated.

Only what is said of the work itself counts: front matter, lines `Venue: …`, a table's head with the
row below, tags, heading, file name, the work's own id. Papers that a note only mentions have years
and venues too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import TypeVar

from msgspec import Struct

from paperrag.notes.bylines import Byline, before_sentence, read_byline, split_byline
from paperrag.notes.entry_shapes import is_reference
from paperrag.notes.naming import file_name, year_in
from paperrag.notes.outline import LABEL_CHARS, Outline
from paperrag.notes.remarks import told_in
from paperrag.records import Entry, Link, Part, Status
from paperrag.text.citations import cited_at_head
from paperrag.text.dates import Date, date_of_file, read_on
from paperrag.text.fields import (
    BYLINE,
    field_of_label,
    label_and_value,
    labelled_fields,
)
from paperrag.text.markup import all_cells
from paperrag.text.patterns import YEAR, lazy_pattern
from paperrag.text.people import authors_in
from paperrag.text.progress import (
    status_among,
    status_in,
    status_of_box,
    status_of_heading,
)
from paperrag.text.venues import find_venue, read_year

_YEAR = lazy_pattern(YEAR)
_YEAR_IN_BRACKETS = lazy_pattern(rf"[(（\[][^()（）\[\]]*?({YEAR})\s*[)）\]]")
_TOP_LINES = 5
Value = TypeVar("Value")

Cells = Sequence[tuple[str, str]]
"""Of a table's row, each behind what the table's head calls it."""


class Published(Struct, frozen=True):
    """What a note says of where its work comes from; empty where it does not say."""

    year: int | None = None
    venue: str | None = None
    authors: tuple[str, ...] = ()
    status: Status = ""
    fields: tuple[tuple[str, str], ...] = ()


def of_file(file: Outline, own: Sequence[Link]) -> Published:
    """Return what a file says of the one work that it is about; own: the links to that."""
    told, tags = _lines_of(file), _tags(file)
    said = dict(file.paper.fields) | told
    bylines = _bylines(_lines(file.top)[:_TOP_LINES])
    venue = (
        file.paper.venue
        or _venue(told)
        or _first(map(find_venue, tags))
        or _first(byline.venue for byline in bylines)
        or _venue_near(file)
    )
    return Published(
        _year_of_file(file, told, tags, venue, own, bylines),
        venue,
        file.paper.authors or _authors(told),
        _status(said, tags) or status_among(_lines(file.entries)),
        _fields([*file.paper.fields, *_cells_of_first_table(file)], file.entries, None)
        + _named(bylines),
    )


def of_entry(entry: Entry, below: Sequence[Entry], cells: Cells, read: Date | None) -> Published:
    """Return what a bullet, row or heading says of the work that it names, with what stands right
    below it; cells: of a row, by what the head of its table calls them. read: when all that is
    listed there was.
    """
    said = labelled_fields(entry.text) | dict(entry.fields) | _named_fields(cells)
    bylines, head = _bylines_of(entry), cited_at_head(entry.title)
    cited = (head.year or 0) > 99 and head.is_byline
    venue = _venue(said) or entry.venue or _first(byline.venue for byline in bylines)
    if cited and head.venue and not venue:
        venue = f"{head.venue} {head.year}"
    first_line = entry.text.split("\n", 1)[0]
    years = (
        read_year(said.get("year", "")),
        year_in(venue or ""),
        year_in(first_line),
        *(byline.year for byline in bylines),
        head.year if cited else None,
    )
    bracketed = _YEAR_IN_BRACKETS.search(first_line[: len(entry.title) + LABEL_CHARS])
    return Published(
        _first(years) or (int(bracketed[1]) if bracketed else None) or arxiv_year(entry.links),
        venue,
        _authors(said) or (head.names if cited else ()),
        _status_of_entry(entry, below, said),
        _fields(cells, [entry, *below], read) + _named(bylines),
    )


def _status_of_entry(entry: Entry, below: Sequence[Entry], said: Mapping[str, str]) -> Status:
    return (
        (status_of_heading(entry.breadcrumb[-1]) if entry.breadcrumb else "")
        or status_of_box(entry.text)
        or _status(said, entry.tags)
        or status_in(entry.title)
        or status_among(_lines([entry, *below]))
    )


def cells_of(head: str, row: str) -> Cells:
    """Return the cells of a table's row with what the head calls them, in lower case."""
    named = zip(all_cells(head), all_cells(row), strict=False)
    return [(label.strip(" *").lower(), cell) for label, cell in named if label and cell]


def _named_fields(cells: Cells) -> dict[str, str]:
    named = ((field_of_label(label), cell) for label, cell in cells)
    return {name: cell for name, cell in named if name}


def read_before(file: Outline, parts: Sequence[Part]) -> Date | None:
    """Return when all works of a list were read: as it says before the first of them, or in the
    name of its file.
    """
    first = next((at for at, part in enumerate(parts) if part == "work"), 0)
    told = map(read_on, _lines(file.entries[:first]))
    return _first(told) or date_of_file(PurePosixPath(file.source).name)


def _fields(
    told: Cells, entries: Sequence[Entry], read: Date | None
) -> tuple[tuple[str, str], ...]:
    """Return the fields of some entries and those told, without what they say in many words, before
    them the rating and when it was read; read: otherwise.
    """
    own = [field for entry in entries for field in entry.fields]
    return told_in(_lines(entries), [*told, *own], read)


def _lines(entries: Sequence[Entry]) -> list[str]:
    own = (entry for entry in entries if not is_reference(entry))
    return [line for entry in own for line in entry.text.split("\n") if line.strip()]


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
    bylines: Sequence[Byline],
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
        or _first(byline.year for byline in bylines)
        or _first(map(_year_of_byline, _top_lines(file)))
        or arxiv_year(own)
        or file.paper.year
        or read_year(told.get("date", ""))
    )


def _lines_of(file: Outline) -> dict[str, str]:
    """Return the fields in the first lines of a file: `**Venue**: …`, and those of its first
    table.
    """
    told: dict[str, str] = {}
    for entry in file.top:
        told = {**labelled_fields(entry.text), **told}
    return _named_fields(_cells_of_first_table(file)) | told


def _cells_of_first_table(file: Outline) -> Cells:
    rows = [entry.text for entry in file.top if entry.role == "row"]
    return cells_of(rows[0], rows[1]) if len(rows) > 1 else []


def _venue_near(file: Outline) -> str | None:
    """Return the venue in what heads a file: its name, the short lines at its top."""
    return _first(map(find_venue, [file_name(file.source)[0], *_top_lines(file)]))


def _top_lines(file: Outline) -> list[str]:
    """Return the first lines of a file, without those that go on and what is said behind them."""
    lines = _lines(file.top)[:_TOP_LINES]
    begun = map(before_sentence, lines)
    return [line for line in begun if len(line) <= LABEL_CHARS]


def _bylines_of(entry: Entry) -> list[Byline]:
    """Return the bylines behind the name of a bullet or heading and in the lines below; of a row
    that is none as a whole, those in its cells.
    """
    first, *others = entry.text.split("\n")
    behind = split_byline(first)[1]
    found = [*([behind] if behind else []), *_bylines(others[:_TOP_LINES])]
    return found or (_bylines(all_cells(entry.text)) if entry.role == "row" else [])


def _bylines(lines: Sequence[str]) -> list[Byline]:
    own = (line for line in lines if not line.startswith("#") and label_and_value(line) is None)
    return [byline for byline in map(read_byline, own) if byline]


def _named(bylines: Sequence[Byline]) -> tuple[tuple[str, str], ...]:
    return tuple((BYLINE, byline.line) for byline in bylines)


def _year_of_byline(line: str) -> int | None:
    """Return the year in a line that says none of the reading."""
    return None if read_on(line) else read_year(line)


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


def _first(values: Iterable[Value | None]) -> Value | None:
    return next((value for value in values if value), None)
