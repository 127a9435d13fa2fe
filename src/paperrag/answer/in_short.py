"""A question that only names a paper -> what its note says in short: what the paper does, then what
the note says first under each heading, and second where there is room.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from paperrag.answer.called import NAME_CHARS, dated_name, place_in_paper
from paperrag.answer.citing import Citer
from paperrag.answer.quotes import Quotes
from paperrag.answer.quoting import Opening
from paperrag.answer.strings import ONE_HEAD
from paperrag.answer.weights import SURE
from paperrag.answer.wording import marked_quote, quoted_answer
from paperrag.encoders.contract import Encoder
from paperrag.notes.bylines import tells_origin
from paperrag.notes.entry_shapes import is_image_only
from paperrag.notes.naming import BARE_LETTERS
from paperrag.question.record import Question
from paperrag.records import Answer, Citation, Hit, Language, Span
from paperrag.search.found import Found
from paperrag.text.fields import labelled_fields
from paperrag.text.folding import fold, letters
from paperrag.text.markup import plain_text, shorten
from paperrag.text.readable import readable

MOST_LINES = 5
"""What is cited at most."""


def answer_in_short(question: Question, unit: int, found: Found, quotes: Quotes) -> Answer | None:
    """Return the answer from the note on the work that a row stands for; None if that says one
    thing only. It is sure: this is what the note says.

    found: among the entries of the work.
    """
    work = found.entries.get(unit).work
    quoter = _FirstSaid(question.raw, quotes.encoder, work.name if work else "")
    hits = _told_first(unit, found, quoter)
    if len(hits) < 2:
        return None
    citer = Citer(quoter, found.entries, quotes.verify)
    citations = tuple(citer.cite(n, hit, stands_for_work=n == 1) for n, hit in enumerate(hits, 1))
    name = shorten(dated_name(found.entries.get(unit)), NAME_CHARS)
    head = ONE_HEAD[question.language].format(title=name, section="")
    lines = _below_headings(citations, question.language)
    return quoted_answer(question, "\n".join([head, *lines]), citations, SURE)


def _below_headings(citations: Sequence[Citation], language: Language) -> Iterator[str]:
    """Yield a line for each citation; the first under a heading, but for what the paper does, has
    that before it.
    """
    above = ""
    for one in citations:
        place = place_in_paper(one.entry).rstrip(" :：")
        is_new = one.n > 1 and place not in ("", above)
        above = place
        yield (
            f"- {place}: {marked_quote(one, language)}"
            if is_new
            else f"- {marked_quote(one, language)}"
        )


class _FirstSaid(Opening):
    """Picks what an entry says first beside the name of its work, labels and fields."""

    def __init__(self, question: str, encoder: Encoder, name: str) -> None:
        super().__init__(question, encoder)
        self._name = letters(name)

    def says_more(self, hit: Hit) -> bool:
        """Whether an entry says more than that, and is no label of those below it."""
        names_group = bool(hit.entry.child_ids) and "\n" not in hit.entry.text.strip()
        return not names_group and bool(self._telling_spans(hit))

    def _spans(self, hit: Hit) -> list[Span]:
        return self._telling_spans(hit) or super()._spans(hit)

    def _telling_spans(self, hit: Hit) -> list[Span]:
        text, title = readable(hit.entry.text), letters(hit.entry.title)
        spans = super()._spans(hit)
        words = [plain_text(text[slice(*span)]) for span in spans]
        is_one = len(spans) == 1
        return [
            span
            for span, said in zip(spans, words, strict=True)
            if self._says_something(said) and (is_one or letters(said) != title)
        ]

    def _says_something(self, sentence: str) -> bool:
        words = letters(sentence).replace(self._name, "")
        is_data = labelled_fields(fold(sentence)) or tells_origin(sentence)
        return len(words) > BARE_LETTERS and not is_data


def _told_first(unit: int, found: Found, quoter: _FirstSaid) -> list[Hit]:
    """Return the entry that says what a work does, else its first, then those that say something
    first under each heading, as many as are told, in the order of the note.
    """
    telling = list(_telling(unit, found, quoter))
    if not telling:
        return []
    stated = set(found.entries.statement_rows(unit))
    lead = next((row for row in telling if row in stated), telling[0])
    below = defaultdict[str, list[int]](list)
    for row in telling:
        if row != lead:
            below[place_in_paper(found.entries.get(row))].append(row)
    in_turn = [row for turn in zip_longest(*below.values()) for row in turn if row is not None]
    position_of = found.position_of()
    rows = [lead, *sorted(in_turn[: MOST_LINES - 1])]
    return [found.hit(position_of[row], rank) for rank, row in enumerate(rows, 1)]


def _telling(unit: int, found: Found, quoter: _FirstSaid) -> Iterator[int]:
    """Yield the rows of a work that say something of it, in the order of the note."""
    entries, rows = found.entries, found.scored.rows.tolist()
    silent = entries.say_nothing(found.scored.rows).tolist()
    for row, at in sorted((row, at) for at, row in enumerate(rows)):
        if found.unit(row) != unit or silent[at] or is_image_only(entries.get(row)):
            continue
        hit = found.hit(at, 1)
        if quoter.tells(hit) and quoter.says_more(hit):
            yield row
