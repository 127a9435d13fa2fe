"""Rows of a table -> lines of Markdown in place of those that they stand on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def piped(
    first: int, last: int, head: tuple[int, Sequence[str]], rows: Mapping[int, Sequence[str]]
) -> dict[int, str]:
    """Return what stands for lines `first` to `last` of a table, {} where they are too few.

    head: the line on which the columns are named, and their names; these and the rule below them
    take two lines above the first row. Lines between rows become rows without words.
    """
    rule = max(head[0], first + 1)
    if not rows or min(rows) <= rule or not any(head[1]):
        return {}
    columns = max(len(head[1]), *map(len, rows.values()))
    meant = dict.fromkeys(range(first, rule - 1), "")
    meant |= {rule - 1: _line(head[1], columns), rule: f"|{'---|' * columns}"}
    for at in range(rule + 1, max(rows) + 1):
        meant[at] = _line(rows.get(at, ()), columns)
    return meant | dict.fromkeys(range(max(rows) + 1, last + 1), "")


def _line(cells: Sequence[str], columns: int) -> str:
    padded = [*cells, *[""] * (columns - len(cells))]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in padded)} |"
