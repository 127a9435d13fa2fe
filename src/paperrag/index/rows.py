"""Rows of some files in memory, on their way into a segment: entries, chunks, words, tokens,
vectors.

Rows are counted from 0 and files stand one after another, each whole. Nothing here looks into an
entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from paperrag.encoders.contract import FloatArray
from paperrag.index.arrays import offsets, ranges
from paperrag.index.late import TokenLists
from paperrag.index.lexical import Postings

LEVELS = ("entry", "chunk", "section", "work")
"""What is counted in rows; a file holds neighbouring rows of each, and shares none."""

ENTRY_COLUMNS: dict[str, type[np.generic]] = {
    "id_hash": np.uint64,
    "text_hash": np.uint64,
    "parent_step": np.int32,
    "unit_step": np.int32,
    "kind": np.int8,
    "language": np.int8,
    "part": np.int8,
    "is_of_file": np.bool_,
    "is_awarded": np.bool_,
    "year": np.int16,
    "venue": np.int32,
    "work_venue": np.int32,
    "is_unread": np.bool_,
    "has_code": np.bool_,
    "section_number": np.int32,
    "work": np.int32,
}
"""`parent_step` and `unit_step`: rows up to the parent, and to the row that names the work; 0 for
none. `venue`, `section_number`, `work`: numbers in the texts of that name, -1 for none. `year`,
`work_venue`, `is_unread`: of the work that an entry is about.
"""

CHUNK_COLUMNS: dict[str, type[np.generic]] = {
    "chunk_entry": np.int32,
    "chunk_start": np.int32,
    "chunk_end": np.int32,
    "chunk_words": np.int32,
}
DIGEST_WORDS = 2
"""A chunk's digest is kept to 16 bytes."""

TEXTS = {
    **dict.fromkeys(("line", "title", "id", "tags"), "entry"),
    **{"section": "section", "work": "work", "fields": "work"},
}
"""Texts kept apart, by the level that they are counted in."""


class Texts(NamedTuple):
    """Texts in UTF-8 one after another: text i is `blob[starts[i]:starts[i + 1]]`."""

    blob: npt.NDArray[np.uint8]
    starts: npt.NDArray[np.int64]

    @staticmethod
    def of(texts: Iterable[str]) -> Texts:
        """Return texts that are given as such."""
        parts = [text.encode() for text in texts]
        return Texts(np.frombuffer(b"".join(parts), np.uint8), offsets([len(p) for p in parts]))

    @staticmethod
    def joined(parts: Sequence[Texts]) -> Texts:
        """Return the texts of several, one after another."""
        bases = offsets([len(part.blob) for part in parts])
        starts = [part.starts[:-1] + base for part, base in zip(parts, bases, strict=False)]
        blob = np.concatenate([part.blob for part in parts])
        return Texts(blob, np.concatenate([*starts, bases[-1:]]))

    def picked(self, starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]) -> Texts:
        """Return the texts of some ranges, one range after another."""
        bounds = zip(self.starts[starts].tolist(), self.starts[ends].tolist(), strict=True)
        parts = [self.blob[start:end] for start, end in bounds]
        lengths = np.diff(self.starts)[ranges(starts, ends)]
        return Texts(np.concatenate([np.empty(0, np.uint8), *parts]), offsets(lengths))

    def all(self) -> list[str]:
        """Return all of them."""
        whole, starts = self.blob.tobytes(), self.starts.tolist()
        return [whole[a:b].decode() for a, b in pairwise(starts)]


class Rows(Struct, frozen=True):
    """The rows of some files. files: (n + 1, levels) where each file's rows begin; `venues` are
    counted by the column of that name; `tokens` is None if the encoder has no token vectors.
    """

    files: npt.NDArray[np.int64]
    columns: dict[str, npt.NDArray[Any]]
    digests: npt.NDArray[np.uint64]
    texts: dict[str, Texts]
    venues: list[str]
    postings: Postings
    tokens: TokenLists | None
    vectors: FloatArray


def joined(parts: Sequence[Rows]) -> Rows:
    """Return the rows of several, one after another; one part at least."""
    bases = {
        level: offsets([int(part.files[-1, place]) for part in parts])
        for place, level in enumerate(LEVELS)
    }
    venues = list(dict.fromkeys(venue for part in parts for venue in part.venues))
    columns = {}
    for name, dtype in (ENTRY_COLUMNS | CHUNK_COLUMNS).items():
        values = [part.columns[name] for part in parts]
        if name in COUNTS_IN:
            base = bases[COUNTS_IN[name]].tolist()
            values = [moved(one, by) for one, by in zip(values, base, strict=False)]
        elif name in ("venue", "work_venue"):
            values = [_renumbered(part.columns[name], part.venues, venues) for part in parts]
        columns[name] = np.concatenate(values).astype(dtype, copy=False)
    ends = np.stack([bases[level] for level in LEVELS], axis=1)
    chunk_bases = bases["chunk"]
    lists = [part.tokens for part in parts if part.tokens is not None]
    starts = [part.files[:-1] + base for part, base in zip(parts, ends, strict=False)]
    return Rows(
        np.concatenate([*starts, ends[-1:]]),
        columns,
        np.concatenate([part.digests for part in parts]),
        {name: Texts.joined([part.texts[name] for part in parts]) for name in TEXTS},
        venues,
        Postings.joined(
            [part.postings.shifted(base) for part, base in zip(parts, chunk_bases, strict=False)]
        ),
        TokenLists.joined(lists) if lists else None,
        np.concatenate([part.vectors for part in parts]),
    )


def picked(rows: Rows, order: npt.NDArray[np.integer]) -> Rows:
    """Return some of the files of rows, in another order."""
    starts, ends = rows.files[order], rows.files[order + 1]
    at = {level: ranges(starts[:, n], ends[:, n]) for n, level in enumerate(LEVELS)}
    new_row = {level: np.full(rows.files[-1, n], -1) for n, level in enumerate(LEVELS)}
    for level in LEVELS:
        new_row[level][at[level]] = np.arange(len(at[level]))
    columns = {name: rows.columns[name][at["entry"]] for name in ENTRY_COLUMNS}
    columns |= {name: rows.columns[name][at["chunk"]] for name in CHUNK_COLUMNS}
    for name, level in COUNTS_IN.items():
        numbers = np.append(new_row[level], -1)[columns[name]]
        columns[name] = numbers.astype(columns[name].dtype)
    files = np.zeros((len(order) + 1, len(LEVELS)), dtype=np.int64)
    np.cumsum(ends - starts, axis=0, out=files[1:])
    level_of = {name: LEVELS.index(level) for name, level in TEXTS.items()}
    return Rows(
        files,
        columns,
        rows.digests[at["chunk"]],
        {name: rows.texts[name].picked(starts[:, n], ends[:, n]) for name, n in level_of.items()},
        rows.venues,
        Postings.joined([rows.postings.moved(new_row["chunk"].astype(np.int32))]),
        None if rows.tokens is None else rows.tokens.take(at["chunk"]),
        rows.vectors[at["chunk"]],
    )


COUNTS_IN = {"section_number": "section", "work": "work", "chunk_entry": "entry"}
"""Columns that hold row numbers, by what they count."""


def moved(numbers: npt.NDArray[Any], by: int) -> npt.NDArray[Any]:
    """Return row numbers counted from elsewhere; -1 stays what it is."""
    return np.where(numbers < 0, numbers, numbers + by)


def _renumbered(
    column: npt.NDArray[Any], before: Sequence[str], venues: Sequence[str]
) -> npt.NDArray[Any]:
    number_of = {venue: number for number, venue in enumerate(venues)}
    numbers = np.array([number_of[venue] for venue in before] + [-1], dtype=np.int32)
    renumbered: npt.NDArray[Any] = numbers[column]
    return renumbered
