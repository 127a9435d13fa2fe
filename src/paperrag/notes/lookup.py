"""A note file as it is now: lines of it by its name, and whether it still says a quote."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache, partial
from pathlib import Path

from msgspec import Struct

from paperrag.errors import CorpusError, QueryError
from paperrag.notes.corpus import read_lines, scan_corpus
from paperrag.records import Entry
from paperrag.text.alike import alike
from paperrag.text.decoding import decode
from paperrag.text.patterns import lazy_pattern

_LINES = lazy_pattern(r"(?<=.):(\d+)(?:-(\d+))?$")


class NoteLines(Struct, frozen=True):
    """Lines `line_start` to `line_end` of a file of the corpus, counted from 1."""

    source: str
    line_start: int
    line_end: int
    text: str


class QuoteVerifier:
    """Checks quotes against the files as they are now, reading each file once."""

    def __init__(self, corpus: Path) -> None:
        self._read_lines = lru_cache(maxsize=64)(partial(_lines_as_read, corpus))

    def __call__(self, entry: Entry, quote: str) -> bool:
        """Whether the entry's lines hold the quote now."""
        lines = self._read_lines(entry.source)
        return bool(quote.strip()) and quote in "\n".join(
            lines[entry.line_start - 1 : entry.line_end]
        )


def _lines_as_read(corpus: Path, source: str) -> list[str]:
    from paperrag.notes.foreign.translated import in_markdown  # patterns of other parsers

    return in_markdown("\n".join(read_lines(corpus, source) or [])).split("\n")


def read_note(
    corpus: Path,
    name: str,
    first: int = 1,
    last: int | None = None,
    exclude: Sequence[str] = (),
) -> NoteLines:
    """Return lines of the one file that a name means; only files of the corpus are read.

    name: a path, that below the corpus, or its end as far as it means one file, with or without
    suffix. last: None for the end. exclude: as in `scan_corpus`. Raises QueryError for another
    name or place, CorpusError.
    """
    sources = [file.source for file in scan_corpus(corpus, exclude)[0]]
    source = _by_path(corpus, name, sources) or _meant(name, sources)
    try:
        decoded = decode((corpus / source).read_bytes())
    except OSError as error:
        raise CorpusError(f"cannot read {source} ({error.strerror})") from error
    if decoded is None:
        raise CorpusError(f"{source} is no text")
    lines = decoded.text.removesuffix("\n").split("\n")
    end = len(lines) if last is None else min(last, len(lines))
    if not 1 <= first <= end:
        raise QueryError(f"{source} has lines 1 to {len(lines)}; asked for were {first} to {end}")
    return NoteLines(source, first, end, "\n".join(lines[first - 1 : end]))


def named_place(what: str) -> tuple[str, int, int | None]:
    """Return the name, first and last line of FILE:LINE or FILE:LINE-LINE, as answers say where
    they are from; from line 1 where none is named, None for the end.
    """
    said = _LINES.search(what)
    if said is None:
        return what, 1, None
    return what[: said.start()], int(said[1]), int(said[2]) if said[2] else None


def _by_path(corpus: Path, name: str, sources: list[str]) -> str:
    """Return the file of a path from where one stands, "" if it is none of the corpus."""
    root, path = Path(os.path.abspath(corpus)), Path(os.path.abspath(name))  # noqa: PTH100  # of links
    source = path.relative_to(root).as_posix() if path.is_relative_to(root) else ""
    return source if source in sources else ""


def _meant(name: str, sources: list[str]) -> str:
    wanted = name.replace("\\", "/").removeprefix("./").strip("/")
    found = [
        source
        for source in sources
        if wanted in (source, source.rpartition(".")[0])
        or f"/{source}".endswith(f"/{wanted}")
        or f"/{source.rpartition('.')[0]}".endswith(f"/{wanted}")
    ]
    if wanted in found or len(found) == 1:
        return wanted if wanted in found else found[0]
    if found:
        raise QueryError(f"{name!r} means several notes: {', '.join(found[:5])}; name one of them")
    near = alike(wanted, sources)
    raise QueryError(
        f"no entry has the id and no note the name {name!r}"
        + (f"; near: {', '.join(near)}" if near else "; ids and names come from search and ask")
    )
