"""Print what building, opening, asking and changing one file cost at several sizes.

    python benchmarks/scale.py [--chunks 1000 10000 100000] [--encoder bundled-static] [--keep DIR]

Times are CPU seconds (user and system, all threads), each step in a process of its own, so that
other work on the machine and the steps before it do not count. Corpora are invented, by
make_corpus.py; half of each is Chinese.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from make_corpus import make_corpus
from paperrag import Assistant

QUESTIONS = (
    "which methods merge the cache?",
    "哪些方法压缩注意力缓存？",
    "how does retrieval help long text reasoning",
    "量化和稀疏的区别",
    "tomerka vasorlin decoding",
)
CHUNKS_A_FILE = 48
"""About what a file of 10,000 bytes gives."""

FRAMES = ("which methods use {}?", "how does {} work", "哪些方法涉及{}？", "{}")
ASKED = 100
"""Questions, each asked once after others: what one keeps of another is what it is in use."""

AGAIN = 3
"""Changed lines taken in one after another, the first with the parser still to be loaded."""


def main() -> None:
    """Measure each size and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chunks", type=int, nargs="+", default=[1000, 10000])
    parser.add_argument("--encoder", default="bundled-static")
    parser.add_argument("--keep", type=Path, help="keep corpora and indexes in this folder")
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        print(json.dumps(STEPS[options.step](options.folder, options.encoder)))
        return
    print(
        "| chunks | build s (MB) | open s (MB) | warm p50 / p95 ms | change, next s (MB) "
        "| disk MB (notes) |"
    )
    print("|---|---|---|---|---|---|")
    costs: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as temporary:
        for chunks in options.chunks:
            folder = (options.keep or Path(temporary)) / f"chunks-{chunks}"
            costs.append(_print_size(folder, chunks, options.encoder))
    if len(costs) > 1:
        (first, least), (last, most) = costs[0], costs[-1]
        exponent = math.log(most / least) / math.log(last / first)
        print(f"build time grows with chunks to the power of {exponent:.2f}")


def _print_size(folder: Path, chunks: int, encoder: str) -> tuple[float, float]:
    """Measure one size and return its chunks and the seconds of its build."""
    if not (folder / "corpus").exists():
        make_corpus(folder / "corpus", max(1, chunks // CHUNKS_A_FILE), 10_000, seed=0)
    build, opened, warm, change = (_in_process(step, folder, encoder) for step in STEPS)
    disk, notes = (_bytes_below(folder / name) / 1e6 for name in ("index", "corpus"))
    print(
        f"| {build['chunks']} | {build['cpu_s']:.2f} ({build['peak_mb']:.0f}) "
        f"| {opened['cpu_s']:.3f} ({opened['peak_mb']:.0f}) "
        f"| {warm['p50_ms']:.1f} / {warm['p95_ms']:.1f} "
        f"| {change['cpu_s']:.2f}, {change['next_s']:.2f} ({change['peak_mb']:.0f}) "
        f"| {disk:.1f} ({notes:.1f}) |",
        flush=True,
    )
    return build["chunks"], build["cpu_s"]


def _bytes_below(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _in_process(step: str, folder: Path, encoder: str) -> dict[str, float]:
    command = [sys.executable, __file__, "--step", step, "--folder", folder, "--encoder", encoder]
    done = subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True)
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured


def _open(folder: Path, encoder: str) -> Assistant:
    return Assistant.open(folder / "corpus", folder / "index", encoder=encoder)


def _measured(run: Callable[[], object]) -> dict[str, float]:
    start = time.process_time()
    run()
    cpu_s = time.process_time() - start
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"cpu_s": cpu_s, "peak_mb": peak_kb / 1e3}


def _build(folder: Path, encoder: str) -> dict[str, float]:
    assistant = _open(folder, encoder)
    measured = _measured(lambda: assistant.build(rebuild=True))
    return {**measured, "chunks": len(assistant.data().chunks)}


def _first_data(folder: Path, encoder: str) -> dict[str, float]:
    """Cost of having the index ready, the encoder's own files apart."""
    assistant = _open(folder, encoder)
    assistant._encoder.encode_query(["warm"])
    return _measured(assistant.retriever)


def _warm(folder: Path, encoder: str) -> dict[str, float]:
    assistant = _open(folder, encoder)
    for question in QUESTIONS:
        assistant.search(question)
    times = []
    for question in _questions(folder):
        start = time.process_time()
        assistant.search(question)
        times.append((time.process_time() - start) * 1000)
    return {"p50_ms": statistics.median(times), "p95_ms": statistics.quantiles(times, n=20)[-1]}


def _questions(folder: Path) -> list[str]:
    """Return questions about headings of the notes."""
    files = sorted((folder / "corpus").rglob("*.md"))
    random = Random(0)
    asked = []
    for number in range(ASKED):
        lines = random.choice(files).read_text(encoding="utf-8").split("\n")
        heading = random.choice([line for line in lines if line.startswith("#")]).strip("# ")
        asked.append(FRAMES[number % len(FRAMES)].format(heading))
    return asked


def _change(folder: Path, encoder: str) -> dict[str, float]:
    """Cost of taking in one line added to one file, in a program that has the index open."""
    assistant = _open(folder, encoder)
    assistant.search(QUESTIONS[0])
    note = folder / "corpus" / "notes" / "group-00" / "note-00000.md"
    before = note.read_text(encoding="utf-8")
    measured = []
    for number in range(1 + AGAIN):
        text = f"{before}- changed at {time.time_ns()}, {number}\n"
        note.write_text(text, encoding="utf-8")
        measured.append(_measured(assistant.build))
    note.write_text(before, encoding="utf-8")
    return {**measured[0], "next_s": statistics.median(one["cpu_s"] for one in measured[1:])}


STEPS: dict[str, Callable[[Path, str], dict[str, float]]] = {
    "build": _build,
    "open": _first_data,
    "warm": _warm,
    "change": _change,
}

if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
