"""One message, and what was said before -> the answer as it grows.

A command on the last answer is carried out. A question is made to stand alone, looked for where its
plan says, answered with quotes, and written by an LLM where there is one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from paperrag.answer.citing import Verify
from paperrag.answer.joining import joined_answers
from paperrag.answer.judging import Judge
from paperrag.answer.quotes import Quotes
from paperrag.config import Settings
from paperrag.conversation.acting import Acting
from paperrag.conversation.commands import read_command
from paperrag.conversation.history import Exchange
from paperrag.conversation.looking import Looking, Told
from paperrag.conversation.planning import Planner, limits_after
from paperrag.conversation.pointing import GENERIC_EN, content_words
from paperrag.conversation.rewriting import REWRITE_TIMEOUT_S, Rewriter
from paperrag.conversation.standalone import Standalone, standalone
from paperrag.question.record import Question
from paperrag.records import Answer
from paperrag.search.filtering import Filters
from paperrag.search.found import Found
from paperrag.search.retrieval import Retriever

if TYPE_CHECKING:
    from paperrag.llm.generator import Stop
    from paperrag.llm.writing import Writer

LOOKED_BACK = 3
"""Answers that a command may mean: the newest that has what it picks."""


class Answering(Struct, frozen=True):
    """What answers one message; `judge` says how far entries answer, `stop` ends what an LLM is
    asked.
    """

    settings: Settings
    retriever: Retriever
    verify: Verify
    writer: Writer | None = None
    stop: Stop | None = None
    judge: Judge | None = None

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
        read = self.retriever.read(message)
        alone = self._standalone(read, history)
        asked = read if alone.query == message else self.retriever.read(alone.query, read.language)
        rewritten = None if alone.question == message else alone.question
        after_refusal = bool(rewritten) and history[-1].answer.abstained
        limits = limits_after(alone, after_refusal, most, self.settings)
        planner = Planner(self.retriever, filters, limits, self.judge)
        answer, found = self._quoted(asked, alone, planner)
        for step in self._written(alone.question, asked, answer, found):
            yield replace(with_notice(step, alone.notice), question=message, standalone=rewritten)

    def _done(self, message: str, history: Sequence[Exchange]) -> Iterator[Answer] | None:
        """Return what a message asks to be done with the last answer, None for a question."""
        acting = Acting(self.retriever, self.verify, self.writer, self.stop)
        for end in range(len(history), max(len(history) - LOOKED_BACK, 0), -1):
            known = history if end == len(history) else history[:end]
            last = known[-1].answer
            command = read_command(message, len(last.citations), last.language)
            is_left = command is not None and command.act != "more"
            is_left = is_left and not any(one.answer.citations for one in history[end:])
            if command is None or not (known is history or command.picks or is_left):
                continue
            if (done := acting.act(command, known)) is not None:
                asked = known[-1].question
                return (replace(step, question=message, standalone=asked) for step in done)
        return None

    def _standalone(self, read: Question, history: Sequence[Exchange]) -> Standalone:
        rewriter = None
        if self.writer is not None:
            timeout_s = min(REWRITE_TIMEOUT_S, self.writer.timeout_s)
            rewriter = Rewriter(self.writer.generator, timeout_s, self.stop)
        return standalone(read, history, self.retriever.read, rewriter)

    def _quoted(self, asked: Question, alone: Standalone, planner: Planner) -> Told:
        """Return the answer in quotes, and what was found for it."""
        quotes = Quotes(self.retriever.encoder, self.verify, self.judge)
        looking = Looking(self.retriever, quotes)
        in_parts = None
        if asked.parts and alone.among is None:
            in_parts = self._in_parts(asked, alone, planner, looking)
        return in_parts or looking.answer(planner.plan(asked, alone))

    def _in_parts(
        self, asked: Question, alone: Standalone, planner: Planner, looking: Looking
    ) -> Told | None:
        """Return the answer to a question of several parts, and what was found for the first; the
        others are asked of what that cites first. None where the first has no answer.
        """
        head, *rest = asked.parts
        wants_list = any(part.question.want == "list" for part in asked.parts)
        if wants_list and not head.question.names:
            return None
        first, found = looking.answer(planner.plan(head.question, alone))
        if first.abstained:
            return None
        cited = tuple(citation.entry.id for citation in first.citations)
        plans = {part.said: planner.plan_part(part, cited) for part in rest}
        others = [replace(looking.answer(plan)[0], question=said) for said, plan in plans.items()]
        told = [one for one in others if not (one.abstained and _is_told(one.question, first))]
        return replace(joined_answers(first, told), question=asked.raw), found

    def _written(
        self, question: str, asked: Question, answer: Answer, found: Found
    ) -> Iterator[Answer]:
        """Return the steps of an LLM that writes the answer, the answer itself without one."""
        if self.writer is None:
            return iter([answer])
        encoder, is_list = self.retriever.encoder, asked.want == "list"
        from paperrag.llm.writing import Task, write_answer  # only where a model writes

        task = Task(question, answer, found, encoder, self.verify, is_list)
        steps = write_answer(task, self.writer, self.stop)
        if answer.abstained:
            return steps
        sources = replace(answer, text="", mode="llm", model=self.writer.generator.name)
        return chain([sources], steps)


def with_notice(answer: Answer, notice: str | None) -> Answer:
    """Return an answer with a notice before the one that it has."""
    if notice is None:
        return answer
    return replace(answer, notice=" ".join(filter(None, [notice, answer.notice])))


def _is_told(question: str, answer: Answer) -> bool:
    """Whether an answer says every word that says what a question is about."""
    words = [word for word in content_words(question) if word not in GENERIC_EN]
    return all(word in answer.text.lower() for word in words)
