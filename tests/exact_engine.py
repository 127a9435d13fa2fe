"""The engine that every other one is held against: all in memory, all looked at one by one."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from made_segments import made_segment
from paperrag.errors import IndexMissing
from paperrag.index.candidates import BoolArray, Candidates, IntArray
from paperrag.index.changes import UNREAD
from paperrag.index.chunk_table import ChunkTable
from paperrag.index.codes import KINDS, LANGUAGES
from paperrag.index.corpus_place import CorpusPlace
from paperrag.index.engine import Engine
from paperrag.index.layout import Layout
from paperrag.index.lexical import K1, B, compounds, term_hashes, tokenize
from paperrag.index.manifest import FileRecord, Manifest, SegmentRecord
from paperrag.index.postings import TokenTable
from paperrag.index.rows import Rows, joined, offsets, picked
from paperrag.index.segment import Segment
from paperrag.index.tables import EntryTable
from paperrag.index.vectors import check_query


class ExactEngine:
    """Batches of rows by number, and the manifest that was committed last."""

    name = "memory"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._batches: dict[int, Rows] = {}
        self._manifest: Manifest | None = None

    def place_of(self, corpus: Path) -> CorpusPlace:
        return CorpusPlace.of(corpus, self.folder)

    def manifest(self) -> Manifest:
        if self._manifest is None:
            raise IndexMissing("nothing was committed")
        return self._manifest

    def generation(self) -> int:
        return self._manifest.generation if self._manifest else 0

    def load(self) -> ExactSnapshot:
        return ExactSnapshot(self.manifest(), dict(self._batches))

    check = load

    @contextmanager
    def lock(self) -> Iterator[None]:
        yield
        self.sweep()

    def add_segment(self, rows: Rows) -> tuple[int, SegmentRecord]:
        number = max(self._batches, default=0) + 1
        self._batches[number] = rows
        return number, SegmentRecord(0, "", int(rows.files[-1, 1]))

    def open_segment(self, number: int, record: SegmentRecord) -> Segment:
        return made_segment(self._batches[number], number)

    def commit(self, manifest: Manifest) -> Manifest:
        self._manifest = manifest
        return manifest

    def sweep(self) -> None:
        named = self._manifest.segments if self._manifest else {}
        self._batches = {n: rows for n, rows in self._batches.items() if n in named}

    def beside(self) -> None:
        return None

    def disk_bytes(self) -> int:
        return 0


class ExactSnapshot:
    """The rows of the files in use, copied together."""

    def __init__(self, manifest: Manifest, batches: dict[int, Rows]) -> None:
        self.manifest = manifest
        named = {number: batches[number] for number in manifest.segments}
        segments = [made_segment(rows, number) for number, rows in named.items()]
        places = [(file.segment, file.number) for file in manifest.files.values()]
        self.layout = Layout(segments, places)
        self.entries, self.chunks = EntryTable(self.layout), ChunkTable(self.layout)
        self.tokens = TokenTable(self.layout) if segments else None
        self._rows = _in_use(named, places)

    def candidates(
        self, query: np.ndarray, words: str, most: int, allowed: BoolArray | None = None
    ) -> Candidates:
        query = check_query(query, self.manifest.dimension)
        cosines = [float(row @ query) for row in self._vectors]
        lexical, matched = self._lexical(words)
        rows = [
            row
            for row, entry in enumerate(self.chunks.entry.tolist())
            if allowed is None or allowed[entry]
        ]
        if len(rows) > most:
            pools = [
                [row for row in rows if self._group(row) == (language, kind)]
                for language in range(len(LANGUAGES))
                for kind in range(len(KINDS))
            ]
            by_cosine = [sorted(pool, key=lambda row: -cosines[row])[:most] for pool in pools]
            with_words = [row for row in rows if lexical[row] > 0]
            by_words = sorted(with_words, key=lambda row: -lexical[row])[:most]
            rows = sorted({*by_words, *(row for pool in by_cosine for row in pool)})
        at = np.array(rows, dtype=np.int64)
        return Candidates(
            at,
            np.array(cosines, dtype=np.float32)[at],
            np.array(lexical, dtype=np.float32)[at],
            {term: np.array(sorted(found)) for term, found in matched.items()},
        )

    def rows_with(self, word: str) -> IntArray:
        return np.array(sorted(self._holding(word)), dtype=np.int32)

    def vectors_of(self, chunks: IntArray) -> np.ndarray:
        return self._vectors[chunks]

    def hashes(self, source: str) -> dict[int, int]:
        rows = [row for row in range(len(self.entries)) if self.entries.section(row)[0] == source]
        ids, texts = (self._rows.columns[name] for name in ("id_hash", "text_hash"))
        return {int(ids[row]): int(texts[row]) for row in rows}

    @property
    def _vectors(self) -> np.ndarray:
        if self._rows is None:
            return np.empty((0, self.manifest.dimension), dtype=np.float32)
        return self._rows.vectors

    def _group(self, chunk: int) -> tuple[int, int]:
        columns, entry = self.entries.columns, int(self.chunks.entry[chunk])
        return int(columns["language"][entry]), int(columns["kind"][entry])

    def _lexical(self, words: str) -> tuple[list[float], dict[str, dict[int, int]]]:
        count, lengths = len(self.chunks), self.chunks.words.tolist()
        mean = sum(lengths) / count if count else 1.0
        scores, total, matched = [0.0] * count, 0.0, {}
        for term in dict.fromkeys([*tokenize(words), *compounds(words)]):
            held = self._holding(term)
            if not held and term in compounds(words):
                continue
            idf = math.log(1 + (count - len(held) + 0.5) / (len(held) + 0.5))
            total += idf
            for row, times in held.items():
                norm = 1 - B + B * lengths[row] / mean
                scores[row] += idf * min(times * (K1 + 1) / (times + K1 * norm), 1.0)
            if held:
                matched[term] = held
        return [score / total if total else 0.0 for score in scores], matched

    def _holding(self, term: str) -> dict[int, int]:
        if self._rows is None:
            return {}
        (wanted,) = term_hashes([term]).tolist()
        postings = self._rows.postings
        found: Counter[int] = Counter()
        for place in np.flatnonzero(postings.terms == wanted).tolist():
            found[int(postings.rows[place])] += int(postings.counts[place])
        return dict(found)


def _in_use(batches: dict[int, Rows], places: list[tuple[int, int]]) -> Rows | None:
    """Return the rows of the files in use, None where there are none."""
    if not batches:
        return None
    firsts = offsets([len(rows.files) - 1 for rows in batches.values()]).tolist()
    first_of = dict(zip(batches, firsts, strict=False))
    order = [first_of[segment] + number for segment, number in places]
    return picked(joined(list(batches.values())), np.array(order))


def put(engine: Engine, empty: Manifest, rows: Rows, sources: list[str]) -> None:
    """Write files as one batch and commit them, in the place of those of the same names."""
    before = _manifest_of(engine, empty)
    with engine.lock():
        number, record = engine.add_segment(rows)
        new = {source: file_record(rows, number, at) for at, source in enumerate(sources)}
        _commit(engine, before, {**before.files, **new}, {**before.segments, number: record})


def drop(engine: Engine, source: str) -> None:
    """Commit that a file is gone."""
    before = engine.manifest()
    files = {name: file for name, file in before.files.items() if name != source}
    with engine.lock():
        _commit(engine, before, files, before.segments)


def _commit(engine: Engine, before: Manifest, files, segments) -> None:
    used = {file.segment for file in files.values()}
    engine.commit(
        replace(
            before,
            generation=before.generation + 1,
            files=dict(sorted(files.items())),
            segments={n: one for n, one in segments.items() if n in used},
            entries=sum(file.entries for file in files.values()),
            chunks=sum(file.chunks for file in files.values()),
        )
    )


def _manifest_of(engine: Engine, empty: Manifest) -> Manifest:
    try:
        return engine.manifest()
    except IndexMissing:
        return empty


def file_record(rows: Rows, segment: int, at: int) -> FileRecord:
    """What a manifest says of file `at` of a batch."""
    entries, chunks = np.diff(rows.files[at : at + 2, :2], axis=0)[0].tolist()
    return FileRecord("0" * 64, UNREAD, 0, segment, at, entries, chunks)
