"""A claim and a text -> their tokens with what is seen of each at a glance. Knows no network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import FloatArray
from paperrag.proof.bearing import bears
from paperrag.proof.names import missing_names
from paperrag.proof.quantities import quantities
from paperrag.proof.worked import verdicts
from paperrag.records import Span

FLAGS = 8
"""Of each token: its number is met, met in another unit, missing; it is of a missing name; the
other side has it; it is Chinese, written like a name; where in its text it stands, 0–1.
"""

_VERDICTS = ("met", "unit", "missing")


def flags(
    text: str, ids: Sequence[int], spans: Sequence[Span], other: str, other_ids: Sequence[int]
) -> FloatArray:
    """Return the (tokens, FLAGS) flags of a text's tokens."""
    table = np.zeros((len(ids), FLAGS), dtype=np.float32)
    for one, told in verdicts(text, other):
        table[_within(spans, one.start, one.end), _VERDICTS.index(told)] = 1
    for name in set(missing_names(text, other)):
        for start in _places(name, text):
            table[_within(spans, start, start + len(name)), 3] = 1
    known = set(other_ids)
    table[:, 4] = [one in known for one in ids]
    for row, (start, end) in enumerate(spans):
        piece = text[start:end].strip()
        table[row, 5] = bool(piece) and "\u4e00" <= piece[0] <= "\u9fff"
        table[row, 6] = piece[:1].isupper() or piece[:1].isdigit()
    table[:, 7] = np.linspace(0, 1, len(ids)) if len(ids) else 0
    return table


def _places(name: str, text: str) -> Iterator[int]:
    start = text.find(name)
    while start >= 0:
        yield start
        start = text.find(name, start + len(name))


def _within(spans: Sequence[Span], start: int, end: int) -> list[int]:
    return [row for row, (a, b) in enumerate(spans) if a < end and b > start]


def links(
    claim: str, spans: Sequence[Span], text: str, text_spans: Sequence[Span]
) -> npt.NDArray[np.int64]:
    """Return the (n, 2) pairs of a claim's and a text's tokens that tell the same quantity."""
    held = quantities(text)
    found = [
        (row, column)
        for said in quantities(claim)
        for one in held
        if bears(said, one)
        for row in _within(spans, said.start, said.end)
        for column in _within(text_spans, one.start, one.end)
    ]
    return np.array(sorted(set(found)), dtype=np.int64).reshape(-1, 2)
