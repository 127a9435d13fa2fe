"""Print how long the command line and a warm assistant take, as the table in the README.

    python benchmarks/speed.py [--runs 9] [--large FOLDER]

Times are the median and the best of several runs, whole processes where it says "process". With
--large, a corpus made by make_corpus.py is indexed too, and its memory and re-indexing measured.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from make_corpus import make_corpus
from paperrag import Assistant

ROOT = Path(__file__).resolve().parent.parent
QUESTION = "which methods merge KV cache?"


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--large", type=Path)
    options = parser.parse_args()
    print(f"| {_machine()} | median | best |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        measure_small(Path(folder), options.runs)
    if options.large:
        measure_large(options.large)


def measure_small(folder: Path, runs: int) -> None:
    """Measure the bundled notes, and a warm query on about 1,000 made-up entries."""
    index = folder / "index"
    command = ["--corpus", str(ROOT / "corpus"), "--index", str(index)]
    _row("`paperrag --help`, process", _times(lambda: _paperrag("--help"), runs))
    _row(
        "first `paperrag index` of the bundled notes, process",
        _times(lambda: _paperrag("index", "--rebuild", *command), runs),
    )
    _row(
        "`paperrag search`, process", _times(lambda: _paperrag("search", QUESTION, *command), runs)
    )
    _row("`paperrag ask`, process", _times(lambda: _paperrag("ask", QUESTION, *command), runs))

    corpus = folder / "corpus"
    make_corpus(corpus, files=21, bytes_per_file=10000, seed=0)
    assistant = Assistant.open(corpus=corpus, index=folder / "made")
    assistant.build()
    entries = assistant.retriever().data.manifest.entries
    retriever = assistant.retriever()
    _row(
        f"warm search, {entries} entries", _times(lambda: retriever.search(QUESTION, 10), runs * 10)
    )
    _row(
        f"warm search with a look for changed files, {entries} entries",
        _times(lambda: assistant.search(QUESTION), runs * 10),
    )

    notes = corpus / "notes" / "group-00" / "note-00000.md"
    _row(
        "re-index after one changed entry, in process",
        _times(lambda: _change_and_build(assistant, notes), runs),
    )


def measure_large(folder: Path) -> None:
    """Measure a full build, its memory, and a re-index of one changed file; each in a process of
    its own.
    """
    with tempfile.TemporaryDirectory() as index:
        command = ["--corpus", str(folder), "--index", index]
        files = len(list(folder.rglob("*.md")))
        full = _times(lambda: _paperrag("index", *command), 1)[0]
        peak_gb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e9
        note = next(folder.rglob("*.md"))
        original = note.read_text(encoding="utf-8")
        try:
            note.write_text(original + "\n- one more line\n", encoding="utf-8")
            again = _times(lambda: _paperrag("index", *command), 1)[0]
        finally:
            note.write_text(original, encoding="utf-8")
        print(
            f"| full index of {files} files, process (peak memory {peak_gb:.2f} GB) | {full:.0f} s "
            f"| |"
        )
        print(
            f"| re-index after one changed file ({again / full:.1%} of the full build) | "
            f"{again:.1f} s | |"
        )
        _row(
            f"`paperrag search` over {files} files, process",
            _times(lambda: _paperrag("search", QUESTION, *command), 3),
        )


def _change_and_build(assistant: Assistant, note: Path) -> None:
    note.write_text(
        note.read_text(encoding="utf-8") + f"- changed at {time.time_ns()}\n", encoding="utf-8"
    )
    assistant.build()


def _paperrag(*arguments: str) -> None:
    environment = {
        key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"
    }
    executable = shutil.which("paperrag", path=str(Path(sys.executable).parent))
    command = [executable] if executable else [sys.executable, "-m", "paperrag"]
    subprocess.run([*command, *arguments], check=True, capture_output=True, env=environment)


def _times(run: Callable[[], object], runs: int) -> list[float]:
    """Return the seconds of each run after one that does not count."""
    if runs > 1:
        run()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return times


def _row(what: str, times: list[float]) -> None:
    median, best = statistics.median(times), min(times)
    scale, unit = (1000, "ms") if median < 1 else (1, "s")
    print(f"| {what} | {median * scale:.3g} {unit} | {best * scale:.3g} {unit} |", flush=True)


def _machine() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    model = re.search(r"model name\s*:\s*(.+)", cpuinfo.read_text()) if cpuinfo.exists() else None
    return f"{model[1] if model else 'unknown processor'}, {os.cpu_count()} cores, Python {sys.version.split()[0]}"


if __name__ == "__main__":
    main()
