"""A title or line -> who wrote a paper, where and when: names, venues and years, listed behind the
name of the paper or on a line of their own. What a reader adds there (评分 4, read 2024-05-01) is
passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from msgspec import Struct

from paperrag.text.dates import MONTH, read_on
from paperrag.text.language import HAN, HAN_CHAR, has_han
from paperrag.text.patterns import YEAR, any_of, lazy_pattern
from paperrag.text.progress import rating_in, remarks_in
from paperrag.text.venues import VENUE_NAMES, find_venue, read_year

_SENTENCE_BEHIND = lazy_pattern(rf"。|\.\s+(?=[{HAN}])")
_LISTED = lazy_pattern(r"[,，;；·&+()（）—–|／]|\s/\s|\.\s|\.$|\band\b|等(?=人|\W|\d|$)")
_BEHIND = lazy_pattern(r"[(（]([^()（）]+)[)）]|(?:\s[-–]\s|[—–：]{1,2}|\s[·|]\s)\s*(.+)")
_REMARKS = "："
"""Mostly a remark stands behind it: what has a venue is a byline."""

_PLACE = lazy_pattern(rf"[A-Z]{{2}}[A-Za-z/&-]*(?:\s[A-Za-z-]+){{0,3}},?\s{YEAR}")
"""A venue that is not known: two capitals at its head tell it from an author."""

_WHEN = rf"(?:(?:{MONTH}\s+)?{YEAR}[a-z]?\s?年?)"
_KINDS = "Proceedings Proc Transactions Trans Journal Bulletin Communications Conference Symposium Workshop Letters Magazine"
_SERIES = lazy_pattern(
    rf"[\s>*_《]*(?P<name>[^{HAN}]*?\b{any_of(_KINDS.split())}(?!\w)[^{HAN}]*?|[{HAN}]{{2,12}}(?:学报|论文集|杂志|通讯))"
    rf"》?(?:\s\d[\d()]*)?\s*{_WHEN}?[\s.*_]*"
)
"""Where papers appear in series, by the words that such places are called by, and when."""

_HEAD = lazy_pattern(
    rf"[\s>*_(（【\[]*([A-Za-z][\w&/-]*(?:\s[A-Z][\w&-]*){{0,2}}[\s'’‘]*(?:{YEAR}|\d\d))"
    r"[\s\])）】*_]*(?P<mark>[:：.;；,，(（—–]|$)"
)
_SHORT = lazy_pattern(r"[A-Z][A-Za-z&+]+(?: [A-Z&][A-Za-z]*){0,3}[ '’]{0,2}(\d\d)")
_NEXT_CENTURY = 50
"""A year of two figures below it is of this century. By hand."""
_IN_TITLE_MARKS = lazy_pattern(r"《[^《》]+》")
_NAME_AND_YEAR = lazy_pattern(
    rf"^[{HAN}]{{2,4}}(?:等人?)?[ （(]{YEAR}[）)]?[ 《:：](?=[^\W\d])|[（(][{HAN}]{{2,4}}(?:等人?)?[ ,，]*{YEAR}[）)]$"
)
_BESIDE_CHARS = 40
"""What stands beside a title that is cited, at most: authors, a venue, a year."""

_COMMA, _JOIN_CHARS = lazy_pattern(r"\s*[,，;；]\s*"), 3
_OPEN_ASIDE = lazy_pattern(r"\s*[(（][^)）]*$")
_TWO_FIGURES = lazy_pattern(r"\d\d")
_ENDS_OPEN = (":", "：", "…", "?", "？")
_FIGURE = lazy_pattern(r"(?<![^\W_])\d")
_YEAR_ALONE = lazy_pattern(rf"\W*{_WHEN}\W*")
_JOINS = frozenset("et al al. de da der den van von la le of the for at in with".split())
_NAME_WORDS, _HAN_NAME_CHARS, _NAMES_SHARE = 5, 8, 0.7
"""Words, and characters of Chinese, of one name in a byline at most; share of its parts that are
names, places or years. By hand; `benchmarks/works.py` counts the papers that are told so.
"""
_MOST_CHARS = 200


class Byline(Struct, frozen=True):
    """Who wrote a paper, where and when it appeared; line: as it is written."""

    line: str
    venue: str | None
    year: int | None


@lru_cache(maxsize=1024)
def read_byline(line: str) -> Byline | None:
    """Return the byline that a line begins with, before a sentence, None if it is none."""
    line = before_sentence(line)
    if len(line) > _MOST_CHARS or line.startswith("|"):
        return None
    is_dated = _TWO_FIGURES.search(line) is not None
    place = (_series_in(line) or _headed_by_place(line)) if is_dated else None
    return place or (_told(line) if _is_byline(line) else None)


def split_byline(title: str) -> tuple[str, Byline | None]:
    """Return the name in a title and the byline behind it that cites or dates it: in brackets,
    behind a dash, or a venue first. Names alone may be what the title goes on with.
    """
    at = 0
    while found := _BEHIND.search(title, at):
        name, behind = title[: found.start()].strip(), found[1] or found[2]
        at = found.end() if found[1] else found.start(2)
        first = _LISTED.split(behind, maxsplit=1)[0]
        byline = _dated(behind, title[found.start() :]) or (
            _told(first) if _place_in(first) else None
        )
        byline = byline or (_in_short(found[1]) if found[1] else None)
        is_remark = title[found.start()] == _REMARKS and byline is not None and not byline.venue
        if name and byline and not is_remark and (byline.year or "et al" in behind):
            return name, byline
    return title, None


def _dated(behind: str, rest: str) -> Byline | None:
    """The byline that stands behind a name, or one that goes on behind its brackets with the year:
    "(Tern, Ibis), Reed College, CHI 2019".
    """
    byline = read_byline(behind)
    if byline is not None and byline.year is None:
        whole = read_byline(rest)
        return whole if whole is not None and whole.year else byline
    return byline


def _in_short(aside: str) -> Byline | None:
    """The byline of an aside with a year of two figures: NSDI19, Schick 23."""
    told = _SHORT.fullmatch(aside.strip())
    if told is None:
        return None
    century = 2000 if int(told[1]) < _NEXT_CENTURY else 1900
    return Byline(aside, find_venue(aside), century + int(told[1]))


def has_byline_below(text: str) -> bool:
    """Whether the line below the first one of a text is a byline with a year."""
    below = text.lstrip().partition("\n")[2].lstrip()
    byline = read_byline(below.split("\n", 1)[0]) if below else None
    return byline is not None and byline.year is not None


def cites_in_chinese(title: str) -> bool:
    """Whether a title cites as Chinese does: 安澜 2019 …, or 《…》 with a year beside it."""
    if not has_han(title) or read_year(title) is None:
        return False
    beside = _IN_TITLE_MARKS.sub("", title, count=1)
    is_short = len(beside) <= _BESIDE_CHARS and beside != title and read_year(beside) is not None
    return is_short or bool(_NAME_AND_YEAR.search(title))


def before_sentence(line: str) -> str:
    """Return what stands in a line before the first sentence that ends in it or follows it."""
    return _SENTENCE_BEHIND.split(line, maxsplit=1)[0]


def _series_in(line: str) -> Byline | None:
    """The byline of a line that names a journal or conference and ends in its date, by the short
    name that stands there if it is known: "Proceedings of the VLDB Endowment, August 2020".
    """
    *_, last = parts = _COMMA.split(line)
    year = read_year(last)
    series = next(filter(None, map(_SERIES.fullmatch, parts)), None) if year else None
    words = _OPEN_ASIDE.sub("", series["name"]).split() if series else []
    if not words or any(word[0].islower() and len(word) > _JOIN_CHARS for word in words):
        return None
    known = next((word for word in words if word.strip("()") in VENUE_NAMES), None)
    return Byline(line, f"{known.strip('()') if known else ' '.join(words)} {year}", year)


def _headed_by_place(line: str) -> Byline | None:
    """The byline of a line that begins with a venue and its year, and a mark behind it, or is
    nothing else: "OSDI'04: Sixth Symposium on …".
    """
    headed = _HEAD.match(line)
    venue = find_venue(headed[1]) if headed else None
    if headed and not venue and not headed["mark"]:
        venue = _place_in(headed[1])
    return Byline(line, venue, read_year(venue)) if venue else None


def _told(line: str) -> Byline:
    told = [part for part in _parts(line) if not _is_remark(part)]
    place = next(filter(None, map(_place_in, told)), None)
    venue = find_venue(line) or place
    years = map(read_year, (*told, venue or ""))  # OSDI 14 has its year in the venue alone
    return Byline(line, venue, next(filter(None, years), None))


def _place_in(part: str) -> str | None:
    return part.strip() if _PLACE.fullmatch(part.strip()) else None


def tells_origin(line: str) -> bool:
    """Whether a line says no more than where a paper is from or what its reader did with it."""
    parts = list(_parts(line))
    remarks = sum(map(_is_remark, parts))
    byline = read_byline(line)
    is_dated = byline is not None and byline.year is not None
    return is_dated or (remarks > 1 and 2 * remarks >= len(parts))


def _is_byline(line: str) -> bool:
    parts = list(_parts(line))
    if len(parts) < 2 - (" et al" in line) or any(
        len(part.split()) > _NAME_WORDS for part in parts
    ):
        return False
    own = [part for part in parts if not _is_remark(part)]
    if not (" et al" in line or any(map(_says_when_or_where, own))):
        return _are_names(own, line)
    sure = sum(map(_is_sure, own))
    return sure > 0 and sure + sum(map(_is_han_name, own)) >= _NAMES_SHARE * len(own)


def _parts(line: str) -> Iterator[str]:
    parts = (part for part in _LISTED.split(line) if part.strip(" \t*>-.…"))
    return (part for part in parts if not _JOINS.issuperset(part.strip(" .").split()))


def _is_remark(part: str) -> bool:
    """Whether a part says what the reader did with the paper or thinks of it."""
    return bool(rating_in(part) or read_on(part) or any(remarks_in(part)))


def _says_when_or_where(part: str) -> bool:
    return bool(_YEAR_ALONE.fullmatch(part) or find_venue(part) or _place_in(part))


def _are_names(parts: Sequence[str], line: str) -> bool:
    """Whether parts are nothing but names, each in one script and without figures, as those of a
    byline without a date are: no terms with what they are short for, "Hidden Markov Model (HMM)".
    """
    if line.endswith(_ENDS_OPEN) or not all(_is_name(part) or _is_han_name(part) for part in parts):
        return False
    initials = [re.sub(r"[^A-Z]", "", part) for part in parts]
    shortened = any(
        len(short) > 1 and short == long and short in (one.strip(), other.strip())
        for (short, one), (long, other) in pairwise(zip(initials, parts, strict=True))
    )
    return not shortened and any(map(_is_name, parts))


def _is_name(part: str) -> bool:
    return _is_sure(part) and not has_han(part) and not _FIGURE.search(part)


def _is_sure(part: str) -> bool:
    """Whether a part is a name in Latin letters (arXiv is one), a venue or a year."""
    if _YEAR_ALONE.fullmatch(part) or find_venue(part):
        return True
    if _counts(part) or len(HAN_CHAR.findall(part)) > _HAN_NAME_CHARS:
        return False
    words = re.findall(r"[A-Za-z][^\W_]*\.?", part)
    named = [word for word in words if word not in _JOINS]
    return bool(named) and all(any(map(str.isupper, word)) for word in named)


def _is_han_name(part: str) -> bool:
    return has_han(part) and len(part.strip()) <= _HAN_NAME_CHARS and not _counts(part)


def _counts(part: str) -> bool:
    """Whether a Chinese part has a figure by itself that is no year, as no name has: GCC 79 个."""
    return has_han(part) and bool(_FIGURE.search(part)) and read_year(part) is None
