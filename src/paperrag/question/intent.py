"""What kind of answer a question wants: every entry that fits, or one. Rules of the two languages
only.
"""

from __future__ import annotations

import re
from typing import Literal

Want = Literal["list", "topic", "one"]
"""Every entry that fits; as many as the entries themselves suggest; the one that answers."""

_PLURAL = (
    r"(?:papers|works|methods|approaches|techniques|models|algorithms|architectures|variants|tricks|ways|strategies|systems|schemes"
    r"|frameworks|datasets|benchmarks|corpora|metrics|tools|ideas|options|kinds|types|reasons|causes|cases|examples|entries|notes"
    r"|studies|surveys|articles|authors|designs|recipes|solutions|attempts|experiments|results|findings|arguments|conclusions"
    r"|losses|objectives|tasks|tokenizers|encoders|decoders|optimizers|protocols|assays|trials|interventions|estimators|biases"
    r"|improvements|extensions|alternatives|baselines|applications|mechanisms|policies|planners|codecs|screens|students|teachers)"
)
_WORKS_EN = r"(?:papers|works|methods|approaches|techniques|models|algorithms|architectures|variants|systems|frameworks|entries)"
_NOUN_ZH = (
    "(?:方法|论文|工作|文章|文献|技术|方案|模型|策略|算法|变体|架构|框架|系统"
    "|技巧|思路|做法|办法|改进|途径|手段|工具|条目|笔记|研究)"
)

_LIST_EN = re.compile(
    rf"\b(?:which|what)\s+(?:(?!(?:do|does|did|happens?)\b)\S+\s+){{0,4}}?{_PLURAL}\b"
    r"|\b(?:which|what)\s+(?:\w+\s+)?(?:ones\b|of\s+(?:the|my|these|those)\b)"
    rf"|^\W*(?:please\s+)?(?:list|enumerate|name|give me|show "
    rf"me|find|collect)\s+(?:\S+\s+){{0,5}}?{_PLURAL}\b"
    r"|^\W*(?:please\s+)?(?:list|enumerate)\b|^\W*(?:everything|anything|all(?=\s+(?!you\b)))\b"
    r"|\bwhat (?:else )?(?:have|did) (?:i|we)\b"
    r"|\bwhich\s+(?:\S+\s+){0,4}?[a-z-]{3,}(?<![su])s\s+(?:are|were|have|do|did\s+(?:i|we))\b"
    rf"|\bhow many\s+(?:\S+\s+){{0,4}}?{_WORKS_EN}\b"
    r"|\b(?:how|where)\s+(?:do|did|have)\s+(?:people|others|researchers|practitioners|authors|teams)\b"
    rf"|\b(?:all|every|any|several|other)\s+(?:of\s+)?(?:the\s+|my\s+)?(?:\S+\s+)?{_PLURAL}\b|\ball (?:of them|the cases)\b",
    re.IGNORECASE,
)
_QUESTION_WORD_EN = re.compile(
    r"\b(?:how|why|when|where|who|is|are|was|were|does|do|did|can|should|what|which)\b",
    re.IGNORECASE,
)
_FUNCTION_WORD_EN = r"(?:of|to|by|with|that|from|for|in|on|at|as|into|over|a|an|its|their)\b"
_PLURAL_PHRASE_EN = re.compile(
    rf"^\W*(?!{_FUNCTION_WORD_EN})(?:(?!{_FUNCTION_WORD_EN})[\w/+&,'’-]+\s+){{0,5}}?{_PLURAL}\b",
    re.IGNORECASE,
)

_LIST_ZH = re.compile(
    rf"哪些|有哪几|哪几[个种篇类项条点]|哪几$|有什么(?:样的)?{_NOUN_ZH}|都有(?:谁|什么|啥)|有谁|列出|列举|列一下|罗列|盘点|汇总|那几[条篇个种]"
    rf"|(?:所有|全部|各种|各类)(?:的)?{_NOUN_ZH}|几个要点|分别(?:是|有)(?:什么|哪)|[也都]算\W*$|不限于"
    rf"|(?:几|多少)[篇个种条](?:[^，,？?]{{0,12}}的)?[\w\s-]{{0,12}}?{_NOUN_ZH}|有那些"
)
_PHRASE_ZH = re.compile(rf"的[\w\s+-]{{0,12}}{_NOUN_ZH}\s*[?？。!！]*\s*$")
_THOSE_ZH = re.compile(r"^[^是]*[\w\s）)]的\s*$")
_OF_ONE_NAME_ZH = re.compile(r"^\s*[A-Za-z][\w.+-]*\s*的")
_ONE_ZH = re.compile(
    r"哪个|哪篇|哪种|哪一|是什么|是谁|什么是|怎么|怎样|如何|为什么|为何|多少|是否|吗|最早|第一[个篇]|这[篇个种]|那[篇个种]"
)


_ASKING_EN = (
    r"(?:how|why|when|where|who|whom|whose|what|which|is|are|was|were|does|do|did|can|could|should|will|would|has|have)\b"
    r"|(?:explain|tell)\b"
)
_ASKS = re.compile(
    rf"[?？]|(?:^|[,.:;，。：；]|\b(?:and|but|so)\b)\W*(?:{_ASKING_EN})"
    r"|什么|哪|谁|几|多少|怎|如何|为何|为啥|吗|呢|是否|多久|多[大长高快]|能不能|可不可以|有没有|解释|介绍",
    re.IGNORECASE,
)


def wanted(question: str) -> Want:
    """Return what a question wants. A "topic" is a bare phrase, such as "multi-LoRA serving" or
    "四足机器人 sim2real".
    """
    if wants_list(question):
        return "list"
    return "one" if _ASKS.search(question) else "topic"


def wants_list(question: str) -> bool:
    """Whether the question asks for every entry that fits, in English or Chinese.

    "which methods …", "list …", "有哪些…" do; so do bare plural phrases such as "long-context
    methods that rescale positions" or "分块处理长文本的方法".
    """
    if _LIST_ZH.search(question) or _LIST_EN.search(question):
        return True
    if _PHRASE_ZH.search(question):
        return not (_ONE_ZH.search(question) or _OF_ONE_NAME_ZH.match(question))
    if _THOSE_ZH.match(question):
        return not _ASKS.search(question)
    return bool(_PLURAL_PHRASE_EN.search(question)) and not _QUESTION_WORD_EN.search(question)


_NAMES_WORKS = re.compile(rf"\b{_WORKS_EN}\b|{_NOUN_ZH}", re.IGNORECASE)


def names_works(question: str) -> bool:
    """Whether a question says papers, methods or the like, whatever it asks of them."""
    return bool(_NAMES_WORKS.search(question))


_A, _B = (rf"(?P<{side}>(?:(?!哪|什么)[^，,。？?；;]){{1,60}}?)" for side in "ab")
_END = r"[\s?？.。!！]*$"
_AND_ZH = r"\s*(?:和|与|跟|同|及|以及|vs\.?)\s*"
_COMPARES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:differences?|comparison)\s+between\s+{_A}\s+and\s+{_B}{_END}",
        rf"^\W*compare\s+{_A}\s+(?:and|with|to|against)\s+{_B}{_END}",
        rf"^\W*how\s+(?:does|do|is|are)\s+{_A}\s+(?:differ(?:ent)?|compared?)\s+(?:from|to|with)\s+{_B}{_END}",
        rf"^\W*{_A}\s+(?:vs\.?|versus|compared (?:to|with))\s+{_B}{_END}",
        rf"^\W*(?:请|比较|对比|一下)*\s*{_A}{_AND_ZH}{_B}\s*(?:之间)?的?(?:主要)?(?:有(?:什么|何|啥|哪些)|哪里)?(?:区别|差别|不同|不一样|差异|异同)",
        rf"^\W*请?(?:比较|对比)(?:一下)?\s*{_A}{_AND_ZH}{_B}{_END}",
    )
)


def compared(question: str) -> tuple[str, str] | None:
    """Return the two things that a question compares, None if it compares none."""
    match = next((match for pattern in _COMPARES if (match := pattern.search(question))), None)
    return (match["a"].strip(), match["b"].strip()) if match else None


_WHEN_OR_WHERE = re.compile(
    r"^\W*when (?:was|were|did)\b|\b(?:venue|conference|journal|what year|which "
    r"year|published|appeared|presented)\b"
    r"|哪个?会议|什么会议|哪个?期刊|什么期刊|哪(?:一)?年|(?:什么时候|何时)(?:发|出|提|写)|发表",
    re.IGNORECASE,
)


def asks_when_or_where(question: str) -> bool:
    """Whether a question asks when or where something was published."""
    return bool(_WHEN_OR_WHERE.search(question))
