"""Which segments are put together, so that few are left and dead rows do not pile up. Knows
sizes.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import accumulate

from paperrag.index.manifest import Manifest

SMALL_CHUNKS = 512
"""A segment up to here is of the lowest level; each level above holds FAN times as many."""

FAN = 4
"""So many segments of a level are put together to one of the next: a row is written again once a
level, five times on its way to a quarter of a million."""

LARGE_CHUNKS = 50_000
"""Segments from here on are left as they are: putting them together would take memory and time. As
soon as smaller ones hold so many they become large, for of a large one a search looks at few rows,
of smaller ones at all."""

QUICK_CHUNKS = 4 * SMALL_CHUNKS
"""Put together on the way of a question: a twentieth of a second."""

DEAD_SHARE = 0.5
"""Of a segment's rows, from which it is written anew without them."""


def due(manifest: Manifest, most_chunks: float = math.inf) -> list[int]:
    """Return the numbers of segments to put together next, [] if all is well.

    most_chunks: in use, that are written at most.
    """
    alive = alive_chunks(manifest)
    for numbers in _groups(manifest, alive):
        if sum(alive[number] for number in numbers) <= most_chunks:
            return numbers
    return []


def alive_chunks(manifest: Manifest) -> dict[int, int]:
    """Return how many chunks of each segment are in use; segments without any are left out."""
    alive: Counter[int] = Counter()
    named = set()
    for file in manifest.files.values():
        alive[file.segment] += file.chunks
        named.add(file.segment)
    return {number: alive[number] for number in sorted(named)}


def _groups(manifest: Manifest, alive: Mapping[int, int]) -> list[list[int]]:
    small = [number for number, chunks in alive.items() if chunks < LARGE_CHUNKS]
    by_level: dict[int, list[int]] = defaultdict(list)
    for number in small:
        by_level[_level(alive[number])].append(number)
    full = [numbers for _, numbers in sorted(by_level.items()) if len(numbers) >= FAN]
    if sum(alive[number] for number in small) >= LARGE_CHUNKS:
        full.append(small)
    dying = [
        [number]
        for number, chunks in alive.items()
        if chunks < (1 - DEAD_SHARE) * manifest.segments[number].chunks
    ]
    return [_until_large(numbers, alive) for numbers in full] + dying


def _until_large(numbers: list[int], alive: Mapping[int, int]) -> list[int]:
    """Return the first segments that make a large one together, all if they do not: what is put
    together lies in memory.
    """
    reached = list(accumulate(alive[number] for number in numbers))
    return numbers[: bisect_left(reached, LARGE_CHUNKS) + 1]


def _level(chunks: int) -> int:
    return max(0, math.ceil(math.log(max(chunks, 1) / SMALL_CHUNKS, FAN)))
