"""Print what an index costs in Milvus beside the same one in files: quality, push, questions.

    python benchmarks/cluster.py [--uri URI] [--chunks 10000] [--encoder bundled-static]

The bundled notes are indexed, pushed, and asked the questions of quality.py from both; then made-up
notes as in scale.py are pushed and searched. Without --uri Milvus Lite serves in this process, so
that CPU seconds hold those of the server; one that is served elsewhere answers quicker.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace  # noqa: TID251 - of settings
from functools import partial
from pathlib import Path

from make_corpus import make_corpus
from paperrag import Assistant
from paperrag.config import Settings
from paperrag.wiring.engines import open_milvus, push_index
from quality import HEADS, SETS, figures_of
from scale import CHUNKS_A_FILE
from scale import QUESTIONS as ASKED

ROUNDS = 10


def main() -> None:
    """Measure, and print Markdown tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--uri", help="of Milvus; default: Milvus Lite in a folder of its own")
    parser.add_argument("--chunks", type=int, default=10_000)
    parser.add_argument("--encoder", default="bundled-static", help="for the made-up notes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        uri = options.uri or f"{folder}/lite.db"
        print_quality(Path(folder), uri)
        corpus = Path(folder) / "made-up"
        make_corpus(corpus, max(1, options.chunks // CHUNKS_A_FILE), 10_000, seed=0)
        print_costs(Path(folder), uri, corpus, options.encoder)


def settings_for(folder: Path, uri: str, corpus: Path, encoder: str) -> tuple[Settings, Settings]:
    """Return settings for the files and for Milvus."""
    here = Settings(
        corpus=corpus,
        index=folder / f"{corpus.name}-index",
        encoder=encoder,
        milvus_collection=f"benchmark_{encoder.replace('-', '_')}",  # of vectors of one width
    )
    return here, replace(here, store="milvus", milvus_uri=uri)


def print_quality(folder: Path, uri: str) -> None:
    """Print all figures of the bundled notes, from files and from Milvus."""
    corpus, _ = SETS["bundled notes, 40 questions"]
    both = settings_for(folder, uri, corpus, "bundled")
    Assistant.from_settings(both[0]).build()
    _push(both[0], uri)
    print(f"| questions | index | {' | '.join(HEADS)} |\n|---|{'---|' * (len(HEADS) + 1)}")
    for name in ("bundled notes, 40 questions", "bundled notes, 110 others"):
        for settings in both:
            figures = figures_of(Assistant.from_settings(settings), SETS[name][1])
            print(f"| {name} | {settings.store} | {' | '.join(figures)} |", flush=True)


def print_costs(folder: Path, uri: str, corpus: Path, encoder: str) -> None:
    """Print what pushing, opening and asking cost."""
    here, there = settings_for(folder, uri, corpus, encoder)
    report = Assistant.from_settings(here).build()
    pushed = _timed(lambda: _push(here, uri))
    engine = open_milvus(there, uri)
    chunks = engine.manifest().chunks
    print(f"\n{report.added} entries, {chunks} chunks, seconds of the clock (of the CPU)\n")
    print(
        "| push | open, nothing kept here | open | first question | warm p50 | p95 | files, warm |"
    )
    print("|---|---|---|---|---|---|---|")
    for path in engine.folder.glob("*.arrays"):
        path.unlink()
    bare = _timed(Assistant.from_settings(there).retriever)
    assistant = Assistant.from_settings(there)
    opened = _timed(assistant.retriever)
    first = _timed(lambda: assistant.search(ASKED[0]))
    warm, local = _warm_ms(assistant), _warm_ms(Assistant.from_settings(here))
    cells = [*map(_cell, (pushed, bare, opened, first)), f"{statistics.median(warm):.1f} ms"]
    cells += [
        f"{statistics.quantiles(warm, n=20)[-1]:.1f} ms",
        f"{statistics.median(local):.1f} ms",
    ]
    print(f"| {' | '.join(cells)} |")
    size = sum(path.stat().st_size for path in folder.glob("lite.db/**/*") if path.is_file())
    print(
        f"\nbytes a chunk: {engine.disk_bytes() / chunks:.0f} kept by each machine, "
        f"{size / chunks:.0f} in Milvus Lite"
    )


def _push(here: Settings, uri: str) -> None:
    name, files = push_index(here, uri, lambda *_: None, lambda *_: True)
    assert files is not None, name


def _timed(run: Callable[[], object]) -> tuple[float, float]:
    start = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - start[0], time.process_time() - start[1]


def _cell(seconds: tuple[float, float]) -> str:
    return f"{seconds[0]:.2f} ({seconds[1]:.2f})"


def _warm_ms(assistant: Assistant) -> list[float]:
    for question in ASKED:
        assistant.search(question)
    taken = [
        _timed(partial(assistant.search, question))[0] for _ in range(ROUNDS) for question in ASKED
    ]
    return [1000 * seconds for seconds in taken]


if __name__ == "__main__":
    main()
