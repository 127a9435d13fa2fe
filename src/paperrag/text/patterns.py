"""Patterns that are compiled when they are first used.

A question uses a quarter of all patterns of the program; compiling the others took an eighth of its
time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, cast


def lazy_pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """Return what behaves as `re.compile(text, flags)`."""
    return cast("re.Pattern[str]", _Lazy(text, flags))


def any_of(words: Iterable[str]) -> str:
    """Return a pattern for any of some words, the longest that stands there."""
    longest_first = sorted(set(words), key=lambda word: (-len(word), word))
    return f"(?:{'|'.join(map(re.escape, longest_first))})"


class _Lazy:
    """Stands for a pattern, and takes over what it is asked for."""

    def __init__(self, text: str, flags: int) -> None:
        self.pattern = text
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # of copying and the like, which shall make a new one
            raise AttributeError(name)
        value = getattr(re.compile(self.pattern, self._flags), name)  # kept by `re`, too
        setattr(self, name, value)
        return value


EXPORT_ID = lazy_pattern(r"\s+[0-9a-f]{32}$")
"""What Notion puts behind the names of pages, files and folders."""

SCHEME = r"(?i:https?://|www\.)"
"""What begins the address of a page."""

IN_BRACKETS = r"[(（][^()（）]*[)）]"
"""An aside, with its brackets."""

ASIDE_BEHIND = r"\s*(?:（[^）]*）|\([^)]*\))\s*$"
"""One that ends a text."""

REMARK_ENDS = r".。;；|·"
"""What ends a short remark: a sentence, a cell, an item of a line."""

CITED_NUMBER = r"\[(\d+)\]"
"""How an answer cites."""

CITED = lazy_pattern(rf" ?{CITED_NUMBER}")
"""A citation with the blank before it."""

YEAR = r"(?:19|20)\d\d"
"""A year in which a paper may have come out."""

YEAR_ALONE = lazy_pattern(rf"(?<!\d){YEAR}(?!\d)")
"""One that is no part of a longer figure."""

SURE_YEAR = r"(?:19[5-9]|20[0-4])\d"
"""One that is taken for a year wherever it stands."""
