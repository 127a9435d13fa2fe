"""Signs that open what is no prose: items, tasks, boxes, cards, code, elements of HTML and LaTeX;
and the bullets and ordinals of lists that are no Markdown, pasted from Word, WeChat or a PDF.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from paperrag.text.closed import NUMBERS_ZH
from paperrag.text.language import HAN
from paperrag.text.patterns import lazy_pattern

NUMBER = r"(?!(?:1[5-9]|20)\d\d[.)])\d{1,9}[.)]"
"""The number of an item; a year is one of its words."""

ITEM = rf"(?:[-*+]|{NUMBER})"
"""What begins an item of Markdown, before its blank."""

FENCE = r"(?:`{3,}|~{3,})"
"""What stands around a block of code."""

BLOCK = rf"(?:#{{1,6}}\s|{ITEM}\s|[>|`~<:$]|[-*_=]{{3,}})"
"""What begins a block other than a paragraph of words."""

TASK_WORDS = "TODO LATER DOING NOW WAITING DONE CANCELED CANCELLED".split()
"""The states of a task in Org and Logseq."""

BOX = r"[!?=]{3}\+?[ \t]+\w*[ \t]*"
"""What opens an admonition or a tab: its kind, before its title."""

CARD_SIGN = lazy_pattern(rf"(?<=[{HAN}])::(?=[^\s:])|(?<=[^\s:]):::(?=[^\s:])|(?<=\w);;(?=\w)")
"""Between a question and its answer, on cards in one line."""

BLOCK_TAGS = frozenset(
    "address article aside blockquote br callout caption center col colgroup dd details div dl dt figcaption "
    "figure footer form h1 h2 h3 h4 h5 h6 header hr iframe img li nav ol p picture pre section "
    "summary table tbody td tfoot th thead tr ul".split()
)
"""Elements of HTML that stand apart from the words beside them."""

TEXT_ENVIRONMENTS = frozenset({"itemize", "enumerate", "description", "quote", "abstract"})
"""What LaTeX begins and ends around text; other names stand around formulas."""

BOXES = "☐□⬜◐◑◔◕☑☒✓✔✅✗✘"
"""Signs before an item that say how far somebody is with it."""

_STEMS = "甲乙丙丁戊己庚辛壬癸"

_DEEPER = {"o": 1, "◦": 1, "§": 2, "▪": 2}
"""Bullets of deeper levels in what is pasted from Word and Apple Notes, by how much deeper."""

_SIGNS = "\u2022\u2023\u2043\u2219\u25a0-\u27bf\u2b00-\u2bff\u27a4\u25e6\U0001f300-\U0001faff\uf06c-\uf0fc"
"""Bullets, geometric shapes, dingbats, emoji, and what Word's symbol font leaves behind."""

DECORATION = lazy_pattern(rf"^[{_SIGNS}\ufe0f\s]+(?=\S)|(?<=\S)[{_SIGNS}\ufe0f\s]+$")
"""Signs around words: stars, emoji."""

_BULLETS = (
    r"\\item\b[ \t]*",
    rf"[{_SIGNS}]\ufe0f?[^\S\n]*",
    r"[（(][+＋−–-][)）][^\S\n]*",
    r"o\t[ \t]*",
    r"(?:[§·＊＋－–—»›→⇒]{1,2}|[-=]>)[^\S\n]+",
    r"－(?=\S)(?!－)",
    r"[-·・](?=[\u3040-\u30ff\u4e00-\u9fffA-Z])",
)
SIGN = lazy_pattern(rf"(?:{'|'.join(_BULLETS)})(?=[^\s{_SIGNS}\ufe0f·＊＋－–—-])")
"""A bullet, with the blanks behind it."""

_ORDINALS = (
    rf"[{NUMBERS_ZH}]{{1,3}}、|[{_STEMS}]、|[Ⅰ-Ⅻ][、.．]?|[IVX]{{1,4}}[、.．)）](?=[^\S\n]|[^\x00-\x7f])",
    rf"[（(][{NUMBERS_ZH}]{{1,3}}[）)]|第[{NUMBERS_ZH}]{{1,3}}[，,、：:]",
    r"\d{1,2}(?:、|(?=\t[^\W\d])|[.．](?=[^\s\d.．]))|[A-H](?:、|[.．)）](?=[^\S\n]|[^\x00-\x7f]))",
    r"[1-9]\d?(?:\.\d{1,2}){1,3}(?=[^\S\n]+[^\W\d])",
    r"\d{1,2}(?:）|\)(?=[^\s\x00-\x7f])|\ufe0f?\u20e3)|[（(](?:\d{1,2}|@\w*|[a-zA-Z]|[ivx]{1,4})[）)]|[⑴-⒇]|\[\d{1,3}\](?=[^\S\n])",
    r"[①-⑳㉑-㉟㊱-㊿❶-❿➀-➓]|(?:[a-z]|[ivx]{2,4})[.)](?=[^\S\n]\S)",
)
"""Numbers by rank, as documents in Chinese nest them: 一、 then （一）, 1., 1.1, （1） and ①."""

ORDINAL = lazy_pattern(f"(?:{'|'.join(_ORDINALS)})" + r"[^\S\n]*(?=\S)")
"""A number of any kind, with the blanks behind it."""

CHAPTER = lazy_pattern(rf"第[{NUMBERS_ZH}\d]{{1,3}}(?P<rank>[章节])[\s:：、]*(?=\S)")
"""The number of a chapter or of a section of one."""

_CIRCLED = {
    sign: count
    for signs in ("❶❷❸❹❺❻❼❽❾❿", "➀➁➂➃➄➅➆➇➈➉", "➊➋➌➍➎➏➐➑➒➓")
    for count, sign in enumerate(signs, 1)
}
"""Figures in circles that stand among the signs."""
_RANKS = tuple(map(re.compile, _ORDINALS))
_STEP = 10
"""Between ranks, for 1.1.1 below 1.1 and for Word's bullets."""


_ROMAN = dict(zip("i ii iii iv v vi vii viii ix x xi xii".split(), range(1, 13), strict=True))
_AROUND = "第 ，,、：:.．()[]\t\ufe0f\u20e3"


def marker_of(text: str) -> tuple[int, int, tuple[int, ...]] | None:
    """Return where the words of a pasted item begin, its rank, a sign below all numbers, and what
    its number counts: i is 1 or 9, a sign nothing; None for a text that begins with neither.
    """
    if (circled := text[0]) not in _CIRCLED and (sign := SIGN.match(text)):
        return sign.end(), _STEP * len(_RANKS) + _DEEPER.get(circled, 0), ()
    if ordinal := ORDINAL.match(text):
        kind = next(rank for rank, kind in enumerate(_RANKS) if kind.match(text))
        rank = _STEP * kind + ordinal[0].strip(_AROUND).count(".")
        counts = {_CIRCLED[circled]} if circled in _CIRCLED else set(_counts(ordinal[0]))
        return ordinal.end(), rank, tuple(sorted(counts))
    return None


def _counts(ordinal: str) -> Iterator[int]:
    """What a number may count: 3 for （三）, 3) and c."""
    number = unicodedata.normalize("NFKC", ordinal).strip(_AROUND).lower()
    if number.isdecimal():
        yield int(number)
    elif number in _ROMAN:
        yield _ROMAN[number]
    elif (last := number.rpartition(".")[2]).isdecimal():
        yield int(last)
    elif number and number in _STEMS:
        yield _STEMS.index(number) + 1
    elif number and number[0] in NUMBERS_ZH:
        tens, ten, ones = number.rpartition("十")
        count = NUMBERS_ZH.find(ones) + 1 if ones else 0
        yield 10 * (NUMBERS_ZH.find(tens) + 1 if tens else 1) + count if ten else count
    if len(number) == 1 and "a" <= number <= "z":
        yield ord(number) - ord("a") + 1
