"""A message after an answer -> what it asks to be done with that answer: "in a table", "用中文",
"show more", "compare 1 and 3". Knows no notes.

A message is a command if it has no word of its own: every word says what to do, with what of the
answer, or nothing much. Anything else is a question.
"""

from __future__ import annotations

import re
from typing import Literal

from paperrag.frozen import dataclass
from paperrag.records import Language
from paperrag.text.folding import fold
from paperrag.text.language import detect_language
from paperrag.text.patterns import lazy_pattern

Act = Literal["more", "detail", "table", "compare", "sources", "list", "rewrite", "explain"]

MOST_CHARS = 80
"""Longer messages are questions."""


@dataclass(frozen=True, slots=True)
class Command:
    """What to do: show further entries, tell more of some, set them side by side, in a table or
    not, say where they are from, list them; to write them anew or explain takes a model. `picks`: numbers of the answer's citations that
    are meant, () for all. `language`: the one asked for, None for that of the answer.
    """

    act: Act
    picks: tuple[int, ...] = ()
    language: Language | None = None


_WORDS_OF: dict[Act, str] = {
    "more": "more others rest next remaining 更多 其他 其它 其余 剩下 还有 继续",
    "detail": "detail details detailed elaborate expand further 展开 详细 细讲 细说 详述 讲讲",
    "table": "table tables tabulate 表格 表",
    "compare": "compare comparison difference differences differ contrast versus vs 比较 对比 相比 区别 差异 差别 不同",
    "sources": "link links url urls source sources file files where pdf 链接 网址 地址 来源 出处 文件 哪里 哪儿 位置",
    "list": "list bullets bullet bulleted enumerate 列表 列出 清单 罗列 要点",
    "explain": "why explain sure certain correct 为什么 为何 解释 确定 确认",
    "rewrite": "summarise summarize summary sum short shorter brief briefer concise longer simpler simply sentence"
    " sentences paragraph paragraphs word words translate translation rewrite rephrase shorten english chinese json csv markdown"
    " 总结 概括 归纳 摘要 简短 短 精简 简洁 简单 通俗 长 翻译 译 重写 改写 换 句 话 段 字 中文 汉语 英文 英语",
}
_ACTS = {word: act for act, words in _WORDS_OF.items() for word in words.split()}
_ORDER: tuple[Act, ...] = (
    "rewrite",
    "table",
    "compare",
    "sources",
    "explain",
    "list",
    "detail",
    "more",
)
"""Which act it is where several words say one: "list the links" asks for links."""

_FILLERS = set(
    "a an the these those them they it its this that all both each every any some answer answers entry entries result results"
    " paper papers method methods item items point points above previous last one ones two three please can could would you"
    " me us i want need like give get show tell make turn put write say present format do does did is are was be with of in"
    " into to as at on from by for and or between again now only just up too bit much number numbers no not so ok okay then"
    " what which how about"
    " 请 帮 帮我 我 给 给我 把 将 用 以 做 作 成 为 的 地 得 了 吗 呢 吧 啊 一下 一 个 张 份 句 两 三 这 那 这些 那些 这个 那个"
    " 它们 它 他们 上面 以上 前面 刚才 结果 回答 答案 内容 条目 论文 方法 全部 所有 都 再 更 点 一点 些 第 条 篇 和 与 跟 及 还"
    " 能 可以 能不能 可不可以 你 您 想 要 看 看看 显示 展示 说 说说 写 写成 变 变成 改成 整理 整理成 下 哪 哪个 什么 在 里 中 是 有"
    " 有什么 形式 版 版本 之间 几 讲 tell about last first second third fourth fifth sixth seventh eighth ninth tenth".split()
)
_THINGS = {"paper", "papers", "method", "methods", "entry", "entries", "论文", "方法", "条目"}
_POINTERS = set(
    "the these those them they it its this that above previous 这 那 这些 那些 它们 它 他们 上面 以上 前面 刚才".split()
)
_CHINESE = lazy_pattern(
    "|".join(
        sorted((re.escape(word) for word in {*_ACTS, *_FILLERS} if not word.isascii()), key=len)[
            ::-1
        ]
    )
)
_PIECE = lazy_pattern(r"[a-z]+|\d+")
_LANGUAGES: dict[str, Language] = {
    "english": "en", "英文": "en", "英语": "en", "chinese": "zh", "中文": "zh", "汉语": "zh",
}  # fmt: skip
_HAN_NUMBERS = {
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_ORDINALS = {
    word: place
    for place, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth".split(), 1
    )
}
_PICK = lazy_pattern(rf"\d+|(?<=第)[一二三四五六七八九]|\b(?:{'|'.join(_ORDINALS)}|last)\b|最后一?")


def read_command(message: str, citations: int) -> Command | None:
    """Return what a message asks to be done with an answer of so many citations, None for a
    question.
    """
    text = fold(message).lower()
    if not citations or len(text) > MOST_CHARS:
        return None
    known = {**_HAN_NUMBERS, **_ORDINALS, "last": citations, "最后": citations, "最后一": citations}
    numbers = [known.get(found) or int(found) for found in _PICK.findall(text)]
    picks = tuple(dict.fromkeys(one for one in numbers if 1 <= one <= citations))
    words = _words(re.sub(r"第[一二三四五六七八九]|最后一?", " ", text))
    if words is None or len(picks) < len(set(numbers)):
        return None
    acts = {_ACTS[word] for word in words if word in _ACTS}
    if not acts:
        return None
    act = next(one for one in _ORDER if one in acts)
    if act == "list" and _THINGS & set(words) and not (_POINTERS & set(words) or picks):
        return None  # "list all papers" is about all notes
    if act == "more" and picks:
        act = "detail"
    languages = [_LANGUAGES[word] for word in words if word in _LANGUAGES]
    return Command(act, picks, languages[-1] if languages else None)


def _words(text: str) -> list[str] | None:
    """Return the words of a message, None if one is neither an act nor a filler."""
    found = _CHINESE.findall(text)
    rest = _CHINESE.sub(" ", text)
    pieces = [piece for piece in _PIECE.findall(rest) if not piece.isdigit()]
    if any(piece not in _ACTS and piece not in _FILLERS for piece in pieces):
        return None
    if re.search(r"[^\W\d_a-z]", rest):
        return None
    return [*found, *pieces]


def language_of(command: Command, answered: Language, message: str) -> Language:
    """Return the language of what is said to a command: the one asked for, that of the answer
    where the message is one that both languages write.
    """
    if command.language:
        return command.language
    return answered if command.act in ("rewrite", "explain") else detect_language(message)
