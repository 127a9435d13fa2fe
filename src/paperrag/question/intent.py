"""What kind of answer a question wants: every entry that fits, or one. Rules of the two languages
only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from paperrag.question.nouns import (
    NOUNS_ZH,
    ONE_OR_MORE_EN,
    PAPER,
    PUBLISHED_EN,
    PUBLISHED_ZH,
    THINGS_EN,
    THINGS_ZH,
    WORK_EN,
    WORKS_EN,
)
from paperrag.text.closed import (
    ASKING_EN,
    ASKING_MORE_ZH,
    ASKING_ZH,
    AUXILIARIES_EN,
    FUNCTION_WORDS_EN,
    FUNCTION_WORDS_ZH,
    PREPOSITIONS_EN,
)
from paperrag.text.language import HAN
from paperrag.text.names import proper_names, without_name
from paperrag.text.patterns import any_of, lazy_pattern

Want = Literal["list", "topic", "one"]
"""Every entry that fits; as many as the entries themselves suggest; the one that answers."""

_ASKING = [*ASKING_EN, *AUXILIARIES_EN]
_ASKING_EN = any_of([*_ASKING, "has", "have", "explain", "tell"])
_JOINING_EN = any_of([*PREPOSITIONS_EN, "that", "an", "its", "their"])

_DO_EN = any_of("do does did have".split())
_OTHERS_EN = "people researchers practitioners".split()
_PEOPLE_EN = any_of([*_OTHERS_EN, "i", "we"])
_TELL_EN = any_of("list name show give tell".split())
_HOW_OR_WHAT_EN = any_of("how what where".split())
_EVERY_EN = any_of("list everything anything all".split())

_LIST_EN = lazy_pattern(
    rf"\b(?:which|what)\s+(?:(?!{_DO_EN}\b)\S+\s+){{0,4}}?(?:{THINGS_EN}|ones)\b"
    rf"|^\W*{_EVERY_EN}(?=\s)(?!\s+you\b)|\b{_HOW_OR_WHAT_EN}\s+{_DO_EN}\s+{_PEOPLE_EN}\b"
    rf"|\bhow\s+{any_of(_OTHERS_EN)}\s+\w+|\b{_TELL_EN}\s+(?:me\s+)?(?:them\s+)?{any_of('all every each'.split())}\b"
    rf"|\b{any_of('all every any several'.split())}\s+(?:\S+\s+)?{THINGS_EN}\b"
    rf"|\bevery\s+(?:\S+\s+)?{ONE_OR_MORE_EN}\b"
    rf"|\bhow many\s+(?:\S+\s+){{0,4}}?{WORKS_EN}\b",
    re.IGNORECASE,
)
_QUESTION_WORD_EN = lazy_pattern(rf"\b{any_of(_ASKING)}\b", re.IGNORECASE)
_PLURAL_PHRASE_EN = lazy_pattern(
    rf"^\W*(?!{_JOINING_EN}\b)(?:(?!{_JOINING_EN}\b)[\w/+&,'’-]+\s+){{0,5}}?"
    rf"(?:{THINGS_EN}\b|[a-z]{{4,}}(?<![sui])s(?=\s+(?:\w+ing|\w+ed|that)\b))",
    re.IGNORECASE,
)
"""A phrase whose head is several things: "long-context methods", "agents that drive a website"."""

_LIST_ZH = lazy_pattern(
    rf"{any_of('哪些 哪几 那几 列一下 盘点'.split())}|各[家篇]|有什么(?:样的)?{THINGS_ZH}"
    rf"|多少[篇个种条][\w\s-]{{0,12}}?{THINGS_ZH}"
)
_PHRASE_ZH = lazy_pattern(rf"的[\w\s+-]{{0,12}}{THINGS_ZH}\s*(?:[?？。!！，,]|$)")
_THOSE_ZH = lazy_pattern(r"^[^是]*[\w\s）)]的\s*$")
_QUESTION_WORDS_ZH = rf"{any_of(ASKING_ZH)}|(?P<a>[^\W\d_])[不没](?P=a)"
QUESTION_WORD_ZH = lazy_pattern(_QUESTION_WORDS_ZH)
_ASKS = lazy_pattern(
    rf"[?？]|(?:^|[,.:;，。：；]|\band\b)\W*{_ASKING_EN}\b"
    rf"|{_QUESTION_WORDS_ZH}|{any_of(ASKING_MORE_ZH)}",
    re.IGNORECASE,
)


def wanted(question: str) -> Want:
    """Return what a question wants. A "topic" is a bare phrase, such as "multi-LoRA serving" or
    "四足机器人 sim2real".
    """
    if _wants_list(question):
        return "list"
    return "one" if asks(question) else "topic"


_OF_ONE = lazy_pattern(rf"[那这该][篇项]|\bthe (?:\S+ ){{0,5}}?{PAPER}\b", re.IGNORECASE)
_OPINIONS_EN = any_of(
    "thought thoughts opinion opinions take takes view views verdict criticism impression".split()
)
_OF_OPINION = lazy_pattern(
    rf"^\W*what (?:(?:do|did) (?:i|we) {any_of('think make feel like dislike'.split())}"
    rf"|(?:is|are|was|were) (?:my|our) (?:own )?{_OPINIONS_EN})\b"
    rf"|我(?:自己|本人)?(?:[对的怎][^，。？?]{{0,40}})?{any_of('看法 想法 评价 意见 观点 怎么看 怎么想 怎么评价'.split())}",
    re.IGNORECASE,
)
_ASKS_FOR_PAPERS = lazy_pattern(
    rf"\W*{any_of(['which', 'what'])} {any_of('papers articles studies notes'.split())}\b",
    re.IGNORECASE,
)
_BEGINS_WITH_ONE = lazy_pattern(
    rf"\W*{any_of(['the', 'that'])} (?:\S+ ){{0,3}}?{WORK_EN}\b", re.IGNORECASE
)


def is_of_one_paper(question: str) -> bool:
    """Whether a question says that what it asks for is one paper's: "which dyes did the fading
    study use?", "that system in which only the tail is read", "what do I think of WickNet?".
    """
    is_one = _OF_ONE.search(question) and not _ASKS_FOR_PAPERS.match(question)
    return bool(is_one or _BEGINS_WITH_ONE.match(question) or asks_opinion(question))


def asks_opinion(question: str) -> bool:
    """Whether a question asks for what its reader thinks: 我对它有什么看法？"""
    return bool(_OF_OPINION.search(question))


def asks(text: str) -> bool:
    """Whether a text is a question rather than a phrase."""
    return bool(_ASKS.search(text))


def _wants_list(question: str) -> bool:
    """Whether the question asks for every entry that fits, in English or Chinese.

    "which methods …", "list …", "有哪些…" do; so do bare plural phrases such as "long-context
    methods that rescale positions" or "分块处理长文本的方法".
    """
    if _LIST_ZH.search(question) or _LIST_EN.search(question):
        return True
    if phrase := _PHRASE_ZH.search(question):
        return not (QUESTION_WORD_ZH.search(question) or asks(question[phrase.end() :]))
    if _THOSE_ZH.match(question):
        return not _ASKS.search(question)
    return bool(_PLURAL_PHRASE_EN.search(question)) and not _QUESTION_WORD_EN.search(question)


_NAMES_WORKS = lazy_pattern(rf"\b{WORKS_EN}\b|{THINGS_ZH}", re.IGNORECASE)


def names_works(question: str) -> bool:
    """Whether a question says papers, methods or the like, whatever it asks of them."""
    return bool(_NAMES_WORKS.search(question))


_SAID_OF = (
    lazy_pattern(
        r"^\W*what (?:do|did) (?:my notes|i) (?!read\b)\w+ (?:about|on) (?P<subject>.+)",
        re.IGNORECASE,
    ),
    lazy_pattern(
        r"^\W*[我的笔记里中]*(?:关于|(?<=[我里中记])对)(?P<subject>.+?)[,，]?[我的笔记里中]*[都说写讲记提过了些]+什么\W*$"
    ),
    lazy_pattern(
        r"^\W*(?P<subject>.+?)[,，]?(?:[这那][^，,]{1,3}|对此)[,，]?[我的笔记里中]+[都说写讲记提过了些]+什么\W*$"
    ),
)


def without_asking_notes(question: str) -> str:
    """Return the phrase without names of which a question asks all that notes say, else the
    question: "write amplification" of "what do my notes say about write amplification?".
    """
    found = next((match for one in _SAID_OF if (match := one.search(question))), None)
    subject = found["subject"].rstrip(" ?？") if found else ""
    is_phrase = subject and not (asks(subject) or proper_names(subject))
    return subject if is_phrase else question


_LED_BY = lazy_pattern(r"([^:：?？]{2,40})[:：]\s*\w")


def subject_of(question: str) -> str:
    """Return what stands before the colon of "MAML: which methods are compared?", ""
    without one.
    """
    led = _LED_BY.match(question)
    return led[1].strip() if led else ""


_A, _B = (
    rf"(?P<{side}>(?:(?!{any_of(ASKING_ZH)})[^，,。？?；;{signs}]){{1,60}}?)"
    for side, signs in (("a", ":："), ("b", ""))
)
_END = r"[\s?？.。!！]*$"
_WITH_EN = any_of("and with to from".split())
_COMPARED_EN = any_of("differ different compare compared".split())
_APART_ZH = any_of("区别 差别 差异 不同 异同 不一样".split())
_AND_ZH = r"\s*(?:[和与跟及]|vs\.?)\s*"
_COMPARES = tuple(
    lazy_pattern(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?:\bdifferences?\s+between|^\W*compare)\s+{_A}\s+{_WITH_EN}\s+{_B}{_END}",
        rf"^\W*how\s+{any_of(AUXILIARIES_EN)}\s+{_A}\s+{_COMPARED_EN}\s+{_WITH_EN}\s+{_B}{_END}",
        rf"^\W*how\s+{any_of(AUXILIARIES_EN)}\s+{_A}\s+and\s+{_B}\s+{_COMPARED_EN}{_END}",
        rf"^\W*{_A}\s+(?:vs\.?|versus|compared {_WITH_EN})\s+{_B}{_END}",
        rf"^\W*{_A}{_AND_ZH}{_B}\s*(?:之间)?的?(?:有\S{{1,2}})?{_APART_ZH}",
        rf"^\W*请?[比对][较比](?:一下)?\s*{_A}{_AND_ZH}{_B}{_END}",
    )
)


def compared(question: str) -> tuple[str, str] | None:
    """Return the two things that a question compares, None if it compares none."""
    match = next((match for pattern in _COMPARES if (match := pattern.search(question))), None)
    return (match["a"].strip(), match["b"].strip()) if match else None


_NO_SUBJECT = frozenset([*FUNCTION_WORDS_EN, *FUNCTION_WORDS_ZH])
_POSSESSOR = lazy_pattern(r"([\w-]+)['’]s\b")
_WORDS = lazy_pattern(rf"[a-z]{{2,}}|{any_of([*FUNCTION_WORDS_ZH, *NOUNS_ZH])}|[{HAN}]")

_WHEN = lazy_pattern(rf"^\W*when {any_of('was were did'.split())}\b|哪一?年|发表", re.IGNORECASE)


def asks_when(question: str) -> bool:
    """Whether words say surely that a question asks when or where something was published; of
    venues the classifier knows it.
    """
    return bool(_WHEN.search(question)) or _only_says(question, [*PUBLISHED_EN, *PUBLISHED_ZH])


def _only_says(question: str, nouns: Iterable[str]) -> bool:
    """Whether a question says nothing but names and such nouns: "LoRA's year?"."""
    if not any(noun in question.lower() for noun in nouns):
        return False
    rest = question.removeprefix(subject_of(question))
    for name in [*proper_names(rest), *_POSSESSOR.findall(rest)]:
        rest = without_name(rest, name)
    said = {word for word in _WORDS.findall(rest.lower()) if word not in _NO_SUBJECT}
    return bool(said) and said.issubset(nouns)


_ORIGIN = any_of("published wrote author authors 发表 作者 谁写 年的 年发".split())
_OF_PAPER = lazy_pattern(rf"(?=.*{PAPER}).*{_ORIGIN}", re.IGNORECASE)


def asks_of_paper(question: str) -> bool:
    """Whether words say surely that a question is for who wrote the paper that it describes, or
    when or where that was published.
    """
    return bool(_OF_PAPER.match(question))


_WROTE = any_of("wrote authored proposed introduced invented developed".split())
_ASKS_WHO = lazy_pattern(
    rf"\bwho (?:\w+ )?{_WROTE}\b|^(?!.*\b{_DO_EN} the authors?\b).*\bauthors? of\b|作者[都是有叫]*(?:[谁哪]|\W*$)|谁\w{{0,2}}[写提做]",
    re.I,
)


def asks_who(question: str) -> bool:
    """Whether a question asks who wrote or proposed something."""
    return bool(_ASKS_WHO.search(question)) or _only_says(question, ["author", "authors"])
