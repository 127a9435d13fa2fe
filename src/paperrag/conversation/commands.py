"""A message after an answer -> what it asks to be done with that answer: "in a table", "用中文",
"show more", "compare 1 and 3". Knows no notes.

A message is a command if it has no word of its own: every word says what to do, with what of the
answer, or nothing much. Anything else is a question.
"""

from __future__ import annotations

import re
from typing import Literal

from msgspec import Struct

from paperrag.conversation.pointing import PLACES
from paperrag.question.nouns import NAMES_OF_WORKS
from paperrag.records import Language
from paperrag.text.closed import (
    DOING_EN,
    FUNCTION_WORDS_EN,
    FUNCTION_WORDS_ZH,
    NUMBERS_ZH,
    POINTING_EN,
    POINTING_ZH,
)
from paperrag.text.folding import fold
from paperrag.text.language import detect_language
from paperrag.text.patterns import any_of, lazy_pattern

Act = Literal[
    "more", "detail", "table", "compare", "sources", "list", "rewrite", "explain", "confirm"
]

MOST_CHARS = 80
"""Longer messages are questions."""


class Command(Struct, frozen=True):
    """What to do: show further entries, tell more of some, set them side by side, in a table or
    not, say where they are from, list them; to write them anew, explain or confirm takes a model.

    said: the message. language: of what is said to it. picks: numbers of the answer's citations
    that are meant, () for all. is_table: whether a table is asked for, whatever else is.
    """

    act: Act
    said: str
    language: Language
    picks: tuple[int, ...] = ()
    is_table: bool = False


_WORDS_OF: dict[Act, str] = {
    "more": "more others rest next remain 更多 再 其他 其它 其余 剩下 还有 继续",
    "detail": "detail elaborate expand further 展开 详细 细讲 细说 详述 讲讲",
    "table": "table tabulate 表格 表",
    "compare": "compare comparison difference differ contrast versus vs 比较 对比 相比 区别 差异 差别 不同",
    "sources": "link url source file where pdf 链接 网址 地址 来源 出处 文件 哪里 哪儿 位置",
    "list": "list bullet enumerate 列表 列出 清单 罗列 要点",
    "explain": "why explain 为什么 为何 解释",
    "confirm": "sure certain correct 确定 确认",
    "rewrite": "summarise summarize summary sum short brief concise longer simple simply sentence paragraph word"
    " translate translation rewrite rephrase shorten json csv markdown english chinese"
    " 总结 概括 归纳 摘要 短 精简 简洁 简单 通俗 长 翻译 译 重写 改写 换 句 话 段 字 中文 汉语 英文 英语",
}
_ACTS = {word: act for act, words in _WORDS_OF.items() for word in words.split()}
_ORDER: tuple[Act, ...] = (
    "rewrite",
    "table",
    "compare",
    "sources",
    "explain",
    "confirm",
    "list",
    "detail",
    "more",
)
"""Which act it is where several words say one: "list the links" asks for links."""

_OF_ANSWERS = "answer result point item number bit last first 用 结果 回答 答案 内容 形式 版本 版 之间".split()
_FILLERS = {
    *FUNCTION_WORDS_EN,
    *FUNCTION_WORDS_ZH,
    *DOING_EN,
    *NAMES_OF_WORKS,
    *_OF_ANSWERS,
    *filter(str.isascii, PLACES),
}
"""Words that say what is to be done with what of an answer, and no more."""

_HAN_WORDS = [word for word in {*_ACTS, *_FILLERS} if not word.isascii()]
_CHINESE = lazy_pattern(any_of(_HAN_WORDS))
_PIECE = lazy_pattern(r"[a-z]+|\d+")
_ENDING = lazy_pattern(r"(?<=[a-z]{3})(?:s|e?[dr])$")
_LANGUAGES: dict[str, Language] = {
    "english": "en", "英文": "en", "英语": "en", "chinese": "zh", "中文": "zh", "汉语": "zh",
}  # fmt: skip
_POINTING = frozenset([*POINTING_EN, *POINTING_ZH])
_PICK_ZH = lazy_pattern(rf"第[{NUMBERS_ZH}]|最后一?")
_PICK = lazy_pattern(rf"\d+|\b{any_of(filter(str.isascii, PLACES))}\b|{_PICK_ZH.pattern}")


def read_command(message: str, citations: int, answered: Language) -> Command | None:
    """Return what a message asks to be done with an answer of so many citations, in the language
    `answered`; None for a question.
    """
    text = fold(message).lower()
    if not citations or len(text) > MOST_CHARS:
        return None
    numbers = [_number(found, citations) for found in _PICK.findall(text)]
    picks = tuple(dict.fromkeys(one for one in numbers if 1 <= one <= citations))
    words = _words(_PICK_ZH.sub(" ", text))
    if words is None or len(picks) < len(set(numbers)):
        return None
    acts = {_ACTS[word] for word in words if word in _ACTS}
    if not acts:
        return None
    act = next(one for one in _ORDER if one in acts)
    if act == "list" and NAMES_OF_WORKS & set(words) and not (_POINTING & set(words) or picks):
        return None  # "list all papers" is about all notes
    if act == "more" and picks:
        act = "detail"
    languages = [_LANGUAGES[word] for word in words if word in _LANGUAGES]
    is_of_answer = act in ("rewrite", "explain", "confirm")  # which both languages write so
    language = answered if is_of_answer else detect_language(message)
    said_in = languages[-1] if languages else language
    return Command(act, message, said_in, picks, "table" in acts)


def _number(said: str, citations: int) -> int:
    """Return the number of the citation that is said: 3, third, 三, last."""
    place = PLACES.get(said.removeprefix("第"))
    if place is None:
        return int(said)
    return place + 1 if place >= 0 else citations + 1 + place


def _words(text: str) -> list[str] | None:
    """Return the words of a message, None if one is neither an act nor a filler; English ones
    without their endings where only so they are known.
    """
    found = _CHINESE.findall(text)
    rest = _CHINESE.sub(" ", text)
    if re.search(r"[^\W\d_a-z]", rest):
        return None
    pieces = [_known(piece) for piece in _PIECE.findall(rest) if not piece.isdigit()]
    known = [piece for piece in pieces if piece]
    return [*found, *known] if len(known) == len(pieces) else None


def _known(word: str) -> str:
    """Return an English word as it is known, "" if it is not."""
    forms = (word, _ENDING.sub("", word), _ENDING.sub("e", word))
    return next((form for form in forms if form in _ACTS or form in _FILLERS), "")
