"""CSV in a block of code, or in lines of their own -> rows of Markdown; a whole file of it -> lines
with tabs between cells, which need no rule below the names of columns.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter

from paperrag.notes.foreign.fences import fences_in
from paperrag.notes.foreign.papers_of_data import bare
from paperrag.notes.foreign.pipes import piped
from paperrag.text.patterns import lazy_pattern

_SIGNS = {"csv": ",;", "tsv": "\t"}
"""What stands between cells, by language."""
_BARE = ",;"
_FEWEST_LINES, _FEWEST_SIGNS = 3, 2
_NAME_CHARS = 30
_NUMBER = lazy_pattern(r"[-+]?\d[\d.,]*%?")


def csv_blocks(lines: Sequence[str]) -> dict[int, str]:
    """Return what stands for the lines of CSV; the first row names the columns."""
    meant: dict[int, str] = {}
    for sign in _BARE:
        meant = meant or _whole(lines, sign)
    if meant:
        return meant
    closed = set[int]()
    for fence in fences_in(lines):
        closed.update(range(fence.first, fence.last + 1))
        told = [at for at in range(fence.first + 1, fence.last) if lines[at].strip()]
        if fence.language in _SIGNS and len(told) > 1:
            sign = max(_SIGNS[fence.language], key=lines[told[0]].count)
            meant |= _table(lines, told, sign, fence.first, fence.last)
    for sign in _BARE:
        for run in _runs(lines, sign):
            if closed.isdisjoint(run) and _is_table([lines[at].split(sign) for at in run]):
                begins_apart = run[0] > 0 and not lines[run[0] - 1].strip()
                meant |= _table(lines, run, sign, run[0] - begins_apart, run[-1])
    return meant


def _whole(lines: Sequence[str], sign: str) -> dict[int, str]:
    """The rows of a file of nothing but CSV, {} of any other. Cells may go on over lines."""
    if lines[0].count(sign) < _FEWEST_SIGNS:
        return {}
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=sign, strict=True)
    rows: list[tuple[int, list[str]]] = []
    first = 0
    try:
        for row in reader:
            if row and rows and len(row) != len(rows[0][1]):
                return {}
            rows += [(first, row)] if row else []
            first = reader.line_num
    except csv.Error:
        return {}
    is_quoted = any(f'{sign}"' in f"{sign}{line}" for line in lines)
    if len(rows) < _FEWEST_LINES or not _is_table([row for _, row in rows], is_quoted):
        return {}
    return {at: line for first, row in rows for at, line in enumerate(_tabbed(row), first)}


def _tabbed(row: Sequence[str]) -> list[str]:
    """The lines of a row; what looks like an item in a cell goes on with the row."""
    cells = (cell.strip(" \t").replace('"', "&quot;").replace("\t", " ") for cell in row)
    lines = "\t".join(f'"{cell}"' if "\n" in cell else cell for cell in cells).split("\n")
    return [*lines[:1], *map(bare, lines[1:])]


def _table(
    lines: Sequence[str], told: Sequence[int], sign: str, first: int, last: int
) -> dict[int, str]:
    rows = list(csv.reader((lines[at] for at in told), delimiter=sign))
    if len(rows) != len(told):
        return {}
    head, *others = zip(told, rows, strict=True)
    return piped(first, last, head, dict(others))


def _runs(lines: Sequence[str], sign: str) -> Iterator[list[int]]:
    """Lines below one another with as many signs each, and no blank behind any."""
    signs = [line.count(sign) for line in lines]
    for count, group in groupby(enumerate(signs), key=itemgetter(1)):
        run = [at for at, _ in group] if count >= _FEWEST_SIGNS else []
        if len(run) >= _FEWEST_LINES and not any(f"{sign} " in lines[at] for at in run):
            yield run


def _is_table(rows: Sequence[Sequence[str]], is_quoted: bool = False) -> bool:
    """Whether short names head columns that have figures in them, or cells in quotes."""
    names, *others = rows
    are_names = all(name.strip() and len(name) <= _NAME_CHARS for name in names)
    return (
        are_names
        and not any(map(_NUMBER.fullmatch, names))
        and (is_quoted or all(any(map(_NUMBER.fullmatch, row)) for row in others))
    )
