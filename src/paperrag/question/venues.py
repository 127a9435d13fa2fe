"""A question -> the venues and years that it says, and what is left of it then.

Most names of venues mean nothing else. Nature, Science and Cell do, and notes have venues that no
list knows: such a name is a venue where the notes have it as one and the question says that
something appeared there. Rules of the two languages only.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

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
_LEAST_INITIALS = 3
_SPELT_OUT = lazy_pattern(r"\b[A-Z][a-z]+(?:\s+(?:[a-z&]{1,3}\s+){0,2}[A-Z][a-z]+){2,}")
"""Words with capitals, and short ones between them."""

_PAPERS = rf"\s*[上里中的]*\s*(?:\b{any_of('papers articles publications'.split())}\b|论文|文章)"


def without_venues(question: str, own: Collection[str]) -> tuple[str, Venues, tuple[int, ...]]:
    """Return a question without the venues and years in it, and these; own: names of venues that
    the notes have.
    """
    venues = list(venue_and_year(question))
    said = [match["name"] for match in _VENUE_WORDS.finditer(question)]
    question = _VENUE_WORDS.sub(" ", question)
    if others := frozenset(own).difference(VENUE_NAMES):
        placed, name = _of_notes(others)
        said += [one[0] for match in placed.finditer(question) for one in name.finditer(match[0])]
        question = placed.sub(" ", question)
    dated = {name for name, _ in venues}
    undated = [(name, None) for name in map(_one_name, said) if name not in dated]
    rest, years = without_years(question)
    return rest, (*venues, *undated), years


def with_short_venues(question: str, own: Collection[str]) -> str:
    """Return a question with venues that it spells out as they are known for short: PNAS for
    "Proceedings of the National Academy of Sciences". own: names of venues that notes have.
    """
    names = [name for name in {*VENUE_NAMES, *own} if _is_short(name)]

    def short(run: re.Match[str]) -> str:
        return next((name for name in names if _is_made_of(name, run[0])), run[0])

    return _SPELT_OUT.sub(short, question)


def _is_short(name: str) -> bool:
    return len(name) >= _LEAST_INITIALS and name.isalpha() and name.isupper()


def _is_made_of(name: str, run: str) -> bool:
    """Whether a run of words ends with the initials in a name, of all or of the longer words."""
    words = re.findall(r"[^\W\d_]+", run)
    longer = [word for word in words if word[0].isupper()]
    return any("".join(one[0] for one in own).upper().endswith(name) for own in (words, longer))


def venues_in(text: str, own: Collection[str]) -> Venues:
    """Return the venues in what is known to name some; own: names of venues that notes have."""
    dated = venue_and_year(text)
    names = any_of({*VENUE_NAMES, *own})
    said = re.findall(rf"(?<![\w-])(?:{names})(?![\w-])", text)
    known = {name for name, _ in dated}
    undated = [(name, None) for name in dict.fromkeys(map(_one_name, said)) if name not in known]
    return (*dated, *undated)


@lru_cache(maxsize=8)
def _of_notes(names: frozenset[str]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return patterns for a run of names where it says a place, and for one of them."""
    one = rf"(?<![\w-]){any_of(names)}(?![\w-])"
    run = rf"{one}(?:\s*(?:[,/、或和]|\bor\b|\band\b)+\s*{one})*(?:\s+{SURE_YEAR}\b)?"
    placed = rf"(?:{_PLACED}){run}(?!\s+[A-Z])\s*[上里中]?的?|{run}(?={_PAPERS})"
    return re.compile(placed), re.compile(one)


def _one_name(said: str) -> str:
    """Return a venue by the one name that it goes by, in capitals."""
    known = venue_and_year(f"{said} 2024")
    return known[0][0] if known else said.upper()
