from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from fakes import NgramEncoder
from paperrag.errors import CorpusError, IndexMismatch
from paperrag.index.building import build_index
from paperrag.index.changes import find_changes
from paperrag.index.data import IndexData
from paperrag.index.recipe import IndexRecipe
from paperrag.index.store import Store
from paperrag.index.vectors import ExactVectors
from paperrag.notes.folders import SUFFIXES
from paperrag.search.retrieval import Retriever
from paperrag.wiring.engines import open_store
from properties import given, st
from properties import settings as hypothesis_settings
from workbench import (
    Bench,
    CountingEncoder,
    as_plain_user,
    environment,
    vectors_by_entry,
    write_file,
)

NOTES = "# 笔记\n- KV cache merging\n- 低秩分解 LoRA\n- 量化到 2-bit\n"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """An index of one file with three entries: English, Chinese and mixed."""
    made = Bench(tmp_path)
    made.write(a=NOTES)
    assert made.counts() == (3, 0, 0, 0, 0)
    return made


def test_first_index_embeds_every_entry_with_its_breadcrumb(tmp_path):
    bench = Bench(tmp_path)
    bench.write(a=NOTES)
    report, embedded = bench.build()
    assert embedded == ["笔记\nKV cache merging", "笔记\n低秩分解 LoRA", "笔记\n量化到 2-bit"]
    assert (report.added, report.embedded, report.files, report.files_total) == (3, 3, 1, 1)


def test_index_embeds_only_the_changed_entry(bench):
    bench.write(a=NOTES.replace("2-bit", "4-bit"))
    report, embedded = bench.build()
    assert embedded == ["笔记\n量化到 4-bit"]
    assert (report.added, report.removed, report.unchanged, report.embedded) == (1, 1, 2, 1)


def test_index_counts_an_entry_whose_title_stays_as_changed(bench):
    bench.write(a=NOTES.replace("LoRA\n", "LoRA\n  > 冻结 A\n"))
    report, embedded = bench.build()
    assert embedded == ["笔记\n低秩分解 LoRA\n冻结 A"]
    assert (report.added, report.changed, report.removed, report.unchanged) == (0, 1, 0, 2)


def test_index_does_not_embed_lines_that_only_shift(bench):
    bench.write(a=NOTES.replace("# 笔记\n", "# 笔记\n\n\n\n"))
    report, embedded = bench.build()
    assert (embedded, report.unchanged) == ([], 3)
    assert [bench.store.load().entries.get(row).line_start for row in range(3)] == [5, 6, 7]


def test_index_keeps_vectors_of_text_moved_between_files(bench):
    bench.write(a="# 笔记\n- KV cache merging\n", b="# 笔记\n- 量化到 2-bit\n- 低秩分解 LoRA\n")
    report, embedded = bench.build()
    assert embedded == []
    assert (report.added, report.moved, report.removed, report.unchanged) == (0, 2, 0, 1)
    assert bench.texts() == ["- KV cache merging", "- 量化到 2-bit", "- 低秩分解 LoRA"]


def test_index_reports_a_renamed_file_as_moved(bench):
    """Its name stands above its entries, for "笔记" names no paper, so they are embedded again."""
    (bench.corpus / "notes" / "a.md").rename(bench.corpus / "notes" / "新 名.md")
    report, embedded = bench.build()
    assert (len(embedded), report.moved, report.added, report.removed) == (3, 3, 0, 0)
    assert list(bench.store.manifest().files) == ["notes/新 名.md"]


def test_index_embeds_a_copy_of_known_text_only_once(bench):
    bench.write(b=NOTES)
    report, embedded = bench.build()
    assert (embedded, report.added, report.unchanged) == ([], 3, 3)
    vectors = vectors_by_entry(bench.store.load())
    assert vectors["notes/a.md#笔记/低秩分解-lora"] == vectors["notes/b.md#笔记/低秩分解-lora"]


def test_index_embeds_equal_texts_of_one_run_once(tmp_path):
    bench = Bench(tmp_path)
    bench.write(a=NOTES, b=NOTES)
    report, embedded = bench.build()
    assert (report.added, report.embedded, len(embedded)) == (6, 3, 3)
    vectors = vectors_by_entry(bench.store.load())
    assert (
        vectors["notes/a.md#笔记/kv-cache-merging"] == vectors["notes/b.md#笔记/kv-cache-merging"]
    )


def test_index_drops_a_removed_file(bench):
    bench.write(b="# 别的\n- 另一条\n")
    bench.build()
    bench.write(a=None)
    report, embedded = bench.build()
    assert (embedded, report.removed, report.unchanged) == ([], 3, 1)
    assert bench.texts() == ["- 另一条"]
    assert len(bench.store.load().chunks) == 1


def test_index_does_not_embed_text_that_comes_back(bench):
    """The rows of a file that went are dead, but there until their segment is written anew."""
    bench.write(b="# 别的\n- 另一条\n")
    bench.build()
    bench.write(b=None)
    bench.build()
    bench.write(a=f"{NOTES}- 另一条\n", b="# 笔记\n- 量化到 2-bit\n")
    assert bench.build()[1] == ["笔记\n另一条"]


def test_index_writes_no_generation_for_a_touched_file(bench):
    os.utime(bench.corpus / "notes" / "a.md", (1, 1))
    before = bench.store.manifest()
    report, embedded = bench.build()
    after = bench.store.manifest()
    assert (embedded, report.unchanged, report.files) == ([], 3, 0)
    assert (after.generation, after.segments) == (before.generation, before.segments)
    assert after.files["notes/a.md"].stamp.mtime_ns == 10**9
    assert not find_changes(bench.corpus, after).any


def test_index_run_again_writes_nothing(bench):
    before = bench.store.path.stat()
    assert bench.counts() == (0, 0, 0, 0, 3)
    after = bench.store.path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_rebuild_embeds_everything_again(bench):
    report, embedded = bench.build(rebuild=True)
    assert len(embedded) == 3
    assert (report.added, report.unchanged, bench.store.manifest().generation) == (3, 0, 2)


def test_same_corpus_gives_the_same_bytes(tmp_path):
    contents = []
    for name in ("one", "two"):
        bench = Bench(tmp_path / name)
        bench.write(a=NOTES, b="- 乙 beta\n\t- γ\n", c="正文 prose。\n")
        bench.build()
        contents.append(bench.segment().read_bytes())
    assert contents[0] == contents[1]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("picture", b"\x89PNG\r\n\x1a\n\0\0", "is not text"),
        ("latin", "- 量化".encode().decode("cp1252", "ignore").encode() * 20, ""),
        ("空", b"", ""),
    ],
)
def test_one_bad_file_does_not_stop_the_others(bench, name, content, message):
    bench.write(**{name: content, "z": "- 最后\n"})
    report, _ = bench.build()
    assert {"- 最后", "- KV cache merging"} <= set(bench.texts())
    assert [trouble.source for trouble in report.failed] == (
        [f"notes/{name}.md"] if message else []
    )
    assert all(message in trouble.message for trouble in report.failed)


def test_index_names_a_garbled_file_and_still_reads_it(bench):
    garbled = (
        "".join(f"- 第{n}条：低秩分解与量化方法\n" for n in range(9)).encode().decode("latin-1")
    )
    bench.write(b=garbled)
    report, _ = bench.build()
    (trouble,) = [trouble for trouble in report.troubles if trouble.source == "notes/b.md"]
    assert not trouble.fatal
    assert "- 第3条：低秩分解与量化方法" in bench.texts()


def test_index_keeps_what_it_knew_of_a_file_that_cannot_be_read_now(bench, monkeypatch):
    bench.write(a="# 笔记\n- 改过\n", b="- 乙\n")
    forbid_reading(monkeypatch, "a.md")
    report, _ = bench.build()
    assert bench.texts() == ["- KV cache merging", "- 低秩分解 LoRA", "- 量化到 2-bit", "- 乙"]
    assert [str(trouble) for trouble in report.failed] == [
        "notes/a.md: cannot be read (Permission denied); check its permissions"
    ]
    monkeypatch.undo()
    assert bench.counts() == (1, 0, 0, 3, 1)


def test_index_reads_a_file_once_its_permissions_are_mended(bench, monkeypatch):
    bench.write(b="- 乙\n")
    forbid_reading(monkeypatch, "b.md")
    assert [trouble.source for trouble in bench.build()[0].failed] == ["notes/b.md"]
    assert [trouble.source for trouble in bench.build()[0].failed] == ["notes/b.md"]
    monkeypatch.undo()  # chmod changes neither size nor mtime
    assert bench.counts() == (1, 0, 0, 0, 3)


def forbid_reading(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    real = Path.read_bytes

    def read_bytes(path: Path) -> bytes:
        if path.name == name:
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(Path, "read_bytes", read_bytes)


def test_index_survives_files_without_entries(tmp_path):
    bench = Bench(tmp_path)
    bench.write(a="", b="\n \n")
    assert bench.counts() == (0, 0, 0, 0, 0)
    assert Retriever(bench.store.load(), bench.encoder).search("KV 缓存", 5) == []
    bench.write(a="- 一条\n")
    assert bench.counts() == (1, 0, 0, 0, 0)


def test_emptied_corpus_gives_an_empty_index_and_says_so(bench):
    bench.write(a=None)
    report, _ = bench.build()
    assert (report.removed, report.files_total, report.failed) == (3, 0, ())
    assert [trouble.message for trouble in report.troubles] == [
        f"no note ({', '.join(SUFFIXES)}) below {bench.corpus}; put notes into "
        f"{bench.corpus / 'notes'}"
    ]
    assert bench.texts() == []
    bench.write(a=NOTES)
    assert bench.counts() == (3, 0, 0, 0, 0)


def test_missing_corpus_leaves_the_index(bench):
    bench.corpus.rename(bench.corpus.parent / "elsewhere")
    with pytest.raises(CorpusError, match="does not exist"):
        bench.build()
    assert len(bench.texts()) == 3


def test_another_encoder_is_refused_with_both_names(bench):
    bench.encoder = CountingEncoder(32)
    with pytest.raises(
        IndexMismatch,
        match=r"built with encoder 'fake-ngrams-64', settings ask for 'fake-ngrams-32'; run: paperrag index --rebuild",
    ):
        bench.build()
    assert bench.counts(rebuild=True) == (3, 0, 0, 0, 0)
    assert bench.store.manifest().encoder == "fake-ngrams-32"


def test_another_revision_of_an_encoder_is_refused(bench):
    bench.encoder.fingerprint = "f" * 64
    with pytest.raises(
        IndexMismatch,
        match=rf"encoder content '{NgramEncoder(64).fingerprint[:12]}', settings ask for 'f{{12}}'",
    ):
        bench.build()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"chunk_tokens": 99}, "chunk_tokens 99, settings ask for 64"),
        ({"chunking": "lines-1"}, "chunking 'lines-1', settings ask for 'sentences-"),
        ({"tokenizer": "blanks-1"}, "word rules 'blanks-1', settings ask for 'rjieba"),
        ({"dimension": 7}, "dimension 7, settings ask for 64"),
    ],
)
def test_another_recipe_is_refused_with_both_values(bench, change, message):
    with bench.store.lock():
        bench.store.commit(replace(bench.store.manifest(), **change))
    with pytest.raises(IndexMismatch) as caught:
        bench.build()
    assert message in str(caught.value)
    bench.build(rebuild=True)
    assert bench.counts() == (0, 0, 0, 0, 3)


def test_index_mends_a_damaged_one(bench):
    bench.segment().write_bytes(b"")
    bench = Bench(bench.index.parent)
    assert bench.counts() == (3, 0, 0, 0, 0)
    assert len(bench.texts()) == 3


def test_index_mends_one_that_turns_out_to_be_damaged(bench, caplog):
    path = bench.segment()
    content = bytearray(path.read_bytes())
    content[-len(content) // 4] ^= 1  # in some array, not in the contents
    path.write_bytes(content)
    bench = Bench(bench.index.parent)
    bench.write(a=NOTES + "- more\n")
    assert bench.counts() == (4, 0, 0, 0, 0)
    assert caplog.messages == [
        f"{path} was altered (block 0 is not as written); reading all notes again"
    ]


def test_progress_counts_files_up_to_the_total(tmp_path):
    bench = Bench(tmp_path)
    bench.write(**{f"n{number:02}": f"- 条目 {number}\n" for number in range(40)})
    calls: list[tuple[str, int, int]] = []
    build_index(bench.corpus, bench.store, bench.recipe, progress=lambda *call: calls.append(call))
    done = [files for _, files, _ in calls]
    assert (done, done[0], done[-1]) == (sorted(done), 0, 40)
    assert {32, 40} < set(done)  # each batch ends whole
    assert {(what, total) for what, _, total in calls} == {("indexing", 40)}


@pytest.mark.slow
@pytest.mark.parametrize("mode", [0, 0o444])
def test_files_below_a_folder_that_cannot_be_opened_are_kept(bench, mode):
    deep = write_file(bench.corpus / "notes" / "深 folder" / "sub" / "b.md", "- 乙 beta\n").parent
    write_file(deep.parent / "c.md", "- 丙 gamma\n")
    assert bench.counts() == (2, 0, 0, 0, 3)
    deep.parent.chmod(mode)
    try:
        shut = subprocess.run(
            [sys.executable, "-c", SHUT, str(bench.corpus), str(bench.index)],
            preexec_fn=as_plain_user,
            env=environment(),
        )
        assert shut.returncode == 0
    finally:
        deep.parent.chmod(0o755)
    assert len(bench.texts()) == 5
    assert bench.counts() == (0, 0, 0, 0, 5)
    shutil.rmtree(deep.parent)
    assert bench.counts() == (0, 0, 0, 2, 3)


SHUT = """
import sys
from pathlib import Path
from workbench import Bench
bench = Bench(Path(sys.argv[1]).parent)
report, embedded = bench.build()
assert (report.removed, report.unchanged, embedded) == (0, 5, []), report
assert all("Permission denied" in trouble.message for trouble in report.failed), report
assert report.failed[0].source.startswith("notes/深 folder"), report
"""


def test_find_changes_sees_new_altered_and_gone_files(bench):
    manifest = bench.store.manifest()
    bench.write(a=NOTES + "- more\n", b="- 乙\n")
    changes = find_changes(bench.corpus, manifest)
    assert [file.source for file in changes.fresh] == ["notes/a.md", "notes/b.md"]
    assert changes.fresh_bytes == len((NOTES + "- more\n- 乙\n").encode())
    bench.write(a=None)
    assert find_changes(bench.corpus, manifest).removed == ("notes/a.md",)


def test_a_vector_index_of_another_make_gives_the_same_rows(bench):
    store = Store(bench.index.parent / "exact", ExactVectors.store, ExactVectors.load)
    data, _ = build_index(bench.corpus, store, IndexRecipe(bench.encoder, 64))
    found, exact = vectors_by_entry(bench.store.load()), vectors_by_entry(data)
    assert found.keys() == exact.keys()
    for entry, rows in exact.items():
        assert np.allclose(found[entry], rows, atol=5e-4)  # numbers of 16 bits


# --- any sequence of edits ends where a fresh index starts ---------------------------------------

FILES = ("a", "b", "深/c", "d e")
LINES = (
    "- KV cache merging",
    "- 低秩分解 LoRA",
    "\t- 量化到 2-bit",
    "- " + "很长的一句话。" * 20,
    "正文 prose",
    "## 小节",
    "",
)
edits = st.lists(
    st.tuples(
        st.sampled_from(["write", "write", "delete", "move", "append"]),
        st.sampled_from(FILES),
        st.sampled_from(FILES),
    ).flatmap(lambda edit: st.tuples(st.just(edit), st.lists(st.sampled_from(LINES), max_size=6))),
    min_size=1,
    max_size=6,
)


@pytest.mark.slow
@hypothesis_settings(max_examples=30)
@given(edits)
def test_incremental_index_equals_one_from_scratch(steps):
    folder = Path(tempfile.mkdtemp())
    try:
        bench = Bench(folder)
        bench.write(z="# 笔记\n- 常驻 resident\n")
        bench.build()
        for edit, lines in steps:
            apply(bench.corpus / "notes", edit, lines)
            bench.build()
        fresh = Bench(folder)
        fresh.store = open_store(folder / "fresh")
        fresh.build()
        assert_same_index(bench, fresh)
    finally:
        shutil.rmtree(folder)


def apply(notes: Path, edit: tuple[str, str, str], lines: list[str]) -> None:
    """Do one edit, as an editor, a file manager or a version control tool would."""
    what, name, other = edit
    path, target = notes / f"{name}.md", notes / f"{other}.md"
    before = path.read_text() if path.exists() else ""
    if what == "write":
        write_file(path, "\n".join(["# 笔记", *lines]))
    elif what == "append":
        write_file(path, "\n".join([before, *lines]))
    elif what == "delete":
        path.unlink(missing_ok=True)
    elif before and path != target:
        target.parent.mkdir(exist_ok=True)
        path.replace(target)


def assert_same_index(one: Bench, two: Bench) -> None:
    first, second = one.store.load(), two.store.load()
    assert first.entries.section_list == second.entries.section_list
    for name, column in first.entries.columns.items():
        assert column.tolist() == second.entries.columns[name].tolist(), name
    assert [first.entries.get(row) for row in range(len(first.entries))] == [
        second.entries.get(row) for row in range(len(second.entries))
    ]
    assert known_of_files(first) == known_of_files(second)
    assert vectors_by_entry(first) == vectors_by_entry(second)
    for name in ("entry", "start", "end", "words"):
        assert getattr(first.chunks, name).tolist() == getattr(second.chunks, name).tolist()
    terms = {int(term) for one in second.layout.segments for term in one.arrays.whole("term")}
    for term in terms:
        found, expected = first.words.find(term), second.words.find(term)
        assert [array.tolist() for array in found] == [array.tolist() for array in expected]
    for question in ("KV cache merging", "低秩分解有哪些", "把 KV 量化"):
        assert Retriever(first, one.encoder).search(question, 20) == Retriever(
            second, two.encoder
        ).search(question, 20)


def known_of_files(data: IndexData) -> dict[str, tuple[str, int, int]]:
    return {
        source: (record.sha256, record.entries, record.chunks)
        for source, record in data.manifest.files.items()
    }


@pytest.mark.slow
def test_incremental_index_equals_one_from_scratch_with_the_bundled_encoder(
    tmp_path, bundled_encoder, real_text
):
    lines = real_text.split("\n")
    bench = Bench(tmp_path, bundled_encoder)
    bench.write(a="\n".join(lines))
    bench.build()
    generator = random.Random(0)
    for step in range(4):
        start = generator.randrange(len(lines) - 20)
        moved = [lines.pop(start) for _ in range(10)]
        bench.write(**{"a": "\n".join(lines), f"b{step}": "\n".join(moved)})
        bench.build()
    fresh = Bench(tmp_path, bundled_encoder)
    fresh.store = open_store(tmp_path / "fresh")
    fresh.build()
    assert_same_index(bench, fresh)
    assert token_lists(bench) == token_lists(fresh)


def token_lists(bench: Bench) -> list[list[int]]:
    data = bench.store.load()
    rows = np.arange(len(data.chunks))
    found: list[list[int]] = [[] for _ in rows]
    for places, lists in data.tokens.parts(rows):
        for at, place in enumerate(places.tolist()):
            found[place] = lists.tokens[lists.starts[2 * at] : lists.starts[2 * at + 2]].tolist()
    return found
