"""Corpus -> index: read what changed, embed what is new, swap the new generation in.

    scan_corpus ─> which files changed? ─> read_source ─> chunk_entries ─> vectors, postings, token
    lists
                     │                                                                │ a segment a
                     batch
                     └ unchanged files: their rows in the old generation ─────────> merge ─>
                     Store.save

Batches bound the memory: parsed notes live only until their rows are arrays. A vector is
reused by the sha256 of what is embedded, wherever the text stands now.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from paperrag.encoders.contract import Encoder, TokenEncoder
from paperrag.encoders.static import unrelated_cosine
from paperrag.errors import (
    CorpusError,
    IndexCorrupt,
    IndexError_,
    IndexMismatch,
    IndexMissing,
)
from paperrag.index.changes import UNREAD, Changes, compare
from paperrag.index.corpus_place import CorpusPlace
from paperrag.index.late import TokenLists
from paperrag.index.lexical import TOKENIZER, Postings
from paperrag.index.segments import Place, Segment, entry_table, merge
from paperrag.index.store import Store
from paperrag.index.tables import ChunkTable, FileRecord, IndexData, Manifest
from paperrag.index.vector_pool import Progress, VectorPool
from paperrag.index.vectors import VectorIndex
from paperrag.notes.chunking import CHUNKING, chunk_entries
from paperrag.notes.corpus import SourceFile, read_source, scan_corpus
from paperrag.notes.tree import NOTE_RULES
from paperrag.records import Chunk, Entry, Trouble

_BATCH_FILES = 32


@dataclass(frozen=True, slots=True)
class FileChange:
    """What an index run did to the entries of one file; an entry that moved here is counted
    here.
    """

    source: str
    added: int
    changed: int
    moved: int
    removed: int


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What an index run did, counted in entries; `embedded` counts chunks, `files` those that were
    read.
    """

    added: int
    changed: int
    moved: int
    removed: int
    unchanged: int
    embedded: int
    files: int
    files_total: int
    troubles: tuple[Trouble, ...]
    by_file: tuple[FileChange, ...] = ()

    @property
    def failed(self) -> tuple[Trouble, ...]:
        """Files that could not be read at all."""
        return tuple(trouble for trouble in self.troubles if trouble.fatal)


@dataclass(frozen=True, slots=True)
class IndexRecipe:
    """Everything that decides what an index holds, apart from the corpus."""

    encoder: Encoder
    chunk_tokens: int
    new_vectors: Callable[[int], VectorIndex]

    def check(self, manifest: Manifest, folder: Path) -> None:
        """Raise IndexMismatch, naming both values, if the manifest was made by another recipe."""
        pairs = (
            ("encoder", manifest.encoder, self.encoder.name),
            ("encoder content", manifest.encoder_fingerprint[:12], self.encoder.fingerprint[:12]),
            ("dimension", manifest.dimension, self.encoder.dimension),
            ("note rules", manifest.note_rules, NOTE_RULES),
            ("chunking", manifest.chunking, CHUNKING),
            ("chunk_tokens", manifest.chunk_tokens, self.chunk_tokens),
            ("word rules", manifest.tokenizer, TOKENIZER),
        )
        for what, built, wanted in pairs:
            if built != wanted:
                raise IndexMismatch(
                    f"{folder} was built with {what} {built!r}, settings ask for {wanted!r}; run: "
                    f"paperrag index --rebuild"
                )


def build_index(
    corpus: Path,
    store: Store,
    recipe: IndexRecipe,
    rebuild: bool = False,
    progress: Progress | None = None,
    allow_empty: bool = False,
) -> tuple[IndexData, IndexReport]:
    """Bring the index up to date with the corpus and return it with a report.

    rebuild: forget what is there and embed everything; allow_empty: also where no note is left.
    Raises CorpusError, IndexMismatch (of another corpus or built with other settings, and not
    `rebuild`), IndexLocked, IndexWriteError; the old index survives.
    """
    progress = progress or (lambda what, done, total: None)
    scanned = scan_corpus(corpus)  # first, so that a mistyped corpus leaves no index folder behind
    if not (scanned[0] or allow_empty):
        _check_not_emptied(corpus, store)
    with store.lock():
        old = None if rebuild else _load_old(corpus, store, recipe)
        changes = compare(*scanned, old.manifest if old else None)
        place = CorpusPlace.of(corpus, store.folder)
        if old and not changes.removed and not changes.fresh:
            data, embedded = _with_stamps(store, old, changes, place), 0
        else:
            data, embedded = _assemble(old, changes, place, recipe, progress)
            data = store.save(data)
    return data, _report(old, data, embedded, len(changes.fresh))


def _check_not_emptied(corpus: Path, store: Store) -> None:
    """Raise CorpusError if the index there is holds notes: a disk may not be mounted."""
    try:
        count = len(store.manifest().files)
    except IndexError_:
        return
    if count:
        raise CorpusError(
            f"there is no note below {corpus}, but {store.folder} holds {count} files; is a disk "
            f"not mounted? The index stays as it is; to empty it, run: paperrag index --allow-empty"
        )


def _load_old(corpus: Path, store: Store, recipe: IndexRecipe) -> IndexData | None:
    """Return the index that is there, or None if there is none or it cannot be read."""
    try:
        manifest = store.manifest()
        manifest.corpus.check(corpus, store.folder)
        recipe.check(manifest, store.folder)
        return store.load()
    except (IndexMissing, IndexCorrupt):
        return None


def save_stamps(store: Store, changes: Changes) -> None:
    """Note down that files were only touched, without opening the index.

    Raises IndexLocked, IndexWriteError, or what `Store.manifest` raises.
    """
    with store.lock():
        manifest = store.manifest()
        if manifest.files.keys() == changes.kept.keys():
            store.save_manifest(replace(manifest, files=changes.kept))


def _with_stamps(store: Store, old: IndexData, changes: Changes, place: CorpusPlace) -> IndexData:
    manifest = replace(old.manifest, corpus=place, files=changes.kept, troubles=changes.troubles)
    if manifest != old.manifest:
        store.save_manifest(manifest)
    return replace(old, manifest=manifest)


# --- assembling a generation --------------------------------------------------------------------


def _assemble(
    old: IndexData | None,
    changes: Changes,
    place: CorpusPlace,
    recipe: IndexRecipe,
    progress: Progress,
) -> tuple[IndexData, int]:
    """Return the new generation's data (not yet on disk) and how many chunks were embedded."""
    kept, fresh = changes.kept, changes.fresh
    vectors = VectorPool(
        old, kept.values(), recipe.encoder, recipe.new_vectors(recipe.encoder.dimension), progress
    )
    segments = [Segment(old.entries, old.chunks, old.postings, old.tokens)] if old else []
    places = {source: Place(0, record.first_row, record.entries) for source, record in kept.items()}
    records = dict(kept)
    for start in range(
        0, len(fresh) if segments else max(1, len(fresh)), _BATCH_FILES
    ):  # of no file, an empty segment
        batch = fresh[start : start + _BATCH_FILES]
        made = _make_segment(batch, recipe, vectors, _counting_on(progress, start, len(fresh)))
        for source, (record, first_row) in made.records.items():
            records[source] = record
            places[source] = Place(len(segments), first_row, record.entries)
        segments.append(made.segment)
    progress("indexing", len(fresh), len(fresh))
    vectors.drop_unused()
    merged = merge(segments, [places[source] for source in sorted(places)])
    manifest = _manifest(old, place, _with_rows(records), changes.troubles, recipe, vectors, merged)
    return IndexData(
        manifest, merged.entries, merged.chunks, merged.postings, merged.tokens, vectors.index
    ), vectors.embedded


def _counting_on(progress: Progress, before: int, total: int) -> Callable[[int], None]:
    return lambda done: progress("indexing", before + done, total)


@dataclass(frozen=True, slots=True)
class _Made:
    """A batch of files as a segment, and each file's record and first row in it."""

    segment: Segment
    records: dict[str, tuple[FileRecord, int]]


def _make_segment(
    files: Sequence[SourceFile],
    recipe: IndexRecipe,
    vectors: VectorPool,
    tell: Callable[[int], None],
) -> _Made:
    """Read, chunk and embed some files; `tell` is called with how many of them were read before."""
    entries: list[Entry] = []
    records: dict[str, tuple[FileRecord, int]] = {}
    for number, file in enumerate(files):
        tell(number)
        read_ns = time.time_ns()
        digest, note = read_source(file)
        stamp = file.stamp if digest else UNREAD
        record = FileRecord(digest, stamp, read_ns, 0, len(note.entries), note.troubles)
        records[file.source] = (record, len(entries))
        entries += note.entries
    chunks = chunk_entries(entries, recipe.encoder.count_tokens, recipe.chunk_tokens)
    row_of = {entry.id: row for row, entry in enumerate(entries)}
    rows = [row_of[chunk.entry_id] for chunk in chunks]
    digests = [hashlib.sha256(chunk.embedded_text.encode()).digest() for chunk in chunks]
    table = ChunkTable(
        entry=np.array(rows, dtype=np.int32),
        start=np.array([chunk.start for chunk in chunks], dtype=np.int32),
        end=np.array([chunk.end for chunk in chunks], dtype=np.int32),
        vector_id=vectors.ids_of(chunks, digests),
        digest=np.frombuffer(b"".join(digests), dtype=np.uint8).reshape(len(chunks), 32),
    )
    postings = Postings.of(
        [_indexed_words(chunk, entries[row]) for chunk, row in zip(chunks, rows, strict=True)]
    )
    return _Made(
        Segment(entry_table(entries), table, postings, _token_lists(chunks, recipe.encoder)),
        records,
    )


def _indexed_words(chunk: Chunk, entry: Entry) -> str:
    """What words are indexed for a chunk: what is embedded, and the ids of its papers."""
    links = entry.links if chunk.start == 0 else ()
    return " ".join([chunk.embedded_text, *(link.identifier for link in links if link.identifier)])


def _token_lists(chunks: Sequence[Chunk], encoder: Encoder) -> TokenLists | None:
    if not isinstance(encoder, TokenEncoder):
        return None
    fronts = list(dict.fromkeys(chunk.front for chunk in chunks))
    ids_of = dict(zip(fronts, encoder.token_ids(fronts), strict=True))
    return TokenLists.of(
        encoder.token_ids([chunk.body for chunk in chunks]),
        [ids_of[chunk.front] for chunk in chunks],
    )


def _with_rows(records: dict[str, FileRecord]) -> dict[str, FileRecord]:
    """Return the records by source, with the rows that files have in the new generation."""
    placed: dict[str, FileRecord] = {}
    row = 0
    for source in sorted(records):
        placed[source] = replace(records[source], first_row=row)
        row += records[source].entries
    return placed


def _manifest(
    old: IndexData | None,
    place: CorpusPlace,
    records: dict[str, FileRecord],
    troubles: tuple[Trouble, ...],
    recipe: IndexRecipe,
    vectors: VectorPool,
    merged: Segment,
) -> Manifest:
    return Manifest(
        generation=old.manifest.generation if old else 0,
        corpus=place,
        encoder=recipe.encoder.name,
        encoder_fingerprint=recipe.encoder.fingerprint,
        encoder_prompts=dict(getattr(recipe.encoder, "prompts", {})),
        dimension=recipe.encoder.dimension,
        note_rules=NOTE_RULES,
        chunking=CHUNKING,
        chunk_tokens=recipe.chunk_tokens,
        tokenizer=TOKENIZER,
        next_id=vectors.next_id,
        dense_baseline=old.manifest.dense_baseline if old else unrelated_cosine(recipe.encoder),
        entries=len(merged.entries),
        chunks=len(merged.chunks),
        package_version=package_version(),
        files=records,
        troubles=troubles,
    )


def package_version() -> str:
    """Return the installed version of paperrag, or "0+source" when run from a source tree."""
    try:
        return version("paperrag")
    except PackageNotFoundError:
        return "0+source"


# --- the report ---------------------------------------------------------------------------------


def _report(old: IndexData | None, data: IndexData, embedded: int, files_read: int) -> IndexReport:
    before = _hashes(old) if old else {}
    after = _hashes(data)
    changed = sum(1 for key in after.keys() & before.keys() if after[key] != before[key])
    unchanged = len(after.keys() & before.keys()) - changed
    gone = Counter(before[key] for key in before.keys() - after.keys())
    come = Counter(after[key] for key in after.keys() - before.keys())
    moved = sum((gone & come).values())
    troubles = [trouble for record in data.manifest.files.values() for trouble in record.troubles]
    return IndexReport(
        added=sum(come.values()) - moved,
        changed=changed,
        moved=moved,
        removed=sum(gone.values()) - moved,
        unchanged=unchanged,
        embedded=embedded,
        files=files_read,
        files_total=len(data.manifest.files),
        troubles=(*data.manifest.troubles, *troubles),
        by_file=_by_file(old, data, gone & come),
    )


def _by_file(old: IndexData | None, data: IndexData, moved: Counter[int]) -> tuple[FileChange, ...]:
    """Return what changed in each file where anything did; `moved` counts texts that went from one
    place to another.
    """
    before, after = _hashes_by_file(old) if old else {}, _hashes_by_file(data)
    left, arrived = moved.copy(), moved.copy()
    changes = []
    for source in sorted(before.keys() | after.keys()):
        was, now = before.get(source, {}), after.get(source, {})
        gone = [was[key] for key in was.keys() - now.keys()]
        come = [now[key] for key in now.keys() - was.keys()]
        changed = sum(1 for key in was.keys() & now.keys() if was[key] != now[key])
        moved_here = sum(_take(arrived, text) for text in come)
        removed = len(gone) - sum(_take(left, text) for text in gone)
        if come or gone or changed:
            changes.append(FileChange(source, len(come) - moved_here, changed, moved_here, removed))
    return tuple(changes)


def _take(counts: Counter[int], key: int) -> bool:
    counts[key] -= 1
    return counts[key] >= 0


def _hashes_by_file(data: IndexData) -> dict[str, dict[int, int]]:
    ids, texts = (
        data.entries.columns["id_hash"].tolist(),
        data.entries.columns["text_hash"].tolist(),
    )
    rows = {
        source: slice(file.first_row, file.first_row + file.entries)
        for source, file in data.manifest.files.items()
    }
    return {
        source: dict(zip(ids[where], texts[where], strict=True)) for source, where in rows.items()
    }


def _hashes(data: IndexData) -> dict[int, int]:
    return dict(
        zip(
            data.entries.columns["id_hash"].tolist(),
            data.entries.columns["text_hash"].tolist(),
            strict=True,
        )
    )
