"""A command -> what it asks to be done with the last answer: on the entries cited there, without
looking for evidence anew. "More" looks on where the answer stopped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

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
from paperrag.conversation.standalone import Exchange
from paperrag.llm.generator import Stop
from paperrag.llm.writing import Writer, write_answer
from paperrag.records import Answer, Citation, Hit, Language
from paperrag.search.filtering import Filters
from paperrag.search.found import Found
from paperrag.search.retrieval import Retriever

MORE_ENTRIES = 8
"""Entries that are shown at once when more are asked for."""


def act(
    command: Command,
    message: str,
    history: Sequence[Exchange],
    retriever: Retriever,
    verify: Verify,
    writer: Writer | None,
    stop: Stop | None,
) -> Iterator[Answer] | None:
    """Return the answer to a command as it grows, None where it is better read as a question.

    history: oldest first; the last exchange cites something.
    """
    last = history[-1]
    if command.act == "explain" and writer is None:
        return None
    language = language_of(command, last.answer.language, message)
    wanted = [
        citation
        for citation in last.answer.citations
        if not command.picks or citation.n in command.picks
    ]
    if command.act == "more":
        found = retriever.find(retriever.read(last.question))
        hits = _further(found, history)
    else:
        among = Filters(among=frozenset(citation.entry.id for citation in wanted))
        found = retriever.find(retriever.read(last.question), among)
        hits = _cited(found, wanted)
    quoter = Quoter(last.question, retriever.encoder)
    cited = tuple(
        cite(number, hit, quoter, found.entries, verify) for number, hit in enumerate(hits, 1)
    )
    plain = _plain(command, last, cited, language, writer is not None)
    if writer is None or command.act in ("more", "sources", "list") or not cited:
        return iter([plain])
    asked = TOLD_COMMAND[language].format(question=last.question, command=message)
    return write_answer(asked, plain, found, retriever.encoder, verify, writer, False, stop)


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


def _cited(found: Found, wanted: Sequence[Citation]) -> list[Hit]:
    """Return the entries of citations as hits, in their order; those that are gone are left out."""
    place_of = {row: place for place, row in enumerate(found.scored.rows.tolist())}
    rows = [found.entries.row_of(citation.entry.id) for citation in wanted]
    places = [place_of[row] for row in rows if row is not None and row in place_of]
    return [found.hit(place, rank) for rank, place in enumerate(places, 1)]


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
