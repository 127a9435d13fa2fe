"""How words of the program are kept as numbers in columns."""

from __future__ import annotations

import hashlib
from typing import get_args

from paperrag.records import Kind, Language, Part

KINDS: tuple[Kind, ...] = get_args(Kind)
LANGUAGES: tuple[Language, ...] = get_args(Language)
PARTS: tuple[Part, ...] = get_args(Part)


def text_hash(text: str) -> int:
    """Return the first 8 bytes of a text's sha256 as a number."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")
