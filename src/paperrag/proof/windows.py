"""Texts -> the sentences of them that a claim is best held against, within what the network reads.
Knows no network.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from paperrag.encoders.contract import FloatArray
from paperrag.text.language import sentence_spans
from paperrag.text.markup import plain_text

WINDOW_TOKENS = 112
"""Tokens of a text that a claim is held against; the network was trained on as many."""

LEAST_GAIN = 0.02
"""Share of a claim's weight that a further sentence must meet better to be read too."""


def sentences(text: str) -> list[str]:
    """Return the distinct sentences of a text, in order, without Markdown and addresses."""
    plain = plain_text(text)
    return list(dict.fromkeys(plain[start:end] for start, end in sentence_spans(plain)))


def best_sentences(
    met: FloatArray, weights: FloatArray, sizes: Sequence[int], most: int = WINDOW_TOKENS
) -> list[int]:
    """Return the places of the sentences that together meet a claim best, in order.

    met: (tokens of the claim, sentences) cosines of the nearest token of each; weights: (tokens,).
    sizes: tokens of each sentence; they add up to `most` at most, but the first is always there.
    """
    total = float(weights.sum()) or 1.0
    reached = np.zeros(len(weights), dtype=np.float32)
    chosen: list[int] = []
    left = most
    while len(chosen) < len(sizes):
        gains = weights @ np.maximum(met - reached[:, None], 0) / total
        gains[chosen] = -1
        if chosen:
            gains[np.array(sizes) > left] = -1
        best = int(np.argmax(gains))
        if gains[best] < (LEAST_GAIN if chosen else -0.5):
            break
        chosen.append(best)
        left -= sizes[best]
        reached = np.maximum(reached, met[:, best])
    return sorted(chosen)
