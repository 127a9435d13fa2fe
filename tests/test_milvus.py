"""What Milvus does that no other engine does: filters sent along, many writers and readers."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from fakes import NgramEncoder
from milvus_engines import ONE, TWO, milvus_in
from paperrag.assistant import Assistant
from paperrag.config import Settings
from paperrag.errors import (
    IndexCorrupt,
    IndexLocked,
    IndexMissing,
)
from paperrag.index.late import TokenLists
from paperrag.index.lexical import Postings
from paperrag.index.milvus import client
from paperrag.index.milvus import filter as scalars
from paperrag.index.milvus.engine import MilvusEngine
from paperrag.index.milvus.lease import MilvusLease
from paperrag.index.milvus.manifest import WHOLE_EACH
from paperrag.index.milvus.rows import (
    packed_rows,
    part_rows,
    unpacked_terms,
    unpacked_tokens,
    whole_texts,
)
from paperrag.index.milvus.schema import TEXT_BYTES
from paperrag.search.filtering import Filters
from paperrag.wiring.engines import make_recipe, open_engine
from test_engine import NOTES, batch, found, texts, write

pytest.importorskip("pymilvus", reason="Milvus needs pymilvus")

# --- packing ------------------------------------------------------------------------------------


def test_terms_and_tokens_are_packed_and_come_back():
    rows = batch(NOTES)
    packed = packed_rows(rows)
    records, owners = unpacked_terms([one.terms for one in packed])
    back = Postings(records["term"].astype(np.uint64), owners.astype(np.int32), records["count"])
    joined = Postings.joined([back])
    assert joined.terms.tolist() == rows.postings.terms.tolist()
    assert joined.rows.tolist() == rows.postings.rows.tolist()
    assert joined.counts.tolist() == rows.postings.counts.tolist()
    lists = unpacked_tokens([one.tokens for one in packed], [one.own_tokens for one in packed])
    assert lists.tokens.tolist() == rows.tokens.tokens.tolist()
    assert lists.starts.tolist() == rows.tokens.starts.tolist()


def test_tokens_take_three_bytes():
    lists = TokenLists.of([[70_000], [1, 2]], [[255], [256]])
    rows = replace(batch({"notes/a.md": "- 甲\n- two\n"}), tokens=lists)
    packed = packed_rows(rows)
    assert [len(one.tokens) for one in packed] == [8, 12]  # four characters a token
    found = unpacked_tokens([one.tokens for one in packed], [one.own_tokens for one in packed])
    assert found.tokens.tolist() == [70_000, 255, 1, 2, 256]


@pytest.mark.parametrize("text", ["", "甲" * 40_000, "a" * 70_000, "短 short"])
def test_a_long_text_is_kept_in_pieces(text):
    rows = list(part_rows("line", 1, 7, text))
    assert all(len(row["text"].encode()) <= TEXT_BYTES for row in rows)
    assert whole_texts(rows[::-1]) == {7: text}


def test_rows_are_sent_in_parcels_of_some_bytes(monkeypatch):
    monkeypatch.setattr(client, "MOST_BYTES", 20)
    rows = [
        {"text": "a" * 9},
        {"text": "甲乙丙"},
        {"text": "b" * 40},
        {"words": {1: 0.5}},
        {"n": 1},
    ]
    # 9, 9, 40, 8 and 8 bytes
    assert [len(parcel) for parcel in client._parcels(rows)] == [2, 1, 2]
    assert list(client._parcels([])) == []


# --- filters ------------------------------------------------------------------------------------


@pytest.mark.slow
def test_filters_are_sent_as_values_where_values_say_it(milvus):
    write(milvus, NOTES)
    snapshot = milvus.load()
    entries = snapshot.entries

    def told(allowed) -> str:
        columns = scalars.filter_columns(entries)
        return scalars.meant(snapshot.layout, columns, entries.venues, np.array(allowed))

    # rows 0, 1: abstracts/c.md (en, zh); 2 to 4: a.md (en, zh, en); 5 and 6: b.md (zh, en)
    assert told([True] * 7) == ""
    assert told([True, True] + [False] * 5) == "kind in [1]"
    assert told([False, True, False, True, False, True, False]) == "language in [0]"
    assert told([False] * 3 + [True, False, True, False]) == "kind in [0] and language in [0]"
    assert told([True, False, True] + [False] * 4) == (
        "language in [1] and not ((segment == 1 and (entry in [4, 6])))"
    )
    assert told([True] * 3 + [False] + [True] * 3) == "not ((segment == 1 and (entry in [3])))"


@pytest.mark.slow
def test_files_out_of_use_are_left_out_of_the_request(milvus):
    write(milvus, {**ONE, **TWO})
    assert scalars.alive(milvus.load().layout) == "segment in [1]"
    write(milvus, {"notes/a.md": "- 新 new\n"})
    told = scalars.alive(milvus.load().layout)
    assert told == "segment in [2] or (segment == 1 and not (entry in [0]))"


# --- many corpora, killed writers ---------------------------------------------------------------


@pytest.mark.slow
def test_corpora_share_collections_and_see_nothing_of_one_another(milvus, tmp_path):
    second = milvus_in(tmp_path, "第二 second")
    write(milvus, {"notes/a.md": "- 甲 one red\n"})
    with pytest.raises(IndexMissing, match="第二 second in notes at"):
        second.manifest()
    write(second, {"notes/a.md": "- 丙 three red\n"})
    assert (texts(milvus.load()), texts(second.load())) == (["- 甲 one red"], ["- 丙 three red"])
    assert milvus.load().rows_with("red").tolist() == [0]
    assert milvus.tables.count("chunks", "segment >= 0") == 1


@pytest.mark.slow
def test_a_writer_that_was_killed_leaves_the_old_index(milvus, tmp_path):
    write(milvus, ONE)
    killed = milvus_in(tmp_path)
    killed.add_segment(batch(TWO))  # and no commit
    assert texts(milvus.load()) == ["- 甲 one"]
    assert milvus.tables.count("chunks", "segment == 2") == 1
    write(milvus, TWO)
    assert texts(milvus_in(tmp_path).load()) == ["- 甲 one", "- 乙 two"]
    assert milvus.tables.count("chunks", "segment >= 0") == 2


def leased(milvus: MilvusEngine, at: float) -> None:
    told = f'{{"place": "x", "process": 7, "host": "elsewhere", "at": {at}}}'
    (row,) = part_rows("lease", 0, 0, told)
    milvus.tables.upsert("parts", [{**row, "id": "lease/x"}])


@pytest.mark.slow
def test_a_writer_elsewhere_is_waited_for_until_it_is_taken_for_dead(milvus, tmp_path):
    elsewhere = milvus_in(tmp_path)
    elsewhere.add_segment(batch(TWO))
    leased(milvus, time.time())
    with pytest.raises(IndexLocked, match="is being written by process 7 on elsewhere"):
        write(milvus, ONE)
    assert milvus.tables.count("chunks", "segment == 1") == 1  # what it writes stays
    leased(milvus, time.time() - 900)
    write(milvus, ONE)
    assert texts(milvus.load()) == ["- 甲 one"]


@pytest.mark.slow
def test_of_two_writers_that_begin_at_once_the_later_waits(milvus, monkeypatch):
    check = MilvusLease._check
    looks = []

    def another_writes_after_the_first_look(lease):
        check(lease)
        if not looks:
            leased(milvus, time.time())
        looks.append(1)

    monkeypatch.setattr(MilvusLease, "_check", another_writes_after_the_first_look)
    with pytest.raises(IndexLocked):
        write(milvus, ONE)
    held = milvus.tables.rows("parts", 'kind == "lease"', ["id"])
    assert [row["id"] for row in held] == ["made up/lease/x"]


@pytest.mark.slow
def test_a_writer_that_was_taken_for_dead_commits_nothing(milvus):
    write(milvus, ONE)
    with pytest.raises(IndexLocked), milvus.lock():
        milvus.add_segment(batch(TWO))
        leased(milvus, time.time())
        milvus.commit(replace(milvus.manifest(), generation=9))
    assert milvus.manifest().generation == 1
    assert milvus.tables.count("chunks", "segment == 2") == 1  # not its to sweep any more


@pytest.mark.slow
def test_a_reader_takes_in_what_others_commit_and_old_versions_go(milvus, tmp_path):
    reader = milvus_in(tmp_path)
    write(milvus, ONE)
    assert reader.manifest() is reader.manifest()
    manifest = milvus.manifest()
    for generation in range(2, WHOLE_EACH + 3):
        milvus.commit(replace(manifest, generation=generation))
    assert reader.manifest().generation == WHOLE_EACH + 2
    assert milvus_in(tmp_path).manifest() == reader.manifest()
    milvus.sweep()
    assert milvus.tables.rows("parts", 'kind == "manifest" and segment <= 32', ["id"]) == []
    assert milvus_in(tmp_path).manifest() == reader.manifest()


@pytest.mark.slow
def test_segments_that_went_out_of_use_stay_a_while_for_those_who_read_them(
    milvus, tmp_path, monkeypatch
):
    write(milvus, ONE)
    before = milvus.load()
    write(milvus, {"notes/a.md": "- 乙 two\n"})
    assert (texts(before), found(before, "one", 3).rows.tolist()) == (["- 甲 one"], [0])
    monkeypatch.setattr("paperrag.index.milvus.engine.READERS_S", 0.0)
    milvus.sweep()
    assert milvus.tables.count("chunks", "segment == 1") == 0
    with pytest.raises(IndexCorrupt, match="has 0 bytes, its manifest says"):
        milvus_in(tmp_path).open_segment(1, before.manifest.segments[1])


# --- many machines ------------------------------------------------------------------------------


def machine(tmp_path: Path, name: str) -> tuple[Assistant, MilvusEngine]:
    """One that has the notes in a folder of its own, and reads the same index."""
    notes = tmp_path / name / "notes"
    notes.mkdir(parents=True, exist_ok=True)
    notes.joinpath("a.md").write_text("- KV 合并 merging\n- pruning\n", encoding="utf-8")
    settings = Settings(
        corpus=tmp_path / name,
        index=tmp_path / f"{name} index",
        store="milvus",
        milvus_uri=str(tmp_path / "lite.db"),
        milvus_corpus="group",
    )
    milvus, encoder = open_engine(settings), NgramEncoder()
    assert isinstance(milvus, MilvusEngine)
    return Assistant(settings, encoder, milvus, make_recipe(settings, encoder)), milvus


@pytest.mark.slow
def test_machines_with_the_notes_elsewhere_share_an_index(tmp_path, lite_uri):
    first, milvus = machine(tmp_path, "first")
    second, ours = machine(tmp_path, "second")
    assert first.build().added == 2
    head = milvus.manifests.head()
    for _ in range(2):
        assert second.search("merging").hits[0].entry.title == "KV 合并 merging"
        assert second.search("merging", filters=Filters(kind="abstract")).hits == ()
        assert not second.status().changed_files
    assert milvus.manifests.head() == head  # when a machine looked at a file is no news to others
    path = tmp_path / "second" / "notes" / "a.md"
    for one in (ours, machine(tmp_path, "second")[1]):
        assert one.manifest().files["notes/a.md"].stamp.inode == path.stat().st_ino
    path.write_text("- 量化 quantisation\n", encoding="utf-8")
    assert second.search("quantisation").hits[0].entry.title == "量化 quantisation"
    assert milvus.load().entries.titles() == ["量化 quantisation"]


@pytest.mark.slow
def test_many_threads_ask_while_what_was_fetched_is_forgotten(milvus, monkeypatch):
    for name in ("KEPT_TEXTS", "KEPT_CHUNKS"):
        monkeypatch.setattr(f"paperrag.index.milvus.segment.{name}", 2)
    write(milvus, NOTES)
    snapshot = milvus.load()
    expected = texts(snapshot)

    def ask(_: int) -> list[str]:
        assert len(found(snapshot, "cache 合并", 2).rows)
        return texts(snapshot)

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(ask, range(12))) == [expected] * 12
