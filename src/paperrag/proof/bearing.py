"""Quantities of a claim and of a text -> whether the text bears out the claim's: the same, rounded,
in another unit, or what follows from two of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Literal

from paperrag.proof.quantities import ID, Quantity
from paperrag.text.patterns import YEAR, lazy_pattern

Verdict = Literal["met", "unit", "missing"]

ABOUT_TOLERANCE, ONE_DIGIT = 0.05, 0.08
"""By hand, over numbers as people round them; `benchmarks/proof.py` prints how often that is right.
How far off, as a share, a number may be that says of itself that it is rough, or is rounded to
two digits and more; a rough one of one digit and zeros.
"""

BOUND_REACH = 0.35
"""How much more, as a share, is still called "over" a number, and less "under" it. By hand."""

SHARE_TOLERANCE, ROUGH_SHARE = 0.06, 2.5
"""The same for a share in words, a third for 32 %, and how many times as far it may be if it is
called rough. By hand.
"""

SMALL_COUNT, MOST_COUNT = 5, 20
"""Counts in words up to the first need a count beside them to be wrong; one up to the second is."""

ROUNDED_TOLERANCE = 0.02
"""The same for a number of one digit and zeros: 1000 for 987. By hand."""

CALENDAR_TOLERANCE = 0.015
"""The same for times: a month is 30 days, half a year six months. By hand."""

PAIR_REACH = 2
"""How many quantities of a kind on another one may stand that it is compared with."""

MOST_MULTIPLE = 10
"""From here on a number with a point and without a unit is a measure. By hand."""

LEAST_PRODUCT = 100
"""Below this a number is no product of two: small ones are met by chance. By hand."""

DAY, HOUR = 86400.0, 3600.0

BINARY_STEP = 1000 / 1024

IN_BITS = {"bytes": 8.0, "bits": 1.0}

_DIGIT = lazy_pattern(r"\d")
_VERSION = lazy_pattern(r"\d+\.\d+")
_YEAR = lazy_pattern(YEAR)


def verdict(said: Quantity, held: Sequence[Quantity], text: str) -> Verdict:
    """Return whether quantities of a text bear one out: "unit" if only its value stands there.

    A small count in words that a text has no count beside is taken for one of what it lists; of two
    quantities that follow one another the ratio and the difference are borne out as well.
    """
    if not _has_other_unit(said, held) and any(bears(said, one) for one in held):
        return "met"
    if _is_derived(said, held) or _is_two(said) or _is_written(said, text):
        return "met"
    if _is_small_count(said) and not any(not one.kind and one.raw <= MOST_COUNT for one in held):
        return "met"
    if any(is_like(said, said.raw, one.raw) for one in held):
        return "unit"
    return "missing"


def _has_other_unit(said: Quantity, held: Sequence[Quantity]) -> bool:
    """Whether a text tells a quantity's number in another unit of its kind, and not in its own."""
    same = [one for one in held if one.kind == said.kind]
    is_other = any(one.raw == said.raw and one.value != said.value for one in same)
    return bool(said.kind) and is_other and not any(bears(said, one) for one in same)


def _is_written(said: Quantity, text: str) -> bool:
    """Whether a text has a number as part of something else: an id in an address, a year in two
    digits or behind a venue's name, a version in a name.
    """
    if said.kind == ID:
        return said.text in text
    if _YEAR.fullmatch(said.text):
        century, year = said.text[:2], said.text[2:]
        return bool(re.search(rf"(?<!\d)(?:{century})?{year}(?!\d)", text))
    return _is_version(said) and bool(re.search(rf"[A-Za-z]{re.escape(said.text)}(?!\d)", text))


def _is_version(said: Quantity) -> bool:
    """Whether a number may be part of a name that a text writes in one: Llama 3.1, LLaMA3.1."""
    return not said.kind and bool(_VERSION.fullmatch(said.text))


def is_count(one: Quantity) -> bool:
    """Whether a number counts a few things."""
    return not one.kind and one.raw <= MOST_COUNT and one.raw == int(one.raw)


def _is_small_count(said: Quantity) -> bool:
    return not said.kind and said.raw <= SMALL_COUNT and not said.text[0].isdigit()


def _is_two(said: Quantity) -> bool:
    """Whether a number is a two in words, which is said of any pair (the two, no two): of 18,000
    written claims whose text has none 33 are true and 30 lies.
    """
    return not said.kind and said.raw == 2 and said.is_in_words


def _is_derived(said: Quantity, held: Sequence[Quantity]) -> bool:
    """Whether a quantity follows from one or two of those held."""
    if any(is_like(said, said.value, one) for one in _derived(said, held)):
        return True
    return said.kind in ("", "time") and any(
        one >= LEAST_PRODUCT and is_like(said, said.raw, one) for one in _products(held)
    )


def _products(held: Sequence[Quantity]) -> Iterator[float]:
    """Yield how many so many of so many are, of quantities that stand near one another: 20 nodes
    with 8 each; so many for so long, in days and hours.
    """
    for one, other in pairwise(held):
        count, much = (other, one) if one.kind else (one, other)
        if count.kind or not _counts(count) or count.raw != int(count.raw):
            continue
        if much.kind == "time":
            yield from (count.raw * much.value / unit for unit in (DAY, HOUR))
        elif not much.kind and _counts(much):
            yield count.raw * much.raw


def _derived(said: Quantity, held: Sequence[Quantity]) -> Iterator[float]:
    """Yield what follows from quantities that stand near one another, in the unit of `said`: what
    is left of a share, so many of so many, the difference, the ratio.
    """
    if said.kind == "%":
        yield from (100 - one.value for one in held if one.kind == "%" and 0 < one.value < 100)
    for kind in {one.kind for one in held} - {ID}:
        values = [one.value for one in held if one.kind == kind and one.value > 0 and _counts(one)]
        for place, one in enumerate(values):
            for other in values[place + 1 : place + 1 + PAIR_REACH]:
                yield from _of_pair(said, kind, min(one, other), max(one, other))


def _counts(one: Quantity) -> bool:
    """Whether a quantity may be one of two that something follows from: a year is none."""
    return bool(one.kind) or not _YEAR.fullmatch(one.text)


def _of_pair(said: Quantity, kind: str, low: float, high: float) -> Iterator[float]:
    """Yield what follows from two quantities of a kind."""
    if said.kind == "times":
        yield high / low
        if said.is_about:
            yield float(int(high / low))
    elif said.kind == "%":
        if kind in ("%", ""):
            yield (high - low) * (100 if not kind and high <= 1 else 1)
        if not kind and high <= MOST_COUNT and high == int(high) and not said.is_rough:
            return
        yield 100 * low / high
        yield 100 * (1 - low / high)
        yield 100 * (high / low - 1)
    elif said.kind == kind and len(_DIGIT.findall(said.text)) > 1:
        yield high - low


def bears(said: Quantity, held: Quantity) -> bool:
    """Whether a quantity is what another one says, in its unit or another."""
    if ID in (said.kind, held.kind):
        return said.text == held.text
    if said.kind == held.kind:
        values: Iterable[float] = _in_binary(said.value) if said.kind == "bytes" else (said.value,)
        return any(is_like(said, value, held.value) for value in values)
    if "" in (said.kind, held.kind):
        shares = {"%": 1 / 100}
        factor = shares.get(said.kind, 1.0) / shares.get(held.kind, 1.0)
        if factor != 1.0 and is_like(said, said.value * factor, held.value):
            return True
        if (
            said.kind == "%"
            and _is_multiple(held)
            and is_like(said, said.value, 100 * (held.raw - 1))
        ):
            return True
        return is_like(said, said.raw, held.raw) or said.value == held.value
    if {said.kind, held.kind} == {"%", "times"}:
        return any(is_like(said, said.value, one) for one in _turned(held))
    return {said.kind, held.kind} == set(IN_BITS) and is_like(
        said, said.value * IN_BITS[said.kind] / IN_BITS[held.kind], held.value
    )


def _in_binary(value: float) -> Iterator[float]:
    """Yield what bytes are where a unit, or two, is 1024 of the one below instead of 1000."""
    return (value * BINARY_STEP**steps for steps in (0, 1, -1, 2, -2))


def _is_multiple(held: Quantity) -> bool:
    """Whether a number without a unit may say how many times as much something is: a speedup of
    1.15 in a table.
    """
    return 1 < held.raw < MOST_MULTIPLE and held.raw != int(held.raw)


def _turned(held: Quantity) -> tuple[float, ...]:
    """Return what a multiple is in percent, or a percentage as a multiple: 1.25 times is 25 % more,
    or from 80 % of it; 0.25 times is 25 %.
    """
    if held.kind == "times" and held.value < 1:
        return (100 * held.value,)
    if held.kind == "times":
        return (100 * (held.value - 1), 100 / held.value)
    share = held.value / 100
    return (share, 1 + share, *((1 / share, 1 / (1 - share)) if 0 < share < 1 else ()))


def is_like(said: Quantity, value: float, held: float) -> bool:
    """Whether a value as exact as `said` is said of what is held."""
    if held == value or (held and abs(value - held) <= 1e-9 * abs(held)):
        return True
    if not held:
        return False
    if said.bound:
        reach = abs(value - held) / max(abs(value), abs(held))
        return reach <= BOUND_REACH and (held > value) == (said.bound == "over")
    off = abs(value - held) / abs(held)
    return off <= _tolerance(said) or _is_rounded(said, value, held, off)


def _tolerance(said: Quantity) -> float:
    """Return how far off, as a share, a number may be."""
    if said.is_in_words and said.kind == "%":
        return SHARE_TOLERANCE * (ROUGH_SHARE if said.is_about else 1)
    if said.is_about:
        return ONE_DIGIT if said.digits == 1 or said.is_in_words else ABOUT_TOLERANCE
    return CALENDAR_TOLERANCE if said.kind == "time" else 0.0


def _is_rounded(said: Quantity, value: float, held: float, off: float) -> bool:
    if said.is_about and said.is_in_words and round(held) == value:
        return True
    is_rounded = float(f"{held:.{max(1, said.digits) - 1}e}") == float(f"{value:.12g}")
    return is_rounded and off <= (ABOUT_TOLERANCE if said.digits >= 2 else ROUNDED_TOLERANCE)
