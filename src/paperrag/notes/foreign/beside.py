"""Two columns drawn with bars and rules, as terminals and plain texts have them: rows of Markdown,
or a text with remarks beside it, which stand in brackets then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from paperrag.notes.foreign.pipes import piped
from paperrag.text.patterns import lazy_pattern

_RULE = lazy_pattern(r"[ \t]*-{2,}(?:\+-{2,})+[ \t]*")


def columns_beside(lines: Sequence[str]) -> dict[int, str]:
    """Return what stands for the lines of blocks with a rule below their first line."""
    meant: dict[int, str] = {}
    for first, last in _blocks(lines):
        rows = {
            at: _cells(lines[at]) for at in range(first, last + 1) if not _RULE.fullmatch(lines[at])
        }
        has_gaps = any(not all(map(str.strip, cells)) for cells in rows.values())
        if has_gaps and all(len(cells) == 2 for cells in rows.values()):
            meant |= dict.fromkeys(range(first, last + 1), "")
            meant |= {at: _with_remark(*cells) for at, cells in rows.items()}
        else:
            others = {at: [cell.strip() for cell in cells] for at, cells in rows.items()}
            head = others.pop(first)
            start = first - (first > 0 and not lines[first - 1].strip())
            meant |= piped(start, last, (first, head), others)
    return meant


def _blocks(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    end = -1
    for rule, line in enumerate(lines):
        if rule <= max(end, 0) or "-+-" not in line or not _RULE.fullmatch(line):
            continue
        first, end = rule - 1, rule
        while end + 1 < len(lines) and ("|" in lines[end + 1] or _RULE.fullmatch(lines[end + 1])):
            end += 1
        if "|" in lines[first].strip(" |") and end > rule:
            yield first, end


def _cells(line: str) -> list[str]:
    return line.split("|")


def _with_remark(text: str, remark: str) -> str:
    return f"{text.rstrip()} ({remark.strip()})" if remark.strip() else text.rstrip()
