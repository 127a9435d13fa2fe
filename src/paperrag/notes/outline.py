"""The entries of one file as a tree: what kind of file it is, and which of them surely name works.

Shapes only: links, names, what stands below an entry and how long it is. Says nothing of which
work an entry belongs to.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from pathlib import PurePosixPath

from msgspec import Struct

from paperrag.notes.bylines import read_byline
from paperrag.notes.compared import Headed, side_by_side, sides_of
from paperrag.notes.entry_shapes import (
    LINK_LABEL,
    LOCAL_LINK,
    has_paper,
    is_data,
    is_footnote,
    is_linked,
    is_section,
    is_silent,
    links_of,
)
from paperrag.notes.naming import (
    INDEX_STEMS,
    file_name,
    is_bylined,
    is_cited,
    is_strong_name,
    is_title,
    lists_links,
)
from paperrag.notes.pasted import ENDS_SENTENCE
from paperrag.records import Entry, NotePaper
from paperrag.text.fields import is_of_paper
from paperrag.text.folding import letters
from paperrag.text.language import HAN_CHAR
from paperrag.text.links import REFERENCES
from paperrag.text.markup import plain_text, table_cells
from paperrag.text.patterns import any_of, lazy_pattern
from paperrag.text.progress import status_of_box

COLLECTION_SHARE, FEWEST_NAMED = 0.4, 2
"""Share and number of a file's outermost items, or of its headings, that name works in a list. By
hand; `benchmarks/works.py` counts the files that are told so.
"""

PAPER_SHARE, PAPER_NAMED = 0.7, 8
"""The same where front matter or a linked heading says that the file is about one paper. By hand.
"""

FIRST_ENTRIES = 6
"""Where a note gives the link to its paper, if it gives one."""

INDEX_SHARE, FEWEST_POINTERS, MANY_POINTERS = 0.8, 5, 40
"""Share and number of items that say nothing of what they name, in a page that only points at
works: one that is called an index or points at other notes; any other page needs many, one that
does nothing else than point at notes a single one. By hand.
"""

HAN_OF_A_WORD = 4
"""Chinese characters that say as much as a word of a title."""

LABEL_CHARS = 80
"""Longest item that only names the group below it."""

_TITLE_CHARS = 250
"""Longest line that is nothing but the title of a paper."""

_LABEL_IN_TITLE = 24
"""Longest label of what an item says, in characters."""

_ROW_CHARS = 25
"""A row with a longer cell says something of what its first cell names."""

_ELSEWHERE = lazy_pattern(
    rf"^\W*(?:\d+[.\s]*)?(?:{any_of([*REFERENCES, 'see also'])}|(?:related|further|more) (?:work|reading)s?"
    r"|(?:相关|延伸)(?:工作|阅读))\W*$",
    re.IGNORECASE,
)
"""Headings over what others wrote."""

_OWN_CLAUSE = lazy_pattern(r"[^\[\n]*[^\W\d_][^\[\n]*[,，;；。][^\[\n]*\[\[[^\]\n]+\]\]")
"""Words that end before a wiki-link: "Tides follow the moon, see [[Ebb]]" says something."""
_CLAUSE_BEHIND = lazy_pattern(r"\]\](?:[ \t]*[:：—–]+|[ \t]-)[ \t]*(?:\w[^\w\n]*){12}")
"""Words behind a wiki-link: what a day's note says about a paper, its own note does not know."""
_STEM_WORD = lazy_pattern(r"[^\W_]+")


class Heading(Struct, frozen=True):
    """The heading that heads a file: nothing of its level stands beside it."""

    title: str
    text: str
    line: int


class Outline:
    """The entries of a file as a tree by position, and what can be told of the file as a whole."""

    def __init__(
        self,
        entries: Sequence[Entry],
        paper: NotePaper,
        source: str,
        heading: Heading | None,
        leads_to_note: Callable[[str], bool],
    ) -> None:
        self.entries = entries
        self._leads_to_note = leads_to_note
        self.paper = paper
        self.source = source
        self.heading = heading
        place = {entry.id: at for at, entry in enumerate(entries)}
        self.parent = [place.get(entry.parent_id or "") for entry in entries]
        self.children: list[list[int]] = [[] for _ in entries]
        for at, above in enumerate(self.parent):
            if above is not None and not is_footnote(entries[at]):
                self.children[above].append(at)

    @cached_property
    def is_part(self) -> bool:
        """Whether these are not all entries of their file: a later block of fields heads them."""
        first = self.entries[0] if self.entries else None
        return (
            first is not None and first.role == "prose" and bool(first.fields and self.paper.title)
        )

    @cached_property
    def is_about_one_work(self) -> bool:
        """Whether the file is a note on one paper or subject rather than a list of works."""
        share, fewest = (
            (PAPER_SHARE, PAPER_NAMED) if self._says_paper else (COLLECTION_SHARE, FEWEST_NAMED)
        )
        groups = (self.outermost, self.inner_headings, self._bylined_lines)
        for group in groups:
            naming = sum(map(self.names_work, group))
            if naming >= fewest and naming >= share * len(group):
                return False
        if self.compared and not self._says_paper:
            return False
        if self.outermost and not self._says_paper and all(map(self.names_work, self.outermost)):
            return False
        return not self.points_only and (self._says_paper or self._is_named or self._is_prose)

    @cached_property
    def _is_named(self) -> bool:
        name, year = self.name
        given = bool(self.paper.title) or any(
            has_paper(entry.links) and (is_data(entry) or entry.role == "heading")
            for entry in self.entries[:FIRST_ENTRIES]
        )
        return given or bool(year) or is_strong_name(name) or is_title(name)

    @cached_property
    def _is_prose(self) -> bool:
        """Whether the file has a name and more text in paragraphs than in items and rows."""
        own = [entry for at, entry in enumerate(self.entries) if not self.is_elsewhere(at)]
        in_items = sum(
            len(entry.text)
            for entry in own
            if entry.role in ("item", "row") and not is_section(entry.text)
        )
        return bool(self.name[0]) and 2 * in_items <= sum(len(entry.text) for entry in own)

    @cached_property
    def _says_paper(self) -> bool:
        paper, heading = self.paper, self.heading.title if self.heading else ""
        linked = self.heading is not None and is_linked(self.heading.text.split("\n", 1)[0])
        says = paper.authors or paper.venue or paper.doi or paper.citekey or paper.year
        ids = has_paper(paper.links)
        is_told = linked or ids or bool(says) or self._is_bylined
        return is_told or is_title(paper.title) or is_title(heading)

    @property
    def _is_bylined(self) -> bool:
        """Whether the line below the one heading is a byline with a year."""
        if self.heading is None or "\n" not in self.heading.text:
            return False
        byline = read_byline(self.heading.text.lstrip().split("\n", 1)[1].strip().split("\n", 1)[0])
        return byline is not None and byline.year is not None

    @cached_property
    def name(self) -> tuple[str, int | None]:
        """What the file is called, and the year that its name begins with: by front matter, by
        its heading unless that is a word or two and the path says more, by its path.
        """
        stem, year = file_name(self.source)
        if self.paper.title:
            return self.paper.title, year
        heading = self.heading.title if self.heading else self._first_line
        words = len(heading.split()) + len(HAN_CHAR.findall(heading)) // HAN_OF_A_WORD
        is_short = words <= 2 and not is_strong_name(heading)
        says_more = len(_STEM_WORD.findall(stem)) > 2 and letters(heading) not in letters(stem)
        return (stem, year) if not heading or (is_short and says_more) else (heading, year)

    @property
    def _first_line(self) -> str:
        """What a file without a heading begins with, if that names a paper with its byline."""
        is_row = not self.entries or self.entries[0].role == "row"
        first = "" if is_row else self.entries[0].text.lstrip().split("\n", 1)[0]
        return first if is_bylined(first) else ""

    @cached_property
    def outermost(self) -> list[int]:
        """Items and rows that stand below no other, without those about what others wrote."""
        return [
            at
            for at, entry in enumerate(self.entries)
            if entry.role in ("item", "row")
            and not self.is_elsewhere(at)
            and not self._is_inside_item(at)
            and not self._is_group(at)
            and not (is_data(entry) and self.heading)
        ] + [
            at
            for group, entry in enumerate(self.entries)
            if self._is_group(group) and not self.is_elsewhere(group)
            for at in self.children[group]
            if self.entries[at].role in ("item", "row")
        ]

    def _is_group(self, at: int) -> bool:
        return self.is_short(at) and bool(self.children[at]) and not self._is_inside_item(at)

    @cached_property
    def inner_headings(self) -> list[int]:
        """Headings with prose below the one that heads the file, without those over other
        headings.
        """
        return [
            at
            for at, entry in enumerate(self.entries)
            if entry.role == "heading"
            and not self.is_elsewhere(at)
            and not (self.heading and entry.line_start == self.heading.line)
            and not any(self.entries[child].role == "heading" for child in self.children[at])
        ]

    @cached_property
    def compared(self) -> set[int]:
        """Headings with the same headings below them, or those that the file's name sets against
        each other: "Tern vs. Ibis".
        """
        alike = side_by_side(
            Headed(at, self.parent[at], entry.title, self._headings_below(at))
            for at, entry in enumerate(self.entries)
            if entry.role == "heading"
        )
        names = self.heading.title if self.heading else "", file_name(self.source)[0]
        sides = {side for name in names for side in sides_of(name)}
        titled = {at: sides_of(self.entries[at].title) for at in self.inner_headings}
        named = {at for at, own in titled.items() if own and own <= sides}
        return alike or (named if len(named) > 1 and len(sides) > 1 else set())

    def _headings_below(self, at: int) -> frozenset[str]:
        below = (self.entries[child] for child in self.children[at])
        return frozenset(entry.title for entry in below if entry.role == "heading")

    @property
    def _bylined_lines(self) -> list[int]:
        """Paragraphs that name a paper with its byline above what it is about: items, or text below
        a line in brackets.
        """
        return [
            at
            for at, entry in enumerate(self.entries)
            if entry.role == "prose"
            and (self.children[at] or entry.text.lstrip().startswith("【"))
            and (is_bylined(entry.title) or is_cited(entry.title))
        ]

    @cached_property
    def points_only(self) -> bool:
        """Whether the file is an index: of most of what it names it says nothing."""
        naming = [at for at, entry in enumerate(self.entries) if self._names_elsewhere(entry)]
        silent = [at for at in naming if self.only_mentions(at)]
        local = sum(self._points_at_note(self.entries[at]) for at in silent)
        told = [
            at
            for at, entry in enumerate(self.entries)
            if entry.role in ("item", "row", "prose") or lists_links(entry)
        ]
        if silent and local == sum(not self.children[at] for at in told):
            return True
        is_index = self._is_called_index or local > len(silent) / 2
        fewest = FEWEST_POINTERS if is_index else MANY_POINTERS
        return len(silent) >= max(fewest, INDEX_SHARE * len(naming), len(told) / 2)

    def _names_elsewhere(self, entry: Entry) -> bool:
        """Whether an item or row links to something, or, in what is called an index, is a title;
        whether other text does nothing but link.
        """
        if entry.role not in ("item", "row"):
            return lists_links(entry)
        return bool(entry.links) or self._points_at_note(entry) or self._is_bare_title(entry)

    def only_mentions(self, at: int) -> bool:
        """Whether an entry says nothing of what it names, and nothing stands below it."""
        entry = self.entries[at]
        says = "[[" in entry.text and (  # else each comma of the text is tried in vain
            _OWN_CLAUSE.match(entry.text)
            or (not self.name[0] and _CLAUSE_BEHIND.search(entry.text))
        )
        if self.children[at] or says or status_of_box(entry.text):
            return False
        return is_silent(entry) or self._is_bare_title(entry) or lists_links(entry)

    def leads_on(self, entry: Entry) -> bool:
        """Whether an entry links to another note, or to a heading of its own as tables of contents
        do.
        """
        return self._points_at_note(entry) or "](#" in entry.text

    def _points_at_note(self, entry: Entry) -> bool:
        text = entry.text
        return "[" in text and (bool(LOCAL_LINK.search(text)) or self._leads_to_note(text))

    def _is_bare_title(self, entry: Entry) -> bool:
        if not self._is_called_index:
            return False
        text = LINK_LABEL.sub(r"\1", entry.text) if "](" in entry.text else entry.text
        return len(text) <= _TITLE_CHARS and is_title(plain_text(entry.text))

    @cached_property
    def _is_called_index(self) -> bool:
        return PurePosixPath(self.source).stem.lower() in INDEX_STEMS

    def is_elsewhere(self, at: int) -> bool:
        """Whether an entry stands under references or related work."""
        entry = self.entries[at]
        return _stands_below_others(entry.breadcrumb) or _names_others(entry.title)

    def is_short(self, at: int) -> bool:
        """Whether an entry is short enough to be the label of a group, and has no link."""
        entry = self.entries[at]
        return (
            entry.role in ("item", "row")
            and not entry.links
            and (entry.role == "row" or len(entry.text.strip()) <= LABEL_CHARS)
        )

    def is_label(self, at: int) -> bool:
        """Whether an entry only names what stands below it."""
        entry = self.entries[at]
        if not self.children[at]:
            return False
        if entry.role != "prose":
            return self.is_short(at)
        is_sentence = entry.text.rstrip().endswith(ENDS_SENTENCE)
        return not is_sentence and letters(plain_text(entry.text)) == letters(entry.title)

    def lists_fields(self, at: int) -> bool:
        """Whether an entry is the head of a table whose columns are works: they are called by
        authors and years, or its rows as fields of papers are.
        """
        if self.entries[at].role != "row":
            return False
        rows = (self.entries[child].title for child in self.children[at])
        named = sum(map(is_cited, table_cells(self.entries[at].text)))
        return named >= FEWEST_NAMED or sum(map(is_of_paper, rows)) >= FEWEST_NAMED

    def names_work(self, at: int) -> bool:
        """Whether an entry by itself surely names a work."""
        entry = self.entries[at]
        if entry.role == "row":
            says = max(map(_chars_said, table_cells(entry.text)), default=0) > _ROW_CHARS
            return bool(links_of(entry)) or (says and is_strong_name(entry.title))
        if entry.role == "heading":
            return has_paper(entry.links) or is_strong_name(entry.title) or is_bylined(entry.title)
        if links_of(entry):
            return True
        is_leaf_title = entry.role == "item" and not self.children[at] and is_title(entry.title)
        is_told = entry.venue is not None or is_bylined(entry.title)
        return is_strong_name(entry.title) or is_leaf_title or is_told

    def leads_with_shared_label(self, at: int) -> bool:
        """Whether an item begins with a label that items elsewhere in the file begin with, too:
        "Sample: 57 infants" below one paper, "Sample: 120 infants" below another.
        """
        return self._label_places[_label_of(self.entries[at])] > 1

    @cached_property
    def _label_places(self) -> Counter[str]:
        """At how many places each label stands."""
        found = {(entry.breadcrumb, _label_of(entry)) for entry in self.entries}
        return Counter(label for _, label in found if label)

    def _is_inside_item(self, at: int) -> bool:
        above = self.parent[at]
        while above is not None:
            if self.entries[above].role in ("item", "row"):
                return True
            above = self.parent[above]
        return False


def _label_of(entry: Entry) -> str:
    """What an item says before its first colon, "" without one."""
    label, colon, _ = entry.title.replace("：", ":").partition(":")
    return label.strip() if colon and entry.role == "item" and len(label) <= _LABEL_IN_TITLE else ""


@lru_cache(maxsize=64)  # the names above are those of all entries beside
def _stands_below_others(breadcrumb: tuple[str, ...]) -> bool:
    return any(map(_names_others, breadcrumb))


def _chars_said(cell: str) -> int:
    """The length of a cell; a Chinese character says as much as two."""
    return len(cell) + len(HAN_CHAR.findall(cell))


@lru_cache(maxsize=512)
def _names_others(title: str) -> bool:
    return bool(_ELSEWHERE.match(title))
