"""One contract for all that keeps an index; ExactEngine is the oracle.

An engine joins by a line in ENGINES.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from exact_engine import ExactEngine, drop, put
from fakes import NgramEncoder
from paperrag.errors import IndexMissing, ShapeError
from paperrag.index.candidates import Candidates
from paperrag.index.codes import KINDS, LANGUAGES
from paperrag.index.columns import rows_of
from paperrag.index.corpus_place import CorpusPlace
from paperrag.index.engine import Engine, Snapshot
from paperrag.index.late import TokenLists
from paperrag.index.manifest import Manifest
from paperrag.index.milvus.client import MilvusTables
from paperrag.index.milvus.engine import MilvusEngine
from paperrag.index.rows import Rows
from paperrag.notes.corpus import FileStamp
from paperrag.notes.tree import parse_note
from paperrag.records import Chunk, Entry
from paperrag.wiring.engines import open_store

ENCODER = NgramEncoder(32)


def milvus(folder: Path) -> Engine:
    """A corpus in Milvus Lite, beside its folder."""
    tables = MilvusTables(str(folder.parent / "lite.db"), "", "notes", "made up")
    return MilvusEngine(folder, tables)


ENGINES: dict[str, Callable[[Path], Engine]] = {
    "exact": ExactEngine,
    "local": open_store,
    "milvus": milvus,
}

NOTES = {
    "notes/a.md": "- KV cache merging\n- 合并注意力缓存\n- cache cache cache\n",
    "notes/b.md": "# 量化\n- 低比特量化 quantisation\n  - outliers of the cache\n",
    "abstracts/c.md": "- An abstract on merging caches\n- 摘要：稀疏注意力\n",
}


def _param(name: str) -> Any:
    return pytest.param(name, marks=pytest.mark.slow if name == "milvus" else ())


@pytest.fixture(params=[_param(name) for name in ENGINES])
def engine(request, tmp_path) -> Iterator[Engine]:
    if request.param == "milvus":
        request.getfixturevalue("lite_uri")
    engine = ENGINES[request.param](tmp_path / "index")
    yield engine
    if isinstance(engine, MilvusEngine):
        engine.tables.close()


def empty_manifest(folder: Path) -> Manifest:
    place = CorpusPlace.of(folder / "corpus", folder / "index")
    return Manifest(
        *("made", 0, place, ENCODER.name, ENCODER.fingerprint, {}, "", ENCODER.dimension),
        *("rules", "chunking", 64, "words", 0.0, "0"),
    )


def batch(notes: dict[str, str]) -> Rows:
    """Notes as rows with a chunk an entry; its tokens are the lengths of its words."""
    files = [_entries(text, source) for source, text in notes.items()]
    entries = [entry for file in files for entry in file]
    chunks = [Chunk(f"{e.id}#0", e.id, 0, len(e.text), e.text, "", e.text) for e in entries]
    texts = [chunk.text for chunk in chunks]
    return rows_of(
        files,
        chunks,
        [hashlib.sha256(text.encode()).digest() for text in texts],
        texts,
        TokenLists.of([[len(word) for word in text.split()] for text in texts], [[1]] * len(texts)),
        vectors_of(texts),
    )


def vectors_of(texts: list[str]) -> np.ndarray:
    """Vectors of 16 bits a number, which every engine keeps as they are."""
    return ENCODER.encode_document(texts).astype(np.float16).astype(np.float32)


def _entries(text: str, source: str) -> list[Entry]:
    return list(parse_note(text, source, "abstract" if "abstract" in source else "note").entries)


def write(engine: Engine, notes: dict[str, str]) -> None:
    notes = dict(sorted(notes.items()))
    put(engine, empty_manifest(engine.folder.parent), batch(notes), list(notes))


def query(text: str) -> np.ndarray:
    return ENCODER.encode_query([text])[0]


def found(snapshot: Snapshot, text: str, most: int, allowed=None) -> Candidates:
    return snapshot.candidates(query(text), text, most, allowed)


def texts(snapshot: Snapshot) -> list[str]:
    return [snapshot.entries.get(row).text for row in range(len(snapshot.entries))]


def assert_same(one: Candidates, other: Candidates) -> None:
    """Rows are the same, figures nearly, and so are the words met by these rows."""
    assert one.rows.tolist() == other.rows.tolist()
    np.testing.assert_allclose(one.cosines, other.cosines, atol=1e-5)
    np.testing.assert_allclose(one.lexical, other.lexical, atol=1e-6)
    assert _met(one) == _met(other)


def _met(candidates: Candidates) -> dict[str, set[int]]:
    rows = set(candidates.rows.tolist())
    met = {term: rows & set(held.tolist()) for term, held in candidates.matched.items()}
    return {term: held for term, held in met.items() if held}


# --- writing and deleting -----------------------------------------------------------------------


def test_nothing_committed_is_no_index(engine):
    with pytest.raises(IndexMissing):
        engine.manifest()
    assert engine.generation() == 0


def test_a_batch_is_there_once_a_manifest_names_it(engine):
    write(engine, {"notes/b.md": "- 乙 two\n"})
    with engine.lock():
        engine.add_segment(batch({"notes/a.md": "- 甲 one\n"}))
        assert texts(engine.load()) == ["- 乙 two"]
    write(engine, {"notes/a.md": "- 甲 one\n"})
    assert texts(engine.load()) == ["- 甲 one", "- 乙 two"]


def test_a_file_written_again_takes_the_place_of_what_it_held(engine):
    write(engine, {"notes/a.md": "- merge\n- 旧的 old\n", "notes/b.md": "- 稀疏\n"})
    write(engine, {"notes/a.md": "- 新的 new merge\n"})
    snapshot = engine.load()
    assert texts(snapshot) == ["- 新的 new merge", "- 稀疏"]
    assert snapshot.rows_with("merge").tolist() == [0]
    assert snapshot.rows_with("old").tolist() == []
    assert found(snapshot, "old merge", 9).rows.tolist() == [0, 1]


def test_a_file_that_is_deleted_is_found_no_more(engine):
    write(engine, NOTES)
    drop(engine, "notes/a.md")
    snapshot = engine.load()
    assert snapshot.entries.row_of("notes/a.md#a/cache-cache-cache") is None
    assert [snapshot.entries.get(row).source for row in range(len(snapshot.entries))] == [
        *["abstracts/c.md"] * 2,
        *["notes/b.md"] * 2,
    ]
    held = snapshot.chunks.entry[snapshot.rows_with("cache")].tolist()
    assert [snapshot.entries.get(row).source for row in held] == ["abstracts/c.md", "notes/b.md"]
    drop(engine, "notes/b.md")
    drop(engine, "abstracts/c.md")
    assert (len(engine.load().entries), found(engine.load(), "cache", 3).rows.tolist()) == (0, [])


def test_a_snapshot_is_changed_by_nothing(engine):
    write(engine, {"notes/a.md": "- 甲 one\n"})
    before = engine.load()
    write(engine, {"notes/a.md": "- 乙 two\n"})
    assert (texts(before), texts(engine.load())) == (["- 甲 one"], ["- 乙 two"])
    assert before.manifest.generation + 1 == engine.manifest().generation


def test_stamps_of_files_are_those_committed_last(engine):
    write(engine, {"notes/a.md": "- 甲 one\n", "notes/b.md": "- 乙 two\n"})
    before = engine.manifest()
    seen = replace(before.files["notes/b.md"], stamp=FileStamp(9, 8, 7, 6), read_ns=5)
    with engine.lock():
        engine.commit(replace(before, files={**before.files, "notes/b.md": seen}))
    assert engine.manifest().files == {**before.files, "notes/b.md": seen}
    assert engine.load().manifest.files == engine.manifest().files
    assert texts(engine.load()) == ["- 甲 one", "- 乙 two"]


# --- rows ---------------------------------------------------------------------------------------


def test_entries_are_found_by_id_and_come_back_whole(engine):
    write(engine, NOTES)
    expected = [entry for name in sorted(NOTES) for entry in _entries(NOTES[name], name)]
    entries = engine.load().entries
    assert [entries.row_of(entry.id) for entry in expected] == list(range(len(expected)))
    assert [entries.get(row) for row in range(len(entries))] == expected
    assert entries.row_of("notes/a.md#none") is None


def test_vectors_and_tokens_are_those_of_the_rows(engine):
    write(engine, {"notes/b.md": "- 量化 abc\n"})
    write(engine, {"notes/a.md": "- one three\n- 甲\n"})
    snapshot = engine.load()
    rows = np.array([2, 0])
    assert snapshot.vectors_of(rows).tolist() == (
        vectors_of(["- 量化 abc", "- one three"]).tolist()
    )
    lists = {
        rows[place]: one.take(np.array([at])).tokens.tolist()
        for places, one in snapshot.tokens.parts(rows)
        for at, place in enumerate(places.tolist())
    }
    assert lists == {2: [1, 2, 3, 1], 0: [1, 3, 5, 1]}
    assert {1, 2, 3, 5} <= set(snapshot.tokens.used.tolist())


def test_hashes_of_a_file_are_by_entry(engine):
    write(engine, NOTES)
    ids, hashes = (batch({"notes/a.md": NOTES["notes/a.md"]}).columns[name].tolist() for name in ("id_hash", "text_hash"))  # fmt: skip
    assert engine.load().hashes("notes/a.md") == dict(zip(ids, hashes, strict=True))


# --- candidates ---------------------------------------------------------------------------------


def test_all_chunks_are_candidates_where_there_are_few(engine):
    write(engine, {"notes/a.md": "- red\n- green\n- 红\n"})
    one = found(engine.load(), "red", 3)
    assert one.rows.tolist() == [0, 1, 2]
    # "red" against itself in three words of one letter group: the first is the nearest
    assert one.cosines.argmax() == 0
    # one word in one of three rows of one word each: saturation 1, all of the question's weight
    assert one.lexical.tolist() == [1.0, 0.0, 0.0]
    assert {term: rows.tolist() for term, rows in one.matched.items()} == {"red": [0]}


def test_each_group_and_the_words_put_forward_their_own(engine):
    notes = {
        "notes/a.md": "- red\n- red red\n- green\n- 红色\n- 绿色\n",
        "abstracts/b.md": "- blue\n- blues\n",
    }
    write(engine, notes)
    snapshot = engine.load()
    one = found(snapshot, "red", 1)
    groups = {
        (int(snapshot.entries.columns["language"][row]), int(snapshot.entries.columns["kind"][row]))
        for row in snapshot.chunks.entry[one.rows].tolist()
    }
    zh, en = LANGUAGES.index("zh"), LANGUAGES.index("en")
    note, abstract = KINDS.index("note"), KINDS.index("abstract")
    assert groups == {(zh, note), (en, note), (en, abstract)}
    assert len(one.rows) in (3, 4)


def test_only_what_is_allowed_is_a_candidate(engine):
    write(engine, NOTES)
    snapshot = engine.load()
    for most in (1, 2, 100):
        allowed = np.arange(len(snapshot.entries)) % 2 == 1
        one = found(snapshot, "cache 合并", most, allowed)
        assert allowed[snapshot.chunks.entry[one.rows]].all()
        assert len(one.rows)
    nothing = found(snapshot, "cache", 5, np.zeros(len(snapshot.entries), dtype=bool))
    assert [len(part) for part in nothing[:3]] == [0, 0, 0]


def test_a_query_of_the_wrong_width_is_refused(engine):
    write(engine, NOTES)
    with pytest.raises(ShapeError, match=r"expected a query of shape \(32,\), got \(31,\)"):
        engine.load().candidates(query("x")[:31], "x", 10)


@pytest.mark.slow
def test_candidates_are_those_of_the_oracle_after_any_changes(engine, tmp_path):
    """Thirty steps of writing and deleting; words are few, so that scores tie."""
    random = np.random.default_rng(5)
    oracle = ExactEngine(tmp_path / "oracle")
    words = ["cache", "merge", "KV", "attention", "缓存", "合并", "量化", "red"]
    names = [*(f"notes/{n}.md" for n in range(6)), *(f"abstracts/{n}.md" for n in range(3))]
    for _ in range(30):
        chosen = random.choice(names, 2, replace=False).tolist()
        notes = {name: _made_up(random, words) for name in sorted(chosen)}
        for one in (engine, oracle):
            write(one, notes)
        if random.random() < 0.3:
            drop(engine, chosen[0])
            drop(oracle, chosen[0])
        question = " ".join(random.choice(words, 3).tolist())
        ours, theirs = engine.load(), oracle.load()
        allowed = random.random(len(ours.entries)) < 0.7
        for most in (1, 4, 1000):
            assert_same(found(ours, question, most), found(theirs, question, most))
            assert_same(
                found(ours, question, most, allowed), found(theirs, question, most, allowed)
            )
        assert texts(ours) == texts(theirs)


def _made_up(random: np.random.Generator, words: list[str]) -> str:
    count = int(random.integers(1, 6))
    return "".join(f"- {' '.join(random.choice(words, 3).tolist())}\n" for _ in range(count))
