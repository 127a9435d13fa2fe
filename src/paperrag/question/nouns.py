"""What people call the things that notes are about, and what these have, in English and Chinese:
one list for all rules.
"""

from __future__ import annotations

from paperrag.text.patterns import any_of

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


PUBLISHED_EN = "venue conference journal year date".split()
PUBLISHED_ZH = "会议 年份".split()
"""What says when or where a work was published."""

ASKED_OF_WORKS_EN = (
    *PUBLISHED_EN,
    *"code github link url source file data detail difference limitation drawback complexity performance".split(),
)
ASKED_OF_WORKS_ZH = (
    *PUBLISHED_ZH,
    *"作者 代码 结果 效果 数据集 实验 细节 例子 链接 网址 地址 区别 缺点 优点 复杂度 性能".split(),
)
"""What every work has, so that it names none."""

GIST_EN = "propose introduce contribute contribution idea gist summary main key core".split()
GIST_ZH = "提出 主要 贡献 核心 思想 思路 内容 创新 大意".split()
"""What a question for the gist of a work says of it."""

TOLD_OF_WORKS_EN = "published wrote written authored proposed introduced invented developed".split()
TOLD_OF_WORKS_ZH = "发表 提出 具体 详细 解释 继续 其他".split()
"""What is said of every work."""


def _plural(noun: str) -> str:
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("s", "ch")) else f"{noun}s"


_NOUNS_EN = [*_WORKS_EN, *_OTHERS_EN, *ASKED_OF_WORKS_EN]
NOUNS_EN = frozenset([*_NOUNS_EN, *map(_plural, _NOUNS_EN)])
NOUNS_ZH = frozenset([*_WORKS_ZH, *_OTHERS_ZH, *ASKED_OF_WORKS_ZH])
"""What notes are about and what it has; in English one and several."""

WORK_EN = any_of(_WORKS_EN)
WORKS_EN = any_of(map(_plural, _WORKS_EN))
"""Papers, methods and the like, one of them and several."""

THINGS_EN = any_of(map(_plural, _WORKS_EN + _OTHERS_EN))
"""These, and what papers hold."""

_NO_VERBS = [noun for noun in _WORKS_EN + _OTHERS_EN if noun not in _VERBS_TOO]
_WORKS_NO_VERBS = [noun for noun in _WORKS_EN if noun not in _VERBS_TOO]
NAMES_OF_WORKS = frozenset([*_WORKS_NO_VERBS, *map(_plural, _WORKS_NO_VERBS), *_WORKS_ZH])
"""Papers, methods and the like, in both languages, but words that are verbs, too."""

PAPER = rf"(?:\b{any_of('paper article study'.split())}\b|{any_of('论文 文章 文献 篇'.split())})"
"""What a question calls the one paper that it asks about."""

ONE_OR_MORE_EN = any_of([*map(_plural, _NO_VERBS), *_NO_VERBS, "one"])
"""Those that follow "this" and "that" as nouns: "that works" has a verb."""

THINGS_ZH = any_of(_WORKS_ZH + _OTHERS_ZH)
