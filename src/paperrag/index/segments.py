"""Rows of some files as arrays, and the merging of such segments into a generation.

A segment holds files' entries, chunks, postings and token lists, with rows counted from 0. The
old generation is a segment, each batch of newly read files is one; `merge` takes the wanted
files out of them, in the order given, without looking into any entry.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from paperrag.index.late import TokenLists
from paperrag.index.lexical import Postings
from paperrag.index.tables import KINDS, LANGUAGES, PARTS, ChunkTable, EntryTable, text_hash
from paperrag.records import Entry, Link, Work

_COLUMNS: dict[str, type[np.generic]] = {
    "id_hash": np.uint64,
    "text_hash": np.uint64,
    "parent_step": np.int32,
    "kind": np.int8,
    "language": np.int8,
    "part": np.int8,
}


@dataclass(frozen=True, slots=True)
class Segment:
    """Rows of some files; `tokens` is None if the encoder has no token vectors."""

    entries: EntryTable
    chunks: ChunkTable
    postings: Postings
    tokens: TokenLists | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file's entries stand: in which segment, from which row, how many."""

    segment: int
    first_row: int
    count: int


def entry_table(entries: Sequence[Entry]) -> EntryTable:
    """Return entries as a table; parents must stand in it before their children."""
    row_of = {entry.id: row for row, entry in enumerate(entries)}
    columns: dict[str, npt.NDArray[Any]] = {
        name: np.zeros(len(entries), dtype) for name, dtype in _COLUMNS.items()
    }
    for row, entry in enumerate(entries):
        columns["id_hash"][row], columns["text_hash"][row] = (
            text_hash(entry.id),
            text_hash(entry.text),
        )
        columns["parent_step"][row] = row - row_of[entry.parent_id] if entry.parent_id else 0
        columns["kind"][row], columns["language"][row] = (
            KINDS.index(entry.kind),
            LANGUAGES.index(entry.language),
        )
        columns["part"][row] = PARTS.index(entry.part)
    lines = [_line(entry) for entry in entries]
    columns["offset"] = _offsets([len(line) for line in lines])
    sections = [_section_key(entry) for entry in entries]
    names = sorted(set(sections))
    number_of = {name: number for number, name in enumerate(names)}
    columns["section_number"] = np.array([number_of[name] for name in sections], dtype=np.int32)
    works, columns["work"] = _numbered_works(entries)
    return EntryTable(b"".join(lines), columns, names, works)


def _numbered_works(entries: Sequence[Entry]) -> tuple[list[str], npt.NDArray[np.int32]]:
    """Return the works of entries as JSON lines, in order, and each entry's number among them."""
    number_of: dict[str, int] = {}
    lines: list[str] = []
    numbers = np.full(len(entries), -1, dtype=np.int32)
    for row, entry in enumerate(entries):
        if entry.work is None:
            continue
        if entry.work.id not in number_of:
            number_of[entry.work.id] = len(lines)
            lines.append(_work_line(entry.work))
        numbers[row] = number_of[entry.work.id]
    return lines, numbers


def merge(segments: Sequence[Segment], places: Sequence[Place]) -> Segment:
    """Return one segment that holds the files at `places`, in this order; vector ids stay."""
    entry_starts = _offsets([len(segment.entries) for segment in segments])
    order = _concatenate(
        [
            entry_starts[place.segment] + place.first_row + np.arange(place.count)
            for place in places
        ],
        np.int64,
    )
    entries = _merge_entries(segments, places, order)
    new_entry = np.full(entry_starts[-1], -1, dtype=np.int64)
    new_entry[order] = np.arange(len(order))

    chunk_starts = _offsets([len(segment.chunks) for segment in segments])
    entry_of = _concatenate(
        [
            new_entry[segment.chunks.entry + start]
            for segment, start in zip(segments, entry_starts, strict=False)
        ],
        np.int64,
    )
    kept = np.flatnonzero(entry_of >= 0)
    chunk_order = kept[np.argsort(entry_of[kept], kind="stable")]
    new_chunk = np.full(len(entry_of), -1, dtype=np.int32)
    new_chunk[chunk_order] = np.arange(len(chunk_order), dtype=np.int32)

    return Segment(
        entries=entries,
        chunks=_merge_chunks(segments, entry_of, chunk_order),
        postings=Postings.joined(
            [
                segment.postings.moved(new_chunk[start : start + len(segment.chunks)])
                for segment, start in zip(segments, chunk_starts, strict=False)
            ]
        ),
        tokens=_merge_tokens(segments, chunk_order),
    )


def _merge_entries(
    segments: Sequence[Segment], places: Sequence[Place], order: npt.NDArray[np.int64]
) -> EntryTable:
    blob = b"".join(
        segments[place.segment].entries.lines(place.first_row, place.count) for place in places
    )
    columns = {
        name: _concatenate([segment.entries.columns[name] for segment in segments], dtype)[order]
        for name, dtype in _COLUMNS.items()
    }
    lengths = _concatenate(
        [np.diff(segment.entries.columns["offset"]) for segment in segments], np.int64
    )
    columns["offset"] = _offsets(lengths[order])
    names = sorted({name for segment in segments for name in segment.entries.sections})
    number_of = {name: number for number, name in enumerate(names)}
    renumbered = [
        np.array([number_of[name] for name in segment.entries.sections], dtype=np.int32)[
            segment.entries.columns["section_number"]
        ]
        for segment in segments
    ]
    used, columns["section_number"] = np.unique(
        _concatenate(renumbered, np.int32)[order], return_inverse=True
    )
    columns["section_number"] = columns["section_number"].astype(np.int32)
    works, columns["work"] = _merge_works(segments, order)
    return EntryTable(blob, columns, [names[number] for number in used], works)


def _merge_works(
    segments: Sequence[Segment], order: npt.NDArray[np.int64]
) -> tuple[list[str], npt.NDArray[np.int32]]:
    """Return the works of the kept rows in their order, and each row's number among them."""
    starts = _offsets([len(segment.entries.works) for segment in segments])
    columns = [segment.entries.columns["work"] for segment in segments]
    moved = [
        np.where(column >= 0, column + start, -1)
        for column, start in zip(columns, starts, strict=False)
    ]
    numbers = _concatenate(moved, np.int64)[order]
    used, first = np.unique(numbers[numbers >= 0], return_index=True)
    in_order = used[np.argsort(first)]
    new_number = np.full(starts[-1] + 1, -1, dtype=np.int32)
    new_number[in_order] = np.arange(len(in_order))
    lines = [line for segment in segments for line in segment.entries.works]
    return [lines[number] for number in in_order], new_number[numbers].astype(np.int32)


def _merge_chunks(
    segments: Sequence[Segment], entry_of: npt.NDArray[np.int64], order: npt.NDArray[np.int64]
) -> ChunkTable:
    columns = {
        column.name: np.concatenate([getattr(segment.chunks, column.name) for segment in segments])[
            order
        ]
        for column in fields(ChunkTable)
        if segments
    }
    if not segments:
        return ChunkTable.empty()
    columns["entry"] = entry_of[order].astype(np.int32)
    return ChunkTable(**columns)


def _merge_tokens(segments: Sequence[Segment], order: npt.NDArray[np.int64]) -> TokenLists | None:
    lists = [segment.tokens for segment in segments if segment.tokens is not None]
    return TokenLists.joined(lists).take(order) if lists else None


def _concatenate(parts: Sequence[npt.NDArray[Any]], dtype: type[np.generic]) -> npt.NDArray[Any]:
    return np.concatenate(parts) if parts else np.empty(0, dtype=dtype)


def _offsets(lengths: Sequence[int] | npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    offsets = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def _line(entry: Entry) -> bytes:
    """Return an entry as a JSON line; its parent and children are kept as columns."""
    data = {
        "id": entry.id,
        "source": entry.source,
        "kind": entry.kind,
        "role": entry.role,
        "title": entry.title,
        "breadcrumb": entry.breadcrumb,
        "text": entry.text,
        "line_start": entry.line_start,
        "line_end": entry.line_end,
        "links": _link_values(entry.links),
        "tags": entry.tags,
        "fields": entry.fields,
        "venue": entry.venue,
        "language": entry.language,
    }
    return (json.dumps(data, ensure_ascii=False) + "\n").encode()


def _work_line(work: Work) -> str:
    return json.dumps({**asdict(work), "links": _link_values(work.links)}, ensure_ascii=False)


def _link_values(links: Sequence[Link]) -> list[tuple[str, str, str | None]]:
    return [(link.url, link.site, link.identifier) for link in links]


def _section_key(entry: Entry) -> str:
    return json.dumps({"source": entry.source, "path": entry.breadcrumb}, ensure_ascii=False)
