"""Blocks of code in CSV -> rows of Markdown."""

from __future__ import annotations

import csv
from collections.abc import Sequence

from paperrag.notes.foreign.fences import fences_in
from paperrag.notes.foreign.pipes import piped

_SIGNS = {"csv": ",;", "tsv": "\t"}
"""What stands between cells, by language."""


def csv_blocks(lines: Sequence[str]) -> dict[int, str]:
    """Return what stands for the lines of blocks of CSV; the first row names the columns."""
    meant: dict[int, str] = {}
    for fence in fences_in(lines):
        inside = range(fence.first + 1, fence.last)
        told = [at for at in inside if lines[at].strip()]
        if fence.language in _SIGNS and len(told) > 1:
            sign = max(_SIGNS[fence.language], key=lines[told[0]].count)
            rows = list(csv.reader((lines[at] for at in told), delimiter=sign))
            if len(rows) == len(told):
                head, *others = zip(told, rows, strict=True)
                meant |= piped(fence.first, fence.last, head, dict(others))
    return meant
