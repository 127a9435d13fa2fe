"""The manifest of a corpus in Milvus: a text for all that it says, with the version that wrote it.

A version is written beside those before, then one row, the head, says that it is the current one:
all or nothing, and what a commit writes is what changed. A reader that meets rows of two versions
sees that the seal does not fit, and reads again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import asdict

from paperrag.errors import IndexCorrupt, IndexMismatch, IndexMissing
from paperrag.index.arrays import REBUILD
from paperrag.index.catalogue import FAULTS, manifest_of, rows_of_manifest
from paperrag.index.manifest import FORMAT, Manifest
from paperrag.index.milvus.client import MilvusTables
from paperrag.index.milvus.rows import digest, part_rows, whole_texts
from paperrag.index.milvus.schema import Row

TRIES = 3
"""Times that a manifest is read before it is called damaged: a writer may have been at work."""

WHOLE_EACH = 32
"""So many versions after one that was written whole comes another; those before it can go."""

Texts = dict[str, str]


class Head(Struct, frozen=True):
    """Which version counts, and the last one that was written whole. retired: when segments that a
    reader may still use went out of use; times in seconds since 1970.
    """

    version: int
    whole: int
    written: float
    retired: Mapping[int, float]
    format: int = FORMAT


class Version(Struct, frozen=True):
    """A manifest as it was read or written, and its texts by name."""

    head: Head
    manifest: Manifest
    texts: Texts


class MilvusManifest:
    """Reads and writes the manifests of one corpus. kind: what its parts are called."""

    def __init__(self, tables: MilvusTables, kind: str = "manifest") -> None:
        self._tables = tables
        self._kind = kind
        self._head_id = f"{kind}-head"
        self._last: Version | None = None

    def head(self) -> Head | None:
        """Return which version counts, None where there is none."""
        rows = self._tables.named("parts", [self._head_id], ["text"])
        if not rows:
            return None
        told = json.loads(rows[0]["text"])
        return Head(**{**told, "retired": {int(n): at for n, at in told["retired"].items()}})

    def read(self) -> Version:
        """Return the current version, the same object as long as it is.

        Raises IndexMissing, IndexMismatch, IndexCorrupt.
        """
        fault: Exception | None = None
        for _ in range(TRIES):
            head = self.head()
            if head is None:
                raise IndexMissing(
                    f"no index of {self._tables.name}; run: paperrag index, or copy one that is on "
                    f"this machine: paperrag push"
                )
            if head.format != FORMAT:
                raise IndexMismatch(
                    f"{self._tables.name} has index format {head.format}, this paperrag reads "
                    f"format {FORMAT}; {REBUILD}"
                )
            if self._last is not None and self._last.head == head:
                return self._last
            try:
                self._last = self._read(head)
                return self._last
            except FAULTS as error:
                fault = error
        raise IndexCorrupt(f"{self._tables.name} is damaged ({fault}); {REBUILD}") from fault

    def write(
        self, manifest: Manifest, before: Version | None, retired: Mapping[int, float]
    ) -> Version:
        """Make a manifest the current version, and return it."""
        last = before.head if before else Head(0, 0, 0.0, {})
        version = last.version + 1
        texts, old = _texts_of(manifest), before.texts if before else {}
        is_whole = not last.whole or version - last.whole >= WHOLE_EACH
        new = texts if is_whole else _changed(old, texts)
        self._tables.delete("parts", f'kind == "{self._kind}" and segment >= {version}')
        rows = [
            {**row, "id": f"{self._kind}/{version}/{digest(name)}/{row['piece']}"}
            for name, text in new.items()
            for row in part_rows(self._kind, version, 0, text, name)
        ]
        self._tables.upsert("parts", rows)
        head = Head(version, version if is_whole else last.whole, time.time(), dict(retired))
        told = json.dumps(asdict(head))
        (row,) = part_rows(f"{self._kind}-head", 0, 0, told)
        self._tables.upsert("parts", [{**row, "id": self._head_id}])
        self._last = Version(head, manifest, texts)
        return self._last

    def sweep(self) -> None:
        """Remove the versions before the last that was written whole."""
        if (head := self.head()) is not None and head.whole > 1:
            self._tables.delete("parts", f'kind == "{self._kind}" and segment < {head.whole}')

    def forget(self) -> None:
        """Remove all of it."""
        self._tables.delete("parts", f'kind in ["{self._kind}", "{self._kind}-head"]')
        self._last = None

    def _read(self, head: Head) -> Version:
        last = self._last
        known = last.head.version if last and head.whole <= last.head.version < head.version else 0
        first = max(known + 1, head.whole)
        rows = self._tables.rows(
            "parts",
            f'kind == "{self._kind}" and segment >= {first} and segment <= {head.version}',
            ("segment", "row", "piece", "name", "text"),
        )
        texts: Texts = dict(last.texts) if last and known else {}
        pieces: dict[tuple[int, str], list[Row]] = {}
        for row in rows:
            pieces.setdefault((row["segment"], row["name"]), []).append(row)
        for (_, name), held in sorted(pieces.items()):
            texts[name] = whole_texts(held)[0]
        texts = {name: text for name, text in texts.items() if text}
        return Version(head, _manifest_of(texts), texts)


def _changed(old: Texts, new: Texts) -> Texts:
    """Return what is to be written in place of old texts; "" for one that is gone."""
    gone = dict.fromkeys(old.keys() - new.keys(), "")
    return gone | {name: text for name, text in new.items() if old.get(name) != text}


def _texts_of(manifest: Manifest) -> Texts:
    about, files, segments = rows_of_manifest(manifest)
    texts = {f"about {name}": value for name, value in about.items()}
    texts |= {f"file {source}": json.dumps(row) for source, row in files.items()}
    return texts | {f"segment {number}": json.dumps(row) for number, row in segments.items()}


def _manifest_of(texts: Texts) -> Manifest:
    """Return the manifest that texts say. Raises one of FAULTS."""
    said: dict[str, Texts] = {"about": {}, "file": {}, "segment": {}}
    for told, text in texts.items():
        kind, _, name = told.partition(" ")
        said[kind][name] = text
    files, segments = (
        sorted(tuple(json.loads(row)) for row in said[kind].values())
        for kind in ("file", "segment")
    )
    return manifest_of(said["about"], files, segments)
