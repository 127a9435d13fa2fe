"""Entry -> chunks: what the encoder reads, in sizes that it reads whole.

Sizes are counted in the encoder's own tokens. A long entry is cut at sentences of either
language, an over-long sentence at its commas, and only then between characters; nothing is left
out. The breadcrumb stands in front of every chunk; its outermost parts give way where it would
take more than half the room.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from msgspec import Struct

from paperrag.records import Chunk, Entry, Span
from paperrag.text.folding import fold
from paperrag.text.language import HAN, sentence_spans
from paperrag.text.markup import plain_text, shorten
from paperrag.text.patterns import lazy_pattern
from paperrag.text.readable import readable

CHUNKING = "sentences-6"
"""Name and version of the cutting rules; the index refuses to mix two."""

BREADCRUMB_PART_CHARS = 80
"""Longest part of a breadcrumb that is put in front of a chunk, in characters."""

_CLAUSE_END = lazy_pattern(rf"[，、：；）]+|[,:;)]+(?=[\s{HAN}])")
_BLANKS = lazy_pattern(r"\s+")
_ID_LIKE = lazy_pattern(r"\d|^[a-f]+$")
_WEB_WORDS = frozenset(
    {
        "www",
        "http",
        "https",
        "com",
        "org",
        "html",
        "htm",
        "pdf",
        "php",
        "index",
        "main",
        "master",
        "blob",
        "tree",
    }
    | {"wiki", "abs", "forum", "docs", "latest"}
)

CountTokens = Callable[[Sequence[str]], list[int]]


def chunk_entries(
    entries: Sequence[Entry], count_tokens: CountTokens, max_tokens: int
) -> list[Chunk]:
    """Return the chunks of entries, in order; every entry gives at least one, the first starts at
    0.

    max_tokens: upper bound of tokens of `embedded_text`, as counted by `count_tokens`; only a
    single character that has more by itself goes over it.
    """
    whole = [_chunk(entry, 0, (0, len(entry.text)), _frame(entry)) for entry in entries]
    sizes = count_tokens([chunk.embedded_text for chunk in whole])
    chunks: list[Chunk] = []
    for entry, chunk, size in zip(entries, whole, sizes, strict=True):
        chunks.extend([chunk] if size <= max_tokens else _split(entry, count_tokens, max_tokens))
    return chunks


def breadcrumb_text(entry: Entry, first: bool = True) -> str:
    """Return what stands in front of a chunk: the breadcrumb, and the title on later chunks and on
    abstracts.
    """
    return _crumbs(_parts_in_front(entry, first))


def _parts_in_front(entry: Entry, first: bool) -> tuple[str, ...]:
    """An abstract's title is in its front matter, which is not embedded."""
    return entry.breadcrumb if first and entry.kind == "note" else (*entry.breadcrumb, entry.title)


def words_beside(entry: Entry) -> str:
    """Return what is read with an entry and does not stand in its words: those in its web and
    repository addresses, often all that a bare link says, and of front matter the title and the
    tags.
    """
    words: list[str] = []
    for link in entry.links:
        if link.site in ("web", "github"):
            path = re.sub(r"^[a-z]+://[^/]*|[?#].*$", "", link.url)
            words += [word for word in re.split(r"[\W_]+", path) if _is_word(word)]
    if entry.part == "work" and entry.role == "document" and entry.work and entry.work.tags:
        words += [word for part in (entry.title, *entry.work.tags) for word in fold(part).split()]
    return " ".join(dict.fromkeys(words))


def _is_word(part: str) -> bool:
    return (
        2 < len(part) < 25 and not _ID_LIKE.search(part.lower()) and part.lower() not in _WEB_WORDS
    )


class _Frame(Struct, frozen=True):
    """What is put around the text: in front of the first chunk and of the others, and after the
    first.

    `title` stands for a text without words, such as a picture or half a link. `words` is the
    entry's text without what is none.
    """

    words: str
    first: str
    later: str
    links: str
    title: str


def _frame(entry: Entry) -> _Frame:
    return _Frame(
        readable(entry.text),
        breadcrumb_text(entry),
        breadcrumb_text(entry, first=False),
        words_beside(entry),
        fold(entry.title),
    )


def _fitted_frame(entry: Entry, count_tokens: CountTokens, max_tokens: int) -> _Frame:
    """The frame with at most half the room for the breadcrumb and a quarter for words of links or
    the title.
    """

    def fitting(parts: Sequence[str]) -> str:
        while parts and count_tokens([_crumbs(parts)])[0] > max_tokens // 2:
            parts = parts[1:]
        return _crumbs(parts)

    words = words_beside(entry).split()
    while words and count_tokens([" ".join(words)])[0] > max_tokens // 4:
        words = words[: len(words) // 2]
    title = fold(entry.title)
    while len(title) > 1 and count_tokens([title])[0] > max_tokens // 4:
        title = title[: len(title) // 2]
    first, later = (fitting(_parts_in_front(entry, is_first)) for is_first in (True, False))
    return _Frame(readable(entry.text), first, later, " ".join(words), title)


def _crumbs(parts: Sequence[str]) -> str:
    return fold(" / ".join(shorten(part, BREADCRUMB_PART_CHARS) for part in parts))


def _chunk(entry: Entry, number: int, span: Span, frame: _Frame) -> Chunk:
    start, end = span
    text = entry.text[start:end]
    first = number == 0
    body = "\n".join(
        piece for piece in (_read(frame.words, span), frame.links if first else "") if piece
    )
    return Chunk(
        id=f"{entry.id}#{number}",
        entry_id=entry.id,
        start=start,
        end=end,
        text=text,
        front=frame.first if first else frame.later,
        body=body or frame.title,
    )


def _read(words: str, span: Span) -> str:
    return fold(plain_text(words[slice(*span)]))


def _split(entry: Entry, count_tokens: CountTokens, max_tokens: int) -> list[Chunk]:
    frame = _fitted_frame(entry, count_tokens, max_tokens)
    budget = max(max_tokens - max(count_tokens([f"{frame.first}\n{frame.links}", frame.later])), 1)
    words = frame.words
    runs = _packed(_sized(words, count_tokens, budget), budget)
    if not runs:
        return [_chunk(entry, 0, (0, len(words)), frame)]
    while True:
        chunks = [
            _chunk(entry, number, (run[0][0] if number else 0, run[-1][1]), frame)
            for number, run in enumerate(runs)
        ]
        sizes = count_tokens([chunk.embedded_text for chunk in chunks])
        # Sizes of pieces do not quite add up (a label is cut from its link), so what is still too
        # long is halved.
        halved = [
            half
            for run, size in zip(runs, sizes, strict=True)
            for half in _halves(words, run, size > max_tokens)
        ]
        if len(halved) == len(runs):
            return chunks
        runs = halved


def _sized(words: str, count_tokens: CountTokens, budget: int) -> list[tuple[Span, int]]:
    """Return the sentences of a text with their sizes, those over the budget in pieces."""
    sentences = sentence_spans(words)
    lengths = count_tokens([_read(words, span) for span in sentences]) if sentences else []
    return [
        piece
        for span, length in zip(sentences, lengths, strict=True)
        for piece in (
            [(span, length)]
            if length <= budget
            else _fitting_pieces(words, span, count_tokens, budget)
        )
    ]


def _packed(sized: Sequence[tuple[Span, int]], budget: int) -> list[list[Span]]:
    """Group neighbouring spans, given with their sizes, greedily into runs of at most `budget`
    tokens.
    """
    runs: list[list[Span]] = []
    used = 0
    for span, size in sized:
        if not runs or (used and used + size > budget):
            runs.append([])
            used = 0
        used += size
        runs[-1].append(span)
    return runs


def _halves(text: str, run: list[Span], too_long: bool) -> list[list[Span]]:
    if not too_long:
        return [run]
    if len(run) > 1:
        return [run[: len(run) // 2], run[len(run) // 2 :]]
    return [[piece] for piece in _cut(text, run[0])]


def _fitting_pieces(
    words: str, span: Span, count_tokens: CountTokens, budget: int
) -> list[tuple[Span, int]]:
    """Return the span as it is, or cut near its middle until each piece fits the budget, with their
    sizes.
    """
    size = count_tokens([_read(words, span)])[0]
    pieces = _cut(words, span) if size > budget else [span]
    if len(pieces) == 1:
        return [(pieces[0], size)]
    return [fit for piece in pieces for fit in _fitting_pieces(words, piece, count_tokens, budget)]


def _cut(text: str, span: Span) -> list[Span]:
    """Cut a span in two at the clause end nearest to its middle, else at a blank, else in the
    middle.

    The pieces have no blanks at their ends; a single character stays whole.
    """
    start, end = span
    if end - start < 2:
        return [span]
    cuts = [match.end() for match in _CLAUSE_END.finditer(text, start, end) if match.end() < end]
    cuts = cuts or [
        match.end() for match in _BLANKS.finditer(text, start, end) if start < match.start()
    ]
    middle = (start + end) // 2
    cut = min(cuts, key=lambda position: abs(position - middle)) if cuts else middle
    left, right = text[start:cut].rstrip(), text[cut:end].lstrip()
    return [(start, start + len(left)), (end - len(right), end)]
