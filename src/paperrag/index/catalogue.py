"""The manifest of an index in a SQLite file: the JSON of the index, of its files, of its segments.

One transaction changes it, and writes the rows that changed. Its seal tells a damaged file, which
SQLite itself would read as it is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from paperrag.index.manifest import FORMAT, Manifest
from paperrag.index.manifest_texts import ManifestTexts

WAIT_S = 10.0
"""Longest wait for a writer that is committing, which takes milliseconds."""

_SCHEMA = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE files (source TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE segments (number INTEGER PRIMARY KEY, record TEXT NOT NULL);
"""

FAULTS = (sqlite3.Error, ValueError, TypeError, KeyError)
"""What reading a damaged catalogue may raise."""


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
        about = dict(database.execute("SELECT name, value FROM about"))
        files = dict(database.execute("SELECT source, record FROM files ORDER BY source"))
        segments = dict(database.execute("SELECT number, record FROM segments ORDER BY number"))
    if not about:
        return None
    return ManifestTexts(about["manifest"], files, segments).manifest(about["seal"])


def write_manifest(path: Path, manifest: Manifest, before: Manifest | None) -> None:
    """Replace the manifest `before` in a catalogue, all or nothing. Raises sqlite3.Error."""
    texts = ManifestTexts.of(manifest)
    files, segments = (before.files, before.segments) if before else ({}, {})
    with closing(sqlite3.connect(path, timeout=WAIT_S)) as database, database:
        database.execute("BEGIN IMMEDIATE")
        _replace(database, "about", {"manifest": texts.about, "seal": texts.seal})
        _replace(database, "files", _changed(texts.files, manifest.files, files))
        _replace(database, "segments", _changed(texts.segments, manifest.segments, segments))
        _delete(database, "files", "source", files.keys() - texts.files.keys())
        _delete(database, "segments", "number", segments.keys() - texts.segments.keys())


def _changed(
    texts: Mapping[Any, str], records: Mapping[Any, object], before: Mapping[Any, object]
) -> dict[Any, str]:
    """Return the texts of the records that are not those of before."""
    return {key: text for key, text in texts.items() if before.get(key) != records[key]}


def _replace(database: sqlite3.Connection, table: str, rows: Mapping[Any, str]) -> None:
    database.executemany(f"REPLACE INTO {table} VALUES (?, ?)", rows.items())


def _delete(database: sqlite3.Connection, table: str, column: str, keys: set[Any]) -> None:
    database.executemany(f"DELETE FROM {table} WHERE {column} = ?", [(key,) for key in keys])


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that reads one state; it may write, to undo what a killed writer has begun."""
    address = f"{path.absolute().as_uri()}?mode=rw"
    with closing(sqlite3.connect(address, uri=True, timeout=WAIT_S)) as database:
        database.execute("BEGIN")
        yield database
