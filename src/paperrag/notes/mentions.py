"""An entry in its file -> whether it names a work by itself, or only mentions one."""

from __future__ import annotations

from paperrag.notes.bylines import has_byline_below
from paperrag.notes.entry_shapes import LINK_LABEL, LOCAL_LINK, has_paper, is_silent, links_of
from paperrag.notes.naming import (
    is_bylined,
    is_strong_name,
    is_title,
    lists_links,
    only_points,
)
from paperrag.notes.outline import Outline
from paperrag.notes.remarks import fields_of_line
from paperrag.records import Entry
from paperrag.text.language import HAN_CHAR
from paperrag.text.markup import plain_text, table_cells
from paperrag.text.patterns import lazy_pattern
from paperrag.text.progress import status_of_box

_ROW_CHARS = 25
"""A row with a longer cell says something of what its first cell names."""

_TITLE_CHARS = 250
"""Longest line that is nothing but the title of a paper."""

_OWN_CLAUSE = lazy_pattern(r"[^\[\n]*[^\W\d_][^\[\n]*[,，;；。][^\[\n]*\[\[[^\]\n]+\]\]")
"""Words that end before a wiki-link: "Tides follow the moon, see [[Ebb]]" says something."""
_CLAUSE_BEHIND = lazy_pattern(r"\]\](?:[ \t]*[:：—–]+|[ \t]-)[ \t]*(?:\w[^\w\n]*){12}")
"""Words behind a wiki-link: what a day's note says about a paper, its own note does not know."""


def names_work(file: Outline, at: int) -> bool:
    """Whether an entry by itself surely names a work."""
    entry = file.entries[at]
    if entry.role == "row":
        says = max(map(_chars_said, table_cells(entry.text)), default=0) > _ROW_CHARS
        return bool(links_of(entry)) or (says and is_strong_name(entry.title))
    if entry.role == "heading":
        is_told = is_bylined(entry.title) or has_byline_below(entry.text) or _gives_authors(entry)
        return has_paper(entry.links) or is_strong_name(entry.title) or is_told
    if links_of(entry):
        return True
    is_leaf_title = entry.role == "item" and not file.children[at] and is_title(entry.title)
    is_told = entry.venue is not None or is_bylined(entry.title)
    return is_strong_name(entry.title) or is_leaf_title or is_told


def _gives_authors(entry: Entry) -> bool:
    """Whether a line below a heading says who the authors are: "- Authors: Gujarati, Karimi"."""
    lines = entry.text.split("\n")[1:]
    return any(name == "authors" for line in lines for name, _ in fields_of_line(line))


def only_mentions(file: Outline, at: int) -> bool:
    """Whether an entry says nothing of what it names, and nothing stands below it."""
    entry = file.entries[at]
    says = "[[" in entry.text and (  # else each comma of the text is tried in vain
        _OWN_CLAUSE.match(entry.text) or (not file.name[0] and _CLAUSE_BEHIND.search(entry.text))
    )
    if file.children[at] or says or status_of_box(entry.text):
        return False
    is_row_of_links = entry.text.count("[[") > 1 and only_points(entry.text)
    return is_silent(entry) or is_row_of_links or is_listed_title(file, entry) or lists_links(entry)


def leads_on(file: Outline, entry: Entry) -> bool:
    """Whether an entry links to another note, or to a heading of its own as tables of contents
    do.
    """
    return points_at_note(file, entry) or "](#" in entry.text


def points_at_note(file: Outline, entry: Entry) -> bool:
    """Whether an entry links to another note."""
    text = entry.text
    return "[" in text and (bool(LOCAL_LINK.search(text)) or file.leads_to_note(text))


def is_listed_title(file: Outline, entry: Entry) -> bool:
    """Whether an entry of what is called an index is nothing but a title."""
    if not file.is_called_index:
        return False
    text = LINK_LABEL.sub(r"\1", entry.text) if "](" in entry.text else entry.text
    return len(text) <= _TITLE_CHARS and is_title(plain_text(entry.text))


def _chars_said(cell: str) -> int:
    """The length of a cell; a Chinese character says as much as two."""
    return len(cell) + len(HAN_CHAR.findall(cell))
