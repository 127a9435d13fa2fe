"""What is quoted of a note -> what it says later, where it corrects that: 更正，应为 30 米.

A day before what is said tells what is later, in other notes on the same work too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from msgspec import Struct
from msgspec.structs import replace

from paperrag.answer.evidence import QuotedHit
from paperrag.answer.quoting import QUOTE_CHARS
from paperrag.answer.weights import CORRECTED_AMONG, DAY_CHARS, MOST_TIMES
from paperrag.index.lexical import tokenize
from paperrag.notes.naming import is_coined
from paperrag.proof.quantities import Quantity, quantities
from paperrag.records import Entry, Hit, Span
from paperrag.search.found import Found
from paperrag.text.closed import NEGATING_EN, NEGATING_ZH
from paperrag.text.dates import DATE, Date, date_of_file, dates_in
from paperrag.text.folding import fold
from paperrag.text.language import sentence_spans
from paperrag.text.patterns import any_of, lazy_pattern

_SIGNS = (
    lazy_pattern(any_of("更正 勘误 订正 看错 读错 记错 写错 抄错 算错 误读 误看 误记".split())),
    lazy_pattern(rf"(?i)\b{any_of('correction corrected erratum corrigendum'.split())}\b[^:\n]*:"),
    lazy_pattern(
        rf"(?i)\b{any_of('I that this it'.split())}\b[^.:\n]*\b{any_of('wrong misread'.split())}\b"
    ),
    lazy_pattern(r"(?i):\s*wrong\b"),
)
"""How somebody says that what was written before is not so, each a way of its own."""

_BETTER = (
    rf"(?:{any_of('更新 后来 修订 补记'.split())}"
    rf"|{any_of('update updated later edit revised'.split())}(?![a-z]))"
)
_UPDATE = lazy_pattern(
    rf"^[\W\d]*{_BETTER}(?P<marked>\s*[:：(（])?|(?P<aside>[(（\[]){_BETTER}", re.IGNORECASE
)
"""How somebody begins what they know better now: behind a day, before a mark, or in brackets."""

_DENIED = lazy_pattern(
    rf"(?i)(?<![a-z]){any_of([*NEGATING_EN, *NEGATING_ZH])}是?\s*(?P<figure>\d[\d.,]*)"
)
"""A figure that is denied: not 92, 不是 92."""


class _Earlier(Struct, frozen=True):
    """What is quoted, and where: the row of its entry, its end there, its day if one is said."""

    row: int
    end: int
    day: Date | None
    figures: Sequence[Quantity]
    words: set[str]
    quote: str


class _Line(Struct, frozen=True):
    """A line of the entry of a row, and the day that it, or what stands above, says."""

    row: int
    start: int
    text: str
    day: Date | None
    is_of_file: bool


def as_corrected(hit: Hit, quote: str, found: Found) -> QuotedHit:
    """Return a hit with its quote, or what corrects a figure of the quote later in its work."""
    figures, row = _figures(quote), found.entries.row_of(hit.entry.id)
    if not figures or row is None or corrects(quote):
        return hit, quote
    end = hit.entry.text.find(quote) + len(quote)
    day = next(
        (line.day for line in _lines(hit.entry, row, True) if line.start + len(line.text) >= end),
        None,
    )
    earlier = _Earlier(row, end, day, figures, _words(quote) - _coined(hit.entry), quote)
    best: tuple[Date, int, int] = (0, 0, 0), -1, -1
    corrected = hit, quote
    for line in _told_of_work(hit, row, found):
        span = _corrected_in(line, earlier) if _is_later(line, earlier) else None
        if span and (key := (line.day or (0, 0, 0), line.row, span[0])) > best:
            entry, best = found.entries.get(line.row), key
            corrected = replace(hit, entry=entry, span=span), entry.text[slice(*span)]
    return corrected


def corrects(text: str) -> bool:
    """Whether a text says that something written before is not so."""
    return any(sign.search(text) for sign in _SIGNS)


# --- where it is looked for -----------------------------------------------------------------------


def _told_of_work(hit: Hit, row: int, found: Found) -> Iterator[_Line]:
    """Yield the lines that are told of the work of a hit: in its note, in ranked entries of other
    notes on the same work, or that name it.
    """
    entries, unit, names = found.entries, found.unit(row), _coined(hit.entry)
    rows = entries.unit_rows(row).tolist()
    for at in rows:
        yield from _lines(entries.get(at), at, True)
    for at in found.scored.rows[:CORRECTED_AMONG].tolist():
        other = entries.get(at)
        is_same = found.unit(at) == unit or (names and names <= _coined(other))
        if at not in rows and other.source != hit.entry.source and is_same:
            yield from _lines(other, at, False)


def _coined(entry: Entry) -> set[str]:
    """The coined words, in small letters, in the name of an entry's work."""
    name = entry.work.name if entry.work else entry.title
    return {word.lower() for word in name.split() if is_coined(word.strip(":："))}


def _lines(entry: Entry, row: int, is_of_file: bool) -> Iterator[_Line]:
    heads = (*reversed(entry.breadcrumb), entry.work.name if entry.work else "")
    day = next(filter(None, map(_day_of, heads)), None)
    day = day or date_of_file(PurePosixPath(entry.source).name)
    start = 0
    for text in entry.text.split("\n"):
        day = _day_of(text) or day
        yield _Line(row, start, text, day, is_of_file)
        start += len(text) + 1


def _day_of(text: str) -> Date | None:
    """Return the day that a line begins with."""
    return next((day for day in dates_in(text[:DAY_CHARS]) if day[0]), None)


def _is_later(line: _Line, earlier: _Earlier) -> bool:
    """Whether a line was written after what is quoted: by their days, else by their places; in
    another note one that says that it corrects is taken to be.
    """
    if line.day and earlier.day and line.day != earlier.day:
        return line.day > earlier.day
    if not line.is_of_file:
        return corrects(line.text)
    return (line.row, line.start) >= (earlier.row, earlier.end)


# --- what corrects --------------------------------------------------------------------------------


def _corrected_in(line: _Line, earlier: _Earlier) -> Span | None:
    """Return where a line, from the sentence that says so on, says a figure of what is quoted
    anew.
    """
    told = _told_anew(line, earlier)
    if told is None:
        return None
    text = line.text[slice(*told)]
    shares_words = bool(earlier.words & _words(text))
    if not _is_of_same(earlier.figures, _figures(text), shares_words):
        return None
    return line.start + told[0], line.start + min(told[1], told[0] + QUOTE_CHARS)


def _told_anew(line: _Line, earlier: _Earlier) -> Span | None:
    spans = sentence_spans(line.text)
    if not spans:
        return None
    if _is_update(line.text) or _says_again(line, earlier):
        return spans[0][0], spans[-1][1]
    for start, end in spans:
        said = line.text[start:end]
        if corrects(said) or _denies(said, earlier.figures):
            return start, spans[-1][1]
    return None


def _is_update(line: str) -> bool:
    found = _UPDATE.search(DATE.sub(" ", line))
    return found is not None and bool(found["marked"] or found["aside"] or _day_of(line))


def _says_again(line: _Line, earlier: _Earlier) -> bool:
    """Whether a line says on another day, with all its words, what is quoted."""
    is_dated = line.day is not None and earlier.day is not None and line.day != earlier.day
    return is_dated and bool(earlier.words) and earlier.words <= _words(line.text)


def _denies(text: str, figures: Sequence[Quantity]) -> bool:
    """Whether a text says of one of some figures that it is not so."""
    denied = {one["figure"].rstrip(".,").replace(",", "") for one in _DENIED.finditer(text)}
    return not denied.isdisjoint(f"{one.raw:.15g}" for one in figures)


def _is_of_same(own: Sequence[Quantity], others: Sequence[Quantity], shares_words: bool) -> bool:
    """Whether a figure may stand in place of another: it has its unit, or is as bare and of what
    shares words, and has about its size.
    """
    return any(
        one.kind == other.kind
        and (shares_words or one.kind not in ("", "%"))
        and abs(one.value) <= MOST_TIMES * abs(other.value)
        and abs(other.value) <= MOST_TIMES * abs(one.value)
        for one in own
        for other in others
    )


def _figures(text: str) -> list[Quantity]:
    """The quantities of a text that are no dates."""
    return list(quantities(DATE.sub(" ", fold(text))))


def _words(text: str) -> set[str]:
    """The words of a text without figures and days."""
    return {word for word in tokenize(DATE.sub(" ", text)) if not any(map(str.isdigit, word))}
