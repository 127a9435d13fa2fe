"""Lines of a note -> the same lines as a strict Markdown parser has to see them to find what was
meant.

CommonMark takes a list item that is indented by four or more columns too many for a wrapped
line, a "> remark" left of its item's text for the end of the list, a full-width blank for text,
"##Title" for a paragraph and `---` under a sentence for a heading; people who write notes do not.
They paste lists whose bullets are "•" or "（1）", and formulas with a minus at the start of a line.
Line numbers stay: nothing is shown or stored from these lines, only block starts are read.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec import Struct

from paperrag.notes.cards import cards_in
from paperrag.notes.columns import TableRows, find_columns
from paperrag.notes.grids import find_grids
from paperrag.notes.labels import Titled, find_titled
from paperrag.notes.named_lines import named_lines
from paperrag.notes.opaque import Opaque, find_opaque
from paperrag.notes.paper_blocks import paper_blocks
from paperrag.notes.pasted import Pasted, lines_below, pasted_items
from paperrag.text.markers import FENCE, ITEM
from paperrag.text.patterns import lazy_pattern

MOST_LEVELS = 40
"""Items nested deeper are siblings at this level: the parser calls itself for each level."""

_BLANK = r"[^\S\n]"
_ITEM = lazy_pattern(rf"({ITEM})({_BLANK}+)(?=\S)")
_RULE = lazy_pattern(r"(?:[-*_][ \t]*){3,}$")
_FENCE = lazy_pattern(FENCE)
_CROWDED_HEADING = lazy_pattern(r"^( {0,3}#{2,6})(?=[^\s#])")
_MANY_MARKERS = lazy_pattern(rf"(?:(?:>|{ITEM})[ \t]*){{12,}}")
_UNDERLINE = lazy_pattern(r" {0,3}-+[ \t]*$")
_NO_HEADING = lazy_pattern(rf"[。！？；;.!?,，：:、…]\s*$|[。，]|^\s*(?:[-*+>|#]|{ITEM}\s)|\$\$")
_HEADING_CHARS = 60
_WIDE_BLANK = "\u3000"
_FOREIGN_SIGNS = ("#", "＃", "\\", "~", _WIDE_BLANK)
_TAGS = lazy_pattern(r"#{1,6}[ ]tags:")
"""A line of tags, in HackMD."""
_SECTION = lazy_pattern(r"\\((?:sub)*)section\*?\{[^{}\n]+\}[ \t]*")
_TAB_COLUMNS = 4
NEUTRAL = "x"
"""A line of words."""


def as_meant(
    lines: Sequence[str],
    opaque: Sequence[Opaque] | None = None,
    titled: Titled | None = None,
    columns: TableRows | None = None,
) -> Iterator[str]:
    """Yield each line with list items moved to the least indent that keeps their nesting.

    An item is nested in another if it starts at or right of the other's text, as in CommonMark.
    A remark right below an item is moved into it. `opaque`: `find_opaque(lines)`, if known;
    titled: `find_titled(lines, opaque)`; columns: `find_columns(lines)`.
    """
    known = _known(lines, opaque, titled, columns)
    mover = _Mover()
    for number, line in enumerate(lines):
        part, item = known.held.get(number), known.items.get(number)
        line = known.drawn.get(number, line)
        if line[:1] in _FOREIGN_SIGNS:
            line = _as_markdown(lines, number, line, item is not None)
        if line[:1].isalpha() and mover.is_outside and not part and item is None:
            mover.after_blank, mover.latest = False, NEUTRAL
            yield line
        elif part and number > part.first:
            yield mover.inside()
        elif part and part.is_whole:
            yield mover.moved(_neutral(line), None)
        elif _UNDERLINE.match(line) and mover.is_outside and not _is_underline(lines, number):
            yield "***" if line.count("-") > 2 else NEUTRAL
        else:
            yield mover.moved(line, item, number in known.below)


class _KnownLines(Struct, frozen=True):
    """What is known of lines, by their numbers: the formula or comment that each stands in, items
    whose bullet is no Markdown, lines that belong to the item above whatever their indent is, and
    what stands for those that draw a table.
    """

    held: Mapping[int, Opaque]
    items: Mapping[int, Pasted]
    below: Collection[int]
    drawn: Mapping[int, str]


def _known(
    lines: Sequence[str],
    opaque: Sequence[Opaque] | None,
    titled: Titled | None,
    columns: TableRows | None,
) -> _KnownLines:
    stretches = find_opaque(lines) if opaque is None else opaque
    titled = titled or find_titled(lines, stretches)
    columns = columns or find_columns(lines)
    pasted = {**pasted_items(lines), **cards_in(lines)}
    papers, of_papers = paper_blocks(lines)
    named, of_named = named_lines(lines)
    below = lines_below(pasted, lines) | titled.below | of_papers | of_named
    return _KnownLines(
        {number: part for part in stretches for number in range(part.first, part.last + 1)},
        named | titled.starts | pasted | papers | columns.rows,
        (below - columns.rows.keys()) | columns.below,
        find_grids(lines) | dict.fromkeys(columns.rules, ""),
    )


class _Mover:
    """Moves lines, one at a time. `levels` are the columns where the texts of the open items
    start: as written, as yielded. above: that of the last pasted item; shift: how far the lines
    that belong to it stand too far out, None before the first of them.
    """

    def __init__(self) -> None:
        self.levels: list[tuple[int, int]] = []
        self.fence = ""
        self.after_blank = False
        self.latest = ""
        self.above = 0
        self.shift: int | None = None

    @property
    def is_outside(self) -> bool:
        """Whether no item and no fence is open."""
        return not self.levels and not self.fence

    def inside(self) -> str:
        """Return a line of a formula or comment: words, as deep as the line above."""
        self.after_blank = False
        return self.latest

    def moved(self, line: str, pasted: Pasted | None, is_below: bool = False) -> str:
        """Return a line moved to where it belongs; `pasted`: what it is where its bullet is no
        Markdown. is_below: it belongs to the item above whatever its indent is.
        """
        if not (line or self.levels or self.fence):
            self.after_blank, self.latest = True, NEUTRAL
            return ""
        column, text = _in_columns(line, None if self.fence else pasted)
        item = None if self.fence or _RULE.match(text) else _ITEM.match(text)
        if is_below and self.levels and text:
            column = self._below_pasted(column)
        column = self._close(text, column, item is not None)
        self.fence = _fence_after(self.fence, text)
        open_levels = (level for level in reversed(self.levels) if level[0] <= column)
        written, yielded = next(open_levels, (0, 0))
        if item:
            opened = self._opened(text, column, item, (written, yielded))
            if pasted is not None and not is_below:
                self.above, self.shift = self.levels[-1][0], None
            return opened
        self.after_blank = not line.strip()
        self.latest = " " * yielded + _neutral(line).lstrip()
        if self.after_blank:
            return ""
        if written:
            return " " * (yielded + column - written) + text
        return self._outside(line)

    def _outside(self, line: str) -> str:
        """Return a line that stands in no item."""
        if self.fence:
            return line
        return _CROWDED_HEADING.sub(r"\1 ", line) if "##" in line else _few_markers(line)

    def _below_pasted(self, column: int) -> int:
        """Return the column of a line of the pasted item above, moved as the first of these is."""
        if self.shift is None:
            self.shift = max(self.above - column, 0)
        return column + self.shift

    def _close(self, text: str, column: int, is_item: bool) -> int:
        """Close the items that a line ends, and return the column that it is meant to stand in."""
        is_remark = text.startswith(">") and not self.after_blank and not self.fence
        if (is_item or self.after_blank or text.startswith("#")) and not self.fence:
            while self.levels and column < self.levels[-1][0]:
                self.levels.pop()
        return max(column, self.levels[-1][0]) if is_remark and self.levels else column

    def _opened(self, text: str, column: int, item: re.Match[str], level: tuple[int, int]) -> str:
        if len(self.levels) > MOST_LEVELS:
            self.levels.pop()
            level = self.levels[-1]
        gap = _columns_after(column, item)
        inside = level[1] + len(item[1]) + 1
        self.levels.append((column + len(item[1]) + gap, inside))
        self.after_blank, self.latest = False, " " * inside + NEUTRAL
        return f"{' ' * level[1]}{item[1]} {_few_markers(text[item.end() :])}"


def _in_columns(line: str, pasted: Pasted | None) -> tuple[int, str]:
    """Return the column in which a line begins and the text from there on, an item's if it was
    pasted as one.
    """
    text = line.lstrip() if pasted else line.lstrip(" \t")
    column = len(line[: len(line) - len(text)].expandtabs(_TAB_COLUMNS))
    return (column + _TAB_COLUMNS * pasted.depth, f"- {pasted.text}") if pasted else (column, text)


def _as_markdown(lines: Sequence[str], number: int, line: str, is_item: bool) -> str:
    """A heading of LaTeX, of a full-width keyboard or, by its underline, of reStructuredText as one
    of Markdown; tags as words; an indent of Chinese blanks, two columns each, as one of others.
    """
    if line[:1] == _WIDE_BLANK:
        words = line.lstrip(_WIDE_BLANK)
        return line if is_item else f"{' ' * 2 * (len(line) - len(words))}{words}"
    if line[:1] == "#":
        return NEUTRAL if _TAGS.match(line) else line
    if line[:1] == "＃":
        signs = line[: len(line) - len(line.lstrip("＃"))]
        return f"{'#' * len(signs)} {line[len(signs) :].lstrip()}"
    if line[:1] == "\\" and (section := _SECTION.fullmatch(line)):
        return f"##{'#' * (len(section[1]) // 3)} {NEUTRAL}"
    is_underline = line[:4] == "~~~~" and not line.strip("~ \t") and _is_as_long(lines, number)
    return "---" if is_underline and _is_underline(lines, number) else line


def _is_as_long(lines: Sequence[str], number: int) -> bool:
    """Whether a line is as long as the title above it."""
    return number > 0 and 0 < len(lines[number - 1].strip()) <= len(lines[number].rstrip())


def _neutral(line: str) -> str:
    """A line of words in place of one, as deep in indents and quotes."""
    return line[: len(line) - len(line.lstrip(" \t>"))] + NEUTRAL


def _few_markers(text: str) -> str:
    markers = _MANY_MARKERS.match(text)
    if markers is None or _RULE.match(text):
        return text
    is_quote = not markers[0].strip("> \t")
    return f"{'> ' if is_quote else '- '}{text[markers.end() :]}"


def _is_underline(lines: Sequence[str], number: int) -> bool:
    """Whether dashes are drawn under a title: one short line, blank above, that is no sentence."""
    above = lines[number - 1].strip() if number else ""
    if not above:
        return True
    is_alone = number == 1 or not lines[number - 2].strip() or lines[number - 2].startswith("#")
    return is_alone and len(above) <= _HEADING_CHARS and not _NO_HEADING.search(above)


def _columns_after(column: int, item: re.Match[str]) -> int:
    """Columns between marker and text; five or more count as one, the rest is the text's own."""
    start = column + len(item[1])
    columns = len((" " * start + item[2]).expandtabs(_TAB_COLUMNS)) - start
    return columns if columns <= 4 else 1


def _fence_after(fence: str, text: str) -> str:
    """The mark of the code fence that is open after this line, "" outside of code."""
    match = _FENCE.match(text)
    if not fence:
        return match[0] if match else ""
    is_closing = (
        match is not None and match[0].startswith(fence) and not text[match.end() :].strip()
    )
    return "" if is_closing else fence
