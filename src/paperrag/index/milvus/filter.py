"""Which rows of an index are meant -> an expression of Milvus over the scalars of its chunks.

Most filters name values of columns: a kind, years, files. So the values that the rows meant have,
column by column, often say exactly which they are; where they do not, rows are named.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from paperrag.index.candidates import BoolArray
from paperrag.index.layout import Layout
from paperrag.index.tables import EntryTable

MOST_VALUES = 200
"""Of a column that an expression lists; with more, rows are named instead."""

_PLAIN = ("kind", "language", "part", "year", "is_unread", "has_code", "is_awarded")

Columns = Mapping[str, npt.NDArray[Any]]
"""What chunks can be filtered by, by entry."""


def filter_columns(entries: EntryTable) -> Columns:
    """Return what chunks can be filtered by, as numbers; those of venues count in `entries.venues`
    without repetition.
    """
    _, venues = np.unique(np.array(entries.venues, dtype=object), return_inverse=True)
    return {**{name: entries.columns[name] for name in _PLAIN}, "venue": venues}


def alive(layout: Layout) -> str:
    """Return an expression for the chunks of the files in use."""
    whole, told = [], []
    for segment in layout.segments:
        rows = layout.rows_of("entry", segment)
        dead = np.flatnonzero(rows < 0)
        if not len(dead):
            whole.append(segment.number)
        elif len(dead) < len(rows):
            told.append(f"(segment == {segment.number} and not ({_among(dead)}))")
    return " or ".join([f"segment in {whole}", *told] if whole or not told else told)


def meant(layout: Layout, columns: Columns, venues: Sequence[str], rows: BoolArray) -> str:
    """Return an expression for the chunks, among those in use, of the entries meant; "" for all.

    rows: a flag for each entry; venues: the venue of each.
    """
    told, box = [], np.ones(len(rows), dtype=bool)
    for name, column in columns.items():
        values, firsts = np.unique(column[rows], return_index=True)
        is_one = np.isin(column, values)
        if len(values) <= MOST_VALUES and not is_one[box].all():
            of_value = np.flatnonzero(rows)[firsts].tolist()
            named = [venues[row] for row in of_value] if name == "venue" else values.tolist()
            told.append(f"{name} in {json.dumps(named, ensure_ascii=False)}")
            box &= is_one
    extra, wanted = box & ~rows, np.flatnonzero(rows)
    if extra.sum() > len(wanted):
        return f"({_named(layout, wanted)})"
    if extra.any():
        told.append(f"not ({_named(layout, np.flatnonzero(extra))})")
    return " and ".join(told)


def _named(layout: Layout, rows: npt.NDArray[np.integer]) -> str:
    return " or ".join(
        f"(segment == {segment.number} and ({_among(np.sort(inside))}))"
        for segment, _, inside in layout.by_segment("entry", rows)
    )


def _among(rows: npt.NDArray[np.integer]) -> str:
    """Return an expression for the chunks of some entries of a segment, given in order."""
    breaks = np.flatnonzero(np.diff(rows) != 1) + 1
    runs = [(int(run[0]), int(run[-1])) for run in np.split(rows, breaks) if len(run)]
    single = [first for first, last in runs if first == last]
    told = [f"(entry >= {first} and entry <= {last})" for first, last in runs if first < last]
    return " or ".join([f"entry in {single}", *told] if single or not told else told)
