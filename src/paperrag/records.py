"""The words of the program as frozen records: Link, Entry, Chunk, Hit, Citation, Answer.

Records hold data and know nothing of files, encoders or screens. Positions are counted in
characters from 0 and lines from 1; ranges of lines include both ends.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from msgspec import Struct, field

Kind = Literal["note", "abstract"]
"""Evidence level of an entry: written by the reader, or fetched from the paper."""

Language = Literal["zh", "en"]

Role = Literal["document", "heading", "item", "row", "prose"]
"""What an entry is in its file: the preamble, a heading with its prose, a list item, a table's
head or row, a paragraph.
"""

Part = Literal["work", "remark", "label", "statement", "pointer", "field"]
"""What an entry is to the work that it belongs to: it names it, says something of it (or of none),
names a group, says what the work does, only mentions another work, or holds data.
"""

Status = Literal["unread", "reading", "read", ""]
"""How far the reader is with a paper, "" where the notes do not say."""

Progress = Callable[[str, int, int], None]
"""Called with (what is being done, done, total) during long work; what it raises ends the work,
what was saved stays.
"""

Span = tuple[int, int]
"""Where something stands in a text: its first character and the one behind its last."""

FieldPairs = tuple[tuple[str, str], ...]
"""Fields as names and values, in the order of the note."""

Site = Literal["arxiv", "openreview", "acl", "doi", "github", "web"]


class Link(Struct, frozen=True):
    """A link of an entry; `identifier` is the paper's or repository's id at `site`, if it has
    one.
    """

    url: str
    site: Site = "web"
    identifier: str | None = None

    @property
    def arxiv_id(self) -> str | None:
        """The arXiv id without its version, such as "2407.08454" or "cs/0701001"."""
        return self.identifier if self.site == "arxiv" else None


class Work(Struct, frozen=True):
    """The paper, method or survey that entries are about; `name` is how the note calls it.

    `id` is that of the entry that names it, or the file's where the file is about one work.
    `statement` is the verbatim sentence in which the note says what it does, "" if it says none.
    Year, venue, authors and status are the work's own, never those of a paper that it mentions.
    `fields` is what short data in the note says of it, by the names that the note has for it, in
    lower case; "rating" and "read" stand there however they were told.
    """

    id: str
    name: str
    source: str
    line_start: int
    aliases: tuple[str, ...] = ()
    year: int | None = None
    venue: str | None = None
    links: tuple[Link, ...] = ()
    tags: tuple[str, ...] = ()
    statement: str = ""
    authors: tuple[str, ...] = ()
    status: Status = ""
    fields: FieldPairs = ()


class Entry(Struct, frozen=True):
    """One item of the note tree, exactly as it stands in its file.

    `text` is the verbatim lines `line_start`..`line_end` joined by newlines. `breadcrumb` holds
    the folders, headings and parent items above, outermost first, without the entry itself.
    `fields` is data that stands in the text, `key:: value` or front matter, in order; `tags` are
    without their sign. `work` is what it is about, None where it belongs to no work; `part` is
    what it is to it.
    """

    id: str
    source: str
    kind: Kind
    role: Role
    title: str
    breadcrumb: tuple[str, ...]
    text: str
    line_start: int
    line_end: int
    parent_id: str | None
    child_ids: tuple[str, ...]
    links: tuple[Link, ...]
    venue: str | None
    language: Language
    tags: tuple[str, ...] = ()
    fields: FieldPairs = ()
    part: Part = "remark"
    work: Work | None = None


class NotePaper(Struct, frozen=True):
    """What the front matter of a file says of the paper that the file is on; all of its entries
    belong to it.

    Empty where the file does not say. `fields` holds every field, names in lower case, in order;
    a list gives a pair for each of its members.
    """

    title: str = ""
    authors: tuple[str, ...] = ()
    year: int | None = None
    venue: str | None = None
    doi: str = ""
    url: str = ""
    citekey: str = ""
    tags: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    fields: FieldPairs = ()


class Chunk(Struct, frozen=True):
    """A piece of an entry that is embedded: `entry.text[start:end] == text`.

    `front` is the breadcrumb, `body` the text without markup, both folded.
    """

    id: str
    entry_id: str
    start: int
    end: int
    text: str
    front: str
    body: str

    @property
    def embedded_text(self) -> str:
        """What the encoder reads: the breadcrumb, then the text."""
        return f"{self.front}\n{self.body}" if self.front else self.body


class Trouble(Struct, frozen=True):
    """Something about a file that the reader of the report should know. `fatal`: nothing was
    read.
    """

    source: str
    message: str
    line: int | None = None
    fatal: bool = False

    def __str__(self) -> str:
        where = self.source if self.line is None else f"{self.source}:{self.line}"
        return f"{where}: {self.message}"


class Explanation(Struct, frozen=True):
    """Why an entry was found; each part in 0–1, higher is better.

    `dense`: nearness of meaning as a whole. `late`: how well each word of the query is met by a
    word of the entry or its breadcrumb, in either language; `structure` is the share of that
    which only the breadcrumb meets. `lexical`: the very words, `matched_words`.
    """

    dense: float = 0.0
    lexical: float = 0.0
    late: float = 0.0
    structure: float = 0.0
    matched_words: tuple[str, ...] = ()

    @property
    def common_words(self) -> list[str]:
        """The words that question and entry have in common, each as it is written: not two that
        are searched as one, too.
        """
        words = self.matched_words
        joined = {one + other for one in words for other in words}
        return [word for word in words if word not in joined]


class Hit(Struct, frozen=True):
    """An entry found for a query. Ranks start at 1; `entry.text[slice(*span)]` is what matched
    best.

    `related`: the abstracts of a note's papers, or the notes that an abstract belongs to; then the
    notes that it links to. `twins`: the entries of other files that say the same.
    """

    entry: Entry
    score: float
    rank: int
    span: tuple[int, int]
    explanation: Explanation
    related: tuple[Entry, ...] = ()
    twins: tuple[Entry, ...] = ()

    def _repr_markdown_(self) -> str:
        """Return what a notebook shows of a hit."""
        text = _in_notebook(self.entry.text[slice(*self.span)])
        return f"{_headline(self.rank, self.entry)} ({self.score:.2f})\n\n> {text}\n"


class Citation(Struct, frozen=True):
    """`[n]` of an answer: the entry, a verbatim quote, and whether the file still says it;
    `related` and `twins` as in Hit.

    `work` is the title of the paper or method that the entry is a remark on, None if it is its own.
    """

    n: int
    entry: Entry
    quote: str
    quote_verified: bool
    links: tuple[Link, ...]
    score: float
    work: str | None = None
    related: tuple[Entry, ...] = ()
    twins: tuple[Entry, ...] = ()


class Claim(Struct, frozen=True):
    """A sentence of an LLM's answer, `answer.text[start:end]`, and whether the entries it cites
    say so.

    `support`: probability in 0–1 that they do, None if nothing is cited. "contradicted": they say
    something else; "unsupported": they do not say it. `why` names what is not borne out.
    """

    start: int
    end: int
    citations: tuple[int, ...]
    support: float | None
    status: Literal["supported", "contradicted", "unsupported", "uncited"]
    why: str = ""


class Report(Struct, frozen=True):
    """What proving an LLM's reply found. `unknown_ids` were removed, `added_citations` and
    `added_lines` put in. A claim is supported, contradicted, unsupported or uncited.
    """

    claims: int
    supported: int
    unsupported: int
    uncited: int
    unknown_ids: int
    added_citations: int
    added_lines: int
    set_aside: int
    contradicted: int = 0

    def __str__(self) -> str:
        return f"{self.supported} of {self.claims} claims supported"


class Usage(Struct, frozen=True):
    """What an LLM's answer cost; tokens are the server's count, or a guess where `is_estimate`.
    Times in milliseconds.
    """

    tokens_in: int
    tokens_out: int
    is_estimate: bool
    first_token_ms: float
    total_ms: float


class Answer(Struct, frozen=True):
    """What `ask` returns. `text` carries the `[n]`; when `abstained`, `nearest` holds what came
    closest.

    `claims`, `report` and `usage` belong to what an LLM wrote; `notice` says why an LLM that was
    asked did not write it. `standalone` is the question as it was understood after those before
    it, None if it was left as it was. `thought`: what a model thought aloud, which is no part of
    the answer.
    """

    question: str
    language: Language
    mode: Literal["extractive", "llm"]
    model: str | None
    abstained: bool
    text: str
    citations: tuple[Citation, ...]
    nearest: tuple[Hit, ...] = field(default=())
    confidence: float = 0.0
    claims: tuple[Claim, ...] = ()
    report: Report | None = None
    usage: Usage | None = None
    notice: str | None = None
    standalone: str | None = None
    thought: str = ""

    @property
    def unsupported(self) -> tuple[str, ...]:
        """The sentences that an LLM wrote and no cited entry bears out."""
        return tuple(
            self.text[claim.start : claim.end]
            for claim in self.claims
            if claim.status != "supported"
        )

    def _repr_markdown_(self) -> str:
        """Return what a notebook shows of an answer: its text, and each source with its quote."""
        sources = (
            f"{_headline(one.n, one.entry)}\n\n> {_in_notebook(one.quote)}\n"
            for one in self.citations
        )
        return "\n".join([self.text.replace("<", "&lt;") + "\n", *sources])


def _headline(number: int, entry: Entry) -> str:
    return f"\\[{number}\\] **{_in_notebook(entry.title)}** `{entry.source}:{entry.line_start}`"


def _in_notebook(text: str) -> str:
    """A text on one line, without anything that a notebook would run."""
    return " ".join(text.split()).replace("<", "&lt;")
