"""Print what building, opening, asking and changing one file cost at several sizes.

    python benchmarks/scale.py [--chunks 1000 10000 100000] [--encoder bundled-static] [--keep DIR]
    python benchmarks/scale.py --notes FOLDER [--notes FOLDER] --copies 8 22

Times are CPU seconds (user and system, all threads), each step in a process of its own, so that
other work on the machine and the steps before it do not count. Corpora are invented, by
make_corpus.py; half of each is Chinese. With --notes they are copies of somebody's notes, each copy
with a number behind its lines: else copies would be found to say the same, and be shown as one.
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
from collections.abc import Callable, Iterator, Sequence
from functools import partial
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

LEAST_CHARS = 40

AGAIN = 3
"""Changed lines taken in one after another, the first with the parser still to be loaded."""


def main() -> None:
    """Measure each size and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chunks", type=int, nargs="+", default=[1000, 10000])
    parser.add_argument("--notes", type=Path, action="append", default=[], help="copied instead")
    parser.add_argument(
        "--copies", type=int, nargs="+", default=[8], help="of --notes, in place of --chunks"
    )
    parser.add_argument("--encoder", default="bundled-static")
    parser.add_argument("--keep", type=Path, help="keep corpora and indexes in this folder")
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        print(json.dumps(STEPS[options.step](options.folder, options.encoder)))
        return
    print(
        "| entries | chunks | build s (MB) | open s (MB) | warm p50 / p95 ms (MB) "
        "| change, next s (MB) | disk MB (notes) |"
    )
    print("|---|---|---|---|---|---|---|", flush=True)
    costs: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as temporary:
        kept = options.keep or Path(temporary)
        for folder, make in corpora(kept, options.chunks, options.notes, options.copies):
            if not (folder / "corpus").exists():
                make(folder / "corpus")
            costs.append(_print_size(folder, options.encoder))
    if len(costs) > 1:
        (first, least), (last, most) = costs[0], costs[-1]
        exponent = math.log(most / least) / math.log(last / first)
        print(f"build time grows with chunks to the power of {exponent:.2f}")


def corpora(
    kept: Path, chunks: Sequence[int], notes: Sequence[Path], copies: Sequence[int]
) -> Iterator[tuple[Path, Callable[[Path], object]]]:
    """Yield the folder of each size, and what makes its corpus."""
    if notes:
        yield from ((kept / f"copies-{n}", partial(_copy_notes, notes, n)) for n in copies)
        return
    for count in chunks:
        files = max(1, count // CHUNKS_A_FILE)
        making = partial(make_corpus, files=files, bytes_per_file=10_000, seed=0)
        yield kept / f"chunks-{count}", making


def _copy_notes(notes: Sequence[Path], copies: int, corpus: Path) -> None:
    """Write copies of notes, a number behind each line that is neither short nor a heading."""
    for folder in notes:
        for path in sorted(folder.rglob("*.md")):
            lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
            for copy in range(copies):
                to = corpus / f"copy-{copy:03}" / folder.name / path.relative_to(folder)
                to.parent.mkdir(parents=True, exist_ok=True)
                to.write_text("\n".join(_marked(line, copy) for line in lines), encoding="utf-8")


def _marked(line: str, copy: int) -> str:
    is_text = (len(line) >= LEAST_CHARS and line[0] not in "#|`-") or line.startswith("- ")
    return f"{line} (copy {copy})" if is_text else line


def _print_size(folder: Path, encoder: str) -> tuple[float, float]:
    """Measure one size and return its chunks and the seconds of its build."""
    build, opened, warm, change = (in_process(step, folder, encoder) for step in STEPS)
    disk, notes = (bytes_below(folder / name) / 1e6 for name in ("index", "corpus"))
    print(
        f"| {build['entries']} | {build['chunks']} | {build['cpu_s']:.2f} ({build['peak_mb']:.0f}) "
        f"| {opened['cpu_s']:.3f} ({opened['peak_mb']:.0f}) "
        f"| {warm['p50_ms']:.1f} / {warm['p95_ms']:.1f} ({warm['peak_mb']:.0f}) "
        f"| {change['cpu_s']:.2f}, {change['next_s']:.2f} ({change['peak_mb']:.0f}) "
        f"| {disk:.1f} ({notes:.1f}) |",
        flush=True,
    )
    return build["chunks"], build["cpu_s"]


def bytes_below(folder: Path) -> int:
    """Return what the files of a folder take."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def in_process(step: str, folder: Path, encoder: str) -> dict[str, float]:
    """Return what a step measured in a process of its own."""
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
    return {"cpu_s": cpu_s, "peak_mb": _peak_mb()}


def _build(folder: Path, encoder: str) -> dict[str, float]:
    assistant = _open(folder, encoder)
    measured = _measured(lambda: assistant.build(rebuild=True))
    data = assistant.data()
    return {**measured, "chunks": len(data.chunks), "entries": len(data.entries)}


def _first_data(folder: Path, encoder: str) -> dict[str, float]:
    """Cost of having the index ready, the encoder's own files apart."""
    assistant = _open(folder, encoder)
    return _measured(assistant.retriever)


def _warm(folder: Path, encoder: str) -> dict[str, float]:
    assistant = _open(folder, encoder)
    for question in QUESTIONS:
        assistant.search(question)
    times = []
    for question, _ in questions(folder):
        start = time.process_time()
        assistant.search(question)
        times.append((time.process_time() - start) * 1000)
    p50, p95 = statistics.median(times), statistics.quantiles(times, n=20)[-1]
    return {"p50_ms": p50, "p95_ms": p95, "peak_mb": _peak_mb()}


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def questions(folder: Path) -> list[tuple[str, str]]:
    """Return questions about headings of the notes, each with its heading."""
    files = sorted((folder / "corpus").rglob("*.md"))
    random = Random(0)
    asked: list[tuple[str, str]] = []
    while len(asked) < ASKED:
        lines = random.choice(files).read_text(encoding="utf-8").split("\n")
        if not (headings := [line for line in lines if line.startswith("#") and line.strip("# ")]):
            continue
        heading = random.choice(headings).strip("# ")
        asked.append((FRAMES[len(asked) % len(FRAMES)].format(heading), heading))
    return asked


def _change(folder: Path, encoder: str) -> dict[str, float]:
    """Cost of taking in one line added to one file, in a program that has the index open."""
    assistant = _open(folder, encoder)
    assistant.search(QUESTIONS[0])
    note = min((folder / "corpus").rglob("*.md"))
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
