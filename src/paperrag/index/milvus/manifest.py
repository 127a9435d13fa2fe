"""The manifest of a corpus in Milvus: a text for all that it says, with the version that wrote it.

A version is written beside those before, then one row, the head, says that it is the current one:
all or nothing, and what a commit writes is what changed. A reader that meets rows of two versions
sees that the seal does not fit, and reads again.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

import msgspec
from msgspec import Struct

from paperrag.errors import IndexCorrupt, IndexMissing, IndexOutdated
from paperrag.index.arrays import REBUILD
from paperrag.index.manifest import FORMAT, Manifest
from paperrag.index.manifest_texts import ManifestTexts
from paperrag.index.milvus.client import MilvusTables
from paperrag.index.milvus.rows import digest, part_rows, whole_texts
from paperrag.index.milvus.schema import Row

TRIES = 3
"""Times that a manifest is read before it is called damaged: a writer may have been at work."""

WHOLE_EACH = 32
"""So many versions after one that was written whole comes another; those before it can go."""

_Texts = dict[str, str]

_FILE, _SEGMENT = "file ", "segment "
"""What the names of texts of files and segments begin with."""


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
    texts: _Texts


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
        return msgspec.json.decode(rows[0]["text"], type=Head)

    def read(self) -> Version:
        """Return the current version, the same object as long as it is.

        Raises IndexMissing, IndexOutdated, IndexCorrupt.
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
                raise IndexOutdated(
                    f"{self._tables.name} has index format {head.format}, this paperrag reads "
                    f"format {FORMAT}; {REBUILD}"
                )
            if self._last is not None and self._last.head == head:
                return self._last
            try:
                self._last = self._read(head)
                return self._last
            except (ValueError, KeyError) as error:
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
        told = msgspec.json.encode(head).decode()
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
        texts: _Texts = dict(last.texts) if last and known else {}
        pieces: dict[tuple[int, str], list[Row]] = {}
        for row in rows:
            pieces.setdefault((row["segment"], row["name"]), []).append(row)
        for (_, name), held in sorted(pieces.items()):
            texts[name] = whole_texts(held)[0]
        texts = {name: text for name, text in texts.items() if text}
        return Version(head, _manifest_of(texts), texts)


def _changed(old: _Texts, new: _Texts) -> _Texts:
    """Return what is to be written in place of old texts; "" for one that is gone."""
    gone = dict.fromkeys(old.keys() - new.keys(), "")
    return gone | {name: text for name, text in new.items() if old.get(name) != text}


def _texts_of(manifest: Manifest) -> _Texts:
    """Return by name what is kept of a manifest."""
    told = ManifestTexts.of(manifest)
    texts = {"about": told.about, "seal": told.seal}
    texts |= {f"{_FILE}{source}": text for source, text in told.files.items()}
    return texts | {f"{_SEGMENT}{number}": text for number, text in told.segments.items()}


def _manifest_of(texts: _Texts) -> Manifest:
    """Return the manifest that texts say. Raises ValueError or KeyError for damaged ones."""
    files = {name.removeprefix(_FILE): text for name, text in _named(texts, _FILE)}
    segments = {int(name.removeprefix(_SEGMENT)): text for name, text in _named(texts, _SEGMENT)}
    return ManifestTexts(texts["about"], files, segments).manifest(texts["seal"])


def _named(texts: _Texts, kind: str) -> list[tuple[str, str]]:
    return sorted(pair for pair in texts.items() if pair[0].startswith(kind))
