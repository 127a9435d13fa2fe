"""The JSON shapes of what is found and answered, as types.

A field with a default is left out where it has nothing to say. Changing one is a change of the
contract: see `contract`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from paperrag.output.program_shapes import IndexShape
from paperrag.records import Kind, Language, Role, Usage


class LinkShape(msgspec.Struct, omit_defaults=True):
    """A link, with its arXiv id if it has one."""

    url: str
    arxiv_id: str | None = None


class WorkShape(msgspec.Struct, omit_defaults=True, kw_only=True):
    """The paper or method that an entry is about, and where notes name it."""

    id: str
    name: str
    year: int | None = None
    venue: str | None = None
    source: str
    line_start: int


class RelatedShape(msgspec.Struct):
    """An abstract of a note, a note on an abstract, or a twin in another file, in short."""

    entry_id: str
    kind: Kind
    title: str
    source: str
    line_start: int
    line_end: int


class ExplainShape(msgspec.Struct, omit_defaults=True):
    """Why an entry was found; empty where no reasons were asked for."""

    dense: float | None = None
    late: float | None = None
    lexical: float | None = None
    structure: float | None = None
    matched_words: list[str] | None = None


class FoundShape(msgspec.Struct, omit_defaults=True, kw_only=True):
    """An entry that was found or cited; lines count from 1, `source` is relative to the corpus."""

    entry_id: str
    kind: Kind
    title: str
    breadcrumb: list[str]
    source: str
    line_start: int
    line_end: int
    links: list[LinkShape]
    work: WorkShape | None = None
    related: list[RelatedShape] | None = None
    twins: list[RelatedShape] | None = None
    score: float


class HitShape(FoundShape):
    """An entry that was found, whole, and why."""

    rank: int
    text: str
    language: Language
    explain: ExplainShape


class SearchShape(msgspec.Struct):
    """`search --json`."""

    query: str
    language: Language
    took_ms: float
    index: IndexShape
    hits: list[HitShape]


class SimilarShape(msgspec.Struct):
    """The entries nearest to an entry; scores are cosines."""

    entry_id: str
    hits: list[HitShape]


class EntryShape(msgspec.Struct):
    """`get ID --json`: an entry whole, with its place in the note tree."""

    entry_id: str
    kind: Kind
    role: Role
    title: str
    breadcrumb: list[str]
    text: str
    source: str
    line_start: int
    line_end: int
    links: list[LinkShape]
    venue: str | None
    language: Language
    parent_id: str | None
    child_ids: list[str]


class NoteShape(msgspec.Struct):
    """`get FILE --json`: lines of a note as it is now."""

    source: str
    line_start: int
    line_end: int
    text: str


class CitationShape(FoundShape):
    """`[n]` of an answer: the entry, a verbatim quote, and whether the file still says it."""

    n: int
    quote: str
    quote_verified: bool


class ClaimShape(msgspec.Struct):
    """A sentence of an LLM's answer; `start` and `end` count characters of the answer."""

    text: str
    start: int
    end: int
    citations: list[int]
    support: float | None
    status: Literal["supported", "contradicted", "unsupported", "uncited"]
    why: str


class ProofShape(msgspec.Struct):
    """What proving an LLM's reply found."""

    claims: int
    supported: int
    unsupported: int
    uncited: int
    unknown_ids: int
    added_citations: int
    added_lines: int
    set_aside: int
    contradicted: int
    summary: str


class AskShape(msgspec.Struct):
    """`ask --json`."""

    question: str
    standalone_question: str | None
    language: Language
    mode: Literal["extractive", "llm"]
    model: str | None
    abstained: bool
    answer: str
    citations: list[CitationShape]
    claims: list[ClaimShape]
    report: ProofShape | None
    usage: Usage | None
    notice: str | None
    took_ms: float


class CitationCheckShape(msgspec.Struct):
    """What became of a citation of a saved answer, and where its quote stands now."""

    n: int
    status: Literal["verified", "moved", "changed", "gone"]
    quote: str
    entry_id: str | None
    source: str | None
    line_start: int | None
    line_end: int | None


class ClaimCheckShape(msgspec.Struct):
    """Whether the entries that a sentence cites say so today."""

    text: str
    citations: list[int]
    support: float
    supported: bool
    why: str


class VerifyShape(msgspec.Struct):
    """`verify --json`."""

    question: str
    holds: bool
    citations: list[CitationCheckShape]
    claims: list[ClaimCheckShape]
