"""Results -> text for a terminal. What is piped is plain; `Style` adds what a terminal can show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from paperrag.answer.called import dated_name, kind_tag, label
from paperrag.answer.citing import quoted_words
from paperrag.answer.strings import (
    CONTRADICTED,
    LINKED_NOTE,
    NO_HITS,
    NOT_VERIFIED,
    RELATED_ABSTRACT,
    RELATED_NOTE,
    REPORT,
    SOURCES,
    THINKING,
    TWIN,
    UNDERSTOOD,
    VERIFIED,
)
from paperrag.notes.entry_shapes import links_of
from paperrag.output.screen import PLAIN, Style, end_of
from paperrag.records import Answer, Citation, Entry, Hit, Language, Link
from paperrag.search.found import SearchResult
from paperrag.text.markup import one_line, plain_text, shorten

if TYPE_CHECKING:
    from paperrag.proof.verifying import Verification

_SNIPPET_CHARS = 240

MARGIN = 8
"""Columns that are left free behind a line that grows: its head may have wide characters."""


def answer_text(answer: Answer, look: Style = PLAIN) -> str:
    """Return an answer with its sources below."""
    understood = (
        [UNDERSTOOD[answer.language].format(question=answer.standalone), ""]
        if answer.standalone
        else []
    )
    lines = [*understood, *([answer.notice, ""] if answer.notice else []), look.told(answer.text)]
    lines += ["", llm_line(answer)] if answer.report else []
    if answer.citations:
        lines += ["", SOURCES[answer.language]]
        lines += [
            line
            for citation in answer.citations
            for line in _citation_lines(citation, answer, look)
        ]
    return "\n".join(lines)


def llm_line(answer: Answer) -> str:
    """Return who wrote an answer, how much of it the notes support and what it cost; "" without an
    LLM.
    """
    if answer.report is None or answer.usage is None:
        return ""
    usage, report = answer.usage, answer.report
    words = REPORT[answer.language].format(supported=report.supported, claims=report.claims)
    about = "~" if usage.is_estimate else ""
    parts = [words, f"{about}{usage.tokens_in + usage.tokens_out} tokens"]
    if report.contradicted:
        parts.insert(1, CONTRADICTED[answer.language].format(count=report.contradicted))
    return f"{answer.model}: {' · '.join([*parts, f'{usage.total_ms / 1000:.1f} s'])}"


def growing_line(answer: Answer, columns: int) -> str:
    """Return one line for an answer that an LLM is writing: what it wrote or thought last."""
    head = f"{answer.model}: "
    if answer.thought and not answer.text:
        head += f"{THINKING[answer.language]} "
    return head + end_of(answer.text or answer.thought, columns - len(head) - MARGIN)


def verification_text(found: Verification) -> str:
    """Return what became of each citation and each cited sentence of a saved answer."""
    lines = [found.answer.question]
    for check in found.citations:
        place = f"{check.entry.source}:{check.entry.line_start}" if check.entry else "-"
        lines.append(
            f"[{check.n}] {check.status:8}  {place}  “{shorten(one_line(check.quote), 80)}”"
        )
    for claim in found.claims:
        numbers = "".join(f"[{n}]" for n in claim.citations)
        lines.append(
            f"{'supported  ' if claim.is_supported else 'UNSUPPORTED'}  {claim.support:.2f}  "
            f"{shorten(claim.text, 100)} {numbers}{f'  ({claim.why})' if claim.why else ''}"
        )
    supported = sum(claim.is_supported for claim in found.claims)
    kept = sum(check.status in ("verified", "moved") for check in found.citations)
    return "\n".join(
        [
            *lines,
            f"{kept} of {len(found.citations)} quotes stand in the notes; {supported} of {len(found.claims)} claims supported",
        ]
    )


def search_text(result: SearchResult, explain: bool, look: Style = PLAIN) -> str:
    """Return hits, best first, with their reasons if wanted."""
    if not result.hits:
        return NO_HITS[result.language]
    return "\n".join(
        line for hit in result.hits for line in _hit_lines(hit, explain, result.language, look)
    )


def best_of_works(hits: Sequence[Hit], most: int) -> tuple[Hit, ...]:
    """Return the best hit of each of the first works, ranked anew; a hit of no work is its own."""
    best: dict[str, Hit] = {}
    for hit in hits:
        best.setdefault(hit.entry.work.id if hit.entry.work else hit.entry.id, hit)
    kept = list(best.values())[:most]
    return tuple(replace(hit, rank=rank) for rank, hit in enumerate(kept, 1))


def works_text(result: SearchResult, look: Style = PLAIN) -> str:
    """Return a line for each work that was found: its name, when and where it appeared, what the
    note says that it does, and where the note is.
    """
    lines = [
        f"{hit.rank:>2}. {look.strong(dated_name(hit.entry))}{_does(hit.entry)}  ({_line(hit.entry, look)})"
        for hit in result.hits
    ]
    return "\n".join(lines) or NO_HITS[result.language]


def _line(entry: Entry, look: Style) -> str:
    return look.place(entry, f"{entry.source}:{entry.line_start}")


def _does(entry: Entry) -> str:
    """Return what a note says that its work does, else what the entry says beyond its name."""
    said = (entry.work.statement if entry.work else "") or _body(entry)
    return f" — {shorten(one_line(plain_text(said)), _SNIPPET_CHARS)}" if said else ""


def entry_text(entry: Entry, look: Style = PLAIN) -> str:
    """Return an entry whole: its place, its text as it stands in the note, and what is below it."""
    below = [f"    {child}" for child in entry.child_ids]
    return "\n".join(
        [_place(entry, look), "", entry.text, *(["", "below it:", *below] if below else [])]
    )


def _hit_lines(hit: Hit, explain: bool, language: Language, look: Style) -> Iterator[str]:
    entry = hit.entry
    yield f"{hit.rank:>2}. {look.strong(label(entry))}{kind_tag(entry, language)}  ({hit.score:.2f})"
    yield f"    {_place(entry, look)}"
    body = _body(entry)
    if body:
        yield f"    {shorten(body, _SNIPPET_CHARS)}"
    yield from _link_lines(links_of(entry))
    yield from _other_lines(hit, language)
    if explain:
        reasons = hit.explanation
        words = f"; words: {', '.join(reasons.common_words)}" if reasons.matched_words else ""
        yield (
            f"    dense {reasons.dense:.2f}, late {reasons.late:.2f} (of it from headings and "
            f"parents {reasons.structure:.2f}), "
            f"lexical {reasons.lexical:.2f}{words}"
        )


def _citation_lines(citation: Citation, answer: Answer, look: Style) -> Iterator[str]:
    """A quote that the answer tells whole is not printed again; its check stands by its place."""
    entry, language = citation.entry, answer.language
    check = (VERIFIED if citation.quote_verified else NOT_VERIFIED)[language]
    is_told = quoted_words(citation) in answer.text
    yield f"[{citation.n}] {look.strong(label(entry))}{kind_tag(entry, language)}"
    yield f"    {_place(entry, look)}{f' {check}' if is_told else ''}"
    if not is_told:
        yield f"    “{one_line(citation.quote)}” {check}"
    yield from _link_lines(citation.links)
    yield from _other_lines(citation, language)


def _other_lines(found: Hit | Citation, language: Language) -> Iterator[str]:
    for entry in found.twins:
        yield f"    {TWIN[language].format(place=f'{entry.source}:{entry.line_start}')}"
    for entry in found.related:
        of_paper = RELATED_ABSTRACT if entry.kind == "abstract" else RELATED_NOTE
        words = LINKED_NOTE if entry.kind == found.entry.kind else of_paper
        yield f"    {words[language].format(place=f'{entry.source}:{entry.line_start}')}"


def _link_lines(links: Sequence[Link]) -> Iterator[str]:
    yield from (f"    {link.url}" for link in links)


def _place(entry: Entry, look: Style) -> str:
    lines = (
        f"{entry.line_start}"
        if entry.line_start == entry.line_end
        else f"{entry.line_start}-{entry.line_end}"
    )
    place = look.place(entry, f"{entry.source}:{lines}")
    return f"{place}  {' › '.join(shorten(part, 60) for part in entry.breadcrumb)}"


def _body(entry: Entry) -> str:
    text = one_line(plain_text(entry.text))
    return (
        text.removeprefix(entry.title).lstrip(" :：,，.。-—")
        if text.startswith(entry.title) and label(entry).endswith(entry.title)
        else text
    )
