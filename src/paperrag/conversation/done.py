"""What is cited for a command -> the answer that does what it asks without a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from paperrag.answer.called import dated_name, place_in_paper
from paperrag.answer.strings import (
    DONE_HEAD,
    IN_SHORT,
    MORE_HEAD,
    NEEDS_MODEL,
    NO_MORE,
)
from paperrag.answer.wording import list_line, marked_quote, table_row
from paperrag.conversation.commands import Act, Command
from paperrag.conversation.history import Exchange
from paperrag.records import Answer, Citation, Language


def done_plainly(
    command: Command, last: Exchange, cited: Sequence[Citation], has_model: bool
) -> Answer:
    """Return what can be said without a model."""
    language = command.language
    act: Act = "table" if command.is_table and not has_model else command.act
    heads = (MORE_HEAD if cited else NO_MORE) if act == "more" else DONE_HEAD.get(act)
    lines = [heads[language] if heads else "", *_LINES.get(act, _listed)(cited, language)]
    text = "\n".join(line for line in lines if line)
    needs_one = command.act in ("rewrite", "explain") and not has_model
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


def _listed(cited: Sequence[Citation], language: Language) -> list[str]:
    return [f"- {list_line(citation)} [{citation.n}]" for citation in cited]


def _sources(cited: Sequence[Citation], language: Language) -> list[str]:
    return [f"- {_source(citation)} [{citation.n}]" for citation in cited]


def _details(cited: Sequence[Citation], language: Language) -> list[str]:
    """Return the name of each work that is told of, and below it what its headings hold."""
    lines, named = list[str](), ""
    for citation in cited:
        name = citation.work or citation.entry.title
        lines += [f"{name}:"] if name != named else []
        named = name
        place = place_in_paper(citation.entry)
        lines.append(f"- {f'{place}: ' if place else ''}{marked_quote(citation, language)}")
    return lines


def _tabled(cited: Sequence[Citation], language: Language) -> list[str]:
    rows = [
        table_row(dated_name(citation.entry), marked_quote(citation, language))
        for citation in cited
    ]
    return [table_row("", IN_SHORT[language]), table_row("---", "---"), *rows]


_LINES: dict[Act, Callable[[Sequence[Citation], Language], list[str]]] = {
    "sources": _sources,
    "confirm": _sources,
    "detail": _details,
    "table": _tabled,
}
"""How what is cited is told, for acts that do not list it."""


def _source(citation: Citation) -> str:
    """Return where an entry stands and what it links to."""
    entry = citation.entry
    title = citation.work or entry.title
    links = [link.url for link in citation.links]
    return " — ".join([title, *links, f"{entry.source}:{entry.line_start}"])
