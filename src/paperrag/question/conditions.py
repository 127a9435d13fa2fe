"""What a field of a work must say, and whether it does: values as words of their own, figures and
months compared.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

from msgspec import Struct

from paperrag.records import FieldPairs, Span
from paperrag.text.dates import Date, Period, dates_in
from paperrag.text.fields import BYLINE, field_of_label
from paperrag.text.folding import name_key
from paperrag.text.language import has_han
from paperrag.text.progress import REMARKED, denies, rating_of

_KEPT_KEYS = 1 << 15
"""Names and values of fields whose keys are kept: a question that asks for one goes through all."""


BY = "by"
"""Stands for the fields that say who wrote a paper."""

_FIELDS_OF = {BY: ("authors", "affiliation", BYLINE)}


class Condition(Struct, frozen=True):
    """What a field of the works that are asked for must say.

    field: as `field_key` has it, "" for any. values: one of these, as `value_key` has them; () for
    any. least, most: of a figure. period: the first and the last day of a date, their year 0 for
    any. is_denied: whether it is to be denied, or to say otherwise, or absent where nothing else
    is asked of it.
    """

    field: str
    values: tuple[str, ...] = ()
    least: float = -math.inf
    most: float = math.inf
    period: Period | None = None
    is_denied: bool = False

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that may say it."""
        return _FIELDS_OF.get(self.field, (self.field,))

    @property
    def is_loose(self) -> bool:
        """Whether it is a value that no field is named for, or a field of which nothing is said."""
        is_open = not (self.period or self.is_denied or self._is_bounded)
        return is_open and not (self.field and self.values)

    @property
    def _is_bounded(self) -> bool:
        return self.least > -math.inf or self.most < math.inf

    def fits(self, fields: FieldPairs) -> bool:
        """Whether the fields of a work say what is asked for."""
        said = [value for name, value in fields if not self.field or field_key(name) in self.fields]
        is_said = any(map(self._is_said_by, said))
        if not self.is_denied or (self.field in REMARKED and not self.values):
            return is_said
        if self.period or self._is_bounded:
            return bool(said) and not is_said
        return not is_said if self.values else not said

    def _is_said_by(self, value: str) -> bool:
        if self.period is not None:
            return any(_is_within(date, self.period) for date in dates_in(value))
        if self._is_bounded:
            figure = rating_of(value)
            return figure is not None and self.least <= figure <= self.most
        if not self.values:
            return denies(value) == self.is_denied
        key = value_key(value)
        return any(span_of(asked, key) for asked in self.values)


def _is_within(date: Date, period: Period) -> bool:
    """Whether a day, or some day of a month, lies in a period."""
    first, last = period
    year, month, day = date
    if first[0] == 0:  # a month of any year
        return first[1] <= month <= last[1]
    return first <= (year, month, day or last[2]) and (year, month, day) <= last


SaidWhere = tuple[Sequence[Span], Sequence[Condition]]
"""Where a question says conditions, and these."""

NOTHING: SaidWhere = ((), ())


@lru_cache(maxsize=_KEPT_KEYS)
def field_key(name: str) -> str:
    """Return the one name of a field: rating for 评分 and Stars."""
    key = name_key(name.rstrip("? "))
    return field_of_label(key) or key


@lru_cache(maxsize=_KEPT_KEYS)
def value_key(value: str) -> str:
    """Return a value as values are compared."""
    return name_key(value.strip("#@\"'“”[]() "))


def span_of(key: str, text: str) -> Span | None:
    """Return where a value stands in a text as words of its own, None where it does not."""
    start = text.find(key)
    while start >= 0:
        end = start + len(key)
        if stands_at(start, key, text):
            return start, end
        start = text.find(key, end)
    return None


def stands_at(start: int, key: str, text: str) -> bool:
    """Whether a value stands at a place of a text, as words of its own."""
    if not text.startswith(key, start):
        return False
    end = start + len(key)
    beside = f"{text[start - 1 : start]}{text[end : end + 1]}"
    return has_han(key) or not any(map(str.isalnum, beside))
