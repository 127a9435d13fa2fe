"""An index on disk: generations that are written aside and swapped in at one instant.

    index/
      manifest.json         which generation is current, and what it was built with
      lock, lock.owner      held while writing; the owner's process, host and start
      generation-000001/    entries.jsonl, works.jsonl, columns.arrays, postings.arrays, tokens.arrays, vectors.bin

A reader opens the manifest, then the files it names, and compares their size and sha256. The
manifest is replaced (`os.replace`) only after every file of the new generation is on disk, so a
process killed at any moment leaves the old index answering. The generation before the current
one is kept for readers that are still opening it.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import shutil
import socket
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from paperrag.errors import (
    IndexCorrupt,
    IndexError_,
    IndexLocked,
    IndexMismatch,
    IndexMissing,
    IndexWriteError,
)
from paperrag.index.arrays import Buffer, map_arrays, write_arrays
from paperrag.index.late import TokenLists
from paperrag.index.lexical import Postings
from paperrag.index.tables import FORMAT, ChunkTable, EntryTable, IndexData, Manifest
from paperrag.index.vectors import VectorIndex

MANIFEST = "manifest.json"
ARTIFACTS = frozenset(
    {
        "entries.jsonl",
        "sections.json",
        "works.jsonl",
        "columns.arrays",
        "postings.arrays",
        "tokens.arrays",
        "vectors.bin",
    }
)
"""The files of a generation; another name in a manifest is a fault."""

_REBUILD = "run: paperrag index --rebuild"

LoadVectors = Callable[[Buffer], VectorIndex]
Writer = Callable[[BinaryIO], object]


class Store:
    """Reads and writes the generations of one index folder."""

    def __init__(self, folder: Path, load_vectors: LoadVectors) -> None:
        self.folder = folder
        self._load_vectors = load_vectors
        self._last_read: tuple[os.stat_result, Manifest] | None = None

    def manifest(self) -> Manifest:
        """Return the current manifest, the same object as long as the file is the same.

        Raises IndexMissing, IndexMismatch or IndexCorrupt.
        """
        path = self.folder / MANIFEST
        try:
            status, last = path.stat(), self._last_read
            if not stat.S_ISREG(status.st_mode):
                raise IndexCorrupt(f"{path} is no file; remove it, then {_REBUILD}")
            if last is not None and _is_same_file(last[0], status):
                return last[1]
            text = path.read_text(encoding="utf-8")
        except (FileNotFoundError, NotADirectoryError):
            raise IndexMissing(f"no index in {self.folder}; run: paperrag index") from None
        except (OSError, UnicodeDecodeError) as error:
            raise IndexCorrupt(f"cannot read {path} ({error}); {_REBUILD}") from error
        try:
            found = json.loads(text)["format"]
            if found != FORMAT:
                raise IndexMismatch(
                    f"{self.folder} has index format {found}, this paperrag reads format {FORMAT}; "
                    + ("update paperrag, or " if _is_newer(found) else "")
                    + _REBUILD
                )
            manifest = Manifest.from_json(text)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise IndexCorrupt(
                f"{path} is damaged ({type(error).__name__}: {error}); {_REBUILD}"
            ) from error
        self._last_read = (status, manifest)
        return manifest

    def load(self) -> IndexData:
        """Return the current generation, checked. Raises IndexMissing, IndexMismatch or
        IndexCorrupt.

        If a writer replaces and removes the generation while it is being read, the new one is read.
        """
        manifest = self.manifest()
        while True:
            try:
                return self._load_generation(manifest)
            except IndexCorrupt:
                latest = self.manifest()
                if latest.generation == manifest.generation:
                    raise
                manifest = latest

    def save(self, data: IndexData) -> IndexData:
        """Write a new generation and make it the current one; the caller holds the lock.

        Raises IndexWriteError and leaves the old generation current if anything cannot be written;
        what was written until then goes when the lock is given back.
        """
        generation = max(self._generations(), default=0) + 1
        folder = _generation_name(generation)
        with self._writing():
            temporary = Path(tempfile.mkdtemp(prefix=f".{folder}-", dir=self.folder))
            artifacts = {name: _write(temporary / name, write) for name, write in _artifacts(data)}
            manifest = replace(data.manifest, generation=generation, artifacts=artifacts)
            _sync_folder(temporary)
            temporary.chmod(0o755)
            os.replace(temporary, self.folder / folder)
            self._swap(manifest)
            self._sweep()  # a long run saves many
        return replace(data, manifest=manifest)

    def save_manifest(self, manifest: Manifest) -> None:
        """Replace only the manifest (file times changed, contents did not); the caller holds the
        lock.
        """
        with self._writing():
            self._swap(manifest)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the folder for writing. Raises IndexLocked, naming the holder, or IndexWriteError.

        In the end everything but the current generation and the one before it is removed, also
        what a writer that was killed has left.
        """
        from filelock import FileLock, Timeout

        with self._writing():
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.folder / "lock", timeout=0)
            try:
                lock.acquire()
            except Timeout:
                raise IndexLocked(
                    f"{self.folder} is being written by {self._lock_owner()}; wait for it to finish"
                ) from None
        try:
            owner = {
                "pid": os.getpid(),
                "host": socket.gethostname(),
                "since": time.strftime("%Y-%m-%d %H:%M:%S"),
            }
            with self._writing():
                _write(
                    self.folder / "lock.owner", lambda file: file.write(json.dumps(owner).encode())
                )
            yield
        finally:
            try:
                self._sweep()
                (self.folder / "lock.owner").unlink(missing_ok=True)
            finally:
                lock.release()

    def disk_bytes(self) -> int:
        """Return the size of the index folder in bytes."""
        size = 0
        for folder, _, names in os.walk(self.folder):
            for name in names:
                with suppress(OSError):  # removed by a writer just now
                    size += (Path(folder) / name).stat().st_size
        return size

    def _lock_owner(self) -> str:
        try:
            owner = json.loads((self.folder / "lock.owner").read_text())
            return f"process {owner['pid']} on {owner['host']} since {owner['since']}"
        except (OSError, ValueError, KeyError):
            return "another process"

    def _load_generation(self, manifest: Manifest) -> IndexData:
        folder = self.folder / _generation_name(manifest.generation)
        unknown = sorted(set(manifest.artifacts) - ARTIFACTS)
        if unknown:
            raise IndexCorrupt(
                f"{folder} names a file {unknown[0]!r} that is none of an index; {_REBUILD}"
            )
        files = {
            name: _mapped(folder / name, expected) for name, expected in manifest.artifacts.items()
        }
        try:
            columns = map_arrays(files["columns.arrays"])
            chunk_columns = {
                key.removeprefix("chunk_"): columns.pop(key)
                for key in list(columns)
                if key.startswith("chunk_")
            }
            tokens = map_arrays(files["tokens.arrays"]) if "tokens.arrays" in files else None
            return IndexData(
                manifest=manifest,
                entries=EntryTable(
                    bytes(files["entries.jsonl"]),
                    columns,
                    json.loads(bytes(files["sections.json"])),
                    bytes(files["works.jsonl"]).decode().split("\n")[:-1],
                ),
                chunks=ChunkTable(**chunk_columns),
                postings=Postings(**map_arrays(files["postings.arrays"])),
                tokens=TokenLists(**tokens) if tokens else None,
                vectors=self._load_vectors(files["vectors.bin"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise IndexCorrupt(
                f"{folder} is damaged ({type(error).__name__}: {error}); {_REBUILD}"
            ) from error

    def _generations(self) -> list[int]:
        """Return the numbers of the generations in the folder, ascending."""
        suffixes = [
            path.name.removeprefix("generation-") for path in self.folder.glob("generation-*")
        ]
        return sorted(int(suffix) for suffix in suffixes if suffix.isdecimal())

    def _swap(self, manifest: Manifest) -> None:
        temporary = self.folder / f".{MANIFEST}.{os.getpid()}"
        _write(temporary, lambda file: file.write(manifest.to_json().encode()))
        os.replace(temporary, self.folder / MANIFEST)
        _sync_folder(self.folder)

    def _sweep(self) -> None:
        for path in self.folder.glob(".generation-*"):
            shutil.rmtree(path, ignore_errors=True)
        for path in self.folder.glob(f".{MANIFEST}.*"):
            path.unlink(missing_ok=True)
        try:
            current = self.manifest().generation
        except IndexError_:
            return
        generations = self._generations()
        keep = [current, *[number for number in generations if number < current][-1:]]
        for number in set(generations) - set(keep):
            shutil.rmtree(self.folder / _generation_name(number), ignore_errors=True)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise IndexWriteError(
                f"cannot write the index in {self.folder} ({error.strerror or error}); the index "
                f"that was there is untouched; "
                "free some space or pass --index DIR with a folder that can be written"
            ) from error


def _is_same_file(one: os.stat_result, other: os.stat_result) -> bool:
    return (one.st_ino, one.st_size, one.st_mtime_ns, one.st_ctime_ns) == (
        other.st_ino,
        other.st_size,
        other.st_mtime_ns,
        other.st_ctime_ns,
    )


def _is_newer(found: Any) -> bool:
    return isinstance(found, int) and found > FORMAT


def _generation_name(generation: int) -> str:
    return f"generation-{generation:06d}"


def _artifacts(data: IndexData) -> Iterator[tuple[str, Writer]]:
    """Yield the files of a generation with what writes each, so that none is copied in memory."""
    yield "entries.jsonl", lambda file: file.write(data.entries.blob)
    yield (
        "sections.json",
        lambda file: file.write(json.dumps(data.entries.sections, ensure_ascii=False).encode()),
    )
    works = "".join(f"{line}\n" for line in data.entries.works).encode()
    yield "works.jsonl", lambda file: file.write(works)
    chunks = {
        f"chunk_{column.name}": getattr(data.chunks, column.name) for column in fields(data.chunks)
    }
    yield "columns.arrays", _archive({**data.entries.columns, **chunks})
    yield (
        "postings.arrays",
        _archive(
            {column.name: getattr(data.postings, column.name) for column in fields(data.postings)}
        ),
    )
    if data.tokens is not None:
        yield (
            "tokens.arrays",
            _archive({"tokens": data.tokens.tokens, "starts": data.tokens.starts}),
        )
    yield "vectors.bin", data.vectors.write


def _archive(arrays: dict[str, np.ndarray[Any, Any]]) -> Writer:
    return lambda file: write_arrays(file, arrays)


def _write(path: Path, write: Writer) -> dict[str, Any]:
    """Write a file through to the disk and return its size and sha256."""
    with path.open("w+b") as file:
        write(file)
        file.flush()
        os.fsync(file.fileno())
        file.seek(0)
        return {
            "bytes": path.stat().st_size,
            "sha256": hashlib.file_digest(file, "sha256").hexdigest(),
        }


def _mapped(path: Path, expected: Any) -> memoryview:
    """Return a file mapped into memory, once it is known to be the one that was written.

    Nothing is read before it is known to be a file, and of the right size: a damaged index may
    name a device, or another folder's files.
    """
    try:
        size, digest = int(expected["bytes"]), str(expected["sha256"])
    except (KeyError, TypeError, ValueError):
        raise IndexCorrupt(f"the manifest says nothing of {path}; {_REBUILD}") from None
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise IndexCorrupt(f"{path} is no file; {_REBUILD}")
        if status.st_size != size:
            raise IndexCorrupt(
                f"{path} has {status.st_size} bytes, the manifest says {size}; {_REBUILD}"
            )
        with path.open("rb") as file:
            content = memoryview(
                mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
            )
    except OSError as error:
        raise IndexCorrupt(f"{path} cannot be read ({error.strerror}); {_REBUILD}") from error
    if hashlib.sha256(content).hexdigest() != digest:
        raise IndexCorrupt(f"{path} was altered (its sha256 is not the manifest's); {_REBUILD}")
    return content


def _sync_folder(folder: Path) -> None:
    """Make a rename durable; Windows has no such call and needs none."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
