"""What is taken away from the page: an answer as Markdown that stands alone, its papers as BibTeX,
and why an entry was found.
"""

from __future__ import annotations

from collections.abc import Sequence

from paperrag.library import Library
from paperrag.output.as_note import with_footnotes
from paperrag.page.corpora import Corpora
from paperrag.page.render import line_range, shown_crumbs
from paperrag.page.scoping import narrowed
from paperrag.page.strings import say
from paperrag.page.turns import Turn
from paperrag.papers.ids import PaperId, cited_ids
from paperrag.records import Answer, Citation, Entry, Hit, Language
from paperrag.text.front import front_matter_end
from paperrag.text.markup import plain_text
from paperrag.text.patterns import lazy_pattern

WHY_HITS = 300
"""Hits that are looked through for the entry whose reasons are asked for."""

_ACTIVE = lazy_pattern(r"([\\\[\]])")


def turn_markdown(turn: Turn) -> str:
    """Return a question and its answer as Markdown: numbers are footnotes that name entry, place
    and paper and hold the quote.
    """
    if turn.answer is None:
        return f"**{turn.question}**\n"
    return f"**{turn.question}**\n\n{with_footnotes(turn.answer, _named)}"


def _named(citation: Citation) -> str:
    entry = citation.entry
    title = _ACTIVE.sub(r"\\\1", entry.title or entry.source)
    named = f"[{title}](<{citation.links[0].url}>)" if citation.links else title
    where = " › ".join(plain_text(part) for part in shown_crumbs(entry))
    return f"{named}, {where}, `{entry.source}:{line_range(entry)}`"


def entry_markdown(entry: Entry) -> str:
    """Return an entry as Markdown that stands alone: its title, paper, place and own words."""
    title = _ACTIVE.sub(r"\\\1", entry.title or entry.source)
    named = f"[{title}](<{entry.links[0].url}>)" if entry.links else title
    place = f"`{entry.source}:{line_range(entry)}`"
    where = ", ".join([*(plain_text(part) for part in shown_crumbs(entry)), place])
    own = entry.text[front_matter_end(entry.text) :].split("\n")
    quoted = "\n".join(f"> {line}".rstrip() for line in own if len(own) > 1 or line)
    return f"## {named}\n\n{where}\n\n{quoted}".rstrip() + "\n"


def turn_bibtex(corpora: Corpora, answer: Answer) -> tuple[str, int]:
    """Return the papers that an answer cites as BibTeX, and how many there are. Raises
    PaperRagError.
    """
    entries = [citation.entry for citation in answer.citations]
    return papers_bibtex(corpora, entries, cited_ids(answer.citations))


def papers_bibtex(
    corpora: Corpora, entries: Sequence[Entry], ids: Sequence[PaperId]
) -> tuple[str, int]:
    """Return the papers of some entries and ids as BibTeX, each collection's after one another,
    and how many there are. Raises PaperRagError.
    """
    found = []
    for one in corpora.all:
        own = [e for e in entries if corpora.find(e.id)[0] is one]
        if own:
            inside = list(map(one.naming.inside, own))
            found.append(Library(one.assistant.settings).export_cited(inside, ids))
    return "\n".join(text for text, count in found if count), sum(count for _, count in found)


def why_found(corpora: Corpora, turn: Turn, entry: Entry, language: Language) -> str:
    """Return why an entry was found for a question, in words. Raises PaperRagError."""
    asked = turn.answer.standalone if turn.answer else None
    who, filters = narrowed(corpora, turn.scope)
    result = who.search(asked or turn.question, WHY_HITS, filters)
    hit = next((hit for hit in result.hits if hit.entry.id == entry.id), None)
    return _reasons(hit, language) if hit else say(language, "why_place")


def _reasons(hit: Hit, language: Language) -> str:
    reasons = hit.explanation
    parts = {name: _percent(getattr(reasons, name)) for name in ("dense", "late", "lexical")}
    words = ", ".join(reasons.common_words)
    said = say(language, "why_found", rank=hit.rank, **parts)
    return f"{said} {say(language, 'why_words', words=words)}" if words else said


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
