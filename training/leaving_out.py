"""Which papers and texts training must not see: held-out papers, and papers the notes link to.

Decides by arXiv id, and by title where the id is unknown. Reads the notes only to know what to
leave out; no text of theirs goes anywhere.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

_ARXIV_ID = re.compile(r"(?<!\d)(\d{4}\.\d{4,5})(?!\d)")
_NAME = re.compile(r"(?<![A-Za-z0-9])[A-Z][A-Za-z0-9+\-]*[A-Z0-9+][A-Za-z0-9+\-]*")
_SHORTEST_TITLE_CHARS = 18
_SHORTEST_NAME_CHARS = 4


def squeeze(text: str) -> str:
    """Return a text's letters and digits, lower-case: what two spellings of one title share."""
    return re.sub(r"[\W_]+", "", text.lower())


def fraction_of(key: str, seed: int) -> float:
    """Return a number in [0, 1) that depends on the key and the seed alone."""
    digest = hashlib.sha256(f"{seed}\t{key}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


@dataclass
class NotedPapers:
    """The papers a notes text names: by arXiv id, by full title, by a name before a colon."""

    ids: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    squeezed: str = ""

    @classmethod
    def of(cls, notes: Iterable[str]) -> NotedPapers:
        """Collect them from the texts of notes."""
        texts = list(notes)
        joined = "\n".join(texts)
        names = {name for name in _NAME.findall(joined) if len(name) >= _SHORTEST_NAME_CHARS}
        return cls(set(_ARXIV_ID.findall(joined)), names, squeeze(joined))

    def names_paper(self, paper: str, title: str = "") -> bool:
        """Whether the notes link to this id, hold this title, or use the name it starts with."""
        if paper in self.ids:
            return True
        short = squeeze(title)
        if len(short) >= _SHORTEST_TITLE_CHARS and short in self.squeezed:
            return True
        name, colon, _ = title.partition(":")
        return bool(colon) and name.strip() in self.names


def smallest_by_hash(keys: Iterable[str], count: int, seed: int) -> set[str]:
    """Return `count` of the keys, chosen by seeded hash: the same ones whatever their order."""
    return set(sorted(set(keys), key=lambda key: (fraction_of(key, seed), key))[:count])
