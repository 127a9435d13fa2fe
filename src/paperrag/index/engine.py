"""The contract of what keeps an index: files on this machine, or a database that many machines
share.

    Engine ─load─> Snapshot ─candidates─> the chunks that a question is held against
      └ lock: add_segment, commit, sweep

A batch of rows is a segment with a number of its own; a manifest says which files of which segments
are in use. So writing is `add_segment` and a `commit` that names it, deleting is a `commit` that no
longer names a file, and `sweep` gives the place back. What a snapshot holds never changes.

Search, answers and the page read a `Snapshot`; building writes to an `Engine`; neither knows what
is behind it. `tests/test_engine.py` holds every engine against an exact one in memory.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from paperrag.encoders.contract import FloatArray
from paperrag.index.candidates import BoolArray, Candidates, IntArray
from paperrag.index.chunk_table import ChunkTable
from paperrag.index.corpus_place import CorpusPlace
from paperrag.index.late import TokenSource
from paperrag.index.layout import Layout
from paperrag.index.manifest import Manifest, SegmentRecord
from paperrag.index.rows import Rows
from paperrag.index.segment import Segment
from paperrag.index.tables import EntryTable


class Snapshot(Protocol):
    """An index as it is at one moment. Entry rows stand in corpus order, chunk rows in entry
    order, both from 0 without gaps; columns and texts of them are read from the segments in the
    layout, whatever these read them from.
    """

    manifest: Manifest
    layout: Layout
    entries: EntryTable
    chunks: ChunkTable

    @property
    def tokens(self) -> TokenSource | None:
        """The token lists of the chunks, None if the encoder has no token vectors."""

    def candidates(
        self, query: FloatArray, words: str, most: int, allowed: BoolArray | None = None
    ) -> Candidates:
        """Return what a question is held against: all chunks if there are at most `most`, else of
        each language and kind (note, abstract) the `most` of the greatest cosine, and the `most` of
        the greatest share of the words, if it is above 0. Of equal ones the first.

        query: (d,) unit row. allowed: a flag for each entry, None for all. Raises ShapeError.
        """

    def rows_with(self, word: str) -> IntArray:
        """Return the chunk rows that hold a word as `lexical.tokenize` gives it, ascending."""

    def vectors_of(self, chunks: IntArray) -> FloatArray:
        """Return the (m, d) vectors of some chunk rows."""

    def hashes(self, source: str) -> dict[int, int]:
        """Return the hashes of the texts of a file's entries, by the hashes of their ids."""


class Engine(Protocol):
    """Where an index is kept. `folder`: what it is called, and where files of its own may lie.

    Every member raises IndexMissing, IndexMismatch, IndexCorrupt,
    IndexUnreachable or IndexWriteError.
    """

    @property
    def folder(self) -> Path:
        """The folder of the index on this machine."""

    @property
    def name(self) -> str:
        """What keeps it, as `status` says it."""

    def place_of(self, corpus: Path) -> CorpusPlace:
        """Return what tells a corpus from all others of which an index may be kept here."""

    def manifest(self) -> Manifest:
        """Return the current manifest, the same object as long as nothing was committed."""

    def generation(self) -> int:
        """Return the number of the current generation, 0 where no manifest can be read."""

    def load(self) -> Snapshot:
        """Return the index as it is now."""

    def check(self) -> Snapshot:
        """Return the index after all of it was read and found to be as written."""

    def lock(self) -> AbstractContextManager[None]:
        """Hold the index for writing; in the end it is swept. Raises IndexLocked."""

    def add_segment(self, rows: Rows) -> tuple[int, SegmentRecord]:
        """Write rows of files in corpus order; nobody reads them before a manifest names them."""

    def open_segment(self, number: int, record: SegmentRecord) -> Segment:
        """Return a segment that was written."""

    def commit(self, manifest: Manifest) -> Manifest:
        """Make a manifest the current one, all or nothing."""

    def sweep(self) -> None:
        """Remove what the manifest does not name."""

    def beside(self) -> Beside | None:
        """Return where a new index is put together while this one is searched, None where it is
        written into this one.
        """

    def disk_bytes(self) -> int:
        """Return what the index takes on this machine, in bytes."""


class Beside(Engine, Protocol):
    """An index that is put together beside another one."""

    def hand_over(self, number: int) -> int:
        """Put a segment into the other one too, and return its number there; both are locked."""

    def discard(self) -> None:
        """Remove all of it."""
