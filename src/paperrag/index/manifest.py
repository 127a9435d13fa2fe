"""What an index says of itself: what it was made from and with, its files and its segments.

Knows no folders: `catalogue.py` keeps it in SQLite.
"""

from __future__ import annotations

from msgspec import Struct, field

from paperrag.index.corpus_place import CorpusPlace
from paperrag.notes.corpus import FileStamp
from paperrag.records import Trouble

FORMAT = 10
"""Version of the files in an index folder; an index of another format is refused."""


class FileRecord(Struct, frozen=True, gc=False):
    """What the index knows of a source file, whose rows are those of file `number` of a segment.

    `read_ns`: when it was last read, in nanoseconds since 1970.
    """

    sha256: str
    stamp: FileStamp
    read_ns: int
    segment: int
    number: int
    entries: int
    chunks: int
    troubles: tuple[Trouble, ...] = ()


class SegmentRecord(Struct, frozen=True):
    """A segment on disk: its size, and the seal that says which file it is (see `arrays.py`)."""

    bytes: int
    seal: str
    chunks: int


class Manifest(Struct, frozen=True):
    """The index's description of itself; what must match before it is used, and what it holds.

    `made`: a number that no other index has; `generation` counts what was saved in this one.
    `files` are in corpus order. Rows of a segment that no file names are dead. `waiting_bytes`: of
    new files that a run had not reached when this was saved.
    """

    made: str
    generation: int
    corpus: CorpusPlace
    encoder: str
    encoder_fingerprint: str
    encoder_prompts: dict[str, str]
    encoder_stamp: str
    dimension: int
    note_rules: str
    chunking: str
    chunk_tokens: int
    tokenizer: str
    dense_baseline: float
    package_version: str
    entries: int = 0
    chunks: int = 0
    files: dict[str, FileRecord] = field(default_factory=dict)
    segments: dict[int, SegmentRecord] = field(default_factory=dict)
    troubles: tuple[Trouble, ...] = ()
    waiting_bytes: int = 0
    format: int = FORMAT

    @property
    def expected_entries(self) -> int | None:
        """About how many entries there will be once the files that wait are read, to three digits;
        None where none waits.
        """
        if not self.waiting_bytes:
            return None
        known = sum(file.stamp.size_bytes for file in self.files.values())
        if not known:
            return None
        expected = self.entries * (1 + self.waiting_bytes / known)
        return max(self.entries, int(float(f"{expected:.3g}")))
