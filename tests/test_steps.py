"""A long run of indexing is saved in steps, goes on where it was killed, and says how far it is."""

from __future__ import annotations

import logging
import time

import pytest
from msgspec.structs import replace

from paperrag.assistant import Assistant
from paperrag.errors import BuildCancelled
from paperrag.index import merging
from paperrag.index.building import build_index
from paperrag.index.steps import OPENING_BYTES, Steps, Tally, announcement
from paperrag.notes.corpus import FileStamp, SourceFile
from paperrag.output.as_json import search_json
from paperrag.wiring.engines import open_store
from test_indexing import assert_same_index
from workbench import Bench, write_file

FILES = {
    f"n{number:02}": f"# 第 {number} 篇\n- 方法 method {number}\n- 同一句\n" for number in range(70)
}


def file_of(size_bytes: int) -> SourceFile:
    return SourceFile("a.md", "a.md", "note", FileStamp(size_bytes))


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps of a few files, whatever the machine."""
    monkeypatch.setattr("paperrag.index.steps.FIRST_STEP_BYTES", 500)
    monkeypatch.setattr("paperrag.index.steps.Steps._learn", lambda *_: None)


def killed_after(bench: Bench, files: int, rebuild: bool = False) -> None:
    def progress(what: str, done: int, total: int) -> None:
        if done >= files:
            raise BuildCancelled

    with pytest.raises(BuildCancelled):
        build_index(bench.corpus, bench.store, bench.recipe, rebuild, progress)


# --- a run that is stopped ----------------------------------------------------------------------


@pytest.mark.slow
def test_a_killed_first_index_goes_on_where_it_was(tmp_path, small_steps):
    bench, whole = Bench(tmp_path / "killed"), Bench(tmp_path / "whole")
    for one in (bench, whole):
        one.write(**FILES)
    killed_after(bench, 40)
    kept = bench.store.manifest()
    assert 20 < len(kept.files) < 40
    assert bench.texts() == [text for n in range(len(kept.files)) for text in texts_of(n)]
    report, embedded = bench.build()
    assert (report.added, report.unchanged) == (140 - kept.entries, kept.entries)
    twice = set(bench.encoder.embedded[: -len(embedded)]).intersection(embedded)
    assert len(twice) <= 2 * 12  # of the step at work, 12 files of 45 bytes
    whole.build()
    assert_same_index(bench, whole)


def texts_of(number: int) -> list[str]:
    return [f"- 方法 method {number}", "- 同一句"]


@pytest.mark.slow
def test_what_is_not_read_yet_stays_as_it_was(tmp_path, small_steps, monkeypatch):
    bench = Bench(tmp_path)
    bench.write(**FILES)
    bench.build()
    monkeypatch.setattr("paperrag.index.steps.FIRST_STEP_BYTES", 100)  # 12 of the new files
    bench.write(n00=None, n01="- neu\n", **{f"n{n}": f"- 改 {n}\n" for n in range(30, 70)})
    killed_after(bench, 20)
    texts = bench.texts()
    assert {"- 方法 method 0", "- neu", "- 改 31", "- 方法 method 69"} <= set(texts)
    report, _ = bench.build()
    assert "- 方法 method 0" not in bench.texts()
    fresh = Bench(tmp_path / "again")
    fresh.corpus = bench.corpus
    fresh.build()
    assert_same_index(bench, fresh)
    assert report.removed == 2 + 2 * 29  # n00, and n41 to n69, which the first step did not reach


def test_a_rebuild_replaces_the_old_index_at_once(tmp_path, small_steps):
    bench = Bench(tmp_path)
    bench.write(**FILES)
    bench.build()
    killed_after(bench, 60, rebuild=True)
    assert len(bench.store.manifest().files) == 70


def test_steps_are_put_together_and_leave_nothing_behind(tmp_path, small_steps):
    bench = Bench(tmp_path)
    bench.write(**FILES)
    data, _ = build_index(bench.corpus, bench.store, bench.recipe)
    assert data.manifest.generation > 5
    assert 0 < len(data.layout.segments) < merging.FAN
    assert len(list(bench.index.glob("segment-*"))) == len(data.layout.segments)


# --- how large steps are ------------------------------------------------------------------------


def sizes(steps: Steps, clock: list[float], bytes_per_s: float, saving_s: float) -> list[int]:
    found = []
    for files, _ in steps:
        found.append(len(files))
        clock[0] += sum(file.stamp.size_bytes for file in files) / bytes_per_s
        steps.saving()
        clock[0] += saving_s
    return found


def test_steps_take_half_a_minute_and_ten_times_what_saving_takes(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    files = [file_of(100_000)] * 100
    # 500,000 bytes first; at 100,000 bytes a second, 30 s are 30 files
    assert sizes(Steps(files), clock, 100_000, 0.5) == [5, 30, 30, 30, 5]
    # saving takes 6 s, so 60 s are worked
    assert sizes(Steps(files), clock, 100_000, 6.0) == [5, 60, 35]


def test_all_at_once_is_one_step_and_nothing_is_one_too():
    assert [len(files) for files, _ in Steps([file_of(10**9)] * 3, all_at_once=True)] == [3]
    assert [(len(files), done) for files, done in Steps([])] == [(0, 0)]


# --- what is said -------------------------------------------------------------------------------


def test_progress_counts_files_through_reading_and_embedding():
    told: list[tuple[int, int]] = []
    files = [file_of(1000)] * 30
    tally = Tally(lambda what, done, total: told.append((done, total)), files)
    tally.begin(files[:20])
    for file in files[:20]:
        tally.read(file)
    assert told[-1] == (4, 30)  # a fifth of 20
    tally.embedded(0.5)  # 4 + 8
    tally.embedded(1.0)
    tally.begin(files[20:])
    tally.embedded(0.5)  # 20 + 2 + 4
    tally.end()
    assert told[21:] == [(done, 30) for done in (12, 20, 20, 26, 30)]


def test_a_long_file_counts_as_several():
    told: list[int] = []
    long, short = file_of(OPENING_BYTES * 7), file_of(0)  # 8 and 1 times what opening counts
    tally = Tally(lambda what, done, total: told.append(done), [long, short, short])
    for file in (long, short, short):
        tally.begin([file])
        tally.embedded(1.0)
    # 8, 9 and 10 tenths of three files, rounded down
    assert told == [0, 2, 2, 2, 2, 3]


# --- what there is so far -----------------------------------------------------------------------


def test_a_first_index_that_is_not_whole_says_how_far_it_is(tmp_path, small_steps):
    bench = Bench(tmp_path)
    bench.write(**FILES)
    killed_after(bench, 40)
    manifest = bench.store.manifest()
    # all files are about as long: of each about two entries, 140 in all
    assert manifest.expected_entries == pytest.approx(140, abs=3)
    bench.build()
    assert bench.store.manifest().expected_entries is None


def test_expected_entries_are_in_proportion_to_bytes(tmp_path):
    bench = Bench(tmp_path)
    bench.write(a="- 1234567\n")  # 10 bytes, one entry
    bench.build()
    manifest = bench.store.manifest()
    assert replace(manifest, waiting_bytes=50).expected_entries == 6
    assert replace(manifest, waiting_bytes=123456).expected_entries == 12300  # 12346.6


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("method", "From 1 of about 6 entries so far; the first index is not whole yet."),
        ("方法", "首次索引尚未完成，目前只查到约 6 条中的 1 条。"),
    ],
)
def test_search_and_ask_answer_from_what_there_is_and_say_so(tmp_path, query, said, caplog):
    assistant = Assistant.open(tmp_path / "c", tmp_path / "i", encoder="bundled-static")
    write_file(tmp_path / "c" / "a.md", "- 方法 method\n")
    assistant.build()
    store = open_store(tmp_path / "i")
    size = next(iter(store.manifest().files.values())).stamp.size_bytes
    with store.lock():
        store.commit(replace(store.manifest(), waiting_bytes=5 * size, generation=9))
    with caplog.at_level(logging.WARNING):
        result = assistant.search(query)
    assert (len(result.hits), caplog.messages) == (1, [said])
    assert search_json(result)["index"]["expected_entries"] == 6
    answer, _ = assistant.ask(query)
    assert answer.notice == said


@pytest.mark.parametrize(
    ("count", "size_bytes", "is_static", "said"),
    [
        # 1.6 MB: 8 s to read, 107 s to embed
        (326, 1_600_000, False, "first index of 326 files, 1.6 MB: about 2 minutes;"),
        (326, 1_600_000, True, "first index of 326 files, 1.6 MB: about 10 seconds;"),
        (40, 800_000, False, "first index of 40 files, 0.8 MB: about a minute;"),
    ],
)
def test_a_long_first_index_is_announced(count, size_bytes, is_static, said):
    files = [file_of(size_bytes // count)] * (count - 1)
    files.append(file_of(size_bytes - sum(file.stamp.size_bytes for file in files)))
    assert str(announcement(files, is_static)).startswith(said)


def test_a_short_first_index_is_not_announced(tmp_path, caplog):
    bench = Bench(tmp_path)
    bench.write(a="- 甲\n")
    with caplog.at_level(logging.WARNING):
        bench.build()
    assert caplog.messages == []


def test_first_index_says_how_long_it_takes(tmp_path, caplog, monkeypatch):
    monkeypatch.setattr("paperrag.index.steps.SAID_FROM_S", 0.0)
    bench = Bench(tmp_path)
    bench.write(a="- 甲\n")
    with caplog.at_level(logging.WARNING):
        bench.build()
        bench.build(rebuild=True)
        bench.build()
    assert [message.split(":")[0] for message in caplog.messages] == [
        "first index of 1 files, 0.0 MB",
        "first index of 1 files, 0.0 MB",
    ]
