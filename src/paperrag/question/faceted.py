"""A question and the facet by which it asks for papers -> where it says to look: the slot of the
facet, read by short rules and what the notes say.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence

from msgspec.structs import replace

from paperrag.question.conditions import BY, Condition, value_key
from paperrag.question.facets import AskedFacet, Facet
from paperrag.question.scope import Extreme, Scope, only_asks
from paperrag.question.venues import venues_in
from paperrag.question.vocabulary import Vocabulary
from paperrag.question.years import bounded_years, only_says_years, years_said
from paperrag.records import Status
from paperrag.text.closed import PERSONS_EN, PERSONS_ZH
from paperrag.text.dates import period_in
from paperrag.text.names import proper_names
from paperrag.text.patterns import any_of, lazy_pattern
from paperrag.text.progress import figures_in

_READER = lazy_pattern(rf"\b{any_of(PERSONS_EN)}\b|{any_of(PERSONS_ZH)}", re.IGNORECASE)
_BRACKETS = lazy_pattern(r"[()（）]")
_AROUND_NAME = " \t\"'“”‘’「」《》#＃:：,，.。、?？"
_STATUS_OF: Mapping[Facet, Status] = {"read": "read", "reading": "reading", "unread": "unread"}


def faceted(question: str, asked: AskedFacet, by_rules: Scope, notes: Vocabulary) -> Scope | None:
    """Return where a question says to look that asks by a facet, None if what the facet is to say
    cannot be read. by_rules: what rules read in the question.
    """
    reads = _READS.get(asked.facets[0])
    told = reads(question, asked, notes) if reads else None
    if told is None:
        return None
    return _joined(told, by_rules, _subject(question, asked, by_rules))


def _subject(question: str, asked: AskedFacet, by_rules: Scope) -> str:
    """Return what the works are to be on besides: all that rules leave of the question where they
    read the same facet and the network tells a subject, or what is left says a name; "" for
    nothing.
    """
    told = " ".join(question[start:end] for start, end in asked.contents)
    told = "" if only_asks(told) else told
    if not by_rules.asks_by(asked.facets[0]):
        return told
    return by_rules.rest if told or proper_names(by_rules.rest) else ""


def _joined(told: Scope, beside: Scope, subject: str) -> Scope:
    """Return what a facet tells with what rules find beside it in the question, about a subject."""
    fields = {one.field for one in told.fields}
    others = (one for one in beside.fields if one.field not in fields and not one.is_loose)
    return replace(
        told,
        rest=subject or beside.rest,
        is_bare=not subject,
        venues=told.venues or beside.venues,
        years=max(beside.years, told.years, key=len),  # a rule may have read how they are bounded
        tags=told.tags or beside.tags,
        status=told.status or beside.status,
        with_code=told.with_code or beside.with_code,
        by_year=beside.by_year,
        awarded=beside.awarded,
        excluded=beside.excluded,
        fields=(*told.fields, *others),
    )


def _said(question: str, asked: AskedFacet) -> str:
    """Return the words of the question that say what the facet is to say."""
    return " ".join(question[start:end] for start, end in asked.values)


def _venue(question: str, asked: AskedFacet, notes: Vocabulary) -> Scope | None:
    said = _said(question, asked)
    if not said:
        return None
    if not (venues := venues_in(said, notes.venues()) or venues_in(question, notes.venues())):
        return _lacking(asked, [said.strip(_AROUND_NAME)], notes)
    return Scope("", venues=venues, is_denied=asked.is_denied)


def _year(question: str, asked: AskedFacet, notes: Vocabulary) -> Scope | None:
    words = _said(question, asked)
    said = years_said(words) or years_said(question)
    years = bounded_years(said, "exact" if only_says_years(words) else asked.bound)
    return Scope("", years=years, is_denied=asked.is_denied) if years else None


def _read_on(question: str, asked: AskedFacet, notes: Vocabulary) -> Scope | None:
    period = period_in(_said(question, asked)) or period_in(question)
    if period is None:
        return None
    return Scope("", fields=(Condition("read", period=period, is_denied=asked.is_denied),))


def _rating(question: str, asked: AskedFacet, notes: Vocabulary) -> Scope | None:
    given = notes.fields().ratings
    if not given:
        return None
    said = figures_in(_said(question, asked)) or figures_in(question)
    if asked.contents and not said:
        extreme: Extreme = "worst" if asked.bound == "worst" else "best"
        return Scope("", fields=(Condition("rating"),), extreme=extreme)
    least, most = _bounds(said, asked.bound, given)
    return Scope("", fields=(Condition("rating", (), least, most, is_denied=asked.is_denied),))


def _bounds(said: Sequence[float], bound: str, given: Sequence[float]) -> tuple[float, float]:
    """Return the least and the most that ratings may be; without a figure the highest or lowest
    that was given is meant.
    """
    if not said:
        end = min(given) if bound == "worst" else max(given)
        return end, end
    least, most = min(said), max(said)
    if bound in ("above", "below"):
        is_above = bound == "above"
        edge = math.nextafter(most if is_above else least, math.inf if is_above else -math.inf)
        return (edge, math.inf) if is_above else (-math.inf, edge)
    return (
        -math.inf if bound in ("most", "worst") else least,
        math.inf if bound == "least" else most,
    )


def _status(question: str, asked: AskedFacet, notes: Vocabulary) -> Scope | None:
    """What was read is mostly not marked: "which papers on caches have I read?" asks for caches."""
    status = tuple(_STATUS_OF[facet] for facet in asked.facets)
    is_of_all = status == ("read",) and (asked.contents or not notes.marks_reading("read"))
    return None if is_of_all else Scope("", status=status)


def _rerun(question: str, asked: AskedFacet, notes: Vocabulary) -> Scope | None:
    """What papers try themselves is content: of a subject, readers say that they ran it."""
    if asked.contents and not _READER.search(question):
        return None
    return Scope("", fields=(Condition("rerun", is_denied=asked.is_denied),))


def _code(question: str, asked: AskedFacet, notes: Vocabulary) -> Scope | None:
    if asked.is_denied:
        return Scope("", fields=(Condition("code", is_denied=True),))
    return Scope("", with_code=True)


def _recommended(question: str, asked: AskedFacet, notes: Vocabulary) -> Scope | None:
    return _named("recommended", question, asked, notes)


def _by(question: str, asked: AskedFacet, notes: Vocabulary) -> Scope | None:
    return _named(BY, question, asked, notes)


def _named(field: str, question: str, asked: AskedFacet, notes: Vocabulary) -> Scope | None:
    """Return works of which a field says a name, or what stands in brackets beside it."""
    words = notes.fields()
    said = [words.name_at(question, span) for span in asked.values]
    names = [name.strip(_AROUND_NAME) for one in said for name in _BRACKETS.split(one)]
    names = [own for name in names if name for own in _own_names(name, field, notes)]
    others = [other for name in names for other in notes.also_called(name) if words.names(other)]
    keys = tuple(dict.fromkeys(value_key(name) for name in [*names, *others]))
    if not keys:
        return None
    if not notes.names(Condition(field, keys)):
        return _lacking(asked, names, notes)
    return Scope("", fields=(Condition(field, keys, is_denied=asked.is_denied),))


def _own_names(said: str, field: str, notes: Vocabulary) -> list[str]:
    """Return what is said as a name, or the names in it that a field says where none says it whole:
    Okafor of "my adviser Okafor".
    """
    own = proper_names(f"of {said}")
    told = [one for one in (said, *own) if notes.names(Condition(field, (value_key(one),)))]
    return [said] if said in told else told or [said]


def _tag(question: str, asked: AskedFacet, notes: Vocabulary) -> Scope | None:
    said = [question[start:end].strip(_AROUND_NAME) for start, end in asked.values]
    names = tuple(filter(notes.has_tag, said))
    if not names:
        return _lacking(asked, said, notes)
    return Scope("", tags=names, is_denied=asked.is_denied)


def _lacking(asked: AskedFacet, names: Sequence[str], notes: Vocabulary) -> Scope | None:
    """Return that no note says the names that are asked for; None if they stand in some, where they
    may mean something else, or others are asked for.
    """
    is_said = any(map(notes.holds, names))
    return (
        Scope("", lacking=", ".join(names)) if names and not (is_said or asked.is_denied) else None
    )


_Reads = Callable[[str, AskedFacet, Vocabulary], Scope | None]
_READS: Mapping[Facet, _Reads] = {
    "by": _by,
    "code": _code,
    "rating": _rating,
    "read": _status,
    "read_on": _read_on,
    "reading": _status,
    "recommended": _recommended,
    "rerun": _rerun,
    "tag": _tag,
    "unread": _status,
    "venue": _venue,
    "year": _year,
}
