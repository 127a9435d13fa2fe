"""Measure one step of one peer over the texts in a folder; run in the peers' own Python.

    python benchmarks/peers/run.py PEER build|cold|warm|change FOLDER

FOLDER holds asked.json, as benchmarks/beside.py writes it; the index goes into FOLDER/PEER. Prints
JSON: CPU seconds and the most memory that the process took.
"""

from __future__ import annotations

import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from contract import Encode, Peer

AGAIN = 3
"""Texts taken in after the first."""

Asked = dict[str, list[str]]
Measured = dict[str, float]


def main() -> None:
    """Run the step that the arguments name."""
    name, step, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    place = folder / name
    place.mkdir(exist_ok=True)
    peer: Peer = import_module(name).Index(place, _encoder())
    asked = json.loads((folder / "asked.json").read_text(encoding="utf-8"))
    measured = _STEPS[step](peer, asked)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(json.dumps({**measured, "peak_mb": peak_mb}))


def _encoder() -> Encode:
    from paperrag.wiring.encoders import bundled_words

    return bundled_words().encode_document


def _build(peer: Peer, asked: Asked) -> Measured:
    return {"cpu_s": _seconds(lambda: peer.build(asked["texts"]))}


def _cold(peer: Peer, asked: Asked) -> Measured:
    """CPU seconds of the whole process, its imports with it."""
    peer.open()
    peer.search(asked["first"][0])
    return {"cpu_s": time.process_time()}


def _warm(peer: Peer, asked: Asked) -> Measured:
    peer.open()
    for question in asked["first"]:
        peer.search(question)
    taken: list[float] = []
    found: list[list[int]] = []
    for question in asked["questions"]:
        taken.append(_seconds(lambda question=question: found.append(peer.search(question))))
    p50, p95 = statistics.median(taken), statistics.quantiles(taken, n=20)[-1]
    texts = asked["texts"]
    hits = [
        any(heading in texts[row] for row in rows)
        for rows, heading in zip(found, asked["headings"], strict=True)
    ]
    return {"p50_ms": 1000 * p50, "p95_ms": 1000 * p95, "found": sum(hits)}


def _change(peer: Peer, asked: Asked) -> Measured:
    peer.open()
    texts = [f"changed at {time.time_ns()}, {number}" for number in range(1 + AGAIN)]
    first, *others = [_seconds(lambda text=text: peer.add(text)) for text in texts]
    return {"cpu_s": first, "next_s": statistics.median(others)}


def _seconds(run: Callable[[], object]) -> float:
    start = time.process_time()
    run()
    return time.process_time() - start


_STEPS: dict[str, Callable[[Peer, Asked], Measured]] = {
    "build": _build,
    "cold": _cold,
    "warm": _warm,
    "change": _change,
}

if __name__ == "__main__":
    main()
