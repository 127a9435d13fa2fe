"""Questions of the page -> steps that it shows: the turn, its evidence and what may be asked next,
as HTML in a dictionary. Conversations are kept while they are held.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Generator, Iterable, Iterator
from itertools import chain, islice, zip_longest
from threading import Lock
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from paperrag.errors import HistoryError, PaperRagError, QueryError
from paperrag.llm.generator import Stop
from paperrag.page.cards import evidence_html
from paperrag.page.conversations import Conversations
from paperrag.page.copies import turn_bibtex, turn_markdown, why_found
from paperrag.page.corpora import Corpora
from paperrag.page.feedback import Vote, save_vote
from paperrag.page.refusals import in_words
from paperrag.page.running import Running, Stopped
from paperrag.page.scoping import narrowed
from paperrag.page.strings import say
from paperrag.page.suggesting import (
    MOST_EXAMPLES,
    compared_names,
    example_names,
    follow_up_names,
)
from paperrag.page.transcript import (
    chips_html,
    turn_html,
    welcome_html,
)
from paperrag.page.turns import SearchScope, Turn, history
from paperrag.records import Answer, Language

FOLLOW_UPS = 4
REMEMBERED = 64
"""Conversations held in memory where none can be kept, so that they go on all the same."""

Step = dict[str, Any]
_One = TypeVar("_One")


class Asked(Struct, frozen=True):
    """A question as the page sends it. `run` names it while it is answered; `again`: it takes the
    place of the last turn.
    """

    question: str
    conversation: str
    run: str
    scope: SearchScope
    language: Language
    again: bool = False


class Chat:
    """Holds the conversations of the page; any thread may call."""

    def __init__(self, corpora: Corpora, kept: Conversations) -> None:
        self.corpora = corpora
        self.kept = kept
        self.unkept: OrderedDict[str, tuple[Turn, ...]] = OrderedDict()
        self.lock = Lock()
        self._running: dict[str, Running[tuple[Answer, float]]] = {}

    def ask(self, asked: Asked) -> Iterator[Step | None]:
        """Yield what to show as the answer grows, None where nothing came for a while."""
        before = self.turns(asked.conversation)[: -1 if asked.again else None]
        turn = Turn(asked.question.strip(), is_running=True, scope=asked.scope)
        place = _Place(self, asked.conversation, before)
        place.begin(replace(_ended(turn), is_stopped=True), asked.again)
        running = self._running[asked.run] = self._begun(asked, before)
        try:
            yield self._step(asked, turn, place)
            for step in _grown(turn, running, asked.language):
                if step is None:
                    yield None
                    continue
                if not step.is_running:
                    place.put(step)
                yield self._step(asked, step, place)
        finally:
            running.stop()
            del self._running[asked.run]

    def stop(self, run: str) -> None:
        """End a question that is being answered; an unknown one has ended already."""
        running = self._running.get(run)
        if running:
            running.stop()

    def shown(self, conversation: str, language: Language) -> Step | None:
        """Return a conversation as it is shown, None for an unknown one."""
        turns = self.turns(conversation)
        if not turns:
            return None
        pages = [turn_html(number, turn, language) for number, turn in enumerate(turns)]
        return {
            "id": conversation,
            "title": self._title(conversation, turns),
            "turns": pages,
            "evidence": self.evidence(conversation, len(turns) - 1, language),
            "followups": self._follow_ups(turns[-1], language),
            "scope": turns[-1].scope.parts,
        }

    def evidence(self, conversation: str, number: int, language: Language) -> str:
        """Return the cards of a turn, their quotes held against the files as they are now."""
        turns = self.turns(conversation)
        turn = turns[number] if 0 <= number < len(turns) else None
        if turn is None or turn.answer is None:
            return ""
        return self._evidence(number, turn, language)

    def vote(self, conversation: str, number: int, vote: str, language: Language) -> str:
        """Save a thumb, or take it back where it is pressed already; return the turn."""
        turns = self.turns(conversation)
        if number >= len(turns):
            return ""
        turn = turns[number]
        wanted = None if turn.vote == vote else vote
        if turn.answer is not None:
            kind: Vote | None = "good" if wanted == "good" else "bad" if wanted else None
            name = f"{conversation}/{number}"
            save_vote(self.corpora.settings.feedback, turn.answer, kind, name)
            turn = replace(turn, vote=wanted)
            _Place(self, conversation, turns[:number], number).put(turn)
        return turn_html(number, turn, language)

    def turns(self, conversation: str) -> tuple[Turn, ...]:
        """Return the turns of a conversation so far, () for an unknown one."""
        with self.lock:
            unkept = self.unkept.get(conversation)
        if unkept is not None:
            return unkept
        try:
            return self.kept.turns(conversation)
        except HistoryError:
            return ()

    def delete(self, conversation: str) -> None:
        """Forget a conversation. Raises HistoryError."""
        with self.lock:
            self.unkept.pop(conversation, None)
        self.kept.delete(conversation)

    def markdown(self, conversation: str) -> str:
        """Return a whole conversation as Markdown, "" for an unknown one."""
        turns = self.turns(conversation)
        if not turns:
            return ""
        title = self._title(conversation, turns)
        return f"# {title}\n\n" + "\n".join(turn_markdown(turn) for turn in turns)

    def bibtex(self, conversation: str, number: int, language: Language) -> str:
        """Return the papers that an answer cites. Raises QueryError if there are none."""
        answer = self._turn(conversation, number).answer
        text, count = turn_bibtex(self.corpora, answer) if answer else ("", 0)
        if not count:
            raise QueryError(say(language, "no_bibtex"))
        return text

    def why(self, conversation: str, number: int, entry_id: str, language: Language) -> str:
        """Return why an entry was found, in words."""
        entry = self.corpora.entry(entry_id)
        if entry is None:
            return say(language, "gone")
        return why_found(self.corpora, self._turn(conversation, number), entry, language)

    def welcome(self, language: Language) -> str:
        """Return what stands in place of a conversation."""
        try:
            every = [one.data() for one in self.corpora.all]
        except PaperRagError:
            return welcome_html((), language)
        examples = islice(_in_turn(map(example_names, every)), MOST_EXAMPLES)
        questions = [say(language, key, **names) for key, names in examples]
        return welcome_html(questions, language, not any(len(data.entries) for data in every))

    # --- pieces ---------------------------------------------------------------------------------

    def _turn(self, conversation: str, number: int) -> Turn:
        turns = self.turns(conversation)
        return turns[number] if number < len(turns) else Turn("")

    def _begun(self, asked: Asked, before: tuple[Turn, ...]) -> Running[tuple[Answer, float]]:
        """Return the answer to a question as it is read, which can be stopped from now on."""
        stop = Stop()

        def stream() -> Generator[tuple[Answer, float], None, None]:
            who, filters = narrowed(self.corpora, asked.scope)
            question = asked.question.strip()
            yield from who.ask_stream(question, filters, history=history(before), stop=stop)

        return Running(stream, stop.now)

    def _step(self, asked: Asked, turn: Turn, place: _Place) -> Step:
        language = asked.language
        return {
            "id": asked.conversation,
            "turn": place.number,
            "html": turn_html(place.number, turn, language),
            "evidence": self._evidence(place.number, turn, language),
            "followups": self._follow_ups(turn, language),
            "is_running": turn.is_running,
            "trouble": in_words(place.trouble, language) if place.trouble else "",
        }

    def _title(self, conversation: str, turns: tuple[Turn, ...]) -> str:
        try:
            return self.kept.title(conversation) or turns[0].question
        except HistoryError:
            return turns[0].question

    def _evidence(self, number: int, turn: Turn, language: Language) -> str:
        if turn.answer is not None:
            turn = replace(turn, answer=self._checked(turn.answer))
        return evidence_html(number, turn, self.corpora.settings.weak_below, language)

    def _checked(self, answer: Answer) -> Answer:
        """Return an answer whose quotes are held against the files as they are now."""
        sources = {one.entry.source for one in answer.citations}
        texts = {source: "\n".join(self.corpora.lines(source) or ()) for source in sources}
        citations = tuple(
            replace(one, quote_verified=one.quote_verified and one.quote in texts[one.entry.source])
            for one in answer.citations
        )
        return replace(answer, citations=citations)

    def _follow_ups(self, turn: Turn, language: Language) -> str:
        if turn.is_running or turn.answer is None:
            return ""
        pivot = _pivot(turn.answer)
        near = self.corpora.similar(pivot, 8 * FOLLOW_UPS) if pivot else ()
        names = follow_up_names(turn.answer, near, FOLLOW_UPS)
        asked = turn.answer.language
        questions = [say(asked, "ask_entry", name=name) for name in names]
        pair = compared_names(turn.answer)
        if pair:
            questions.insert(0, say(asked, "ask_compare", one=pair[0], other=pair[1]))
        others = [question for question in questions if question != turn.question]
        return chips_html(others[:FOLLOW_UPS], language)


class _Place:
    """Where a turn stands in its conversation; keeps it there, in memory if it must."""

    def __init__(
        self, chat: Chat, conversation: str, before: tuple[Turn, ...], number: int | None = None
    ) -> None:
        self._chat, self._conversation, self._before = chat, conversation, before
        self.number = len(before) if number is None else number
        self.trouble: HistoryError | None = None

    def begin(self, turn: Turn, again: bool) -> None:
        """Keep a new turn, in place of the last one if `again`."""
        if again:
            self.put(turn)
            return
        try:
            self.number = self._chat.kept.append(self._conversation, turn)
        except HistoryError as error:
            self._hold(turn, error)

    def put(self, turn: Turn) -> None:
        """Keep a turn in its place."""
        try:
            self._chat.kept.replace(self._conversation, self.number, turn)
        except HistoryError as error:
            self._hold(turn, error)

    def _hold(self, turn: Turn, error: HistoryError) -> None:
        self.trouble = error
        unkept = self._chat.unkept
        with self._chat.lock:
            unkept[self._conversation] = (*self._before, turn)
            unkept.move_to_end(self._conversation)
            while len(unkept) > REMEMBERED:
                unkept.popitem(last=False)


def _grown(
    turn: Turn, running: Running[tuple[Answer, float]], language: Language
) -> Iterator[Turn | None]:
    """Yield a turn as its answer grows, its last state not running, None at every beat."""
    try:
        for item in running.items():
            if item is None:
                yield None
                continue
            answer, took_ms = item[0]
            if _is_growing(answer) and not answer.citations and turn.answer:
                # what it is written from stays in sight
                answer = replace(answer, citations=turn.answer.citations)
            turn = replace(turn, answer=answer, took_ms=took_ms)
            if _is_growing(answer):
                yield turn
        yield _ended(turn)
    except Stopped:
        yield replace(_ended(turn), is_stopped=True)
    except PaperRagError as error:
        yield replace(_ended(turn), error=in_words(error, language))


def _ended(turn: Turn) -> Turn:
    return replace(turn, is_running=False)


def _is_growing(answer: Answer) -> bool:
    return answer.mode == "llm" and answer.usage is None


def _pivot(answer: Answer) -> str:
    """The entry whose neighbours are asked about next."""
    if answer.citations:
        return answer.citations[0].entry.id
    return answer.nearest[0].entry.id if answer.nearest else ""


def _in_turn(lists: Iterable[Iterable[_One]]) -> Iterator[_One]:
    """Yield the first of each list, then the second of each, …"""
    return (one for one in chain.from_iterable(zip_longest(*lists)) if one is not None)
