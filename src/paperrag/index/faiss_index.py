"""FAISS's flat index as the vectors of a segment: exact inner products over unit rows.

A segment keeps how many bytes to leave out, then what FAISS writes, placed so that its rows begin
at a multiple of 64 bytes: badly placed ones would be copied at every search. The rows are then used
where they lie. FAISS itself is loaded to write many only: its exact search gives what NumPy's does,
and takes as long.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import FloatArray, check_unit_rows
from paperrag.errors import IndexCorrupt
from paperrag.index.vectors import ExactVectors

_ALIGNMENT = 64

_HEAD = struct.Struct("<4siqqq?iq")
"""Of FAISS's file: kind, width, rows, two unused numbers, is trained, metric, numbers that follow."""

_FLAT_INNER_PRODUCT = b"IxFI"
_UNUSED = 1 << 20

FEW_ROWS = 1000
"""Fewer are written here, byte for byte as FAISS would: loading it takes 0.06 s, a fifth of what
taking in one changed note does.
"""


class FaissVectors(ExactVectors):
    """Exact cosines with rows that lie in FAISS's format."""

    @staticmethod
    def store(rows: FloatArray) -> npt.NDArray[np.uint8]:
        """Return an index of some rows as FAISS writes it, behind the bytes that place it."""
        rows = check_unit_rows(rows, len(rows), rows.shape[1], "vectors to store")
        data = _written(np.ascontiguousarray(rows))
        spare = -(1 + _HEAD.size) % _ALIGNMENT
        return np.concatenate([np.array([1 + spare] + [0] * spare, dtype=np.uint8), data])

    @classmethod
    def load(cls, data: npt.NDArray[Any]) -> FaissVectors:
        """Return the vectors that `store` wrote. Raises IndexCorrupt."""
        try:
            content = data[int(data[0]) :]
            kind, width, count, *_, numbers = _HEAD.unpack_from(content.data)
            rows = content[_HEAD.size :].view("<f4").reshape(count, width)
        except (ValueError, IndexError, struct.error) as error:
            raise IndexCorrupt(f"the vectors are not readable ({error})") from error
        if kind != _FLAT_INNER_PRODUCT or numbers != rows.size:
            raise IndexCorrupt(f"the vectors are a FAISS index {kind!r}, expected IndexFlatIP")
        return cls(rows)


def _written(rows: FloatArray) -> npt.NDArray[np.uint8]:
    """Return what FAISS writes of a flat index."""
    count, width = rows.shape
    if count < FEW_ROWS:
        told = (_FLAT_INNER_PRODUCT, width, count, _UNUSED, _UNUSED, True, 0, rows.size)
        return np.frombuffer(_HEAD.pack(*told) + rows.astype("<f4").tobytes(), dtype=np.uint8)
    import faiss

    index = faiss.IndexFlatIP(width)
    index.add(rows)
    data: npt.NDArray[np.uint8] = faiss.serialize_index(index)
    return data
