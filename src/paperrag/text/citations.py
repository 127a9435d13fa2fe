"""Papers cited by their authors: "Choat 2012", "Card 和 Krueger", "Vaswani et al., 2017"."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator

from msgspec import Struct

from paperrag.text.folding import fold
from paperrag.text.patterns import YEAR, lazy_pattern

_WORD = r"[A-Za-zÀ-ɏ]+(?:['’-][A-Za-zÀ-ɏ]+)*"
_JOIN = r"\s*(?:[,、&和与及]|\band\b)\s*|\s+"
_RUN = lazy_pattern(rf"{_WORD}(?:(?:{_JOIN}){_WORD})*")
_ONE_WORD = lazy_pattern(_WORD)
_OTHERS = r"(?:['’]s)?\s*(?P<others>et al\b\.?|等人?|and (?:colleagues|others))"
_YEAR_BEHIND = rf"[\s,(（]*['’]?(?P<year>{YEAR}|\d\d)(?!\d|\.\d|\s?%|[A-Za-z]{{2}})(?:[a-z]\b)?"
_BEHIND = lazy_pattern(rf"(?:{_OTHERS})?(?:{_YEAR_BEHIND})?")
_INITIALS = r"(?:\s+(?:[A-ZÀ-Þ]\.[\s-]?)+)"
_ONE_INITIALS = lazy_pattern(_INITIALS)
_NAME_AT_HEAD = rf"{_WORD}{_INITIALS}?"
_AT_HEAD = lazy_pattern(
    rf"\W*(?=[A-ZÀ-Þ])(?P<names>{_NAME_AT_HEAD}(?:(?:{_JOIN}){_NAME_AT_HEAD}){{0,5}}?)"
    rf"(?:{_OTHERS})?{_YEAR_BEHIND}"
    r"[)）]?(?:\s*[(（]?(?P<venue>[A-Z]{3,})\b[)）]?)?"
)
"""Names before a year, at the head of a title, and the venue right behind it."""

_CAPITAL_WORD = rf"(?<![A-Za-zÀ-ɏ])(?=[A-ZÀ-Þ]){_WORD}"
_DATED_OTHERS = lazy_pattern(
    rf"[(（]?\s*(?P<names>{_CAPITAL_WORD}(?:\s+{_CAPITAL_WORD}\.?)*){_OTHERS}{_YEAR_BEHIND}\s*[)）]?"
)
_TWO_NAMES = lazy_pattern(rf"{_CAPITAL_WORD}(?:{_JOIN}){_CAPITAL_WORD}")
_DATED_NAME = lazy_pattern(rf"{_WORD}(?:\s+et al\b|\s*等|[\s,(（]*['’]?(?:{YEAR}|\d\d(?!\d)))")
_BETWEEN = lazy_pattern(r"[,、&和与及]|\band\b")
_A_NAME = lazy_pattern(
    r"(?:[A-ZÀ-Þ][a-zß-ɏ'’.]*(?:[A-Z'’-][a-zß-ɏ]+)* ){0,2}(?:[a-z]{2,3} ){0,2}"
    r"(?:[A-ZÀ-Þ]['’])?[A-ZÀ-Þ][a-zß-ɏ]+(?:['’-]?[A-ZÀ-Þ][a-zß-ɏ]+)*"
)
"""Of a person, as a byline has it: von Wachter, Dan Klein, O'Keefe, CaraDonna."""
_KEY = lazy_pattern(rf"([a-z]{{3,}}(?:-[a-z]+)*)(?:(?:[A-Z]\w*?|[-_ ]?)({YEAR})|$)")
"""A key of a reference, or a file called like one: tilman2001, cardMinimumWages1994,
card-krueger.
"""

_SHORT = 3
"""Letters of names that are words as well when they are written small: He, An, In."""


class CitedByAuthors(Struct, frozen=True):
    """Surnames in small letters, the year if it is said, two figures as they are; said: the words
    themselves. has_others: whether it says "et al.".
    """

    surnames: tuple[str, ...]
    year: int | None
    said: str
    has_others: bool = False

    def fits(self, surnames: Container[str], year: int | None) -> bool:
        """Whether it may cite a paper of some authors, from a year: two of them tell it, or one
        with the year or "et al.".
        """
        if not all(name in surnames for name in self.surnames):
            return False
        if self.year is None:
            return len(self.surnames) > 1 or self.has_others
        return year is not None and year % (10000 if self.year > 99 else 100) == self.year


def may_cite(text: str) -> bool:
    """Whether a text has the shape of a citation, whatever its words: two names side by side, or
    one before a year or "et al.".
    """
    return bool(_TWO_NAMES.search(text) or _DATED_NAME.search(text))


def citations_in(text: str, is_surname: Container[str]) -> Iterator[CitedByAuthors]:
    """Yield the papers that a text may cite, by words that are surnames of authors."""
    for run in _RUN.finditer(text):
        names: list[re.Match[str]] = []
        for word in (*_ONE_WORD.finditer(text, run.start(), run.end()), None):
            if word is not None and _may_be_name(word[0]) and key(word[0]) in is_surname:
                names.append(word)
            elif names and (word is None or word[0] != "and"):
                yield _citation(text, names)
                names = []


def _citation(text: str, names: list[re.Match[str]]) -> CitedByAuthors:
    behind = _BEHIND.match(text, names[-1].end())
    year = behind["year"] if behind else None
    has_others = bool(behind and behind["others"])
    end = behind.end() if behind and (year or has_others) else names[-1].end()
    return CitedByAuthors(
        tuple(key(name[0]) for name in names),
        int(year) if year else None,
        text[names[0].start() : end].strip(" ,(（"),
        has_others,
    )


def surnames(authors: Iterable[str]) -> Iterator[str]:
    """Yield the surname of each author, in small letters: of "Dan Klein", "Klein, D." and "Klein
    D." klein.
    """
    for author in authors:
        before, comma, _ = author.partition(",")
        names = [word for word in _ONE_WORD.findall(before) if len(word) > 1 and not word.islower()]
        if names:
            yield key(names[0] if comma else names[-1])


def names_in(byline: str) -> Iterator[str]:
    """Yield the words of a byline that are written as names, in small letters."""
    return (key(word) for word in _ONE_WORD.findall(byline) if word[0].isupper())


class DatedCitation(Struct, frozen=True):
    """A first author with others and the year in a text, and the text without them."""

    author: str
    year: int
    rest: str


def dated_citation(text: str) -> DatedCitation | None:
    """Return the first citation in a text such as "(Liu et al., 2023b)", None without one."""
    cited = next((one for one in _DATED_OTHERS.finditer(text) if len(one["year"]) > 2), None)
    if cited is None:
        return None
    rest = " ".join([*text[: cited.start()].split(), *text[cited.end() :].split()])
    rest = rest.strip(" ,，.。:：()（）-")
    return DatedCitation(cited["names"], int(cited["year"]), rest)


class AtHead(Struct, frozen=True):
    """What a name of a work begins with: names, the year, two figures as they are, a venue.
    are_people: whether the names are written as those of people; is_byline: whether they surely are
    authors, several or with "et al.".
    """

    names: tuple[str, ...] = ()
    year: int | None = None
    venue: str = ""
    are_people: bool = False
    is_byline: bool = False

    @property
    def dated(self) -> int | None:
        """The year in full that names of people stand before, None without one."""
        return self.year if self.are_people and self.year and self.year > 99 else None


def cited_at_head(title: str) -> AtHead:
    """Return who may have written a work, and when, by the head of its name: of "Mas & Moretti 2009
    (QJE) Peers", of the key mas2009peers, of the file card-krueger; empty where it says nothing.
    """
    if told := _KEY.match(title):
        return AtHead(tuple(told[1].split("-")), int(told[2]) if told[2] else None)
    if told := _AT_HEAD.match(title):
        people = _ONE_INITIALS.sub(" ", told["names"])
        listed = [part.split() for part in _BETWEEN.split(people) if part.split()]
        are_people = all(_A_NAME.fullmatch(" ".join(words)) for words in listed)
        is_byline = are_people and (len(listed) > 1 or told["others"] is not None)
        names = tuple(words[-1] for words in listed)
        return AtHead(names, int(told["year"]), told["venue"] or "", are_people, is_byline)
    return AtHead()


def key(name: str) -> str:
    """Return a surname as others are compared with it."""
    return fold(name).lower()


def _may_be_name(word: str) -> bool:
    return len(word) > _SHORT or not word.islower()
