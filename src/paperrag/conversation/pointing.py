"""Words that point back, pick from several, lead in and narrow, in English and Chinese.

Patterns and what they alone decide; nothing here knows a question from an answer.
"""

from __future__ import annotations

import re

from paperrag.question.names import proper_names
from paperrag.text.language import HAN_CHAR

PLACES = {"last": -1, "最后一": -1, "最后": -1}
PLACES |= {
    word: place
    for place, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth".split()
    )
}
PLACES |= {word: place for place, word in enumerate("一二三四五六七八九十")}

MEANT = re.compile(
    r"^(?:no|not (?:that|this)(?: one)?|sorry)[\s,.!:;-]+i (?:mean|meant|was asking about)\s+(.+)$"
    r"|^不(?:是|对)[^，,。]*[，,。\s]*我(?:是说|说的是|是指|指的是|问的是|是问|想问的?是?)\s*(.+)$",
    re.IGNORECASE,
)

# --- English ------------------------------------------------------------------------------------

LEAD_EN = re.compile(
    r"^(?:\W*\b(?:and|but|so|also|ok|okay|then|now|or|well|thanks|thank you)\b[\s,.!:;-]*)+",
    re.IGNORECASE,
)

THING_EN = (
    r"(?:one|papers?|methods?|models?|approach(?:es)?|ideas?|techniques?|results?|tricks?|algorithms?|authors?|entr(?:y|ies)"
    r"|notes?|variants?|datasets?)"
)

PLACE_EN = re.compile(
    rf"\bthe\s+({'|'.join(word for word in PLACES if word.isascii())}|\d+(?:st|nd|rd|th))\s+{THING_EN}\b",
    re.IGNORECASE,
)

SEVERAL_EN = re.compile(
    r"\b(?:they|them|theirs?|these(?! "
    r"days\b)|those(?!\s+(?:that|who|which|with|of|in|from|whose|for)\b)"
    r"|the (?:above|others?))\b",
    re.IGNORECASE,
)

REF_EN = re.compile(
    r"\b(?:its?(?!\s+(?:is\s+)?(?:possible|necessary|true|worth|better|best|important|hard|easy|useful|known|common|feasible|safe|legal|wise|normal"
    r"|costs?\b[^?]* to|enough|matters?|takes?|make sense)\b)|they|them|theirs?"
    rf"|(?:the (?:same|first|second|third|last|other|latter|former|above)|this|that|these|those)\s+{THING_EN}"
    r"|these(?! days\b)|those(?!\s+(?:that|who|which|with|of|in|from|whose|for)\b)"
    r"|this(?!\s+(?:year|week|month|field|area|corpus|folder|time|kind|sort|way|day)\b)"
    r"|(?<=\bis )that|(?<=\bdoes )that|(?<=\bwas )that|(?<=\bdid )that|(?<=\bhow )that|(?<=\babout "
    r")that|that(?=\W*$)"
    r"|the (?:former|latter|above|others?))\b",
    re.IGNORECASE,
)

BARE_WHICH_EN = (
    r"^\W*which\s+(?:(?:is|are|was|were|does|do|can|needs?|has|have|also)\b"
    r"|works?(?=\s*\W*$|\s+(?:best|better|well|worst|at|also|only|for|in|on|with|without|across|even)\b))"
)

SELECT_EN = re.compile(
    r"\b(?:which|any|some|one|all|both|none|most|each|what|how "
    r"many|either|neither)\s+(?:ones?\s+)?of\s+"
    rf"(?:them|those|these|the (?:above|two|three|others)|(?:those|these)\s+{THING_EN})\b"
    rf"|^\W*which\s+ones?\b|{BARE_WHICH_EN}"
    r"|\bamong\s+(?:them|those|these)\b",
    re.IGNORECASE,
)

BARE_EN = re.compile(BARE_WHICH_EN, re.IGNORECASE)

WHICH_OF_EN = re.compile(
    r"\bwhich\s+(?:ones?\b(?:\s+of\s+(?:them|those|these)\b)?"
    rf"|of\s+(?:the (?:above|two|three|others)|them|(?:those|these)(?:\s+{THING_EN})?)\b)",
    re.IGNORECASE,
)

ABOUT_EN = re.compile(r"^\W*(?:what|how)\s+about\b(.*)$", re.IGNORECASE | re.DOTALL)

NARROW_EN = re.compile(
    r"^\W*(?:only\s+)?(?:for|with|without|in|by|from|since|after|before|at)\s+\S+(?:\s+\S+){0,3}\s*\?\s*$",
    re.IGNORECASE,
)

MORE_EN = re.compile(
    r"\b(?:what|anything|who|any(?:one)?) else\b|\bany (?:others?|more)\b|\b(?:more|further) "
    r"(?:details?|about)\b"
    r"|^\W*(?:go on|continue|tell me more|explain (?:further|more)|elaborate)\b|^\W*more\W*$",
    re.IGNORECASE,
)

CLAUSE_EN = re.compile(
    r"[,;:]|[.?!]\s|\b(?:and|but|or|when|while|if|because|since|before|after|without|instead|rather|whose|so|then|although|though|until|by)\b"
    rf"|\bthat\b(?!\s+{THING_EN}\b)(?=\s+\w)",
    re.IGNORECASE,
)

VERB_EN = re.compile(
    r"^\W*(?:why|who|whom|when|where|how|which|what|whose|any|is|are|was|were|does|do|did|can|could|should|would|will|has|have|not|in|at|by)\b",
    re.IGNORECASE,
)

DETERMINED_EN = re.compile(r"\b(?:an?|each|every)\s+\w+", re.IGNORECASE)

PLURAL_EN = re.compile(
    r"\b(?!(?:is|was|does|has|its|this|uses?|needs|works)\b)\w{3,}s\b", re.IGNORECASE
)

STOP_EN = frozenset(
    "a an the and or but of to in on at by for from with without as is are was were be been do "
    "does did can could should would"
    " will has have had who whom whose what which when where why how it its they them their theirs "
    "this that these those there"
    " i me my we our you your not no so then than about into over also too only one ones please".split()
)

GENERIC_EN = frozenset(
    "published publish wrote written write proposed propose introduced author authors venue "
    "conference journal year date code"
    " github link paper papers method methods work works result results dataset datasets data "
    "experiment experiments exactly come"
    " give show list link links url urls else more long many much detail details example examples "
    "difference differ"
    " limitation limitations drawback drawbacks"
    " any some new main first idea ideas mean means".split()
)


def fragment_en(own: str) -> bool:
    """Whether a text only names a thing."""
    return len(own.split()) <= 3 and not VERB_EN.match(own) and not REF_EN.search(own)


def first_reference_en(own: str) -> re.Match[str] | None:
    """Return the first pronoun that stands for something: not the "it" of "is it possible", not
    "IT".
    """
    return next((match for match in REF_EN.finditer(own) if match[0] != "IT"), None)


def has_antecedent_en(own: str, reference: re.Match[str] | None) -> bool:
    """Whether what a pronoun stands for is named earlier in the question."""
    before = own[: reference.start()] if reference else ""
    if reference and reference[0].lower() in ("its", "their", "theirs"):
        return bool(
            proper_names(f" {before}") or PLURAL_EN.search(before) or DETERMINED_EN.search(before)
        )
    if re.search(r"\b(?:each|every)\s+\w|\w{3,}ing an? \w", before, re.IGNORECASE):
        return True
    clauses = list(CLAUSE_EN.finditer(before))
    return bool(clauses) and bool(content_words(before[: clauses[-1].start()]))


def narrows_en(own: str) -> bool:
    """Whether a text only narrows what was asked: "for multimodal models?"."""
    return bool(NARROW_EN.match(own))


# --- Chinese ------------------------------------------------------------------------------------

LEAD_ZH = re.compile(
    r"^(?:(?:那么|那(?![个些种篇几])|好的|嗯|请问|谢谢|然后|而且|另外|以及|and|ok)[\s，,。、：:]*)+",
    re.IGNORECASE,
)

THING_ZH = "(?:方法|论文|工作|文章|文献|技术|方案|模型|算法|系统|条目|思路)"

PLACE_ZH = re.compile(
    rf"第([一二三四五六七八九十]|\d+)(?:个|篇|种|条|项)(?:{THING_ZH})?|(最后一?)(?:个|篇|种|条|项)(?:{THING_ZH})?"
)

SEVERAL_ZH = re.compile(
    rf"它们|他们|她们|这些|那些|上述|以上{THING_ZH}|上面(?:的|提到|说|列|那|这)|前面(?:的|提到|说|列)|[这那]几[个种篇]"
)

REF_ZH = re.compile(
    rf"(?:它们|他们|她们|它|上述(?:的)?|以上(?=[^，。？]{{0,2}}{THING_ZH})|上面(?!向)(?:的|提到的?|说的?|列的?|那些?|这些?)?"
    r"|前面(?:的|提到的?|说的?|列的?)|刚才(?:的|提到的?|说的?)?|前者|后者"
    r"|(?:^|(?<=[，,。？?：:把对在和用是于跟与比给从被让向按将以了下讲释明看解绍]))[这那](?:些|几?[个种篇])(?![^，。？]{4,}的)"
    rf"(?!月|年|领域|方向|世界|库|笔记|时候)|该(?={THING_ZH}))"
    rf"(?:{THING_ZH})?|其(?=作者|代码|方法|结果|缺点|优点|复杂度|效果|性能|中(?!文))"
)

SELECT_ZH = re.compile(
    r"(?:在?(?:它们|他们|这些|那些|上述|以上|上面|前面|这几[个种篇])[^，。？?在]{0,6}?(?:之中|当中|里面|中间?|里)的?|其中(?!文)的?)"
    r"[，, ]*"
)

WHICH_ZH = re.compile(
    r"^(?:哪个|哪一个|哪几个)(?=不|没|能|可|是|最|更|用|需|会|有|支持|适|针对|对|比|在|把|只|同时|应用|效果|快|好)"
)

ENDS_NE = re.compile(r"[呢呐][?？!！。\s]*$")

NARROWS_ZH = re.compile(r"^(?:针对|对于?|关于|用于|在)")

QUESTION_WORD_ZH = re.compile(r"怎么|怎样|什么|哪|谁|如何|为何|多少|吗|几[个种篇]|是否")

GENERIC_ZH = re.compile(
    r"(?:为什么|为何|怎么|如何|谁|什么时候|何时|哪一?年|哪里|哪个会议|多少|有|是|的|在|发表|提出|写|作者|代码|论文|方法|工作|会议|年份|结果"
    r"|效果|数据集|实验|吗|呢|了|还|别|其他|更|多|细节|具体|详细|说说|一点|一下|讲讲|解释|举|个|例子|继续|哪些|什么|啊|不|行|这样|这么|说"
    r"|链接|网址|地址|给我|给出|它们|他们|这些|那些|做|也|都|区别|缺点|优点|[\s?？!！。，,])+"
)


def has_antecedent_zh(before: str) -> bool:
    """Whether what a pronoun stands for is named before it."""
    clause = re.split(r"[，,。；;？?：:]", before)
    is_joined = re.search(r"\w{2,}(?:和|与|及|以及)$", before)
    return bool(is_joined) or any(len(re.findall(r"\w", part)) >= 3 for part in clause[:-1])


def content_words(text: str) -> list[str]:
    """Return the words of a question that say what it is about."""
    if HAN_CHAR.search(text):
        return [] if GENERIC_ZH.fullmatch(text) else [text]
    return [word for word in re.findall(r"[a-z0-9][\w'’-]*", text.lower()) if word not in STOP_EN]
