"""AsciiDoc -> Markdown: titles, lists, tables; attributes and what is between marks is nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from paperrag.notes.foreign.pipes import piped
from paperrag.text.patterns import lazy_pattern

_TITLE = lazy_pattern(r"(={1,6}) (?=\S)")
_ATTRIBUTE = lazy_pattern(
    r":!?[\w-]+!?:(?: .*)?|\[[^\[\]]*\]|\[\[[^\[\]]*\]\]|(?:-{4,}|={4,}|\*{4,}|_{4,})|//.*"
)
_BLOCK_TITLE = lazy_pattern(r"\.(?=[^\s.])(.+)")
_ITEM = lazy_pattern(r"(\*{2,5}|\.{1,5}) +(?=\S)")
_TERM = lazy_pattern(r"([^:]+)::(?: +(.*))?")
_POINTER = lazy_pattern(r"<<[^<>,]*(?:,([^<>]*))?>>")
_TABLE = "|==="
_CELL = lazy_pattern(r"(?<!\\)(?:^|(?<=\s))(?:\d+[+*])?[<^>]?[a-z]?\|")
_COLUMNS = lazy_pattern(r"cols=\"?(?:(\d+)\*|([^\"\]]+))")


def asciidoc(lines: Sequence[str]) -> dict[int, str]:
    """Return what stands for the lines of a file of AsciiDoc, and of its tables in any other."""
    first = next((line for line in lines if line.strip()), "")
    is_asciidoc = first.startswith("= ") and not first.rstrip().endswith("=")
    meant = dict(_words(lines)) if is_asciidoc else {}
    bounds = [at for at, line in enumerate(lines) if line.strip() == _TABLE]
    for first_at, last in zip(bounds[::2], bounds[1::2], strict=False):
        meant |= _table(lines, first_at, last)
    return meant


def _words(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    for at, line in enumerate(lines):
        if title := _TITLE.match(line):
            yield at, f"{'#' * len(title[1])} {line[title.end() :]}"
        elif _ATTRIBUTE.fullmatch(line):
            yield at, ""
        elif block := _BLOCK_TITLE.fullmatch(line):
            yield at, f"**{block[1]}**"
        elif item := _ITEM.match(line):
            sign = "1." if item[1].startswith(".") else "-"
            yield at, f"{'   ' * (len(item[1]) - 1)}{sign} {_read(line[item.end() :])}"
        elif term := _TERM.fullmatch(line):
            yield at, f"- **{term[1]}**: {_read(term[2] or '')}"
        elif "<<" in line:
            yield at, _read(line)


def _read(words: str) -> str:
    return _POINTER.sub(lambda pointer: pointer[1] or "", words)


def _table(lines: Sequence[str], first: int, last: int) -> dict[int, str]:
    cells = [
        (at, cell.strip())
        for at in range(first + 1, last)
        if _CELL.match(lines[at])
        for cell in _CELL.split(lines[at])[1:]
    ]
    if not cells:
        return {}
    count = _count(lines[first - 1] if first else "") or sum(at == cells[0][0] for at, _ in cells)
    rows = [cells[start : start + count] for start in range(0, len(cells), count)]
    told = {row[0][0]: [words for _, words in row] for row in rows}
    head = rows[0][0][0]
    names = told.pop(head)
    return piped(first, last, (head, names), told)


def _count(attributes: str) -> int:
    """How many columns a table is said to have, 0 if that is not said."""
    found: re.Match[str] | None = _COLUMNS.search(attributes)
    if found is None:
        return 0
    return int(found[1]) if found[1] else found[2].count(",") + 1
