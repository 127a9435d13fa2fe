"""How lists begin that are no Markdown: signs and ordinals pasted from Word, WeChat or a PDF."""

from __future__ import annotations

import re

from paperrag.text.patterns import lazy_pattern

ITEM = r"(?:[-*+]|\d{1,9}[.)])"
"""What begins an item of Markdown, before its blank."""

_FIGURES = "一二三四五六七八九十"
_STEMS = "甲乙丙丁戊己庚辛壬癸"

_SIGNS = "\u2022\u2023\u2043\u2219\u25a0-\u27bf\u2b00-\u2bff\u27a4\u25e6\U0001f300-\U0001faff\uf06c-\uf0fc"
"""Bullets, geometric shapes, dingbats, emoji, and what Word's symbol font leaves behind."""

SIGN = lazy_pattern(
    rf"(?:[{_SIGNS}]\ufe0f?[^\S\n]*|[·＊－–—»›→⇒][^\S\n]+|－(?=\S)(?!－)|-(?=[\u4e00-\u9fffA-Z]))"
    rf"(?=[^\s{_SIGNS}\ufe0f·＊－–—-])"
)
"""A bullet, with the blanks behind it."""

_ORDINALS = (
    rf"第[{_FIGURES}]{{1,3}}[，,、：:]|[{_FIGURES}]{{1,3}}、|[{_STEMS}]、|[Ⅰ-Ⅻ][、.．]?",
    rf"[（(][{_FIGURES}]{{1,3}}[）)]",
    r"\d{1,2}(?:、|[.．](?=[^\s\d.．]))",
    r"\d{1,2}）|[（(](?:\d{1,2}|[a-zA-Z]|[ivx]{1,4})[）)]|[⑴-⒇]",
    r"[①-⑳]|(?:[a-z]|[ivx]{2,4})[.)](?=[^\S\n]\S)",
)
"""Numbers by rank, as documents in Chinese nest them: 一、 then （一） then 1. then （1） then ①."""

ORDINAL = lazy_pattern(f"(?:{'|'.join(_ORDINALS)})" + r"[^\S\n]*(?=\S)")
"""A number of any kind, with the blanks behind it."""

_RANKS = tuple(map(re.compile, _ORDINALS))


def marker_of(text: str) -> tuple[int, int] | None:
    """Return where the words of a pasted item begin and its rank, a sign below all numbers; None
    for a text that begins with neither.
    """
    if sign := SIGN.match(text):
        return sign.end(), len(_RANKS)
    if ordinal := ORDINAL.match(text):
        rank = next(rank for rank, kind in enumerate(_RANKS) if kind.match(text))
        return ordinal.end(), rank
    return None
