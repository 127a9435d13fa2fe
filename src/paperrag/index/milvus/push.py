"""An index on this machine -> the same in Milvus, batch by batch, switched to when it is whole.

What was copied is noted in a staged manifest that no reader sees: a copy that was killed goes on
behind its last batch. Files that Milvus has already, made by the same rules, are not copied again.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from paperrag.errors import IndexCorrupt, IndexMismatch, IndexMissing
from paperrag.index.corpus_place import CorpusPlace
from paperrag.index.engine import Engine, Snapshot
from paperrag.index.manifest import FileRecord, Manifest, SegmentRecord
from paperrag.index.milvus.engine import MilvusEngine
from paperrag.index.milvus.manifest import MilvusManifest, Version
from paperrag.index.rows import Rows, picked
from paperrag.records import Progress

BATCH_CHUNKS = 2000
"""Copied at once: what is lost of a copy that is killed."""

_RULES = (
    *("encoder", "encoder_fingerprint", "dimension", "note_rules", "chunking"),
    *("chunk_tokens", "tokenizer", "format"),
)
"""What must be the same for rows of two indexes to stand side by side."""

SameCheck = Callable[[Snapshot, Snapshot], bool]
"""Whether two indexes, the one here and its copy, find the same."""


def push(
    source: Engine, target: MilvusEngine, corpus: Path, progress: Progress, is_same: SameCheck
) -> int | None:
    """Copy an index, and switch to the copy if `is_same` says so; return how many files were
    copied, None where it was not switched to.
    """
    here = source.load()
    with target.lock():
        copy = _Copy(source, target, here.manifest, target.place_of(corpus))
        count = copy.run(progress)
        if not is_same(here, target.snapshot(copy.staged)):
            return None
        target.commit(copy.staged.manifest)
        target.staged.forget()
    return count


class _Copy:
    """A copy under way; the caller holds the lock of the target."""

    def __init__(
        self, source: Engine, target: MilvusEngine, manifest: Manifest, place: CorpusPlace
    ) -> None:
        self._source = source
        self._target = target
        self._version = _read(target.staged)
        self._current = _read(target.manifests)
        made = next((v.manifest.made for v in (self._current, self._version) if v), None)
        self._whole = replace(
            manifest,
            made=made or secrets.token_hex(8),
            generation=target.generation() + 1,
            corpus=place,
        )
        self._files: dict[str, FileRecord] = {}
        self._segments: dict[int, SegmentRecord] = {}
        for version in filter(None, (self._current, self._version)):
            self._take(version.manifest)

    @property
    def staged(self) -> Version:
        """The copy as it was noted last."""
        assert self._version is not None  # run() notes one
        return self._version

    def run(self, progress: Progress) -> int:
        """Copy what is not there, and return how many files that was."""
        files = self._whole.files
        waiting = [name for name in files if name not in self._files]
        waiting.sort(key=lambda name: (files[name].segment, files[name].number))
        done = 0
        for number, inside in groupby(waiting, lambda name: files[name].segment):
            rows = self._source.open_segment(number, self._whole.segments[number]).rows()
            for batch in self._batches(inside):
                progress("copying files", done, len(waiting))
                self._copy(rows, batch)
                done += len(batch)
        progress("copying files", done, len(waiting))
        self._note()
        return done

    def _take(self, there: Manifest) -> None:
        """Take files as copied that are there as they are here."""
        if any(getattr(there, rule) != getattr(self._whole, rule) for rule in _RULES):
            return
        self._segments |= there.segments
        for name, record in there.files.items():
            ours = self._whole.files.get(name)
            if ours is not None and ours.sha256 == record.sha256:
                self._files[name] = replace(ours, segment=record.segment, number=record.number)

    def _batches(self, names: Iterator[str]) -> Iterator[list[str]]:
        """Yield files in batches of about BATCH_CHUNKS."""
        batch: list[str] = []
        chunks = 0
        for name in names:
            batch.append(name)
            chunks += self._whole.files[name].chunks
            if chunks >= BATCH_CHUNKS:
                yield batch
                batch, chunks = [], 0
        if batch:
            yield batch

    def _copy(self, rows: Rows, batch: list[str]) -> None:
        """Copy some files of a segment, and note it."""
        files = self._whole.files
        part = picked(rows, np.array([files[name].number for name in batch]))
        number, record = self._target.add_segment(part)
        self._segments[number] = record
        for at, name in enumerate(batch):
            self._files[name] = replace(files[name], segment=number, number=at)
        self._note()

    def _note(self) -> None:
        files = dict(sorted(self._files.items()))
        used = {record.segment for record in files.values()}
        staged = replace(
            self._whole,
            files=files,
            segments={n: one for n, one in sorted(self._segments.items()) if n in used},
            entries=sum(record.entries for record in files.values()),
            chunks=sum(record.chunks for record in files.values()),
        )
        self._version = self._target.staged.write(staged, self._version, {})


def _read(manifest: MilvusManifest) -> Version | None:
    """Return what was written last, None where there is none or it cannot be used."""
    try:
        return manifest.read()
    except (IndexMissing, IndexMismatch, IndexCorrupt):
        return None
