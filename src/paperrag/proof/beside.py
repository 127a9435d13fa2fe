"""A claim and the sentences it is held against -> the numbers of the claim that these tell of
something else, or tell otherwise of the same: 17 % of code where the claim has 25 %. Knows no
network.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from paperrag.encoders.contract import FloatArray, unit_rows
from paperrag.proof.bearing import bears, is_count
from paperrag.proof.quantities import Quantity, quantities
from paperrag.proof.windows import CLAUSE_END, Tokens
from paperrag.proof.worked import worked_out
from paperrag.text.closed import JOINING_EN
from paperrag.text.patterns import any_of, lazy_pattern

REACH = 6.0
"""Tokens from a number at which a word has lost two thirds of its say about what it counts."""

OTHER_CLAUSE = 0.4
"""How much a word of another clause has of it. Both by hand, over the claims of
`benchmarks/fit_support.py`: of 3, 6 and 0.2 to 0.5 these set most lies apart.
"""

CHANGED_PLACES, STANDS_THERE, COUNTED_SO = 0.02, 0.2, 0.25
"""How much better two numbers must be met by one another's words, or a number's words by another
number's, than by their own; how well the words of a small count by those of another one. By hand,
the same way.
"""

LEAST_APART = 12
"""Characters between two numbers that have words of their own: of "from 9 % to 27 %" none are."""

_CLAUSE_END = lazy_pattern(rf"{CLAUSE_END}|\b{any_of(JOINING_EN)}\b")


class Misplaced(Struct, frozen=True):
    """A number of a claim, and the one that the text has for the same."""

    said: Quantity
    held: Quantity


def misplaced(claim: Tokens, text: Tokens) -> list[Misplaced]:
    """Return the numbers of a claim that a text tells of something else, or otherwise."""
    said, held = quantities(claim.text), quantities(text.text)
    worked = worked_out(claim.text, text.text)
    said = tuple(one for one in said if one.start not in worked)
    if not said or not held:
        return []
    beside = _Beside(
        said,
        held,
        likeness_around(claim, said, text, held),
        np.array([[bears(one, other) for other in held] for one in said]),
    )
    found = [*_told_otherwise(beside), *_counted_otherwise(beside), *_exchanged(beside)]
    return list({one.said.start: one for one in found}.values())


class _Beside(Struct, frozen=True):
    """Numbers of a claim and of a text, how alike the words around them are, (said, held), and
    which bear which out.
    """

    said: tuple[Quantity, ...]
    held: tuple[Quantity, ...]
    likeness: FloatArray
    met: npt.NDArray[np.bool_]

    def best(self, row: int, columns: Sequence[int]) -> int:
        """Return the one of some numbers whose words are most like those of the claim's."""
        return max(columns, key=lambda column: float(self.likeness[row, column]))


def _told_otherwise(beside: _Beside) -> Iterator[Misplaced]:
    """Yield numbers that a text has, but beside whose words it has another that the claim
    has not.
    """
    for row, one in enumerate(beside.said):
        others = [
            column
            for column, other in enumerate(beside.held)
            if other.kind == one.kind and not beside.met[:, column].any()
        ]
        if others and beside.met[row].any():
            best = beside.best(row, others)
            own = beside.likeness[row][beside.met[row]].max()
            if beside.likeness[row, best] - own > STANDS_THERE:
                yield Misplaced(one, beside.held[best])


def _counted_otherwise(beside: _Beside) -> Iterator[Misplaced]:
    """Yield small counts in words that a text has not, where it counts the same otherwise."""
    for row, one in enumerate(beside.said):
        counts = [
            column
            for column, other in enumerate(beside.held)
            if is_count(other) and not beside.met[row].any()
        ]
        if counts and is_count(one) and one.is_in_words:
            best = beside.best(row, counts)
            if beside.likeness[row, best] > COUNTED_SO:
                yield Misplaced(one, beside.held[best])


def _exchanged(beside: _Beside) -> Iterator[Misplaced]:
    """Yield numbers of a kind that have changed places, the first of two."""
    for row, other in combinations(range(len(beside.said)), 2):
        first, second = beside.said[row], beside.said[other]
        mine, others = beside.met[row], beside.met[other]
        if first.kind != second.kind or is_count(first) != is_count(second):
            continue
        if not mine.any() or not others.any():
            continue
        held = [
            (beside.held[one], beside.held[two])
            for one in np.flatnonzero(mine).tolist()
            for two in np.flatnonzero(others).tolist()
        ]
        if all(_is_apart(one, two) for one, two in [(first, second), *held]):
            own = beside.likeness[row][mine].max() + beside.likeness[other][others].max()
            turned = beside.likeness[row][others].max() + beside.likeness[other][mine].max()
            if turned - own > CHANGED_PLACES:
                yield Misplaced(first, second)


def _is_apart(one: Quantity, other: Quantity) -> bool:
    """Whether something stands between two numbers, which are not the same."""
    first, second = sorted((one, other), key=lambda quantity: quantity.start)
    return second.start - first.end > LEAST_APART


def likeness_around(
    claim: Tokens, said: Sequence[Quantity], text: Tokens, held: Sequence[Quantity]
) -> FloatArray:
    """Return the (said, held) cosines of what stands around numbers, each word of the claim with
    the nearest like one.
    """
    words, others = _is_word(claim, said), _is_word(text, held)
    cosines = np.maximum(unit_rows(claim.rows) @ unit_rows(text.rows).T, 0)
    cosines *= words[:, None] * others[None, :]
    weights = np.linalg.norm(claim.rows, axis=1)
    around = [_nearness(text, one) for one in held]
    found = np.zeros((len(said), len(held)), dtype=np.float32)
    for row, one in enumerate(said):
        own = _nearness(claim, one) * weights
        for column, near in enumerate(around):
            found[row, column] = own @ (cosines * near).max(axis=1) / (own.sum() or 1.0)
    return found


def _is_word(tokens: Tokens, numbers: Sequence[Quantity]) -> npt.NDArray[np.bool_]:
    """Return which tokens belong to no number."""
    return np.array(
        [not any(a < one.end and b > one.start for one in numbers) for a, b in tokens.spans]
    )


def _nearness(tokens: Tokens, number: Quantity) -> FloatArray:
    """Return how near each token stands to a number, 0–1; 0 for its own."""
    own = [k for k, (a, b) in enumerate(tokens.spans) if a < number.end and b > number.start]
    places = np.arange(len(tokens.spans))
    if not own:
        return np.zeros(len(places), dtype=np.float32)
    away = np.maximum(0, np.maximum(own[0] - places, places - own[-1]))
    ends = [match.start() for match in _CLAUSE_END.finditer(tokens.text)]
    clause = np.searchsorted(ends, [start + 1 for start, _ in tokens.spans])
    near = np.exp(-away / REACH) * np.where(clause == clause[own[0]], 1.0, OTHER_CLAUSE)
    near[own] = 0
    return near.astype(np.float32)
