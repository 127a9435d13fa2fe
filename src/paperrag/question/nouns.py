"""What people call the things that notes are about, and the words that ask, in English and Chinese: one
list for all rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_WORKS_EN = (
    "paper work article study entry method approach technique model algorithm architecture "
    "variant system framework"
).split()
_OTHERS_EN = (
    "note trick way strategy scheme dataset benchmark metric tool idea option kind type reason cause "
    "case example survey author design recipe solution attempt experiment result finding argument "
    "conclusion loss objective task improvement extension alternative baseline application mechanism"
).split()
_VERBS_TOO = {"work", "reason", "cause", "design", "note"}
_WORKS_ZH = (
    "方法 论文 工作 文章 文献 技术 方案 模型 策略 算法 变体 架构 框架 系统 条目 笔记 研究".split()
)
_OTHERS_ZH = "技巧 思路 做法 办法 改进 途径 手段 工具".split()


def any_of(words: Iterable[str]) -> str:
    """Return a pattern for any of some words."""
    return f"(?:{'|'.join(map(re.escape, words))})"


def _plural(noun: str) -> str:
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("s", "ch")) else f"{noun}s"


WORKS_EN = any_of(map(_plural, _WORKS_EN))
"""Papers, methods and the like, several of them."""

THINGS_EN = any_of(map(_plural, _WORKS_EN + _OTHERS_EN))
"""These, and what papers hold."""

_NO_VERBS = [noun for noun in _WORKS_EN + _OTHERS_EN if noun not in _VERBS_TOO]
ONE_OR_MORE_EN = any_of([*map(_plural, _NO_VERBS), *_NO_VERBS, "one"])
"""Those that follow "this" and "that" as nouns: "that works" has a verb."""

QUESTION_WORDS_EN = any_of("how what which who when where why".split())

THINGS_ZH = any_of(_WORKS_ZH + _OTHERS_ZH)
