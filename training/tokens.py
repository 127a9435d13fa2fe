"""texts.txt -> token ids in one flat array, and ragged cuts of it. Knows no views, no model."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

IntArray = npt.NDArray[np.integer]

_CHUNK_TEXTS = 50_000


class TokenStore:
    """All texts' token ids: `flat` (tokens,) int32 and `starts` (texts + 1,) int64."""

    def __init__(self, flat: IntArray, starts: IntArray) -> None:
        self.flat = flat
        self.starts = starts
        self.lengths = np.diff(starts)

    @classmethod
    def encode(cls, texts: Path, tokenizer: Tokenizer) -> TokenStore:
        """Tokenise a file of one text a line; unknown tokens (id 0) are left out."""
        parts, lengths = [], []
        for chunk in _chunks(texts):
            for encoding in tokenizer.encode_batch_fast(chunk, add_special_tokens=False):
                ids = np.asarray(encoding.ids, dtype=np.int32)
                ids = ids[ids > 0]
                parts.append(ids)
                lengths.append(len(ids))
        starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        return cls(np.concatenate(parts), starts)

    @classmethod
    def load(cls, path: Path) -> TokenStore:
        """Read what `save` wrote."""
        with np.load(path) as arrays:
            return cls(arrays["flat"], arrays["starts"])

    def save(self, path: Path) -> None:
        """Write the two arrays to one .npz file."""
        np.savez(path, flat=self.flat, starts=self.starts)

    def cut(self, firsts: IntArray, counts: IntArray) -> IntArray:
        """Return the tokens flat[first : first + count] of every text, end to end."""
        shifts = firsts - (np.cumsum(counts) - counts)
        return self.flat[np.repeat(shifts, counts) + np.arange(int(counts.sum()))]

    def frequencies(self, vocabulary: int) -> IntArray:
        """Return how often each token occurs, (vocabulary,)."""
        return np.bincount(self.flat, minlength=vocabulary)


def load_store(work: Path, tokenizer: Tokenizer) -> TokenStore:
    """Return the work folder's texts as tokens, kept there by the tokenizer's checksum after the
    first time.
    """
    digest = hashlib.sha256(tokenizer.to_str().encode()).hexdigest()[:12]
    kept = work / f"tokens-{digest}.npz"
    if kept.exists():
        return TokenStore.load(kept)
    store = TokenStore.encode(work / "texts.txt", tokenizer)
    store.save(kept)
    return store


def _chunks(texts: Path) -> Iterator[list[str]]:
    with texts.open(encoding="utf-8", newline="\n") as lines:
        while chunk := [line.rstrip("\n") for line in islice(lines, _CHUNK_TEXTS)]:
            yield chunk
