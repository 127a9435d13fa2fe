"""Words that point back, pick from several, lead in and narrow, in English and Chinese.

Patterns and what they alone decide; nothing here knows a question from an answer.
"""

from __future__ import annotations

import re

from paperrag.question.nouns import (
    NOUNS_EN,
    NOUNS_ZH,
    ONE_OR_MORE_EN,
    THINGS_ZH,
    TOLD_OF_WORKS_EN,
    TOLD_OF_WORKS_ZH,
)
from paperrag.text.closed import (
    ADVERBS_EN,
    ASKING_EN,
    AUXILIARIES_EN,
    BEFORE_ZH,
    COUNTING_EN,
    DOING_EN,
    FUNCTION_WORDS_EN,
    FUNCTION_WORDS_ZH,
    LEADING_EN,
    NUMBERS_ZH,
    ORDINALS_EN,
    PREPOSITIONS_EN,
)
from paperrag.text.language import HAN_CHAR
from paperrag.text.patterns import any_of, lazy_pattern

PLACES = {"last": -1, "最后一": -1, "最后": -1}
PLACES |= {word: at for words in (ORDINALS_EN, NUMBERS_ZH) for at, word in enumerate(words)}

MEANT = lazy_pattern(
    r"^(?:no|not th\w+(?: one)?)[\s,.!:;-]+i meant?\s+(.+)$"
    r"|^不[是对][^，,。]*[，,。\s]*我是?想?[说指问](?:的是?)?\s*(.+)$",
    re.IGNORECASE,
)

# --- English ------------------------------------------------------------------------------------

LEAD_EN = lazy_pattern(
    rf"^(?:\W*\b{any_of([*LEADING_EN, 'thank you'])}\b[\s,.!:;-]*)+", re.IGNORECASE
)

_PLACE_EN = rf"\bthe\s+({any_of(word for word in PLACES if word.isascii())}|\d+[a-z]{{2}})"
PLACES_EN = (
    lazy_pattern(rf"{_PLACE_EN}\s+{ONE_OR_MORE_EN}\b", re.IGNORECASE),
    lazy_pattern(rf"{_PLACE_EN}\W*$", re.IGNORECASE),
)
"""A place before what stands there ("the second one"), and at the end ("and the second?")."""

_SEVERAL_EN = any_of("they,them,their,theirs,these,those,the above,the other,the others".split(","))
SEVERAL_EN = lazy_pattern(rf"\b{_SEVERAL_EN}\b", re.IGNORECASE)

_THE = any_of([*ORDINALS_EN, *"same last other latter former above".split()])
_SAID_BEHIND = any_of("to how that whether if".split())
"""What follows where "it" stands for what is said behind it: "is it possible to"."""

_POINTS_EN = any_of(["its", "this", "the former", "the latter"])
REF_EN = lazy_pattern(
    rf"\b(?!(?-i:IT)\b)(?:(?:the {_THE}|th(?:is|at|[eo]se))\s+{ONE_OR_MORE_EN}"
    rf"|{_SEVERAL_EN}|{_POINTS_EN}|it(?!\s+\w+\s+{_SAID_BEHIND}\b)|that(?=\W*$))\b",
    re.IGNORECASE,
)

_BARE_WHICH_EN = (
    rf"^\W*which\s+{any_of('is are was were does do can need needs has have also'.split())}\b"
)
_OF_THESE_EN = (
    rf"(?:them|th[oe]se(?:\s+{ONE_OR_MORE_EN})?|the {any_of([*COUNTING_EN, 'above', 'others'])})"
)
SELECT_EN = lazy_pattern(
    rf"\b(?:of|among)\s+{_OF_THESE_EN}\b|^\W*which\s+ones?\b|{_BARE_WHICH_EN}",
    re.IGNORECASE,
)

BARE_EN = lazy_pattern(_BARE_WHICH_EN, re.IGNORECASE)

WHICH_OF_EN = lazy_pattern(
    rf"\bwhich\s+(?:ones?\b(?:\s+of\s+{_OF_THESE_EN}\b)?|of\s+{_OF_THESE_EN}\b)(?=(?P<one>\s+\w*[^\Wsu]s\b)?)",
    re.IGNORECASE,
)
"""`one`: a verb of one thing follows (is, has, works; not focus, discuss)."""

ABOUT_EN = lazy_pattern(r"^\W*(?:what|how)\s+about\b(.*)$", re.IGNORECASE | re.DOTALL)

NARROW_EN = lazy_pattern(
    rf"^\W*(?:only\s+)?{any_of('for with without in by from since after before at'.split())}\s+\S+(?:\s+\S+){{0,3}}\s*\?\s*$",
    re.IGNORECASE,
)

BEGINS_ASKING_EN = lazy_pattern(rf"{any_of(ASKING_EN)}\b", re.IGNORECASE)
PLACED_EN = lazy_pattern(
    rf"({any_of('on for without with in by at under'.split())})\s+\S+", re.IGNORECASE
)
"""What is left of a question that puts another place or thing behind a preposition."""

VERB_EN = lazy_pattern(
    rf"^\W*{any_of([*ASKING_EN, *AUXILIARIES_EN, *PREPOSITIONS_EN, *COUNTING_EN, *ADVERBS_EN])}\b",
    re.IGNORECASE,
)

_FUNCTION_WORDS_EN = frozenset(FUNCTION_WORDS_EN)

GENERIC_EN = frozenset([*NOUNS_EN, *TOLD_OF_WORKS_EN, *DOING_EN])
"""Words that name no subject, asked after an answer."""


def fragment_en(own: str) -> bool:
    """Whether a text only names a thing."""
    return len(own.split()) <= 3 and not VERB_EN.match(own) and not REF_EN.search(own)


def narrows_en(own: str) -> bool:
    """Whether a text only narrows what was asked: "for multimodal models?"."""
    return bool(NARROW_EN.match(own))


# --- Chinese ------------------------------------------------------------------------------------

_LEADS_ZH = "那 那么 好的 嗯 请问 谢谢 然后 而且 另外 以及 and ok".split()
LEAD_ZH = lazy_pattern(
    rf"^(?:{any_of(_LEADS_ZH)}(?![个些种篇几])[\s，,。、：:]*)+",
    re.IGNORECASE,
)

PLACE_ZH = lazy_pattern(rf"(?:第([{NUMBERS_ZH}]|\d+)|(最后一?))[个篇种条项](?:{THINGS_ZH})?")

_ABOVE_ZH = rf"(?!上面向|以上(?![^，。？]{{0,2}}{THINGS_ZH})){any_of(BEFORE_ZH)}"
_THESE_ZH = rf"(?:[它他她]们|[这那](?:些|几[个种篇])|{_ABOVE_ZH})"
SEVERAL_ZH = lazy_pattern(_THESE_ZH)

REF_ZH = lazy_pattern(
    rf"(?:[它他她]们|它|{_ABOVE_ZH}(?:提到)?的?|[前后]者"
    rf"|[这那]几?[些个种篇](?![^，。？]{{4,}}的)|该(?={THINGS_ZH}))(?:{THINGS_ZH})?"
    rf"|其(?={any_of(NOUNS_ZH)}|中(?!文))"
)

SELECT_ZH = lazy_pattern(
    rf"(?:在?{_THESE_ZH}[^，。？?在]{{0,6}}?[之当]?[中里][间面]?的?|其中(?!文)的?)[，, ]*"
)

WHICH_ZH = lazy_pattern(r"^哪[一几]?个[不没能可是最更用需会有对比在把只快好适支]")

ENDS_NE = lazy_pattern(r"[呢呐][?？!！。\s]*$")

NARROWS_ZH = lazy_pattern(rf"^{any_of('针对 对 关于 用于 在'.split())}")

GENERIC_ZH = lazy_pattern(
    rf"(?:{any_of([*FUNCTION_WORDS_ZH, *NOUNS_ZH, *TOLD_OF_WORKS_ZH])}|[\s?？!！。，,])++"
)
"""A question whose own words name no subject."""


def content_words(text: str) -> list[str]:
    """Return the words of a question that say what it is about."""
    if HAN_CHAR.search(text):
        return [] if GENERIC_ZH.fullmatch(text) else [text]
    return [
        word
        for word in re.findall(r"[a-z0-9][\w'’-]*", text.lower())
        if word not in _FUNCTION_WORDS_EN
    ]
