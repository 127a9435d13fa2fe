from __future__ import annotations

import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
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
from paperrag.index.late import TokenLists
from paperrag.index.tables import FORMAT, Manifest
from properties import HealthCheck, given, st
from properties import settings as hypothesis_settings
from workbench import REPOSITORY, Bench, environment, vectors_by_entry

REBUILD = "run: paperrag index --rebuild"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """An index of two entries, one generation old."""
    made = Bench(tmp_path / "我的 笔记")
    made.write(a="# 笔记\n- KV cache merging\n- 低秩分解\n")
    made.build()
    return made


def edit_manifest(bench: Bench, **changes: object) -> None:
    """Alter fields of the manifest, as another version or a careless hand would."""
    path = bench.index / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_manifest_says_what_the_index_is(bench):
    manifest = bench.store.manifest()
    text = (bench.corpus / "notes" / "a.md").read_bytes()
    assert (
        manifest.format,
        manifest.generation,
        manifest.entries,
        manifest.chunks,
        manifest.next_id,
    ) == (FORMAT, 1, 2, 2, 2)
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
    assert (record.sha256, record.stamp.size_bytes, record.first_row, record.entries) == (
        hashlib.sha256(text).hexdigest(),
        len(text),
        0,
        2,
    )


def test_manifest_names_size_and_sha256_of_every_file(bench):
    folder = bench.index / "generation-000001"
    expected = {
        path.name: {
            "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for path in folder.iterdir()
    }
    assert bench.store.manifest().artifacts == expected


def test_manifest_comes_back_from_json(bench):
    manifest = bench.store.manifest()
    assert Manifest.from_json(manifest.to_json()) == manifest
    assert "notes/a.md" in manifest.to_json()


def test_index_comes_back_as_it_was_saved(bench):
    loaded = bench.store.load()
    with bench.store.lock():
        saved = bench.store.save(loaded)
    again = bench.store.load()
    assert (saved.manifest.generation, again.manifest) == (2, saved.manifest)
    assert again.entries.blob == loaded.entries.blob
    assert vectors_by_entry(again) == vectors_by_entry(loaded)
    assert again.postings.terms.tolist() == loaded.postings.terms.tolist()


def test_token_lists_are_saved_if_there_are_any(bench):
    data = bench.store.load()
    assert data.tokens is None
    object.__setattr__(data, "tokens", TokenLists.of([[1, 2], [3]], [[4], [4]]))
    with bench.store.lock():
        bench.store.save(data)
    assert bench.store.load().tokens.tokens.tolist() == [1, 2, 4, 3, 4]


def test_the_manifest_is_read_again_only_if_it_changed(bench):
    first = bench.store.manifest()
    assert bench.store.manifest() is first
    bench.write(a="# 笔记\n- 新的\n")
    bench.build()
    assert bench.store.manifest().generation == 2


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


ARTIFACTS = (
    "entries.jsonl",
    "works.jsonl",
    "sections.json",
    "columns.arrays",
    "postings.arrays",
    "vectors.bin",
)


@pytest.mark.parametrize("name", ARTIFACTS)
def test_truncated_file_is_named(bench, name):
    path = bench.index / "generation-000001" / name
    size = path.stat().st_size
    os.truncate(path, size - 1)
    with pytest.raises(
        IndexCorrupt, match=f"{name} has {size - 1} bytes, the manifest says {size}; {REBUILD}"
    ):
        bench.store.load()


@pytest.mark.parametrize("name", ARTIFACTS)
def test_flipped_bit_is_found(bench, name):
    path = bench.index / "generation-000001" / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(
        IndexCorrupt, match=f"{name} was altered .its sha256 is not the manifest's.; {REBUILD}"
    ):
        bench.store.load()


@pytest.mark.parametrize("name", ARTIFACTS)
def test_missing_file_is_named(bench, name):
    (bench.index / "generation-000001" / name).unlink()
    with pytest.raises(
        IndexCorrupt, match=f"{name} cannot be read .No such file or directory.; {REBUILD}"
    ):
        bench.store.load()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe\0",
        b"[]",
        b"3",
        b'"x"',
        b"{}",
        b"null",
        b'{"format": %d}' % FORMAT,
        b'{"format": %d, "checksum": 2}' % FORMAT,
    ],
)
def test_garbage_manifest_is_corrupt(bench, content):
    (bench.index / "manifest.json").write_bytes(content)
    with pytest.raises(IndexCorrupt, match=rf"manifest\.json.*; {REBUILD}"):
        bench.store.load()
    assert bench.counts() == (2, 0, 0, 0, 0)


@pytest.mark.slow
@hypothesis_settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_flipped_bit_of_the_manifest_is_found(bench, data):
    path = bench.index / "manifest.json"
    content = path.read_bytes()
    position = data.draw(st.integers(0, len(content) - 1))
    flipped = bytearray(content)
    flipped[position] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(flipped)
    try:
        assert bench.store.load().manifest == Manifest.from_json(
            content.decode()
        )  # only a blank between fields
    except IndexError_ as error:
        assert REBUILD in str(error)
    finally:
        path.write_bytes(content)


def test_index_of_a_newer_version_is_refused_with_both_formats(bench):
    edit_manifest(bench, format=FORMAT + 1, something_new=True)
    with pytest.raises(
        IndexMismatch,
        match=rf"has index format {FORMAT + 1}, this paperrag reads format {FORMAT}; update paperrag, or {REBUILD}",
    ):
        bench.store.load()


@pytest.mark.parametrize("found", [FORMAT - 1, None, "one"])
def test_index_of_another_format_is_refused(bench, found):
    edit_manifest(bench, format=found)
    with pytest.raises(
        IndexMismatch,
        match=f"has index format {found}, this paperrag reads format {FORMAT}; {REBUILD}",
    ):
        bench.store.load()


def test_previous_generation_is_kept_and_older_ones_go(bench):
    for number in (2, 3, 4):
        bench.write(a=f"# 笔记\n- 第 {number} 版\n")
        bench.build()
    assert bench.names() == ["generation-000003", "generation-000004", "lock", "manifest.json"]


def test_rebuild_keeps_the_generation_that_readers_may_be_opening(bench):
    bench.build(rebuild=True)
    assert bench.names() == ["generation-000001", "generation-000002", "lock", "manifest.json"]


def test_numbers_of_generations_are_not_used_again(bench):
    (bench.index / "generation-000007").mkdir()  # of a writer that was killed before the swap
    bench.build(rebuild=True)
    assert bench.store.manifest().generation == 8


def test_next_run_removes_what_a_killed_writer_left(bench):
    (bench.index / ".generation-000002-x1").mkdir()
    (bench.index / "generation-000002").mkdir()
    (bench.index / ".manifest.json.77").write_text("{")
    bench.build()  # nothing to do
    assert bench.names() == ["generation-000001", "lock", "manifest.json"]


def test_failed_write_leaves_the_old_index_and_no_rubbish(bench, monkeypatch):
    bench.write(a="# 笔记\n- 新的\n")
    real = os.replace

    def full_disk(source, target):
        if Path(target).name == "manifest.json":
            raise OSError(28, "No space left on device")
        real(source, target)

    monkeypatch.setattr(os, "replace", full_disk)
    with pytest.raises(
        IndexWriteError,
        match=r"cannot write the index in .*No space left on device\); the index that was there is untouched; free",
    ):
        bench.build()
    assert bench.texts() == ["- KV cache merging", "- 低秩分解"]
    assert bench.names() == ["generation-000001", "lock", "manifest.json"]


def test_reader_goes_on_with_the_new_generation_when_its_own_goes_away(bench, monkeypatch):
    old = bench.store.manifest()
    bench.write(a="# 笔记\n- 新的\n")
    bench.build()
    bench.write(a="# 笔记\n- 更新的\n")
    bench.build()
    manifests = [old, bench.store.manifest()]
    monkeypatch.setattr(bench.store, "manifest", lambda: manifests.pop(0))
    assert bench.texts() == ["- 更新的"]


def test_disk_bytes_adds_up_all_files(bench):
    assert bench.store.disk_bytes() == sum(
        path.stat().st_size for path in bench.index.rglob("*") if path.is_file()
    )


# --- the lock -------------------------------------------------------------------------------------

HOLD = """
import sys, time
from dataclasses import replace
from pathlib import Path
from paperrag.wiring import open_store
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


# --- what only a hostile hand leaves ---------------------------------------------------------------


def named(bench: Bench, **artifacts: object) -> None:
    """Write a manifest, with a checksum that fits, that names other files."""
    manifest = bench.store.manifest()
    (bench.index / "manifest.json").write_text(
        replace(manifest, artifacts={**manifest.artifacts, **artifacts}).to_json()
    )


@pytest.mark.parametrize("name", ["../../secret", "/dev/zero", "notes.txt"])
def test_a_file_that_is_none_of_an_index_is_not_opened(bench, name):
    named(bench, **{name: {"bytes": 1, "sha256": ""}})
    with pytest.raises(IndexCorrupt, match=f"names a file '{name}' that is none of an index"):
        bench.store.load()


def test_a_device_in_place_of_a_file_is_not_read(bench):
    path = bench.index / "generation-000001" / "entries.jsonl"
    path.unlink()
    path.symlink_to("/dev/zero")
    with pytest.raises(IndexCorrupt, match=rf"entries\.jsonl is no file; {REBUILD}"):
        bench.store.load()
    (bench.index / "manifest.json").unlink()
    (bench.index / "manifest.json").symlink_to("/dev/zero")
    with pytest.raises(IndexCorrupt, match=r"manifest\.json is no file"):
        bench.store.manifest()


@pytest.mark.parametrize("said", [None, 3, {}, {"bytes": "many", "sha256": ""}, {"bytes": 1}])
def test_a_file_of_which_nothing_is_said_is_not_read(bench, said):
    named(bench, **{"entries.jsonl": said})
    with pytest.raises(IndexCorrupt, match=r"the manifest says nothing of .*entries\.jsonl"):
        bench.store.load()


def test_a_damaged_index_is_mended_by_a_rebuild(bench):
    named(bench, **{"/dev/zero": {"bytes": 1, "sha256": ""}})
    assert bench.counts(rebuild=True) == (2, 0, 0, 0, 0)
    assert bench.texts() == ["- KV cache merging", "- 低秩分解"]
