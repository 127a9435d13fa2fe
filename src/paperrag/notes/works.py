"""The entries of one file -> each with the work it belongs to: its name, year, venue, links,
statement.

Knows no other file: the same paper in two notes is two works here, and one where the index looks at
all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from paperrag.notes import published
from paperrag.notes.bylines import split_byline
from paperrag.notes.entry_shapes import has_paper, is_data, is_reference, links_of
from paperrag.notes.file_kind import kind_of_file
from paperrag.notes.naming import (
    aliases_of,
    file_name,
    name_behind_byline,
    name_of,
    without_labels,
)
from paperrag.notes.outline import Outline
from paperrag.notes.parts import parts_in_list, parts_in_paper
from paperrag.notes.statements import pick_statement, statement_of
from paperrag.records import Entry, Kind, Link, Part, Work
from paperrag.text.dates import Date
from paperrag.text.folding import letters
from paperrag.text.inline import plain_inline


def with_works(file: Outline, kind: Kind) -> tuple[Entry, ...]:
    """Return the entries of a note or abstract, each with its part and the work it belongs to."""
    file_kind = "one work" if kind == "abstract" else kind_of_file(file)
    if file_kind == "one work":
        return _one_work(file)
    return _list_of_works(file, is_index=file_kind == "index")


# --- a file about one work ----------------------------------------------------------------------


def _one_work(file: Outline) -> tuple[Entry, ...]:
    name = split_byline(without_labels(file.name[0]))[0]
    first = file.entries[0] if file.is_part else None
    stem = "" if first else file_name(file.source)[0]
    own = _own_links(file)
    told = pick_statement(file.entries, name)
    told_of = published.of_file(file, own)
    names = [*file.paper.aliases, *aliases_of(name)]
    names += [other for other in (file.heading.title if file.heading else "", stem) if other]
    work = Work(
        id=first.id if first else file.source,
        name=plain_inline(name),
        source=file.source,
        line_start=first.line_start if first else file.heading.line if file.heading else 1,
        aliases=tuple(dict.fromkeys(alias for alias in names if letters(alias) != letters(name))),
        year=told_of.year,
        venue=told_of.venue,
        links=own,
        tags=file.paper.tags,
        statement=told[1] if told else "",
        authors=told_of.authors,
        status=told_of.status,
        fields=told_of.fields,
    )
    parts = parts_in_paper(file, own, told[0] if told else None)
    return tuple(
        _with_work(entry, part, work) for entry, part in zip(file.entries, parts, strict=True)
    )


_BUT_WORK = attrgetter(*Entry.__struct_fields__[:-2])


def _with_work(entry: Entry, part: Part, work: Work | None) -> Entry:
    """The entry with its last two fields; a third of the time of `replace`."""
    values: tuple[Any, ...] = (*_BUT_WORK(entry), part, work)
    return Entry(*values)


def _own_links(file: Outline) -> tuple[Link, ...]:
    """Return the links to the paper itself, no pictures: of front matter and heading, else of the
    first entry that only gives one, else of fields.
    """
    first = file.entries[:1]
    named = (
        links_of(entry)
        for at, entry in enumerate(file.entries)
        if entry.role == "document" or file.is_top_heading(at)
    )
    if own := next(filter(None, named), ()):
        return own
    data = (entry for entry in file.entries if has_paper(entry.links) and is_data(entry))
    told = file.paper.links or (links_of(first[0]) if first else ())
    return next((entry.links for entry in data), told)


# --- a list of works ----------------------------------------------------------------------------


def _list_of_works(file: Outline, is_index: bool) -> tuple[Entry, ...]:
    parts = parts_in_list(file, is_index)
    owners = _owners(file, parts)
    read_before = published.read_before(file, parts)
    works: dict[int, Work] = {}
    for at in (at for at, owner in enumerate(owners) if owner == at):
        works[at], statement = _work_in_list(file, at, read_before)
        if statement is not None and owners[statement] == at:
            parts[statement] = "statement"
    return tuple(
        _with_work(entry, part, None if owner is None else works[owner])
        for entry, part, owner in zip(file.entries, parts, owners, strict=True)
    )


def _owners(file: Outline, parts: Sequence[Part]) -> list[int | None]:
    """Return the entry that names the work which each belongs to, itself or one above it."""
    owners: list[int | None] = []
    for at, above in enumerate(file.parent):
        names = parts[at] in ("work", "pointer") and not is_reference(file.entries[at])
        owners.append(at if names else owners[above] if above is not None else None)
    return owners


def _work_in_list(file: Outline, at: int, read: Date | None) -> tuple[Work, int | None]:
    """Return the work that an entry names, and which one right below it says what that does; read:
    when all that is listed there was.
    """
    entry, above = file.entries[at], file.parent[at]
    telling = [child for child in file.children[at] if not file.is_label(child)]
    told = statement_of(entry, [file.entries[child] for child in telling])
    head = file.entries[above] if above is not None else entry
    cells = published.cells_of(head.text, entry.text) if entry.role == "row" else []
    below = [file.entries[child] for child in file.children[at]]
    told_of = published.of_entry(entry, below, cells, read)
    statement = telling[told[0] - 1] if told and told[0] else None
    return _work_of(entry, told[1] if told else "", told_of), statement


def _work_of(entry: Entry, statement: str, told_of: published.Published) -> Work:
    behind = name_behind_byline(entry.text) if entry.links else ""
    name = name_of(plain_inline(behind) or entry.title.rstrip("…"))
    return Work(
        id=entry.id,
        name=name,
        source=entry.source,
        line_start=entry.line_start,
        aliases=aliases_of(name),
        year=told_of.year,
        venue=told_of.venue,
        links=links_of(entry),
        statement=statement,
        authors=told_of.authors,
        status=told_of.status,
        fields=told_of.fields,
    )
