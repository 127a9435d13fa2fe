"""Whatever is wrong outside: one clear sentence on stderr, the right exit code, nothing lost."""

from __future__ import annotations

import json
import os
import resource
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from paperrag import Assistant
from paperrag.index.manifest import FORMAT
from paperrag.notes.folders import SUFFIXES
from workbench import Bench, as_plain_user, environment, paperrag, paperrag_here, write_file

pytestmark = pytest.mark.slow

NOTES = "# 笔记\n## KV cache\n- CaM: merges KV cache entries\n- KIVI：把 KV cache 量化到 2-bit\n## 微调\n- LoRA: 低秩 adapters\n"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose corpus of three entries is indexed."""
    made = tmp_path_factory.mktemp("template")
    write_file(made / "corpus" / "notes" / "a.md", NOTES)
    Assistant.open(corpus=made / "corpus", index=made / "index").build()
    return made


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    """A copy of it, with a blank and Chinese in its name."""
    return shutil.copytree(template, tmp_path / "我的 notes")


def run(*arguments: str, cwd: Path, **options) -> subprocess.CompletedProcess[str]:
    """Run a command in this process, or in another where options for `subprocess.run` ask for
    it.
    """
    return (
        paperrag(*arguments, cwd=cwd, **options) if options else paperrag_here(*arguments, cwd=cwd)
    )


def fails(folder: Path, *arguments: str, code: int = 1, **options) -> str:
    """Run a command that must fail with one sentence, and return the sentence."""
    outcome = run(*arguments, cwd=folder, **options)
    assert (outcome.returncode, outcome.stdout) == (code, ""), outcome.stderr
    assert outcome.stderr.startswith("paperrag: ")
    assert outcome.stderr.count("\n") == 1
    return outcome.stderr.removeprefix("paperrag: ").strip()


def titles(outcome: subprocess.CompletedProcess[str]) -> list[str]:
    """The titles of `search --json`, shortened to their first word."""
    assert outcome.returncode == 0, outcome.stderr
    return [hit["title"].split("：")[0].split(":")[0] for hit in json.loads(outcome.stdout)["hits"]]


def still_answers(folder: Path, **options) -> str:
    """Check that the old index answers, and return what was said on stderr."""
    outcome = run("search", "合并 KV cache", "--json", cwd=folder, **options)
    assert sorted(titles(outcome)) == ["CaM", "KIVI", "LoRA"]
    return outcome.stderr


# --- the corpus -----------------------------------------------------------------------------------


def test_missing_corpus(tmp_path):
    for command in (["index"], ["search", "KV cache"], ["ask", "KV cache"]):
        assert fails(tmp_path, *command) == (
            "no notes are known yet; say once where yours are: paperrag init FOLDER (to try those "
            "that come with the program: paperrag --demo ask QUESTION)"
        )
        assert fails(tmp_path, "--corpus", "corpus", *command) == (
            "corpus folder corpus does not exist; put Markdown notes into corpus/notes or pass "
            "--corpus DIR; where notes lie elsewhere, run once: paperrag init FOLDER"
        )
    assert list(tmp_path.iterdir()) == []


NO_NOTES = f"no note ({', '.join(SUFFIXES)}) below corpus; put notes into corpus/notes"


def test_empty_corpus_has_no_answer_and_says_why(tmp_path):
    (tmp_path / "corpus").mkdir()
    for command in (
        ["index"],
        ["search", "KV cache"],
        ["ask", "哪些方法合并 KV cache？"],
        ["status"],
    ):
        outcome = run(*command, cwd=tmp_path)
        assert (outcome.returncode, NO_NOTES in outcome.stdout + outcome.stderr) == (0, True), (
            command
        )
    for command in (["lint"], ["export", "--bib", "x.bib"], ["fetch"]):
        assert fails(tmp_path, *command) == NO_NOTES


def test_the_last_note_is_forgotten_only_when_told(folder):
    (folder / "corpus" / "notes" / "a.md").unlink()
    outcome = run("ask", "which method merges KV cache?", "--json", cwd=folder)
    assert {one["quote_verified"] for one in json.loads(outcome.stdout)["citations"]} == {False}
    assert "1 indexed files are gone from corpus" in outcome.stderr
    assert fails(folder, "index").startswith("there is no note below corpus, but index holds 1")
    outcome = run("index", "--allow-empty", cwd=folder)
    assert (outcome.returncode, outcome.stderr) == (0, "")
    assert f"note: .: {NO_NOTES}" in outcome.stdout
    outcome = run("ask", "which method merges KV cache?", "--json", cwd=folder)
    assert json.loads(outcome.stdout)["citations"] == []
    assert outcome.stderr == f"paperrag: {NO_NOTES}\n"


def test_corpus_that_is_a_file(tmp_path):
    (tmp_path / "corpus").write_text("x")
    assert fails(tmp_path, "index").startswith(
        "corpus corpus is not a folder; expected one that holds"
    )


def test_corpus_that_vanished_leaves_the_index_answering(folder):
    (folder / "corpus").rename(folder / "elsewhere")
    assert "corpus does not exist" in fails(folder, "index")
    assert "answering from the index as it was" in still_answers(folder)


def test_bad_files_are_named_and_the_others_indexed(folder):
    notes = folder / "corpus" / "notes"
    write_file(notes / "图 1.md", b"\x89PNG\r\n\x1a\n\0")
    (notes / "loop.md").symlink_to("loop.md")
    (notes / "dead.md").symlink_to("nowhere.md")
    (notes / "up").symlink_to("..")
    write_file(
        Path(os.fsdecode(os.fsencode(notes) + b"/\xb1\xca\xbc\xc7.md")), "- x\n"
    )  # 笔记 in GBK
    write_file(notes / "新 笔记.md", "- Medusa 多头\n")
    outcome = run("index", "--json", cwd=folder)
    report = json.loads(outcome.stdout)
    assert (outcome.returncode, report["added"], report["unchanged"]) == (1, 1, 3)
    told = {trouble["source"]: trouble["message"].split(";")[0] for trouble in report["troubles"]}
    assert told == {
        "notes/图 1.md": "is not text (binary data)",
        "notes/loop.md": "cannot be read (Too many levels of symbolic links)",
        "notes/dead.md": "cannot be read (No such file or directory)",
        "notes/up": f"links back to {folder / 'corpus'}, a folder above it",
        "notes/\ufffd\u02bc\ufffd.md": "has a name that is not UTF-8",
    }
    assert outcome.stderr.startswith(
        "paperrag: 4 could not be read: notes/dead.md, notes/loop.md, "
    )


def test_unreadable_file_is_named_and_read_once_mended(folder):
    secret = write_file(folder / "corpus" / "notes" / "secret.md", "- Medusa 多头\n")
    secret.chmod(0)
    outcome = run("index", cwd=folder, preexec_fn=as_plain_user)
    assert outcome.returncode == 1
    assert (
        "not read: notes/secret.md: cannot be read (Permission denied); check its permissions"
        in outcome.stdout
    )
    still_answers(folder, preexec_fn=as_plain_user)
    secret.chmod(0o644)
    assert "Medusa 多头" in titles(
        run("search", "Medusa", "--json", cwd=folder, preexec_fn=as_plain_user)
    )


@pytest.mark.parametrize("mode", [0, 0o444])
def test_unreadable_folder_is_named(folder, mode):
    secret = write_file(folder / "corpus" / "secret" / "b.md", "- 乙\n").parent
    secret.chmod(mode)
    outcome = run("index", cwd=folder, preexec_fn=as_plain_user)
    secret.chmod(0o755)
    assert outcome.returncode == 1
    assert "not read: secret" in outcome.stdout
    assert "Permission denied" in outcome.stdout
    assert "3 unchanged" in outcome.stdout


def test_unreadable_corpus(folder):
    (folder / "corpus").chmod(0)
    told = fails(folder, "index", preexec_fn=as_plain_user)
    assert (
        told
        == "nothing in corpus folder corpus can be read; .: cannot be opened (Permission denied); check its permissions"
    )
    assert "answering from the index as it was" in still_answers(folder, preexec_fn=as_plain_user)
    (folder / "corpus").chmod(0o755)


def test_paths_with_blanks_and_chinese(tmp_path):
    write_file(tmp_path / "语料 库" / "notes" / "缓存 KV's.md", NOTES)
    options = ["--corpus", "语料 库", "--index", "索 引 'x'"]
    assert run("index", *options, cwd=tmp_path).returncode == 0
    found = json.loads(
        run(
            "search", "低秩", *options, "-k", "1", "--file", "缓存 kv", "--json", cwd=tmp_path
        ).stdout
    )
    assert found["hits"][0]["source"] == "notes/缓存 KV's.md"


def test_status_says_that_the_corpus_is_missing(folder):
    missing = (
        "corpus folder nope does not exist; put Markdown notes into nope/notes or pass --corpus "
        "DIR; where notes lie elsewhere, run once: paperrag init FOLDER"
    )
    told = run("status", "--corpus", "nope", cwd=folder).stdout
    assert told.startswith("no index in ") and told.endswith(f"; run: paperrag index\n{missing}\n")
    told = run("status", "--corpus", "nope", "--index", "none", cwd=folder).stdout
    assert told == f"no index in none; run: paperrag index\n{missing}\n"


def test_status_says_that_the_index_is_of_another_encoder(folder):
    mismatch = fails(folder, "ask", "KV cache", "--encoder", "bundled-static")
    told = run("status", "--encoder", "bundled-static", cwd=folder).stdout
    assert f"freshness  {mismatch}\n" in f"{told}\n"
    assert "up to date" not in told
    status = json.loads(run("status", "--encoder", "bundled-static", "--json", cwd=folder).stdout)
    assert (status["fresh"], status["faults"]) == (False, [mismatch])


# --- questions and numbers ------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["search", "ask"])
@pytest.mark.parametrize("query", ["", " \t ", "？！……,.;", "\u3000"])
def test_empty_question(folder, command, query):
    assert (
        fails(folder, command, query)
        == "the question is empty; ask something, such as: which methods merge KV cache?"
    )


@pytest.mark.parametrize(
    ("query", "length"), [("KV cache " * 11_000, 98_999), ("键值缓存" * 8_000, 32_000)]
)
def test_question_of_100_kb(folder, query, length):
    told = fails(folder, "ask", query)
    assert (
        told == f"the question has {length} characters, at most 4000 are read; ask with fewer words"
    )


def test_question_that_is_not_utf8(folder):
    query = os.fsdecode("合并".encode("gbk") + b" KV cache")
    assert titles(run("search", query, "-k", "1", "--json", cwd=folder)) == ["CaM"]
    assert run("ask", query, cwd=folder).returncode == 0


@pytest.mark.parametrize("k", ["0", "-3"])
@pytest.mark.parametrize("command", ["search", "ask"])
def test_k_below_one_is_wrong_usage(folder, command, k):
    outcome = run(command, "KV cache", "-k", k, cwd=folder)
    assert (outcome.returncode, outcome.stdout) == (2, "")
    assert outcome.stderr.endswith(f"argument -k: expected a whole number from 1, got '{k}'\n")


def test_k_above_the_number_of_entries(folder):
    assert len(titles(run("search", "KV cache", "-k", "1000000", "--json", cwd=folder))) == 3


def test_unknown_section_and_file_name_the_nearest(folder):
    assert (
        fails(folder, "search", "KV", "--section", "KV cash")
        == "no section matches 'KV cash'; nearest: KV cache"
    )
    assert fails(folder, "ask", "KV", "--section", "天文").startswith(
        "no section matches '天文'; nearest: "
    )
    assert (
        fails(folder, "search", "KV", "--file", "b.md")
        == "no file matches 'b.md'; nearest: notes/a.md"
    )


def test_filters_that_nothing_meets_find_nothing(folder):
    outcome = run("search", "KV cache", "--kind", "abstract", cwd=folder)
    assert (outcome.returncode, outcome.stdout) == (0, "No entry matches.\n")
    answer = json.loads(
        run("ask", "哪些合并 KV cache？", "--kind", "abstract", "--json", cwd=folder).stdout
    )
    assert answer["abstained"]


# --- settings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("top_k = 3", "unknown setting 'top_k' in paperrag.toml; known: "),
        ("k = 'many'", "k in paperrag.toml: expected a whole number, got 'many'"),
        ("k = 0", "k: expected 1 or more, got 0"),
        ("k = ", "cannot read settings from paperrag.toml: "),
    ],
)
def test_bad_settings(folder, text, message):
    (folder / "paperrag.toml").write_text(text)
    assert fails(folder, "search", "KV cache").startswith(message)


def test_bad_environment(folder):
    told = fails(folder, "status", env=environment(PAPERRAG_K="few"))
    assert told == "PAPERRAG_K: expected a whole number, got 'few'"


def test_unknown_variable_stops_no_command(folder):
    told = still_answers(folder, env=environment(PAPERRAG_CORPORA="x"))
    assert (
        told
        == "paperrag: no setting is called PAPERRAG_CORPORA, it is ignored; nearest: PAPERRAG_CORPUS\n"
    )


def test_missing_config_file(folder):
    assert fails(folder, "--config", "none.toml", "status").startswith(
        "cannot read settings from none.toml: "
    )


# --- the index ------------------------------------------------------------------------------------


def test_damaged_index_is_named_and_mended(folder):
    path = Bench(folder).segment()
    os.truncate(path, path.stat().st_size // 2)
    told = fails(folder, "search", "KV cache")
    assert path.name in told
    assert told.endswith("; run: paperrag index --rebuild")
    Assistant.open(corpus=folder / "corpus", index=folder / "index").build(rebuild=True)
    assert len(Bench(folder).texts()) == 3


def test_garbage_catalogue(folder):
    (folder / "index" / "catalogue.sqlite").write_bytes(b"\0garbage")
    for command in (["search", "KV cache"], ["status"]):
        assert fails(folder, *command).startswith("index/catalogue.sqlite is damaged (")
    assert run("index", "--rebuild", cwd=folder).returncode == 0
    still_answers(folder)


def test_index_from_a_newer_version(folder):
    path = folder / "index" / "catalogue.sqlite"
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA user_version = {FORMAT + 1}")
    for command in (["search", "KV cache"], ["index"], ["status"]):
        assert fails(folder, *command) == (
            f"index has index format {FORMAT + 1}, this paperrag reads format {FORMAT}; "
            "update paperrag, or run: paperrag index --rebuild"
        )
    assert run("index", "--rebuild", cwd=folder).returncode == 0
    still_answers(folder)


def test_index_of_another_encoder(folder):
    bench = Bench(folder)
    bench.build(rebuild=True)
    told = fails(folder, "ask", "KV cache")
    assert (
        told
        == "index was built with encoder 'fake-ngrams-64', settings ask for 'bundled'; run: paperrag index --rebuild"
    )


def test_index_folder_that_is_a_file(folder):
    (folder / "taken").write_text("x")
    told = fails(folder, "index", "--index", "taken")
    assert told.startswith("cannot write the index in taken (")
    assert "pass --index DIR with a folder that can be written" in told
    assert (folder / "taken").read_text() == "x"


@pytest.fixture
def read_only(folder):
    """The folder with its index set read-only."""
    for path in [folder / "index", *(folder / "index").rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield folder
    for path in [folder / "index", *(folder / "index").rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)


def test_read_only_fresh_index_answers(read_only):
    assert still_answers(read_only, preexec_fn=as_plain_user) == ""


def test_read_only_stale_index_answers_and_says_so(read_only):
    write_file(read_only / "corpus" / "notes" / "b.md", "- 另一条\n")
    told = still_answers(read_only, preexec_fn=as_plain_user)
    assert told.startswith(
        "paperrag: cannot write the index in index (Permission denied); the index that was there "
        "is untouched"
    )
    assert told.endswith("answering from the index as it was\n")


def test_read_only_index_is_not_written(read_only):
    write_file(read_only / "corpus" / "notes" / "b.md", "- 另一条\n")
    told = fails(read_only, "index", preexec_fn=as_plain_user)
    assert told.startswith("cannot write the index in index (Permission denied)")
    assert "pass --index DIR with a folder that can be written" in told


def full_disk() -> None:
    """No file may grow beyond 20 kB: writing more fails as on a full disk (EFBIG instead of
    ENOSPC).
    """
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))


def test_full_disk_leaves_the_old_index(folder):
    write_file(
        folder / "corpus" / "notes" / "b.md",
        "".join(f"- 第 {number} 条 KV cache\n" for number in range(200)),
    )
    told = fails(folder, "index", preexec_fn=full_disk)
    assert told.startswith(
        "cannot write the index in index (File too large); the index that was there is untouched; "
        "free some space"
    )
    assert Bench(folder).names() == ["catalogue.sqlite", "lock", "segment-000001.arrays"]
    told = still_answers(folder, preexec_fn=full_disk)
    assert told.endswith("answering from the index as it was\n")
    assert run("index", cwd=folder).returncode == 0
    assert len(Bench(folder).texts()) == 203


def test_second_writer_is_told(folder):
    write_file(folder / "corpus" / "notes" / "b.md", "- 另一条\n")
    with Bench(folder).store.lock():
        told = fails(folder, "index")
        assert "answering from the index as it was" in still_answers(folder)
    assert told.startswith(f"index is being written by process {os.getpid()} on ")
    assert told.endswith("; wait for it to finish")


@pytest.mark.parametrize(
    ("content", "told"),
    [(None, "none.jsonl"), ("", "none.jsonl"), ("{", "none.jsonl"), ('{"id": 1}\n', "none.jsonl")],
)
def test_bad_question_files(folder, content, told):
    if content is not None:
        (folder / "none.jsonl").write_text(content)
    assert told in fails(folder, "eval", "none.jsonl")
