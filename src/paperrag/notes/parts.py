"""The entries of one file -> what each is to the work it belongs to. Decided here once.

    one paper a file      the file is the work, its entries are remarks on it
    a list, a table       the bullet or row that names a paper is, with all that stands below it
    a file of headings    the heading is
    an index of links     its entries are pointers: they mention works and say nothing of them

A work is told by its shape: a link, a coined name, an author with a year, a name with remarks
below it, a name among such names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from paperrag.notes.entry_shapes import (
    has_paper,
    is_data,
    is_image_only,
    is_reference,
    links_of,
)
from paperrag.notes.file_kind import FEWEST_NAMED
from paperrag.notes.mentions import leads_on, names_work, only_mentions
from paperrag.notes.naming import (
    head,
    is_bylined,
    is_cited,
    is_sentence,
    is_weak_name,
    lists_links,
)
from paperrag.notes.outline import Outline
from paperrag.records import Entry, Link, Part
from paperrag.text.fields import is_of_paper
from paperrag.text.markup import table_cells

_LABEL_IN_TITLE = 24
"""Longest label of what an item says, in characters."""


# --- a file about one work ------------------------------------------------------------------------


def parts_in_paper(file: Outline, own: Sequence[Link], statement: int | None) -> list[Part]:
    """Return the part of each entry of a file about one work.

    own: the links to that. statement: the entry that says what it does, None if none does.
    """
    anchor = _anchor(file)
    parts = [_part_in_paper(file, at, own) for at in range(len(file.entries))]
    if statement is not None:
        parts[statement] = "statement"
    if anchor is not None:
        parts[anchor] = "work"
    return parts


def _anchor(file: Outline) -> int | None:
    """Return the entry that names the work of the file: its heading, or its front matter."""
    if file.is_part:
        return 0
    line = file.heading.line if file.heading else 1
    return next(
        (
            at
            for at, entry in enumerate(file.entries)
            if entry.line_start in (1, line)
            and (entry.role == "document" or file.is_top_heading(at))
        ),
        None,
    )


def _part_in_paper(file: Outline, at: int, own: Sequence[Link]) -> Part:
    entry = file.entries[at]
    if is_data(entry):
        others = [link for link in links_of(entry) if link not in (*own, *file.paper.links)]
        return "pointer" if others and not is_image_only(entry) else "field"
    if file.is_elsewhere(at):
        return "pointer"
    return "label" if file.is_label(at) else "remark"


# --- a list of works, an index --------------------------------------------------------------------


def parts_in_list(file: Outline, is_index: bool) -> list[Part]:
    """Return the part of each entry of a list of works, or of a page that only points at works."""
    told = _Named(file, is_index)
    parts: list[Part] = []
    inside: list[bool] = []
    for at, above in enumerate(file.parent):
        inside.append(above is not None and (inside[above] or parts[above] == "work"))
        parts.append(told.part_of(at, inside[at]))
    return parts


class _Named:
    """What names works in a list, counted over all of its entries."""

    def __init__(self, file: Outline, is_index: bool) -> None:
        self._file = file
        self._is_index = is_index
        self._below = _named_below(file)
        places = {(entry.breadcrumb, _label_of(entry)) for entry in file.entries}
        self._places_of_label = Counter(label for _, label in places if label)

    def part_of(self, at: int, inside: bool) -> Part:
        """Return the part of an entry; inside: whether it stands below a work."""
        file = self._file
        entry, above = file.entries[at], file.parent[at]
        if self._is_index and only_mentions(file, at):
            points = entry.role in ("item", "row") or lists_links(entry) or is_reference(entry)
            return "pointer" if points else "remark"
        is_elsewhere = entry.role == "item" and file.is_elsewhere(at)
        may_point = not inside and (is_elsewhere or leads_on(file, entry))
        if is_reference(entry) or (may_point and only_mentions(file, at)):
            return "pointer"
        if inside or (above is not None and _lists_fields(file, above)):
            return "label" if file.is_label(at) else "field" if is_image_only(entry) else "remark"
        if entry.role in ("document", "heading"):
            return "work" if self._is_section_of_work(at) else "remark"
        if file.is_group(at) and (entry.role == "row" or self._heads_works(at)):
            return "label"
        if names_work(file, at) or self._may_name(at):
            return "work"
        return "label" if file.is_group(at) else "remark"

    def _is_section_of_work(self, at: int) -> bool:
        """A heading with a byline is a work, or one with text of its own and no works below it."""
        file, entry = self._file, self._file.entries[at]
        if entry.role == "document" or self._is_index:
            return False
        if is_bylined(entry.title):
            return True
        if file.compared:
            return at in file.compared
        return not self._below[at] and (has_paper(entry.links) or not file.is_top_heading(at))

    def _heads_works(self, at: int) -> bool:
        """Whether most entries right below an entry name works."""
        return self._below[at] > len(self._file.children[at]) / 2

    def _may_name(self, at: int) -> bool:
        """Whether an entry may be a name, and neither heads names nor shares its label."""
        entry = self._file.entries[at]
        if entry.role == "prose" or (self._file.is_group(at) and self._below[at]):
            return False
        is_name = is_weak_name(entry.title) and not is_sentence(head(entry.title))
        return is_name and not self._shares_label(entry)

    def _shares_label(self, entry: Entry) -> bool:
        """Whether an item begins with a label that items elsewhere in the file begin with, too:
        "Sample: 57 infants" below one paper, "Sample: 120 infants" below another.
        """
        return self._places_of_label[_label_of(entry)] > 1


def _named_below(file: Outline) -> list[int]:
    """Return how many entries right below each surely name works, themselves or by what stands
    below them; headings count all that is under them.
    """
    counts = [0] * len(file.entries)
    for at in range(len(file.entries) - 1, -1, -1):
        above = file.parent[at]
        if above is None:
            continue
        names = names_work(file, at) or (file.is_short(at) and counts[at] > 0)
        counts[above] += bool(names) or (file.entries[above].role == "heading" and counts[at] > 0)
    return counts


def _lists_fields(file: Outline, at: int) -> bool:
    """Whether an entry is the head of a table whose columns are works: they are called by authors
    and years, or its rows as fields of papers are.
    """
    if file.entries[at].role != "row":
        return False
    rows = (file.entries[child].title for child in file.children[at])
    named = sum(map(is_cited, table_cells(file.entries[at].text)))
    return named >= FEWEST_NAMED or sum(map(is_of_paper, rows)) >= FEWEST_NAMED


def _label_of(entry: Entry) -> str:
    """What an item says before its first colon, "" without one."""
    label, colon, _ = entry.title.replace("：", ":").partition(":")
    return label.strip() if colon and entry.role == "item" and len(label) <= _LABEL_IN_TITLE else ""
