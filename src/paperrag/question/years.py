"""A question -> the years that it says, and what is left of it then.

"since" and 以后 hold the year itself, "after" and 之后 do not. Rules of the two languages only.
"""

from __future__ import annotations

import re

from msgspec import Struct

from paperrag.question.nouns import WORKS_EN
from paperrag.text.closed import ARTICLES_EN
from paperrag.text.patterns import SURE_YEAR, YEAR, any_of, lazy_pattern

FIRST_YEAR, LAST_YEAR = 1950, 2049
"""Where years without a first or a last one begin and end: those that are read at all."""

SAID = (
    *"published appeared accepted presented tagged awarded won marked got received".split(),
    *("written", "noted", "came out"),
)
"""What is said to have happened to a paper at a place or in a year."""


_ONE_YEAR = lazy_pattern(rf"(?<!\d)({YEAR})(?!\d|0?['’]?s)")


class _Bound(Struct, frozen=True):
    """Years from one on, or up to it; by: how far the first or last of them lies from it."""

    is_first: bool
    by: int = 0

    def years(self, year: int) -> range:
        """Return the years on this side of one."""
        if self.is_first:
            return range(year + self.by, LAST_YEAR + 1)
        return range(FIRST_YEAR, year + self.by + 1)


_LEADS = {
    "since": _Bound(True),
    "after": _Bound(True, 1),
    "before": _Bound(False, -1),
    "until": _Bound(False),
    "up to": _Bound(False),
}
_TAILS = {
    **dict.fromkeys(("onwards", "or later", "以后", "以後", "以来", "以來", "至今"), _Bound(True)),
    **dict.fromkeys(("or earlier", "以前"), _Bound(False)),
    **dict.fromkeys(("之后", "之後"), _Bound(True, 1)),
    "之前": _Bound(False, -1),
}
_SAID_EN = rf"(?:\b{any_of(SAID)}\s+)?"
_ENDS_ZH = r"[发發表出写寫里中度]*的?"
_RANGE = lazy_pattern(
    rf"{_SAID_EN}(?:\b{any_of('between from in'.split())}\s+)?(?<!\d)({SURE_YEAR})\s*年?\s*"
    rf"(?:\b{any_of('and to until through'.split())}\b|[-–—~到至])\s*({SURE_YEAR})(?!\d)(?:\s*年之?[间間]?{_ENDS_ZH})?",
    re.IGNORECASE,
)
_BOUND = lazy_pattern(
    rf"{_SAID_EN}(?:\b(?P<lead>{any_of(_LEADS)})\s+|\bfrom\s+)?(?<!\d)(?P<year>{SURE_YEAR})(?!\d)"
    rf"\s*年?(?:\s*[及和]?(?P<tail>{any_of(_TAILS)}){_ENDS_ZH})?",
    re.IGNORECASE,
)
_ALONE = lazy_pattern(
    rf"{_SAID_EN}\b(?:from|in|of)\s+({SURE_YEAR})\b|^\W*({SURE_YEAR})\s+(?={WORKS_EN}\b)|(?<!\d)({SURE_YEAR})\s*年{_ENDS_ZH}"
)


def without_years(question: str) -> tuple[str, tuple[int, ...]]:
    """Return a question without the years in it, and these, in order."""
    years: set[int] = set()

    def of_range(match: re.Match[str]) -> str:
        first, last = sorted(map(int, match.groups()))
        years.update(range(first, last + 1))
        return " "

    def of_bound(match: re.Match[str]) -> str:
        word = (match["lead"] or match["tail"] or "").lower()
        if not word:
            return match[0]
        years.update({**_LEADS, **_TAILS}[word].years(int(match["year"])))
        return " "

    def of_one(match: re.Match[str]) -> str:
        years.add(int(next(filter(None, match.groups()))))
        return " "

    for pattern, taken in ((_RANGE, of_range), (_BOUND, of_bound), (_ALONE, of_one)):
        question = pattern.sub(taken, question)
    return question, tuple(sorted(years))


_DECADES = "twenties thirties forties fifties sixties seventies eighties nineties".split()
_BOUNDING_NOTHING = frozenset([*ARTICLES_EN, *"from in of 的".split()])
_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_YEAR_IN_HAN = lazy_pattern(r"[一二][〇零九][〇零一二三四五六七八九]{2}(?=年)")
_DECADE = lazy_pattern(
    rf"(?P<century>1[89]|20)?(?P<tens>\d)0(?:['’]?s\b|\s*年代)|\b(?P<word>{any_of(_DECADES)})\b"
    r"|(?P<han>[1-9])十年代",
    re.IGNORECASE,
)


def with_years_in_figures(text: str) -> str:
    """Return a text with its years in Arabic figures: 2021年 for 二〇二一年."""
    return _YEAR_IN_HAN.sub(lambda year: year[0].translate(_DIGITS), text)


def years_said(text: str) -> tuple[int, ...]:
    """Return the years and decades in a text, in order; "the nineties" are those of 1990."""
    text = text.translate(_DIGITS)
    found = {int(year) for year in _ONE_YEAR.findall(text)}
    for match in _DECADE.finditer(text):
        first = _first_of_decade(match)
        found.update(range(first, first + 10))
    return tuple(sorted(found))


def only_says_years(text: str) -> bool:
    """Whether a text says a year or a decade and no word that may bound it: the nineties."""
    rest = _ONE_YEAR.sub("", _DECADE.sub("", text.translate(_DIGITS)))
    return set(rest.replace("年", "").lower().split()) <= _BOUNDING_NOTHING


def _first_of_decade(match: re.Match[str]) -> int:
    """Return the first year of a decade; without a century it is that which ended last."""
    word = match["word"]
    tens = _DECADES.index(word.lower()) + 2 if word else int(match["tens"] or match["han"])
    century = int(match["century"] or (20 if tens < 2 else 19))
    return 100 * century + 10 * tens


def bounded_years(said: tuple[int, ...], bound: str) -> tuple[int, ...]:
    """Return the years that a bound of `facets.BOUNDS` allows; of several, those between them."""
    if not said:
        return ()
    first, last = said[0], said[-1]
    runs = {
        "above": range(last + 1, LAST_YEAR + 1),
        "least": range(first, LAST_YEAR + 1),
        "below": range(FIRST_YEAR, first),
        "most": range(FIRST_YEAR, last + 1),
    }
    return tuple(runs.get(bound, range(first, last + 1)))


def told_years(years: tuple[int, ...]) -> list[str]:
    """Return years as people write them, those that follow one another as one: 2017–2019, 2021–."""
    runs: list[list[int]] = []
    for year in years:
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return [_told(run[0], run[-1]) for run in runs]


def _told(first: int, last: int) -> str:
    if first == last:
        return str(first)
    return f"{'' if first == FIRST_YEAR else first}–{'' if last == LAST_YEAR else last}"
