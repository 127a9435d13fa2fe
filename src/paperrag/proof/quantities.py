"""Text -> the quantities it tells: value, unit, how exact; and whether one bears out another.

Digits and number words of both languages, scales (k, million, 万, 亿) and units of time, bytes,
shares and multiples. Values are in the base unit of their kind, so 0.5 s and 500 ms meet.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from paperrag.text.patterns import lazy_pattern

Verdict = Literal["met", "unit", "missing"]

ABOUT_TOLERANCE = 0.05
"""How far off, as a share, a number may be that says of itself that it is rough, or is rounded to
two digits and more.
"""

SMALL_COUNT, MOST_COUNT = 5, 20
"""Counts in words up to the first need a count beside them to be wrong; one up to the second is."""

ROUNDED_TOLERANCE = 0.02
"""The same for a number of one digit and zeros: 1000 for 987."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number at `text[start:end]` with its unit; `kind` is "" where it counts something else.

    `value` is in the base unit of its kind, `raw` as it is written, `digits` how many of them
    count.
    """

    start: int
    end: int
    text: str
    value: float
    raw: float
    kind: str
    digits: int
    is_about: bool


_UNITS: dict[str, tuple[str, float]] = {}
for _kind, _listed in {
    "time": "ns 1e-9|µs|us|μs|微秒 1e-6|ms|毫秒|millisecond|milliseconds 1e-3|s|sec|secs|second|seconds|秒|秒钟 1"
    "|min|mins|minute|minutes|分钟 60|h|hr|hrs|hour|hours|小时 3600|day|days|天 86400|week|weeks|周|星期 604800"
    "|month|months|个月 2592000|year|years 31536000",
    "bytes": "kb|kib 1e3|mb|mib 1e6|gb|gib 1e9|tb|tib 1e12|pb|pib 1e15|bytes|byte|字节 1",
    "bits": "bit|bits|比特 1|gbps|gb/s 1e9|mbps 1e6",
    "%": "%|percent|percentage points|percentage point|points|point|百分点|个百分点|pp 1",
    "times": "x|×|times|fold|-fold|倍 1",
}.items():
    _waiting: list[str] = []
    for _part in _listed.split("|"):
        _name, _, _factor = (
            _part.rpartition(" ") if re.search(r" [\d.e-]+$", _part) else (_part, "", "")
        )
        _waiting.append(_name)
        if _factor:
            _UNITS |= dict.fromkeys(_waiting, (_kind, float(_factor)))
            _waiting = []
_SCALES = {
    "k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "b": 1e9, "billion": 1e9, "t": 1e12, "trillion": 1e12,
    "w": 1e4, "千": 1e3, "万": 1e4, "十万": 1e5, "百万": 1e6, "千万": 1e7, "亿": 1e8, "十亿": 1e9, "百亿": 1e10, "千亿": 1e11, "万亿": 1e12,
}  # fmt: skip
_WORDS = {
    word: float(number)
    for number, words in {
        2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine", 10: "ten",
        11: "eleven", 12: "twelve", 20: "twenty", 30: "thirty", 40: "forty", 50: "fifty", 100: "hundred",
    }.items()
    for word in words.split()
}  # fmt: skip
_SAID = {
    word: said
    for words, said in (
        ("half halve halves halved 一半 半数 减半", (50.0, "%")),
        ("quarter 四分之一", (25.0, "%")),
        ("third 三分之一", (100 / 3, "%")),
        ("twice double doubles doubled 翻倍 翻番", (2.0, "times")),
        ("triple triples tripled thrice", (3.0, "times")),
    )
    for word in words.split()
}
_PARTS = {
    word: part
    for part, words in enumerate(
        "half halves|third|quarter fourth|fifth|sixth|seventh|eighth|ninth|tenth".split("|"), 2
    )
    for word in words.split()
}
_HAN_DIGITS = {char: place for place, char in enumerate("零一二三四五六七八九")} | {"两": 2}
_HAN_POWERS = {"十": 10, "百": 100, "千": 1000}
_COUNTED = "种个类项条步层倍篇组次阶级台块张份家路轮成位名大小分秒天周月年万亿百千%人点维头"

_UNIT_RE = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_SCALE_RE = "|".join(sorted(_SCALES, key=len, reverse=True))
_NUMBER = lazy_pattern(
    rf"(?:百分之)?(?<![A-Za-z\d.])(?P<digits>\d+(?:[.,]\d+)*)"
    rf"(?:(?P<scale>\s?(?:{_SCALE_RE})|\s?(?:thousand|million|billion|trillion))(?![A-Za-z]))?"
    rf"(?P<unit>[ \-]?(?:{_UNIT_RE})(?![A-Za-z]))?",
    re.IGNORECASE,
)
_WORD = lazy_pattern(
    rf"\b(?P<word>{'|'.join(_WORDS)})\b(?P<scale> (?:thousand|million|billion|trillion))?"
    rf"(?P<unit>[ -](?:{_UNIT_RE})\b)?",
    re.IGNORECASE,
)
_FRACTION = lazy_pattern(
    rf"\b(?P<over>an?|one|{'|'.join(_WORDS)})[ -](?P<under>{'|'.join(_PARTS)})s?\b", re.IGNORECASE
)
_HAN_FRACTION = lazy_pattern(
    r"(?P<under>[二三四五六七八九十]+)分之(?P<over>[一二两三四五六七八九十]+)"
    r"|(?P<tenths>[一二两三四五六七八九\d])成(?![立功为本员果分长熟就绩效型不])"
)
_HAN_SCALES = "|".join(name for name in _SCALES if not name.isascii())
_HAN_UNITS = "|".join(re.escape(name) for name in _UNITS if not name.isascii())
_HAN_NUMBER = lazy_pattern(
    rf"(?P<share>百分之)?[一二三四五六七八九十两百千]+(?(share)|(?=多?[{_COUNTED}]))"
    rf"(?:多?(?P<scale>{_HAN_SCALES}))?(?P<unit>{_HAN_UNITS})?"
)
_SAID_RE = lazy_pattern(
    rf"\b(?:{'|'.join(w for w in _SAID if w.isascii())})\b|{'|'.join(w for w in _SAID if not w.isascii())}",
    re.IGNORECASE,
)
_ABOUT = lazy_pattern(
    r"(?:about|around|approximately|roughly|nearly|almost|some|over|more than|at least|up to|close to|under|less than|~|≈|∼|\+"
    r"|约|大约|近|将近|接近|超过|超|逾|多达|高达|至少|不到|差不多)\s*$",
    re.IGNORECASE,
)
_ABOUT_AFTER = lazy_pattern(r"\s*(?:左右|上下|多|\+|or so)")
_YEAR = lazy_pattern(r"(?:19|20)\d\d")


@lru_cache(maxsize=4096)
def quantities(text: str) -> tuple[Quantity, ...]:
    """Return the quantities of a folded text, in order."""
    found = [_from_digits(text, match) for match in _NUMBER.finditer(text)]
    taken = [(one.start, one.end) for one in found]
    for pattern, make in _READERS:
        for match in pattern.finditer(text):
            if not any(start < match.end() and match.start() < end for start, end in taken):
                one = make(text, match)
                if one is not None:
                    found.append(one)
                    taken.append((one.start, one.end))
    return tuple(sorted(found, key=lambda one: one.start))


def verdict(said: Quantity, held: Sequence[Quantity], text: str) -> Verdict:
    """Return whether quantities of a text bear one out: "unit" if only its value stands there.

    A small count in words that a text has no count beside is taken for one of what it lists; of two
    quantities that follow one another the ratio and the difference are borne out as well.
    """
    if any(bears(said, one) for one in held) or _is_derived(said, held):
        return "met"
    if _is_small_count(said) and not any(not one.kind and one.raw <= MOST_COUNT for one in held):
        return "met"
    if _YEAR.fullmatch(said.text) and re.search(rf"(?<!\d){said.text[2:]}(?!\d)", text):
        return "met"
    if any(_is_like(said, said.raw, one.raw) for one in held):
        return "unit"
    return "missing"


def _is_small_count(said: Quantity) -> bool:
    return not said.kind and said.raw <= SMALL_COUNT and not said.text[0].isdigit()


def _is_derived(said: Quantity, held: Sequence[Quantity]) -> bool:
    """Whether the quantity is how many times, by how many points, or what part of it, one is of the
    next of its kind.
    """
    if said.kind not in ("times", "%"):
        return False
    in_words = not any(char.isdigit() for char in said.text)
    for kind in {one.kind for one in held}:
        of_kind = [one.value for one in held if one.kind == kind and one.value > 0]
        for low, high in map(sorted, pairwise(of_kind)):
            if said.kind == "times":
                found = [high / low, *([float(int(high / low))] if said.is_about else [])]
            else:
                scale = 100 if not kind and high <= 1 else 1
                found = [(high - low) * scale] if kind == "%" or scale == 100 else []
                found += [100 * low / high] if in_words else []
            if any(_is_like(said, said.value, one) for one in found):
                return True
    return False


def bears(said: Quantity, held: Quantity) -> bool:
    """Whether a quantity is what another one says, in its unit or another."""
    if said.kind == held.kind:
        return _is_like(said, said.value, held.value)
    if "" in (said.kind, held.kind):
        shares = {"%": 0.01}
        factor = shares.get(said.kind, 1.0) / shares.get(held.kind, 1.0)
        if factor != 1.0 and _is_like(said, said.value * factor, held.value):
            return True
        return _is_like(said, said.raw, held.raw)
    if {said.kind, held.kind} == {"%", "times"}:
        return any(_is_like(said, said.value, one) for one in _turned(held))
    return False


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


def _is_like(said: Quantity, value: float, held: float) -> bool:
    """Whether a value as exact as `said` is said of what is held."""
    if held == value or (held and abs(value - held) <= 1e-9 * abs(held)):
        return True
    if not held:
        return False
    off = abs(value - held) / abs(held)
    if said.is_about and not said.text[0].isdigit() and round(held) == value:
        return True
    if said.is_about and off <= ABOUT_TOLERANCE:
        return True
    is_rounded = float(f"{held:.{max(1, said.digits) - 1}e}") == float(f"{value:.12g}")
    return is_rounded and off <= (ABOUT_TOLERANCE if said.digits >= 2 else ROUNDED_TOLERANCE)


def _from_digits(text: str, match: re.Match[str]) -> Quantity:
    number = match["digits"]
    raw, digits = _plain(number)
    scale, unit = (match["scale"] or "").strip().lower(), (match["unit"] or "").strip(" -").lower()
    end = match.end()
    if match.group().startswith("百分之"):
        unit = "%"
    return _quantity(text, match.start(), end, raw, digits, scale, unit)


def _from_word(text: str, match: re.Match[str]) -> Quantity:
    scale, unit = (match["scale"] or "").strip().lower(), (match["unit"] or "").strip(" -").lower()
    value, digits = _WORDS[match["word"].lower()], 1 if scale else 9
    return _quantity(text, match.start(), match.end(), value, digits, scale, unit)


def _from_fraction(text: str, match: re.Match[str]) -> Quantity:
    over = _WORDS.get(match["over"].lower(), 1.0)
    return _share(text, match, over / _PARTS[match["under"].lower()])


def _from_han_fraction(text: str, match: re.Match[str]) -> Quantity | None:
    if tenths := match["tenths"]:
        return _share(text, match, (int(tenths) if tenths.isdigit() else _han_value(tenths)) / 10)
    if match["under"] == "百":
        return None
    return _share(text, match, _han_value(match["over"]) / _han_value(match["under"]))


def _share(text: str, match: re.Match[str], share: float) -> Quantity:
    about = bool(_ABOUT.search(text, max(0, match.start() - 20), match.start()))
    about = about or bool(_ABOUT_AFTER.match(text, match.end()))
    value = share * 100
    return Quantity(match.start(), match.end(), match.group(), value, value, "%", 2, about)


def _from_han(text: str, match: re.Match[str]) -> Quantity | None:
    word = re.match("[一二三四五六七八九十两百千]+", match.group().removeprefix("百分之"))
    value = _han_value(word.group()) if word else 0
    if value < 2 or text[: match.start()].endswith("第"):
        return None
    scale, unit = match["scale"] or "", "%" if match["share"] else match["unit"] or ""
    return _quantity(text, match.start(), match.end(), value, 9, scale, unit)


def _from_said(text: str, match: re.Match[str]) -> Quantity:
    value, kind = _SAID[match.group().lower()]
    about = bool(_ABOUT.search(text, max(0, match.start() - 20), match.start()))
    return Quantity(match.start(), match.end(), match.group(), value, value, kind, 2, about)


def _quantity(
    text: str, start: int, end: int, raw: float, digits: int, scale: str, unit: str
) -> Quantity:
    kind, factor = _UNITS.get(unit, ("", 1.0))
    about = bool(_ABOUT.search(text, max(0, start - 20), start) or _ABOUT_AFTER.match(text, end))
    scaled = raw * _SCALES.get(scale, 1.0)
    return Quantity(start, end, text[start:end], scaled * factor, scaled, kind, digits, about)


_READERS: tuple[tuple[re.Pattern[str], Callable[[str, re.Match[str]], Quantity | None]], ...] = (
    (_FRACTION, _from_fraction),
    (_HAN_FRACTION, _from_han_fraction),
    (_SAID_RE, _from_said),
    (_WORD, _from_word),
    (_HAN_NUMBER, _from_han),
)
"""What is read after the digits, first come first served."""


def _plain(number: str) -> tuple[float, int]:
    """Return the value of digits and how many count; a version or a list of numbers gets one of
    its own.
    """
    plain = (
        number.replace(",", "") if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", number) else number
    )
    plain = plain.replace(",", ".")
    if plain.count(".") > 1:
        parts = [int(part) for part in plain.split(".")]
        return sum(
            (part + 0.5) * 1e3**place for place, part in enumerate(reversed(parts))
        ) + 0.123, 99
    digits = plain.replace(".", "").lstrip("0")
    significant = digits if "." in plain else digits.rstrip("0") or digits
    return float(plain), max(1, len(significant))


def _han_value(word: str) -> int:
    total, current = 0, 0
    for char in word:
        if char in _HAN_DIGITS:
            current = _HAN_DIGITS[char]
        else:
            total += (current or 1) * _HAN_POWERS[char]
            current = 0
    return total + current
