"""Number words, scales and units of both languages, and what digits and words are worth."""

from __future__ import annotations

import re

from paperrag.text.closed import NUMBERS_EN
from paperrag.text.patterns import any_of

UNITS: dict[str, tuple[str, float]] = {}
for _kind, _listed in {
    "time": "ns 1e-9|µs|us|μs|微秒 1e-6|ms|毫秒|millisecond|milliseconds 1e-3|s|sec|secs|second|seconds|秒|秒钟 1"
    "|min|mins|minute|minutes|分钟 60|h|hr|hrs|hour|hours|小时 3600|day|days|天 86400|week|weeks|周|星期 604800"
    "|month|months|个月 2628000|year|years 31536000|decade|decades 315360000",
    "bytes": "kb|kib 1e3|mb|mib 1e6|gb|gib 1e9|tb|tib 1e12|pb|pib 1e15|bytes|byte|字节 1",
    "bits": "bit|bits|比特 1|gbps|gb/s 1e9|mbps 1e6|kbps 1e3",
    "hertz": "hz|赫兹 1|khz 1e3|mhz 1e6|ghz 1e9",
    "length": "nm|纳米 1e-9|µm|um|μm|微米 1e-6|mm|毫米|millimetre|millimetres|millimeter|millimeters 1e-3|cm|厘米|centimetre|centimetres"
    "|centimeter|centimeters 1e-2|米|metre|metres|meter|meters 1|km|公里|千米|kilometre|kilometres|kilometer|kilometers 1e3",
    "yuan": "元|块钱|人民币|rmb|cny|yuan 1",
    "dollars": "美元|usd|dollar|dollars 1",
    "euros": "欧元|eur|euro|euros 1",
    "%": "%|percent|percentage points|percentage point|points|point|百分点|个百分点|个点|pp 1",
    "times": "x|×|times|fold|-fold|倍 1",
}.items():
    _waiting: list[str] = []
    for _part in _listed.split("|"):
        _name, _, _factor = (
            _part.rpartition(" ") if re.search(r" [\d.e-]+$", _part) else (_part, "", "")
        )
        _waiting.append(_name)
        if _factor:
            UNITS |= dict.fromkeys(_waiting, (_kind, float(_factor)))
            _waiting = []
ORDERS = ("个数量级", "数量级", "orders of magnitude", "order of magnitude", "orders")
"""Units of powers of ten: three orders are a thousand times."""

UNITS |= dict.fromkeys(ORDERS, ("times", 1.0))
SCALES = {
    "k": 1e3, "dozen": 12, "thousand": 1e3, "m": 1e6, "million": 1e6, "b": 1e9, "billion": 1e9, "t": 1e12, "trillion": 1e12,
    "w": 1e4, "千": 1e3, "万": 1e4, "十万": 1e5, "百万": 1e6, "千万": 1e7, "亿": 1e8, "十亿": 1e9, "百亿": 1e10, "千亿": 1e11, "万亿": 1e12,
}  # fmt: skip
ONES = NUMBERS_EN[:9]
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
WORDS = {word: float(place) for place, word in enumerate([*ONES, *_TEENS], 1)} | {
    word: 10.0 * place for place, word in enumerate(TENS, 2)
}
COUNTS = any_of([*(word for word in WORDS if word != "one"), "hundred"])
SAID = {
    word: said
    for words, said in (
        ("halve halves halved 一半 半数 减半 半个", (50.0, "%")),
        ("twice double doubles doubled 翻倍 翻番", (2.0, "x")),
        ("triple triples tripled thrice", (3.0, "x")),
    )
    for word in words.split()
}
PARTS = {
    word: part
    for part, words in enumerate(
        "half|third|quarter fourth|fifth|sixth|seventh|eighth|ninth|tenth".split("|"), 2
    )
    for word in words.split()
}
ALONE = ("half", "quarter")
"""Parts that tell a share without "a" before them."""

_HAN_DIGITS = {char: place for place, char in enumerate("零一二三四五六七八九")} | {"两": 2}
_HAN_POWERS = {"十": 10, "百": 100, "千": 1000}
HAN_TIMES = {"年": "year", "月": "个月"}
COUNTED = "种个类项条步层档倍篇组次阶级台块张份家路轮成位名大小分秒天周月年万亿百千%人点维头"


def spelled(word: str) -> float:
    """Return the value of English number words: twenty-five."""
    return sum(
        100.0 if part == "hundred" else WORDS[part] for part in re.split("[ -]", word.lower())
    )


def plain_digits(number: str) -> tuple[float, int]:
    """Return the value of digits and how many count; a version or a list of numbers gets one of
    its own.
    """
    plain = (
        number.replace(",", "") if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", number) else number
    )
    plain = plain.replace(",", ".")
    if plain.count(".") > 1:
        parts = [int(part) for part in plain.split(".")]
        return sum((part + 0.5) * 1e3**place for place, part in enumerate(reversed(parts))), 99
    digits = plain.replace(".", "").lstrip("0")
    significant = digits if "." in plain else digits.rstrip("0") or digits
    return float(plain), max(1, len(significant))


def han_value(word: str) -> int:
    """Return the value of Chinese number words below ten thousand: 二十五."""
    total, current = 0, 0
    for char in word:
        if char in _HAN_DIGITS:
            current = _HAN_DIGITS[char]
        else:
            total += (current or 1) * _HAN_POWERS[char]
            current = 0
    return total + current
