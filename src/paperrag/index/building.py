"""Corpus -> index: read what changed, embed what is new, name it in one transaction.

    scan_corpus ─> which files changed? ─> read_source ─> chunk_entries ─> vectors, words, tokens
                     │                                                       │ a segment a step
                     └ unchanged files: their rows where they are ──────> Store.commit ─> merging

A change writes one small segment, whatever the size of the index. Batches bound the memory: parsed
notes live only until their rows are arrays. A long run is saved in steps, and one that was killed
goes on behind the last. A vector is reused by the sha256 of what is embedded, wherever the text
stands now.
"""

from __future__ import annotations

import logging
import math
import secrets
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from paperrag.encoders.probing import unrelated_cosine
from paperrag.encoders.static import StaticEncoder
from paperrag.errors import (
    CorpusError,
    IndexCorrupt,
    IndexError_,
    IndexMissing,
)
from paperrag.index import merging
from paperrag.index.arrays import offsets
from paperrag.index.changes import UNREAD, compare
from paperrag.index.corpus_place import CorpusPlace
from paperrag.index.engine import Engine, Snapshot
from paperrag.index.lexical import TOKENIZER
from paperrag.index.manifest import FileRecord, Manifest
from paperrag.index.note_rows import rows_of_notes
from paperrag.index.recipe import IndexRecipe, package_version
from paperrag.index.reporting import IndexReport, report_on
from paperrag.index.rows import JoinedRows, Rows, joined, picked
from paperrag.index.segment import Segment
from paperrag.index.steps import Steps, Tally, announcement
from paperrag.index.vector_pool import VectorPool
from paperrag.notes.chunking import CHUNKING
from paperrag.notes.corpus import Scanned, SourceFile, read_source, scan_corpus
from paperrag.notes.rules import NOTE_RULES
from paperrag.records import Entry, Progress

_BATCH_FILES = 32

log = logging.getLogger("paperrag")

Built = tuple[Snapshot, IndexReport]
"""An index, and what was done to make it."""


def build_index(
    corpus: Path,
    store: Engine,
    recipe: IndexRecipe,
    rebuild: bool = False,
    progress: Progress | None = None,
    allow_empty: bool = False,
    merged_chunks: float = math.inf,
    scanned: Scanned | None = None,
) -> Built:
    """Bring the index up to date with the corpus and return it with a report.

    rebuild: forget what is there and embed everything; allow_empty: also where no note is left;
    merged_chunks: as many are written again at most, to put small segments together; scanned: the
    corpus, where it was looked at just now.
    Raises CorpusError, IndexMismatch (of another corpus or built with other settings, and not
    `rebuild`), IndexLocked, IndexWriteError. Whatever ends it, the index stays as it was last
    saved: `rebuild` saves once, other long runs now and then.
    """
    # first, so that a mistyped corpus leaves no index folder behind
    scanned = scanned or scan_corpus(corpus, recipe.exclude)
    if not (scanned[0] or allow_empty):
        check_not_emptied(corpus, store)
    with store.lock():
        old = None if rebuild else _load_old(corpus, store, recipe)
        at_once = rebuild and has_files(store)
        run = partial(_Run, store, recipe, store.place_of(corpus), scanned, progress)
        return _or_anew(lambda old: run(old).result(at_once, merged_chunks), old)


def _or_anew(build: Callable[[Snapshot | None], Built], old: Snapshot | None) -> Built:
    """Return what is built on an index, or without it where it turns out to be damaged."""
    try:
        return build(old)
    except IndexCorrupt as error:
        if old is None:
            raise
        _say_damaged(error)
        return build(None)


def _is_static(recipe: IndexRecipe) -> bool:
    return isinstance(recipe.encoder, StaticEncoder)


def has_files(store: Engine) -> bool:
    """Return whether an index can be read and holds notes."""
    try:
        return bool(store.manifest().files)
    except IndexError_:
        return False


def check_not_emptied(corpus: Path, store: Engine) -> None:
    """Raise CorpusError if the index there is holds notes: a disk may not be mounted."""
    try:
        count = len(store.manifest().files)
    except IndexError_:
        return
    if count:
        raise CorpusError(
            f"there is no note below {corpus}, but {store.name} holds {count} files; is a disk "
            f"not mounted? The index stays as it is; to empty it, run: paperrag index --allow-empty"
        )


def _load_old(corpus: Path, store: Engine, recipe: IndexRecipe) -> Snapshot | None:
    """Return the index that is there, or None if there is none or, which is said, it cannot be
    read.
    """
    try:
        manifest = store.manifest()
        manifest.corpus.check(store.place_of(corpus), store.name)
        recipe.check(manifest, store.name)
        return store.load()
    except IndexMissing:
        return None
    except IndexCorrupt as error:
        _say_damaged(error)
        return None


def _say_damaged(error: IndexCorrupt) -> None:
    log.warning("%s; reading all notes again", str(error).partition(";")[0])


class _Run:
    """One run of indexing; the caller holds the lock."""

    def __init__(
        self,
        store: Engine,
        recipe: IndexRecipe,
        place: CorpusPlace,
        scanned: Scanned,
        progress: Progress | None,
        old: Snapshot | None,
    ) -> None:
        self._store = store
        self._recipe = recipe
        self._old = old
        self._changes = compare(scanned, old.manifest if old else None)
        progress = progress or (lambda what, done, total: None)
        self._tally = Tally(progress, self._changes.fresh)
        self._manifest = old.manifest if old else _new_manifest(recipe, place, store.generation())
        self._manifest = replace(self._manifest, corpus=place, encoder_stamp=recipe.encoder_stamp)
        self._vectors = VectorPool(recipe.encoder, old.layout.segments if old else (), self._tally)

    def result(self, all_at_once: bool, merged: float) -> Built:
        """Do all that is to be done, and return the index with a report."""
        old, fresh, removed = self._old, self._changes.fresh, self._changes.removed
        if old is None and (said := announcement(fresh, _is_static(self._recipe))):
            log.warning("%s", said)
        if old and not removed and not fresh:
            self._save_stamps()
        else:
            self._read_all(all_at_once)
        self._merge(merged)
        data = self._store.load()
        differing = {*(file.source for file in fresh), *removed}
        return data, report_on(old, data, differing, self._vectors.embedded, len(fresh))

    def _save_stamps(self) -> None:
        """Note down that files were only touched."""
        manifest = replace(
            self._manifest, files=self._changes.kept, troubles=self._changes.troubles
        )
        if manifest != self._store.manifest():
            self._manifest = self._store.commit(manifest)

    def _read_all(self, all_at_once: bool) -> None:
        """Read the fresh files in steps, each saved as a segment; all_at_once: none is used before
        all are there.

        A run that is killed has kept the steps before: the next one goes on behind them. Until the
        last step, files that were not read yet and those that are gone stay as they were.
        """
        files = {} if self._old is None else self._manifest.files | self._changes.kept
        steps = Steps(self._changes.fresh)
        for step, done in steps:
            rows, records = self._read(step)
            steps.saving()
            if len(rows.files) > 1:
                number = self._add(rows)
                self._vectors.keep(self._open(number))
                files |= {source: replace(one, segment=number) for source, one in records.items()}
            if done + len(step) == len(self._changes.fresh):
                files = {name: files[name] for name in files.keys() - set(self._changes.removed)}
                self._save(files)
            elif not all_at_once:
                self._save(files)
        self._tally.end()

    def _merge(self, most_chunks: float) -> None:
        """Put small segments together, and write those anew that are mostly dead."""
        while numbers := merging.due(self._manifest, most_chunks):
            files = self._manifest.files
            moving = [source for source, file in files.items() if file.segment in numbers]
            parts = [self._open(number).stored() for number in numbers]
            firsts = offsets([len(part.files) - 1 for part in parts]).tolist()
            first_of = dict(zip(numbers, firsts, strict=False))
            order = [first_of[files[source].segment] + files[source].number for source in moving]
            number = self._add(picked(JoinedRows(parts), np.array(order)))
            placed = {
                source: replace(files[source], segment=number, number=at)
                for at, source in enumerate(moving)
            }
            self._save(files | placed)

    def _add(self, rows: Rows) -> int:
        """Write a segment and return its number."""
        number, record = self._store.add_segment(rows)
        segments = {**self._manifest.segments, number: record}
        self._manifest = replace(self._manifest, segments=segments)
        return number

    def _open(self, number: int) -> Segment:
        return self._store.open_segment(number, self._manifest.segments[number])

    def _save(self, files: dict[str, FileRecord]) -> None:
        """Commit what the files in use are; segments without any go."""
        files = dict(sorted(files.items()))
        used = {file.segment for file in files.values()}
        segments = {n: one for n, one in self._manifest.segments.items() if n in used}
        self._manifest = replace(
            self._manifest,
            generation=self._manifest.generation + 1,
            files=files,
            segments=segments,
            troubles=self._changes.troubles,
            entries=sum(file.entries for file in files.values()),
            chunks=sum(file.chunks for file in files.values()),
            waiting_bytes=sum(
                file.stamp.size_bytes for file in self._changes.fresh if file.source not in files
            ),
        )
        self._manifest = self._store.commit(self._manifest)
        self._store.sweep()

    def _read(self, files: Sequence[SourceFile]) -> tuple[Rows, dict[str, FileRecord]]:
        """Read, chunk and embed some files; return their rows and records, but for the segment."""
        parts: list[Rows] = []
        records: dict[str, FileRecord] = {}
        for start in range(0, max(1, len(files)), _BATCH_FILES):
            batch = files[start : start + _BATCH_FILES]
            notes = self._parse(batch, records, start)
            parts.append(rows_of_notes(notes, self._recipe, self._vectors))
            chunks = np.diff(parts[-1].files[:, 1]).tolist()
            for file, count in zip(batch, chunks, strict=True):
                records[file.source] = replace(records[file.source], chunks=count)
        return joined(parts), records

    def _parse(
        self, files: Sequence[SourceFile], records: dict[str, FileRecord], first: int
    ) -> list[Sequence[Entry]]:
        self._tally.begin(files)
        notes: list[Sequence[Entry]] = []
        for number, file in enumerate(files):
            read_ns = time.time_ns()
            digest, note = read_source(file)
            stamp = file.stamp if digest else UNREAD
            records[file.source] = FileRecord(
                *(digest, stamp, read_ns, 0, first + number, len(note.entries), 0, note.troubles)
            )
            notes.append(note.entries)
            self._tally.read(file)
        return notes


def _new_manifest(recipe: IndexRecipe, place: CorpusPlace, generation: int) -> Manifest:
    return Manifest(
        made=secrets.token_hex(8),
        generation=generation,
        corpus=place,
        encoder=recipe.encoder.name,
        encoder_fingerprint=recipe.encoder.fingerprint,
        encoder_stamp=recipe.encoder_stamp,
        encoder_prompts=dict(getattr(recipe.encoder, "prompts", {})),
        dimension=recipe.encoder.dimension,
        note_rules=NOTE_RULES,
        chunking=CHUNKING,
        chunk_tokens=recipe.chunk_tokens,
        tokenizer=TOKENIZER,
        dense_baseline=unrelated_cosine(recipe.encoder),
        package_version=package_version(),
    )
