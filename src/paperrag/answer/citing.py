"""A hit -> a citation: the words that are quoted, whether the file holds them, and its links."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from paperrag.answer.called import work_above
from paperrag.answer.quoting import QUOTE_CHARS, ROOMY_QUOTE_CHARS, Quoter, up_to
from paperrag.answer.weights import SHORT_STATEMENT
from paperrag.index.tables import EntryTable
from paperrag.notes.entry_shapes import links_of, links_of_work
from paperrag.records import Citation, Entry, Hit, Link
from paperrag.text.front import front_matter_end, without_brackets
from paperrag.text.markup import one_line, plain_text, without_bars
from paperrag.text.patterns import lazy_pattern
from paperrag.text.signs import with_signs

_FIELD_SIGN = lazy_pattern(r"::\s")

Verify = Callable[[Entry, str], bool]
"""Whether an entry's file holds a quote on the entry's lines today."""


class Citer(Struct, frozen=True):
    """Cites entries of one index: `quoter` picks the words, `verify` holds them against files."""

    quoter: Quoter
    entries: EntryTable
    verify: Verify

    def cite(
        self, number: int, hit: Hit, stands_for_work: bool = False, said: str = ""
    ) -> Citation:
        """Return a hit as citation [n], with the quote that is nearest to what the quoter was made
        for; what says what a work does is quoted as that where it stands for the work. said: what
        is quoted instead.
        """
        quote = said or (self._stated(hit) if stands_for_work else "") or self.quoter.quote(hit)
        return Citation(
            n=number,
            entry=hit.entry,
            quote=quote,
            quote_verified=self.verify(hit.entry, quote),
            links=paper_links(hit.entry, self.entries),
            score=hit.score,
            work=work_above(hit.entry),
            related=hit.related,
            twins=hit.twins,
        )

    def _stated(self, hit: Hit) -> str:
        """Return in what words an entry says what its work does, "" if it does not: a short
        statement up to the sentence that is nearest to the question.
        """
        text, statement = hit.entry.text, stated(hit.entry)
        if not 0 < len(statement) < SHORT_STATEMENT:
            return statement
        start, nearest = text.find(statement), self.quoter.quote(hit)
        end = text.find(nearest) + len(nearest)
        is_behind = start + len(statement) < end <= start + ROOMY_QUOTE_CHARS
        return text[start:end] if is_behind else statement


def stated(entry: Entry) -> str:
    """Return the sentence in which an entry says what its work does, "" if it does not."""
    statement = entry.work.statement if entry.work and entry.part == "statement" else ""
    return up_to(statement, QUOTE_CHARS) if statement in entry.text else ""


def quoted_words(citation: Citation) -> str:
    """Return a quote as it is read: in one line, without markup, bars, or the brackets around a
    list of front matter, with the signs of formulas; a field as "rating: 5" if it is all there is.
    """
    quote, text = without_bars(citation.quote), citation.entry.text
    if citation.quote in text[: front_matter_end(text)]:
        quote = without_brackets(quote)
    said = plain_text(quote) or plain_text(_FIELD_SIGN.sub(": ", quote))
    return with_signs(one_line(said))


def paper_links(entry: Entry, entries: EntryTable) -> tuple[Link, ...]:
    """Return the links of the paper that an entry is on, then its own without those of pictures,
    or those of the nearest entry above that has some.
    """
    of_work = links_of_work(entry)
    while (
        not (links := links_of(entry))
        and entry.parent_id
        and (row := entries.row_of(entry.parent_id)) is not None
    ):
        entry = entries.get(row)
    return tuple(dict.fromkeys((*of_work, *links)))
