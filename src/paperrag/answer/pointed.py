"""A quote that points at references of its note -> these, where a paper or person is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from msgspec.structs import replace

from paperrag.answer.evidence import QuotedHit
from paperrag.answer.quoting import QUOTE_CHARS
from paperrag.index.lexical import tokenize
from paperrag.index.tables import EntryTable
from paperrag.notes.entry_shapes import is_reference
from paperrag.notes.references import REFERENCE, references_used
from paperrag.question.record import Question
from paperrag.records import Hit
from paperrag.text.language import sentence_spans
from paperrag.text.readable import readable


def with_references(
    told: Sequence[QuotedHit], question: Question, entries: EntryTable
) -> list[QuotedHit]:
    """Return what is quoted, and the references that its sentence nearest to the question points
    at, if that is for a paper or a person.
    """
    if question.asks_inside and question.wanted.answer_type != "person":
        return list(told)
    asked = set(tokenize(question.raw))
    pointed = {
        one.entry.id: (one, words)
        for hit, quote in told
        for one, words in _references(hit, quote, asked, entries)
    }
    return [*told, *pointed.values()]


def _references(hit: Hit, quote: str, asked: set[str], entries: EntryTable) -> Iterator[QuotedHit]:
    row, used = entries.row_of(hit.entry.id), set(_used(hit.entry.text, quote, asked))
    if not used or row is None or is_reference(hit.entry):
        return
    rows = np.array(entries.file_rows(row))
    for entry in map(entries.get, rows[entries.are_part(rows, "pointer")].tolist()):
        mark = REFERENCE.match(entry.text) if is_reference(entry) else None
        if mark and int(mark["number"]) in used:
            span = mark.end(), min(len(entry.text), mark.end() + QUOTE_CHARS)
            yield replace(hit, entry=entry, span=span, related=()), entry.text[slice(*span)]


def _used(text: str, quote: str, asked: set[str]) -> Iterator[int]:
    """The numbers at which the sentence of a quote points that shares most words with a question;
    they may stand right behind it.
    """
    start = max(0, text.find(quote))
    sentences = [(start + first, start + last) for first, last in sentence_spans(readable(quote))]
    shared = [len(asked.intersection(tokenize(text[slice(*span)]))) for span in sentences]
    first, last = sentences[shared.index(max(shared))]
    behind = "" if text[last : last + 1].isspace() else text[last:].partition(" ")[0]
    return (number for number, _ in references_used(text[first:last] + behind))
