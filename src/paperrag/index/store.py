"""An index on disk: immutable segments, and a catalogue in SQLite that says which are in use.

    index/
      catalogue.sqlite          what the index is, its files, its segments; see `catalogue.py`
      segment-000001.arrays     rows of some files; see `segment.py` and `arrays.py`
      lock, lock.owner          held while writing; see `folder_lock.py`
      next/                     a rebuild under way, all of the same; see `rebuilding.py`

A writer adds segments beside those in use and names them by one transaction, so a process killed at
any moment leaves the old index answering. A reader reads the catalogue once, then maps the segments
that it names: nothing that happens later changes them. Of a segment no more is read than is used.
"""

from __future__ import annotations

import mmap
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from paperrag.errors import (
    IndexCorrupt,
    IndexError_,
    IndexMissing,
    IndexOutdated,
)
from paperrag.files import write_whole
from paperrag.index import catalogue
from paperrag.index.arrays import REBUILD, ArrayFile
from paperrag.index.corpus_place import CorpusPlace
from paperrag.index.data import IndexData
from paperrag.index.folder_lock import locked, writing
from paperrag.index.manifest import FORMAT, Manifest, SegmentRecord
from paperrag.index.rows import Rows
from paperrag.index.segment import Segment, write_segment
from paperrag.index.vectors import LoadVectors, StoreVectors

CATALOGUE = "catalogue.sqlite"
BESIDE = "next"
OLD_MANIFEST = "manifest.json"
"""Of the formats before 5."""

_COUNTER = slice(24, 28)
"""Where a SQLite file counts its transactions."""

_State = tuple[int, int, int, bytes]


class Store:
    """Reads and writes one index folder; how vectors are stored and loaded is handed in."""

    def __init__(
        self,
        folder: Path,
        store_vectors: StoreVectors,
        load_vectors: LoadVectors,
        other: Store | None = None,
    ) -> None:
        self.folder = folder
        self._other = other
        self._store_vectors = store_vectors
        self._load_vectors = load_vectors
        self._last_read: tuple[_State, Manifest] | None = None
        self._segments: dict[tuple[int, str], Segment] = {}

    @property
    def name(self) -> str:
        """What `status` calls it."""
        return str(self.folder)

    def place_of(self, corpus: Path) -> CorpusPlace:
        """Return which corpus that is: where it lies, also as seen from here."""
        return CorpusPlace.of(corpus, self.folder)

    @property
    def path(self) -> Path:
        """Where the catalogue is."""
        return self.folder / CATALOGUE

    def manifest(self) -> Manifest:
        """Return the current manifest, the same object as long as the catalogue is the same.

        Raises IndexMissing, IndexOutdated or IndexCorrupt.
        """
        try:
            state = _state_of(self.path)
        except (FileNotFoundError, NotADirectoryError):
            self._refuse_old_format()
            raise IndexMissing(f"no index in {self.folder}; run: paperrag index") from None
        except OSError as error:
            raise IndexCorrupt(f"cannot read {self.path} ({error}); {REBUILD}") from error
        if self._last_read is not None and self._last_read[0] == state:
            return self._last_read[1]
        manifest = self._read_manifest()
        self._last_read = (state, manifest)
        return manifest

    def generation(self) -> int:
        """Return the number of the current generation, 0 where no manifest can be read."""
        try:
            return self.manifest().generation
        except IndexError_:
            return 0

    def load(self) -> IndexData:
        """Return the index as it is now. Raises IndexMissing, IndexOutdated or IndexCorrupt, the
        last also later, when something damaged is first used.

        If a writer removes a segment before it is opened, the index that it wrote is read.
        """
        manifest = self.manifest()
        while True:
            try:
                return self._load(manifest)
            except IndexCorrupt:
                latest = self.manifest()
                if latest is manifest:
                    raise
                manifest = latest

    def check(self) -> IndexData:
        """Return the index after every byte of it was read. Raises as `load` does."""
        data = self.load()
        for segment in data.layout.segments:
            segment.arrays.check_all()
        return data

    def add_segment(self, rows: Rows) -> tuple[int, SegmentRecord]:
        """Write a segment and return its number and what is known of it; the caller holds the lock.

        Nobody reads it before it is named in a manifest, and `lock` removes it if it never is.
        """
        number = max(self._numbers(), default=0) + 1
        with writing(self.folder):
            temporary = self.folder / f".segment-{os.getpid()}"
            with temporary.open("wb") as file:
                seal = write_segment(file, rows, self._store_vectors)
                size = file.tell()
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, self.folder / _segment_name(number))
            _sync_folder(self.folder)
        return number, SegmentRecord(size, seal, int(rows.files[-1, 1]))

    def open_segment(self, number: int, record: SegmentRecord) -> Segment:
        """Return a segment, opened once as long as it is in use. Raises IndexCorrupt."""
        path = self.folder / _segment_name(number)
        key = number, record.seal
        if key not in self._segments:
            arrays = ArrayFile(_mapped(path, record.bytes), record.seal, str(path))
            self._segments[key] = Segment(number, arrays, self._load_vectors)
        return self._segments[key]

    def commit(self, manifest: Manifest) -> Manifest:
        """Make a manifest the current one, all or nothing; the caller holds the lock.

        Raises IndexWriteError and leaves the old one if anything cannot be written.
        """
        try:
            before: Manifest | None = self.manifest()
        except IndexError_:
            before = None
        with writing(self.folder):
            if before is None:
                self._create()
            catalogue.write_manifest(self.path, manifest, before)
            self._last_read = (_state_of(self.path), manifest)
        return manifest

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the folder for writing. Raises IndexLocked, naming the holder, or IndexWriteError.

        In the end everything that the manifest does not name is removed, also what a writer that
        was killed has left.
        """
        with locked(self.folder):
            try:
                yield
            finally:
                self.sweep()

    def sweep(self) -> None:
        """Remove what no manifest names; the caller holds the lock."""
        try:
            named = self.manifest().segments
        except IndexError_:
            return
        leftovers = [self.folder / _segment_name(n) for n in self._numbers() if n not in named]
        leftovers += [*self.folder.glob(".segment-*"), *self.folder.glob(f".{CATALOGUE}*")]
        for path in [*leftovers, self.folder / OLD_MANIFEST]:
            with suppress(OSError):  # on Windows, as long as a reader has it open
                path.unlink(missing_ok=True)
        for pattern in ("generation-*", ".generation-*"):  # of the formats before 5
            for path in self.folder.glob(pattern):
                shutil.rmtree(path, ignore_errors=True)
        self._segments = {key: one for key, one in self._segments.items() if key[0] in named}

    def beside(self) -> Store:
        """Return where a new index is put together."""
        return Store(self.folder / BESIDE, self._store_vectors, self._load_vectors, self)

    def hand_over(self, number: int) -> int:
        """Put a segment into the index that this one is beside, and return its number there."""
        assert self._other is not None  # beside() names it
        new = max(self._other._numbers(), default=0) + 1
        here, there = self.folder / _segment_name(number), self._other.folder / _segment_name(new)
        with writing(self.folder):
            try:
                os.link(here, there)
            except OSError:  # a disk without links
                write_whole(there, _mapped(here, here.stat().st_size))
            _sync_folder(there.parent)
        return new

    def discard(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def disk_bytes(self) -> int:
        """Return the size of the index folder in bytes."""
        size = 0
        for folder, _, names in os.walk(self.folder):
            for name in names:
                with suppress(OSError):  # removed by a writer just now
                    size += (Path(folder) / name).stat().st_size
        return size

    def _load(self, manifest: Manifest) -> IndexData:
        records = manifest.segments.items()
        return IndexData(manifest, [self.open_segment(*numbered) for numbered in records])

    def _read_manifest(self) -> Manifest:
        try:
            found = catalogue.read_format(self.path)
            if not found:
                raise ValueError("it is no catalogue")
            if found != FORMAT:
                raise self._of_format(found)
            manifest = catalogue.read_manifest(self.path)
        except catalogue.FAULTS as error:
            raise IndexCorrupt(
                f"{self.path} is damaged ({type(error).__name__}: {error}); {REBUILD}"
            ) from error
        if manifest is None:
            raise IndexMissing(f"no index in {self.folder}; run: paperrag index")
        return manifest

    def _refuse_old_format(self) -> None:
        """Raise IndexOutdated if there is an index of a format before 5."""
        path = self.folder / OLD_MANIFEST
        if path.is_file():
            raise self._of_format("4 or older")

    def _of_format(self, found: object) -> IndexOutdated:
        is_newer = isinstance(found, int) and found > FORMAT
        return IndexOutdated(
            f"{self.folder} has index format {found}, this paperrag reads format {FORMAT}; "
            + ("update paperrag, or " if is_newer else "")
            + REBUILD
        )

    def _create(self) -> None:
        """Put an empty catalogue in the place of what is there, if anything, and cannot be read."""
        temporary = self.folder / f".{CATALOGUE}.{os.getpid()}"
        temporary.unlink(missing_ok=True)
        catalogue.create_catalogue(temporary)
        for suffix in ("-journal", "-wal", "-shm"):  # would be taken for those of the new one
            self.path.with_name(CATALOGUE + suffix).unlink(missing_ok=True)
        if self.path.is_dir():
            shutil.rmtree(self.path)
        os.replace(temporary, self.path)
        _sync_folder(self.folder)

    def _numbers(self) -> list[int]:
        """Return the numbers of the segments in the folder."""
        names = [
            path.stem.removeprefix("segment-") for path in self.folder.glob("segment-*.arrays")
        ]
        return sorted(int(name) for name in names if name.isdecimal())


def _state_of(path: Path) -> _State:
    """Return what changes with every transaction. Raises OSError, IndexCorrupt."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise IndexCorrupt(f"{path} is no file; remove it, then {REBUILD}")
    with open(path, "rb", buffering=0) as file:  # a third of the time that `path.open` takes
        counter = file.read(_COUNTER.stop)[_COUNTER]
    return status.st_ino, status.st_size, status.st_mtime_ns, counter


def _segment_name(number: int) -> str:
    return f"segment-{number:06d}.arrays"


def _mapped(path: Path, size: int) -> memoryview:
    """Return a file mapped into memory, if it is one and has a size. Raises IndexCorrupt.

    A damaged index may have a device in a segment's place.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise IndexCorrupt(f"{path} is no file; {REBUILD}")
        if status.st_size != size:
            raise IndexCorrupt(
                f"{path} has {status.st_size} bytes, the catalogue says {size}; {REBUILD}"
            )
        with path.open("rb") as file:
            return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except OSError as error:
        raise IndexCorrupt(f"{path} cannot be read ({error.strerror}); {REBUILD}") from error


def _sync_folder(folder: Path) -> None:
    """Make a rename durable; Windows has no such call and needs none."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
