"""Points of a plane and what they say -> regions of the plane, each named by the words that are
commoner in it than elsewhere.

Nothing here is random: the same points give the same regions.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import FloatArray
from paperrag.index.lexical import tokenize

ROUNDS = 20
"""Times that points go to the nearest middle; by then hardly one changes its region."""

LEAST_OF_WORD = 0.03
"""Share of a region's points that say the word which names it."""

WORDS_OF_NAME = 2

Regions = npt.NDArray[np.intp]
"""The number of each point's region, (n,)."""


def regions_of(points: FloatArray, count: int) -> Regions:
    """Return regions of points (n, 2) that lie near one another, at most `count`."""
    regions = _halved(points, count)
    for _ in range(ROUNDS):
        numbers = np.unique(regions)
        middles = np.stack([points[regions == number].mean(axis=0) for number in numbers])
        away = ((points[:, None, :] - middles[None, :, :]) ** 2).sum(axis=2)
        regions = away.argmin(axis=1)
    return regions


def _halved(points: FloatArray, count: int) -> Regions:
    """Cut the largest region in two across its longer side, until there are so many."""
    regions = np.zeros(len(points), dtype=np.intp)
    for new in range(1, min(count, len(points))):
        rows = np.flatnonzero(regions == np.bincount(regions).argmax())
        side = np.ptp(points[rows], axis=0).argmax()
        order = rows[np.argsort(points[rows, side], kind="stable")]
        regions[order[len(order) // 2 :]] = new
    return regions


def region_names(regions: Regions, titles: Sequence[str]) -> list[str]:
    """Return what each region is called, "" where no word is commoner in it; no word names two."""
    said = list(map(_words, titles))
    everywhere = Counter(chain.from_iterable(said))
    names: list[list[str]] = [[] for _ in range(int(regions.max(initial=-1)) + 1)]
    taken: set[str] = set()
    for _, word, number in sorted(_told(regions, said, everywhere), key=lambda one: -one[0]):
        is_new = not any(word in other or other in word for other in taken)
        if is_new and len(names[number]) < WORDS_OF_NAME:
            names[number].append(word)
            taken.add(word)
    return [" · ".join(_spelt(word, titles) for word in words) for words in names]


def _words(title: str) -> frozenset[str]:
    """Return the words of a title without those that stand inside another one."""
    words = {word for word in tokenize(title) if len(word) > 1}
    return frozenset(one for one in words if not any(one in word for word in words - {one}))


def _told(
    regions: Regions, said: Sequence[frozenset[str]], everywhere: Counter[str]
) -> list[tuple[float, str, int]]:
    """Return how much each word tells of each region: how common it is there, times how much
    commoner than elsewhere.
    """
    told = []
    for number in np.unique(regions).tolist():
        rows = np.flatnonzero(regions == number).tolist()
        inside = Counter(chain.from_iterable(said[row] for row in rows))
        for word, count in inside.items():
            share = count / len(rows)
            gain = math.log(share * len(said) / everywhere[word])
            if share >= LEAST_OF_WORD and gain > 0:
                told.append((share * gain, word, number))
    return told


def _spelt(word: str, titles: Sequence[str]) -> str:
    """Return a word as titles write it most often, its plural among them."""
    pattern = re.compile(rf"(?<![A-Za-z]){re.escape(word)}(?:e?s)?(?![A-Za-z])", re.IGNORECASE)
    spellings = Counter(match[0] for title in titles for match in pattern.finditer(title))
    return max(spellings, key=lambda one: (spellings[one], one), default=word)
