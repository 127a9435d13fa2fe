"""A claim and texts -> the sentences that the claim is best held against, in tokens, within what
the network reads. Knows no network.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from paperrag.encoders.contract import FloatArray, SpanEncoder, unit_rows
from paperrag.records import Span
from paperrag.text.language import sentence_spans
from paperrag.text.markup import plain_text

WINDOW_TOKENS = 112
"""Tokens of a text that a claim is held against; the network was trained on as many."""

LEAST_GAIN = 0.02
"""Share of a claim's weight that a further sentence must meet better to be read too. By hand; the
network was trained with it (`training/claims`).
"""

CLAUSE_END = r"[,;:，；：](?!\d)|[.!?](?=\s|$)|[。！？\n]"


class Tokens(Struct, frozen=True):
    """A text's known tokens: ids (t,), spans in the text, rows (t, d) with their weight as
    length.
    """

    text: str
    ids: list[int]
    spans: list[Span]
    rows: FloatArray

    def first(self, most: int) -> Tokens:
        """Return no more than so many tokens, of the same text."""
        return Tokens(self.text, self.ids[:most], self.spans[:most], self.rows[:most])


def tokens_of(text: str, encoder: SpanEncoder) -> Tokens:
    """Return a text in tokens."""
    ids, spans = encoder.token_spans(text)
    rows = encoder.token_vectors(ids) if ids else np.zeros((0, 1), dtype=np.float32)
    return Tokens(text, ids, spans, rows)


def sentences(text: str) -> list[str]:
    """Return the distinct sentences of a text, in order, without Markdown and addresses."""
    plain = plain_text(text)
    return list(dict.fromkeys(plain[start:end] for start, end in sentence_spans(plain)))


def window(claim: Tokens, told: Sequence[Tokens], most: int = WINDOW_TOKENS) -> str:
    """Return the sentences that together meet a claim best, in order, a line each, of `most` tokens
    or the best of them alone; "" if a side is empty.
    """
    told = [one for one in told if one.ids]
    if not claim.ids or not told:
        return ""
    units, weights = unit_rows(claim.rows), np.linalg.norm(claim.rows, axis=1)
    met = np.stack([(units @ unit_rows(one.rows).T).max(axis=1) for one in told], axis=1)
    chosen = best_sentences(met, weights, [len(one.ids) for one in told], most)
    return "\n".join(told[place].text for place in chosen)


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
