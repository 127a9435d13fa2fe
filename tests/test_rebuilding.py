"""A rebuild beside an index in use: searched meanwhile, gone on with, switched to when whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakes import NgramEncoder
from paperrag import Assistant
from paperrag.errors import BuildCancelled, IndexLocked
from paperrag.index.rebuilding import rebuild_index
from paperrag.index.recipe import IndexRecipe
from paperrag.output.as_json import status_json
from paperrag.output.reports import status_text
from paperrag.wiring.engines import open_store
from workbench import Bench, CountingEncoder

FILES = {
    f"n{number:02}": f"# 笔记 {number}\n- 低秩分解 {number}\n- merging {number}\n"
    for number in range(60)
}
OTHER = CountingEncoder(32)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """An index of 60 files; the runs after it save a few files at a time."""
    bench = Bench(tmp_path)
    bench.write(**FILES)
    bench.build()
    monkeypatch.setattr("paperrag.index.steps.FIRST_STEP_BYTES", 500)
    monkeypatch.setattr("paperrag.index.steps.Steps._learn", lambda *_: None)
    return bench


def rebuilt(bench: Bench, encoder: NgramEncoder, most_files: int = 1000) -> list[str]:
    """Rebuild with an encoder, killed after so many files; return the texts that were embedded."""

    def progress(what: str, done: int, total: int) -> None:
        if done >= most_files:
            raise BuildCancelled

    before = len(getattr(encoder, "embedded", ()))
    try:
        rebuild_index(bench.corpus, bench.store, IndexRecipe(encoder, 64), progress)
        assert most_files >= len(FILES)
    except BuildCancelled:
        pass
    return list(getattr(encoder, "embedded", ()))[before:]


def test_the_old_index_answers_until_the_new_one_is_whole(bench):
    rebuilt(bench, OTHER, most_files=30)
    assert bench.store.load().manifest.dimension == 64
    assert len(bench.store.check().manifest.files) == 60
    rebuilt(bench, OTHER)
    data = bench.store.check()
    assert (data.manifest.dimension, len(data.manifest.files)) == (32, 60)
    assert data.manifest.generation == 2
    assert not (bench.index / rebuilding_folder()).exists()
    assert bench.texts() == [
        text for n in range(60) for text in (f"- 低秩分解 {n}", f"- merging {n}")
    ]


def rebuilding_folder() -> str:
    return open_store(Path("index")).beside().folder.name


def test_a_killed_rebuild_goes_on_and_embeds_nothing_twice(bench):
    first = rebuilt(bench, OTHER, most_files=30)
    kept = bench.store.beside().manifest()
    assert 20 < len(kept.files) <= 30
    second = rebuilt(bench, OTHER)
    assert len(second) == (60 - len(kept.files)) * 2
    assert len(first) >= len(kept.files) * 2


def test_another_encoder_begins_anew(bench):
    rebuilt(bench, OTHER, most_files=30)
    assert len(rebuilt(bench, CountingEncoder(16))) == 120
    assert bench.store.load().manifest.dimension == 16


def test_notes_taken_in_meanwhile_are_searched_and_rebuilt(bench):
    rebuilt(bench, OTHER, most_files=30)
    bench.write(n00="# 新\n- 量化 quantisation\n", n01=None)
    bench.build()
    assert bench.texts()[0] == "- 量化 quantisation"
    rebuilt(bench, OTHER)
    assert len(bench.store.check().manifest.files) == 59
    assert bench.texts()[:3] == ["- 量化 quantisation", "- 低秩分解 2", "- merging 2"]


def test_a_rebuild_leaves_nothing_of_deleted_notes(bench):
    rebuilt(bench, OTHER, most_files=30)
    assert "n05" in str(bench.store.beside().manifest().files)
    bench.write(n05=None)
    rebuilt(bench, OTHER)
    data = bench.store.load()
    chunks = sum(one.counts["chunk"] for one in data.layout.segments)
    assert chunks == len(data.chunks) == 59 * 2


def test_without_links_on_the_disk_segments_are_copied(bench, monkeypatch):
    def refuse(*_: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr("os.link", refuse)
    rebuilt(bench, OTHER)
    assert len(bench.store.check().manifest.files) == 60


def test_two_rebuilds_at_once_are_refused(bench):
    with bench.store.beside().lock(), pytest.raises(IndexLocked, match="is being written by"):
        rebuilt(bench, OTHER)


def test_status_tells_how_far_a_rebuild_is(bench):
    assistant = Assistant.open(bench.corpus, bench.index.parent / "own", encoder="bundled-static")
    assistant.build()
    assert status_json(assistant.status())["rebuilding"] is None

    def progress(what: str, done: int, total: int) -> None:
        if done >= 30:
            raise BuildCancelled

    with pytest.raises(BuildCancelled):
        assistant.build(rebuild=True, progress=progress)
    told = status_json(assistant.status())
    assert (told["index"]["entries"], told["index"]["expected_entries"]) == (120, None)
    assert 40 < told["rebuilding"]["entries"] <= 60 < told["rebuilding"]["expected_entries"]
    line = next(one for one in status_text(assistant.status()).split("\n") if "rebuild " in one)
    assert line.endswith(
        "entries so far, encoder bundled-static; if nothing is at it, run: paperrag index --rebuild "
        "--encoder bundled-static"
    )


def test_a_program_that_runs_goes_over_to_the_encoder_of_the_index(tmp_path):
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()
    (corpus / "a.md").write_text("# 笔记\n- merging of caches\n- 低秩分解\n", encoding="utf-8")
    Assistant.open(corpus, index, encoder="bundled-static").build()
    running = Assistant.open(corpus, index)
    assert len(running.search("merging").hits) == 2
    Assistant.open(corpus, index, encoder="bundled").build(rebuild=True)
    assert running.search("merging").manifest.encoder == "bundled"
    assert status_text(running.status()).count("encoder    bundled (640") == 1
