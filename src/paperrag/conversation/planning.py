"""A question that stands alone -> the plan of where its answer is looked for.

Told from the question, the index and what is found nearest in all notes; nothing is answered here.
Among the entries that the question is about; else in what tells of both things that it compares;
else in the one work that it describes or names; else in the works that it is near to; else
everywhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TypeGuard

from msgspec import Struct
from msgspec.structs import replace

from paperrag.answer.confidence import best_of, confidence
from paperrag.answer.judging import Judge, judged, judged_of_named
from paperrag.answer.limits import Limits
from paperrag.config import Settings
from paperrag.conversation.standalone import Standalone
from paperrag.question.record import Question, QuestionPart
from paperrag.search.filtering import Filters
from paperrag.search.found import Found
from paperrag.search.named import Inside, SaidWork
from paperrag.search.retrieval import Retriever
from paperrag.search.sides import ComparedSide
from paperrag.search.weights import CERTAIN
from paperrag.text.names import holds_name

MOST_OF_EACH = 12
"""Works that a question is asked of one by one."""

NEAREST_LOOKED_AT = 20
"""Entries whose works may be those that a question names."""


class Among(Struct, frozen=True):
    """Look among the entries that filters let through, None for all.

    limits: when an answer counts. found, sureness: what they hold, and how sure that is, where it
    is known.
    """

    question: Question
    filters: Filters | None
    limits: Limits
    found: Found | None = None
    sureness: float | None = None


class OfBoth(Struct, frozen=True):
    """Look for both things that a question compares, in the entries of their sides."""

    question: Question
    filters: Filters
    sides: tuple[ComparedSide, ...]


class OfFields(Struct, frozen=True):
    """Look in the fields of the work that a row stands for; whole: what was found everywhere."""

    question: Question
    whole: Found
    unit: int


class InShort(Struct, frozen=True):
    """Say in short what the note on a work says, which a row stands for."""

    question: Question
    filters: Filters
    unit: int


class OfWork(Struct, frozen=True):
    """Look in the work that a question names or describes for what is asked of it; whole: what was
    found everywhere, by the whole question; sureness: of that, 0 where it is of another work.
    is_described: then it counts only if an entry answers what is asked behind the description.
    """

    inside: Inside
    filters: Filters
    limits: Limits
    whole: Found
    sureness: float
    is_described: bool = False


class OfEach(Struct, frozen=True):
    """Ask each of some works, given by the rows that stand for them."""

    question: Question
    filters: Filters
    units: tuple[int, ...]


Look = Among | OfEach | OfBoth | OfFields | InShort | OfWork


class Plan(Struct, frozen=True):
    """Where to look, one after the other until something answers; what the last says stands, even
    if it is a refusal.
    """

    first: tuple[Look, ...]
    last: Among


def limits_after(
    alone: Standalone, after_refusal: bool, most: int | None, settings: Settings
) -> Limits:
    """Return when to abstain: sooner or later after an answer than on a first question."""
    limits = Limits(settings.abstain_below, settings.weak_below, most)
    if alone.among is not None:
        return limits.of_known()
    return limits.after_refusal() if after_refusal else limits


class Planner(Struct, frozen=True):
    """Makes plans in one loaded index, within filters and limits."""

    retriever: Retriever
    filters: Filters | None
    limits: Limits
    judge: Judge | None = None

    def plan(self, question: Question, alone: Standalone) -> Plan:
        """Return where the answer to a question is looked for."""
        each = self._of_each(question, alone.among or alone.near) if alone.of_each else ()
        if alone.among is not None:
            among = self._only(alone.among)
            return Plan(each, Among(replace(question, picks=alone.is_pick), among, self.limits))
        near: tuple[Look, ...] = (*each, *self._near(question, alone.near))
        if question.compared:
            return Plan((*self._both(question), *near), self._everywhere(question))
        return self._by_what_is_nearest(question, near)

    def _by_what_is_nearest(self, question: Question, near: tuple[Look, ...]) -> Plan:
        """Return the looks at the works that a question names or describes, as what is nearest in
        all notes tells; near: those at works that it is asked of if it names none.
        """
        whole = judged(question, self.retriever.find(question, self.filters), self.judge)
        said = self.retriever.named.said(question, whole.scored.rows[:NEAREST_LOOKED_AT].tolist())
        in_named = tuple(self._in_named(question, whole, said))
        own = next((one.inside for one in in_named if self._is_of_file(one)), None)
        in_described = tuple(self._in_described(question, whole, own))
        sureness = next((one.sureness for one in in_named if isinstance(one, Among)), None)
        only = self.retriever.named.only_asked_for(question, said)
        if len(whole) and whole.unit(whole.entry_row(0)) in only:
            sureness = CERTAIN
        in_short = self._in_short(question, only)
        last = replace(self._everywhere(question), found=whole, sureness=sureness)
        if own and sureness is None:
            last = Among(question, self._rows(self.retriever.named.saying(own)), self.limits)
        fields = () if in_named else tuple(self._fields_of_nearest(question, whole))
        return Plan((*in_short, *in_described, *in_named, *near, *fields), last)

    def plan_part(self, part: QuestionPart, cited: tuple[str, ...]) -> Plan:
        """Return where another part of a question is looked for: what its head names is asked of,
        else the works that the answer to the head cites, and elsewhere if the part says a name.
        """
        asked = part.question
        if part.is_of_head:
            return self.plan(asked, Standalone(asked.raw, asked.raw, near=cited))
        near = self._near(asked, cited)
        return Plan(near, self._everywhere(asked)) if asked.names else Plan((), *near)

    def _everywhere(self, question: Question) -> Among:
        return Among(question, self.filters, self.limits)

    def _only(self, ids: Collection[str]) -> Filters:
        return replace(self.filters or Filters(), among=frozenset(ids))

    def _rows(self, rows: Collection[int]) -> Filters:
        entries = self.retriever.data.entries
        return self._only([entries.get(row).id for row in rows])

    def _near(self, question: Question, ids: Collection[str]) -> tuple[Among, ...]:
        """Return the look at the works that some entries belong to, () without entries."""
        entries = self.retriever.data.entries
        works = entries.units[entries.rows_of(ids)].tolist()
        return (Among(question, self._rows(works), self.limits),) if ids else ()

    def _of_each(self, question: Question, ids: Collection[str]) -> tuple[OfEach, ...]:
        """Return the look at each of the works that some entries belong to, () unless there are
        several with files of their own, and a judge.
        """
        entries = self.retriever.data.entries
        units = tuple(dict.fromkeys(entries.units[entries.rows_of(ids)].tolist()))
        are_files = bool(entries.is_of_file[list(units)].all())
        if self.judge is None or question.want == "topic" or len(units) < 2 or not are_files:
            return ()
        return (OfEach(question, self._rows(units), units[:MOST_OF_EACH]),)

    def _both(self, question: Question) -> tuple[OfBoth, ...]:
        """Return the look at both things that a question compares, () if the notes lack one."""
        sides = self.retriever.sides.of(question.compared) if question.compared else ()
        rows = [row for side in sides for row in side.rows]
        return (OfBoth(question, self._rows(rows), sides),) if sides else ()

    def _in_described(
        self, question: Question, whole: Found, named: Inside | None
    ) -> Iterator[OfWork]:
        """Yield the look at the nearest work, if the question describes it and there is a judge;
        that judges what is asked of it instead of the whole question. None where another work
        with a file is named, and this does not say the name.
        """
        if self.judge is None or not len(whole):
            return
        unit = whole.unit(whole.entry_row(0))
        inside = self.retriever.descriptions.inside(question, unit)
        if inside is None or (named and not self.retriever.named.is_said_in(unit, named)):
            return
        best = best_of(replace(whole, judged={}))
        sureness = confidence(question, whole.scored, self.retriever.encoder, best)
        rows = self._rows(inside.units)
        yield OfWork(inside, rows, self.limits, whole, sureness, is_described=True)

    def _in_short(self, question: Question, only: tuple[int, ...]) -> tuple[InShort, ...]:
        """Return the look at the note on the only work that is asked for, () unless that is one
        with a file of its own, or where papers on it are to be listed.
        """
        is_note = len(only) == 1 and self.retriever.data.entries.is_of_file[only[0]]
        lists_works = question.want == "list" and question.names_works
        is_told = is_note and not lists_works
        return (InShort(question, self._rows(only), only[0]),) if is_told else ()

    def _in_named(self, question: Question, whole: Found, said: SaidWork | None) -> Iterator[Look]:
        """Yield the looks at the one work that a question names: none where it names none, or where
        what is nearest of all says the name and is of another work than a file called so.
        """
        named = self.retriever.named.inside(question, said)
        if named is None or not len(whole):
            return
        if named.is_own:
            whole = judged_of_named(question, whole, self.judge)
        best, sureness = best_of(whole, named), 0.0
        is_first = whole.unit(whole.entry_row(0)) in named.units
        if is_first:
            sureness = confidence(question, whole.scored, self.retriever.encoder, best)
        elif not self._is_file(named) and holds_name(best.words, named.name):
            return
        limits = self._limits_in(named)
        yield OfFields(question, whole, named.units[0])
        yield OfWork(named, self._rows(named.units), limits, whole, sureness)
        if is_first:
            yield Among(question, self.filters, limits, found=whole, sureness=sureness)

    def _fields_of_nearest(self, question: Question, whole: Found) -> Iterator[OfFields]:
        """Yield the look at the fields of the nearest work, if its file is about one and surely
        enough the paper that a question calls so: "the paper on glaciers".
        """
        if not len(whole) or not question.asks_of_paper:
            return
        unit = whole.unit(whole.entry_row(0))
        sureness = confidence(question, whole.scored, self.retriever.encoder, best_of(whole))
        is_of_file = self.retriever.data.entries.is_of_file[unit]
        if is_of_file and sureness >= self.limits.abstain_below:
            yield OfFields(question, whole, unit)

    def _is_of_file(self, look: Look) -> TypeGuard[OfWork]:
        return isinstance(look, OfWork) and self._is_file(look.inside)

    def _is_file(self, named: Inside) -> bool:
        """Whether a name is that of a file about one work, of which one thing is asked."""
        is_of_file = self.retriever.data.entries.is_of_file
        is_of_one = named.is_own and named.question.want != "list"
        return is_of_one and bool(is_of_file[list(named.units)].all())

    def _limits_in(self, named: Inside) -> Limits:
        """Return when to abstain in a work that a question names: sooner answered, unless it is
        judged on whether it answers.
        """
        if self.judge is not None and named.is_own:
            return self.limits
        return self.limits.of_known()
