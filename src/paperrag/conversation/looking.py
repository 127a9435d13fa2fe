"""A plan of where to look -> the answer in quotes from the first place that has one, and what was
found there.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from paperrag.answer.about_work import answer_of_fields
from paperrag.answer.citing import Citer
from paperrag.answer.comparing import answer_both
from paperrag.answer.confidence import best_of, confidence
from paperrag.answer.extractive import answer_question
from paperrag.answer.in_short import answer_in_short
from paperrag.answer.inside import judged_inside
from paperrag.answer.judging import judged, judged_of_named
from paperrag.answer.of_each import answer_of_each
from paperrag.answer.quotes import Quotes
from paperrag.answer.quoting import Quoter
from paperrag.conversation.planning import (
    Among,
    InShort,
    Look,
    OfBoth,
    OfEach,
    OfFields,
    OfWork,
    Plan,
)
from paperrag.question.answer_type import Wanted
from paperrag.records import Answer
from paperrag.search.found import Found
from paperrag.search.retrieval import Retriever
from paperrag.search.weights import WHOLE_SHARE

Told = tuple[Answer, Found]


class Looking(Struct, frozen=True):
    """Looks where plans say, in one loaded index."""

    retriever: Retriever
    quotes: Quotes

    def answer(self, plan: Plan) -> Told:
        """Return the answer from the first place that has one, what the last says if none has."""
        for look in plan.first:
            told = self._told(look)
            if told is not None and not told[0].abstained:
                return told
        return self._among(plan.last)

    def _told(self, look: Look) -> Told | None:
        match look:
            case OfBoth():
                return self._of_both(look)
            case OfEach():
                return self._of_each(look)
            case OfFields():
                return self._of_fields(look)
            case InShort():
                return self._in_short(look)
            case OfWork():
                return self._of_work(look)
            case Among():
                return self._among(look)

    def _among(self, look: Among) -> Told:
        found, encoder = look.found, self.quotes.encoder
        if found is None:
            found = self.retriever.find(look.question, look.filters)
            found = judged(look.question, found, self.quotes.judge)
        sureness = look.sureness
        if sureness is None:
            sureness = confidence(look.question, found.scored, encoder, best_of(found))
        answer = answer_question(look.question, found, self.quotes, look.limits, sureness)
        return answer, found

    def _of_both(self, look: OfBoth) -> Told | None:
        asked, encoder = look.question, self.quotes.encoder
        found = self.retriever.find(asked, look.filters)
        sureness = confidence(asked, found.scored, encoder, best_of(found))
        quoter = Quoter(asked.raw, encoder, asked.asked, Wanted("procedure"))  # needs room
        citer = Citer(quoter, found.entries, self.quotes.verify)
        answer = answer_both(asked, look.sides, found, citer, sureness)
        return None if answer is None else (answer, found)

    def _of_each(self, look: OfEach) -> Told | None:
        found = self.retriever.find(look.question, look.filters)
        answer = answer_of_each(look.question, look.units, found, self.quotes)
        return None if answer is None else (answer, found)

    def _of_fields(self, look: OfFields) -> Told | None:
        answer = answer_of_fields(look.question, look.unit, look.whole, self.quotes.verify)
        return None if answer is None else (answer, look.whole)

    def _in_short(self, look: InShort) -> Told | None:
        found = self.retriever.find(look.question, look.filters)
        answer = answer_in_short(look.question, look.unit, found, self.quotes)
        return None if answer is None else (answer, found)

    def _of_work(self, look: OfWork) -> Told | None:
        """As sure as of what the work says without its name, or as of the whole question where that
        finds the same work first.
        """
        question = look.inside.question
        found = self.retriever.find(question, look.filters)
        if not len(found):
            return None
        scored = found.scored
        found = replace(found, scored=scored.joined(look.whole.scored, WHOLE_SHARE))
        found = judged_of_named(question, found, self.quotes.judge)
        if look.is_described and max(found.judged.values(), default=0.0) <= 0:
            return None
        if self.quotes.judge is not None and question.want == "list":
            found = judged_inside(question, found, self.quotes.judge)
        best = best_of(found, look.inside)
        asked = look.inside.without_spelt_out(best.words).question
        sureness = max(look.sureness, confidence(asked, scored, self.quotes.encoder, best))
        return answer_question(asked, found, self.quotes, look.limits, sureness), found
