"""What is taken away from the page: an answer as Markdown that stands alone, its papers as BibTeX,
and why an entry was found.
"""

from __future__ import annotations

from paperrag.assistant import Assistant
from paperrag.library import Library
from paperrag.output.as_note import with_footnotes
from paperrag.page.render import line_range, shown_crumbs
from paperrag.page.strings import say
from paperrag.page.turns import Turn
from paperrag.papers.ids import cited_ids
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


def turn_bibtex(assistant: Assistant, answer: Answer) -> tuple[str, int]:
    """Return the papers that an answer cites as BibTeX, and how many there are. Raises
    PaperRagError.
    """
    entries = [citation.entry for citation in answer.citations]
    return Library(assistant.settings).export_cited(entries, cited_ids(answer.citations))


def why_found(assistant: Assistant, turn: Turn, entry: Entry, language: Language) -> str:
    """Return why an entry was found for a question, in words. Raises PaperRagError."""
    asked = turn.answer.standalone if turn.answer else None
    result = assistant.search(asked or turn.question, WHY_HITS, turn.scope.filters)
    hit = next((hit for hit in result.hits if hit.entry.id == entry.id), None)
    return _reasons(hit, language) if hit else say(language, "why_place")


def _reasons(hit: Hit, language: Language) -> str:
    reasons = hit.explanation
    parts = {name: _percent(getattr(reasons, name)) for name in ("dense", "late", "lexical")}
    words = ", ".join(reasons.matched_words)
    said = say(language, "why_found", rank=hit.rank, **parts)
    return f"{said} {say(language, 'why_words', words=words)}" if words else said


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
