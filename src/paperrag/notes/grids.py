"""Tables that are drawn with `+---+` -> the same rows with the bars of Markdown, line for line."""

from __future__ import annotations

from collections.abc import Sequence

from paperrag.text.patterns import lazy_pattern

_RULE = lazy_pattern(r"[ \t>]*\+(?:[-=:]+\+)+[ \t]*")
_ROW = lazy_pattern(r"[ \t>]*\|.*\|[ \t]*")


def find_grids(lines: Sequence[str]) -> dict[int, str]:
    """Return what stands for the first lines of drawn tables and for their rules: the head in place
    of the first rule, so that all of the table belongs to it, and rows without words.
    """
    rules = (at for at, line in enumerate(lines) if "+-" in line or "+=" in line)
    meant: dict[int, str] = {}
    for number in rules:
        if number not in meant and _RULE.fullmatch(lines[number]):
            meant |= _grid(lines, number)
    return meant


def _grid(lines: Sequence[str], first: int) -> dict[int, str]:
    """The rules of the table whose first is on a line; none where no row stands below it."""
    last = first
    while last + 1 < len(lines) and _is_of_grid(lines[last + 1]):
        last += 1
    rules = [at for at in range(first, last + 1) if _RULE.fullmatch(lines[at])]
    if len(rules) < 2 or not _ROW.fullmatch(lines[first + 1]):
        return {}
    columns = lines[first].count("+") - 1
    below_head, between = "|" + "---|" * columns, "|" + " |" * columns
    head = {first: lines[first + 1].lstrip(" \t>"), first + 1: below_head}
    return dict.fromkeys(rules, between) | head


def _is_of_grid(line: str) -> bool:
    return bool(_ROW.fullmatch(line) or _RULE.fullmatch(line))
