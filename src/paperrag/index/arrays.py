"""Named arrays in one file that is mapped into memory, not read: a table of contents, then each
array as it is, at a multiple of 64 bytes.

    b"arrays 1" · length of the contents (8 bytes, little-endian) · contents (JSON) · the arrays

NumPy's own archives hold arrays where they happen to lie, and copies of badly placed ones would
be made at every search.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

_MAGIC = b"arrays 1"
_ALIGNMENT = 64
_KINDS = frozenset("biuf")

Buffer = bytes | memoryview


def write_arrays(file: BinaryIO, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write arrays of numbers to a file, as `map_arrays` finds them."""
    contents: dict[str, tuple[str, tuple[int, ...], int]] = {}
    place = 0
    for name, array in arrays.items():
        contents[name] = (array.dtype.newbyteorder("<").str, array.shape, place)
        place = _aligned(place + array.nbytes)
    header = json.dumps(contents).encode()
    file.write(_MAGIC + len(header).to_bytes(8, "little") + header)
    written = len(_MAGIC) + 8 + len(header)
    for array in arrays.values():
        file.write(bytes(_aligned(written) - written))
        ordered = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
        file.write(ordered.data.cast("B") if ordered.size else b"")
        written = _aligned(written) + ordered.nbytes


def map_arrays(data: Buffer) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays that lie in a file's bytes, without copying. Raises ValueError, TypeError
    or KeyError for anything else.
    """
    if bytes(data[: len(_MAGIC)]) != _MAGIC:
        raise ValueError("it holds no arrays")
    start = len(_MAGIC) + 8
    end = start + int.from_bytes(data[len(_MAGIC) : start], "little")
    contents = json.loads(bytes(data[start:end]))
    return {
        name: _mapped(data, dtype, tuple(shape), _aligned(end) + place)
        for name, (dtype, shape, place) in contents.items()
    }


def _mapped(data: Buffer, dtype: str, shape: tuple[int, ...], offset: int) -> npt.NDArray[Any]:
    kind = np.dtype(dtype)
    if kind.kind not in _KINDS:
        raise ValueError(f"it holds an array of {kind}, expected numbers")
    return np.frombuffer(data, kind, math.prod(shape), offset).reshape(shape)


def _aligned(place: int) -> int:
    return -(-place // _ALIGNMENT) * _ALIGNMENT
