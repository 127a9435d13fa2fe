"""A claim beside a text, token by token -> how far one denies what the other says, and how far
words of the one point up where those of the other point down. Knows no network.

Which way a word points (more, faster, 提高; less, slower, 降低) is read from its static row: one
direction sets pairs of opposites apart, and words that are in no pair fall on their sides of it
too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from paperrag.encoders.contract import FloatArray, SpanEncoder, unit_rows
from paperrag.proof.opposites import OPPOSITES as KINDS
from paperrag.proof.opposites import pairs_of
from paperrag.proof.windows import CLAUSE_END, Tokens, tokens_of
from paperrag.records import Span
from paperrag.text.closed import (
    DENYING_NOTHING_ZH,
    FUNCTION_WORDS_EN,
    FUNCTION_WORDS_ZH,
    NEGATING_ZH,
    NEGATION_EN,
)
from paperrag.text.patterns import any_of, lazy_pattern

OPPOSITES = (
    "more/less higher/lower better/worse larger/smaller faster/slower increase/decrease "
    "increases/reduces improve/degrade improves/hurts stronger/weaker rise/fall gain/loss "
    "longer/shorter above/below most/least best/worst raise/lower grow/shrink expand/shrink "
    "strengthen/weaken enhance/impair helps/hinders cheaper/costlier greater/fewer maximum/minimum "
    "early/late before/after big/small high/low large/little many/few up/down success/failure "
    "提高/降低 增加/减少 上升/下降 更大/更小 更多/更少 更快/更慢 更好/更差 更强/更弱 更高/更低 变大/变小 高/低 大/小 多/少 快/慢 "
    "好/差 强/弱 增强/减弱 提升/下降 长/短 升/降 优于/劣于 有利/有害 加速/减速 扩大/缩小 增大/减小 改善/恶化 高于/低于 大于/小于"
).split()
"""What shows the direction; of each pair left out in turn both words fall on their sides in 93 %.
"""

PULL = 1.0
"""How strongly the direction is drawn to nothing, in pairs. By hand: from 1 to 50 no matter."""

POINTS = 0.35
"""How far a word must point, 1 for those of pairs. By hand, over the claims of
`benchmarks/fit_support.py`.
"""

MUCH = 0.4
"""Share of what claim and text have in common that nobody denies more of without meaning it. By
hand."""

WHOLLY = 0.02
"""What two words that point fully apart and are met by one another come to. By hand."""

WAY_POINTS, WAY_WHOLLY = 0.45, 0.001
"""The same along the line of one kind of opposites, which words of other kinds hardly touch. By
hand, over the same claims.
"""

CLEARLY_POINTS = 0.6
"""How far both words must point to be told as opposites. By hand, over 72 claims."""

NEIGHBOURS = 1.5
"""Tokens at which a neighbour of a word has lost two thirds of its say about where it is met. By
hand."""

BETWEEN_HEADINGS = " › "
"""See `index.surroundings.whole_text`."""

_IDLE = (*FUNCTION_WORDS_EN, *FUNCTION_WORDS_ZH)

_NEGATION = lazy_pattern(
    rf"{NEGATION_EN}|(?!{any_of(DENYING_NOTHING_ZH)}){any_of(NEGATING_ZH)}",
    re.IGNORECASE,
)
_CLAUSE = lazy_pattern(rf"(?:(?!{CLAUSE_END}).)+", re.DOTALL)


def denied(claim: Tokens, text: Tokens, looks: FloatArray) -> float:
    """Return how much of what claim and text have in common one of them denies, 0–1.

    looks: (claim, text) how far a token of the claim looks at one of the text.
    """
    (one, words), (other, others) = _negated(claim), _negated(text)
    shared = looks * (np.linalg.norm(claim.rows, axis=1) * words)[:, None] * others[None, :]
    total = float(shared.sum())
    share = float(shared[one[:, None] != other[None, :]].sum()) / total if total else 0.0
    return min(1.0, share / MUCH)


def _negated(tokens: Tokens) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return which tokens stand behind a negation of their clause, or two and so on, and which are
    none themselves.
    """
    denied = np.zeros(len(tokens.ids), dtype=bool)
    words = np.ones(len(tokens.ids), dtype=bool)
    for clause in _clauses(tokens.text):
        for mark in _NEGATION.finditer(tokens.text, *clause.span()):
            for row, (start, end) in enumerate(tokens.spans):
                if start < mark.end() and end > mark.start():
                    words[row] = False
                elif mark.end() <= end <= clause.end():
                    denied[row] = not denied[row]
    return denied, words


def _clauses(text: str) -> Iterator[re.Match[str]]:
    """Yield the clauses of a text but for those of its headings: what a title denies (learning
    without labels) is denied of nothing that stands below it.
    """
    for start, end in _below_headings(text):
        yield from _CLAUSE.finditer(text, start, end)


def _below_headings(text: str) -> Iterator[Span]:
    """Yield the lines of a text that are no headings."""
    start = 0
    for line in text.splitlines(keepends=True):
        if BETWEEN_HEADINGS not in line:
            yield start, start + len(line)
        start += len(line)


class Turned(Struct, frozen=True):
    """How far a word of a claim points the other way than the words of a text where it is met, 0–1,
    and where both stand, None if one of them hardly points.
    """

    share: float = 0.0
    words: tuple[Span, Span] | None = None


def turned(claim: Tokens, text: Tokens, looks: FloatArray, up: FloatArray) -> Turned:
    """Return the word of a claim that points the other way most. up: (d,) as `direction` has it."""
    return _apart(claim, text, _met(looks), up, POINTS, WHOLLY)


def opposed(claim: Tokens, text: Tokens, looks: FloatArray, ways: Sequence[FloatArray]) -> Turned:
    """Return the same along the one of several directions along which they are furthest apart."""
    met = _met(looks)
    found = [_apart(claim, text, met, way, WAY_POINTS, WAY_WHOLLY) for way in ways]
    return max(found, key=lambda one: one.share)


def _met(looks: FloatArray) -> FloatArray:
    """Return the (claim, text) shares in which a token's surroundings look at those of others."""
    met = _around(looks.shape[0]) @ looks @ _around(looks.shape[1])
    return np.asarray(met / (met.sum(axis=1, keepdims=True) + 1e-6))


def _apart(
    claim: Tokens, text: Tokens, met: FloatArray, way: FloatArray, points: float, wholly: float
) -> Turned:
    ways, others = (unit_rows(one.rows) @ way for one in (claim, text))
    lines = list(_below_headings(text.text))
    others *= [any(start <= place < end for start, end in lines) for place, _ in text.spans]
    apart = -_beyond(ways, points)[:, None] * met * _beyond(others, points)
    row = int(apart.sum(axis=1).argmax())
    column = int(apart[row].argmax())
    share = min(1.0, max(0.0, float(apart[row].sum()) / wholly))
    is_clear = min(abs(ways[row]), abs(others[column])) >= CLEARLY_POINTS
    return Turned(share, (claim.spans[row], text.spans[column]) if share and is_clear else None)


def _around(count: int) -> FloatArray:
    places = np.arange(count)
    away = np.abs(places[:, None] - places[None, :])
    return np.asarray(np.exp(-away / NEIGHBOURS), dtype=np.float32)


def _beyond(ways: FloatArray, points: float) -> FloatArray:
    """Return how far beyond `points` each token points, 0 for those that hardly do."""
    return np.asarray(np.sign(ways) * np.maximum(0, np.abs(ways) - points), dtype=np.float32)


@lru_cache(maxsize=1)
def directions(encoder: SpanEncoder) -> tuple[FloatArray, ...]:
    """Return a direction of rows for each kind of opposites."""
    kinds = [pairs_of(line) for line in KINDS]
    rows = _rows({word for pairs in kinds for pair in pairs for word in pair}, encoder)
    return tuple(_direction(pairs, rows) for pairs in kinds)


def direction(encoder: SpanEncoder, opposites: Sequence[str] = OPPOSITES) -> FloatArray:
    """Return the (d,) direction of rows in which the first words of opposites are 1, the second -1
    and words without a subject 0, as nearly as may be.
    """
    pairs = [pair for told in opposites for pair in pairs_of(told)]
    return _direction(pairs, _rows({word for pair in pairs for word in pair}, encoder))


def _rows(words: Iterable[str], encoder: SpanEncoder) -> dict[str, FloatArray]:
    """Return the row of each word, and of those without a subject."""
    every = dict.fromkeys([*words, *_IDLE])
    return {word: tokens_of(word, encoder).rows.sum(axis=0) for word in every}


def _direction(pairs: Sequence[tuple[str, str]], rows: Mapping[str, FloatArray]) -> FloatArray:
    told = [word for pair in pairs for word in pair]
    idle = [word for word in _IDLE if word not in told]
    inputs = unit_rows(np.stack([rows[word] for word in (*told, *idle)]))
    wanted = np.concatenate([np.tile([1.0, -1.0], len(pairs)), np.zeros(len(idle))])
    square = inputs.T @ inputs + PULL * np.eye(inputs.shape[1])
    return np.asarray(np.linalg.solve(square, inputs.T @ wanted), dtype=np.float32)
