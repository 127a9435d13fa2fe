"""Rows of some files in memory, on their way into a segment: entries, chunks, words, tokens,
vectors.

Rows are counted from 0 and files stand one after another, each whole. Nothing here looks into an
entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, Protocol

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


class SomeRows(Protocol):
    """The rows of some files, in memory or not."""

    @property
    def files(self) -> npt.NDArray[np.int64]:
        """Where each file's rows begin, (n + 1, levels)."""

    @property
    def columns(self) -> Mapping[str, npt.NDArray[Any]]:
        """Columns by name."""

    @property
    def digests(self) -> npt.NDArray[np.uint64]:
        """The digests of chunks."""

    @property
    def texts(self) -> Mapping[str, Texts]:
        """Texts by name."""

    @property
    def venues(self) -> list[str]:
        """The venues that are counted by the columns of venues."""

    @property
    def postings(self) -> Postings:
        """The postings of chunks."""

    @property
    def tokens(self) -> TokenLists | None:
        """The token lists of chunks, None if the encoder has no token vectors."""

    @property
    def vectors(self) -> FloatArray:
        """The vectors of chunks."""


class Rows(Struct, frozen=True):
    """`SomeRows` in memory."""

    files: npt.NDArray[np.int64]
    columns: Mapping[str, npt.NDArray[Any]]
    digests: npt.NDArray[np.uint64]
    texts: Mapping[str, Texts]
    venues: list[str]
    postings: Postings
    tokens: TokenLists | None
    vectors: FloatArray


def in_memory(rows: SomeRows) -> Rows:
    """Return rows with all that they hold in memory."""
    return Rows(*(getattr(rows, name) for name in Rows.__struct_fields__))


class JoinedRows:
    """The rows of several, one after another, one part at least: each thing that they hold is put
    together when it is asked for, and not kept.
    """

    def __init__(self, parts: Sequence[SomeRows]) -> None:
        self._parts = parts
        ends = [part.files[-1] for part in parts]
        self._bases = np.concatenate([np.zeros((1, len(LEVELS)), dtype=np.int64), ends]).cumsum(0)
        starts = [one.files[:-1] + base for one, base in zip(parts, self._bases, strict=False)]
        self.files = np.concatenate([*starts, self._bases[-1:]])
        self.venues = list(dict.fromkeys(venue for part in parts for venue in part.venues))

    @property
    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """Columns by name, row numbers in them counted over all."""
        every, found = [part.columns for part in self._parts], {}
        for name, dtype in (ENTRY_COLUMNS | CHUNK_COLUMNS).items():
            values = [columns[name] for columns in every]
            if name in COUNTS_IN:
                bases = self._bases_of(COUNTS_IN[name])
                values = [moved(one, by) for one, by in zip(values, bases, strict=False)]
            elif name in ("venue", "work_venue"):
                values = [
                    _renumbered(one, part.venues, self.venues)
                    for one, part in zip(values, self._parts, strict=True)
                ]
            found[name] = np.concatenate(values).astype(dtype, copy=False)
        return found

    @property
    def digests(self) -> npt.NDArray[np.uint64]:
        """The digests of all chunks."""
        return np.concatenate([part.digests for part in self._parts])

    @property
    def texts(self) -> dict[str, Texts]:
        """Texts by name."""
        every = [part.texts for part in self._parts]
        return {name: Texts.joined([texts[name] for texts in every]) for name in TEXTS}

    @property
    def postings(self) -> Postings:
        """The postings of all chunks."""
        bases = self._bases_of("chunk")
        shifted = [
            part.postings.shifted(base) for part, base in zip(self._parts, bases, strict=False)
        ]
        return Postings.joined(shifted)

    @property
    def tokens(self) -> TokenLists | None:
        """The token lists of all chunks."""
        lists = [tokens for part in self._parts if (tokens := part.tokens) is not None]
        return TokenLists.joined(lists) if lists else None

    @property
    def vectors(self) -> FloatArray:
        """The vectors of all chunks."""
        return np.concatenate([part.vectors for part in self._parts])

    def _bases_of(self, level: str) -> list[int]:
        bases: list[int] = self._bases[:, LEVELS.index(level)].tolist()
        return bases


def joined(parts: Sequence[SomeRows]) -> Rows:
    """Return the rows of several, one after another; one part at least."""
    return in_memory(JoinedRows(parts))


def picked(rows: SomeRows, order: npt.NDArray[np.integer]) -> Rows:
    """Return some of the files of rows, in another order. Asks for each thing that the rows hold
    once, and keeps none of it.
    """
    starts, ends = rows.files[order], rows.files[order + 1]
    at = {level: ranges(starts[:, n], ends[:, n]) for n, level in enumerate(LEVELS)}
    new_row = {level: np.full(rows.files[-1, n], -1) for n, level in enumerate(LEVELS)}
    for level in LEVELS:
        new_row[level][at[level]] = np.arange(len(at[level]))
    files = np.zeros((len(order) + 1, len(LEVELS)), dtype=np.int64)
    np.cumsum(ends - starts, axis=0, out=files[1:])
    tokens = rows.tokens
    return Rows(
        files,
        _picked_columns(rows.columns, at, new_row),
        rows.digests[at["chunk"]],
        _picked_texts(rows.texts, starts, ends),
        rows.venues,
        Postings.joined([rows.postings.moved(new_row["chunk"].astype(np.int32))]),
        None if tokens is None else tokens.take(at["chunk"]),
        rows.vectors[at["chunk"]],
    )


def _picked_columns(
    columns: Mapping[str, npt.NDArray[Any]],
    at: Mapping[str, npt.NDArray[np.int64]],
    new_row: Mapping[str, npt.NDArray[np.int64]],
) -> dict[str, npt.NDArray[Any]]:
    found = {name: columns[name][at["entry"]] for name in ENTRY_COLUMNS}
    found |= {name: columns[name][at["chunk"]] for name in CHUNK_COLUMNS}
    for name, level in COUNTS_IN.items():
        numbers = np.append(new_row[level], -1)[found[name]]
        found[name] = numbers.astype(found[name].dtype)
    return found


def _picked_texts(
    texts: Mapping[str, Texts], starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]
) -> dict[str, Texts]:
    level_of = {name: LEVELS.index(level) for name, level in TEXTS.items()}
    return {name: texts[name].picked(starts[:, n], ends[:, n]) for name, n in level_of.items()}


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
