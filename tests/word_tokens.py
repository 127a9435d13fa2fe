"""Texts in tokens, a word each, whose rows a reader can work out."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from paperrag.encoders.contract import FloatArray
from paperrag.proof.polarity import OPPOSITES
from paperrag.proof.windows import Tokens, tokens_of

FAINT = 0.4
"""How far "rather" points up, 1 for words of pairs."""


class WordEncoder:
    """Each word has a direction of its own; but the first words of opposites point up in the
    last one, the second ones down, and "rather" a little up.
    """

    def __init__(self) -> None:
        self._words: list[str] = []
        pairs = [pair.split("/") for pair in OPPOSITES]
        self.ways = dict.fromkeys((b for _, b in pairs), -1.0)
        self.ways |= dict.fromkeys((a for a, _ in pairs), 1.0) | {"rather": FAINT}

    def token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        return [self.token_spans(text)[0] for text in texts]

    def token_spans(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        spans = [match.span() for match in re.finditer(r"\S+", text)]
        words = [text[start:end] for start, end in spans]
        self._words += [word for word in dict.fromkeys(words) if word not in self._words]
        return [self._words.index(word) for word in words], spans

    def token_vectors(self, ids: Sequence[int]) -> FloatArray:
        rows = np.zeros((len(ids), 512), dtype=np.float32)
        for row, place in enumerate(ids):
            way = self.ways.get(self._words[place], 0.0)
            rows[row, 511] = way
            rows[row, place] = (1 - way**2) ** 0.5
        return rows


def told(claim: str, text: str) -> tuple[Tokens, Tokens, WordEncoder]:
    """A claim and a text in tokens, and what read them."""
    encoder = WordEncoder()
    return tokens_of(claim, encoder), tokens_of(text, encoder), encoder
