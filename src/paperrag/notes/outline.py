"""The entries of one file as a tree: what the file is called, what stands below what, which entries
head others. Says nothing of works.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from pathlib import PurePosixPath

from msgspec import Struct

from paperrag.notes.bylines import has_byline_below
from paperrag.notes.compared import Headed, side_by_side, sides_of
from paperrag.notes.entry_shapes import is_data, is_footnote, is_reference
from paperrag.notes.naming import INDEX_STEMS, file_name, is_bylined, is_strong_name
from paperrag.notes.pasted import ENDS_SENTENCE
from paperrag.records import Entry, NotePaper
from paperrag.text.folding import letters
from paperrag.text.language import HAN_CHAR
from paperrag.text.links import REFERENCES
from paperrag.text.markup import plain_text
from paperrag.text.patterns import any_of, lazy_pattern

_TOP_ENTRIES = 6
"""Where a note gives the link to its paper, if it gives one."""

_HAN_OF_A_WORD = 4
"""Chinese characters that say as much as a word of a title."""

LABEL_CHARS = 80
"""Longest item that only names the group below it."""

_ELSEWHERE = lazy_pattern(
    rf"^\W*(?:\d+[.\s]*)?(?:{any_of([*REFERENCES, 'see also'])}|(?:related|further|more) (?:work|reading)s?"
    r"|(?:相关|延伸)(?:工作|阅读))\W*$",
    re.IGNORECASE,
)
"""Headings over what others wrote."""

_STEM_WORD = lazy_pattern(r"[^\W_]+")


class Heading(Struct, frozen=True):
    """The heading that heads a file: nothing of its level stands beside it."""

    title: str
    text: str
    line: int


class Outline:
    """The entries of a file by position, with the positions above and below each.

    paper: what front matter says of the file. heading: what heads it, None if nothing does.
    leads_to_note: whether a text links to another note by a definition of the file.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        paper: NotePaper,
        source: str,
        heading: Heading | None,
        leads_to_note: Callable[[str], bool],
    ) -> None:
        self.entries = entries
        self.paper = paper
        self.source = source
        self.heading = heading
        self.leads_to_note = leads_to_note
        place = {entry.id: at for at, entry in enumerate(entries)}
        self.parent = [place.get(entry.parent_id or "") for entry in entries]
        self.children: list[list[int]] = [[] for _ in entries]
        for at, above in enumerate(self.parent):
            if above is not None and not is_footnote(entries[at]):
                self.children[above].append(at)

    # --- the file ---------------------------------------------------------------------------------

    @property
    def top(self) -> Sequence[Entry]:
        """The first entries, which say what the file is on if any do."""
        return self.entries[:_TOP_ENTRIES]

    @cached_property
    def is_part(self) -> bool:
        """Whether these are not all entries of their file: a later block of fields heads them."""
        first = self.entries[0] if self.entries else None
        return (
            first is not None and first.role == "prose" and bool(first.fields and self.paper.title)
        )

    @cached_property
    def is_called_index(self) -> bool:
        """Whether the file is named as pages are that only lead on."""
        return PurePosixPath(self.source).stem.lower() in INDEX_STEMS

    @cached_property
    def name(self) -> tuple[str, int | None]:
        """What the file is called, and the year that its name begins with: by front matter, by
        its heading unless that is a word or two and the path says more, by its path.
        """
        stem, year = file_name(self.source)
        if self.paper.title:
            return self.paper.title, year
        heading = self.heading.title if self.heading else self._first_line
        words = len(heading.split()) + len(HAN_CHAR.findall(heading)) // _HAN_OF_A_WORD
        is_brief = words <= 2 and not is_strong_name(heading)
        says_more = len(_STEM_WORD.findall(stem)) > 2 and letters(heading) not in letters(stem)
        return (stem, year) if not heading or (is_brief and says_more) else (heading, year)

    @cached_property
    def is_bylined(self) -> bool:
        """Whether the line below the one heading, or below the first line where none is, is a
        byline with a year.
        """
        if self.heading is not None:
            return has_byline_below(self.heading.text)
        first = [entry.text for entry in self.entries[:2] if entry.role != "heading"]
        return has_byline_below("\n".join(first))

    @property
    def _first_line(self) -> str:
        """What a file without a heading begins with, if a byline stands behind or below it."""
        is_row = not self.entries or self.entries[0].role == "row"
        first = "" if is_row else plain_text(self.entries[0].text.lstrip().split("\n", 1)[0])
        return first if is_bylined(first) or self.is_bylined else ""

    # --- its entries ------------------------------------------------------------------------------

    @cached_property
    def outermost(self) -> list[int]:
        """Items and rows that stand below no other, without those about what others wrote."""
        return [
            at
            for at, entry in enumerate(self.entries)
            if entry.role in ("item", "row")
            and not self.is_elsewhere(at)
            and not self._is_inside_item(at)
            and not self._heads_group(at)
            and not (is_data(entry) and self.heading)
        ] + [
            at
            for group in range(len(self.entries))
            if self._heads_group(group) and not self.is_elsewhere(group)
            for at in self.children[group]
            if self.entries[at].role in ("item", "row")
        ]

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
            and not self.is_top_heading(at)
            and not self._headings_below(at)
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

    def is_top_heading(self, at: int) -> bool:
        """Whether an entry begins with the heading that heads the file."""
        return self.heading is not None and self.entries[at].line_start == self.heading.line

    def is_elsewhere(self, at: int) -> bool:
        """Whether an entry stands under references or related work, or is a reference."""
        entry = self.entries[at]
        is_listed = is_reference(entry) or _names_others(entry.title)
        return is_listed or _stands_below_others(entry.breadcrumb)

    def is_group(self, at: int) -> bool:
        """Whether an item or row has entries below it and is short enough to be their label."""
        return self.is_short(at) and bool(self.children[at])

    def is_short(self, at: int) -> bool:
        """Whether an item or row is short enough to be the label of a group, and has no link."""
        entry = self.entries[at]
        return (
            entry.role in ("item", "row")
            and not entry.links
            and (entry.role == "row" or len(entry.text.strip()) <= LABEL_CHARS)
        )

    def is_label(self, at: int) -> bool:
        """Whether an entry only names what stands below it."""
        entry = self.entries[at]
        if entry.role != "prose" or not self.children[at]:
            return self.is_group(at)
        is_sentence = entry.text.rstrip().endswith(ENDS_SENTENCE)
        return not is_sentence and letters(plain_text(entry.text)) == letters(entry.title)

    def _heads_group(self, at: int) -> bool:
        return self.is_group(at) and not self._is_inside_item(at)

    def _is_inside_item(self, at: int) -> bool:
        above = self.parent[at]
        while above is not None:
            if self.entries[above].role in ("item", "row"):
                return True
            above = self.parent[above]
        return False


@lru_cache(maxsize=64)  # the names above are those of all entries beside
def _stands_below_others(breadcrumb: tuple[str, ...]) -> bool:
    return any(map(_names_others, breadcrumb))


@lru_cache(maxsize=512)
def _names_others(title: str) -> bool:
    return bool(_ELSEWHERE.match(title))
