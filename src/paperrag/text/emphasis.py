"""Marks of emphasis that stand in pairs -> the text without them. One pass, however many are open.

Chinese writers put `**` where CommonMark sees none, so what may open and close is told by less.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable

from msgspec import Struct

from paperrag.text.language import HAN
from paperrag.text.patterns import lazy_pattern

MOST_CHARS = 2000
"""A pair whose marks lie farther apart is none."""


class Mark(Struct, frozen=True):
    """A mark: runs of it, and whether one opens or closes by the characters around it ("" at the
    ends of the text). `with_words`: what stands between is left out as well.
    """

    run: re.Pattern[str]
    opens: Callable[[str, str], bool]
    closes: Callable[[str, str], bool]
    with_words: bool = False


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalnum()


_NO_DUNDER = r"(?![A-Za-z](?<![A-Z](?=[a-z]))\w{0,60}__)"
"""`__init__` and `__CUDA__` are names; `__Advantages__` is bold."""

STARS = Mark(
    lazy_pattern(r"\*(?<!\*\*)\*{0,2}(?!\*)"),
    lambda before, after: (
        (not after.isspace() and not (_is_latin(before) or (before and before in ")]")))
        or not (after.isspace() or _is_latin(after) or after == "(")
    ),
    lambda before, after: not before.isspace(),
)
BARS = Mark(
    lazy_pattern(rf"_(?<!__)_{{0,2}}(?!_){_NO_DUNDER}"),
    lambda before, after: not (_is_word(before) or after.isspace()),
    lambda before, after: not (before.isspace() or _is_word(after)),
)
DOUBLE_BARS = Mark(
    lazy_pattern(rf"__(?<!___)(?!_){_NO_DUNDER}"),
    lambda before, after: not (_is_latin(before) or before == "_" or after.isspace()),
    lambda before, after: not (before.isspace() or _is_latin(after) or after == "_"),
)
"""Beside Chinese, too; a single bar there joins words: 数据_清洗."""
STRUCK = Mark(
    lazy_pattern("~~"),
    lambda before, after: not after.isspace(),
    lambda before, after: not before.isspace(),
    with_words=True,
)
MARKED = Mark(
    lazy_pattern(r"=(?<!==)=(?!=)"),
    lambda before, after: not after.isspace(),
    lambda before, after: not before.isspace(),
)
COLONS = Mark(
    lazy_pattern(r":(?<!::):(?!:)"),
    lambda before, after: not before.strip() and not after.isspace(),
    lambda before, after: not (before.isspace() or _is_word(after)),
)
"""Marked words in Bear; `std::vector` and `key:: value` open none."""


HIGHLIGHTED = Mark(lazy_pattern(r"\^(?<!\^\^)\^(?!\^)"), MARKED.opens, MARKED.closes)
"""Marked words in Roam."""
SPOILT = Mark(lazy_pattern(r"\|(?<!\|\|)\|(?!\|)"), MARKED.opens, MARKED.closes)
"""Words that Discord hides until one clicks."""
_MARKED_BY_TWO = {"==": MARKED, "::": COLONS, "^^": HIGHLIGHTED, "||": SPOILT}

_LEFT_STARS = lazy_pattern(
    r"(?<![\w)\]*])\*\*(?![\w(*])|\*\*(?=[\s:：,，.。;；)）]|\Z)|(?:^|(?<=[\s（(]))\*\*(?=\S)(?![a-z])",
    re.MULTILINE,
)
_OF_ORG = lazy_pattern(
    r"(?<![^\s(（])([=~])([^\s=~](?:[^\n=~]{0,60}[^\s=~])?)\1(?![^\s.,;:!?)）。，；：？！])"
)
"""Code in Org, `=x=` and `~x~`."""
_SLANTED = lazy_pattern(
    rf"(?<![^\s(（])/(?=[^/\n]*[\s{HAN}])([^\s/](?:[^/\n]*[^\s/])?)/(?![^\s.,;:!?)）。，；：？！])"
)
"""Slanted words in Org; one word of Latin letters may be a path."""
_CALLOUT = lazy_pattern(r"(^|[>\s])\[!(?P<kind>\w+)\][+-]?(?P<title>[ \t]+(?=\S))?")
"""The kind of a callout is on screen where it has no title."""


def without_emphasis(text: str) -> str:
    """Return text without the marks of emphasis; what is struck out is left out."""
    if "[!" in text:
        text = _CALLOUT.sub(_kind_of_callout, text)
    if "~~" in text:
        text = without_pairs(text, STRUCK)
    if "*" in text:
        text = without_pairs(text.replace("****", ""), STARS)
        text = _LEFT_STARS.sub("", text) if "**" in text else text
    if "_" in text:
        text = without_pairs(text, DOUBLE_BARS) if "__" in text else text
        text = without_pairs(text, BARS)
    for sign, mark in _MARKED_BY_TWO.items():
        text = without_pairs(text, mark).removeprefix(sign) if sign in text else text
    text = _SLANTED.sub(r"\1", text) if "/" in text else text
    return _OF_ORG.sub(r"\2", text) if "=" in text or "~" in text else text


def _kind_of_callout(match: re.Match[str]) -> str:
    return match[1] if match["title"] else f"{match[1]}{match['kind']}:"


def without_pairs(text: str, mark: Mark) -> str:
    """Return a text without the marks of one kind that pair; the first that opens pairs with the
    first that closes.
    """
    open_runs: dict[str, deque[int]] = {}
    cut: list[tuple[int, int]] = []
    for match in mark.run.finditer(text):
        start, end = match.span()
        before, after = text[start - 1 : start], text[end : end + 1]
        waiting = open_runs.setdefault(match[0], deque())
        while waiting and start - waiting[0] > MOST_CHARS:
            waiting.popleft()
        if waiting and mark.closes(before, after):
            first = waiting[0]
            marks = [(first, first + end - start), (start, end)]
            cut += [(first, end)] if mark.with_words else marks
            for others in open_runs.values():
                while others and others[-1] >= first:
                    others.pop()
            continue
        if after and mark.opens(before, after):
            waiting.append(start)
    return _without(text, sorted(cut))


def _without(text: str, cut: list[tuple[int, int]]) -> str:
    if not cut:
        return text
    kept, end = [], 0
    for first, last in cut:
        kept.append(text[end:first])
        end = last
    return "".join([*kept, text[end:]])
