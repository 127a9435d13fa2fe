"""The folders above a note."""

from __future__ import annotations

from functools import lru_cache
from pathlib import PurePosixPath

from paperrag.text.patterns import lazy_pattern

EXPORT_ID = lazy_pattern(r"\s+[0-9a-f]{32}$")
"""What Notion puts behind the names of files and folders."""


@lru_cache(maxsize=64)
def folders_of(source: str) -> tuple[str, ...]:
    """Return the folders below the one that gives the kind: notes/llm/kv.md -> ("llm",)."""
    folders = PurePosixPath(source).parts[:-1]
    folders = folders[1:] if folders[:1] in (("notes",), ("abstracts",)) else folders
    return tuple(EXPORT_ID.sub("", folder) or folder for folder in folders)
