"""A terminal as it is: width, links, colours. What is piped or saved stays plain text."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from itertools import zip_longest
from typing import TextIO
from unicodedata import category, east_asian_width

from msgspec import Struct

from paperrag.records import Entry
from paperrag.text.patterns import lazy_pattern

_NARROWEST = 40
"""Narrower screens are left to wrap by themselves."""

_MARK = lazy_pattern(r"\x1b\[[0-9;]*m|\x1b\]8;;[^\x1b]*\x1b\\")
_PIECE = lazy_pattern(rf"(?:{_MARK.pattern})+|\s+|[^\s\x1b]+")
_MARKER = lazy_pattern(r" *(?:- |\d+\. |\[\d+\] )?")
_TABLE = lazy_pattern(r"(?m)(^\|.*\|[ \t]*\n\|[ \t|:-]+\|[ \t]*\n(?:\|.*(?:\n|\Z))+)")
_TABLE_RULE = lazy_pattern(r"(?m)^\|[ \t|:-]+\|[ \t]*\n")
_BAR = lazy_pattern(r"(?<!\\)\|")
_NEVER_FIRST = frozenset("，。、；：！？）】》」』”’…—,.;:!?)]}%")


class Style:
    """How parts of a result look: plain, as here, or with the marks of a terminal."""

    def place(self, entry: Entry, text: str) -> str:
        """Return the place of an entry, which a terminal may open."""
        return text

    def strong(self, text: str) -> str:
        """Return what is looked for first."""
        return text

    def told(self, text: str) -> str:
        """Return the text of an answer, whose tables are Markdown."""
        return text


PLAIN = Style()


class Screen(Style, Struct, frozen=True):
    """A terminal of some columns and rows; `address` says what opens an entry."""

    columns: int
    rows: int
    has_links: bool
    has_colours: bool
    address: Callable[[Entry], str]

    def place(self, entry: Entry, text: str) -> str:
        """Return a place as a link, where terminals have them."""
        return (
            f"\x1b]8;;{self.address(entry)}\x1b\\{text}\x1b]8;;\x1b\\" if self.has_links else text
        )

    def strong(self, text: str) -> str:
        """Return a text in bold."""
        return f"\x1b[1m{text}\x1b[0m" if self.has_colours else text

    def told(self, text: str) -> str:
        """Return the text of an answer with each row of a table as a group of lines: what the row
        is about, and below it a line for each column that says something.
        """
        parts = (_TABLE_RULE.split(block) for block in _TABLE.split(text))
        return "".join(part[0] if len(part) < 2 else self._rows(part[0], part[1]) for part in parts)

    def _rows(self, head: str, body: str) -> str:
        _, *columns = _cells(head)
        lines = []
        for row in body.strip().splitlines():
            name, *cells = _cells(row)
            lines += [self.strong(name)] if name else []
            told = zip_longest(columns, cells, fillvalue="")
            lines += [
                f"  - {f'{column}: ' if column else ''}{cell}" for column, cell in told if cell
            ]
        return "\n".join(lines) + "\n" * body.endswith("\n")


def _cells(row: str) -> list[str]:
    """Return the cells of a row of a Markdown table, empty ones too."""
    return [cell.strip().replace("\\|", "|") for cell in _BAR.split(row.strip())[1:-1]]


def screen_of(
    stream: TextIO, environment: Mapping[str, str], address: Callable[[Entry], str]
) -> Screen | None:
    """Return the terminal that a stream prints on; None where it is a file, a pipe or a dumb one.

    NO_COLOR takes colours away, FORCE_HYPERLINK=0 links.
    """
    if not stream.isatty() or environment.get("TERM") == "dumb":
        return None
    columns, rows = shutil.get_terminal_size()
    has_links = (
        environment.get("FORCE_HYPERLINK", "1") != "0" and environment.get("TERM") != "linux"
    )
    return Screen(columns, rows, has_links, not environment.get("NO_COLOR"), address)


def laid_out(screen: Screen, text: str) -> list[str]:
    """Return a text in lines that fit a terminal."""
    return [part for line in text.splitlines() for part in wrapped(line, screen.columns)]


def wrapped(line: str, columns: int) -> Iterator[str]:
    """Yield a line in parts of so many columns at most, later ones indented like the words of the
    first, behind its bullet or number.

    Lines break at blanks and beside Chinese characters; an address longer than a line stays whole.
    """
    indent = line[: len(line) - len(line.lstrip(" "))]
    if columns < _NARROWEST or _width(line) <= columns or len(indent) > columns // 2:
        yield line
        return
    marker = _MARKER.match(line)
    hanging = " " * len(marker[0]) if marker else indent
    part, width = indent, len(indent)
    for piece in _pieces(line[len(indent) :]):
        size = _width(piece)
        if width + size > columns and part.strip() and piece.strip():
            yield part.rstrip(" ")
            part, width = hanging, len(hanging)
        part, width = part + piece, width + size
    yield part.rstrip(" ")


def end_of(text: str, columns: int) -> str:
    """Return the end of a text that fits into so many columns, on one line, without anything that
    a terminal would obey.
    """
    line = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    while _width(line) > columns:
        line = line[max(1, (_width(line) - columns) // 2) :]
    return line


def _pieces(text: str) -> Iterator[str]:
    """Yield what a line may not be broken within: words, marks of the terminal, a character of
    Chinese with the punctuation behind it.
    """
    for piece in _PIECE.findall(text):
        held = ""
        for character in piece if not _MARK.match(piece) else ():
            is_joint = bool(held) and (_is_wide(character) or _is_wide(held[-1]))
            if is_joint and character not in _NEVER_FIRST:
                yield held
                held = ""
            held += character
        yield held or piece


def _width(text: str) -> int:
    plain = _MARK.sub("", text)
    return sum(2 if _is_wide(one) else category(one) not in ("Mn", "Me", "Cf") for one in plain)


def _is_wide(character: str) -> bool:
    return east_asian_width(character) in "WF"
