"""Floors for speed, generous for a busy machine, and what each command may import."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from llm_server import serving
from paperrag import Assistant
from workbench import REPOSITORY, environment, paperrag, write_file

BUSY = 3
"""How many times slower than the target a busy machine may be."""

pytestmark = pytest.mark.timed

HEAVY = {
    "torch",
    "sentence_transformers",
    "transformers",
    "llama_index",
    "openai",
    "ollama",
    "gradio",
    "jieba",
    "pymilvus",
}

MODEL_CPU_S = 1.5
"""Most that an answer by a model's server may cost more than one without, CPU seconds."""

RUN_AND_LIST_MODULES = """
import sys
from paperrag.cli import main
try:
    code = main()
except SystemExit as exit:
    code = exit.code
print("\\n".join(sorted({name.split(".")[0] for name in sys.modules})), file=sys.stderr)
sys.exit(code)
"""


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the repository's notes, indexed by a process, so that everything is
    compiled.
    """
    folder = tmp_path_factory.mktemp("speed")
    (folder / "corpus").symlink_to(REPOSITORY / "corpus")
    assert paperrag("index", cwd=folder).returncode == 0
    return folder


def best_of(count: int, action: Callable[[], object]) -> float:
    """The shortest of some durations, in seconds."""
    durations = []
    for _ in range(count):
        start = time.perf_counter()
        action()
        durations.append(time.perf_counter() - start)
    return min(durations)


def cpu_seconds(folder: Path, *arguments: str, **variables: str) -> float:
    """The least that some processes of a command take."""

    def once() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = paperrag(*arguments, cwd=folder, env=environment(**variables))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert done.returncode == 0, done.stderr
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return min(once() for _ in range(3))


def imported(folder: Path, *arguments: str, code: int = 0) -> set[str]:
    """The top-level modules that a fresh process imports for a command."""
    outcome = subprocess.run(
        [sys.executable, "-c", RUN_AND_LIST_MODULES, *arguments],
        cwd=folder,
        env=environment(OPENAI_API_KEY="", OPENAI_BASE_URL=""),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert outcome.returncode == code, outcome.stderr
    return set(outcome.stderr.split())


@pytest.mark.parametrize(
    "arguments",
    [
        ("search", "合并 KV cache"),
        ("ask", "which methods merge KV cache?"),
        ("ask", "哪些方法合并 KV cache？", "--json"),
        ("status",),
    ],
)
def test_commands_import_nothing_heavy(indexed, arguments):
    modules = imported(indexed, *arguments)
    assert "paperrag" in modules
    assert not modules & HEAVY


def test_help_imports_almost_nothing(indexed):
    assert not imported(indexed, "--help") & {
        *HEAVY,
        "numpy",
        "faiss",
        "tokenizers",
        "yaml",
        "tqdm",
    }


@pytest.mark.parametrize(
    ("spec", "unloaded"),
    [
        ("gpt", {"numpy", "faiss", "httpx"}),
        ("ollama:", {"numpy", "faiss", "httpx"}),
        ("openai:x", {"faiss", "httpx"}),
        ("openai-like:x", {"faiss", "httpx"}),
    ],
)
def test_impossible_model_is_refused_before_anything_heavy_is_loaded(indexed, spec, unloaded):
    assert not imported(indexed, "ask", "--llm", spec, "KV cache", code=1) & {*HEAVY, *unloaded}


@pytest.mark.slow
@pytest.mark.parametrize("spec", ["ollama:tiny", "openai-like:tiny"])
def test_answer_by_a_model_costs_little_more_than_one_without(indexed, spec):
    question = "which methods merge KV cache?"
    with serving("CaM merges evicted tokens instead of dropping them [1].") as server:
        with_model = cpu_seconds(indexed, "ask", "--llm", spec, question, **server.environment())
        assert len(server.asked) == 3
    assert with_model - cpu_seconds(indexed, "ask", question) < MODEL_CPU_S


def test_help_is_there_at_once(indexed):
    assert best_of(5, lambda: paperrag("--help", cwd=indexed)) < 0.3 * BUSY


@pytest.mark.parametrize("command", ["ask", "search"])
def test_cold_question_is_answered_within_a_second(indexed, command):
    assert (
        best_of(5, lambda: paperrag(command, "which methods merge KV cache?", cwd=indexed))
        < 1.0 * BUSY
    )


def test_first_index_of_the_notes_is_quick(tmp_path):
    def index() -> None:
        Assistant.open(
            corpus=REPOSITORY / "corpus", index=tmp_path / f"index-{time.monotonic_ns()}"
        ).build()

    assert best_of(3, index) < 3.0 * BUSY


def test_index_after_one_changed_entry_is_quick(tmp_path, real_text):
    note = tmp_path / "corpus" / "notes" / "a.md"
    write_file(note, real_text)
    assistant = Assistant.open(corpus=tmp_path / "corpus", index=tmp_path / "index")
    assistant.build()

    def change_and_index() -> None:
        write_file(note, f"{real_text}\n- 新的一条 {time.monotonic_ns()}\n")
        assert assistant.build().embedded == 1

    assert best_of(5, change_and_index) < 0.5 * BUSY


def test_warm_query_among_1000_entries_is_quick(tmp_path):
    words = (
        "KV cache",
        "合并",
        "量化",
        "low-rank",
        "稀疏 attention",
        "解码",
        "prompt 压缩",
        "routing",
    )
    lines = [
        f"- 第 {n} 条: {words[n % 8]} {words[n // 8 % 8]} {words[n // 64 % 8]} method {n}"
        for n in range(1000)
    ]
    write_file(tmp_path / "corpus" / "notes" / "a.md", "# 笔记\n" + "\n".join(lines))
    assistant = Assistant.open(corpus=tmp_path / "corpus", index=tmp_path / "index")
    queries = (
        "which methods merge KV cache?",
        "哪些工作做 KV cache 量化？",
        "稀疏 attention 的解码",
    )
    took = [assistant.search(query).took_ms for _ in range(7) for query in queries]
    assert statistics.median(took) < 10 * BUSY
