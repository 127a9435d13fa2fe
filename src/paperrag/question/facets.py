"""A question -> by which facet of papers it asks for them: what notes say of a paper besides its
content, such as its venue or how it was rated.

A small network over the states in which the bundled encoder reads the question; it marks the words
of the value and those of a subject as well (training/train_facets.py). What by its words alone asks
by none (`facet_hint.py`) is not read so. Knows no notes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from paperrag.encoders.contract import FloatArray, StateEncoder
from paperrag.question.facet_hint import FacetHint
from paperrag.question.thresholds import STATUS_SHARE, SURELY_BOUNDED
from paperrag.question.word_net import WordNet, shares_of
from paperrag.records import Span
from paperrag.text.language import has_han
from paperrag.text.patterns import lazy_pattern

FACETS_FILE = Path(__file__).parent / "facets.npz"

Facet = Literal[
    "by",
    "code",
    "none",
    "rating",
    "read",
    "read_on",
    "reading",
    "recommended",
    "rerun",
    "tag",
    "unread",
    "venue",
    "year",
]
STATUSES: tuple[Facet, ...] = ("read", "reading", "unread")
FACETS: tuple[Facet, ...] = Facet.__args__  # type: ignore[attr-defined]
"""Who wrote papers, whether they have code, none of these, how they were rated, whether they were
read to the end, when, in part, who recommended them, whether they were run again, tags, whether
they are yet to be read, where and when they appeared. The columns of the network stand in this
order."""

BOUNDS = ("above", "below", "best", "exact", "least", "most", "worst")
"""How a figure that is said bounds what is asked for: more, less, the figure itself, it or more, it
or less; or that the highest or lowest is asked for."""

MARKS = ("frame", "content", "value")
"""What a word of a question does: what asks, what it asks about, what the facet is to say."""

MOST_TOKENS = 60
"""Of a question; what is longer is no question for papers by what is said of them."""

_ENDS_IN_WORD = lazy_pattern(r"[A-Za-z0-9+/-]*$")
_REST_OF_WORD = lazy_pattern(r"[A-Za-z0-9+/-]*")
_REST_OF_NAME = lazy_pattern(r"[A-Za-z0-9+/-]*(?: [A-Z][A-Za-z0-9+/-]*)*")


class AskedFacet(Struct, frozen=True):
    """By which facets a question asks, and how sure that is, in shares of 1.

    facets: one, or several that are statuses of reading. is_denied: whether it is to be
    otherwise. bound: one of `BOUNDS`, of ratings and years. values, contents: where the words of
    the value stand, and those that ask for a subject besides.
    """

    facets: tuple[Facet, ...] = ("none",)
    sureness: float = 1.0
    is_denied: bool = False
    bound: str = "exact"
    values: tuple[Span, ...] = ()
    contents: tuple[Span, ...] = ()


ReadFacet = Callable[[str], AskedFacet]
"""Reads the facet of a folded question."""


class FacetReader:
    """Reads facets; `encoder` gives what reads questions that may ask by one, when the first is
    read. hint: tells these, None to read all.
    """

    def __init__(
        self,
        encoder: Callable[[], StateEncoder],
        path: Path = FACETS_FILE,
        hint: FacetHint | None = None,
    ) -> None:
        self._open = encoder
        self._net = WordNet(path)
        self._hint = hint

    @cached_property
    def _encoder(self) -> StateEncoder:
        return self._open()

    def read(self, folded: str) -> AskedFacet:
        """Return by which facet a folded question asks."""
        if self._hint is not None and not self._hint.may_ask(folded):
            return AskedFacet()
        ids, spans = self._encoder.token_spans(folded)
        if not 0 < len(ids) <= MOST_TOKENS:
            return AskedFacet()
        net = self._net
        seen = net.seen(np.asarray(self._encoder.token_states(ids), dtype=np.float32)[1:-1])
        shares = shares_of(net.attended("facet", seen))
        denial = net.attended("denied", seen)
        spans, marks = _by_word(folded, spans, net.of_each("mark", seen))
        best = marks.argmax(axis=1)
        facets, sureness = likeliest_facets(dict(zip(FACETS, shares.tolist(), strict=True)))
        return AskedFacet(
            facets,
            sureness,
            bool(denial[1] > denial[0]),
            bound_of(shares_of(net.attended("bound", seen))),
            *_names(folded, *(list(_runs(spans, best, mark)) for mark in ("value", "content"))),
        )


def likeliest_facets(shares: Mapping[Facet, float]) -> tuple[tuple[Facet, ...], float]:
    """Return the likeliest facets and their share; what speaks for any status is one."""
    status = sum(shares[one] for one in STATUSES)
    best = max(FACETS, key=shares.__getitem__)
    if best not in STATUSES and shares[best] >= status:
        return (best,), shares[best]
    return tuple(one for one in STATUSES if shares[one] >= STATUS_SHARE * status), status


def bound_of(shares: FloatArray) -> str:
    """Return the likeliest bound; a figure that is not surely bounded is meant as it is said."""
    best = int(shares.argmax())
    return BOUNDS[best] if shares[best] >= SURELY_BOUNDED else "exact"


def _whole(text: str, span: Span) -> Span:
    """Return a stretch with the rest of the name that it is a part of: to-cite for cite, Lao Wei
    for Lao.
    """
    start, end = span
    if text[start].isascii() and (before := _ENDS_IN_WORD.search(text, 0, start)):
        start = before.start()
    rest = _REST_OF_NAME if text[start].isupper() else _REST_OF_WORD
    behind = rest.match(text, end) if text[end - 1].isascii() else None
    return start, behind.end() if behind else end


def _by_word(text: str, spans: Sequence[Span], marks: FloatArray) -> tuple[list[Span], FloatArray]:
    """Return words, and what speaks for each mark of one, where tokens are parts of words."""
    words: list[Span] = []
    told: list[FloatArray] = []
    for (start, end), mark in zip(spans, marks, strict=True):
        is_inside = words and words[-1][1] == start and text[start - 1 : start + 1].isalnum()
        if is_inside and not has_han(text[start - 1 : start + 1]):
            words[-1] = words[-1][0], end
            told[-1] = told[-1] + mark
        else:
            words.append((start, end))
            told.append(mark)
    return words, np.array(told)


def _names(
    text: str, values: Sequence[Span], contents: Sequence[Span]
) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """Return the values as whole names, and the contents: one Chinese character beside another word
    is a part of it, 软 of 微软.
    """
    whole = [_whole(text, value) for value in values]
    for at, (start, end) in enumerate(whole):
        parts = [one for one in contents if start in one or end in one] if end - start == 1 else []
        whole[at] = min([start, *(one for one, _ in parts)]), max([end, *(one for _, one in parts)])
        contents = [one for one in contents if one not in parts]
    return tuple(whole), tuple(contents)


def _runs(spans: Sequence[Span], marks: npt.NDArray[np.integer], wanted: str) -> Iterator[Span]:
    """Yield where the words stand that follow one another with one mark."""
    for mark, run in groupby(zip(marks.tolist(), spans, strict=True), key=lambda one: one[0]):
        stretch = [span for _, span in run]
        if MARKS[mark] == wanted:
            yield stretch[0][0], stretch[-1][1]
