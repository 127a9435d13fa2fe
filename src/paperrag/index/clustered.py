"""Vectors of a large segment: rows of int8, near ones side by side, so that a search looks at few.

    b"cluster1" · rows n, width d, lists l (8 bytes each) · centres (l, d) float32
    · where each list begins (l + 1) int64 · scales (n,) float32 · which row each is (n,) int32
    · rows (n, d) int8, list after list

A row is its numbers times its scale, which is such that its length is 1. Looking at a list costs
what its rows cost; `nearest.py` chooses which lists a question looks at.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import FloatArray, check_unit_rows, unit_rows
from paperrag.errors import IndexCorrupt
from paperrag.index.vectors import check_query

MAGIC = b"cluster1"
_HEAD = struct.Struct("<8sqqq")

ROWS_A_LIST = 100
"""About as many, as looking at a centre costs four times what looking at a row does."""

SAMPLE_ROWS, ROUNDS = 24, 6
"""Centres are the means of so many rows each, taken evenly, after so many rounds of k-means."""

_BLOCK_ROWS = 1024
"""Rows turned to float32 at once: as many as a processor keeps near."""

_MADE_ROWS = 8192
"""Rows that are looked at together when lists are made."""


class ClusteredVectors:
    """Cosines nearly as exact ones (within 0.003); list i holds the rows `row_at[starts[i]:starts[i
    + 1]]`, near to centre i.
    """

    def __init__(
        self,
        centres: FloatArray,
        starts: npt.NDArray[np.int64],
        scales: FloatArray,
        row_at: npt.NDArray[np.int32],
        numbers: npt.NDArray[np.int8],
    ) -> None:
        self.dimension = int(centres.shape[1])
        self.centres, self.starts, self.row_at = centres, starts, row_at
        self._scales, self._numbers = scales, numbers
        self._place_of = np.empty(len(row_at), dtype=np.int32)
        self._place_of[row_at] = np.arange(len(row_at), dtype=np.int32)

    @staticmethod
    def store(rows: FloatArray) -> npt.NDArray[np.uint8]:
        """Return the bytes of some rows. Raises ShapeError for rows that are not unit."""
        rows = check_unit_rows(rows, len(rows), rows.shape[1], "vectors to store")
        centres = _centres(rows)
        lists = _nearest(rows, centres)
        order = np.argsort(lists, kind="stable").astype("<i4")
        starts = np.searchsorted(lists[order], np.arange(len(centres) + 1)).astype("<i8")
        numbers, scales = _quantised(rows, order)
        parts = (centres.astype("<f4"), starts, scales, order, numbers)
        head = np.frombuffer(_HEAD.pack(MAGIC, *rows.shape, len(centres)), np.uint8)
        return np.concatenate([head, *(np.ravel(part).view(np.uint8) for part in parts)])

    @classmethod
    def load(cls, data: npt.NDArray[Any]) -> ClusteredVectors:
        """Return the vectors that `store` wrote. Raises IndexCorrupt."""
        try:
            magic, count, width, lists = _HEAD.unpack_from(data.data)
            sizes = (4 * lists * width, 8 * (lists + 1), 4 * count, 4 * count, count * width)
            ends = np.cumsum([_HEAD.size, *sizes]).tolist()
            centres, starts, scales, row_at, numbers = (
                data[start:end].view(kind)
                for start, end, kind in zip(
                    ends, ends[1:], ("<f4", "<i8", "<f4", "<i4", np.int8), strict=False
                )
            )
            if magic != MAGIC or ends[-1] != len(data):
                raise ValueError(f"{len(data)} bytes of {magic!r}")
            return cls(
                centres.reshape(lists, width),
                *(starts, scales, row_at),
                numbers.reshape(count, width),
            )
        except (ValueError, IndexError, struct.error) as error:
            raise IndexCorrupt(f"the vectors are not readable ({error})") from error

    def __len__(self) -> int:
        """Return the number of vectors."""
        return len(self.row_at)

    def rows(self, places: npt.NDArray[np.integer]) -> FloatArray:
        """Return the vectors at some places."""
        at = self._place_of[places]
        return np.asarray(self._numbers[at] * self._scales[at, np.newaxis], dtype=np.float32)

    def cosines(self, query: FloatArray) -> FloatArray:
        """Return the cosine of every vector with a query."""
        found = np.empty(len(self), dtype=np.float32)
        found[self.row_at] = self.cosines_listed(np.arange(len(self)), query)
        return found

    def cosines_at(self, places: npt.NDArray[np.integer], query: FloatArray) -> FloatArray:
        """Return the cosines of the vectors at some places."""
        return self.cosines_listed(self._place_of[places], query)

    def cosines_listed(self, at: npt.NDArray[np.integer], query: FloatArray) -> FloatArray:
        """Return the cosines of the vectors at some places of the lists, all one after another."""
        query = check_query(query, self.dimension)
        found = np.empty(len(at), dtype=np.float32)
        block = np.empty((_BLOCK_ROWS, self.dimension), dtype=np.float32)
        for start in range(0, len(at), _BLOCK_ROWS):
            part = at[start : start + _BLOCK_ROWS]
            np.copyto(block[: len(part)], self._numbers.take(part, axis=0))
            np.dot(block[: len(part)], query, out=found[start : start + len(part)])
        found *= self._scales.take(at)
        return found


def is_clustered(data: npt.NDArray[np.uint8]) -> bool:
    """Return whether bytes are those of such vectors."""
    return data[: len(MAGIC)].tobytes() == MAGIC


def _quantised(
    rows: FloatArray, order: npt.NDArray[np.integer]
) -> tuple[npt.NDArray[np.int8], FloatArray]:
    """Return rows in an order as int8, and what each is to be multiplied with to have length 1; 0
    for a row of zeros.
    """
    numbers, scales = np.empty(rows.shape, np.int8), np.empty(len(rows), "<f4")
    for start in range(0, len(rows), _MADE_ROWS):
        block = slice(start, start + _MADE_ROWS)
        part = rows[order[block]]
        largest = np.abs(part).max(axis=1, initial=0.0, keepdims=True)
        numbers[block] = np.rint(part * (127 / np.where(largest == 0, 1, largest)))
        lengths = np.linalg.norm(numbers[block].astype(np.float32), axis=1)
        scales[block] = 1 / np.where(lengths == 0, np.inf, lengths)
    return numbers, scales


def _centres(rows: FloatArray) -> FloatArray:
    """Return the centres of lists by spherical k-means over some of the rows."""
    lists = max(1, len(rows) // ROWS_A_LIST)
    sample = rows[np.linspace(0, len(rows) - 1, min(len(rows), SAMPLE_ROWS * lists)).astype(int)]
    centres = sample[np.linspace(0, len(sample) - 1, lists).astype(int)] if len(rows) else rows[:0]
    for _ in range(ROUNDS if len(rows) else 0):
        nearest = _nearest(sample, centres)
        sums = np.zeros_like(centres)
        order = np.argsort(nearest, kind="stable")
        heads = np.flatnonzero(np.diff(nearest[order], prepend=-1))
        sums[nearest[order][heads]] = np.add.reduceat(sample[order], heads, axis=0)
        has_rows = np.any(sums, axis=1)
        centres = np.where(has_rows[:, np.newaxis], unit_rows(sums), centres)
    return centres


def _nearest(rows: FloatArray, centres: FloatArray) -> npt.NDArray[np.int64]:
    blocks = (rows[start : start + _MADE_ROWS] for start in range(0, len(rows), _MADE_ROWS))
    found = [np.argmax(block @ centres.T, axis=1) for block in blocks]
    return np.concatenate([np.empty(0, np.int64), *found])
