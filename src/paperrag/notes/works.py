"""The entries of one file -> what each is, and the work it belongs to. Decided here once.

    one paper a file      the file is the work, its entries are remarks on it
    a list, a table       the bullet or row that names a paper is, with all that stands below it
    a file of headings    the heading is
    an index of links     its entries are pointers: they mention works and say nothing of them

A work is told by its shape: a link, a coined name, an author with a year, a name with remarks
below it, a name among such names. Knows no other file: the same paper in two notes is two works
here, and one where the index looks at all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

from paperrag.notes import published
from paperrag.notes.bylines import split_byline
from paperrag.notes.entry_shapes import has_paper, is_data, is_image_only, links_of
from paperrag.notes.naming import (
    aliases_of,
    file_name,
    head,
    is_bylined,
    is_sentence,
    is_weak_name,
    lists_links,
    name_of,
)
from paperrag.notes.outline import Heading, Outline
from paperrag.notes.statements import pick_statement, statement_of
from paperrag.records import Entry, Kind, Link, NotePaper, Part, Work
from paperrag.text.folding import letters
from paperrag.text.inline import plain_inline


def with_works(
    entries: Sequence[Entry],
    paper: NotePaper,
    source: str,
    kind: Kind,
    heading: Heading | None,
    leads_on: Callable[[str], bool],
) -> tuple[Entry, ...]:
    """Return the entries of a file, each with its part and the work it belongs to.

    paper: what the front matter says of it. heading: what heads the file, None if nothing
    does. leads_on: whether a text links to another note by a definition of the file.
    """
    file = Outline(entries, paper, source, heading, leads_on)
    if kind == "abstract" or file.is_about_one_work:
        return _one_work(file)
    return _list_of_works(file)


# --- a file about one work ----------------------------------------------------------------------


def _one_work(file: Outline) -> tuple[Entry, ...]:
    name = split_byline(file.name[0])[0]
    first = file.entries[0] if file.is_part else None
    stem = "" if first else file_name(file.source)[0]
    own = _own_links(file)
    anchor = _anchor(file)
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
    parts = [_part_in_paper(file, at, anchor, told, own) for at in range(len(file.entries))]
    return tuple(
        _with_work(entry, part, work) for entry, part in zip(file.entries, parts, strict=True)
    )


_BUT_WORK = attrgetter(*Entry.__struct_fields__[:-2])


def _with_work(entry: Entry, part: Part, work: Work | None) -> Entry:
    """The entry with its last two fields; a third of the time of `replace`."""
    values: tuple[Any, ...] = (*_BUT_WORK(entry), part, work)
    return Entry(*values)


def _anchor(file: Outline) -> int | None:
    """Return the entry that names the work of the file: its heading, or its front matter."""
    if file.is_part:
        return 0
    line = file.heading.line if file.heading else 1
    return next(
        (
            at
            for at, entry in enumerate(file.entries)
            if entry.role in ("document", "heading") and entry.line_start in (1, line)
        ),
        None,
    )


def _part_in_paper(
    file: Outline,
    at: int,
    anchor: int | None,
    told: tuple[int, str] | None,
    own: Sequence[Link],
) -> Part:
    entry = file.entries[at]
    if told and at == told[0]:
        return "work" if at == anchor else "statement"
    if at == anchor:
        return "work"
    if is_data(entry):
        others = [link for link in links_of(entry) if link not in (*own, *file.paper.links)]
        return "pointer" if others and not is_image_only(entry) else "field"
    if file.is_elsewhere(at):
        return "pointer"
    if file.is_label(at):
        return "label"
    return "remark"


def _own_links(file: Outline) -> tuple[Link, ...]:
    """Return the links to the paper itself, no pictures: of front matter and heading, else of the
    first entry that only gives one, else of fields.
    """
    first = file.entries[:1]
    named = (
        links_of(entry)
        for entry in file.entries
        if entry.role == "document" or _is_heading_of(file, entry)
    )
    if own := next(filter(None, named), ()):
        return own
    data = (entry for entry in file.entries if has_paper(entry.links) and is_data(entry))
    told = file.paper.links or (links_of(first[0]) if first else ())
    return next((entry.links for entry in data), told)


def _is_heading_of(file: Outline, entry: Entry) -> bool:
    return file.heading is not None and entry.line_start == file.heading.line


# --- a list of works ----------------------------------------------------------------------------


def _list_of_works(file: Outline) -> tuple[Entry, ...]:
    kinds = _kinds_in_list(file)
    read_before = published.read_before(file, kinds)
    works: dict[int, Work] = {}
    made: list[Entry] = []
    owner: list[int | None] = []
    statements: dict[int, int] = {}
    for at, entry in enumerate(file.entries):
        above = file.parent[at]
        own = (
            at if kinds[at] in ("work", "pointer") else owner[above] if above is not None else None
        )
        owner.append(own)
        if own == at:
            below = [file.entries[child] for child in file.children[at]]
            telling = [child for child in file.children[at] if not file.is_label(child)]
            told = statement_of(entry, [file.entries[child] for child in telling])
            head = file.entries[above] if above is not None else entry
            cells = published.cells_of(head.text, entry.text) if entry.role == "row" else []
            told_of = published.of_entry(entry, below, cells, read_before)
            works[at] = _work_of(entry, told[1] if told else "", told_of)
            if told and told[0]:
                statements[telling[told[0] - 1]] = at
        work = None if own is None else works[own]
        is_told = own is not None and statements.get(at) == own
        part = "statement" if is_told else kinds[at]
        made.append(_with_work(entry, part, work))
    return tuple(made)


def _kinds_in_list(file: Outline) -> list[Part]:
    """Return the part of each entry, children before their parents' are settled."""
    named = _named_below(file)
    kinds: list[Part] = ["remark"] * len(file.entries)
    for at in range(len(file.entries)):
        above = file.parent[at]
        inside = above is not None and _is_in_work(file, kinds, above)
        kinds[at] = _kind_in_list(file, at, named, inside)
    return kinds


def _is_in_work(file: Outline, kinds: Sequence[Part], at: int | None) -> bool:
    while at is not None:
        if kinds[at] == "work":
            return True
        at = file.parent[at]
    return False


def _kind_in_list(file: Outline, at: int, named: Sequence[int], inside: bool) -> Part:
    entry, above = file.entries[at], file.parent[at]
    is_group = file.is_short(at) and bool(file.children[at])
    if file.points_only and file.only_mentions(at):
        points = entry.role in ("item", "row") or lists_links(entry)
        return "pointer" if points else "remark"
    is_elsewhere = entry.role == "item" and file.is_elsewhere(at)
    if not inside and (is_elsewhere or file.leads_on(entry)) and file.only_mentions(at):
        return "pointer"
    if inside or (above is not None and file.lists_fields(above)):
        return "label" if file.is_label(at) else "field" if is_image_only(entry) else "remark"
    if entry.role in ("document", "heading"):
        return _kind_of_section(file, at, named)
    if is_group and (entry.role == "row" or named[at] > len(file.children[at]) / 2):
        return "label"
    may_name = _may_name(entry) and not file.leads_with_shared_label(at)
    if file.names_work(at) or (not (is_group and named[at]) and may_name):
        return "work"
    return "label" if is_group else "remark"


def _may_name(entry: Entry) -> bool:
    return (
        entry.role != "prose" and is_weak_name(entry.title) and not is_sentence(head(entry.title))
    )


def _kind_of_section(file: Outline, at: int, named: Sequence[int]) -> Part:
    """A heading with a byline is a work, or one with text of its own and no works below it."""
    entry = file.entries[at]
    if entry.role == "document" or file.points_only:
        return "remark"
    if is_bylined(entry.title) or at in file.compared:
        return "work"
    if file.compared:
        return "remark"
    if has_paper(entry.links) and not named[at]:
        return "work"
    is_top = file.heading is not None and entry.line_start == file.heading.line
    return "work" if not named[at] and not is_top else "remark"


def _named_below(file: Outline) -> list[int]:
    """Return how many entries right below each surely name works, themselves or by what stands
    below them; headings count all that is under them.
    """
    counts = [0] * len(file.entries)
    for at in range(len(file.entries) - 1, -1, -1):
        above = file.parent[at]
        if above is None:
            continue
        names = file.names_work(at) or (file.is_short(at) and counts[at] > 0)
        counts[above] += bool(names) or (file.entries[above].role == "heading" and counts[at] > 0)
    return counts


def _work_of(entry: Entry, statement: str, told_of: published.Published) -> Work:
    name = name_of(entry.title.rstrip("…"))
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
