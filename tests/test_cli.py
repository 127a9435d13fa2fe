from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from paperrag import Assistant
from workbench import Bench, environment, paperrag, paperrag_here, write_file

pytestmark = pytest.mark.slow

NOTES = """# 笔记
## KV cache
- CaM: merges KV cache entries https://arxiv.org/abs/2407.08454
- KIVI：把 KV cache 量化到 2-bit
## 微调
- LoRA: low-rank adapters 低秩分解
"""
QUESTION = {
    "id": "q1",
    "lang": "en",
    "kind": "single",
    "question": "which method merges KV cache?",
    "gold": ["CaM"],
    "spans": [[3, 3]],
}


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a corpus of three entries and a question file."""
    write_file(tmp_path / "corpus" / "notes" / "a.md", NOTES)
    (tmp_path / "questions.jsonl").write_text(json.dumps(QUESTION) + "\n")
    return tmp_path


@pytest.fixture
def run(folder: Path) -> Callable[..., Outcome]:
    """Run the command line in the folder with the corpus."""

    def run_here(*arguments: str) -> Outcome:
        done = paperrag_here(*arguments, cwd=folder)
        return Outcome(done.returncode, done.stdout, done.stderr)

    return run_here


def test_index_prints_what_changed(run, folder):
    first = run("index")
    assert (first.code, first.err) == (0, "")
    assert first.out.startswith(
        "3 added, 0 changed, 0 moved, 0 removed, 0 unchanged entries; 3 chunks embedded; 1 of 1 "
        "files read"
    )
    write_file(folder / "corpus" / "notes" / "a.md", NOTES.replace("2-bit", "4-bit"))
    assert run("index").out.startswith(
        "1 added, 0 changed, 0 moved, 1 removed, 2 unchanged entries; 1 chunk embedded"
    )


def test_rebuild_embeds_everything(run):
    run("index")
    assert run("index", "--rebuild").out.startswith(
        "3 added, 0 changed, 0 moved, 0 removed, 0 unchanged"
    )


def test_index_fails_at_the_end_when_a_file_cannot_be_read(run, folder):
    write_file(folder / "corpus" / "notes" / "图.md", b"\x89PNG\r\n\x1a\n\0")
    outcome = run("index")
    assert outcome.code == 1
    assert "3 added" in outcome.out
    assert (
        "not read: notes/图.md: is not text (binary data); remove it from the corpus or export it "
        "as Markdown" in outcome.out
    )
    assert outcome.err == "paperrag: 1 could not be read: notes/图.md; the report says why\n"


def test_search_prints_ranked_entries(run):
    outcome = run("search", "低秩微调", "-k", "1")
    lines = outcome.out.splitlines()
    assert (outcome.code, outcome.err) == (0, "")
    assert lines[0].startswith(" 1. LoRA")
    assert lines[1] == "    notes/a.md:6  笔记 › 微调"


def test_search_explains_on_request(run):
    assert "dense" not in run("search", "KV cache").out
    assert "lexical" in run("search", "KV cache", "--explain").out


def test_ask_prints_an_answer_and_its_sources(run):
    outcome = run("ask", "which method merges KV cache?")
    assert outcome.code == 0
    assert "[1]" in outcome.out
    assert "Sources:" in outcome.out
    assert "notes/a.md:3" in outcome.out
    assert "https://arxiv.org/abs/2407.08454" in outcome.out


def test_ask_answers_in_the_language_of_the_question(run):
    outcome = run("ask", "哪些方法合并 KV cache？")
    assert (outcome.code, "来源：" in outcome.out) == (0, True)


def test_abstaining_is_done(run):
    outcome = run("ask", "how do bees find their way home?", "--json")
    assert (outcome.code, json.loads(outcome.out)["abstained"]) == (0, True)


def test_status_before_and_after_indexing(run):
    assert run("status") == (0, "no index in index; run: paperrag index\n", "")
    run("index")
    out = run("status").out
    assert "corpus: 1 file, 3 entries, 3 chunks" in out
    assert "bundled (640 dimensions" in out
    assert "freshness  up to date" in out


def test_status_names_changed_files(run, folder):
    run("index")
    write_file(folder / "corpus" / "notes" / "a.md", NOTES + "- 更多\n")
    write_file(folder / "corpus" / "notes" / "新.md", "- 新\n")
    out = run("status").out
    assert "2 files changed since; run: paperrag index" in out
    assert "changed  notes/新.md" in out


def test_eval_prints_a_table(run):
    outcome = run("eval", "questions.jsonl")
    assert outcome.code == 0
    assert "ndcg" in outcome.out.lower()


@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        (
            ("index",),
            "added changed moved removed unchanged embedded_chunks files_read files by_file troubles took_ms",
        ),
        (("search", "KV cache"), "query language took_ms index hits"),
        (
            ("ask", "哪些方法合并 KV cache？"),
            "question standalone_question language mode model abstained answer citations claims report usage notice took_ms",
        ),
        (("eval", "questions.jsonl"), "file groups"),
        (
            ("status",),
            "corpus index_folder store index rebuilding disk_bytes checked fresh changed_files removed_files faults troubles model",
        ),
    ],
)
def test_every_command_prints_json(run, arguments, keys):
    for placed in (("--json", *arguments), (*arguments, "--json")):
        outcome = run(*placed)
        assert (outcome.code, list(json.loads(outcome.out))) == (0, keys.split())


def test_json_keeps_chinese_readable(run):
    assert "低秩分解" in run("search", "低秩", "--json").out


@pytest.mark.parametrize(
    "arguments",
    [
        ("--corpus", "我的 笔记", "--index", "my idx", "search", "合并"),
        ("search", "--corpus", "我的 笔记", "合并", "--index", "my idx"),
        ("--corpus", "我的 笔记", "search", "合并", "--index", "my idx"),
        ("--corpus", "nowhere", "search", "合并", "--corpus", "我的 笔记", "--index", "my idx"),
    ],
)
def test_global_options_stand_before_or_after_the_command(run, folder, arguments):
    (folder / "corpus").rename(folder / "我的 笔记")
    assert run(*arguments).code == 0
    assert (folder / "my idx" / "catalogue.sqlite").exists()
    assert not (folder / "index").exists()


def test_flags_come_before_environment_before_file(folder):
    (folder / "paperrag.toml").write_text("k = 1\nindex = 'from-file'\n")

    def count_hits(*options: str, **variables: str) -> int:
        outcome = paperrag(
            "search", "KV cache", "--json", *options, cwd=folder, env=environment(**variables)
        )
        return len(json.loads(outcome.stdout)["hits"])

    assert count_hits() == 1
    assert count_hits(PAPERRAG_K="2") == 2
    assert count_hits("-k", "3", PAPERRAG_K="2") == 3
    assert (folder / "from-file" / "catalogue.sqlite").exists()


def test_config_file_is_named_with_an_option(run, folder):
    (folder / "sub").mkdir()
    (folder / "sub" / "other.toml").write_text("corpus = '../corpus'\nindex = 'idx'\n")
    assert run("index", "--config", "sub/other.toml").code == 0
    assert (folder / "sub" / "idx" / "catalogue.sqlite").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("serve", "--port", "many"),
        ("fetch", "--limit", "0"),
        ("search",),
        ("search", "a", "-k", "0"),
        ("ask", "a", "-k", "-3"),
        ("index", "a"),
        ("search", "a", "-k", "many"),
        ("search", "a", "--kind", "book"),
        ("search", "a", "--lang", "fr"),
        ("ask", "a", "--explain"),
        ("index", "--no-such-option"),
        ("eval",),
    ],
)
def test_wrong_usage_is_2_and_reads_nothing(run, folder, arguments):
    outcome = run(*arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert "usage: paperrag" in outcome.err
    assert not (folder / "index").exists()


@pytest.mark.parametrize(
    "arguments",
    [("which", "method", "merges KV cache?"), ("which method", "merges KV cache?", "-k", "3")],
)
def test_words_without_quotes_are_one_question(run, arguments):
    whole = json.loads(run("ask", "which method merges KV cache?", "--json").out)
    parts = json.loads(run("ask", *arguments, "--json").out)
    assert (parts["question"], parts["answer"]) == (whole["question"], whole["answer"])
    hits = json.loads(run("search", "合并", "KV cache", "--json").out)
    assert hits["query"] == "合并 KV cache"


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (
            ("ask", "what is", "--json", "MoE"),
            "unrecognized arguments: MoE; put the question in quotes",
        ),
        (
            ("search", "-h2o"),
            "ignored explicit argument '2o'; in front of a question that begins with a dash, put --",
        ),
        (
            ("ask", "-vllm"),
            "ignored explicit argument 'llm'; in front of a question that begins with a dash, put --",
        ),
    ],
)
def test_question_that_is_taken_for_options_is_explained(run, arguments, hint):
    outcome = run(*arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.endswith(f"{hint}\n")


def test_question_may_begin_with_a_dash_after_two_dashes(run):
    assert json.loads(run("search", "--json", "--", "-h2o").out)["query"] == "-h2o"
    assert json.loads(run("--json", "ask", "--", "-k", "cache").out)["question"] == "-k cache"


def test_help_lists_the_commands_that_work(run):
    outcome = run("--help")
    listed = {
        line.split()[0]
        for line in outcome.out.split("commands:")[1].splitlines()
        if line.startswith("    ")
    }
    assert outcome.code == 0
    assert {
        "index",
        "search",
        "ask",
        "verify",
        "serve",
        "fetch",
        "lint",
        "export",
        "eval",
        "status",
    } <= listed


@pytest.mark.parametrize("command", ["index", "search", "ask", "eval", "status"])
def test_every_command_has_help(run, command):
    outcome = run(command, "--help")
    assert outcome.code == 0
    assert all(
        option in outcome.out for option in ("--corpus", "--index", "--config", "--json", "-v")
    )


def test_version_is_printed(run):
    outcome = run("--version")
    assert (outcome.code, outcome.out.startswith("paperrag")) == (0, True)


def test_failure_is_one_sentence_on_stderr(run, folder):
    (folder / "corpus").rename(folder / "elsewhere")
    outcome = run("index")
    assert (outcome.code, outcome.out) == (1, "")
    told = (
        "no notes are known yet; say once where yours are: paperrag init FOLDER (to try those that "
        "come with the program: paperrag --demo ask QUESTION)"
    )
    assert outcome.err == f"paperrag: {told}\n"


# --- what only a process shows --------------------------------------------------------------------


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a corpus of three entries that is indexed."""
    folder = tmp_path_factory.mktemp("indexed")
    write_file(folder / "corpus" / "notes" / "a.md", NOTES)
    Assistant.open(corpus=folder / "corpus", index=folder / "index").build()
    return folder


def test_logs_go_to_stderr_and_leave_stdout_to_results(folder):
    Assistant.open(corpus=folder / "corpus", index=folder / "index").build()
    with Bench(folder).store.lock():
        write_file(folder / "corpus" / "notes" / "b.md", "- 乙\n")
        outcome = paperrag("search", "合并", "--json", cwd=folder)
    assert outcome.returncode == 0
    assert len(json.loads(outcome.stdout)["hits"]) == 3
    assert outcome.stderr.startswith("paperrag: index is being written by process ")
    assert outcome.stderr.endswith("answering from the index as it was\n")


@pytest.mark.parametrize(
    "arguments", [("search", "KV cache"), ("search", "KV cache", "--json"), ("--help",)]
)
def test_closed_pipe_is_no_failure(indexed, arguments):
    read, write = os.pipe()
    os.close(read)
    outcome = paperrag(
        *arguments, cwd=indexed, capture_output=False, stdout=write, stderr=subprocess.PIPE
    )
    os.close(write)
    assert (outcome.returncode, outcome.stderr) == (0, "")


@pytest.mark.parametrize(
    "arguments", [("ask", "KV cache"), ("search", "KV cache", "--json"), ("--help",)]
)
def test_full_disk_behind_stdout_is_one_sentence(indexed, arguments):
    with Path("/dev/full").open("w") as full:
        outcome = paperrag(
            *arguments, cwd=indexed, capture_output=False, stdout=full, stderr=subprocess.PIPE
        )
    told = "paperrag: cannot print the result (No space left on device); send it to another place\n"
    assert (outcome.returncode, outcome.stderr) == (1, told)


def test_closed_stdout_is_one_sentence(indexed):
    shell = f"{sys.executable} -m paperrag ask 'KV cache' >&-"
    outcome = subprocess.run(
        ["sh", "-c", shell], cwd=indexed, env=environment(), stderr=subprocess.PIPE, text=True
    )
    told = "paperrag: standard output is closed, so nothing can be printed; send it to a file or /dev/null\n"
    assert (outcome.returncode, outcome.stderr) == (1, told)


def test_closed_stderr_leaves_stdout_to_results(indexed):
    shell = f"{sys.executable} -m paperrag ask '' 2>&-"
    outcome = subprocess.run(
        ["sh", "-c", shell], cwd=indexed, env=environment(), stdout=subprocess.PIPE, text=True
    )
    assert (outcome.returncode, outcome.stdout) == (1, "")


@pytest.mark.parametrize(
    "variables", [{"LC_ALL": "C"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}]
)
def test_output_is_utf8_in_any_locale(indexed, variables):
    outcome = paperrag("search", "KV cache", cwd=indexed, env=environment(**variables))
    assert (outcome.returncode, outcome.stderr) == (0, "")
    assert "KIVI：把 KV cache 量化到 2-bit" in outcome.stdout


def test_module_and_script_are_the_same_program(indexed):
    script = [
        sys.executable,
        "-c",
        "import sys; from paperrag.cli import run; sys.exit(run())",
        "search",
        "合并",
        "-k",
        "1",
    ]
    by_script = subprocess.run(
        script, cwd=indexed, env=environment(), capture_output=True, check=True
    )
    assert by_script.stdout.decode() == paperrag("search", "合并", "-k", "1", cwd=indexed).stdout


@pytest.mark.parametrize(("command", "is_alone"), [("search", True), ("chat", False)])
def test_no_process_starts_threads_for_matrices_nor_one_question_looks_for_garbage(
    indexed, command, is_alone
):
    program = (
        "import gc, os, sys; from paperrag.cli import run; run(); "
        "print('OPENBLAS_NUM_THREADS' in os.environ, gc.get_threshold()[0] > 700, file=sys.stderr)"
    )
    variables = environment()
    variables.pop("OPENBLAS_NUM_THREADS", None)
    words = ["KV cache"] if is_alone else []
    done = subprocess.run(
        [sys.executable, "-c", program, command, *words],
        cwd=indexed,
        env=variables,
        input="\n",
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == f"True {is_alone}\n"


def test_ask_refuses_an_llm_that_it_does_not_know(run):
    outcome = run("ask", "--llm", "gpt", "哪些方法？")
    assert outcome.code == 1
    assert (
        "expected 'none', 'ollama:MODEL', 'openai:MODEL' or 'openai-like:MODEL', got 'gpt'"
        in outcome.err
    )
    assert run("ask", "--llm", "none", "哪些方法？").code == 0


def test_llm_that_cannot_be_used_stops_only_what_asks_it(indexed):
    variables = environment(PAPERRAG_LLM="openai:x", OPENAI_API_KEY="")
    for arguments in (["search", "KV cache"], ["index"], ["status"]):
        outcome = paperrag(*arguments, cwd=indexed, env=variables)
        assert (outcome.returncode, outcome.stderr) == (0, "")
    for arguments in (["ask", "KV cache"], ["serve", "--port", "1"]):
        outcome = paperrag(*arguments, cwd=indexed, env=variables)
        assert (outcome.returncode, outcome.stdout) == (1, "")
        assert outcome.stderr == "paperrag: llm openai: needs a key; set OPENAI_API_KEY\n"


def test_llm_is_not_loaded_by_commands_that_do_not_ask_it(indexed):
    code = "import sys; from paperrag.cli import main; main(sys.argv[1:]); print('llama_index' in sys.modules)"
    for arguments in (["search", "KV cache"], ["status"]):
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=indexed,
            env=environment(PAPERRAG_LLM="ollama:x"),
            capture_output=True,
        )
        assert done.stdout.endswith(b"False\n")
