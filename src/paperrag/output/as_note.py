"""An answer -> Markdown to keep: footnotes for numbers, and a note for a vault of wiki-links."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

from paperrag.output.addresses import absolute, vault_of
from paperrag.records import Answer, Citation
from paperrag.text.patterns import CITED_NUMBER, lazy_pattern

_CITE = lazy_pattern(CITED_NUMBER)
_NO_NAME = lazy_pattern(r'[\\/:*?"<>|#^\[\]\s]+')
_NAME_CHARS = 80


def with_footnotes(answer: Answer, named: Callable[[Citation], str]) -> str:
    """Return an answer's text with footnotes for numbers, below it what each is called and its
    quote.
    """
    known = {citation.n for citation in answer.citations}
    text = _CITE.sub(
        lambda match: f"[^{match[1]}]" if int(match[1]) in known else match[0], answer.text
    )
    notes = "\n".join(
        f"[^{one.n}]: {named(one)}\n\n    > {' '.join(one.quote.split())}\n"
        for one in answer.citations
    )
    return f"{text}\n\n{notes}".rstrip() + "\n"


def answer_note(answer: Answer, corpus: Path) -> str:
    """Return an answer as a note of an Obsidian vault: front matter, wiki-links to what it
    cites.
    """
    fields = {
        "question": answer.standalone or answer.question,
        "written-by": answer.model or "paperrag",
        "tags": ["paperrag"],
    }
    front = "".join(f"{name}: {json.dumps(v, ensure_ascii=False)}\n" for name, v in fields.items())
    body = with_footnotes(answer, lambda citation: _wiki_link(citation, corpus))
    return f"---\n{front}---\n\n{body}"


def note_name(answer: Answer) -> str:
    """Return a file name for a note that holds an answer, made of its question."""
    return f"{_NO_NAME.sub(' ', answer.question).strip(' .')[:_NAME_CHARS].strip()}.md"


def _wiki_link(citation: Citation, corpus: Path) -> str:
    entry = citation.entry
    path = absolute(corpus / entry.source)
    target = path.relative_to(vault_of(path, corpus)).as_posix().removesuffix(".md")
    words = re.sub(r"[\[\]|\s]+", " ", entry.title or entry.source).strip()
    heading = f"#{words}" if entry.role == "heading" else ""
    paper = f" ([paper](<{citation.links[0].url}>))" if citation.links else ""
    first, last = entry.line_start, entry.line_end
    lines = f"line {first}" if first == last else f"lines {first}–{last}"
    return f"[[{target}{heading}|{words}]]{paper}, {lines}"
