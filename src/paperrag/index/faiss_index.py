"""FAISS's scalar quantiser as the vectors of a segment: numbers of 16 bits, half the place of 32.

A cosine differs by a ten-thousandth at most, and a row that is written again does not change. A
segment keeps how many bytes to leave out, then what FAISS writes, placed so that its rows begin at
a multiple of 64 bytes. Rows become float32 where they are used, all of them once all are compared:
NumPy is as quick with those as FAISS, which is loaded to write many only. Its `vecdot` reads rows
one after another: of 11,517 that no cache holds it makes cosines in .48 ms, `@` in 1.1 or more.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import FloatArray, check_unit_rows
from paperrag.errors import IndexCorrupt
from paperrag.index.vectors import check_query

_ALIGNMENT = 64

_HEAD = struct.Struct("<4siqqq?i")
"""Of FAISS's file: kind, width, rows, two unused numbers, is trained, metric."""

_QUANTISER = struct.Struct("<iifqqqq")
"""What follows: kind of numbers, two settings, width, bytes a row, number of learned ones, bytes.
"""

_FLAT, _QUANTISED = b"IxFI", b"IxSQ"
_SIXTEEN_BITS = 4
_UNUSED = 1 << 20

DECIMALS = 5
"""Of a cosine. The last bits of a product depend on where in a segment a row stands: entries that
say the same are as near as one another, and stand in the order of the notes.
"""

FEW_ROWS = 1000
"""Fewer are written here, byte for byte as FAISS would: loading it takes 0.06 s, a fifth of what
taking in one changed note does.
"""


class FaissVectors:
    """Cosines with rows that lie in FAISS's format. numbers: (n, d) float16, or float32 in segments
    of before.
    """

    def __init__(self, numbers: npt.NDArray[np.floating]) -> None:
        self._numbers = numbers
        self.dimension = int(numbers.shape[1])

    @staticmethod
    def store(rows: FloatArray) -> npt.NDArray[np.uint8]:
        """Return an index of some rows as FAISS writes it, behind the bytes that place it."""
        rows = check_unit_rows(rows, len(rows), rows.shape[1], "vectors to store")
        data = _written(np.ascontiguousarray(rows))
        spare = -(1 + _HEAD.size + _QUANTISER.size) % _ALIGNMENT
        return np.concatenate([np.array([1 + spare] + [0] * spare, dtype=np.uint8), data])

    @classmethod
    def load(cls, data: npt.NDArray[Any]) -> FaissVectors:
        """Return the vectors that `store` wrote. Raises IndexCorrupt."""
        try:
            content = data[int(data[0]) :]
            kind, width, count, *_ = _HEAD.unpack_from(content.data)
            if kind == _FLAT:
                return cls(content[_HEAD.size + 8 :].view("<f4").reshape(count, width))
            numbers, *_ = _QUANTISER.unpack_from(content.data, _HEAD.size)
            rows = content[_HEAD.size + _QUANTISER.size :].view("<f2").reshape(count, width)
        except (ValueError, IndexError, struct.error) as error:
            raise IndexCorrupt(f"the vectors are not readable ({error})") from error
        if kind != _QUANTISED or numbers != _SIXTEEN_BITS:
            raise IndexCorrupt(
                f"the vectors are a FAISS index {kind!r} of kind {numbers}, expected {_QUANTISED!r} "
                f"of kind {_SIXTEEN_BITS}"
            )
        return cls(rows)

    def __len__(self) -> int:
        """Return the number of vectors."""
        return len(self._numbers)

    def rows(self, places: npt.NDArray[np.integer]) -> FloatArray:
        """Return the vectors at some places."""
        return np.asarray(self._numbers[places], dtype=np.float32)

    def cosines(self, query: FloatArray) -> FloatArray:
        """Return the cosine of every vector with a query."""
        self._numbers = np.asarray(self._numbers, dtype=np.float32)
        return _cosines(self._numbers, check_query(query, self.dimension))

    def cosines_at(self, places: npt.NDArray[np.integer], query: FloatArray) -> FloatArray:
        """Return the cosines of the vectors at some places."""
        return _cosines(self.rows(places), check_query(query, self.dimension))


def _cosines(rows: FloatArray, query: FloatArray) -> FloatArray:
    return np.asarray(np.round(np.vecdot(rows, query), DECIMALS), dtype=np.float32)


def _written(rows: FloatArray) -> npt.NDArray[np.uint8]:
    """Return what FAISS writes of an index of 16 bits a number."""
    count, width = rows.shape
    if count < FEW_ROWS:
        numbers = rows.astype("<f2").tobytes()
        head = _HEAD.pack(_QUANTISED, width, count, _UNUSED, _UNUSED, True, 0)
        kind = _QUANTISER.pack(_SIXTEEN_BITS, 0, 0.0, width, 2 * width, 0, len(numbers))
        return np.frombuffer(head + kind + numbers, dtype=np.uint8)
    import faiss

    index = faiss.IndexScalarQuantizer(
        width, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
    )
    index.add(rows)
    data: npt.NDArray[np.uint8] = faiss.serialize_index(index)
    return data
