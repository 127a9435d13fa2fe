"""What each peer is asked to do with the same texts and the same encoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

Encode = Callable[[Sequence[str]], Any]
"""Texts -> float32 unit vectors, (n, d)."""

TEN = 10
"""Hits of a question."""


class Peer(Protocol):
    """A search over texts, kept in a folder; a text is known by its place among them."""

    def __init__(self, folder: Path, encode: Encode) -> None: ...

    def build(self, texts: Sequence[str]) -> None:
        """Index texts and keep the index in the folder."""

    def open(self) -> None:
        """Get ready to search what the folder holds."""

    def add(self, text: str) -> None:
        """Take in one more text, of an index that is open, so that the next process finds it."""

    def search(self, question: str) -> list[int]:
        """Return the ten best texts, best first."""
