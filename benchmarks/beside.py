"""Print what paperrag and its peers cost over the same texts, with the same encoder, in one run.

    python -m venv .peers
    .peers/bin/pip install torch==2.13.0
    .peers/bin/pip install -r benchmarks/peers/requirements.txt -e .
    python benchmarks/beside.py --peers .peers/bin/python [--chunks 1000 10000]

Notes and questions are those of scale.py. Peers are given the text of each of our chunks with its
headings, and our static encoder; what paperrag does besides, reading Markdown and telling papers,
is in its figures. Times are CPU seconds, each step in a process of its own, one thread for algebra.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import scale
from paperrag import Assistant
from stores import texts_of

PEERS = {
    "with_llama_index": "LlamaIndex, FAISS + BM25",
    "with_txtai": "txtai, hybrid",
    "with_lancedb": "LanceDB, hybrid",
    "with_chroma": "Chroma, vectors alone",
    "by_hand": "FAISS + bm25s by hand",
}
STEPS = ("build", "cold", "warm", "change")
ENCODER = "bundled-static"
Costs = dict[str, float]

COLUMNS = {
    "build": "build",
    "cold": "a cold process",
    "p50": "warm questions, p50",
    "p95": "warm questions, p95",
    "change": "one change",
    "next": "the next change",
    "build_mb": "memory of the build",
    "warm_mb": "memory of questions",
    "disk": "disk",
}
"""What is measured, the least being the best, and what it is called."""


def main() -> None:
    """Measure each size and print a Markdown table of all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", type=Path, required=True, help="the Python of their venv")
    parser.add_argument("--chunks", type=int, nargs="+", default=[1000, 10000])
    parser.add_argument("--keep", type=Path, help="keep corpora and indexes in this folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        kept = options.keep or Path(temporary)
        for folder, make in scale.corpora(kept, options.chunks, (), ()):
            if not (folder / "corpus").exists():
                make(folder / "corpus")
            rows = {"paperrag": _ours(folder)}
            for name, title in PEERS.items():
                rows[title] = _peer(options.peers, name, folder)
            _print(rows, len(json.loads((folder / "asked.json").read_text())["texts"]))


def _ours(folder: Path) -> Costs:
    build, opened, warm, change = (scale.in_process(s, folder, ENCODER) for s in scale.STEPS)
    del opened  # a cold process has it
    found = _write_asked(folder)
    return {
        **_costs(build, {"cpu_s": _cold(folder)}, {**warm, "found": found}, change),
        "disk": scale.bytes_below(folder / "index") / 1e6,
    }


def _write_asked(folder: Path) -> int:
    """Write what peers index and are asked, and return how many of the headings we find."""
    assistant = Assistant.open(folder / "corpus", folder / "index", encoder=ENCODER)
    asked = scale.questions(folder)
    texts = texts_of(assistant.data())
    headings = [heading for _, heading in asked]
    questions = [question for question, _ in asked]
    record = {
        "texts": texts,
        "questions": questions,
        "headings": headings,
        "first": list(scale.QUESTIONS),
    }
    (folder / "asked.json").write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    found = (assistant.search(question, 10).hits for question in questions)
    return sum(
        any(heading in " ".join((*hit.entry.breadcrumb, hit.entry.text)) for hit in hits)
        for hits, heading in zip(found, headings, strict=True)
    )


def _cold(folder: Path) -> float:
    """Return the CPU seconds of `paperrag search`, a process."""
    places = ["--corpus", folder / "corpus", "--index", folder / "index", "--encoder", ENCODER]
    command = [sys.executable, "-m", "paperrag", "search", scale.QUESTIONS[0], *map(str, places)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _peer(python: Path, name: str, folder: Path) -> Costs:
    script = Path(__file__).parent / "peers" / "run.py"

    def step(kind: str) -> Costs:
        command = [python, script, name, kind, folder]
        done = subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True)
        measured: Costs = json.loads(done.stdout.splitlines()[-1])
        return measured

    build = step("build")
    disk = scale.bytes_below(folder / name) / 1e6
    return {**_costs(build, *map(step, STEPS[1:])), "disk": disk}


def _costs(build: Costs, cold: Costs, warm: Costs, change: Costs) -> Costs:
    return {
        "build": build["cpu_s"],
        "build_mb": build["peak_mb"],
        "cold": cold["cpu_s"],
        "p50": warm["p50_ms"],
        "p95": warm["p95_ms"],
        "warm_mb": warm["peak_mb"],
        "change": change["cpu_s"],
        "next": change["next_s"],
        "found": warm["found"],
    }


def _print(rows: dict[str, Costs], chunks: int) -> None:
    """Print one size, and who is ahead of us in what."""
    print(
        f"\n{chunks:,} chunks\n\n"
        "| | build s (MB) | cold process s | warm p50 / p95 ms (MB) | one change, next s | disk MB "
        f"| heading found, of {scale.ASKED} |\n|---|---|---|---|---|---|---|"
    )
    for name, row in rows.items():
        print(
            f"| {name} | {row['build']:.2f} ({row['build_mb']:.0f}) | {row['cold']:.2f} "
            f"| {row['p50']:.1f} / {row['p95']:.1f} ({row['warm_mb']:.0f}) "
            f"| {row['change']:.3f}, {row['next']:.3f} | {row['disk']:.1f} | {row['found']:.0f} |"
        )
    ours = rows.pop("paperrag")
    print("\nAhead of paperrag:\n")
    for key, title in COLUMNS.items():
        ahead = sorted((row[key], name) for name, row in rows.items() if row[key] < ours[key])
        names = ", ".join(name.split(",")[0] for _, name in ahead) or "nobody"
        print(f"- {title}: {names}", flush=True)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
