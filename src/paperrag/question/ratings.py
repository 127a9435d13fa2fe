"""A question -> the rating that works are to have: "at least four stars", 满分的."""

from __future__ import annotations

import math
import re

from paperrag.question.conditions import NOTHING, Condition, SaidWhere
from paperrag.text.fields import labels_of
from paperrag.text.patterns import any_of, lazy_pattern
from paperrag.text.progress import NUMBERS

_RATING_WORDS = [*labels_of("rating"), *"rated,i gave,i scored,我给,满分".split(",")]
_RATING_SAID = lazy_pattern(rf"(?<![a-z]){any_of(_RATING_WORDS)}(?![a-z])", re.IGNORECASE)
_HIGHEST = lazy_pattern(rf"{any_of('满分 最高 highest best top full'.split())}", re.IGNORECASE)
_AT_LEAST, _ABOVE, _AT_MOST, _BELOW = (
    any_of(words.split(","))
    for words in (
        "at least,no less than,不低于,至少,不少于,or more,or above,or higher,or better,and up,+,以上",
        "above,over,more than,higher than,better than,高于,超过,大于",
        "at most,up to,no more than,不超过,不高于,至多,or less,or below,or lower,or worse,以下",
        "below,under,less than,lower than,worse than,低于,小于,不到",
    )
)
_BOUND = rf"(?:{'|'.join((_AT_LEAST, _ABOVE, _AT_MOST, _BELOW))})"
_FIGURE = lazy_pattern(
    rf"(?P<lead>{_BOUND})?\s*(?<![A-Za-z0-9.-])(?P<count>\d{{1,2}}(?:\.\d)?(?![\d.%]*\d)|{any_of(NUMBERS)})"
    rf"(?:\s*/\s*\d{{1,2}})?[\s-]*(?P<unit>stars?\b|颗?星|分(?![^\W\d_以及或的]))?(?:[及或]?\s*(?P<tail>{_BOUND}))?",
    re.IGNORECASE,
)
_NEAR_CHARS = 14
"""Between a word for ratings and the figure that is asked for."""


def rating_asked(question: str, best: float) -> SaidWhere:
    """Return the rating that is asked for: a figure in stars or points, or a figure or the highest
    beside a word for ratings. best: the highest that is given, 0 where none is.
    """
    if not best:
        return NOTHING
    words = list(_RATING_SAID.finditer(question))
    for said in _FIGURE.finditer(question):
        if said["unit"] and _count(said) <= best:
            spans = [said.span(), *(word.span() for word in words)]
            return spans, [Condition("rating", (), *_bounds(said))]
    for word in words:
        near = max(word.start() - _NEAR_CHARS, 0), min(word.end() + _NEAR_CHARS, len(question))
        if highest := _HIGHEST.search(question, *near):
            return [word.span(), highest.span()], [Condition("rating", (), best)]
        counted = _FIGURE.search(question, *near)
        if counted and _count(counted) <= best:
            asked = Condition("rating", (), *_bounds(counted))
            return [word.span(), counted.span()], [asked]
    return NOTHING


def _count(figure: re.Match[str]) -> float:
    said = figure["count"].lower()
    return float(NUMBERS.get(said) or said)


def _bounds(figure: re.Match[str]) -> tuple[float, float]:
    """Return the least and the most that a figure with its bound allows."""
    count = _count(figure)
    bound = (figure["lead"] or figure["tail"] or "").lower()
    if re.fullmatch(_AT_LEAST, bound):
        return count, math.inf
    if re.fullmatch(_ABOVE, bound):
        return math.nextafter(count, math.inf), math.inf
    if re.fullmatch(_AT_MOST, bound):
        return -math.inf, count
    return (-math.inf, math.nextafter(count, -math.inf)) if bound else (count, count)
