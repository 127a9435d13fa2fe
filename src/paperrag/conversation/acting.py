"""A command -> what it asks to be done with the last answer: on the entries cited there, or on the
works that these belong to. "More" looks on where the answer stopped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from paperrag.answer.citing import Citer, Verify
from paperrag.answer.comparing import answer_both
from paperrag.answer.quoting import Quoter
from paperrag.conversation.commands import Command
from paperrag.conversation.done import done_plainly
from paperrag.conversation.history import Exchange
from paperrag.question.record import Question
from paperrag.records import Answer, Hit
from paperrag.search.filtering import Filters
from paperrag.search.found import Found
from paperrag.search.retrieval import Retriever
from paperrag.search.sides import ComparedSide

if TYPE_CHECKING:
    from paperrag.llm.generator import Stop
    from paperrag.llm.writing import Writer

MORE_ENTRIES, MOST_DETAILS = 8, 6
"""Entries that are shown at once when more are asked for, and when more of some is."""

LOOKED_AT = 4 * MORE_ENTRIES
"""Entries beyond those cited among which further ones are looked for."""

_TELLS_NOTHING = ("label", "pointer")
_COMPARING = ("compare", "table")
_WITHOUT_MODEL = ("more", "sources", "list", "detail")


class Acting(Struct, frozen=True):
    """What carries out commands; `stop` ends what an LLM is asked."""

    retriever: Retriever
    verify: Verify
    writer: Writer | None = None
    stop: Stop | None = None

    def act(self, command: Command, history: Sequence[Exchange]) -> Iterator[Answer] | None:
        """Return the answer to a command as it grows, None where it is better read as a question.

        history: oldest first; the last exchange cites something.
        """
        last = history[-1]
        if self._is_better_asked(command, last):
            return None
        question = self.retriever.read(last.question, command.language)
        if (both := self._both(question, command, last)) is not None:
            return iter([both])
        found, hits = self._meant(question, command, history)
        encoder = self.retriever.encoder
        citer = Citer(Quoter(last.question, encoder), found.entries, self.verify)
        of_works = command.act == "more"
        cited = tuple(citer.cite(number, hit, of_works) for number, hit in enumerate(hits, 1))
        plain = done_plainly(command, last, cited, self.writer is not None)
        if self.writer is None or command.act in _WITHOUT_MODEL or not cited:
            return iter([plain])
        from paperrag.llm.prompts import told_command  # only where a model writes
        from paperrag.llm.writing import Task, write_answer

        asked = told_command(last.question, last.answer.text, command.said, command.language)
        return write_answer(Task(asked, plain, found, encoder, self.verify), self.writer, self.stop)

    def _meant(
        self, question: Question, command: Command, history: Sequence[Exchange]
    ) -> tuple[Found, list[Hit]]:
        """Return the entries that a command is about: further ones, or those it picks."""
        if command.act == "more":
            found = self.retriever.find(question)
            return found, _further(found, history)
        ids = _picked(command, history[-1])
        if command.act == "detail":
            found = self.retriever.find(question, self._works_of(ids))
            return found, _in_detail(found)
        found = self.retriever.find(question, Filters(among=frozenset(ids)))
        return found, found.hits_of(ids)

    def _is_better_asked(self, command: Command, last: Exchange) -> bool:
        """Whether what is meant is one work: its note may say why, and there is nothing to compare
        it with.
        """
        asks_why = command.act == "explain" and self.writer is None
        compares_picked = command.act in _COMPARING and bool(command.picks)
        return (asks_why or compares_picked) and self._is_of_one(command, last)

    def _is_of_one(self, command: Command, last: Exchange) -> bool:
        return len(self._units(_picked(command, last))) == 1

    def _units(self, ids: Sequence[str]) -> list[int]:
        """Return the rows that stand for the works that entries belong to, each once."""
        entries = self.retriever.data.entries
        return list(dict.fromkeys(entries.units[entries.rows_of(ids)].tolist()))

    def _works_of(self, ids: Sequence[str]) -> Filters:
        """Return what lets through the works that entries belong to."""
        entries = self.retriever.data.entries
        return Filters(among=frozenset(entries.get(unit).id for unit in self._units(ids)))

    def _both(self, question: Question, command: Command, last: Exchange) -> Answer | None:
        """Return two picked papers side by side, where that is asked and no LLM does it; None for
        others or for more.
        """
        if command.act not in _COMPARING or self.writer is not None:
            return None
        entries, ids = self.retriever.data.entries, _picked(command, last)
        units = self._units(ids)
        if len(units) != 2 or not entries.is_of_file[units].all():
            return None
        works = [(unit, entries.get(unit).work) for unit in units]
        sides = [
            ComparedSide(work.name, tuple(entries.unit_rows(unit).tolist()), is_work=True)
            for unit, work in works
            if work is not None
        ]
        found = self.retriever.find(question, self._works_of(ids))
        citer = Citer(Quoter(last.question, self.retriever.encoder), found.entries, self.verify)
        sides = [ComparedSide("", ()), *sides]
        is_table, sureness = command.act == "table", last.answer.confidence
        return answer_both(question, sides, found, citer, sureness, is_table)


def _picked(command: Command, last: Exchange) -> list[str]:
    """Return the ids of the cited entries that a command means."""
    picks = command.picks
    return [one.entry.id for one in last.answer.citations if not picks or one.n in picks]


def _in_detail(found: Found) -> list[Hit]:
    """Return the best entry under each heading of the works that were looked at, in the order of
    the notes; where all stand under one, the best of them. Of a bullet, which says all in one
    entry, that.
    """
    rows, entries = found.scored.rows, found.entries
    names_file = entries.are_part(rows, "work") & entries.is_of_file[rows]
    silent = names_file | entries.say_nothing(rows)
    telling = [
        at
        for at, row in enumerate(rows.tolist())
        if not silent[at] and not entries.is_abstract(row)
    ]
    best: dict[object, int] = {}
    for at in telling:
        best.setdefault(entries.section(found.entry_row(at)), at)
    chosen = list(best.values()) if len(best) > 1 else telling
    kept = sorted(chosen[:MOST_DETAILS], key=found.entry_row)
    return [found.hit(at, rank) for rank, at in enumerate(kept, 1)]


def _further(found: Found, history: Sequence[Exchange]) -> list[Hit]:
    """Return the next entries for the last question that no answer to it has cited; where papers
    are listed, of the next papers, and where each has a file, by what says what it does.
    """
    question = history[-1].question
    cited = [
        c.entry.id for one in history if one.question == question for c in one.answer.citations
    ]
    seen = set(found.entries.rows_of(cited))
    if found.works is None or not found.works.are_files(found.entries):
        return _next_entries(found, seen)
    told = {found.unit(row) for row in seen}
    position_of = found.position_of()
    further = [
        row
        for unit, row in zip(found.works.units.tolist(), found.works.rows.tolist(), strict=True)
        if unit not in told and row in position_of
    ]
    stated = (
        next((one for one in found.entries.statement_rows(row) if one in position_of), row)
        for row in further[:MORE_ENTRIES]
    )
    return [found.hit(position_of[row], rank) for rank, row in enumerate(stated, 1)]


def _next_entries(found: Found, seen: set[int]) -> list[Hit]:
    """Return the next entries that tell something, of works that were not told where works are
    listed; of the same ones where there are no others.
    """
    told = {found.unit(row) for row in seen} if found.works is not None else set[int]()
    row_of = found.entries.row_of
    rows = [
        (hit, row)
        for hit in found.hits(len(seen) + LOOKED_AT)
        if (row := row_of(hit.entry.id)) is not None
    ]
    new = [
        (hit, row) for hit, row in rows if row not in seen and hit.entry.part not in _TELLS_NOTHING
    ]
    others = [hit for hit, row in new if found.unit(row) not in told]
    return (others or [hit for hit, _ in new])[:MORE_ENTRIES]
