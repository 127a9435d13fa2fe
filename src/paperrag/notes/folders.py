"""A note's path -> the folders above it, and what links call it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import PurePosixPath

from paperrag.text.folding import name_key
from paperrag.text.patterns import EXPORT_ID

_DATA_SUFFIXES = (".ipynb", ".canvas", ".enex")
"""Of notes that programs keep as data."""

SUFFIXES = (
    *(".md", ".markdown", ".mdown", ".mkd", ".mdx", ".qmd", ".rmd", ".txt", ".org"),
    *_DATA_SUFFIXES,
)
"""Of files that are notes."""


@lru_cache(maxsize=64)
def folders_of(source: str) -> tuple[str, ...]:
    """Return the folders below the one that gives the kind: notes/llm/kv.md -> ("llm",)."""
    folders = PurePosixPath(source).parts[:-1]
    folders = folders[1:] if folders[:1] in (("notes",), ("abstracts",)) else folders
    return tuple(EXPORT_ID.sub("", folder) or folder for folder in folders)


def is_note_name(name: str) -> bool:
    """Whether a file of this name is a note."""
    return name.lower().endswith(SUFFIXES)


def is_data_name(name: str) -> bool:
    """Whether a note of this name is data, of which no line is read as it stands."""
    return name.lower().endswith(_DATA_SUFFIXES)


def link_names(source: str) -> tuple[str, str]:
    """Return what a `[[wiki-link]]` may call a file, as `name_key` compares: its path and its name,
    without the suffix of a note.
    """
    path = source.rpartition(".")[0] if is_note_name(source) else source
    return name_key(path), name_key(path.rpartition("/")[2])
