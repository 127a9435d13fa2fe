"""Named arrays in one file that is mapped into memory, not read; each block of it is checked when
it is first touched.

    b"arrays 2" · length of the contents (8 bytes, little-endian) · contents (JSON)
    · the arrays, each at a multiple of 64 bytes · CRC-32 of each block of 64 KiB, 4 bytes each

The seal of a file is the sha256 of its contents and its CRCs. Who knows the seal knows the file,
and no more than the blocks in use need be read to know that they are those that were written.
NumPy's own archives hold arrays where they happen to lie, and would be copied at every search.
"""

from __future__ import annotations

import hashlib
import math
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO, TypeVar

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from msgspec.json import decode, encode

from paperrag.errors import IndexCorrupt

_MAGIC = b"arrays 2"
_ALIGNMENT = 64
_KINDS = frozenset("biuf")

REBUILD = "run: paperrag index --rebuild"
"""What to do about any damage."""

BLOCK_BYTES = 1 << 16
_CRC_BYTES = 4

Buffer = bytes | memoryview
_Whole = TypeVar("_Whole", bound=np.integer)

_Place = tuple[str, tuple[int, ...], int]
"""Kind of number and shape of an array, and where it begins."""


class _Head(Struct, frozen=True):
    """What stands before the arrays of a file: where each is, and the bytes of all."""

    arrays: dict[str, _Place]
    bytes: int


def write_arrays(file: BinaryIO, arrays: Mapping[str, npt.NDArray[Any]]) -> str:
    """Write arrays of numbers to a file, as `ArrayFile` finds them, and return its seal."""
    contents: dict[str, _Place] = {}
    size = 0
    for name, array in arrays.items():
        contents[name] = (array.dtype.newbyteorder("<").str, array.shape, size)
        size = _aligned(size + array.nbytes)
    head = encode(_Head(contents, size))
    file.write(_MAGIC + len(head).to_bytes(8, "little") + head)
    start = len(_MAGIC) + 8 + len(head)
    file.write(bytes(_aligned(start) - start))
    blocks = _BlockWriter(file)
    for array in arrays.values():
        ordered = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
        blocks.write(ordered.data.cast("B") if ordered.size else memoryview(b""))
        blocks.write(memoryview(bytes(_aligned(ordered.nbytes) - ordered.nbytes)))
    checksums = blocks.end()
    file.write(checksums)
    return hashlib.sha256(head + checksums).hexdigest()


class _BlockWriter:
    """Writes on, and keeps the CRC of each block of what it wrote."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._crc = self._in_block = 0
        self._checksums = bytearray()

    def write(self, data: memoryview) -> None:
        self._file.write(data)
        while len(data):
            part = data[: BLOCK_BYTES - self._in_block]
            self._crc = zlib.crc32(part, self._crc)
            self._in_block += len(part)
            data = data[len(part) :]
            if self._in_block == BLOCK_BYTES:
                self._close_block()

    def end(self) -> bytes:
        if self._in_block:
            self._close_block()
        return bytes(self._checksums)

    def _close_block(self) -> None:
        self._checksums += self._crc.to_bytes(_CRC_BYTES, "little")
        self._crc = self._in_block = 0


class ArrayFile:
    """The arrays that lie in a file's bytes, none of them copied.

    name: what the file is called in errors. Raises IndexCorrupt for bytes of another seal.
    """

    def __init__(self, data: Buffer, seal: str, name: str) -> None:
        self._name = name
        try:
            contents, start, size = _read_head(data)
            checksums = bytes(data[start + size :])
            head = bytes(data[len(_MAGIC) + 8 : len(_MAGIC) + 8 + _head_bytes(data)])
            if hashlib.sha256(head + checksums).hexdigest() != seal:
                raise ValueError("it is not the file that was written")
            self._data = memoryview(data)[start : start + size]
            self._arrays = {
                array: (_mapped(self._data, dtype, tuple(shape), place), place)
                for array, (dtype, shape, place) in contents.items()
            }
        except (ValueError, TypeError) as error:
            raise IndexCorrupt(f"{name} is damaged ({error}); {REBUILD}") from error
        self._checksums = np.frombuffer(checksums, dtype="<u4")
        self._known = bytearray(len(self._checksums))
        self._is_known = np.frombuffer(self._known, dtype=bool)  # the same bytes
        self._known_whole: set[str] = set()

    def __contains__(self, array: str) -> bool:
        """Whether there is an array of a name."""
        return array in self._arrays

    def length(self, array: str) -> int:
        """Return how many rows an array has, which its file's seal vouches for."""
        return len(self._arrays[array][0])

    def whole(self, array: str) -> npt.NDArray[Any]:
        """Return an array once all of it is known to be as written. Raises IndexCorrupt."""
        found, place = self._arrays[array]
        if array not in self._known_whole:
            self._check(place, place + found.nbytes)
            self._known_whole.add(array)
        return found

    def part(self, array: str, start: int, stop: int) -> npt.NDArray[Any]:
        """Return rows `start` to `stop` of an array once they are known to be as written."""
        found, place = self._arrays[array]
        if array not in self._known_whole:
            row_bytes = found.strides[0]
            self._check(place + start * row_bytes, place + stop * row_bytes)
        return found[start:stop]

    def parts(
        self, array: str, starts: npt.NDArray[np.integer], stops: npt.NDArray[np.integer]
    ) -> npt.NDArray[Any]:
        """Return an array once rows starts[i] to stops[i] of it are known to be as written."""
        found, place = self._arrays[array]
        if array not in self._known_whole and len(starts):
            first = (place + starts * found.itemsize) // BLOCK_BYTES
            last = (place + np.maximum(stops * found.itemsize - 1, 0)) // BLOCK_BYTES
            for block in range(int((last - first).max()) + 1):
                looked_at = np.minimum(first + block, last)
                for new in distinct(looked_at[~self._is_known[looked_at]]).tolist():
                    self._check_block(new)
            if self._is_known[
                place // BLOCK_BYTES : -(-(place + found.nbytes) // BLOCK_BYTES)
            ].all():
                self._known_whole.add(array)
        return found

    def check_all(self) -> None:
        """Read everything. Raises IndexCorrupt if it is not as written."""
        self._is_known[:] = False
        self._check(0, len(self._data))

    def _check(self, start: int, stop: int) -> None:
        if stop > start:
            for block in range(start // BLOCK_BYTES, -(-stop // BLOCK_BYTES)):
                if not self._known[block]:
                    self._check_block(block)

    def _check_block(self, block: int) -> None:
        content = self._data[block * BLOCK_BYTES : (block + 1) * BLOCK_BYTES]
        if zlib.crc32(content) != self._checksums[block]:
            raise IndexCorrupt(
                f"{self._name} was altered (block {block} is not as written); {REBUILD}"
            )
        self._known[block] = True


def _head_bytes(data: Buffer) -> int:
    if bytes(data[: len(_MAGIC)]) != _MAGIC:
        raise ValueError("it holds no arrays")
    return int.from_bytes(data[len(_MAGIC) : len(_MAGIC) + 8], "little")


def _read_head(data: Buffer) -> tuple[dict[str, _Place], int, int]:
    """Return the contents, where the arrays begin, and their bytes. Raises ValueError."""
    start = len(_MAGIC) + 8
    end = start + _head_bytes(data)
    head = decode(bytes(data[start:end]), type=_Head)
    blocks = -(-head.bytes // BLOCK_BYTES)
    if _aligned(end) + head.bytes + blocks * _CRC_BYTES != len(data):
        raise ValueError(f"it has {len(data)} bytes, its contents say otherwise")
    return head.arrays, _aligned(end), head.bytes


def _mapped(data: Buffer, dtype: str, shape: tuple[int, ...], offset: int) -> npt.NDArray[Any]:
    kind = np.dtype(dtype)
    if kind.kind not in _KINDS:
        raise ValueError(f"it holds an array of {kind}, expected numbers")
    return np.frombuffer(data, kind, math.prod(shape), offset).reshape(shape)


def _aligned(place: int) -> int:
    return -(-place // _ALIGNMENT) * _ALIGNMENT


def distinct(numbers: npt.NDArray[_Whole]) -> npt.NDArray[_Whole]:
    """Return the different numbers, ascending: `np.unique` loads `numpy.ma` for that, 0.02 s."""
    return places_of_distinct(np.sort(numbers))[0]


def places_of_distinct(
    ordered: npt.NDArray[_Whole],
) -> tuple[npt.NDArray[_Whole], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the different ones of ascending numbers, the first place of each, and for each place
    which of the different ones it holds.
    """
    is_first = np.ones(len(ordered), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
    first = np.flatnonzero(is_first)
    return ordered[first], first, np.cumsum(is_first) - 1


_PLACES = (1 << 32) - 1


def ordered(keys: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """Return the places of numbers of 32 bits, the least first and equal ones as they stand.

    Number and place are sorted as one number: half the time of a stable `np.argsort`.
    """
    packed = keys.astype(np.int64) << 32
    packed |= np.arange(len(keys))
    packed.sort()
    packed &= _PLACES
    return packed


def ranked(scores: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    """Return the places of scores, the greatest first and equal ones as they stand."""
    return ordered(_falling(scores))


def best_two(
    groups: npt.NDArray[np.integer], scores: npt.NDArray[np.float32]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return the groups, ascending, the greatest score of each and the next one, -inf where there
    is none. Group and score are sorted as one number.
    """
    packed = groups.astype(np.int64) << 32
    packed += _falling(scores)
    packed.sort()
    falling = packed.astype(np.int32)
    found, first, _ = places_of_distinct((packed - falling) >> 32)
    second = np.minimum(first + 1, len(packed) - 1)
    is_alone = np.diff(first, append=len(packed)) == 1
    next_best = np.where(is_alone, np.float32(-np.inf), _scores_of(falling[second]))
    return found, _scores_of(falling[first]), next_best


def _falling(scores: npt.NDArray[np.float32]) -> npt.NDArray[np.int32]:
    """Return numbers that rise as scores fall, as IEEE 754 orders them; of 0 and -0 the same."""
    return ~_turned(np.add(scores, 0, dtype=np.float32).view(np.int32))


def _scores_of(falling: npt.NDArray[np.int32]) -> npt.NDArray[np.float32]:
    """Return the scores that `_falling` was given."""
    return _turned(~falling).view(np.float32)


def _turned(bits: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Return the bits of numbers, those of negative ones turned but for the sign; and back."""
    return bits ^ ((bits >> 31) & 0x7FFFFFFF)


def holds(
    ascending: npt.NDArray[np.integer], rows: npt.NDArray[np.integer]
) -> npt.NDArray[np.bool_]:
    """Return which of some rows are among others, that ascend."""
    if not len(ascending):
        return np.zeros(len(rows), dtype=bool)
    wanted = rows.astype(ascending.dtype, copy=False)  # else all that ascend are made of its kind
    found: npt.NDArray[np.bool_] = (
        ascending.take(ascending.searchsorted(wanted), mode="clip") == wanted
    )
    return found


def offsets(lengths: Sequence[int] | npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """Return where things of some lengths begin that stand one after another, and the end."""
    starts = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=starts[1:])
    return starts


def ranges(starts: npt.NDArray[np.integer], ends: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """Return the numbers from each start to before its end, one range after another."""
    lengths = ends - starts
    firsts = offsets(lengths)
    return np.repeat(starts - firsts[:-1], lengths) + np.arange(firsts[-1])
