"""A question -> the venues and years that it says, and what is left of it then.

Most names of venues mean nothing else. Nature, Science and Cell do, and notes have venues that no
list knows: such a name is a venue where the notes have it as one and the question says that
something appeared there. Rules of the two languages only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from paperrag.question.thresholds import VENUE_INITIALS
from paperrag.question.years import SAID, without_years
from paperrag.text.patterns import SURE_YEAR, any_of, lazy_pattern
from paperrag.text.venues import VENUE_NAMES, venue_and_year

Venues = tuple[tuple[str, int | None], ...]
"""Names in capitals, each with a year or None for any."""

_SAID_EN = rf"(?:(?:\b{any_of('that were was are is have has'.split())}\s+)*\b{any_of(SAID)}\s+)?"
LED_EN = rf"{_SAID_EN}(?:\b{any_of('at in from of as with a the'.split())}\s+)*"
"""What leads to a place or an award: "that were published at the"."""

_VENUE_WORDS = lazy_pattern(
    rf"{LED_EN}(?:发表?[在于过]?)?\s*[\[【(（]?(?:{SURE_YEAR}\s*年?的?\s*)?"
    rf"(?<![A-Za-z0-9-])(?P<name>{any_of(VENUE_NAMES)})(?![a-z])"
    rf"[\s'’_-]*(?:{SURE_YEAR}|\d\d(?!\d))?[\]】)）]?\s*(?:发表|[上里中])*的?"
)
_PLACED = rf"{_SAID_EN}\b(?:in|at|from)\s+(?:the\s+)?|[发在中][表在于了]*\s*"
_SPELT_OUT = lazy_pattern(r"\b[A-Z][a-z]+(?:\s+(?:[a-z&]{1,3}\s+){0,2}[A-Z][a-z]+){2,}")
"""Words with capitals, and short ones between them."""

_PAPERS = rf"\s*[上里中的]*\s*(?:\b{any_of('papers articles publications'.split())}\b|论文|文章)"


def without_venues(question: str, own: frozenset[str]) -> tuple[str, Venues, tuple[int, ...]]:
    """Return a question without the venues and years in it, and these; own: names of venues that
    the notes have.
    """
    venues = list(venue_and_year(question))
    said = [match["name"] for match in _VENUE_WORDS.finditer(question)]
    question = _VENUE_WORDS.sub(" ", question)
    if own_patterns := _of_notes(own):
        placed, name = own_patterns
        said += [one[0] for match in placed.finditer(question) for one in name.finditer(match[0])]
        question = placed.sub(" ", question)
    dated = {name for name, _ in venues}
    undated = [(name, None) for name in map(_one_name, said) if name not in dated]
    rest, years = without_years(question)
    return rest, (*venues, *undated), years


def with_short_venues(question: str, own: frozenset[str]) -> str:
    """Return a question with venues that it spells out as they are known for short: PNAS for
    "Proceedings of the National Academy of Sciences". own: names of venues that notes have.
    """

    def short(run: re.Match[str]) -> str:
        initials = _initials(run[0])
        ending = (name for name in _short_names(own) if any(one.endswith(name) for one in initials))
        return next(ending, run[0])

    return _SPELT_OUT.sub(short, question)


@lru_cache(maxsize=8)
def _short_names(own: frozenset[str]) -> tuple[str, ...]:
    """Return the names that may be initials, the longest first."""
    names = own.union(VENUE_NAMES)
    short = (name for name in names if len(name) >= VENUE_INITIALS and name.isalpha())
    return tuple(sorted(filter(str.isupper, short), key=lambda name: (-len(name), name)))


def _initials(run: str) -> tuple[str, str]:
    """Return the initials of a run of words, of all and of the longer ones."""
    words = re.findall(r"[^\W\d_]+", run)
    longer = [word for word in words if word[0].isupper()]
    return _first_letters(words), _first_letters(longer)


def _first_letters(words: Iterable[str]) -> str:
    return "".join(word[0] for word in words).upper()


def venues_in(text: str, own: frozenset[str]) -> Venues:
    """Return the venues in what is known to name some; own: names of venues that notes have."""
    dated = venue_and_year(text)
    said = _every(own).findall(text)
    known = {name for name, _ in dated}
    undated = [(name, None) for name in dict.fromkeys(map(_one_name, said)) if name not in known]
    return (*dated, *undated)


@lru_cache(maxsize=8)
def _every(own: frozenset[str]) -> re.Pattern[str]:
    """Return a pattern for a name of a venue, of the known ones or of those of notes."""
    return re.compile(_one_of(own.union(VENUE_NAMES)))


@lru_cache(maxsize=8)
def _of_notes(own: frozenset[str]) -> tuple[re.Pattern[str], re.Pattern[str]] | None:
    """Return patterns for a run of names that only notes know where it says a place, and for one of
    them; None if they have none.
    """
    names = own.difference(VENUE_NAMES)
    if not names:
        return None
    one = _one_of(names)
    run = rf"{one}(?:\s*(?:[,/、或和]|\bor\b|\band\b)+\s*{one})*(?:\s+{SURE_YEAR}\b)?"
    placed = rf"(?:{_PLACED}){run}(?!\s+[A-Z])\s*[上里中]?的?|{run}(?={_PAPERS})"
    return re.compile(placed), re.compile(one)


def _one_of(names: Iterable[str]) -> str:
    return rf"(?<![\w-]){any_of(names)}(?![\w-])"


def _one_name(said: str) -> str:
    """Return a venue by the one name that it goes by, in capitals."""
    known = venue_and_year(f"{said} 2024")
    return known[0][0] if known else said.upper()
