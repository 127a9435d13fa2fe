"""Names of notes, as wiki-links and addresses say them, and pictures that notes show -> files of
the corpus. Nothing outside of the corpus is ever found.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote

from msgspec import Struct

from paperrag.index.engine import Snapshot
from paperrag.notes.folders import link_names
from paperrag.notes.lookup import named_place
from paperrag.text.folding import name_key
from paperrag.text.markup import plain_text
from paperrag.text.patterns import lazy_pattern

PICTURES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".svg": "image/svg+xml",
}
"""Kinds of pictures that are shown, by suffix."""

HEADING = lazy_pattern(r"\s{0,3}#{1,6}\s+(.*)")


class NotePlace(Struct, frozen=True):
    """A line of a note, from 1; `heading` is where to look for the line instead, "" if it is
    known.
    """

    source: str
    line: int = 1
    heading: str = ""


class NoteNames:
    """What the notes of one index generation are called."""

    def __init__(self, data: Snapshot) -> None:
        self._data = data

    def find(self, what: str) -> NotePlace | None:
        """Return the place that an entry's id, FILE, FILE:LINE or a wiki-link's words name."""
        row = self._data.entries.row_of(what)
        if row is not None:
            entry = self._data.entries.get(row)
            return NotePlace(entry.source, entry.line_start)
        files = self._data.manifest.files
        name, line, _ = (what, 1, None) if what in files else named_place(what)
        if name in files:
            return NotePlace(name, line)
        name, _, heading = what.partition("#")
        source = self._by_name.get(name_key(name)) or self._by_name.get(
            name_key(name.rpartition("/")[2])
        )
        return NotePlace(source, 1, heading.rpartition("#")[2]) if source else None

    @cached_property
    def _by_name(self) -> dict[str, str]:
        """Files by their names, with and without suffix and folders, then by what their works are
        called; the first of a name counts.
        """
        names: dict[str, str] = {}
        for source in self._data.manifest.files:
            for name in (name_key(source), *link_names(source)):
                names.setdefault(name, source)
        for work in self._data.entries.works:
            for name in (work.name, *work.aliases):
                names.setdefault(name_key(name), work.source)
        return names


def line_of_heading(lines: list[str], heading: str) -> int:
    """Return the line of a heading, 1 if no heading says this."""
    wanted = name_key(heading)
    for number, line in enumerate(lines, 1):
        match = HEADING.fullmatch(line)
        if match and name_key(plain_text(match[1])) == wanted:
            return number
    return 1


class Pictures:
    """The pictures below a corpus that one of its notes shows; folders are looked through once."""

    def __init__(self, corpus: Path, note: str) -> None:
        self._root = Path(os.path.realpath(corpus))
        self._note = note

    def find(self, path: str) -> Path | None:
        """Return the picture that the note shows by a path below its folder or the corpus, or by
        its name alone; None for what is no picture, hidden, or outside of the corpus.
        """
        plain = unquote(path).replace("\\", "/")
        if Path(plain).suffix.lower() not in PICTURES or "\0" in plain:
            return None
        real = (Path(os.path.realpath(one)) for one in self._candidates(plain))
        return next(filter(self._is_shown, real), None)

    def _is_shown(self, real: Path) -> bool:
        inside = real.is_relative_to(self._root) and real.relative_to(self._root).parts
        is_open = inside and not any(part.startswith(".") for part in inside)
        return bool(is_open) and real.suffix.lower() in PICTURES and real.is_file()

    def _candidates(self, path: str) -> Iterator[Path]:
        yield (self._root / self._note).parent / path
        yield self._root / path.lstrip("/")
        if path in self._by_name:
            yield self._by_name[path]

    @cached_property
    def _by_name(self) -> dict[str, Path]:
        """Pictures by their names; the first of a name counts."""
        found: dict[str, Path] = {}
        for folder, folders, names in os.walk(self._root):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in names:
                if Path(name).suffix.lower() in PICTURES:
                    found.setdefault(name, Path(folder) / name)
        return found
