"""A question -> where it says to look: a venue or year, a section, what to leave out, and what is
left of the question then.

"ICLR 2024 papers on caches" is a question for caches among the entries of ICLR 2024; meaning alone
would find other years and other papers on caches. Only questions for several entries are read so;
rules of the two languages only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from paperrag.question.conditions import Condition
from paperrag.question.facets import STATUSES, Facet
from paperrag.question.intent import names_works
from paperrag.question.nouns import ONE_OR_MORE_EN, THINGS_EN, THINGS_ZH
from paperrag.question.thresholds import MOST_WHERE_CHARS
from paperrag.question.venues import LED_EN, without_venues
from paperrag.question.vocabulary import Vocabulary
from paperrag.question.years import told_years
from paperrag.records import Status
from paperrag.text.closed import (
    ADVERBS_EN,
    DOING_EN,
    FUNCTION_WORDS_EN,
    FUNCTION_WORDS_ZH,
    PREPOSITIONS_EN,
)
from paperrag.text.language import HAN
from paperrag.text.patterns import any_of, lazy_pattern
from paperrag.text.progress import denies, without_status
from paperrag.text.venues import AWARD

_AWARD_WORDS = lazy_pattern(
    rf"{LED_EN}[拿获得过了\s]*(?:{AWARD.pattern})(?:\s*awards?|奖)?",
    re.IGNORECASE,
)
_SECTION_EN = lazy_pattern(
    rf"\b{any_of('in under from of'.split())}\s+(?:the|my)\s+(?P<name>[^,?.]{{2,60}}?)\s+{any_of('section chapter heading'.split())}\b",
    re.IGNORECASE,
)
_SECTION_ZH = lazy_pattern(
    r"(?:我的)?(?:笔记)?[里中]?[在，,]?(?P<name>[^，,。？?]{1,40}?)\s*[这那]?一?"
    r"(?:[小章]?节|部分)[下里]?[面里中下内]?"
)
_SAY_SECTION_ZH = "节", "部分"
"""Without one of them the pattern finds nothing, and looks long for it: a name may begin anywhere.
"""

_NAME = r"[A-Z0-9][\w.+-]*"
_LISTED = lazy_pattern(r"\s*(?:(?:以?[,、，和与及]|\b(?:and|or)\b)\s*)+")
_EXCEPT_EN = lazy_pattern(
    rf"\b{any_of(('other than', 'except', 'except for', 'apart from', 'besides', 'excluding', 'not counting', 'aside from'))}\s+"
    rf"(?P<name>{_NAME}(?:{_LISTED.pattern}{_NAME})*)"
    rf"|[(（]\s*(?:but\s+)?not\s+(?!{any_of(ADVERBS_EN)}\b)(?P<aside>[^()（）]+)[)）]"
)
_NOT_COUNTED_ZH = any_of("不算 不包括 不含 不要 不限 不考虑 除外".split())
_EXCEPT_ZH = lazy_pattern(
    rf"除[了开去]?(?P<a>[^，,。？?的]{{1,24}}?)(?:[以之]?外|[，,]|(?=还?有))[的，,]?{any_of('其他 其它 还 别的'.split())}?"
    rf"|[（(，,]\s*(?:{_NOT_COUNTED_ZH}(?P<b>[^）)，,。？?]{{1,20}}?)(?:[这那][种个些])?的?"
    rf"|(?P<c>[^）)，,。？?（(]{{1,20}}?)\s*{_NOT_COUNTED_ZH}(?:在内)?)\s*(?:[）)，,。？?]|$)"
)
_TAGGED = lazy_pattern(
    rf"(?:\btag(?:ged)?(?:\s+{any_of(PREPOSITIONS_EN)})?\b|(?:带有?)?标签[为是叫有]?|标了)"
    r"\s*[:：]?\s*[\"'“「#]?(?P<name>[^\"'”」?？,，。的]{2,40}?)[\"'”」]?\s*(?:的|$|[?？])"
    r"|(?<![\w#])#(?P<sign>[^\W\d_][\w/-]*)",
    re.IGNORECASE,
)
_BY_YEAR = lazy_pattern(
    rf"\b{any_of('by per each every'.split())}\s+year\b|[按每各]年份?", re.IGNORECASE
)
_WITH_CODE = lazy_pattern(
    rf"\b{any_of('with have has release released releases publish published'.split())}\s+"
    rf"(?:{any_of('open-source open source public their its the'.split())}\s+)*code\b"
    r"|(?<!没)(?:[有带附]|开源)了?代码的?",
    re.IGNORECASE,
)
_INCLUDED = lazy_pattern(
    r"[,，;；.。?？(（]\s*(?:[^,，()（）]{1,24}?\s*(?:\b(?:included|too)\b|也算)"
    r"|(?:\bincluding\b|包括)[^,，()（）?？]{1,24})\s*[)）]?",
    re.IGNORECASE,
)
"""What is to be counted as well: ", workshops included". It widens a place and is no subject."""

_OF_NOTES_EN = (
    "everything anything here read note noted written marked status state section publications vault "
    "library collection folder still proper come comes came team group lab myself official available public"
).split()
_OF_NOTES_ZH = "属于 来自 被 接收 收录 录用 大会 会议 笔记 内容 东西 状态 库 仍 记 读 标 注 发 自己 真正 官方 公开 开源".split()
_FRAME = lazy_pattern(
    rf"[这那][{HAN}](?=的\W*$)|\b(?:{any_of([*FUNCTION_WORDS_EN, *DOING_EN, *_OF_NOTES_EN, 'so far'])}|{THINGS_EN}|{ONE_OR_MORE_EN})\b"
    rf"|{THINGS_ZH}|{any_of([*FUNCTION_WORDS_ZH, *_OF_NOTES_ZH])}|[\W_]",
    re.IGNORECASE,
)
"""What a question is made of that says no more than where to look, with what counts it: 那届的."""


Extreme = Literal["", "best", "worst"]


class Scope(Struct, frozen=True):
    """Where a question says to look.

    venues: as (name in capitals, year), the year None for any; years: of publication; awarded:
    whether only what won an award; section: a name that may be a heading's; excluded: names of
    what is not wanted; tags: as they were said; status: how far the reader is with the works that
    are asked for; fields: what others of their fields must say; with_code: whether only works that
    link to code. by_year: whether they are told year by year. rest: the question without these
    words. is_denied: whether venues, years and tags are to be others. lacking: what is asked for
    and no note says. extreme: which ratings are asked for among those on a subject. is_bare:
    whether nothing else is asked then, so that all that is there answers it.
    """

    rest: str
    venues: tuple[tuple[str, int | None], ...] = ()
    years: tuple[int, ...] = ()
    awarded: bool = False
    section: str | None = None
    excluded: tuple[str, ...] = ()
    is_bare: bool = False
    tags: tuple[str, ...] = ()
    status: tuple[Status, ...] = ()
    with_code: bool = False
    by_year: bool = False
    fields: tuple[Condition, ...] = ()
    is_denied: bool = False
    lacking: str = ""
    extreme: Extreme = ""

    @property
    def restricts(self) -> bool:
        """Whether only some entries are looked at."""
        return bool(self.awarded or self.section or self.is_of_works)

    @property
    def is_of_works(self) -> bool:
        """Whether what is said of whole works decides which are looked at."""
        told = (self.tags, self.status, self.with_code, self.by_year, self.fields, self.lacking)
        return bool(self.dated) or any(told)

    @property
    def is_only_dated(self) -> bool:
        """Whether nothing but venues and years decides which are looked at."""
        others = (self.awarded, self.section, self.excluded, self.tags, self.status, self.with_code)
        return bool(self.dated) and not (any(others) or self.fields)

    def asks_by(self, facet: Facet) -> bool:
        """Whether a condition of the kind of a facet is read."""
        told = {
            "code": self.with_code,
            "tag": self.tags,
            "venue": self.venues,
            "year": self.years,
            **dict.fromkeys(STATUSES, self.status),
        }
        return bool(told.get(facet)) or facet in (one.field for one in self.fields)

    @property
    def dated(self) -> str:
        """The venues and years as people write them, "" if there are none: "ICLR 2024, 2025"."""
        venues = (name if year is None else f"{name} {year}" for name, year in self.venues)
        return ", ".join([*venues, *told_years(self.years)])


def read_scope(question: str, notes: Vocabulary) -> Scope:
    """Return where a question for several entries says to look."""
    rest, excluded = _without_excluded(question)
    rest, tags = _without_tags(rest, notes)
    rest, status = _without_status(rest, notes)
    rest, fields = _without_fields(rest, excluded, notes)
    rest, by_year = _without(_BY_YEAR, rest)
    rest, with_code = (rest, False) if denies(rest) else _without(_WITH_CODE, rest)
    rest, venues, years = without_venues(rest, notes.venues())
    rest, awarded = _without(_AWARD_WORDS, rest)
    rest, section = _without_section(rest, notes)
    if venues or years or awarded or tags:
        rest = _INCLUDED.sub(" ", rest)
    rest = re.sub(r"\s+", " ", rest).strip()
    return Scope(
        rest or question,
        venues,
        years,
        awarded,
        section,
        excluded,
        only_asks(rest),
        tags,
        status,
        with_code,
        by_year,
        fields,
    )


def only_where(question: str, notes: Vocabulary) -> Scope | None:
    """Return where to look if a question says nothing else, "what appeared at MLSys?", None if it
    asks something.
    """
    if len(question) > MOST_WHERE_CHARS < len(_FRAME.sub("", question)):
        return None
    scope = read_scope(question, notes)
    is_about_works = names_works(question) or not any(one.is_loose for one in scope.fields)
    return scope if scope.is_bare and scope.is_of_works and is_about_works else None


def only_asks(text: str) -> bool:
    """Whether a text says no more than that works are asked for."""
    at = 0
    while at < len(text) and (found := _FRAME.match(text, at)):
        at = found.end()
    return at == len(text)


def _without_fields(
    question: str, excluded: Sequence[str], notes: Vocabulary
) -> tuple[str, tuple[Condition, ...]]:
    """Return the question without what it asks of fields, and that, with what it excludes."""
    words = notes.fields()
    rest, fields = words.conditions(question, only_asks)
    others = filter(None, map(words.named_in, excluded))
    return rest, (*fields, *(Condition("", names, is_denied=True) for names in others))


def _without_section(question: str, notes: Vocabulary) -> tuple[str, str | None]:
    """Return the question without the section of the notes that it names, and that."""
    named = _section_named(question)
    name = named["name"].strip() if named else ""
    if named is None or not notes.has_section(name):
        return question, None
    return f"{question[: named.start()]} {question[named.end() :]}", name


def _section_named(question: str) -> re.Match[str] | None:
    """Return what may name a section in a question."""
    found = _SECTION_EN.search(question)
    if found or not any(word in question for word in _SAY_SECTION_ZH):
        return found
    return _SECTION_ZH.search(question)


def _without(pattern: re.Pattern[str], question: str) -> tuple[str, bool]:
    """Return the question without what a pattern finds, and whether it finds anything."""
    rest, count = pattern.subn(" ", question)
    return rest, bool(count)


def _without_status(question: str, notes: Vocabulary) -> tuple[str, tuple[Status, ...]]:
    """Return the question without its words for how far the reader is, and what they say, if notes
    say it. "Which papers on caches have I read?" asks for caches: most that was read is not marked.
    """
    rest, status = without_status(question)
    is_asked = "unread" in status or only_asks(rest)
    return (rest, status) if is_asked and any(map(notes.marks_reading, status)) else (question, ())


def _without_tags(question: str, notes: Vocabulary) -> tuple[str, tuple[str, ...]]:
    """Return the question without the tags in it that the notes have, and these."""
    for found in _TAGGED.finditer(question):
        name = (found["name"] or found["sign"]).strip()
        if notes.has_tag(name):
            return f"{question[: found.start()]} {question[found.end() :]}", (name,)
    return question, ()


def _without_excluded(question: str) -> tuple[str, tuple[str, ...]]:
    excluded: list[str] = []
    for pattern in (_EXCEPT_EN, _EXCEPT_ZH):
        for match in pattern.finditer(question):
            named = next(filter(None, match.groupdict().values()))
            excluded += [name.strip() for name in _LISTED.split(named) if name.strip()]
        question = pattern.sub(" ", question)
    return question, tuple(excluded)
