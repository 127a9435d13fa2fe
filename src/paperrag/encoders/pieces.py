"""A few short texts -> what splits them into tokens, by the pieces alone that stand in them.

Opening a whole tokenizer takes an eighth of a second, and a question holds a hundred of its 48,000
pieces. A Unigram model weighs only pieces that stand in a text, and the least likely of all, which
says what an unknown character costs: with these it splits the text as with all of them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from paperrag.errors import EncoderError

PIECES_FILE, RULES_FILE = "pieces.npy", "pieces.json"
"""Of a model folder: its pieces, ascending by hash; its tokenizer with the least likely piece
alone. `training.pieces` writes them."""

PIECE = np.dtype([("hash", "<u8"), ("score", "<f8"), ("token", "<u4")])

_FACTOR = np.uint64(0x9E3779B97F4A7C15)
"""Of a polynomial hash modulo 2^64: odd, and far from any small number, 2^64 by the golden
ratio."""

_KEY_BITS = 20
"""Of the table that most windows are left out by: one in twenty of it is a piece's."""


def window_hashes(text: str, longest: int) -> list[npt.NDArray[np.uint64]]:
    """Return, for 1 to `longest` characters, the hashes of so many from each place of a text on."""
    codes = np.frombuffer(text.encode("utf-32-le"), "<u4").astype(np.uint64) + np.uint64(1)
    hashes, windows = codes, []
    for chars in range(1, min(longest, len(codes)) + 1):
        windows.append(hashes)
        hashes = hashes[:-1] * _FACTOR + codes[chars:]
    return windows


def _keys(hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return where hashes stand in a table that tells which may be those of pieces."""
    return (hashes * _FACTOR) >> np.uint64(64 - _KEY_BITS)


class FewPieces:
    """Makes tokenizers of the pieces of a model folder. Raises EncoderError if they cannot be
    read.

    May be asked from several threads: the page answers two questions at once.
    """

    def __init__(self, folder: Path) -> None:
        try:
            pieces = np.load(folder / PIECES_FILE, mmap_mode="r")
            self._hashes, self._scores, self._tokens = (
                np.ascontiguousarray(pieces[name]) for name in PIECE.names or ()
            )
            self._rules = json.loads((folder / RULES_FILE).read_bytes())
            self._longest: int = self._rules.pop("longest_piece")
            self._always: list[int] = self._rules.pop("tokens")
        except (OSError, ValueError, KeyError, IndexError, EOFError) as error:
            raise EncoderError(
                f"cannot read {folder / PIECES_FILE} and {RULES_FILE} beside it: {error}; "
                f"reinstall paperrag"
            ) from error
        self._may_be = np.zeros(1 << _KEY_BITS, dtype=bool)
        self._may_be[_keys(self._hashes)] = True
        self._lock = Lock()
        self._known: dict[str, tuple[float, int]] = {}
        self._last = self._make()
        self.made = 0  # tokenizers for texts

    def tokenizer(self, texts: Sequence[str]) -> tuple[Any, list[int]]:
        """Return a tokenizer that splits these texts as the whole one does, and the token of each
        of its pieces.
        """
        with self._lock:
            before = len(self._known)
            normalized = map(self._last[0].normalizer.normalize_str, texts)
            self._known |= self._pieces_in("\n".join(normalized))
            if len(self._known) > before:
                self._last = self._make()
                self.made += 1
            return self._last

    def _pieces_in(self, text: str) -> dict[str, tuple[float, int]]:
        """Return the score and the token of each piece that stands anywhere in a text."""
        starts, ends = np.zeros((2, len(self._hashes)), dtype=np.int64)
        for chars, hashes in enumerate(window_hashes(text, self._longest), start=1):
            places = np.flatnonzero(self._may_be[_keys(hashes)])
            rows = np.searchsorted(self._hashes[:-1], hashes[places])
            is_piece = self._hashes[rows] == hashes[places]
            starts[rows[is_piece]] = places[is_piece]
            ends[rows[is_piece]] = places[is_piece] + chars
        rows = np.flatnonzero(ends)
        spans = zip(starts[rows].tolist(), ends[rows].tolist(), strict=True)
        pieces = [text[start:end] for start, end in spans]
        told = zip(self._scores[rows].tolist(), self._tokens[rows].tolist(), strict=True)
        return dict(zip(pieces, told, strict=True))

    def _make(self) -> tuple[Any, list[int]]:
        from tokenizers import Tokenizer

        model = self._rules["model"]
        pieces = [[piece, score] for piece, (score, _) in self._known.items()]
        rules = self._rules | {"model": model | {"vocab": model["vocab"] + pieces}}
        tokens = [*self._always, *(token for _, token in self._known.values())]
        return Tokenizer.from_str(json.dumps(rules)), tokens
