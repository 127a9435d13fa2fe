"""Which corpus an index was made from, and whether a folder is that corpus."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Self

from msgspec import Struct

from paperrag.errors import IndexMismatch


class CorpusPlace(Struct, frozen=True):
    """Where the corpus of an index lies: its real path, and its path as seen from the index, or the
    name that it has there.

    A corpus that moved together with its index is still the same one; one at neither place is
    another.
    """

    path: str
    from_index: str

    @classmethod
    def of(cls, corpus: Path, index: Path) -> Self:
        """Return the place of a corpus, for an index in a folder."""
        path, folder = os.path.realpath(corpus), os.path.realpath(index)
        try:
            from_index = Path(os.path.relpath(path, folder)).as_posix()
        except ValueError:  # on another drive of Windows
            from_index = ""
        return cls(in_utf8(path), in_utf8(from_index))

    def check(self, asked: CorpusPlace, index: str) -> None:
        """Raise IndexMismatch, naming both, if the corpus asked for is not the one at this
        place.
        """
        if self.path == asked.path or self.from_index == asked.from_index != "":
            return
        raise IndexMismatch(
            f"{index} was made from the notes in {self.path}, asked for are those in "
            f"{asked.path}; pass --index DIR for an index of their own, or, to throw this one "
            f"away, run: paperrag index --rebuild"
        )


def in_utf8(path: str) -> str:
    """Return a path as text, with escapes for bytes that are not UTF-8."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
