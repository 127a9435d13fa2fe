"""Which files count as changed, and which index belongs to which corpus."""

from __future__ import annotations

import logging
import os
import shutil
import time
from pathlib import Path

import pytest

from paperrag.assistant import Assistant
from paperrag.encoders import model_files, static
from paperrag.errors import CorpusError, IndexMismatch
from paperrag.index.building import build_index
from paperrag.index.changes import RESOLUTION_NS, find_changes
from paperrag.index.corpus_place import CorpusPlace
from paperrag.wiring.encoders import bundled_words
from workbench import Bench, paperrag_here, write_file

OLD_NS = 1_600_000_000_000_000_000


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """An index of two files."""
    made = Bench(tmp_path / "one")
    made.write(a="# 门\n- the gate is soft\n", b="- 乙\n")
    made.build()
    return made


def assistant_of(folder: Path) -> Assistant:
    return Assistant.open(folder / "corpus", folder / "index", encoder="bundled-static")


def settle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let more time pass than the coarsest clock of a file system needs to tell two changes."""
    now_ns = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now_ns + 2 * RESOLUTION_NS)


def fresh(bench: Bench) -> list[str]:
    changes = find_changes(bench.corpus, bench.store.manifest())
    return [file.source for file in changes.fresh]


def test_an_edit_that_keeps_size_and_time_is_noticed(bench):
    path = bench.corpus / "notes" / "a.md"
    before = path.stat()
    path.write_text("# 门\n- the gate is hard\n", encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert fresh(bench) == ["notes/a.md"]


def test_another_file_of_the_same_size_and_time_in_its_place_is_noticed(bench):
    path = bench.corpus / "notes" / "a.md"
    other = path.with_name("other")
    other.write_text("# 门\n- the gate is hard\n", encoding="utf-8")
    os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    other.replace(path)
    assert fresh(bench) == ["notes/a.md"]


def test_a_file_changed_just_before_it_was_read_is_read_again(bench, monkeypatch):
    manifest = bench.store.manifest()
    path = bench.corpus / "notes" / "a.md"
    path.write_text("# 门\n- the gate is hard\n", encoding="utf-8")
    stamp = manifest.files["notes/a.md"].stamp
    monkeypatch.setattr("paperrag.notes.corpus.FileStamp", lambda *_: stamp)  # a coarse clock
    assert "notes/a.md" in [file.source for file in find_changes(bench.corpus, manifest).fresh]


def test_a_file_is_read_again_once_and_then_taken_by_its_stamp(bench, monkeypatch):
    settle(monkeypatch)
    assert find_changes(bench.corpus, bench.store.manifest()).touched
    bench.build()
    reads = []
    monkeypatch.setattr("paperrag.index.changes.read_digest", reads.append)
    assert not find_changes(bench.corpus, bench.store.manifest()).any
    assert reads == []


def test_a_search_notes_down_that_files_were_only_touched(tmp_path, monkeypatch):
    note = write_file(tmp_path / "corpus" / "notes" / "a.md", "- 门 gate\n")
    assistant = assistant_of(tmp_path)
    generation = assistant.search("gate").manifest.generation
    os.utime(note, ns=(OLD_NS, OLD_NS))
    assert assistant.search("gate").manifest.generation == generation
    manifest = Bench(tmp_path).store.manifest()
    assert manifest.files["notes/a.md"].stamp.mtime_ns == OLD_NS


# --- a corpus that is not there -----------------------------------------------------------------


def test_a_question_does_not_empty_the_index(tmp_path, caplog):
    note = write_file(tmp_path / "corpus" / "notes" / "a.md", "- 门 gate\n")
    assistant = assistant_of(tmp_path)
    assistant.build()
    note.unlink()
    with caplog.at_level(logging.WARNING):
        assert len(assistant.search("gate").hits) == 1
    assert "1 indexed files are gone" in caplog.text
    assert "run: paperrag index --allow-empty" in caplog.text


def test_a_question_does_not_drop_a_folder_that_is_gone(tmp_path, caplog):
    for number in range(12):
        write_file(tmp_path / "corpus" / "disk" / f"{number}.md", f"- gate {number}\n")
    write_file(tmp_path / "corpus" / "notes" / "a.md", "- 门 gate\n")
    assistant = assistant_of(tmp_path)
    assistant.build()
    shutil.rmtree(tmp_path / "corpus" / "disk")
    with caplog.at_level(logging.WARNING):
        assert len(assistant.search("gate", 20).hits) == 13
    assert "12 indexed files are gone" in caplog.text
    assert assistant.build().removed == 12


@pytest.mark.parametrize("rebuild", [False, True])
def test_index_empties_an_index_only_if_told_to(bench, rebuild):
    shutil.rmtree(bench.corpus / "notes")
    with pytest.raises(CorpusError, match=r"holds 2 files; .* run: paperrag index --allow-empty"):
        build_index(bench.corpus, bench.store, bench.recipe, rebuild)
    assert len(bench.store.manifest().files) == 2
    build_index(bench.corpus, bench.store, bench.recipe, rebuild, allow_empty=True)
    assert bench.store.manifest().files == {}


@pytest.mark.slow
def test_allow_empty_is_an_option_of_index(tmp_path):
    note = write_file(tmp_path / "corpus" / "notes" / "a.md", "- 门 gate\n")
    assert paperrag_here("index", cwd=tmp_path).returncode == 0
    note.unlink()
    assert paperrag_here("index", cwd=tmp_path).returncode == 1
    assert paperrag_here("index", "--allow-empty", cwd=tmp_path).returncode == 0


# --- the index of another corpus ----------------------------------------------------------------


def test_an_index_of_another_corpus_is_refused_with_both_names(tmp_path):
    for name in ("one", "two"):
        write_file(tmp_path / name / "a.md", f"- gate {name}\n")
    index = tmp_path / "index"
    Assistant.open(tmp_path / "one", index, encoder="bundled-static").build()
    other = Assistant.open(tmp_path / "two", index, encoder="bundled-static")
    both = rf"made from the notes in {tmp_path}/one, asked for are those in {tmp_path}/two; pass"
    for use in (lambda: other.search("gate"), other.build, other.data):
        with pytest.raises(IndexMismatch, match=both):
            use()
    assert "asked for" in other.status().faults[0]
    assert other.build(rebuild=True).added == 1


def test_corpus_and_index_may_move_together(bench):
    bench.corpus.parent.rename(bench.corpus.parent.parent / "moved")
    moved = Bench(bench.corpus.parent.parent / "moved")
    assert moved.counts() == (0, 0, 0, 0, 2)
    assert moved.store.manifest().corpus == CorpusPlace.of(moved.corpus, moved.index)


def test_a_folder_whose_name_is_not_utf8_is_kept_in_escapes():
    folder = Path(os.fsdecode(b"/\xff\xfe"))
    place = CorpusPlace.of(folder / "notes", folder / "index")
    assert (place.path, place.from_index) == (r"/\xff\xfe/notes", "../notes")


def test_the_index_may_move_alone_and_links_lead_to_the_same_corpus(bench, tmp_path):
    bench.index.rename(tmp_path / "elsewhere")
    (tmp_path / "link").symlink_to(bench.corpus)
    bench.store.folder = tmp_path / "elsewhere"
    bench.corpus = tmp_path / "link"
    assert bench.counts() == (0, 0, 0, 0, 2)


# --- the encoder's files ------------------------------------------------------------------------


def test_the_encoder_is_hashed_only_if_its_files_are_not_those_of_the_index(tmp_path, monkeypatch):
    write_file(tmp_path / "corpus" / "a.md", "- gate\n")
    assistant_of(tmp_path).build()
    hashed: list[Path] = []
    real = model_files._digest
    monkeypatch.setattr(model_files, "_digest", lambda path: (hashed.append(path), real(path))[1])
    assistant_of(tmp_path).search("gate")
    assert hashed == []
    monkeypatch.setattr(static, "folder_stamp", lambda *_: "another")
    bundled_words.cache_clear()  # opened once a process
    assistant_of(tmp_path).search("gate")
    assert len(hashed) == 2  # the tokenizer and the weights
