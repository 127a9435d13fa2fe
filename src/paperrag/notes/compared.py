"""Headings that have the same headings below them, as papers that a note compares have: Method and
Results below each of two.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable

from msgspec import Struct

from paperrag.text.closed import NUMBERS_ZH
from paperrag.text.folding import letters
from paperrag.text.patterns import ASIDE_BEHIND, lazy_pattern

_SHARED = 2
"""Headings that two others have in common below them, from which these are compared. By hand."""
_ASIDE = lazy_pattern(ASIDE_BEHIND)
_COUNTS = frozenset("0123456789" + NUMBERS_ZH)


_AGAINST = lazy_pattern(r"[\W_]+(?:vs|versus|or)[\W_]+|[和与]|对比|對比", re.IGNORECASE)


class Headed(Struct, frozen=True):
    """A heading: what stands for it and for the one above it, its title, those right below it."""

    place: int
    above: Hashable
    title: str
    below: frozenset[str]


def side_by_side(headings: Iterable[Headed]) -> set[int]:
    """Return the places of the headings that are compared; what only counts (Week 1, Week 2), as
    chapters and days do, is not.
    """
    groups: dict[Hashable, list[Headed]] = {}
    for one in headings:
        if len(one.below) >= _SHARED:
            groups.setdefault(one.above, []).append(one)
    return {place for group in groups.values() for place in _alike(group)}


def sides_of(name: str) -> set[str]:
    """What a name sets against each other, or the name itself, as letters; without an aside."""
    sides = _AGAINST.split(_ASIDE.sub("", name))
    return {letters(side) for side in sides if letters(side)}


def _alike(group: list[Headed]) -> Iterable[int]:
    times = Counter(title for one in group for title in one.below)
    alike = [one for one in group if sum(times[title] > 1 for title in one.below) >= _SHARED]
    names = {_uncounted(one.title) for one in alike}
    return (one.place for one in alike) if len(names) == len(alike) and all(names) else ()


def _uncounted(title: str) -> str:
    return "".join(char for char in letters(title) if char not in _COUNTS)
