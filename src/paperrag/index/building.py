"""Corpus -> index: read what changed, embed what is new, swap the new generation in.

    scan_corpus ─> which files changed? ─> read_source ─> chunk_entries ─> vectors, postings, token
    lists
                     │                                                                │ a segment a
                     batch
                     └ unchanged files: their rows in the old generation ─────────> merge ─>
                     Store.save

Batches bound the memory: parsed notes live only until their rows are arrays. A long run is saved
in steps, and one that was killed goes on behind the last. A vector is reused by the sha256 of what
is embedded, wherever the text stands now.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from paperrag.encoders.contract import Encoder, TokenEncoder
from paperrag.encoders.static import StaticEncoder, unrelated_cosine
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
from paperrag.index.reporting import IndexReport, report_on
from paperrag.index.segments import Place, Segment, entry_table, merge
from paperrag.index.steps import Progress, Steps, Tally, announcement
from paperrag.index.store import Store
from paperrag.index.tables import ChunkTable, FileRecord, IndexData, Manifest
from paperrag.index.vector_pool import VectorPool
from paperrag.index.vectors import VectorIndex
from paperrag.notes.chunking import CHUNKING, chunk_entries
from paperrag.notes.corpus import SourceFile, read_source, scan_corpus
from paperrag.notes.tree import NOTE_RULES
from paperrag.records import Chunk, Entry, Trouble
from paperrag.text.folding import fold

_BATCH_FILES = 32

log = logging.getLogger("paperrag")


@dataclass(frozen=True, slots=True)
class IndexRecipe:
    """Everything that decides what an index holds, apart from the corpus."""

    encoder: Encoder
    chunk_tokens: int
    new_vectors: Callable[[int], VectorIndex]
    exclude: tuple[str, ...] = ()

    def check(self, manifest: Manifest, folder: Path) -> None:
        """Raise IndexMismatch, naming both values, if the manifest was made by another recipe."""
        pairs = (
            ("encoder", manifest.encoder, self.encoder.name),
            ("encoder content", manifest.encoder_fingerprint[:12], self._fingerprint(manifest)),
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

    @property
    def encoder_stamp(self) -> str:
        """The stamp of the encoder's files, "" if it has none."""
        return str(getattr(self.encoder, "stamp", ""))

    def _fingerprint(self, manifest: Manifest) -> str:
        """Return the head of the encoder's fingerprint; its files are read only if they are not
        those that the index was built with.
        """
        is_same = manifest.encoder_stamp and manifest.encoder_stamp == self.encoder_stamp
        return (manifest.encoder_fingerprint if is_same else self.encoder.fingerprint)[:12]


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
    `rebuild`), IndexLocked, IndexWriteError. Whatever ends it, the index stays as it was last
    saved: `rebuild` saves once, other long runs now and then.
    """
    progress = progress or (lambda what, done, total: None)
    # first, so that a mistyped corpus leaves no index folder behind
    scanned = scan_corpus(corpus, recipe.exclude)
    if not (scanned[0] or allow_empty):
        _check_not_emptied(corpus, store)
    with store.lock():
        old = None if rebuild else _load_old(corpus, store, recipe)
        changes = compare(*scanned, old.manifest if old else None)
        place = CorpusPlace.of(corpus, store.folder)
        if old and not changes.removed and not changes.fresh:
            data, embedded = _with_stamps(store, old, changes, place, recipe), 0
        else:
            if old is None and (said := announcement(changes.fresh, _is_static(recipe))):
                log.warning("%s", said)
            steps = Steps(changes.fresh, all_at_once=rebuild and _is_there(store))
            tally = Tally(progress, len(changes.fresh))
            data, embedded = _build(old, changes, steps, place, recipe, store, tally)
    return data, report_on(old, data, embedded, len(changes.fresh))


def _is_static(recipe: IndexRecipe) -> bool:
    return isinstance(recipe.encoder, StaticEncoder)


def _is_there(store: Store) -> bool:
    try:
        return bool(store.manifest().files)
    except IndexError_:
        return False


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


def _with_stamps(
    store: Store, old: IndexData, changes: Changes, place: CorpusPlace, recipe: IndexRecipe
) -> IndexData:
    manifest = replace(
        old.manifest,
        corpus=place,
        encoder_stamp=recipe.encoder_stamp,
        files=changes.kept,
        troubles=changes.troubles,
    )
    if manifest != old.manifest:
        store.save_manifest(manifest)
    return replace(old, manifest=manifest)


# --- assembling generations ---------------------------------------------------------------------


def _build(
    old: IndexData | None,
    changes: Changes,
    steps: Steps,
    place: CorpusPlace,
    recipe: IndexRecipe,
    store: Store,
    tally: Tally,
) -> tuple[IndexData, int]:
    """Read the fresh files in steps, each saved as a generation; return the last, and how many
    chunks were embedded.

    A run that is killed has kept the steps before: the next one goes on behind them. Until the
    last step, files that were not read yet and those that are gone stay as they were.
    """
    before = old.manifest.files if old else {}
    kept = dict(changes.kept)
    data, embedded = old, 0
    for files, done in steps:
        last = done + len(files) == len(changes.fresh)
        waiting = {} if last else {source: before[source] for source in before.keys() - kept.keys()}
        for file in files:
            waiting.pop(file.source, None)
        stays = {**waiting, **_placed_in(data, kept)}
        assembled, count = _assemble(data, stays, files, changes.troubles, place, recipe, tally)
        steps.saving()
        data = store.save(assembled)
        kept |= {file.source: data.manifest.files[file.source] for file in files}
        before = data.manifest.files
        embedded += count
    tally.end()
    assert data is not None  # there is a step at least
    return data, embedded


def _placed_in(data: IndexData | None, kept: dict[str, FileRecord]) -> dict[str, FileRecord]:
    """Return records with the rows that their files have in a generation."""
    files = data.manifest.files if data else {}
    return {
        source: replace(record, first_row=files[source].first_row)
        for source, record in kept.items()
    }


def _assemble(
    old: IndexData | None,
    kept: dict[str, FileRecord],
    fresh: Sequence[SourceFile],
    troubles: tuple[Trouble, ...],
    place: CorpusPlace,
    recipe: IndexRecipe,
    tally: Tally,
) -> tuple[IndexData, int]:
    """Return a generation of kept and fresh files (not yet on disk) and how many chunks were
    embedded.
    """
    vectors = VectorPool(
        old, kept.values(), recipe.encoder, recipe.new_vectors(recipe.encoder.dimension), tally
    )
    segments = [Segment(old.entries, old.chunks, old.postings, old.tokens)] if old else []
    places = {source: Place(0, record.first_row, record.entries) for source, record in kept.items()}
    records = dict(kept)
    for start in range(
        0, len(fresh) if segments else max(1, len(fresh)), _BATCH_FILES
    ):  # of no file, an empty segment
        batch = fresh[start : start + _BATCH_FILES]
        made = _make_segment(batch, recipe, vectors, tally)
        for source, (record, first_row) in made.records.items():
            records[source] = record
            places[source] = Place(len(segments), first_row, record.entries)
        segments.append(made.segment)
    vectors.drop_unused()
    merged = merge(segments, [places[source] for source in sorted(places)])
    manifest = _manifest(old, place, _with_rows(records), troubles, recipe, vectors, merged)
    return IndexData(
        manifest, merged.entries, merged.chunks, merged.postings, merged.tokens, vectors.index
    ), vectors.embedded


@dataclass(frozen=True, slots=True)
class _Made:
    """A batch of files as a segment, and each file's record and first row in it."""

    segment: Segment
    records: dict[str, tuple[FileRecord, int]]


def _make_segment(
    files: Sequence[SourceFile],
    recipe: IndexRecipe,
    vectors: VectorPool,
    tally: Tally,
) -> _Made:
    """Read, chunk and embed some files."""
    entries: list[Entry] = []
    records: dict[str, tuple[FileRecord, int]] = {}
    tally.begin(len(files))
    for number, file in enumerate(files, 1):
        read_ns = time.time_ns()
        digest, note = read_source(file)
        stamp = file.stamp if digest else UNREAD
        record = FileRecord(digest, stamp, read_ns, 0, len(note.entries), note.troubles)
        records[file.source] = (record, len(entries))
        entries += note.entries
        tally.read(number)
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
    """What words are indexed for a chunk: what is embedded, and of an entry's first chunk the ids
    of its papers and what its fields say.
    """
    if chunk.start:
        return chunk.embedded_text
    ids = (link.identifier for link in entry.links if link.identifier)
    told = (fold(value) for _, value in entry.fields)
    return " ".join([chunk.embedded_text, *ids, *told])


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
        encoder_stamp=recipe.encoder_stamp,
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
