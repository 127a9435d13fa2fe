"""Arrays in one file, mapped as they were written, each block checked when it is touched."""

from __future__ import annotations

import io

import numpy as np
import pytest

from paperrag.errors import IndexCorrupt
from paperrag.index.arrays import (
    BLOCK_BYTES,
    ArrayFile,
    best_two,
    distinct,
    ordered,
    ranked,
    write_arrays,
)
from properties import given, st


def written(**arrays: np.ndarray) -> tuple[bytes, str]:
    file = io.BytesIO()
    seal = write_arrays(file, arrays)
    return file.getvalue(), seal


def opened(**arrays: np.ndarray) -> ArrayFile:
    return ArrayFile(*written(**arrays), "a file")


@pytest.mark.parametrize("numbers", [[], [4], [3, 1, 3, 2, 1], [-1, 5, -1]])
def test_distinct_numbers_are_those_of_a_set_in_order(numbers):
    assert distinct(np.array(numbers, dtype=np.int64)).tolist() == sorted(set(numbers))


scored = st.tuples(
    st.floats(-1, 1, width=32) | st.sampled_from([0.0, -0.0, 0.5]), st.integers(-3, 1 << 30)
)


@given(st.lists(scored, max_size=20))
def test_places_are_those_of_numpys_stable_sorts(told):
    scores = np.array([score for score, _ in told], dtype=np.float32)
    groups = np.array([group for _, group in told], dtype=np.int64)
    assert ordered(groups).tolist() == np.argsort(groups, kind="stable").tolist()
    assert ranked(scores).tolist() == np.argsort(-scores, kind="stable").tolist()
    found, best, second = best_two(groups, scores)
    by_group = {
        group: sorted((s for s, g in told if g == group), reverse=True) for _, group in told
    }
    assert found.tolist() == sorted(by_group)
    assert best.tolist() == [by_group[group][0] for group in found.tolist()]
    assert second.tolist() == [[*by_group[group], -np.inf][1] for group in found.tolist()]


def test_arrays_come_back_as_they_were():
    arrays = {
        "数": np.arange(6, dtype=np.int64).reshape(2, 3)[:, ::2],  # not contiguous
        "flags": np.array([True, False, True]),
        "none": np.empty((0, 32), dtype=np.uint8),
        "big": np.array([1.5, -2.0], dtype=">f4"),
    }
    found = opened(**arrays)
    for name, array in arrays.items():
        assert (found.whole(name).shape, found.whole(name).tolist()) == (
            array.shape,
            array.tolist(),
        )
    assert found.whole("big").dtype == np.dtype("<f4")
    assert ("none" in found, "some" in found) == (True, False)


def test_arrays_are_not_copied_and_well_placed():
    data, seal = written(a=np.zeros(3, dtype=np.int8), b=np.arange(4, dtype=np.uint64))
    found = ArrayFile(memoryview(data), seal, "a file")
    start = np.frombuffer(data, np.uint8).ctypes.data
    assert [(found.whole(name).ctypes.data - start) % 64 for name in "ab"] == [0, 0]
    assert not found.whole("b").flags.owndata and not found.whole("b").flags.writeable


def test_same_arrays_give_the_same_bytes_and_seal():
    assert written(a=np.arange(3)) == written(a=np.arange(3))
    assert written(a=np.arange(3))[1] != written(a=np.arange(4))[1]


@pytest.mark.parametrize("data", [b"", b"PK\3\4", b"arrays 2", written(a=np.arange(9))[0][:-1]])
def test_anything_else_is_refused(data):
    with pytest.raises(IndexCorrupt, match="a file is damaged"):
        ArrayFile(data, written(a=np.arange(9))[1], "a file")


def test_a_sound_file_in_the_place_of_another_is_refused():
    with pytest.raises(IndexCorrupt, match="it is not the file that was written"):
        ArrayFile(written(a=np.arange(9))[0], written(a=np.arange(1, 10))[1], "a file")


# --- damage is found where it is touched, and only there ------------------------------------------

ROWS = 3 * BLOCK_BYTES // 8
"""Of numbers of 8 bytes: three blocks."""


def damaged(row: int) -> ArrayFile:
    """Three blocks of numbers, of which one was altered."""
    data, seal = written(a=np.arange(ROWS))
    start = data.index(np.arange(4).tobytes())
    altered = bytearray(data)
    altered[start + 8 * row] ^= 1
    return ArrayFile(bytes(altered), seal, "a file")


@pytest.mark.parametrize("row", [0, ROWS // 2, ROWS - 1])
def test_an_altered_block_is_found_when_it_is_used(row):
    file = damaged(row)
    block = 8 * row // BLOCK_BYTES
    for touch in (
        lambda: file.part("a", row, row + 1),
        lambda: file.parts("a", np.array([row]), np.array([row + 1])),
        lambda: file.whole("a"),
        file.check_all,
    ):
        with pytest.raises(IndexCorrupt, match=f"a file was altered .block {block} is not"):
            touch()


def test_other_blocks_are_read_all_the_same():
    file = damaged(ROWS - 1)
    assert file.part("a", 0, 3).tolist() == [0, 1, 2]
    found = file.parts("a", np.array([5, ROWS // 2]), np.array([6, ROWS // 2]))
    assert found[5] == 5


def test_a_range_over_several_blocks_is_checked_whole():
    with pytest.raises(IndexCorrupt):
        damaged(ROWS // 2).parts("a", np.array([0]), np.array([ROWS]))
