"""Dates in notes and questions (2024-03-12, 2024年3月, 7 March 2024), and when a note was read."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from datetime import date

from paperrag.text.closed import NUMBERS_ZH
from paperrag.text.patterns import REMARK_ENDS, YEAR, YEAR_ALONE, any_of, lazy_pattern

Date = tuple[int, int, int]
"""Year, 0 where none is said; month; day, 0 where none is said."""

Period = tuple[Date, Date]
"""Its first and its last day."""

_NAMES = "january february march april may june july august september october november december"
_MONTHS = {name[:3]: at for at, name in enumerate(_NAMES.split(), 1)}
_HAN_MONTHS = dict(zip(NUMBERS_ZH, range(1, 11), strict=True)) | {
    "十一": 11,
    "十二": 12,
}
_MONTH_NAMES = any_of([*_NAMES.split(), *_MONTHS, "sept"])
MONTH = rf"(?i:{_MONTH_NAMES})\b\.?"
"""The name of a month in English, short or long."""

_NAMED = rf"(?P<name>{_MONTH_NAMES})"
DATE = lazy_pattern(
    rf"(?<!\d)(?P<year>{YEAR})\s*[-/.年]\s*(?P<month>1[0-2]|0?[1-9])(?:\s*[-/.月]\s*(?P<day>[0-3]?\d))?(?!\d)"
    rf"|(?<!\w)(?:(?P<before>[0-3]?\d)(?:[a-z]{{2}})?\s+)?(?:(?<=\bin )|(?-i:(?=[A-Z])))"
    rf"{_NAMED}\b\.?(?:\s+[0-3]?\d(?!\d))?(?:,?\s*(?P<of>{YEAR}))?"
    rf"|(?<!\d)(?P<zh>1[0-2]|[1-9]|{any_of(_HAN_MONTHS)})\s*月",
    re.IGNORECASE,
)
_LIKE_A_MONTH = lazy_pattern(rf"(?<![\w-]){any_of(_MONTHS)}[a-z]{{3,}}(?![\w-])", re.IGNORECASE)
_NEAR = 0.85
"""How alike, by difflib's ratio, a word is to the month that it is taken for. By hand."""

_WEEK = lazy_pattern(rf"(?P<year>{YEAR})-?W(?P<week>\d\d)", re.IGNORECASE)
_SENTENCE_END = lazy_pattern(rf"[{REMARK_ENDS}\n](?!\d)")
_READ = lazy_pattern(r"(?<![a-z])(?:read|date)(?![a-z])|[读看]|日期", re.IGNORECASE)
_MOST_CHARS = 60
"""Longest sentence that says when something was read."""


def with_months_spelt(text: str) -> str:
    """Return a text with names of months that are spelt nearly so as they are spelt: Novemeber."""
    return _LIKE_A_MONTH.sub(_spelt, text)


def _spelt(word: re.Match[str]) -> str:
    near = difflib.get_close_matches(word[0].lower(), _NAMES.split(), n=1, cutoff=_NEAR)
    return near[0].capitalize() if near else word[0]


def dates_in(text: str) -> Iterator[Date]:
    """Yield the months and days that a text says, in order; a month alone has year 0."""
    for found in DATE.finditer(text):
        month = found["month"] or _HAN_MONTHS.get(found["zh"], found["zh"])
        month = month or _MONTHS[found["name"][:3].lower()]
        year, day = found["year"] or found["of"], found["day"] or found["before"]
        yield int(year or 0), int(month), int(day or 0)


def period_in(text: str) -> Period | None:
    """Return the days, months or years that a text says, from the first to the last of them."""
    dates = list(dates_in(text))
    if not dates:
        years = [int(year) for year in YEAR_ALONE.findall(text)]
        return ((min(years), 1, 1), (max(years), 12, 31)) if years else None
    year = max(date[0] for date in dates)
    told = sorted((said or year, month, day) for said, month, day in dates)
    (*first, day), (*last, last_day) = told[0], told[-1]
    return (first[0], first[1], day or 1), (last[0], last[1], last_day or 31)


def read_on(text: str) -> Date | None:
    """Return when a text says that it was read: the date in a short sentence that speaks of
    reading, or one that stands alone.
    """
    if "19" not in text and "20" not in text:  # such a date has a year
        return None
    for sentence in _SENTENCE_END.split(text):
        if len(sentence) > _MOST_CHARS:
            continue
        said = (one for one in dates_in(sentence) if one[0])
        is_of_reading = bool(_READ.search(sentence))
        found = next(
            (one for one in said if is_of_reading or (one[2] and _is_alone(sentence))), None
        )
        if found:
            return found
    return None


def _is_alone(sentence: str) -> bool:
    return any(DATE.fullmatch(part.strip(" []")) for part in re.split("[,，]", sentence))


def date_of_file(name: str) -> Date | None:
    """Return the month or day that the name of a file begins with: 2024-06 ideas, 2024-W15."""
    if week := _WEEK.match(name):
        day = date.fromisocalendar(int(week["year"]), min(max(int(week["week"]), 1), 52), 1)
        return day.year, day.month, day.day
    found = DATE.match(name)
    return next(dates_in(name)) if found and found["year"] else None
