"""An index is copied to Milvus: whole, in part, killed on the way; and answers as it did."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from exact_engine import put
from fakes import NgramEncoder
from milvus_engines import ONE, TWO, milvus_in
from paperrag.assistant import Assistant
from paperrag.cli import main
from paperrag.config import Settings
from paperrag.errors import (
    IndexMissing,
)
from paperrag.index.milvus.engine import MilvusEngine
from paperrag.index.milvus.push import push
from paperrag.index.store import Store
from paperrag.page.api import Api
from paperrag.wiring.engines import make_recipe, open_engine, open_store
from small_corpus import write_notes
from test_engine import NOTES, assert_same, batch, empty_manifest, found, texts, write

pytest.importorskip("pymilvus", reason="Milvus needs pymilvus")


def local(tmp_path: Path, notes: dict[str, str]) -> Store:
    store = open_store(tmp_path / "here")
    put(store, empty_manifest(tmp_path), batch(notes), list(notes))
    return store


def copied(store: Store, milvus: MilvusEngine, tmp_path: Path, is_same=lambda *_: True):
    return push(store, milvus, tmp_path / "corpus", lambda *_: None, is_same)


@pytest.mark.slow
def test_a_copy_is_the_same_and_takes_only_what_changed(milvus, tmp_path):
    store = local(tmp_path, dict(sorted(NOTES.items())))
    assert copied(store, milvus, tmp_path) == 3
    there, here = milvus.load(), store.load()
    assert texts(there) == texts(here)
    assert there.manifest.files.keys() == here.manifest.files.keys()
    for text in ("cache merging", "量化", "nothing of it"):
        assert_same(found(there, text, 2), found(here, text, 2))
    assert copied(store, milvus, tmp_path) == 0
    new = batch({"notes/a.md": "- 新的 new\n"})
    put(store, empty_manifest(tmp_path), new, ["notes/a.md"])
    changed = store.manifest()
    files = {**changed.files, "notes/a.md": replace(changed.files["notes/a.md"], sha256="1" * 64)}
    with store.lock():
        store.commit(replace(changed, files=files))
    assert copied(store, milvus, tmp_path) == 1
    assert texts(milvus.load()) == texts(store.load())


@pytest.mark.slow
def test_a_copy_that_finds_something_else_is_not_switched_to(milvus, tmp_path):
    write(milvus, ONE)
    store = local(tmp_path, TWO)
    assert copied(store, milvus, tmp_path, lambda *_: False) is None
    assert texts(milvus.load()) == ["- 甲 one"]


@pytest.mark.slow
def test_a_copy_that_was_killed_goes_on_where_it_was(milvus, tmp_path, monkeypatch):
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
        copied(store, milvus, tmp_path)
    with pytest.raises(IndexMissing):
        milvus.manifest()
    monkeypatch.setattr(MilvusEngine, "add_segment", add)
    again = milvus_in(tmp_path)
    assert copied(store, again, tmp_path) == 1
    assert texts(again.load()) == texts(store.load())
    with pytest.raises(IndexMissing):
        again.staged.read()


@pytest.mark.slow
def test_a_copy_whose_process_is_killed_goes_on(milvus, tmp_path):
    store = local(tmp_path, dict(sorted(NOTES.items())))
    code = f"""
import time
from pathlib import Path
from paperrag.index.milvus import push as copying
from milvus_engines import milvus_in
from paperrag.index.milvus.engine import MilvusEngine
from test_milvus_push import copied, open_store
folder, written, add = Path({str(tmp_path)!r}), [], MilvusEngine.add_segment
def add_two(one, rows):
    if len(written) == 2:
        print("two", flush=True)
        time.sleep(60)
    written.append(add(one, rows))
    return written[-1]
MilvusEngine.add_segment, copying.BATCH_CHUNKS = add_two, 1
copied(open_store(folder / "here"), milvus_in(folder), folder)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=Path(__file__).parent
    )
    with process, process.stdout as told:
        assert told.readline() == b"two\n"
        process.kill()
    assert copied(store, milvus, tmp_path) == 1
    assert texts(milvus.load()) == texts(store.load())


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
