"""A command -> what it asks to be done with the last answer: on the entries cited there, without
looking for evidence anew. "More" looks on where the answer stopped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from paperrag.answer.citing import Quoter, Verify, cite
from paperrag.answer.strings import (
    DONE_HEAD,
    MORE_HEAD,
    NEEDS_MODEL,
    NO_MORE,
    TOLD_COMMAND,
)
from paperrag.answer.wording import list_line
from paperrag.conversation.commands import Command, language_of
from paperrag.conversation.history import Exchange
from paperrag.llm.generator import Stop
from paperrag.llm.writing import Task, Writer, write_answer
from paperrag.records import Answer, Citation, Hit, Language
from paperrag.search.filtering import Filters
from paperrag.search.found import Found
from paperrag.search.retrieval import Retriever

MORE_ENTRIES = 8
"""Entries that are shown at once when more are asked for."""


@dataclass(frozen=True, slots=True)
class Acting:
    """What carries out commands; `stop` ends what an LLM is asked."""

    retriever: Retriever
    verify: Verify
    writer: Writer | None = None
    stop: Stop | None = None

    def act(
        self, command: Command, message: str, history: Sequence[Exchange]
    ) -> Iterator[Answer] | None:
        """Return the answer to a command as it grows, None where it is better read as a question.

        history: oldest first; the last exchange cites something.
        """
        last = history[-1]
        if command.act == "explain" and self.writer is None:
            return None
        language = language_of(command, last.answer.language, message)
        found, hits = self._meant(command, history)
        encoder = self.retriever.encoder
        quoter = Quoter(last.question, encoder)
        cited = tuple(
            cite(number, hit, quoter, found.entries, self.verify)
            for number, hit in enumerate(hits, 1)
        )
        plain = _plain(command, last, cited, language, self.writer is not None)
        if self.writer is None or command.act in ("more", "sources", "list") or not cited:
            return iter([plain])
        asked = TOLD_COMMAND[language].format(question=last.question, command=message)
        return write_answer(Task(asked, plain, found, encoder, self.verify), self.writer, self.stop)

    def _meant(self, command: Command, history: Sequence[Exchange]) -> tuple[Found, list[Hit]]:
        """Return the entries that a command is about: further ones, or those it picks."""
        last = history[-1]
        question = self.retriever.read(last.question)
        if command.act == "more":
            found = self.retriever.find(question)
            return found, _further(found, history)
        ids = [
            citation.entry.id
            for citation in last.answer.citations
            if not command.picks or citation.n in command.picks
        ]
        found = self.retriever.find(question, Filters(among=frozenset(ids)))
        return found, found.hits_of(ids)


def _further(found: Found, history: Sequence[Exchange]) -> list[Hit]:
    """Return the next entries for the last question that no answer to it has cited."""
    question = history[-1].question
    seen = {
        citation.entry.id
        for one in history
        if one.question == question
        for citation in one.answer.citations
    }
    hits = found.hits(len(seen) + MORE_ENTRIES)
    return [hit for hit in hits if hit.entry.id not in seen][:MORE_ENTRIES]


def _plain(
    command: Command,
    last: Exchange,
    cited: Sequence[Citation],
    language: Language,
    has_model: bool,
) -> Answer:
    """Return what can be said without a model."""
    if command.act == "more":
        head = (MORE_HEAD if cited else NO_MORE)[language]
    else:
        head = DONE_HEAD[command.act][language] if command.act in DONE_HEAD else ""
    told = _source if command.act == "sources" else list_line
    lines = [head, *(f"- {told(citation)} [{citation.n}]" for citation in cited)]
    text = "\n".join(line for line in lines if line)
    needs_one = command.act == "rewrite" and not has_model
    notice = NEEDS_MODEL[language] if needs_one else None
    return replace(
        last.answer,
        language=language,
        mode="extractive",
        model=None,
        abstained=False,
        text=text,
        citations=tuple(cited),
        nearest=(),
        claims=(),
        report=None,
        usage=None,
        notice=notice,
        thought="",
    )


def _source(citation: Citation) -> str:
    """Return where an entry stands and what it links to."""
    entry = citation.entry
    title = citation.work or entry.title
    links = [link.url for link in citation.links]
    return " — ".join([title, *links, f"{entry.source}:{entry.line_start}"])
