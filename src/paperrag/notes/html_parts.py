"""A block of HTML in a note -> the headings, list items and table rows that begin in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from msgspec import Struct

from paperrag.text.patterns import lazy_pattern

_OPENS = lazy_pattern(r"<(?:(?P<row>tr)|(?P<item>li|dt)|h(?P<level>[1-6]))\b", re.IGNORECASE)
_TABLE = lazy_pattern(r"[ \t>]*<table\b", re.IGNORECASE)
_NAMES_COLUMNS = lazy_pattern(r"<th\b", re.IGNORECASE)
_LIST = lazy_pattern(r"<(/?)[uo]l\b", re.IGNORECASE)
_WORD = lazy_pattern(r">[^<>]*\w[^<>]*(?:<|$)|^[^<>]*\w[^<>]*(?:<|$)")


class HtmlPart(Struct, frozen=True):
    """What begins on a line. `level` is a heading's rank or an item's depth, from 1; of a row that
    names columns 0. `opens_table`: it is the first row of a table.
    """

    kind: Literal["heading", "item", "row"]
    line: int
    level: int = 1
    opens_table: bool = False


def html_parts(lines: Sequence[str], start: int, end: int) -> list[HtmlPart]:
    """Return the parts of the block on lines `start` to `end`, at most one a line.

    Tags before the first part belong to it; words before it are what the block begins with.
    """
    parts = list(_parts(lines, start, end))
    if parts and not any(_WORD.search(lines[at]) for at in range(start, parts[0].line)):
        first = parts[0]
        opens = first.kind == "row" and bool(_TABLE.match(lines[start]))
        parts[0] = HtmlPart(first.kind, start, first.level, opens)
    return parts


def _parts(lines: Sequence[str], start: int, end: int) -> Iterator[HtmlPart]:
    found = {at: match for at in range(start, end) if (match := _OPENS.search(lines[at]))}
    ends = [*found, end][1:]
    depth, read = 0, start
    for (at, match), stop in zip(found.items(), ends, strict=True):
        if match["row"]:
            names = _NAMES_COLUMNS.search("\n".join(lines[at:stop]))
            yield HtmlPart("row", at, 0 if names else 1)
        elif match["item"]:
            depth += sum(map(_deeper, lines[read:at]))
            yield HtmlPart("item", at, max(depth + _deeper(lines[at][: match.start()]), 1))
            read = at
        else:
            yield HtmlPart("heading", at, int(match["level"]))


def _deeper(line: str) -> int:
    """How many more lists are open behind a line."""
    return sum(-1 if closing else 1 for closing in _LIST.findall(line))
