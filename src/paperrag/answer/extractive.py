"""What a question found -> an answer with citations, without an LLM.

Too little evidence abstains. A list question gets a line for every entry that belongs to it, a
single question the sentence that answers it. Frames are in the question's language, quotes
stand verbatim in their own, checked against the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from paperrag.answer.abstaining import abstained
from paperrag.answer.called import only_names
from paperrag.answer.citing import Citer
from paperrag.answer.correcting import as_corrected
from paperrag.answer.evidence import QuotedHit, with_evidence
from paperrag.answer.facets import by_year, having, of_extreme, select_works
from paperrag.answer.inside import only_answering
from paperrag.answer.limits import Limits
from paperrag.answer.near_list import may_belong, only_listed
from paperrag.answer.pointed import with_references
from paperrag.answer.quotes import Quotes
from paperrag.answer.quoting import Quoter
from paperrag.answer.selection import Selection, Sought, select_several
from paperrag.answer.single import select_single
from paperrag.answer.standing import best_of_rows, with_standing
from paperrag.answer.strings import DATED, HAVE_FIELD, WEAK
from paperrag.answer.weights import (
    LIST,
    TOPIC,
    WHOLE,
)
from paperrag.answer.wording import list_lines, quoted_answer, single_lines
from paperrag.question.conditions import BY
from paperrag.question.record import Question
from paperrag.records import Answer, Citation, Hit
from paperrag.search.found import Found

WHOLE_ENTRIES = 50
"""How many entries are shown at most where all of a section or a year was asked for."""


def answer_question(
    question: Question, found: Found, quotes: Quotes, limits: Limits, sureness: float
) -> Answer:
    """Return the extractive answer to a question from what it found.

    sureness: how sure it is that this covers the question.
    """
    quoter = quotes.quoter(question, found.scored.is_whole)
    selection = _selected(question, found, quoter)
    if not selection.positions or sureness < limits.least(question.scope):
        return abstained(question, found, sureness)
    answering = only_answering(selection, question, found)
    selection = of_extreme(question.scope.extreme, answering, found)
    years = by_year(found, selection) if question.scope.by_year else {}
    most = WHOLE_ENTRIES if found.scored.is_whole else None
    selection = selection.limited(limits.most or most)
    is_list = _answers_with_list(question, selection)
    told = enumerate(_told(question, found, selection, is_list, quoter), 1)
    citer = Citer(quoter, found.entries, quotes.verify)
    of_works = is_list and not selection.is_inside
    citations = tuple(citer.cite(n, hit, of_works, said) for n, (hit, said) in told)
    lines = (
        _told_as_list(question, found, selection, citations, years)
        if is_list
        else _told_as_one(question, citations)
    )
    if sureness < limits.weak_below:
        lines.append(WEAK[question.language])
    return quoted_answer(question, "\n".join(lines), citations, sureness)


def _told_as_list(
    question: Question,
    found: Found,
    selection: Selection,
    citations: Sequence[Citation],
    years: Mapping[int, int],
) -> list[str]:
    """Return the lines of a list, with the works that may belong to it, too, if it is whole. The
    one thing that a paper says is told as that.
    """
    is_part = selection.is_inside or bool(selection.left_out)
    perhaps = [] if is_part else may_belong(found, selection)
    listed = [] if is_part else only_listed(found)
    of_works = question.scope.is_of_works or not question.asks_inside
    asks_for_works = question.counts or of_works
    if len(citations) == 1 and not (asks_for_works or perhaps or listed):
        return _told_as_one(question, citations)
    lines = list_lines(
        citations, selection, question.language, years, perhaps, listed, question.asked
    )
    return [*lines, *_having(question, found)]


def _told_as_one(question: Question, citations: Sequence[Citation]) -> list[str]:
    """Return the lines of an answer with one thing."""
    lines = single_lines(citations, question.language, question.asked)
    return [*lines, *_when(question, citations[0])]


def _having(question: Question, found: Found) -> list[str]:
    """Return the lines that say how many works have the fields that are asked for."""
    said = []
    fields = dict.fromkeys(condition.field for condition in question.scope.fields)
    for field in (one for one in fields if one not in ("", BY)):
        has, count = having(field, found)
        said.append(HAVE_FIELD[question.language].format(having=has, count=count, field=field))
    return said


def _told(
    question: Question, found: Found, selection: Selection, is_list: bool, quoter: Quoter
) -> list[QuotedHit]:
    """Return the entries that are cited, and what is quoted of them where that is known."""
    hits = _hits(found, selection, is_list)
    if is_list:
        return with_evidence(hits, question.scope, found.entries)
    told = [as_corrected(hit, quoter.quote(hit), found) for hit in hits]
    return with_references(told, question, found.entries)


def _hits(found: Found, selection: Selection, is_list: bool) -> list[Hit]:
    """Return the entries that are cited for what was selected."""
    hits = [found.hit(position, rank) for rank, position in enumerate(selection.positions, 1)]
    if is_list:
        return hits if selection.is_inside else with_standing(hits, found)
    return (_telling(hits[0], found) if only_names(hits[0].entry) else []) or hits


def _when(question: Question, first: Citation) -> list[str]:
    """Return the line that says when and where a paper appeared, if that is asked and known."""
    venue = first.entry.venue if question.asks_date else None
    return [f"{DATED[question.language].format(venue=venue)} [{first.n}]"] if venue else []


def _answers_with_list(question: Question, selection: Selection) -> bool:
    is_topic_of_several = question.want == "topic" and len(selection.positions) > 1
    return question.want == "list" or is_topic_of_several


def _selected(question: Question, found: Found, quoter: Quoter) -> Selection:
    if found.scored.is_whole and not question.scope.section:
        return select_works(found)
    if not found.scored.is_whole and question.want == "one":
        return select_single(found, quoter)
    return select_several(found, _sought(question, found))


def _sought(question: Question, found: Found) -> Sought:
    """Return what of several entries is sought: all that is there, a list, or a topic."""
    if found.scored.is_whole:
        return Sought(WHOLE, question.names_works, takes_groups=False)
    is_topic = question.want == "topic"
    return Sought(
        TOPIC if is_topic else LIST,
        question.names_works,
        question.names,
        question.asks_inside and not question.scope.is_of_works,
        takes_groups=is_topic or not question.picks,
    )


def _telling(hit: Hit, found: Found) -> list[Hit]:
    """Return a hit that only names a paper with the best abstract of it, or the best remark below
    it instead, or nothing.
    """
    row_of = found.entries.row_of
    of_paper = {row_of(entry.id) for entry in hit.related if entry.kind != hit.entry.kind}
    if abstract := best_of_rows(of_paper, found):
        return [hit, abstract]
    row = row_of(hit.entry.id)
    below = [] if row is None else found.entries.with_all_below([row])
    remark = best_of_rows(set(below) - {row}, found)
    return [remark] if remark else []
