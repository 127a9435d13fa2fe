"""The index of a corpus in Milvus, which many machines share: the engine behind `store = "milvus"`.

    NAME_chunks   vectors, weighed words, scalars          rows.py, snapshot.py
    NAME_parts    entries, works, arrays, the manifest     segment.py, manifest.py

The corpus is the partition key, so one pair of collections serves many corpora and users. A batch
of rows is written whole and counted before a version of the manifest names it; who reads keeps the
arrays of the segments in a folder on its own disk, and asks for the rest.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from paperrag.errors import (
    IndexCorrupt,
    IndexError_,
    IndexMismatch,
    IndexMissing,
    IndexWriteError,
)
from paperrag.files import write_whole
from paperrag.index.arrays import REBUILD, ArrayFile
from paperrag.index.corpus_place import CorpusPlace, in_utf8
from paperrag.index.manifest import Manifest, SegmentRecord
from paperrag.index.milvus.client import MOST_BYTES, MilvusTables
from paperrag.index.milvus.lease import MilvusLease
from paperrag.index.milvus.manifest import MilvusManifest, Version
from paperrag.index.milvus.rows import (
    array_bytes,
    array_ids,
    array_rows,
    arrays_file,
    chunk_rows,
    packed_rows,
    text_rows,
)
from paperrag.index.milvus.schema import TEXT_BYTES
from paperrag.index.milvus.segment import MilvusSegment
from paperrag.index.milvus.snapshot import MilvusSnapshot
from paperrag.index.milvus.stamps import LocalStamps, differ_in_stamps_only
from paperrag.index.rows import Rows

READERS_S = 600.0
"""Segments that no manifest names any more stay for so long, for those who read them."""

FRESH_S = 60.0
"""For so long after a commit Milvus is asked to wait until it has seen all that was written; clocks
of writer and reader may differ by a little less."""


class MilvusEngine:
    """Reads and writes one corpus in Milvus. Raises IndexUnreachable where it cannot be asked.

    folder: where the arrays of segments are kept once they were fetched, and the lock.
    """

    def __init__(self, folder: Path, tables: MilvusTables) -> None:
        self.folder = folder
        self.tables = tables
        self.manifests = MilvusManifest(tables)
        self.staged = MilvusManifest(tables, "staged")
        self.lease = MilvusLease(tables, folder)
        self.stamps = LocalStamps(folder / "stamps.json")
        self._seen: tuple[Version, Manifest] | None = None
        self._segments: dict[tuple[int, str], MilvusSegment] = {}
        self._last_number = 0

    @property
    def name(self) -> str:
        """What `status` calls it."""
        return f"Milvus, {self.tables.name}"

    def place_of(self, corpus: Path) -> CorpusPlace:
        """Return which corpus that is: here its name tells, wherever a machine has it."""
        return CorpusPlace(in_utf8(os.path.realpath(corpus)), f"Milvus: {self.tables.corpus}")

    def manifest(self) -> Manifest:
        """Return the current manifest, the same object as long as nothing was committed."""
        version = self.manifests.read()
        if self._seen is None or self._seen[0] is not version:
            self._seen = version, self.stamps.over(version.manifest)
        return self._seen[1]

    def generation(self) -> int:
        """Return the number of the current generation, 0 where no manifest can be read."""
        version = self._version()
        return version.manifest.generation if version else 0

    def load(self) -> MilvusSnapshot:
        """Return the index as it is now."""
        return self.snapshot(self.manifests.read(), self.manifest())

    def snapshot(self, version: Version, manifest: Manifest | None = None) -> MilvusSnapshot:
        """Return what a version of the manifest names. manifest: as it is on this machine."""
        records = version.manifest.segments.items()
        segments = [self.open_segment(*numbered) for numbered in records]
        fresh_until = version.head.written + FRESH_S
        return MilvusSnapshot(manifest or version.manifest, segments, self.tables, fresh_until)

    def check(self) -> MilvusSnapshot:
        """Return the index after every row of it was read and found to be as written."""
        snapshot = self.load()
        for number, record in snapshot.manifest.segments.items():
            self.open_segment(number, record).check_all()
        return snapshot

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the corpus for writing. Raises IndexLocked, naming the holder."""
        from filelock import FileLock, Timeout

        self.folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.folder / "lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise self.lease.held_by("another process of this machine") from None
        try:
            self.lease.take()
            try:
                yield
            finally:
                with suppress(IndexError_):  # what is left is swept by the next writer
                    self.lease.renew()
                    self.sweep()
                with suppress(IndexError_):
                    self.lease.end()
        finally:
            lock.release()

    def add_segment(self, rows: Rows) -> tuple[int, SegmentRecord]:
        """Write rows of files in corpus order; nobody reads them before a manifest names them."""
        self.tables.create(rows.vectors.shape[1])
        self.lease.renew()
        number = self._next_number()
        packed = packed_rows(rows)
        data, seal = arrays_file(rows, packed)
        parts = [*array_rows(data, number), *text_rows(rows, number)]
        self.tables.upsert("parts", parts)
        self.tables.upsert("chunks", list(chunk_rows(rows, packed, number)))
        self._check_whole(number, {"chunks": len(packed), "parts": len(parts)})
        self._keep(number, seal, data)
        return number, SegmentRecord(len(data), seal, len(packed))

    def open_segment(self, number: int, record: SegmentRecord) -> MilvusSegment:
        """Return a segment that was written, its arrays from this disk where they are there."""
        key = number, record.seal
        if key not in self._segments:
            name = f"segment {number} of {self.tables.name}"
            arrays = ArrayFile(self._arrays(number, record, name), record.seal, name)
            self._segments[key] = MilvusSegment(number, arrays, self.tables)
        return self._segments[key]

    def commit(self, manifest: Manifest) -> Manifest:
        """Make a manifest the current one, all or nothing."""
        self.tables.create(manifest.dimension)
        self.lease.renew()
        before = self._version()
        if before and differ_in_stamps_only(before.manifest, manifest):
            self.stamps.keep(manifest, before.manifest)
            self._seen = None
            return self.manifest()
        retired = dict(before.head.retired) if before else {}
        now = time.time()
        if before:
            retired |= dict.fromkeys(before.manifest.segments.keys() - manifest.segments, now)
        newest = max(retired, default=0)  # stays, so that no number is given twice
        kept = {
            number: at
            for number, at in retired.items()
            if number not in manifest.segments and (number == newest or at > now - READERS_S)
        }
        self.manifests.write(manifest, before, kept)
        self.stamps.keep(manifest, manifest)
        return self.manifest()

    def sweep(self) -> None:
        """Remove what no manifest names, but for what was named a short while ago."""
        version = self._version()
        if version is None:
            return
        named = {*version.manifest.segments, *self._recent(version), *self._staged_segments()}
        outside = f"segment not in {sorted(named)}"
        self.tables.delete("chunks", outside)
        self.tables.delete("parts", f'kind in ["arrays", "line", "work"] and {outside}')
        self.manifests.sweep()
        self._segments = {key: one for key, one in self._segments.items() if key[0] in named}
        seals = {record.seal[:16] for record in version.manifest.segments.values()}
        for path in self.folder.glob("*.arrays"):
            if path.stem not in seals:
                path.unlink(missing_ok=True)

    def beside(self) -> None:
        """Return None: a rebuild writes into the same tables, and names all of it at once."""

    def disk_bytes(self) -> int:
        """Return what is kept of it on this machine, in bytes."""
        return sum(path.stat().st_size for path in self.folder.glob("*.arrays"))

    # --- writing --------------------------------------------------------------------------------

    def _version(self) -> Version | None:
        try:
            return self.manifests.read()
        except (IndexMissing, IndexMismatch, IndexCorrupt):
            return None

    def _recent(self, version: Version) -> set[int]:
        oldest = time.time() - READERS_S
        return {number for number, at in version.head.retired.items() if at > oldest}

    def _staged_segments(self) -> set[int]:
        try:
            return set(self.staged.read().manifest.segments)
        except IndexError_:
            return set()

    def _next_number(self) -> int:
        version = self._version()
        known = {0, self._last_number, *self._staged_segments()}
        if version:
            known |= {*version.manifest.segments, *version.head.retired}
        self._last_number = max(known) + 1
        for table in ("chunks", "parts"):  # of a writer that was killed
            self.tables.delete(table, self._of_segment(table, self._last_number))
        return self._last_number

    def _of_segment(self, table: str, number: int) -> str:
        kinds = 'kind in ["arrays", "line", "work"] and ' if table == "parts" else ""
        return f"{kinds}segment == {number}"

    def _check_whole(self, number: int, expected: dict[str, int]) -> None:
        for table, count in expected.items():
            found = self.tables.count(table, self._of_segment(table, number))
            if found != count:
                raise IndexWriteError(
                    f"Milvus at {self.tables.shown_uri} holds {found} of {count} rows that were written "
                    f"to {self.tables.collection}_{table}; the index that was there is untouched; "
                    f"run the same again"
                )
        self.tables.flush()

    # --- what is kept here ----------------------------------------------------------------------

    def _arrays(self, number: int, record: SegmentRecord, name: str) -> bytes:
        """Return a file of arrays, from this disk if it is there and whole."""
        path = self._kept(record.seal)
        with suppress(OSError):
            data = path.read_bytes()
            if len(data) == record.bytes:
                return data
        ids, at_once = array_ids(number, record.bytes), MOST_BYTES // TEXT_BYTES
        data = array_bytes(self.tables.named("parts", ids, ("row", "piece", "text"), at_once))
        if len(data) != record.bytes:
            raise IndexCorrupt(
                f"{name} has {len(data)} bytes, its manifest says {record.bytes}; {REBUILD}"
            )
        self._keep(number, record.seal, data)
        return data

    def _kept(self, seal: str) -> Path:
        return self.folder / f"{seal[:16]}.arrays"

    def _keep(self, number: int, seal: str, data: bytes) -> None:
        with suppress(OSError):  # a disk that is full or read-only: fetched again next time
            self.folder.mkdir(parents=True, exist_ok=True)
            write_whole(self._kept(seal), data)
