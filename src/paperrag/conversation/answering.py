"""One message, and what was said before -> the answer as it grows.

A command on the last answer is carried out. A question is made to stand alone, looked for where it
points, answered with quotes, and written by an LLM where there is one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from paperrag.answer.about_work import answer_of_fields
from paperrag.answer.citing import Quoter, Verify
from paperrag.answer.comparing import answer_both
from paperrag.answer.confidence import best_of, confidence
from paperrag.answer.extractive import Limits, answer_question
from paperrag.answer.fitting import Wanted
from paperrag.answer.joining import joined_answers
from paperrag.config import Settings
from paperrag.conversation.acting import Acting
from paperrag.conversation.commands import read_command
from paperrag.conversation.history import Exchange
from paperrag.conversation.pointing import GENERIC_EN, content_words
from paperrag.conversation.standalone import REWRITE_TIMEOUT_S, Standalone, standalone
from paperrag.llm.generator import Stop
from paperrag.llm.writing import Task, Writer, write_answer
from paperrag.question.names import holds_name
from paperrag.question.parts import parts_of
from paperrag.question.read import Question
from paperrag.records import Answer
from paperrag.search.filtering import Filters
from paperrag.search.found import Found
from paperrag.search.retrieval import Retriever
from paperrag.text.language import detect_language

AMONG_SHARE = 0.75
"""Of `abstain_below`, for a question about entries that an answer cites: they cover its subject
already. By hand, over conversations of the tests.
"""

NEAREST_LOOKED_AT = 20
"""Entries whose works may be those that a question names."""

LOOKED_BACK = 3
"""Answers that a command may mean: the newest that has what it picks."""

WHOLE_SHARE = 0.33
"""Of the score of an entry of a named work, what its score for the question with the name counts.
By hand; `benchmarks/ablate.py --weight answering` measures it.
"""

SAYS_NOTHING = 0.05
"""Score below which no entry of a work is about what is asked of it; the whole question is answered
then, if the work is what it finds first. By hand, as the share.
"""


@dataclass(frozen=True, slots=True)
class Answering:
    """What answers one message; `stop` ends what an LLM is asked."""

    settings: Settings
    retriever: Retriever
    verify: Verify
    writer: Writer | None = None
    stop: Stop | None = None

    def steps(
        self,
        message: str,
        history: Sequence[Exchange],
        filters: Filters | None = None,
        most: int | None = None,
    ) -> Iterator[Answer]:
        """Yield the answer as it grows; the last one is whole. most: entries cited at most.

        Without an LLM the answer is whole at once; with one, what it will be written from comes
        first, without words.
        """
        if (done := self._done(message, history)) is not None:
            yield from done
            return
        alone = self._standalone(message, history)
        asked = self.retriever.read(alone.query, detect_language(message))
        rewritten = None if alone.question == message else alone.question
        after_refusal = bool(rewritten) and history[-1].answer.abstained
        limits = self._limits(alone.among is not None, after_refusal, most)
        answer, found = self._in_parts(alone, filters, limits) or self._quoted(
            asked, alone, filters, limits
        )
        for step in self._written(alone.question, asked, answer, found):
            yield replace(step, question=message, standalone=rewritten)

    def _done(self, message: str, history: Sequence[Exchange]) -> Iterator[Answer] | None:
        """Return what a message asks to be done with the last answer, None for a question."""
        acting = Acting(self.retriever, self.verify, self.writer, self.stop)
        for end in range(len(history), max(len(history) - LOOKED_BACK, 0), -1):
            known = history if end == len(history) else history[:end]
            command = read_command(message, len(known[-1].answer.citations))
            if command is None or (known is not history and not command.picks):
                continue
            if (done := acting.act(command, message, known)) is not None:
                asked = known[-1].question
                return (replace(step, question=message, standalone=asked) for step in done)
        return None

    def _standalone(self, question: str, history: Sequence[Exchange]) -> Standalone:
        if self.writer is None:
            return standalone(question, history)
        timeout_s = min(REWRITE_TIMEOUT_S, self.writer.timeout_s)
        return standalone(question, history, self.writer.generator, timeout_s, self.stop)

    def _in_parts(
        self, alone: Standalone, filters: Filters | None, limits: Limits
    ) -> tuple[Answer, Found] | None:
        """Return the answer to a question of several parts, and what was found for the first; the
        others are asked of what that cites first. None for a question of one part, or where its
        first has no answer.
        """
        parts = parts_of(alone.query)
        if len(parts) == 1 or alone.among is not None:
            return None
        language = detect_language(alone.query)
        head, *rest = (self.retriever.read(part, language) for part in parts)
        if head.want == "list" and not head.names:
            return None
        first, found = self._quoted(head, replace(alone, query=parts[0]), filters, limits)
        if first.abstained:
            return None
        near = tuple(citation.entry.id for citation in first.citations)
        others = [self._part(part, head, near, filters, limits) for part in rest]
        told = [one for one in others if not (one.abstained and _is_told(one.question, first))]
        return replace(joined_answers(first, told), question=alone.query), found

    def _part(
        self,
        part: Question,
        head: Question,
        near: tuple[str, ...],
        filters: Filters | None,
        limits: Limits,
    ) -> Answer:
        """Return the answer to another part of a question: of the thing that its head names, else
        of what that cites.
        """
        if head.names and not part.names:
            query = f"{head.names[0]}: {part.raw}"
            named = self.retriever.read(query, part.language)
            answer = self._quoted(named, Standalone(query, query, near=near), filters, limits)[0]
            return replace(answer, question=part.raw)
        places = self._nearest_first(Standalone(part.raw, part.raw, near=near), filters)
        return self._answered(part, places[: None if part.names else 1], limits, False)[0]

    def _quoted(
        self, asked: Question, alone: Standalone, filters: Filters | None, limits: Limits
    ) -> tuple[Answer, Found]:
        """Return the answer in quotes from the first place that has one, and what was found
        there.
        """
        if alone.among is not None:
            filters = replace(filters or Filters(), among=frozenset(alone.among))
            return self._answered(asked, [filters], limits, alone.is_pick)
        if told := self._both(asked, filters) or self._inside(asked, filters, limits):
            return told
        return self._answered(asked, self._nearest_first(alone, filters), limits, alone.is_pick)

    def _answered(
        self,
        asked: Question,
        places: Sequence[Filters | None],
        limits: Limits,
        is_pick: bool,
    ) -> tuple[Answer, Found]:
        """Return the answer from the first place that has one, and what was found there."""
        for place in places:
            found = self.retriever.find(asked, place)
            answer = answer_question(
                asked, found, self.retriever.encoder, self.verify, limits, is_pick
            )
            if not answer.abstained:
                break
        return answer, found

    def _both(self, asked: Question, filters: Filters | None) -> tuple[Answer, Found] | None:
        """Return the answer that tells of both things that a question compares, and what was found
        of them; None where it compares none, or the notes do not hold both.
        """
        sides = self.retriever.sides.of(asked.compared) if asked.compared else ()
        if not sides:
            return None
        entries, encoder = self.retriever.data.entries, self.retriever.encoder
        among = frozenset(entries.get(row).id for side in sides for row in side.rows)
        found = self.retriever.find(asked, replace(filters or Filters(), among=among))
        sureness = confidence(asked, found.scored, encoder, best_of(found))
        quoter = Quoter(asked.raw, encoder, asked.asked, Wanted("procedure"))  # needs room
        answer = answer_both(asked, sides, found, quoter, self.verify, sureness)
        return None if answer is None else (answer, found)

    def _inside(
        self, asked: Question, filters: Filters | None, limits: Limits
    ) -> tuple[Answer, Found] | None:
        """Return the answer of the one work that a question names, and what was found there; None
        where it names none, or where what is nearest of all says the name and is of another work.

        As sure as of what the work says without its name, or as of the whole question where that
        finds the same work first.
        """
        whole, encoder = self.retriever.find(asked, filters), self.retriever.encoder
        near = whole.scored.rows[:NEAREST_LOOKED_AT].tolist()
        named = self.retriever.named.inside(asked, near)
        if named is None or not len(whole):
            return None
        best, sureness = best_of(whole), 0.0
        is_first = whole.unit(whole.entry_row(0)) in named.units
        if is_first:
            sureness = confidence(asked, whole.scored, encoder, best)
        elif holds_name(best.words, named.name):
            return None
        if told := answer_of_fields(asked, named.units[0], whole, self.verify, sureness):
            return told, whole
        entries = self.retriever.data.entries
        among = frozenset(entries.get(row).id for row in named.units)
        found = self.retriever.find(named.question, replace(filters or Filters(), among=among))
        if len(found):
            inside = best_of(found)
            named = named.without_spelt_out(inside.words)
            sureness = max(sureness, confidence(named.question, found.scored, encoder, inside))
        limits = replace(limits, abstain_below=AMONG_SHARE * limits.abstain_below)
        if len(found) and found.scored.scores[0] >= SAYS_NOTHING:
            found = replace(found, scored=found.scored.joined(whole.scored, WHOLE_SHARE))
            asked = named.question
        elif is_first:
            found = whole
        else:
            return None
        answer = answer_question(asked, found, encoder, self.verify, limits, sureness=sureness)
        return None if answer.abstained else (answer, found)

    def _nearest_first(self, alone: Standalone, filters: Filters | None) -> list[Filters | None]:
        """Return where to look, one after the other until something answers: in the works that
        the entries it is near to belong to, then everywhere.
        """
        if not alone.near:
            return [filters]
        entries = self.retriever.data.entries
        rows = [row for entry_id in alone.near if (row := entries.row_of(entry_id)) is not None]
        works = (row if (work := entries.work_row(row)) is None else work for row in rows)
        among = frozenset(entries.get(row).id for row in works)
        return [replace(filters or Filters(), among=among), filters]

    def _limits(self, is_among: bool, after_refusal: bool, most: int | None) -> Limits:
        """Return when to abstain: sooner or later after an answer than on a first question."""
        low, weak = self.settings.abstain_below, self.settings.weak_below
        if is_among:
            low *= AMONG_SHARE
        elif after_refusal:
            low = max(low, weak)  # more words on what the notes did not cover are no more evidence
        return Limits(low, weak, most)

    def _written(
        self, question: str, asked: Question, answer: Answer, found: Found
    ) -> Iterator[Answer]:
        """Return the steps of an LLM that writes the answer, the answer itself without one."""
        if self.writer is None:
            return iter([answer])
        encoder, is_list = self.retriever.encoder, asked.want == "list"
        task = Task(question, answer, found, encoder, self.verify, is_list)
        steps = write_answer(task, self.writer, self.stop)
        if answer.abstained:
            return steps
        sources = replace(answer, text="", mode="llm", model=self.writer.generator.name)
        return chain([sources], steps)


def _is_told(question: str, answer: Answer) -> bool:
    """Whether an answer says every word that says what a question is about."""
    words = [word for word in content_words(question) if word not in GENERIC_EN]
    return all(word in answer.text.lower() for word in words)
