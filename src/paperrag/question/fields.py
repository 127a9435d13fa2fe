"""A question and the fields that the notes have -> what those of the works asked for must say.

No field is known beforehand: what notes call their fields, and what these say, is the vocabulary. A
value beside the name of its field is a condition wherever both stand ("recommended by Lin"); a
value or a name alone is one where the question asks nothing else ("papers from DeepMind").
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, lru_cache

from paperrag.question.conditions import (
    NOTHING,
    Condition,
    SaidWhere,
    field_key,
    span_of,
    stands_at,
    value_key,
)
from paperrag.question.nouns import NOUNS_EN
from paperrag.question.thresholds import FEWEST_WITH, SHARE_WITH
from paperrag.records import FieldPairs, Span
from paperrag.text.closed import FUNCTION_WORDS_EN
from paperrag.text.dates import DATE, period_in
from paperrag.text.fields import BYLINE, field_of_label, labels_of
from paperrag.text.language import HAN, HAN_CHAR, has_han
from paperrag.text.patterns import lazy_pattern
from paperrag.text.progress import DENIES, rating_of, rating_said, remarks_in
from paperrag.text.venues import is_venue

_READ_ELSEWHERE = frozenset("title aliases venue year date url doi arxiv".split())
"""Names, and what has columns and patterns of its own."""

_ASKED_OTHERWISE = frozenset("rating read tags status code".split())
"""Fields that a name alone does not ask for."""

_WHO_OR_WHERE = frozenset(("authors", "affiliation", "recommended", BYLINE))
"""Fields of names of people and organisations; parts of these are said in their stead."""

_FUNCTION_WORDS = frozenset(FUNCTION_WORDS_EN)

_HYPHEN = lazy_pattern(r"[_-]")
_PARTS = lazy_pattern(r"\s*[,，、;；|·()（）]\s*|\s/\s|\s+(?=#)")
_ENDING = lazy_pattern(r"(?<=[a-z]{3})(?:ations?|ings?|e[drs]|es?|s)$")
_WORD = lazy_pattern(r"[a-z]+")
_HAN_RUN = lazy_pattern(rf"[{HAN}]+")
_NAME = lazy_pattern(r"\b[A-Z][\w-]+")
_READ = lazy_pattern(r"\b(?:finish[a-z]*|read(?:ing)?)\b|[读看]完?", re.IGNORECASE)

_FEW_HAN, _FEW_CHARS = 4, 12
"""Between the name of a field and what it is to say."""

_LONGEST_NAME, _NAME_WORDS = 8, 4
"""Han characters and words of a name of a person or an organisation."""


_HEAD_CHARS = 2
"""By which values are looked up that a question may say; none has fewer characters."""


@lru_cache(maxsize=8192)
def _keys(value: str) -> tuple[str, ...]:
    """Return what a value says, whole and by its parts: those of a list, and names in these."""
    parts = [value, *_PARTS.split(value)]
    named = filter(_may_be_name, parts)
    names = [word for part in named for word in part.split() if word[0].isupper()]
    keys = dict.fromkeys(map(value_key, [*parts, *names]))
    is_other = (len(key) < 2 or key in _FUNCTION_WORDS or is_venue(key) for key in keys)
    return tuple(key for key, other in zip(keys, is_other, strict=True) if not other)


class FieldWords:
    """What the fields of works are called, and what they say."""

    def __init__(self, works: Iterable[FieldPairs] = ()) -> None:
        said: dict[str, list[str]] = defaultdict(list)
        count = 0
        for count, fields in enumerate(works, 1):  # noqa: B007 - how many there are
            for name, value in {(field_key(name), value) for name, value in fields}:
                if name != BYLINE or _may_name_people(value):
                    said[name].append(value)
        self._said = {
            name: told
            for name, told in said.items()
            if len(told) >= FEWEST_WITH and name not in _READ_ELSEWHERE
        }
        self._asked_alone = {
            name
            for name, told in self._said.items()
            if field_of_label(name) == name or len(told) >= SHARE_WITH * count
        }
        self._fields_of: dict[str, set[str]] = defaultdict(set)
        for name, told in self._said.items():
            for value in told if name != BYLINE else ():  # whose words are no values
                for key in () if any(remarks_in(value)) else _keys(value):
                    self._fields_of[key].add(name)
        self._by_head: dict[str, list[str]] = defaultdict(list)
        for key in self._fields_of:
            self._by_head[key[:_HEAD_CHARS]].append(key)

    def conditions(
        self, question: str, only_asks: Callable[[str], bool]
    ) -> tuple[str, tuple[Condition, ...]]:
        """Return a question without what it asks of fields, and that. only_asks: whether a text
        asks for nothing.
        """
        found: list[Condition] = []
        for read in (self._rating, self._month, self._valued, self._from, self._given):
            spans, conditions = read(question, only_asks)
            question = without(question, spans)
            found += conditions
        return question, tuple(found)

    def named_in(self, text: str) -> tuple[str, ...]:
        """Return the people and organisations in a text that the notes say works are of."""
        return tuple(value_key(text[start:end]) for start, end in self._spans_of_names(text))

    def name_at(self, text: str, span: Span) -> str:
        """Return what stands in a span of a text, as far as a known name goes there: 小宋 where no
        more than 小 was told to be the name.
        """
        names = self._spans_of_names(text)
        spans = [span, *(name for name in names if name[0] < span[1] and span[0] < name[1])]
        return text[min(start for start, _ in spans) : max(end for _, end in spans)]

    def _rating(self, question: str, _: object) -> SaidWhere:
        """Return the rating that is asked for: where the network reads another facet, one that is
        said as in notes.
        """
        said = rating_said(_HYPHEN.sub(" ", question))
        if said is None or said[1] > max(self.ratings, default=0.0):
            return NOTHING
        span, rating = said
        return [span], [Condition("rating", (), rating, rating)]

    @cached_property
    def _names(self) -> str:
        """The names of people and organisations that works are of, a line each."""
        told = (self._said.get(field, ()) for field in sorted(_WHO_OR_WHERE))
        parts = (part for values in told for value in values for part in _PARTS.split(value))
        names = (value_key(part) for part in parts if len(part.split()) <= _NAME_WORDS)
        return "\n".join(dict.fromkeys(names))

    @cached_property
    def _labels(self) -> list[tuple[str, str]]:
        """What each field is called, the longest first."""
        said = [(label, field) for field in self._said for label in _labels_of(field)]
        return sorted(said, key=lambda one: -len(one[0]))

    @cached_property
    def ratings(self) -> tuple[float, ...]:
        """The ratings that are given, each once, in order."""
        return tuple(sorted({*filter(None, map(rating_of, self._said.get("rating", ())))}))

    def names(self, said: str) -> bool:
        """Whether the notes say that works are of somebody of a name, and say it whole."""
        return value_key(said) in self._names.split("\n")

    def _said_in(self, text: str) -> list[tuple[Span, str]]:
        """Return the values that stand in a text as words of their own, in order of where each
        first does.
        """
        found: dict[str, Span] = {}
        for start in range(len(text)):
            for key in self._by_head.get(text[start : start + _HEAD_CHARS], ()):
                if key not in found and stands_at(start, key, text):
                    found[key] = start, start + len(key)
        return sorted((span, key) for key, span in found.items())

    def _month(self, question: str, _: object) -> SaidWhere:
        """Return the month of reading that is asked for."""
        read = [said.span() for said in _READ.finditer(question)] if "read" in self._said else []
        said = DATE.search(question) if read else None
        if not said:
            return NOTHING
        return [*read, said.span()], [Condition("read", period=period_in(question))]

    def _valued(self, question: str, only_asks: Callable[[str], bool]) -> SaidWhere:
        """Return the value that is asked for: beside its field's name, or alone."""
        lower = _HYPHEN.sub(" ", question.lower())
        for span, key in sorted(self._said_in(lower), key=lambda one: one[0][0] - one[0][1]):
            for field in sorted(self._fields_of[key] & self._asked_alone):
                name = _name_in(field, without(lower, [span]))
                if name and _are_beside(span, name, lower):
                    return [span, name], [Condition(field, (key,))]
            if self._fields_of[key] & self._asked_alone - {"tags"} and only_asks(
                without(question, [span])
            ):
                return [span], [Condition("", (key,))]
        return NOTHING

    def _from(self, question: str, only_asks: Callable[[str], bool]) -> SaidWhere:
        """Return the people and organisations that works are to be of, where nothing else is asked:
        parts of their names, one or several.
        """
        spans = [
            span for span in self._spans_of_names(question) if not only_asks(question[slice(*span)])
        ]
        openings = _openings(without(question, spans))
        if not spans or not only_asks(without(question, [*spans, *openings])):
            return NOTHING
        values = tuple(value_key(question[start:end]) for start, end in spans)
        return [*spans, *openings], [Condition("", values)]

    def _spans_of_names(self, text: str) -> list[Span]:
        """Return where a text says parts of the names of people and organisations, the longest
        there are: whole words of Latin ones, two characters or more of others.
        """
        han = [run.span() for run in _HAN_RUN.finditer(text)]
        pieces = [span for run in han for span in _pieces(*run)]
        pieces += [word.span() for word in _NAME.finditer(text)]
        found: list[Span] = []
        for start, end in sorted(pieces, key=lambda span: span[0] - span[1]):
            is_apart = all(end <= one or start >= other for one, other in found)
            key = value_key(text[start:end])
            if is_apart and span_of(key, self._names):
                found.append((start, end))
        return sorted(found)

    def _given(self, question: str, only_asks: Callable[[str], bool]) -> SaidWhere:
        """Return the fields that works are to have or to lack, where nothing else is asked."""
        lower = _HYPHEN.sub(" ", question.lower())
        said: list[tuple[Span, str]] = []
        for label, field in self._labels:
            if label not in lower or field not in self._asked_alone:
                continue
            span = span_of(label, without(lower, [told for told, _ in said]))
            if span and not only_asks(label) and field not in (name for _, name in said):
                said.append((span, field))
        spans: list[Span] = []
        asked: list[Condition] = []
        for span, field in sorted(said):
            denial = DENIES.search(question, spans[-1][1] if spans else 0, span[0])
            spans += [denial.span(), span] if denial else [span]
            asked.append(Condition(field, is_denied=bool(denial)))
        is_asked = any(one.is_denied or one.field not in _ASKED_OTHERWISE for one in asked)
        return (spans, asked) if is_asked and only_asks(without(question, spans)) else NOTHING


def _may_name_people(byline: str) -> bool:
    """Whether what was read as a byline may be one: it is no row of a table, and no part of it is
    longer than Chinese names are.
    """
    parts = _PARTS.split(byline)
    return not byline.startswith("|") and all(map(_is_short_in_han, parts))


def _may_be_name(part: str) -> bool:
    """Whether a part of a value is no longer than names are, so that words of it may be said for
    it.
    """
    return _is_short_in_han(part) and len(part.split()) <= _NAME_WORDS


def _is_short_in_han(part: str) -> bool:
    return len(HAN_CHAR.findall(part)) <= _LONGEST_NAME


def without(text: str, spans: Iterable[Span]) -> str:
    """Return a text with blanks in place of some spans."""
    for start, end in spans:
        text = f"{text[:start]}{' ' * (end - start)}{text[end:]}"
    return text


def _pieces(start: int, end: int) -> Iterator[Span]:
    """Yield the parts of a run of Han characters that may be names."""
    for first in range(start, end - 1):
        for last in range(first + 2, min(first + _LONGEST_NAME, end) + 1):
            yield first, last


def _openings(text: str) -> list[Span]:
    """Return where characters stand that begin what says who works are from, 推 of 推荐: people say
    推给我 as well.
    """
    first = {label[0] for label in labels_of("recommended") if has_han(label)}
    return [(at, at + 1) for at, char in enumerate(text) if char in first]


def _labels_of(field: str) -> list[str]:
    """Return what a field is called: in either language, if it is one that is known."""
    return labels_of(field) if field_of_label(field) == field else [field]


def _name_in(field: str, text: str) -> Span | None:
    """Return where a text says the name of a field, words of it with other endings."""
    said = {_ENDING.sub("", word[0]): word.span() for word in _WORD.finditer(text)}
    for label in _labels_of(field):
        if has_han(label) and (start := text.find(label[:2])) >= 0:
            return start, start + len(label[:2])
        stems = {_ENDING.sub("", word) for word in _WORD.findall(label) if len(word) > 2}
        stems -= {*_FUNCTION_WORDS, *NOUNS_EN}
        if stems and stems <= said.keys():
            return said[max(stems, key=len)]
    return None


def _are_beside(one: Span, other: Span, text: str) -> bool:
    """Whether few words stand between two parts of a text."""
    first, second = sorted((one, other))
    between = text[first[1] : second[0]]
    return len(between) <= (_FEW_HAN if has_han(between) else _FEW_CHARS)
