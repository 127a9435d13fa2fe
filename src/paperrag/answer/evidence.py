"""A work that is asked for by what notes say of it besides its content -> the line that says so."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from paperrag.answer.quoting import QUOTE_CHARS
from paperrag.index.tables import EntryTable
from paperrag.notes.remarks import fields_of_line
from paperrag.notes.tags import fits_tag
from paperrag.question.conditions import Condition, value_key
from paperrag.question.scope import Scope
from paperrag.records import Hit, Span
from paperrag.search.saying import says_names
from paperrag.text.dates import read_on
from paperrag.text.fields import tags_in
from paperrag.text.language import sentence_spans
from paperrag.text.links import find_links
from paperrag.text.progress import status_in, status_of_box

QuotedHit = tuple[Hit, str]
"""An entry, and what is quoted of it, "" where that is yet to be chosen."""


def with_evidence(hits: Sequence[Hit], scope: Scope, entries: EntryTable) -> list[QuotedHit]:
    """Return the hits of a list, each by the entry and the words of its work that say what the
    scope asks for, as they are where none says it by itself, or where papers on a subject are asked
    for by when and where they appeared: that stands beside their names.
    """
    is_told = scope.is_of_works and (scope.is_bare or not scope.is_only_dated)
    return [_said_by(hit, scope, entries) if is_told else (hit, "") for hit in hits]


def _said_by(hit: Hit, scope: Scope, entries: EntryTable) -> QuotedHit:
    row = entries.row_of(hit.entry.id)
    for at in [] if row is None else entries.unit_rows(row).tolist():
        entry = entries.get(at)
        if span := span_saying(entry.text, scope):
            return replace(hit, entry=entry, span=span), entry.text[slice(*span)]
    return hit, ""


def span_saying(text: str, scope: Scope) -> Span | None:
    """Return where a text says what a scope asks for: the sentence, or the line where no sentence
    does by itself; None where no line does.
    """
    start = 0
    for line in text.split("\n"):
        if says(line, scope):
            within = sentence_spans(line)
            first, last = next(
                (span for span in within if says(line[slice(*span)], scope)), (0, len(line))
            )
            return start + first, start + min(last, first + QUOTE_CHARS)
        start += len(line) + 1
    return None


def says(line: str, scope: Scope) -> bool:
    """Whether a line says what a scope asks for of works."""
    if any(str(year) in line for year in scope.years) and not read_on(line):
        return True
    if any(name in line.upper() for name, _ in scope.venues):
        return True
    if any(fits_tag(own, tag) for own in tags_in(line) for tag in scope.tags):
        return True
    if scope.status and (status_of_box(line) or status_in(line)) in scope.status:
        return True
    asked = [*scope.fields, *(Condition("tags", (value_key(tag),)) for tag in scope.tags)]
    asked += [Condition("code")] if scope.with_code else []
    if scope.with_code and any(link.site == "github" for link in find_links(line)):
        return True
    if any(says_names(line, 0, one) for one in scope.fields if not one.is_denied):
        return True
    told = fields_of_line(line) if asked else ()
    return bool(told) and any(one.fits(told) for one in asked)
