"""Titles, nested items and tables of wikis (MediaWiki, DokuWiki, Zim, WikiCreole, TWiki), Typst,
Textile and Jira -> Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from paperrag.notes.foreign.fences import fences_in
from paperrag.notes.foreign.pipes import piped
from paperrag.text.patterns import lazy_pattern

_EQUALS = lazy_pattern(r"(={1,6}) (?P<title>[^\s=].*?)[ ]*=*$")
_NUMBERED = lazy_pattern(r"h(?P<level>[1-6])\. (?P<title>\S.*)")
_PLUS = lazy_pattern(r"-{3}(?P<signs>\+{1,6})(?:!!)?[ ]+(?P<title>\S.*)")
_VARIABLE = lazy_pattern(r"%[A-Z]+(?:\{.*\})?%")
_SLANTED = lazy_pattern(r"(?<!:)//(?=\S)([^/\n]+)(?<=\S)//")
_QUOTES = lazy_pattern(r"'{2,5}(?=\S)([^'\n]+(?:'[^'\n]+)*)(?<=\S)'{2,5}")
_CATEGORY = lazy_pattern(r"\[\[(?:Category|分类|分類)[:：][^\[\]]*\]\]", re.IGNORECASE)
_VERBATIM = lazy_pattern(r"\{{3}(.*?)\}{3}")
_NAMES_COLUMN = "=* "
"""Around the name of a column: `|= Paper |` in WikiCreole, `| *Paper* |` in TWiki."""

_HEADING = lazy_pattern(r"#{1,6} ")
_ITEM = lazy_pattern(r"(?P<marks>\*{2,6}|#{1,6}) (?=\S)")
_PANEL = lazy_pattern(r"\{panel:title=(?P<title>[^|{}\n]+)[^{}\n]*\}")
_MACRO = lazy_pattern(r"\{(?:panel|quote|noformat|color|info|note|tip|warning)(?::[^{}\n]*)?\}")
_CELL_STYLE = lazy_pattern(r"^_\.\s*")
_QUOTE = "bq. "
_HEAD_SIGNS = ("||", "|_.", "^ ")
_DEEPEST = 6


def equals_titles(lines: Sequence[str]) -> dict[int, str]:
    """Return headings for lines between signs of equality, two or more, where there are none of
    Markdown; with fewer signs they stand deeper where the first has the most (DokuWiki).
    """
    code = _code(lines)
    found = {
        at: title
        for at, line in enumerate(lines)
        if at not in code and (title := _EQUALS.fullmatch(line))
    }
    if len(found) < 2 or any(map(_HEADING.match, lines)):
        return {}
    marks = [len(title[1]) for title in found.values()]
    falls = marks[0] == max(marks) and (min(marks) < marks[0] or marks[0] == _DEEPEST)
    titles = {
        at: _heading(_DEEPEST + 1 - len(title[1]) if falls else len(title[1]), title["title"])
        for at, title in found.items()
    }
    words = {at: _of_wiki(line) for at, line in enumerate(lines) if at not in code}
    told = {at: line for at, line in words.items() if line != lines[at]}
    return told | _tables(lines, "^ ", "|=") | titles


def plus_titles(lines: Sequence[str]) -> dict[int, str]:
    """Return headings for lines such as `---++ Title`, what programs fill in as nothing, and tables
    whose first row is in bold.
    """
    code = _code(lines)
    meant: dict[int, str] = {}
    for at, line in enumerate(lines):
        if at in code:
            continue
        if title := _PLUS.fullmatch(line):
            meant[at] = _heading(len(title["signs"]), title["title"])
        elif _VARIABLE.fullmatch(line.strip()):
            meant[at] = ""
    return meant | _tables(lines, "| *")


def numbered_titles(lines: Sequence[str]) -> dict[int, str]:
    """Return what stands for the lines of a note with titles such as `h2. Title`, before any of
    Markdown.
    """
    code = _code(lines)
    meant: dict[int, str] = {}
    level = 0
    for at, line in enumerate(lines):
        if at in code:
            continue
        if not level and _HEADING.match(line):
            return {}
        if title := _NUMBERED.match(line):
            level = int(title["level"])
            meant[at] = _heading(level, title["title"])
        elif panel := _PANEL.match(line):
            meant[at] = _heading(level + 1, panel["title"])
        elif level and (told := _read(line)) != line:
            meant[at] = told
    return meant | _tables(lines, *_HEAD_SIGNS[:2]) if level else {}


def _code(lines: Sequence[str]) -> set[int]:
    return {at for fence in fences_in(lines) for at in range(fence.first, fence.last + 1)}


def _heading(level: int, title: str) -> str:
    return f"{'#' * min(level, _DEEPEST)} {title}"


def _of_wiki(line: str) -> str:
    """A line of MediaWiki, DokuWiki or WikiCreole: what is slanted, bold, verbatim, an item below
    another one; its category is nothing.
    """
    if line.startswith("**") and (item := _ITEM.match(line)):
        line = f"{'   ' * (len(item['marks']) - 1)}- {line[item.end() :]}"
    line = _CATEGORY.sub("", _QUOTES.sub(r"**\1**", line))
    return _SLANTED.sub(r"*\1*", _VERBATIM.sub(r"\1", line))


def _read(line: str) -> str:
    """A line of Textile or Jira as Markdown has it."""
    line = _MACRO.sub("", line)
    if item := _ITEM.match(line):
        sign = "1." if "#" in item["marks"] else "-"
        return f"{'   ' * (len(item['marks']) - 1)}{sign} {line[item.end() :]}"
    return f"> {line[len(_QUOTE) :]}" if line.startswith(_QUOTE) else line


def _tables(lines: Sequence[str], *signs: str) -> dict[int, str]:
    """Return what stands for tables whose first row, their columns' names, begins with a sign."""
    meant: dict[int, str] = {}
    for first, last in _runs(lines):
        if not lines[first].startswith(signs):
            continue
        mark = "^" if lines[first].startswith("^") else "|"
        cells = (cell.strip(_NAMES_COLUMN) for cell in _cells(lines[first], mark))
        names = [cell for cell in cells if cell]
        rows = {at: _cells(lines[at], "|") for at in range(first + 1, last + 1)}
        meant |= piped(first, last, (first, names), rows)
    return meant


def _runs(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last line of what may be a table."""
    for is_row, run in groupby(range(len(lines)), key=lambda at: lines[at][:1] in ("|", "^")):
        places = list(run)
        if is_row and places:
            yield places[0], places[-1]


def _cells(row: str, mark: str) -> list[str]:
    return [_CELL_STYLE.sub("", cell.strip()) for cell in row.strip().strip(mark).split(mark)]
