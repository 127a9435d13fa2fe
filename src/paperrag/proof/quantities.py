"""Text -> the quantities it tells: value, unit, how exact.

Digits and number words of both languages, scales (k, million, 万, 亿) and units of time, bytes,
shares and multiples. Values are in the base unit of their kind, so 0.5 s and 500 ms meet.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from paperrag.proof.numbers import (
    ALONE,
    COUNTED,
    COUNTS,
    HAN_TIMES,
    ONES,
    ORDERS,
    PARTS,
    SAID,
    SCALES,
    TENS,
    UNITS,
    WORDS,
    han_value,
    plain_digits,
    spelled,
)
from paperrag.records import Span
from paperrag.text.closed import NUMBERS_ZH
from paperrag.text.patterns import any_of, lazy_pattern

Bound = Literal["", "over", "under"]

ID = "id"
"""The kind of numbers that name a paper."""


class Quantity(Struct, frozen=True):
    """A number at `text[start:end]` with its unit; `kind` is "" where it counts something else.

    `value` is in the base unit of its kind, `raw` as it is written, `digits` how many of them
    count; `bound`: what it counts is more or less than that (over 30, 不到 1%).
    """

    start: int
    end: int
    text: str
    value: float
    raw: float
    kind: str
    digits: int
    is_about: bool
    bound: Bound = ""

    @property
    def is_in_words(self) -> bool:
        """Whether it is spelled out."""
        return not any(char.isdigit() for char in self.text)

    @property
    def is_rough(self) -> bool:
        """Whether it is called rough or told in words: more of these are missing that a text tells
        in another way.
        """
        return self.is_about or self.is_in_words


_UNIT = any_of(UNITS)
_NUMBER = lazy_pattern(
    rf"(?:百分之)?(?<![A-Za-z\d])(?<!(?<!\.)\.)(?P<digits>\d+(?:[.,]\d+)*)"
    rf"(?:(?P<scale>\s?{any_of(SCALES)})(?![A-Za-z\d])(?!(?<=千)[卡克米瓦赫帕焦]))?"
    rf"(?P<unit>[ \-]?{_UNIT}(?![A-Za-z]))?",
    re.IGNORECASE,
)
_ID = lazy_pattern(r"(?<![\w.])(?:\d{4}\.\d{4,5}(?:v\d+)?|10\.\d{4,9}(?=/|\b))(?!\w)")
"""Of arXiv, or the beginning of a DOI: it counts nothing."""

_DECADE = lazy_pattern(r"(?:1[5-9]|20)\d0s")
_ONE_OVER = lazy_pattern(r"(?<![A-Za-z\d./])1/(?P<under>\d+(?:\.\d+)?)(?![A-Za-z\d/.]*\d)")
_WORD_SCALES = any_of(name for name in SCALES if name.isascii() and len(name) > 1)
_WORD = lazy_pattern(
    rf"\b(?P<word>{any_of(TENS)}[ -]{any_of(ONES)}|{COUNTS})\b(?P<hundred> hundred\b)?"
    rf"(?P<scale> {_WORD_SCALES}\b)?(?P<unit>[ -]{_UNIT}\b)?",
    re.IGNORECASE,
)
_ONE_IN = lazy_pattern(
    rf"\b(?P<over>{any_of(WORDS)})(?: [a-z]+)? (?:in|out of)(?: every)? (?P<under>{COUNTS})\b",
    re.IGNORECASE,
)
_FRACTION = lazy_pattern(
    rf"\b(?<!and )(?:(?P<over>an?|one|{any_of(WORDS)})[ -])?(?P<under>{any_of(PARTS)})s?\b"
    rf"(?:(?: of)? an? (?P<unit>{_UNIT}|{_WORD_SCALES})\b)?",
    re.IGNORECASE,
)
_HAN_TIME = any_of([*"秒 分钟 小时 天".split(), *HAN_TIMES])
_HAN_FRACTION = lazy_pattern(
    rf"(?P<under>[二三四五六七八九十千]+)分之(?P<over>[一二两三四五六七八九十]+)(?P<unit>个?{_HAN_TIME})?"
    r"|(?P<tenths>[一二两三四五六七八九\d])成(?P<half>[一二三四五六七八九半])?(?![立功为本员果分长熟就绩效型]|不[^到足])"
    rf"|半个?(?P<half_unit>{_HAN_TIME})"
)
_HAN_SCALES = any_of(name for name in SCALES if not name.isascii())
_HAN_UNITS = any_of(name for name in UNITS if not name.isascii())
_HAN_NUMBER = lazy_pattern(
    rf"(?P<share>百分之)?(?!百分[位点])(?P<count>[{NUMBERS_ZH}两百千]+)(?(share)|(?=多?[{COUNTED}])(?!年代))"
    rf"(?:多?(?P<scale>{_HAN_SCALES}))?(?P<unit>{_HAN_UNITS})?"
)
_SAID_RE = lazy_pattern(
    rf"\b{any_of(filter(str.isascii, SAID))}\b|{any_of(word for word in SAID if not word.isascii())}",
    re.IGNORECASE,
)
_OVER = any_of("over,more than,at least,above,超过,超,逾,至少".split(","))
_UNDER = any_of("under,less than,fewer than,at most,below,不到,不足".split(","))
_NEARLY = any_of(
    "about,around,approximately,roughly,nearly,almost,some,up to,close to,as much as,hardly,barely,~,≈,∼,+,"
    "约,大约,大概,近,将近,接近,多达,高达,几乎,差不多".split(",")
)
_ABOUT = lazy_pattern(
    rf"(?:(?P<over>{_OVER})|(?P<under>{_UNDER})|{_NEARLY})\s*为?(?:an? |原来的)?$", re.IGNORECASE
)
_ABOUT_AFTER = lazy_pattern(
    rf"\s*(?:(?P<over>{any_of('多 以上 出头 强 +'.split())})|(?P<under>{any_of('以下 不到 不足 弱'.split())})"
    rf"|{any_of('左右,上下,or so'.split(','))})"
)
_JUST = lazy_pattern(
    rf"\b{any_of('just,slightly,a little,a bit,not,no,刚,略,不'.split(','))}\s*$", re.I
)
"""Before a bound: then it is near the number, or no bound at all."""

_RANGE = lazy_pattern(
    rf"\s*(?:[-–~→]|{any_of('-> to and or vs. vs 到 至 和'.split())})\s*(?:an? )?", re.IGNORECASE
)
"""Between two numbers the first of which has the second's unit: 150–300 ms."""

_FACTOR_OF = lazy_pattern(r"\bfactor of (?:\w+ )?$", re.IGNORECASE)


MOST_ORDERS = 30
"""Powers of ten that somebody may tell of; more are other orders."""


@lru_cache(maxsize=4096)
def quantities(text: str) -> tuple[Quantity, ...]:
    """Return the quantities of a folded text, in order."""
    found: list[Quantity] = []
    taken: list[Span] = []
    for pattern, make in _READERS:
        for match in pattern.finditer(text):
            if not any(start < match.end() and match.start() < end for start, end in taken):
                one = make(text, match)
                if one is not None:
                    found.append(one)
                    taken.append((one.start, one.end))
    return tuple(_with_shared_units(text, sorted(found, key=lambda one: one.start)))


def _with_shared_units(text: str, found: Sequence[Quantity]) -> Iterator[Quantity]:
    """Yield quantities, the first of a range in the unit of the second; a share needs none, for 30
    is 30 %.
    """
    for one, after in pairwise([*found, *found[-1:]]):
        has_unit = after.kind not in ("", "%")
        is_range = has_unit and not one.kind and _RANGE.fullmatch(text, one.end, after.start)
        if is_range and after.text.endswith(ORDERS):
            yield replace(one, value=10.0**one.raw, raw=10.0**one.raw, kind=after.kind)
        elif is_range and after.raw:
            yield replace(one, value=one.raw * after.value / after.raw, kind=after.kind)
        else:
            yield one


def _from_digits(text: str, match: re.Match[str]) -> Quantity:
    number = match["digits"]
    raw, digits = plain_digits(number)
    scale, unit = (match["scale"] or "").strip().lower(), (match["unit"] or "").strip(" -").lower()
    end = match.end()
    if match.group().startswith("百分之"):
        unit = "%"
    if unit == "s" and _DECADE.fullmatch(match.group()):
        unit = ""
    return _quantity(text, match.start(), end, raw, digits, scale, unit)


def _from_id(text: str, match: re.Match[str]) -> Quantity:
    return Quantity(*match.span(), match.group(), 0.0, 0.0, ID, 0, False)


def _from_one_over(text: str, match: re.Match[str]) -> Quantity | None:
    under = float(match["under"])
    return _quantity(text, *match.span(), 100 / under, 3, "", "%") if under > 1 else None


def _from_word(text: str, match: re.Match[str]) -> Quantity:
    scale, unit = (match["scale"] or "").strip().lower(), (match["unit"] or "").strip(" -").lower()
    value = spelled(match["word"]) * (100 if match["hundred"] else 1)
    return _quantity(text, match.start(), match.end(), value, 1 if scale else 9, scale, unit)


def _from_one_in(text: str, match: re.Match[str]) -> Quantity | None:
    over, under = spelled(match["over"]), spelled(match["under"])
    return _share(text, match, over / under, "") if over < under else None


def _from_fraction(text: str, match: re.Match[str]) -> Quantity | None:
    over, under = (match["over"] or "").lower(), match["under"].lower()
    if not over and not match["unit"] and under not in ALONE:
        return None
    return _share(text, match, WORDS.get(over, 1.0) / PARTS[under], (match["unit"] or "").lower())


def _from_han_fraction(text: str, match: re.Match[str]) -> Quantity | None:
    if tenths := match["tenths"]:
        more = 5 if match["half"] == "半" else han_value(match["half"] or "零")
        share = (int(tenths) if tenths.isdigit() else han_value(tenths)) / 10 + more / 100
        return _share(text, match, share, "")
    if unit := match["half_unit"]:
        return _share(text, match, 0.5, HAN_TIMES.get(unit, unit))
    if match["under"] == "百":
        return None
    share = han_value(match["over"]) / han_value(match["under"])
    unit = (match["unit"] or "").removeprefix("个")
    return _share(text, match, share, HAN_TIMES.get(unit, unit))


def _share(text: str, match: re.Match[str], share: float, of: str) -> Quantity:
    """Return a share in words, of a unit or a scale where it says so: half, half a million."""
    start, end = match.span()
    if of in SCALES:
        return _quantity(text, start, end, share, 2, of, "")
    if of:
        return _quantity(text, start, end, share, 2, "", of)
    return _quantity(text, start, end, share * 100, 2, "", "%")


def _from_han(text: str, match: re.Match[str]) -> Quantity | None:
    value = han_value(match["count"])
    if value < 2 or text[: match.start()].endswith(("第", "几", "数", "上")):
        return None
    scale, unit = match["scale"] or "", "%" if match["share"] else match["unit"] or ""
    digits = len(str(value).rstrip("0")) if scale else 9
    return _quantity(text, match.start(), match.end(), value, digits, scale, unit)


def _from_said(text: str, match: re.Match[str]) -> Quantity:
    value, unit = SAID[match.group().lower()]
    return _quantity(text, match.start(), match.end(), value, 2, "", unit)


def _quantity(
    text: str, start: int, end: int, raw: float, digits: int, scale: str, unit: str
) -> Quantity:
    if not unit and _FACTOR_OF.search(text, max(0, start - 20), start):
        unit = "x"
    kind, factor = UNITS.get(unit, ("", 1.0))
    about = _ABOUT.search(text, max(0, start - 20), start) or _ABOUT_AFTER.match(text, end)
    scaled = raw * SCALES.get(scale, 1.0)
    if unit in ORDERS and raw <= MOST_ORDERS:
        scaled = 10.0**raw
    return Quantity(
        start, end, text[start:end], scaled * factor, scaled, kind, digits, bool(about),
        _bound(text, about) if about else "",
    )  # fmt: skip


def _bound(text: str, about: re.Match[str]) -> Bound:
    if not about.lastgroup or _JUST.search(text, 0, about.start()):
        return ""
    return "over" if about["over"] else "under"


_READERS: tuple[tuple[re.Pattern[str], Callable[[str, re.Match[str]], Quantity | None]], ...] = (
    (_ID, _from_id),
    (_ONE_OVER, _from_one_over),
    (_NUMBER, _from_digits),
    (_ONE_IN, _from_one_in),
    (_FRACTION, _from_fraction),
    (_HAN_FRACTION, _from_han_fraction),
    (_SAID_RE, _from_said),
    (_WORD, _from_word),
    (_HAN_NUMBER, _from_han),
)
"""First come, first served."""
