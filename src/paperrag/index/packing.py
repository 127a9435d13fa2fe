"""Texts and postings <-> the small arrays that a segment keeps of them. Knows no entries.

Texts are compressed eight at a time, with a sample of all as a dictionary: a third of their size,
and eight are read in 15 µs. Those of which a question reads hundreds are left as they are. A
posting is the low 16 bits of its row and 4 bits of its count; the postings of a term begin anew in
each block of 65,536 rows.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from paperrag.errors import IndexCorrupt
from paperrag.index.arrays import REBUILD, ArrayFile, offsets
from paperrag.index.lexical import Postings
from paperrag.index.rows import Texts

TEXTS_A_BLOCK = 8

READ_OFTEN = frozenset({"work"})
"""Names of texts that are not compressed; there are few of them."""

DICTIONARY_BYTES, DICTIONARY_SHARE = 1 << 14, 16
"""Most bytes of the sample, and how many times as many all texts have at least."""

_PIECE_BYTES = 128

BLOCK_ROWS = 1 << 16
MOST_KEPT = 15
"""Of a word in one row. More of it say more only in rows that are 25 times as long as others."""

_RAW = -zlib.MAX_WBITS
"""Without head and checksum: the file has its own."""

Arrays = dict[str, npt.NDArray[Any]]


def packed_texts(name: str, texts: Texts) -> Arrays:
    """Return texts as arrays whose names begin with `name`."""
    if name in READ_OFTEN:
        return {f"{name}_text": texts.blob, f"{name}_starts": texts.starts}
    blob = texts.blob.tobytes()
    sample = _sample(blob)
    bounds = [*texts.starts[:-1:TEXTS_A_BLOCK].tolist(), len(blob)]
    blocks = [_compressed(blob[start:end], sample) for start, end in pairwise(bounds)]
    kind = np.uint32 if len(blob) < 1 << 32 else np.int64
    return {
        f"{name}_text": np.frombuffer(b"".join(blocks), np.uint8),
        f"{name}_blocks": offsets([len(block) for block in blocks]),
        f"{name}_starts": texts.starts.astype(kind),
        f"{name}_sample": np.frombuffer(sample, np.uint8),
    }


def unpacked_texts(arrays: ArrayFile, name: str, first: int, end: int) -> Texts:
    """Return the texts `first` to `end`. Raises IndexCorrupt."""
    if name in READ_OFTEN:
        starts = arrays.part(f"{name}_starts", first, end + 1)
        return Texts(arrays.part(f"{name}_text", starts[0], starts[-1]), starts - starts[0])
    at, past = first // TEXTS_A_BLOCK, -(-end // TEXTS_A_BLOCK)
    begin, count = at * TEXTS_A_BLOCK, arrays.length(f"{name}_starts") - 1
    starts = arrays.part(f"{name}_starts", begin, min(past * TEXTS_A_BLOCK, count) + 1)
    starts = starts.astype(np.int64) - int(starts[0])
    bounds = [*starts[:-1:TEXTS_A_BLOCK].tolist(), int(starts[-1])]
    blob = b"".join(_blocks(arrays, name, at, [b - a for a, b in pairwise(bounds)]))
    kept = starts[first - begin : end - begin + 1]
    return Texts(np.frombuffer(blob, np.uint8)[kept[0] : kept[-1]], kept - kept[0])


def texts_of_block(arrays: ArrayFile, name: str, block: int) -> list[str]:
    """Return the texts of a block, as `unpacked_texts` does, in half its time. Raises
    IndexCorrupt.
    """
    first, count = block * TEXTS_A_BLOCK, arrays.length(f"{name}_starts") - 1
    starts = arrays.part(f"{name}_starts", first, min(first + TEXTS_A_BLOCK, count) + 1).tolist()
    begin, end = starts[0], starts[-1]
    if begin == end:
        return [""] * (len(starts) - 1)
    if name in READ_OFTEN:
        whole = arrays.part(f"{name}_text", begin, end).tobytes()
    else:
        packed_from, packed_to = arrays.part(f"{name}_blocks", block, block + 2).tolist()
        whole = _unpacked(arrays, name, packed_from, packed_to, end - begin)
    return [whole[a - begin : b - begin].decode() for a, b in pairwise(starts)]


def _blocks(arrays: ArrayFile, name: str, first: int, sizes: Sequence[int]) -> Iterator[bytes]:
    bounds = arrays.part(f"{name}_blocks", first, first + len(sizes) + 1).tolist()
    for (start, end), size in zip(pairwise(bounds), sizes, strict=True):
        if size:
            yield _unpacked(arrays, name, start, end, size)


def _unpacked(arrays: ArrayFile, name: str, start: int, end: int, size: int) -> bytes:
    sample = arrays.whole(f"{name}_sample").data
    packed = arrays.part(f"{name}_text", start, end).data
    try:
        block = zlib.decompressobj(_RAW, zdict=sample).decompress(packed, size)
    except zlib.error as error:
        raise IndexCorrupt(f"a block of {name} is not readable ({error}); {REBUILD}") from error
    if len(block) != size:
        raise IndexCorrupt(f"a block of {name} has {len(block)} bytes, expected {size}; {REBUILD}")
    return block


def _compressed(block: bytes, sample: bytes) -> bytes:
    packer = zlib.compressobj(wbits=_RAW, zdict=sample)
    return packer.compress(block) + packer.flush()


def _sample(blob: bytes) -> bytes:
    """Return pieces of texts from all over, which may begin in the middle of a character."""
    size = min(DICTIONARY_BYTES, len(blob) // DICTIONARY_SHARE)
    step = max(1, len(blob) // (size // _PIECE_BYTES + 1))
    return b"".join(blob[at : at + _PIECE_BYTES] for at in range(0, len(blob), step))[:size]


def packed_postings(postings: Postings, row_count: int) -> Arrays:
    """Return sorted postings as arrays."""
    terms, starts = postings.vocabulary()
    blocks = max(1, -(-row_count // BLOCK_ROWS))
    places = np.repeat(np.arange(len(terms)), np.diff(starts))
    cells = places * blocks + postings.rows // BLOCK_ROWS
    counts = np.minimum(postings.counts, MOST_KEPT)
    counts = np.append(counts, np.zeros(len(counts) % 2, dtype=np.uint8))
    return {
        "term": terms,
        "term_starts": offsets(np.bincount(cells, minlength=len(terms) * blocks)).astype(np.uint32),
        "posting_row": (postings.rows % BLOCK_ROWS).astype(np.uint16),
        "posting_count": counts[::2] | counts[1::2] << 4,
    }


def unpacked_postings(arrays: ArrayFile, row_count: int) -> Postings:
    """Return all postings of a segment."""
    blocks = max(1, -(-row_count // BLOCK_ROWS))
    starts: npt.NDArray[np.int64] = arrays.whole("term_starts").astype(np.int64)
    sizes = starts[1:] - starts[:-1]
    terms = np.repeat(np.repeat(arrays.whole("term"), blocks), sizes)
    block_of = np.repeat(np.arange(len(sizes), dtype=np.int32) % blocks, sizes)
    rows = arrays.whole("posting_row") + block_of * BLOCK_ROWS
    return Postings(terms, rows.astype(np.int32), _counts(arrays, 0, len(rows)))


def postings_at(
    arrays: ArrayFile, place: int, row_count: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    """Return the rows that hold the term at a place, ascending, and how often each does."""
    blocks = max(1, -(-row_count // BLOCK_ROWS))
    starts = arrays.part("term_starts", place * blocks, (place + 1) * blocks + 1).tolist()
    rows = arrays.part("posting_row", starts[0], starts[-1]).astype(np.int32)
    for block in range(1, blocks):
        rows[starts[block] - starts[0] : starts[block + 1] - starts[0]] += block * BLOCK_ROWS
    return rows, _counts(arrays, starts[0], starts[-1])


def _counts(arrays: ArrayFile, start: int, stop: int) -> npt.NDArray[np.uint8]:
    pairs = arrays.part("posting_count", start // 2, -(-stop // 2))
    both = np.empty(2 * len(pairs), dtype=np.uint8)
    both[::2], both[1::2] = pairs & 15, pairs >> 4
    return both[start % 2 : start % 2 + stop - start]
