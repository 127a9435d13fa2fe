"""The entries of one file -> what kind of file it is. Decided here once."""

from __future__ import annotations

from typing import Literal

from paperrag.notes.entry_shapes import has_paper, is_boxed, is_data, is_linked, is_section
from paperrag.notes.mentions import is_listed_title, names_work, only_mentions, points_at_note
from paperrag.notes.naming import is_bylined, is_cited, is_strong_name, is_title, lists_links
from paperrag.notes.outline import Outline
from paperrag.records import Entry

FileKind = Literal["one work", "list", "index"]
"""A note on one paper or subject, a list of works, a page that only points at works."""

COLLECTION_SHARE, FEWEST_NAMED = 0.4, 2
"""Share and number of a file's outermost items, or of its headings, that name works in a list. By
hand; `benchmarks/works.py` counts the files that are told so.
"""

PAPER_SHARE, PAPER_NAMED = 0.7, 8
"""The same where front matter or a linked heading says that the file is about one paper. By hand.
"""

INDEX_SHARE, FEWEST_POINTERS, MANY_POINTERS = 0.8, 5, 40
"""Share and number of items that say nothing of what they name, in a page that only points at
works: one that is called an index or points at other notes; any other page needs many, one that
does nothing else than point at notes a single one. By hand.
"""


def kind_of_file(file: Outline) -> FileKind:
    """Return what kind of file it is, by what its entries name and what it says of itself."""
    if _only_points(file):
        return "index"
    says_paper = _says_paper(file)
    if _names_several(file, says_paper):
        return "list"
    return "one work" if says_paper or _is_named(file) or _is_prose(file) else "list"


# --- an index -------------------------------------------------------------------------------------


def _only_points(file: Outline) -> bool:
    """Whether a file says nothing of most of what it names."""
    naming = [at for at, entry in enumerate(file.entries) if _names_elsewhere(file, entry)]
    silent = [at for at in naming if only_mentions(file, at)]
    local = sum(points_at_note(file, file.entries[at]) for at in silent)
    told = [
        at
        for at, entry in enumerate(file.entries)
        if entry.role in ("item", "row", "prose") or lists_links(entry)
    ]
    if silent and local == sum(not file.children[at] for at in told):
        return True
    is_index = file.is_called_index or local > len(silent) / 2
    fewest = FEWEST_POINTERS if is_index else MANY_POINTERS
    return len(silent) >= max(fewest, INDEX_SHARE * len(naming), len(told) / 2)


def _names_elsewhere(file: Outline, entry: Entry) -> bool:
    """Whether an item or row links to something, or, in what is called an index, is a title;
    whether other text does nothing but link.
    """
    if entry.role not in ("item", "row"):
        return lists_links(entry)
    return bool(entry.links) or points_at_note(file, entry) or is_listed_title(file, entry)


# --- a list of works ------------------------------------------------------------------------------


def _names_several(file: Outline, says_paper: bool) -> bool:
    """Whether most items, headings or first lines name works; fewer will do where the file does
    not say that it is about one paper.
    """
    share, fewest = (PAPER_SHARE, PAPER_NAMED) if says_paper else (COLLECTION_SHARE, FEWEST_NAMED)
    groups = (file.outermost, file.inner_headings, _bylined_lines(file))
    naming = [sum(names_work(file, at) for at in group) for group in groups]
    if any(
        count >= max(fewest, share * len(group))
        for count, group in zip(naming, groups, strict=True)
    ):
        return True
    do_all = bool(file.outermost) and naming[0] == len(file.outermost)
    return not says_paper and (do_all or bool(file.compared))


def _bylined_lines(file: Outline) -> list[int]:
    """Paragraphs that name a paper with its byline above what it is about: items, or text below
    a line in brackets or the title of a callout.
    """
    return [
        at
        for at, entry in enumerate(file.entries)
        if entry.role == "prose"
        and (file.children[at] or is_boxed(entry))
        and (is_bylined(entry.title) or is_cited(entry.title))
    ]


# --- one work -------------------------------------------------------------------------------------


def _says_paper(file: Outline) -> bool:
    """Whether front matter or what heads the file gives a paper."""
    paper, heading = file.paper, file.heading.title if file.heading else ""
    linked = file.heading is not None and is_linked(file.heading.text.split("\n", 1)[0])
    says = paper.authors or paper.venue or paper.doi or paper.citekey or paper.year
    is_told = linked or has_paper(paper.links) or bool(says) or file.is_bylined
    return is_told or is_title(paper.title) or is_title(heading)


def _is_named(file: Outline) -> bool:
    """Whether the file is called what a paper is, or links to one at its top."""
    name, year = file.name
    given = bool(file.paper.title) or any(
        has_paper(entry.links) and (is_data(entry) or entry.role == "heading") for entry in file.top
    )
    return given or bool(year) or is_strong_name(name) or is_title(name)


def _is_prose(file: Outline) -> bool:
    """Whether the file has a name and more text in paragraphs than in items and rows."""
    own = [entry for at, entry in enumerate(file.entries) if not file.is_elsewhere(at)]
    in_items = sum(
        len(entry.text)
        for entry in own
        if entry.role in ("item", "row") and not is_section(entry.text)
    )
    return bool(file.name[0]) and 2 * in_items <= sum(len(entry.text) for entry in own)
