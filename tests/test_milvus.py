"""What Milvus does that no other engine does: filters sent along, partial writes, lost servers."""

from __future__ import annotations

import dataclasses
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from exact_engine import put
from fakes import NgramEncoder
from paperrag.assistant import Assistant
from paperrag.cli import main
from paperrag.config import Settings
from paperrag.errors import (
    ConfigError,
    IndexCorrupt,
    IndexLocked,
    IndexMissing,
    IndexUnreachable,
    MissingDependency,
)
from paperrag.index.late import TokenLists
from paperrag.index.lexical import Postings
from paperrag.index.milvus import client, connection
from paperrag.index.milvus import filter as scalars
from paperrag.index.milvus.client import MilvusTables
from paperrag.index.milvus.engine import MilvusEngine
from paperrag.index.milvus.lease import MilvusLease
from paperrag.index.milvus.manifest import WHOLE_EACH
from paperrag.index.milvus.push import push
from paperrag.index.milvus.rows import (
    packed_rows,
    part_rows,
    unpacked_terms,
    unpacked_tokens,
    whole_texts,
)
from paperrag.index.milvus.schema import TEXT_BYTES
from paperrag.index.store import Store
from paperrag.page.api import Api
from paperrag.search.filtering import Filters
from paperrag.wiring.engines import make_recipe, open_engine, open_store
from small_corpus import write_notes
from test_engine import NOTES, assert_same, batch, empty_manifest, found, texts, write
from workbench import environment

pytest.importorskip("pymilvus", reason="Milvus needs pymilvus")

MILVUS = {"store": "milvus", "milvus_uri": "lite.db"}
ONE = {"notes/a.md": "- 甲 one\n"}
TWO = {"notes/b.md": "- 乙 two\n"}


@pytest.fixture
def engine(tmp_path: Path, lite_uri: str) -> Iterator[MilvusEngine]:
    engine = other(tmp_path, "made up")
    yield engine
    engine.tables.close()


def other(tmp_path: Path, corpus: str) -> MilvusEngine:
    """An engine of its own, as another process has one."""
    tables = MilvusTables(str(tmp_path / "lite.db"), "", "notes", corpus)
    return MilvusEngine(tmp_path / "index" / corpus, tables)


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
def test_filters_are_sent_as_values_where_values_say_it(engine):
    write(engine, NOTES)
    snapshot = engine.load()
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
def test_files_out_of_use_are_left_out_of_the_request(engine):
    write(engine, {**ONE, **TWO})
    assert scalars.alive(engine.load().layout) == "segment in [1]"
    write(engine, {"notes/a.md": "- 新 new\n"})
    told = scalars.alive(engine.load().layout)
    assert told == "segment in [2] or (segment == 1 and not (entry in [0]))"


# --- many corpora, killed writers ---------------------------------------------------------------


@pytest.mark.slow
def test_corpora_share_collections_and_see_nothing_of_one_another(engine, tmp_path):
    second = other(tmp_path, "第二 second")
    write(engine, {"notes/a.md": "- 甲 one red\n"})
    with pytest.raises(IndexMissing, match="第二 second in notes at"):
        second.manifest()
    write(second, {"notes/a.md": "- 丙 three red\n"})
    assert (texts(engine.load()), texts(second.load())) == (["- 甲 one red"], ["- 丙 three red"])
    assert engine.load().rows_with("red").tolist() == [0]
    assert engine.tables.count("chunks", "segment >= 0") == 1


@pytest.mark.slow
def test_a_writer_that_was_killed_leaves_the_old_index(engine, tmp_path):
    write(engine, ONE)
    killed = other(tmp_path, "made up")
    killed.add_segment(batch(TWO))  # and no commit
    assert texts(engine.load()) == ["- 甲 one"]
    assert engine.tables.count("chunks", "segment == 2") == 1
    write(engine, TWO)
    assert texts(other(tmp_path, "made up").load()) == ["- 甲 one", "- 乙 two"]
    assert engine.tables.count("chunks", "segment >= 0") == 2


def leased(engine: MilvusEngine, at: float) -> None:
    told = f'{{"place": "x", "process": 7, "host": "elsewhere", "at": {at}}}'
    (row,) = part_rows("lease", 0, 0, told)
    engine.tables.upsert("parts", [{**row, "id": "lease/x"}])


@pytest.mark.slow
def test_a_writer_elsewhere_is_waited_for_until_it_is_taken_for_dead(engine, tmp_path):
    elsewhere = other(tmp_path, "made up")
    elsewhere.add_segment(batch(TWO))
    leased(engine, time.time())
    with pytest.raises(IndexLocked, match="is being written by process 7 on elsewhere"):
        write(engine, ONE)
    assert engine.tables.count("chunks", "segment == 1") == 1  # what it writes stays
    leased(engine, time.time() - 900)
    write(engine, ONE)
    assert texts(engine.load()) == ["- 甲 one"]


@pytest.mark.slow
def test_of_two_writers_that_begin_at_once_the_later_waits(engine, monkeypatch):
    check = MilvusLease._check
    looks = []

    def another_writes_after_the_first_look(lease):
        check(lease)
        if not looks:
            leased(engine, time.time())
        looks.append(1)

    monkeypatch.setattr(MilvusLease, "_check", another_writes_after_the_first_look)
    with pytest.raises(IndexLocked):
        write(engine, ONE)
    held = engine.tables.rows("parts", 'kind == "lease"', ["id"])
    assert [row["id"] for row in held] == ["made up/lease/x"]


@pytest.mark.slow
def test_a_writer_that_was_taken_for_dead_commits_nothing(engine):
    write(engine, ONE)
    with pytest.raises(IndexLocked), engine.lock():
        engine.add_segment(batch(TWO))
        leased(engine, time.time())
        engine.commit(replace(engine.manifest(), generation=9))
    assert engine.manifest().generation == 1
    assert engine.tables.count("chunks", "segment == 2") == 1  # not its to sweep any more


@pytest.mark.slow
def test_a_reader_takes_in_what_others_commit_and_old_versions_go(engine, tmp_path):
    reader = other(tmp_path, "made up")
    write(engine, ONE)
    assert reader.manifest() is reader.manifest()
    manifest = engine.manifest()
    for generation in range(2, WHOLE_EACH + 3):
        engine.commit(replace(manifest, generation=generation))
    assert reader.manifest().generation == WHOLE_EACH + 2
    assert other(tmp_path, "made up").manifest() == reader.manifest()
    engine.sweep()
    assert engine.tables.rows("parts", 'kind == "manifest" and segment <= 32', ["id"]) == []
    assert other(tmp_path, "made up").manifest() == reader.manifest()


@pytest.mark.slow
def test_segments_that_went_out_of_use_stay_a_while_for_those_who_read_them(
    engine, tmp_path, monkeypatch
):
    write(engine, ONE)
    before = engine.load()
    write(engine, {"notes/a.md": "- 乙 two\n"})
    assert (texts(before), found(before, "one", 3).rows.tolist()) == (["- 甲 one"], [0])
    monkeypatch.setattr("paperrag.index.milvus.engine.READERS_S", 0.0)
    engine.sweep()
    assert engine.tables.count("chunks", "segment == 1") == 0
    with pytest.raises(IndexCorrupt, match="has 0 bytes, its manifest says"):
        other(tmp_path, "made up").open_segment(1, before.manifest.segments[1])


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
    engine, encoder = open_engine(settings), NgramEncoder()
    assert isinstance(engine, MilvusEngine)
    return Assistant(settings, encoder, engine, make_recipe(settings, encoder)), engine


@pytest.mark.slow
def test_machines_with_the_notes_elsewhere_share_an_index(tmp_path, lite_uri):
    first, engine = machine(tmp_path, "first")
    second, ours = machine(tmp_path, "second")
    assert first.build().added == 2
    head = engine.manifests.head()
    for _ in range(2):
        assert second.search("merging").hits[0].entry.title == "KV 合并 merging"
        assert second.search("merging", filters=Filters(kind="abstract")).hits == ()
        assert not second.status().changed_files
    assert engine.manifests.head() == head  # when a machine looked at a file is no news to others
    path = tmp_path / "second" / "notes" / "a.md"
    for one in (ours, machine(tmp_path, "second")[1]):
        assert one.manifest().files["notes/a.md"].stamp.inode == path.stat().st_ino
    path.write_text("- 量化 quantisation\n", encoding="utf-8")
    assert second.search("quantisation").hits[0].entry.title == "量化 quantisation"
    assert engine.load().entries.titles() == ["量化 quantisation"]


@pytest.mark.slow
def test_many_threads_ask_while_what_was_fetched_is_forgotten(engine, monkeypatch):
    for name in ("KEPT_TEXTS", "KEPT_CHUNKS"):
        monkeypatch.setattr(f"paperrag.index.milvus.segment.{name}", 2)
    write(engine, NOTES)
    snapshot = engine.load()
    expected = texts(snapshot)

    def ask(_: int) -> list[str]:
        assert len(found(snapshot, "cache 合并", 2).rows)
        return texts(snapshot)

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(ask, range(12))) == [expected] * 12


# --- damage and loss ----------------------------------------------------------------------------


@pytest.mark.slow
def test_rows_that_were_altered_are_noticed(engine, tmp_path):
    write(engine, ONE)
    engine.check()
    (row,) = engine.tables.rows("chunks", "chunk == 0", ["*"])
    row.pop("corpus")
    altered = {**row, "id": "1/0", "terms": row["terms"][::-1]}
    engine.tables.upsert("chunks", [altered])
    with pytest.raises(IndexCorrupt, match="chunk 0 is not as written; run: paperrag index"):
        found(other(tmp_path, "made up").load(), "one", 3)
    with pytest.raises(IndexCorrupt, match="chunk 0 is not as written"):
        engine.check()


def test_a_server_that_is_not_there_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(connection, "RETRY_PAUSES_S", (0.01, 0.01))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = Settings(
        corpus=tmp_path,
        index=tmp_path,
        store="milvus",
        milvus_uri=f"http://a:secret@127.0.0.1:{port}",
    )
    with pytest.raises(IndexUnreachable) as caught:
        open_engine(settings).manifest()
    told = str(caught.value)
    assert told.startswith(f"Milvus at http://127.0.0.1:{port} gave an error or no answer (Fail")
    assert "secret" not in told and told.endswith("then run the same again")


@pytest.mark.slow
def test_a_server_that_comes_back_is_found_again(tmp_path, monkeypatch):
    from milvus_lite.server_manager import ServerManager

    servers, folder = ServerManager(), str(tmp_path / "lite.db")
    tables = MilvusTables(str(servers.start_and_get_uri(folder)), "", "notes", "made up")
    tables.is_embedded = True  # as to what it can do
    one = tables._connection
    monkeypatch.setattr(one, "_address", lambda: one.uri)
    tables.create()
    pauses: list[float] = []

    def waits(pause: float) -> None:
        pauses.append(pause)
        monkeypatch.setattr(one, "uri", str(servers.start_and_get_uri(folder)))

    monkeypatch.setattr("paperrag.index.milvus.connection.time.sleep", waits)
    servers.release_all()
    assert tables.rows("parts", "row == 0", ["id"]) == []
    assert pauses == [0.25]
    tables.close()
    servers.release_all()


@pytest.mark.slow
def test_a_server_that_goes_while_it_is_written_to_leaves_the_old_index(tmp_path, monkeypatch):
    from milvus_lite.server_manager import ServerManager

    servers, folder = ServerManager(), str(tmp_path / "lite.db")
    monkeypatch.setattr(connection, "RETRY_PAUSES_S", (0.01,))
    monkeypatch.setitem(client._PATIENT, "timeout", 1.0)
    served = MilvusTables(str(servers.start_and_get_uri(folder)), "", "notes", "made up")
    served.is_embedded = True  # as to what it can do
    one = served._connection
    monkeypatch.setattr(one, "_address", lambda: one.uri)
    engine = MilvusEngine(tmp_path / "index", served)
    write(engine, ONE)
    upsert = served.upsert

    def goes(table: str, rows: list) -> None:
        if table == "chunks":
            servers.release_all()
        upsert(table, rows)

    monkeypatch.setattr(served, "upsert", goes)
    with pytest.raises(IndexUnreachable, match="what is there is as it was"):
        write(engine, TWO)
    monkeypatch.setattr(served, "upsert", upsert)
    served.close()
    one.uri = str(servers.start_and_get_uri(folder))
    assert texts(engine.load()) == ["- 甲 one"]
    write(engine, TWO)
    assert texts(engine.load()) == ["- 甲 one", "- 乙 two"]
    assert served.count("chunks", "segment >= 0") == 2
    served.close()
    servers.release_all()


def test_milvus_that_is_not_installed_is_named_with_what_to_run(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    with pytest.raises(MissingDependency, match=r"pip install .*\[milvus\]"):
        other(tmp_path, "made up").manifest()


# --- copies -------------------------------------------------------------------------------------


def local(tmp_path: Path, notes: dict[str, str]) -> Store:
    store = open_store(tmp_path / "here")
    put(store, empty_manifest(tmp_path), batch(notes), list(notes))
    return store


def copied(store: Store, engine: MilvusEngine, tmp_path: Path, is_same=lambda *_: True):
    return push(store, engine, tmp_path / "corpus", lambda *_: None, is_same)


@pytest.mark.slow
def test_a_copy_is_the_same_and_takes_only_what_changed(engine, tmp_path):
    store = local(tmp_path, dict(sorted(NOTES.items())))
    assert copied(store, engine, tmp_path) == 3
    there, here = engine.load(), store.load()
    assert texts(there) == texts(here)
    assert there.manifest.files.keys() == here.manifest.files.keys()
    for text in ("cache merging", "量化", "nothing of it"):
        assert_same(found(there, text, 2), found(here, text, 2))
    assert copied(store, engine, tmp_path) == 0
    new = batch({"notes/a.md": "- 新的 new\n"})
    put(store, empty_manifest(tmp_path), new, ["notes/a.md"])
    changed = store.manifest()
    files = {**changed.files, "notes/a.md": replace(changed.files["notes/a.md"], sha256="1" * 64)}
    with store.lock():
        store.commit(replace(changed, files=files))
    assert copied(store, engine, tmp_path) == 1
    assert texts(engine.load()) == texts(store.load())


@pytest.mark.slow
def test_a_copy_that_finds_something_else_is_not_switched_to(engine, tmp_path):
    write(engine, ONE)
    store = local(tmp_path, TWO)
    assert copied(store, engine, tmp_path, lambda *_: False) is None
    assert texts(engine.load()) == ["- 甲 one"]


@pytest.mark.slow
def test_a_copy_that_was_killed_goes_on_where_it_was(engine, tmp_path, monkeypatch):
    monkeypatch.setattr("paperrag.index.milvus.push.BATCH_CHUNKS", 1)
    store = local(tmp_path, dict(sorted(NOTES.items())))
    written = []
    add = MilvusEngine.add_segment

    def killed_at_the_third(one, rows):
        if len(written) == 2:
            raise KeyboardInterrupt
        written.append(add(one, rows))
        return written[-1]

    monkeypatch.setattr(MilvusEngine, "add_segment", killed_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        copied(store, engine, tmp_path)
    with pytest.raises(IndexMissing):
        engine.manifest()
    monkeypatch.setattr(MilvusEngine, "add_segment", add)
    again = other(tmp_path, "made up")
    assert copied(store, again, tmp_path) == 1
    assert texts(again.load()) == texts(store.load())
    with pytest.raises(IndexMissing):
        again.staged.read()


@pytest.mark.slow
def test_a_copy_whose_process_is_killed_goes_on(engine, tmp_path):
    store = local(tmp_path, dict(sorted(NOTES.items())))
    code = f"""
import time
from pathlib import Path
from paperrag.index.milvus import push as copying
from paperrag.index.milvus.engine import MilvusEngine
from test_milvus import copied, open_store, other
folder, written, add = Path({str(tmp_path)!r}), [], MilvusEngine.add_segment
def add_two(one, rows):
    if len(written) == 2:
        print("two", flush=True)
        time.sleep(60)
    written.append(add(one, rows))
    return written[-1]
MilvusEngine.add_segment, copying.BATCH_CHUNKS = add_two, 1
copied(open_store(folder / "here"), other(folder, "made up"), folder)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=Path(__file__).parent
    )
    with process, process.stdout as told:
        assert told.readline() == b"two\n"
        process.kill()
    assert copied(store, engine, tmp_path) == 1
    assert texts(engine.load()) == texts(store.load())


@pytest.mark.slow
def test_answers_and_filters_are_those_of_the_files(tmp_path, lite_uri):
    corpus = write_notes(
        tmp_path / "corpus",
        {
            "notes/kv.md": "# KV 缓存\n- CaM merges the cache [ICML 2024]\n- D2O：动态合并缓存\n- [ ] 量化 KV\n",
            "notes/rl.md": "---\ntitle: PPO\nyear: 2017\ntags: [rl]\n---\n# Method\nPPO clips the ratio of policies.\n",
            "abstracts/a.md": "- An abstract on merging caches\n",
        },
    )
    here = Settings(corpus=corpus, index=tmp_path / "index")
    there = dataclasses.replace(here, store="milvus", milvus_uri=lite_uri)  # noqa: TID251 - settings
    both = [
        Api(Assistant(one, NgramEncoder(), open_engine(one), make_recipe(one, NgramEncoder())))
        for one in (here, there)
    ]
    for question, filters in (
        ("which methods merge the cache?", {}),
        ("哪些方法合并缓存？", {"section": "KV"}),
        ("merging", {"kind": "abstract"}),
        ("缓存", {"lang": "zh"}),
        ("what does PPO clip?", {"file": "rl"}),
    ):
        ours, theirs = (one.search(question, **filters)["hits"] for one in both)
        assert [hit["entry_id"] for hit in ours] == [hit["entry_id"] for hit in theirs] and ours
        for one, other in zip(ours, theirs, strict=True):  # rows of 16 bits beside those of 32
            assert one["score"] == pytest.approx(other["score"], abs=5e-4)
            assert one["explain"]["matched_words"] == other["explain"]["matched_words"]
        ours, theirs = (one.ask(question, **filters) for one in both)
        assert ours["answer"] == theirs["answer"], question
        quoted = [
            [(one["entry_id"], one["quote"]) for one in own["citations"]] for own in (ours, theirs)
        ]
        assert quoted[0] == quoted[1]


@pytest.mark.slow
def test_push_says_how_far_both_find_the_same(tmp_path, lite_uri, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    note = tmp_path / "corpus" / "notes" / "a.md"
    note.parent.mkdir(parents=True)
    note.write_text("- KV merging\n- 量化 quantisation\n- sparse attention\n", encoding="utf-8")
    assert main(["--encoder", "bundled-static", "index"]) == 0
    capsys.readouterr()
    assert main(["push", "--to", lite_uri, "--questions", "2"]) == 0
    told = capsys.readouterr().out
    assert "1 files copied to Milvus, corpus-" in told
    assert "parity: 2 of 2 questions find the same ten in the same order, overlap 1.000" in told
    monkeypatch.setenv("PAPERRAG_STORE", "milvus")
    monkeypatch.setenv("PAPERRAG_MILVUS_URI", lite_uri)
    assert main(["search", "quantisation"]) == 0
    assert "量化 quantisation" in capsys.readouterr().out
    assert main(["status"]) == 0
    assert "index      Milvus, corpus-" in capsys.readouterr().out


def test_push_asks_where_to(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["push"]) == 1
    assert "expected --to URI or milvus_uri" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"store": "cloud"}, "store: expected 'local' or 'milvus', got 'cloud'"),
        ({"store": "milvus"}, "milvus_uri: store = 'milvus' needs to know where Milvus is"),
        ({**MILVUS, "milvus_collection": "my-notes"}, "milvus_collection: expected up to 200 of"),
        (
            {**MILVUS, "milvus_corpus": "甲" * 67},
            "milvus_corpus: expected 200 bytes at most, got 201",
        ),
        ({**MILVUS, "milvus_uri": "lite"}, "milvus_uri: expected http://HOST:PORT, or a folder"),
    ],
)
def test_settings_that_cannot_be_used_are_named(settings, told):
    with pytest.raises(ConfigError, match=re.escape(told)):
        open_engine(Settings(**settings)).manifest()


BESIDE = """
import subprocess, sys
from paperrag.index.milvus.client import MilvusTables
tables = MilvusTables(sys.argv[1], "", "notes", "made up")
tables.create()
for _ in range(9):
    subprocess.run([sys.executable, "-c", ""], check=True, preexec_fn=lambda: None)
tables.close()
"""


@pytest.mark.slow
def test_programs_that_are_started_beside_milvus_hear_nothing_of_grpc(tmp_path):
    unset = environment()
    unset.pop("GRPC_ENABLE_FORK_SUPPORT")
    started = subprocess.run(
        [sys.executable, "-c", BESIDE, str(tmp_path / "lite.db")],
        env=unset, capture_output=True, encoding="utf-8", timeout=120,
    )  # fmt: skip
    assert (started.returncode, started.stderr) == (0, "")
