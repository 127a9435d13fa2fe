"""The data folder's files -> rows of text. Streams; knows columns and file names, no views."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import zstandard

PARALLEL = "parallel.en-zh.tsv"
RETRIEVAL = "retrieval-pairs.tsv"
SUMMARIES = "paper-summaries.zh.tsv"
GLOSSARY = "glossary.en-zh.tsv"

_WINDOW_BYTES = 2**27
"""The files are packed with a long window (zstd --long=27)."""


def read_rows(folder: Path, name: str) -> Iterator[list[str]]:
    """Yield the cells of each line of `name` or `name.zst`, a header line skipped.

    Raises FileNotFoundError naming both when neither is there.
    """
    plain, packed = folder / name, folder / f"{name}.zst"
    if plain.exists():
        with plain.open(encoding="utf-8") as lines:
            yield from _cells(lines)
    elif packed.exists():
        with packed.open("rb") as raw:
            stream = zstandard.ZstdDecompressor(max_window_size=_WINDOW_BYTES).stream_reader(raw)
            yield from _cells(io.TextIOWrapper(stream, encoding="utf-8", newline="\n"))
    else:
        raise FileNotFoundError(
            f"expected {plain} or {packed}; give the data folder as the first argument"
        )


def _cells(lines: io.TextIOBase) -> Iterator[list[str]]:
    for number, line in enumerate(lines):
        cells = line.rstrip("\n").split("\t")
        if number == 0 and cells[0] in ("en", "query"):
            continue
        yield cells
