"""Texts and postings as a segment keeps them."""

from __future__ import annotations

import io
import zlib

import numpy as np
import pytest

from paperrag.errors import IndexCorrupt
from paperrag.index.arrays import ArrayFile, write_arrays
from paperrag.index.lexical import Postings
from paperrag.index.packing import (
    BLOCK_ROWS,
    packed_postings,
    packed_texts,
    postings_at,
    texts_of_block,
    unpacked_postings,
    unpacked_texts,
)
from paperrag.index.rows import Texts


def written(arrays: dict[str, np.ndarray]) -> ArrayFile:
    file = io.BytesIO()
    seal = write_arrays(file, arrays)
    return ArrayFile(file.getvalue(), seal, "a segment")


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 100])
def test_texts_come_back_from_any_place(count: int) -> None:
    texts = [f"第 {number} 条 entry about caches" * (number % 3) for number in range(count)]
    arrays = written(packed_texts("line", Texts.of(texts)))
    for first in range(0, count + 1, 7):
        for end in range(first, count + 1, 5):
            assert unpacked_texts(arrays, "line", first, end).all() == texts[first:end]
    blocks = range(-(-count // 8))
    assert [one for block in blocks for one in texts_of_block(arrays, "line", block)] == texts


def test_texts_that_are_read_often_are_left_as_they_are() -> None:
    texts = ["甲" * n for n in range(20)]
    packed = packed_texts("work", Texts.of(texts))
    assert packed["work_text"].tobytes().decode() == "".join(texts)
    assert unpacked_texts(written(packed), "work", 3, 19).all() == texts[3:19]
    assert unpacked_texts(written(packed), "work", 20, 20).all() == []
    assert texts_of_block(written(packed), "work", 2) == texts[16:24]


def test_texts_that_are_alike_take_a_quarter_of_their_size() -> None:
    texts = Texts.of(f'{{"role": "item", "text": "point {n}", "links": []}}' for n in range(4000))
    packed = packed_texts("line", texts)
    assert packed["line_text"].nbytes + packed["line_sample"].nbytes < len(texts.blob) / 4


def test_a_block_that_holds_more_than_it_should_is_corrupt() -> None:
    arrays = packed_texts("line", Texts.of(["abc"]))
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    bomb = packer.compress(bytes(1 << 20)) + packer.flush()
    arrays["line_text"] = np.frombuffer(bomb, np.uint8)
    arrays["line_blocks"] = np.array([0, len(bomb)])
    arrays["line_starts"] = np.array([0, 2_000_000], dtype=np.uint32)
    with pytest.raises(IndexCorrupt, match="line has 1048576 bytes, expected 2000000"):
        unpacked_texts(written(arrays), "line", 0, 1)
    arrays["line_text"] = np.full(len(bomb), 255, np.uint8)
    with pytest.raises(IndexCorrupt, match="a block of line is not readable"):
        unpacked_texts(written(arrays), "line", 0, 1)


def test_postings_come_back_by_term_and_whole() -> None:
    rows = np.array([0, 3, 5, BLOCK_ROWS - 1, BLOCK_ROWS, 3 * BLOCK_ROWS + 7, 2], dtype=np.int32)
    terms = np.array([4, 4, 4, 4, 4, 4, 9], dtype=np.uint64)
    counts = np.array([1, 2, 15, 1, 3, 200, 7], dtype=np.uint8)
    row_count = 3 * BLOCK_ROWS + 8
    arrays = written(packed_postings(Postings(terms, rows, counts), row_count))
    found, how_often = postings_at(arrays, 0, row_count)
    # 15 of a word say as much as 200: the saturation of both is 1 in any row that there is
    assert (found.tolist(), how_often.tolist()) == (rows[:6].tolist(), [1, 2, 15, 1, 3, 15])
    assert [part.tolist() for part in postings_at(arrays, 1, row_count)] == [[2], [7]]
    whole = unpacked_postings(arrays, row_count)
    assert (whole.terms.tolist(), whole.rows.tolist()) == (terms.tolist(), rows.tolist())
    none = written(packed_postings(Postings.of([]), 0))
    assert len(unpacked_postings(none, 0).rows) == 0
