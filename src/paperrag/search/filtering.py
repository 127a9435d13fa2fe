"""Filters and a question's scope -> which entries are looked at. Knows entries and their places,
no scores.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from functools import cached_property
from itertools import chain
from typing import get_args

import numpy as np
from msgspec import Struct

from paperrag.errors import QueryError
from paperrag.index.candidates import BoolArray
from paperrag.index.codes import KINDS, LANGUAGES
from paperrag.index.tables import EntryTable
from paperrag.notes.tags import fits_tag, tag_key
from paperrag.question.conditions import Condition, field_key
from paperrag.question.scope import Scope
from paperrag.records import Kind, Language, Status
from paperrag.search.same_paper import Relations
from paperrag.search.saying import works_saying
from paperrag.text.alike import MOST_NAMED, alike
from paperrag.text.folding import fold
from paperrag.text.names import latin_name, says_name
from paperrag.text.patterns import lazy_pattern
from paperrag.text.venues import venue_and_year

_BEFORE_FIGURES = lazy_pattern(r"([^\d(]*?)[\s,'’_-]*((?:[\d(].*)?)", re.DOTALL)
ANY_YEAR = 2024
"""By which a name of a venue is known as one."""


class Filters(Struct, frozen=True):
    """What hits are restricted to. `section` and `file` match parts of names, case aside; `file`
    also a note's name and aliases. `tags` must all be an entry's, or those of what it stands below.

    `among`: ids of entries; what stands below them and the abstracts of their papers count too.
    Unknown ids are passed over.
    """

    section: str | None = None
    file: str | None = None
    kind: Kind | None = None
    language: Language | None = None
    among: frozenset[str] | None = None
    tags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_choice("kind", self.kind, get_args(Kind))
        _check_choice("lang", self.language, get_args(Language))

    @property
    def any(self) -> bool:
        """Whether anything is restricted."""
        told = (self.section, self.file, self.kind, self.language, self.tags)
        return self.among is not None or any(told)


class EntryFilter:
    """Tells which entries of one index are looked at."""

    def __init__(
        self, entries: EntryTable, relations: Relations, rows_saying: Callable[[str], list[int]]
    ) -> None:
        self._entries = entries
        self._relations = relations
        self._rows_saying = rows_saying

    def allowed(self, filters: Filters | None, scope: Scope) -> BoolArray | None:
        """Return a flag for each entry, or None for all. Raises QueryError for a filter that names
        nothing.
        """
        fitting = self._fitting(filters) if filters is not None and filters.any else None
        if not (scope.restricts or scope.excluded):
            return fitting
        within = self._within(scope)
        return within if fitting is None else fitting & within

    def _fitting(self, filters: Filters) -> BoolArray:
        entries = self._entries
        allowed = np.ones(len(entries), dtype=bool)
        if filters.kind:
            allowed &= entries.columns["kind"] == KINDS.index(filters.kind)
        if filters.language:
            allowed &= entries.columns["language"] == LANGUAGES.index(filters.language)
        if filters.file:
            allowed &= self._in_sections(self._sections_in_file(filters.file))
        if filters.section:
            allowed &= self._in_sections(self._sections_named(filters.section))
        for tag in filters.tags:
            allowed &= np.isin(np.arange(len(entries)), self._rows_tagged(tag))
        if filters.among is not None:
            allowed &= np.isin(np.arange(len(entries)), self._rows_among(filters.among))
        return allowed

    def _within(self, scope: Scope) -> BoolArray:
        entries = self._entries
        within = self._published(scope)
        if scope.lacking:
            within[:] = False
        if scope.section:
            within &= self._in_sections(sections_like(entries, scope.section))
        for tag in scope.tags:
            within &= np.isin(np.arange(len(entries)), self._rows_tagged(tag)) ^ scope.is_denied
        if scope.status:
            within &= self._marked(scope.status)
        for condition in scope.fields:
            within &= self._saying(condition)
        if scope.with_code:
            linked = np.isin(entries.units, entries.units[entries.columns["has_code"]])
            within &= linked | self._saying(Condition("code"))
        if scope.is_of_works and scope.is_bare:
            within &= entries.stands_for_unit
        if scope.awarded:
            within &= entries.columns["is_awarded"]
        for name in scope.excluded:
            within &= ~self._are_about(name)
        return within

    def _published(self, scope: Scope) -> BoolArray:
        """Return which entries are about works of the venues and years."""
        within = np.ones(len(self._entries), dtype=bool)
        if scope.venues:
            of_venues = self._entries.of_venues(
                lambda venue: any(_is_of_venue(venue, *asked) for asked in scope.venues)
            )
            within &= of_venues ^ scope.is_denied
        if scope.years:
            years = tuple(map(str, scope.years))
            of_years = np.isin(self._entries.columns["year"], list(scope.years))
            of_years |= self._entries.of_venues(lambda venue: venue.endswith(years))
            within &= of_years ^ scope.is_denied
        return within

    def _marked(self, asked: Collection[Status]) -> BoolArray:
        """Return which entries are about works that their reader marked so."""
        if tuple(asked) == ("unread",):
            marked: BoolArray = self._entries.columns["is_unread"]
            return marked
        works = enumerate(self._entries.works)
        return self._of_works([at for at, work in works if work.status in asked])

    def _saying(self, condition: Condition) -> BoolArray:
        """Return which entries are about works of which a field says what is asked for."""
        told = self._entries.works.fields
        having = {at for field in condition.fields for at in self._works_with_field.get(field, ())}
        among = having if condition.field else told.keys()
        numbers = {at for at in among if condition.fits(told[at])}
        if condition.fits(()):
            numbers |= set(range(len(self._entries.works))) - among
        said = set(works_saying(condition, self._entries, self._rows_saying))
        numbers = numbers - said if condition.is_denied else numbers | said
        return self._of_works(sorted(numbers))

    def _of_works(self, numbers: list[int]) -> BoolArray:
        """Return which entries are about some works."""
        is_one = np.zeros(
            len(self._entries.works) + 1, dtype=bool
        )  # number -1, of none, is the last
        is_one[numbers] = True
        found: BoolArray = is_one[self._entries.columns["work"]]
        return found

    @cached_property
    def _works_with_field(self) -> dict[str, list[int]]:
        """The works that have each field, by number."""
        found: dict[str, list[int]] = {}
        for at, fields in self._entries.works.fields.items():
            for field in {field_key(name) for name, _ in fields}:
                found.setdefault(field, []).append(at)
        return found

    def _are_about(self, name: str) -> BoolArray:
        """Return which entries are titled by a name or stand below a heading that holds it."""
        below = [
            number
            for number, (_, path) in enumerate(self._entries.section_list)
            if _holds_name(path, name)
        ]
        titled = [
            says_name(latin_name(title) or title, name) or _holds_name((title,), name)
            for title in self._entries.titles()
        ]
        return np.logical_or(self._in_sections(below), titled)

    def _rows_among(self, entry_ids: frozenset[str]) -> list[int]:
        """Return the rows of entries, of all below them or of the file's work that they stand for,
        and of their papers' abstracts or notes.
        """
        rows = self._entries.rows_of(entry_ids)
        heads = [row for row in rows if self._entries.is_of_file[row]]
        rows += np.flatnonzero(np.isin(self._entries.units, heads)).tolist()
        return self._entries.with_all_below(
            [*rows, *(other for row in rows for other in self._relations.rows(row))]
        )

    def _rows_tagged(self, wanted: str) -> list[int]:
        """Return the rows that a tag means. Raises QueryError for one that no entry has."""
        by_tag = self._entries.rows_by_tag
        rows = [row for tag, rows in by_tag.items() if fits_tag(tag, wanted) for row in rows]
        if rows:
            return self._entries.with_all_below(rows)
        names = sorted({tag_key(tag) for tag in by_tag})
        near = alike(tag_key(wanted), names) or names[:MOST_NAMED]
        told = f"nearest: {'; '.join(near)}" if near else "the notes have no tags"
        raise QueryError(f"no entry has the tag {wanted!r}; {told}")

    def _in_sections(self, numbers: list[int]) -> BoolArray:
        return np.isin(self._entries.columns["section_number"], numbers)

    def _sections_in_file(self, wanted: str) -> list[int]:
        sources = sorted({source for source, _ in self._entries.section_list})
        matching = self._called(wanted) or set(_matching("file", wanted, sources))
        return [
            number
            for number, (source, _) in enumerate(self._entries.section_list)
            if source in matching
        ]

    def _called(self, wanted: str) -> set[str]:
        """Return the files about one work that goes by a name, other than their own."""
        key = fold(wanted).lower().strip()
        return {
            work.source
            for work in self._entries.works
            if work.id == work.source
            and any(fold(name).lower() == key for name in (work.name, *work.aliases))
        }

    def _sections_named(self, wanted: str) -> list[int]:
        sections = self._entries.section_list
        matching = set(
            _matching("section", wanted, sorted({part for _, path in sections for part in path}))
        )
        return [number for number, (_, path) in enumerate(sections) if matching.intersection(path)]


def sections_like(entries: EntryTable, name: str) -> list[int]:
    """Return the sections below headings of a name, else below those that hold it; [] if there is
    none.
    """
    wanted, below = fold(name).lower(), entries.sections_below
    holding = chain(*(numbers for heading, numbers in below.items() if wanted in heading))
    return below.get(wanted) or sorted(set(holding))


def _is_of_venue(written: str, name: str, year: int | None) -> bool:
    """Whether a venue as it is written is one of a name: Nature 588 (2020) and EMNLP Findings 2021
    are of Nature and EMNLP, Nature Methods 2021 is not of Nature.
    """
    found = _BEFORE_FIGURES.fullmatch(written.upper())
    words, figures = found.groups() if found else ("", "")
    is_part = words.startswith(name) and (name, ANY_YEAR) in venue_and_year(f"{words} {ANY_YEAR}")
    return (words == name or is_part) and (year is None or str(year) in figures)


def _holds_name(parts: tuple[str, ...], name: str) -> bool:
    """Whether some part holds a name as words of its own, case aside."""
    pattern = re.compile(rf"(?<![a-z0-9]){re.escape(fold(name).lower())}(?![a-z0-9])")
    return any(pattern.search(fold(part).lower()) for part in parts)


def _check_choice(name: str, value: str | None, choices: tuple[str, ...]) -> None:
    if value is not None and value not in choices:
        raise QueryError(f"unknown {name} {value!r}; expected one of: {', '.join(choices)}")


def _matching(what: str, wanted: str, names: list[str]) -> list[str]:
    """Return the names equal to `wanted`, else those that contain it. Raises QueryError."""
    folded = fold(wanted).lower().strip()
    keys = [fold(name).lower() for name in names]
    found = [name for name, key in zip(names, keys, strict=True) if key == folded]
    found = found or [
        name for name, key in zip(names, keys, strict=True) if folded and folded in key
    ]
    if found:
        return found
    close = [names[keys.index(key)] for key in alike(folded, keys)]
    nearest = close or sorted(names, key=len)[:MOST_NAMED]
    raise QueryError(f"no {what} matches {wanted!r}; nearest: {'; '.join(nearest)}")
