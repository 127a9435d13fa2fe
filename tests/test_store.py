from __future__ import annotations

import hashlib
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from fakes import NgramEncoder
from paperrag.errors import (
    IndexCorrupt,
    IndexError_,
    IndexLocked,
    IndexMismatch,
    IndexMissing,
    IndexWriteError,
)
from paperrag.index.folder_lock import writing
from paperrag.index.lexical import term_hashes
from paperrag.index.manifest import FORMAT
from properties import HealthCheck, given, st
from properties import settings as hypothesis_settings
from workbench import REPOSITORY, Bench, environment

REBUILD = "run: paperrag index --rebuild"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """An index of two entries, one generation old."""
    made = Bench(tmp_path / "我的 笔记")
    made.write(a="# 笔记\n- KV cache merging\n- 低秩分解\n")
    made.build()
    return made


def edit_catalogue(bench: Bench, statement: str, *values: object) -> None:
    """Alter the catalogue, as another version or a careless hand would."""
    with closing(sqlite3.connect(bench.store.path)) as database, database:
        database.execute(statement, values)


def test_manifest_says_what_the_index_is(bench):
    manifest = bench.store.manifest()
    text = (bench.corpus / "notes" / "a.md").read_bytes()
    assert (manifest.format, manifest.generation, manifest.entries, manifest.chunks) == (
        *(FORMAT, 1, 2, 2),
    )
    assert (manifest.encoder, manifest.encoder_fingerprint) == (
        "fake-ngrams-64",
        NgramEncoder(64).fingerprint,
    )
    assert (manifest.dimension, manifest.chunk_tokens, manifest.package_version != "") == (
        64,
        64,
        True,
    )
    record = manifest.files["notes/a.md"]
    assert (record.sha256, record.stamp.size_bytes) == (hashlib.sha256(text).hexdigest(), len(text))
    assert (record.segment, record.number, record.entries, record.chunks) == (1, 0, 2, 2)
    assert manifest.segments[1].bytes == bench.segment().stat().st_size


def test_anyone_can_read_the_catalogue_with_sqlite(bench):
    with closing(sqlite3.connect(bench.store.path)) as database:
        files = "SELECT source, json_extract(record, '$.entries') FROM files"
        about = "SELECT json_extract(value, '$.encoder') FROM about WHERE name = 'manifest'"
        rows, (encoder,) = database.execute(files).fetchall(), database.execute(about).fetchone()
    assert (rows, encoder) == ([("notes/a.md", 2)], "fake-ngrams-64")


def test_manifest_comes_back_as_it_was_written(bench):
    again = Bench(bench.index.parent)
    assert again.store.manifest() == bench.store.manifest()


def test_a_change_writes_only_the_rows_that_changed(bench):
    bench.write(b="- 乙\n")
    bench.build()
    before = bench.segment().read_bytes()
    bench.write(b="- 丙\n")
    bench.build()
    manifest = bench.store.manifest()
    assert bench.segment().read_bytes() == before
    assert {name: file.segment for name, file in manifest.files.items()} == {
        "notes/a.md": 1,
        "notes/b.md": 3,
    }
    assert bench.names() == [
        *("catalogue.sqlite", "lock", "segment-000001.arrays", "segment-000003.arrays"),
    ]
    assert bench.texts() == ["- KV cache merging", "- 低秩分解", "- 丙"]


def test_the_manifest_is_read_again_only_if_it_changed(bench):
    other = Bench(bench.index.parent)
    first = other.store.manifest()
    assert other.store.manifest() is first
    bench.write(a="# 笔记\n- 新的\n")
    bench.build()
    assert other.store.manifest().generation == 2


def test_an_index_that_was_made_anew_is_told_from_the_old_one(bench):
    other = Bench(bench.index.parent)
    made = other.store.manifest().made
    shutil.rmtree(bench.index)
    bench.build()
    assert (other.store.manifest().generation, other.store.manifest().made != made) == (1, True)


def test_loading_reads_no_more_than_it_uses(bench):
    data = Bench(bench.index.parent).store.load()
    (segment,) = data.layout.segments
    assert not segment.arrays._known_whole - {"files"}
    data.entries.columns  # noqa: B018
    assert "line_text" not in segment.arrays._known_whole


def test_no_index_is_said_with_what_to_do(tmp_path):
    with pytest.raises(IndexMissing, match=r"no index in .*index; run: paperrag index$"):
        Bench(tmp_path).store.load()


def test_index_folder_that_is_a_file_holds_no_index(tmp_path):
    bench = Bench(tmp_path)
    bench.index.write_text("x")
    with pytest.raises(IndexMissing):
        bench.store.manifest()
    bench.write(a="- 甲\n")
    with pytest.raises(IndexWriteError, match=r"cannot write the index in .* pass --index DIR"):
        bench.build()
    assert bench.index.read_text() == "x"


def test_truncated_segment_is_named(bench):
    path = bench.segment()
    size = path.stat().st_size
    os.truncate(path, size - 1)
    with pytest.raises(
        IndexCorrupt,
        match=f"000001.arrays has {size - 1} bytes, the catalogue says {size}; {REBUILD}",
    ):
        Bench(bench.index.parent).store.load()


def test_missing_segment_is_named(bench):
    bench.segment().unlink()
    with pytest.raises(
        IndexCorrupt, match=f"000001.arrays cannot be read .No such file or directory.; {REBUILD}"
    ):
        Bench(bench.index.parent).store.load()


def test_another_segment_in_its_place_is_not_read(bench):
    other = Bench(bench.index.parent.parent / "other")
    other.write(a="# 笔记\n- KV cache Merging\n- 低秩分解\n")
    other.build()
    shutil.copy(other.segment(), bench.segment())
    with pytest.raises(IndexCorrupt, match=f"it is not the file that was written.; {REBUILD}"):
        Bench(bench.index.parent).store.load()


@pytest.mark.slow
@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_nothing_is_ever_answered_from_an_altered_segment(bench, data):
    path = bench.segment()
    content = path.read_bytes()
    altered = bytearray(content)
    altered[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(altered)
    try:
        again = Bench(bench.index.parent)
        with pytest.raises(IndexCorrupt):
            again.store.check()
        try:
            answered = whole(again)
        except IndexCorrupt:
            return
        assert answered == (["- KV cache merging", "- 低秩分解"], [1, 0])  # what is not used here
    finally:
        path.write_bytes(content)


def whole(bench: Bench) -> tuple[list[str], list[int]]:
    """The texts of an index, and how many chunks it finds for two words."""
    words = ("merging", "none")
    found = bench.store.load().words
    counts = [len(found.find(int(term_hashes([word])[0]))[0]) for word in words]
    return bench.texts(), counts


def test_an_index_is_checked_whole_on_demand(bench):
    assert len(bench.store.check().entries) == 2


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"\xff\xfe\0",
        b"SQLite format 3\0",
        b"SQLite format 3\0" + bytes(4096),
    ],
)
def test_garbage_in_place_of_the_catalogue_is_corrupt(bench, content):
    bench.store.path.write_bytes(content)
    with pytest.raises(IndexError_, match=f"{REBUILD}"):
        bench.store.load()
    assert bench.counts() == (2, 0, 0, 0, 0)


def test_an_empty_catalogue_is_no_index(bench):
    bench.store.path.write_bytes(b"")
    with pytest.raises(IndexError_):
        bench.store.load()
    assert bench.counts(rebuild=True) == (2, 0, 0, 0, 0)


@pytest.mark.slow
@hypothesis_settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_flipped_bit_of_the_catalogue_is_found(bench, data):
    path = bench.store.path
    content, manifest = path.read_bytes(), bench.store.manifest()
    position = data.draw(st.integers(0, len(content) - 1))
    flipped = bytearray(content)
    flipped[position] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(flipped)
    try:
        assert Bench(bench.index.parent).store.load().manifest == manifest  # in an unused place
    except IndexError_ as error:
        assert "run: paperrag index" in str(error)
    finally:
        path.write_bytes(content)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM files",
        "DELETE FROM segments",
        "UPDATE files SET record = json_set(record, '$.entries', 3)",
        "UPDATE about SET value = json_set(value, '$.generation', 7) WHERE name = 'manifest'",
        "DROP TABLE files",
    ],
)
def test_a_catalogue_that_a_hand_has_altered_is_corrupt(bench, statement):
    edit_catalogue(bench, statement)
    with pytest.raises(IndexCorrupt, match=rf"catalogue\.sqlite is damaged .*; {REBUILD}"):
        bench.store.load()


def test_index_of_a_newer_version_is_refused_with_both_formats(bench):
    edit_catalogue(bench, f"PRAGMA user_version = {FORMAT + 1}")
    with pytest.raises(
        IndexMismatch,
        match=rf"has index format {FORMAT + 1}, this paperrag reads format {FORMAT}; update paperrag, or {REBUILD}",
    ):
        bench.store.load()


def test_index_of_an_older_format_is_refused_and_replaced(tmp_path):
    bench = Bench(tmp_path)
    bench.write(a="- 甲\n")
    (bench.index / "generation-000007").mkdir(parents=True)
    (bench.index / "manifest.json").write_text('{"format": 4}')
    with pytest.raises(
        IndexMismatch,
        match=f"has index format 4 or older, this paperrag reads format {FORMAT}; {REBUILD}",
    ):
        bench.build()
    assert bench.counts(rebuild=True) == (1, 0, 0, 0, 0)
    assert bench.names() == ["catalogue.sqlite", "lock", "segment-000001.arrays"]


def test_a_rebuild_removes_the_segments_before(bench):
    bench.build(rebuild=True)
    assert bench.names() == ["catalogue.sqlite", "lock", "segment-000002.arrays"]


def test_next_run_removes_what_a_killed_writer_left(bench):
    (bench.index / ".segment-77").write_bytes(b"x")
    (bench.index / "segment-000007.arrays").write_bytes(b"x")  # not named yet
    (bench.index / ".catalogue.sqlite.77").write_bytes(b"x")
    bench.build()  # nothing to do
    assert bench.names() == ["catalogue.sqlite", "lock", "segment-000001.arrays"]


def test_failed_write_leaves_the_old_index_and_no_rubbish(bench, monkeypatch):
    bench.write(a="# 笔记\n- 新的\n")
    real = os.replace

    def full_disk(source, target):
        if Path(target).name == "segment-000002.arrays":
            raise OSError(28, "No space left on device")
        real(source, target)

    monkeypatch.setattr(os, "replace", full_disk)
    with pytest.raises(
        IndexWriteError,
        match=r"cannot write the index in .*No space left on device\); the index that was there is untouched; free",
    ):
        bench.build()
    assert bench.texts() == ["- KV cache merging", "- 低秩分解"]
    assert bench.names() == ["catalogue.sqlite", "lock", "segment-000001.arrays"]


def test_failed_transaction_leaves_the_old_index(bench, monkeypatch):
    bench.write(a="# 笔记\n- 新的\n")

    def full_disk(*_):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("paperrag.index.catalogue._delete", full_disk)
    with pytest.raises(IndexWriteError, match=r"database or disk is full\); the index that was"):
        bench.build()
    assert bench.texts() == ["- KV cache merging", "- 低秩分解"]
    assert bench.names() == ["catalogue.sqlite", "lock", "segment-000001.arrays"]


def test_reader_goes_on_with_the_new_generation_when_its_own_goes_away(bench, monkeypatch):
    old = bench.store.manifest()
    bench.write(a="# 笔记\n- 新的\n")
    bench.build()
    bench.write(a="# 笔记\n- 更新的\n")
    bench.build()
    reader = Bench(bench.index.parent)
    manifests = [old, bench.store.manifest()]
    monkeypatch.setattr(reader.store, "manifest", lambda: manifests.pop(0))
    assert reader.texts() == ["- 更新的"]


def test_disk_bytes_adds_up_all_files(bench):
    assert bench.store.disk_bytes() == sum(
        path.stat().st_size for path in bench.index.rglob("*") if path.is_file()
    )


# --- the lock -------------------------------------------------------------------------------------

HOLD = """
import sys, time
from pathlib import Path
from paperrag.wiring.engines import open_store
with open_store(Path(sys.argv[1])).lock():
    print("held", flush=True)
    time.sleep(60)
"""


@contextmanager
def another_writer(index: Path):
    """A process that holds the lock of an index folder until it is killed."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(index)],
        stdout=subprocess.PIPE,
        env=environment(),
        cwd=REPOSITORY,
    ) as process:
        assert process.stdout.readline() == b"held\n"
        try:
            yield process
        finally:
            process.kill()


def test_folder_that_may_not_be_written_is_not_called_full(tmp_path):
    with pytest.raises(IndexWriteError) as caught, writing(tmp_path):
        raise PermissionError(13, "Permission denied")
    assert "untouched; pass --index DIR" in str(caught.value)


@pytest.mark.slow
def test_second_writer_is_told_who_holds_the_lock(bench):
    with another_writer(bench.index) as process, pytest.raises(IndexLocked) as caught:
        bench.build()
    owner = (
        rf"process {process.pid} on {socket.gethostname()} since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d"
    )
    assert caught.match(f"{bench.index} is being written by {owner}; wait for it to finish")


@pytest.mark.slow
def test_lock_of_a_killed_process_does_not_block(bench):
    with another_writer(bench.index) as process:
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        assert "lock.owner" in bench.names()
        assert bench.counts() == (0, 0, 0, 0, 2)
    assert "lock.owner" not in bench.names()


@pytest.mark.slow
def test_reading_needs_no_lock(bench):
    with another_writer(bench.index):
        assert bench.texts() == ["- KV cache merging", "- 低秩分解"]


@pytest.mark.slow
def test_lock_without_a_readable_owner_still_says_so(bench):
    with another_writer(bench.index):
        (bench.index / "lock.owner").write_text("")
        with pytest.raises(IndexLocked, match="is being written by another process; wait"):
            bench.build()


def test_lock_is_given_back_after_an_error(bench):
    with pytest.raises(RuntimeError), bench.store.lock():
        raise RuntimeError
    assert bench.counts() == (0, 0, 0, 0, 2)


# --- what only a hostile hand leaves --------------------------------------------------------------


def test_a_device_in_place_of_a_file_is_not_read(bench):
    path = bench.segment()
    path.unlink()
    path.symlink_to("/dev/zero")
    with pytest.raises(IndexCorrupt, match=rf"segment-000001\.arrays is no file; {REBUILD}"):
        Bench(bench.index.parent).store.load()
    bench.store.path.unlink()
    bench.store.path.symlink_to("/dev/zero")
    with pytest.raises(IndexCorrupt, match=r"catalogue\.sqlite is no file"):
        bench.store.manifest()


def test_a_folder_in_place_of_the_catalogue_is_mended_by_a_rebuild(bench):
    bench.store.path.unlink()
    bench.store.path.mkdir()
    with pytest.raises(IndexCorrupt, match=r"catalogue\.sqlite is no file"):
        bench.store.load()
    assert bench.counts(rebuild=True) == (2, 0, 0, 0, 0)
    assert bench.texts() == ["- KV cache merging", "- 低秩分解"]
