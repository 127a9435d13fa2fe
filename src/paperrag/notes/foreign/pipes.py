"""Rows of a table -> lines of Markdown in place of those that they stand on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def piped(
    first: int, last: int, head: tuple[int, Sequence[str]], rows: Mapping[int, Sequence[str]]
) -> dict[int, str]:
    """Return what stands for lines `first` to `last` of a table, {} where nothing is told there.

    head: the line on which the columns are named, and their names; these and the rule below them
    take two lines above the first row, else each row is an item that says them. Lines between rows
    become rows without words.
    """
    rule = max(head[0], first + 1)
    if not rows or not any(head[1]):
        return {}
    if min(rows) <= rule:
        items = {at: _item(head[1], row) for at, row in rows.items()}
        return dict.fromkeys(range(first, last + 1), "") | items
    columns = max(len(head[1]), *map(len, rows.values()))
    meant = dict.fromkeys(range(first, rule - 1), "")
    meant |= {rule - 1: _line(head[1], columns), rule: f"|{'---|' * columns}"}
    for at in range(rule + 1, max(rows) + 1):
        meant[at] = _line(rows.get(at, ()), columns)
    return meant | dict.fromkeys(range(max(rows) + 1, last + 1), "")


def _item(names: Sequence[str], cells: Sequence[str]) -> str:
    told = [f"{name}: {cell}" for name, cell in zip(names[1:], cells[1:], strict=False) if cell]
    return f"- {'; '.join([*cells[:1], *told])}"


def _line(cells: Sequence[str], columns: int) -> str:
    padded = [*cells, *[""] * (columns - len(cells))]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in padded)} |"
