"""Tables drawn with the characters of boxes, as terminals print them: the same drawn with bars,
pluses and dashes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from paperrag.notes.foreign.fences import fences_in

CORNERS = "┌┏╔╭╒╓"
_COLUMNS = frozenset("┬┳╦╤╥")
_BARS = "│┃║"
_ASCII = str.maketrans(
    dict.fromkeys(CORNERS + "┐┓╗╮╕╖└┗╚╰╘╙┘┛╝╯╛╜├┣╠╞╟┤┫╣╡╢┬┳╦╤╥┴┻╩╧╨┼╋╬╪╫", "+")
    | dict.fromkeys("─━═", "-")
    | dict.fromkeys(_BARS, "|")
)


def boxed_tables(lines: Sequence[str]) -> dict[int, str]:
    """Return what stands for the lines of tables of several columns; code stays."""
    code = {at for fence in fences_in(lines) for at in range(fence.first, fence.last)}
    return {
        at: lines[at].translate(_ASCII)
        for first, end in _tables(lines)
        for at in range(first, end)
        if at not in code
    }


def _tables(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the first line of each table and the line behind it."""
    for first, line in enumerate(lines[:-1]):
        if line.lstrip()[:1] in CORNERS and _COLUMNS.intersection(line):
            end = first + 1
            while end < len(lines) and ord(lines[end].lstrip()[:1] or " ") in _ASCII:
                end += 1
            if lines[first + 1].lstrip()[:1] in _BARS:
                yield first, end
