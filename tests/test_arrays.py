"""Arrays in one file, mapped as they were written."""

from __future__ import annotations

import io

import numpy as np
import pytest

from paperrag.index.arrays import map_arrays, write_arrays


def written(**arrays: np.ndarray) -> bytes:
    file = io.BytesIO()
    write_arrays(file, arrays)
    return file.getvalue()


def test_arrays_come_back_as_they_were():
    arrays = {
        "数": np.arange(6, dtype=np.int64).reshape(2, 3)[:, ::2],  # not contiguous
        "flags": np.array([True, False, True]),
        "none": np.empty((0, 32), dtype=np.uint8),
        "big": np.array([1.5, -2.0], dtype=">f4"),
    }
    found = map_arrays(written(**arrays))
    assert list(found) == list(arrays)
    for name, array in arrays.items():
        assert (found[name].shape, found[name].tolist()) == (array.shape, array.tolist())
    assert found["big"].dtype == np.dtype("<f4")


def test_arrays_are_not_copied_and_well_placed():
    data = written(a=np.zeros(3, dtype=np.int8), b=np.arange(4, dtype=np.uint64))
    found = map_arrays(memoryview(data))
    start = np.frombuffer(data, np.uint8).ctypes.data
    assert [(array.ctypes.data - start) % 64 for array in found.values()] == [0, 0]
    assert not found["b"].flags.owndata and not found["b"].flags.writeable


def test_same_arrays_give_the_same_bytes():
    assert written(a=np.arange(3)) == written(a=np.arange(3))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\3\4",
        b"arrays 1",
        written(a=np.arange(9))[:-1],
        written(a=np.array([1.0])).replace(b'"<f8"', b'"|O8"'),
    ],
)
def test_anything_else_is_refused(data):
    with pytest.raises((ValueError, TypeError, KeyError)):
        map_arrays(data)
