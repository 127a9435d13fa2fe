"""The manifest of an index in a SQLite file: what is said of it, its files, its segments.

One transaction changes it, and writes the rows that changed. A seal over all rows tells a damaged
file, which SQLite itself would read as it is.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from msgspec.structs import asdict

from paperrag.index.corpus_place import CorpusPlace
from paperrag.index.manifest import FORMAT, FileRecord, Manifest, SegmentRecord
from paperrag.notes.corpus import FileStamp
from paperrag.records import Trouble

WAIT_S = 10.0
"""Longest wait for a writer that is committing, which takes milliseconds."""

_SCHEMA = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE files (
    source TEXT PRIMARY KEY, sha256 TEXT NOT NULL, size_bytes INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL, inode TEXT NOT NULL,
    read_ns INTEGER NOT NULL, segment INTEGER NOT NULL, number INTEGER NOT NULL,
    entries INTEGER NOT NULL, chunks INTEGER NOT NULL, troubles TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE segments (
    number INTEGER PRIMARY KEY, bytes INTEGER NOT NULL, seal TEXT NOT NULL, chunks INTEGER NOT NULL
);
"""
_IN_TABLES = ("files", "segments")

FAULTS = (sqlite3.Error, ValueError, TypeError, KeyError, AttributeError)
"""What reading a damaged catalogue may raise."""

_FileRow = tuple[Any, ...]


def create_catalogue(path: Path) -> None:
    """Make an empty catalogue of this format. Raises sqlite3.Error."""
    with closing(sqlite3.connect(path)) as database:
        database.executescript(f"{_SCHEMA}PRAGMA user_version = {FORMAT};")


def read_format(path: Path) -> int:
    """Return the format of a catalogue. Raises sqlite3.Error."""
    with _reading(path) as database:
        return int(database.execute("PRAGMA user_version").fetchone()[0])


def read_manifest(path: Path) -> Manifest | None:
    """Return the manifest of a catalogue, None of one that nothing was written to yet.

    Raises one of FAULTS.
    """
    with _reading(path) as database:
        about = dict(database.execute("SELECT name, value FROM about ORDER BY name"))
        files = database.execute("SELECT * FROM files ORDER BY source").fetchall()
        segments = database.execute("SELECT * FROM segments ORDER BY number").fetchall()
    return manifest_of(about, files, segments) if about else None


def manifest_of(
    about: dict[str, str], files: list[_FileRow], segments: list[tuple[Any, ...]]
) -> Manifest:
    """Return the manifest that some rows say, files and segments in order. Raises one of FAULTS."""
    told = {name: value for name, value in about.items() if name != "seal"}
    if about["seal"] != _seal(told, files, segments):
        raise ValueError("its seal does not fit")
    values = {name: json.loads(value) for name, value in told.items()}
    values["corpus"] = CorpusPlace(**values["corpus"])
    values["troubles"] = tuple(Trouble(**trouble) for trouble in values["troubles"])
    return Manifest(
        **values,
        files={row[0]: _file_record(row) for row in files},
        segments={row[0]: SegmentRecord(*row[1:]) for row in segments},
    )


def rows_of_manifest(
    manifest: Manifest,
) -> tuple[dict[str, str], dict[str, _FileRow], dict[int, tuple[int, int, str, int]]]:
    """Return what is said of an index, with a seal over all; a row of each file and segment."""
    rows = {source: _file_row(source, record) for source, record in manifest.files.items()}
    segments = {number: _segment_row(number, one) for number, one in manifest.segments.items()}
    about = _about(manifest)
    about["seal"] = _seal(about, sorted(rows.values()), list(segments.values()))
    return about, rows, segments


def write_manifest(path: Path, manifest: Manifest, before: Manifest | None) -> None:
    """Replace the manifest `before` in a catalogue, all or nothing. Raises sqlite3.Error."""
    about, rows, segments = rows_of_manifest(manifest)
    old_files = before.files if before else {}
    old_segments = before.segments if before else {}
    new = [row for name, row in rows.items() if old_files.get(name) is not manifest.files[name]]
    added = [segments[n] for n, one in manifest.segments.items() if old_segments.get(n) != one]
    with closing(sqlite3.connect(path, timeout=WAIT_S)) as database, database:
        database.execute("BEGIN IMMEDIATE")
        _replace(database, "about", list(about.items()))
        _replace(database, "files", new)
        _replace(database, "segments", added)
        _delete(database, "files", "source", old_files.keys() - rows.keys())
        _delete(database, "segments", "number", old_segments.keys() - segments.keys())


def _replace(database: sqlite3.Connection, table: str, rows: list[tuple[Any, ...]]) -> None:
    if rows:
        places = ", ".join("?" * len(rows[0]))
        database.executemany(f"REPLACE INTO {table} VALUES ({places})", rows)


def _delete(database: sqlite3.Connection, table: str, column: str, keys: set[Any]) -> None:
    database.executemany(f"DELETE FROM {table} WHERE {column} = ?", [(key,) for key in keys])


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that reads one state; it may write, to undo what a killed writer has begun."""
    address = f"{path.absolute().as_uri()}?mode=rw"
    with closing(sqlite3.connect(address, uri=True, timeout=WAIT_S)) as database:
        database.execute("BEGIN")
        yield database


def _about(manifest: Manifest) -> dict[str, str]:
    """Return all that is said of an index but its tables, as JSON by name."""
    data = {
        name: getattr(manifest, name)
        for name in manifest.__struct_fields__
        if name not in _IN_TABLES
    }
    data["corpus"] = asdict(manifest.corpus)
    data["troubles"] = [asdict(trouble) for trouble in manifest.troubles]
    return {name: json.dumps(value, sort_keys=True) for name, value in data.items()}


def _file_row(source: str, record: FileRecord) -> _FileRow:
    stamp = record.stamp
    return (
        *(source, record.sha256, stamp.size_bytes, stamp.mtime_ns, stamp.ctime_ns),
        *(str(stamp.inode), record.read_ns, record.segment, record.number, record.entries),
        record.chunks,
        json.dumps([asdict(one) for one in record.troubles]) if record.troubles else "[]",
    )


def _file_record(row: _FileRow) -> FileRecord:
    _, sha256, size, mtime, ctime, inode, read_ns, segment, number, entries, chunks, told = row
    troubles = () if told == "[]" else tuple(Trouble(**one) for one in json.loads(told))
    stamp = FileStamp(size, mtime, ctime, int(inode))
    return FileRecord(sha256, stamp, read_ns, segment, number, entries, chunks, troubles)


def _segment_row(number: int, record: SegmentRecord) -> tuple[int, int, str, int]:
    return number, record.bytes, record.seal, record.chunks


def _seal(about: dict[str, str], files: list[_FileRow], segments: list[tuple[Any, ...]]) -> str:
    said = sorted(about.items())
    return hashlib.sha256(repr((said, files, sorted(segments))).encode()).hexdigest()
