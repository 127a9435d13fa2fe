"""Tables of LaTeX -> rows of Markdown; the first row names the columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from paperrag.notes.foreign.fences import fences_in
from paperrag.notes.foreign.pipes import piped
from paperrag.text.patterns import lazy_pattern

_TABLE = lazy_pattern(r"\\begin\{(?P<name>(?:long)?tab(?:ular|le|u)[a-z]?\*?)\}")
_FLOAT = ("\\begin{table", "\\end{table", "\\centering", "\\label{", "\\small", "\\vspace")
_CAPTION = lazy_pattern(r"[ \t]*\\caption(?:\[[^\[\]]*\])?\{(.*)\}[ \t]*")
_RULE = lazy_pattern(r"\\(?:hline|[a-z]*rule|cline)(?:\([^()]*\))?(?:\[[^\[\]]*\])?(?:\{[^{}]*\})?")
_SPAN = lazy_pattern(r"\\multicolumn\{(\d{1,2})\}\{[^{}]*\}\{((?:[^{}]|\{[^{}]*\})*)\}")
_CELLS = lazy_pattern(r"(?<!\\)&")
_LANGUAGES = ("latex", "tex", "")


def latex_tables(lines: Sequence[str]) -> dict[int, str]:
    """Return what stands for the lines of tables of LaTeX, in a block of code or beside text."""
    meant: dict[int, str] = {}
    fences = [fence for fence in fences_in(lines) if fence.language in _LANGUAGES]
    for first, last in _tables(lines):
        rows = dict(_rows(lines, first, last))
        if len(rows) < 2:
            continue
        head, *others = rows.items()
        if table := piped(first, last, head, dict(others)):
            meant |= dict(_around(lines, first, last)) | table
            around = [fence for fence in fences if fence.first < first and last < fence.last]
            meant |= {at: "" for fence in around for at in (fence.first, fence.last)}
    return meant


def _tables(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The lines on which tables open and close, without what floats around them."""
    end, passed_over = -1, {"table"}
    for first, line in enumerate(lines):
        opening = _TABLE.search(line) if first > end and "\\begin" in line else None
        if opening and opening["name"] not in passed_over:
            closes = f"\\end{{{opening['name']}}}"
            end = next((at for at in range(first, len(lines)) if closes in lines[at]), -1)
            if end < 0:
                passed_over.add(opening["name"])
            elif end > first:
                yield first, end


def _around(lines: Sequence[str], first: int, last: int) -> Iterator[tuple[int, str]]:
    """What stands for the lines of the float that a table stands in."""
    for step, start in ((-1, first - 1), (1, last + 1)):
        at = start
        while 0 <= at < len(lines) and lines[at].strip():
            caption = _CAPTION.fullmatch(lines[at])
            if not caption and not lines[at].lstrip().startswith(_FLOAT):
                break
            yield at, caption[1] if caption else ""
            at += step


def _rows(lines: Sequence[str], first: int, last: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the line on which each row begins and its cells."""
    begun, text = 0, ""
    for at in range(first + 1, last):
        words = _RULE.sub("", lines[at]).strip()
        begun = begun if text else at
        text = f"{text} {words}".strip()
        if "\\\\" in words:
            yield begun, _cells(text.replace("\\\\", ""))
            text = ""
    if "&" in text:
        yield begun, _cells(text)


def _cells(row: str) -> list[str]:
    """The cells of a row; one that spans several is told in the first of them."""
    spread = _SPAN.sub(lambda span: f"{span[2]}{'&' * (int(span[1]) - 1)}", row)
    return [cell.strip() for cell in _CELLS.split(spread)]
