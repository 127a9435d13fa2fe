"""Which tokens of a claim and a text are one another's nearest -> the words of each that would have
to change places with another for both to tell them in the same order. Knows no network.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import FloatArray

ORDERS = 3
"""Of each token: whether it is the nearest of what is nearest to it; the share of such tokens that
stand on its other side on the other side; how many stand between it and one that it would have to
change places with, of `MANY`.
"""

LIKE = 0.5
"""Cosine from which the nearest token tells the same. By hand; the network was trained with it."""

MANY = 5.0
"""So many and more are alike."""


def orders(cosines: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the (claim, ORDERS) and (text, ORDERS) of tokens. cosines: (claim, text)."""
    found = tuple(np.zeros((size, ORDERS), dtype=np.float32) for size in cosines.shape)
    nearest, back = cosines.argmax(axis=1), cosines.argmax(axis=0)
    own = np.flatnonzero((back[nearest] == np.arange(len(nearest))) & (cosines.max(axis=1) >= LIKE))
    place = nearest[own]
    seen = _seen(place)
    for table, rows in zip(found, (own, place), strict=True):
        table[rows] = seen
    return found[0], found[1]


def _seen(place: npt.NDArray[np.intp]) -> FloatArray:
    """Return (n, ORDERS) of n tokens in order that stand at these places on the other side."""
    count = len(place)
    seen = np.ones((count, ORDERS), dtype=np.float32)
    is_before = place[:, None] < place[None, :]
    crossed = np.triu(~is_before, 1)
    crossed |= crossed.T
    seen[:, 1] = crossed.sum(axis=1) / max(1, count - 1)
    numbers = np.arange(count)
    low, high = np.minimum(numbers[:, None], numbers), np.maximum(numbers[:, None], numbers)
    near, far = np.minimum(place[:, None], place), np.maximum(place[:, None], place)
    is_between = (
        (low[..., None] < numbers) & (numbers < high[..., None])
        & (near[..., None] < place) & (place < far[..., None])
    )  # fmt: skip
    between = np.where(crossed, is_between.sum(axis=2), 0)
    seen[:, 2] = np.minimum(1, between.max(axis=1, initial=0) / MANY)
    return seen
