"""Segments, tables of entries and what was found in them, in memory, for tests."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from itertools import groupby

import numpy as np

from paperrag.index.arrays import ArrayFile
from paperrag.index.chunk_table import ChunkTable
from paperrag.index.clustered import ClusteredVectors
from paperrag.index.columns import rows_of
from paperrag.index.late import TokenLists
from paperrag.index.layout import Layout
from paperrag.index.rows import Rows
from paperrag.index.segment import Segment, write_segment
from paperrag.index.tables import EntryTable
from paperrag.index.vectors import ExactVectors
from paperrag.records import Chunk, Entry
from paperrag.search.found import Found
from paperrag.search.same_paper import Relations
from paperrag.search.scores import EntryScores
from paperrag.search.twins import Twins
from paperrag.search.works import RankedWorks

Kind = type[ExactVectors] | type[ClusteredVectors]


def made_rows(entries: Sequence[Entry], first: int = 1, chunks_each: int = 1) -> Rows:
    """Rows with `chunks_each` chunks an entry; chunk i has token first + i and breadcrumb token
    99, its words are its entry's text, its vector is (1, 0) for even i, else (0, 1).
    """
    files = [list(file) for _, file in groupby(entries, lambda entry: entry.source)]
    chunks = [
        Chunk(f"{entry.id}#{n}", entry.id, n, len(entry.text), entry.text[n:], "", entry.text[n:])
        for entry in entries
        for n in range(chunks_each)
    ]
    count = len(chunks)
    return rows_of(
        files,
        chunks,
        [hashlib.sha256(chunk.text.encode()).digest() for chunk in chunks],
        [chunk.text for chunk in chunks],
        TokenLists.of([[first + at] for at in range(count)], [[99]] * count),
        np.eye(2, dtype=np.float32)[np.arange(count) % 2],
    )


def made_segment(rows: Rows, number: int = 1, kind: Kind = ExactVectors) -> Segment:
    """Rows as a segment that was written and opened again."""
    file = io.BytesIO()
    seal = write_segment(file, rows, kind.store)
    return Segment(number, ArrayFile(file.getvalue(), seal, f"segment {number}"), kind.load)


def entry_table(entries: Sequence[Entry]) -> EntryTable:
    """Entries as the table of an index that holds nothing else."""
    segment = made_segment(made_rows(entries))
    return EntryTable(Layout([segment], [(1, at) for at in range(len(segment.files) - 1)]))


def made_found(scored: EntryScores, entries: EntryTable, works: RankedWorks | None = None) -> Found:
    """What a question found whose entries have some scores; no chunk of them is shown."""

    def rows_with_id(identifier: str) -> list[int]:
        return [row for row in range(len(entries)) if identifier in entries.get(row).text]

    relations, twins = Relations(entries, rows_with_id), Twins(entries)
    return Found(scored, entries, ChunkTable(Layout([], [])), relations, twins, works=works)
