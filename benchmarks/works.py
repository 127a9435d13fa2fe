"""How well notes on one paper, and the papers in notes on several, are told when notes are read.

    python benchmarks/works.py [--wrong]

`data/works.jsonl` holds 290 made-up notes of 22 people, written by somebody who had not seen the
program and who labelled the line at which each paper's entry begins. No rule was written in view of
them; who does so says it in docs/quality.md. --wrong prints what is told wrongly.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from paperrag.notes.tree import parse_note

LABELS = Path(__file__).parent / "data" / "works.jsonl"


def told(text: str, source: str) -> tuple[bool, dict[int, range]]:
    """Return whether a note is read as one paper's, and the lines of each paper by its first."""
    entries = parse_note(text, source).entries
    is_whole = any(entry.work and entry.work.id == entry.work.source for entry in entries)
    own = (entry for entry in entries if entry.work and entry.work.id == entry.id)
    begun = {
        one.line_start: range(one.line_start, min(one.line_end, one.line_start + 1) + 1)
        for one in own
    }
    return is_whole, {} if is_whole else begun


def judged() -> Iterator[tuple[str, str]]:
    """Yield (what came of it, where) for each labelled note and paper."""
    for line in LABELS.read_text(encoding="utf-8").split("\n"):
        if not line:
            continue
        note = json.loads(line)
        is_whole, found = told(note["text"], note["file"])
        if note["whole"]:
            yield ("one told" if is_whole else "one missed"), note["file"]
        elif note["works"]:
            yield ("several told" if not is_whole else "several taken as one"), note["file"]
        if note["whole"] and not note["works"]:
            continue
        lines = set(note["works"])
        for start, near in found.items():
            right = lines & set(near)
            lines -= right
            yield ("paper told" if right else "foreign"), f"{note['file']}:{start}"
        yield from (("paper missed", f"{note['file']}:{start}") for start in sorted(lines))


def main() -> None:
    """Print the counts, and precision, recall and F1 of papers in notes on several."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--wrong", action="store_true", help="print what is told wrongly, too")
    wants_wrong = parser.parse_args().wrong
    counts: Counter[str] = Counter()
    for what, where in judged():
        counts[what] += 1
        if wants_wrong and not what.endswith("told"):
            print(f"{what}: {where}")
    right, foreign, missed = (counts[name] for name in ("paper told", "foreign", "paper missed"))
    print(
        f"notes on one paper told: {counts['one told']} of {counts['one told'] + counts['one missed']}"
    )
    several = counts["several told"] + counts["several taken as one"]
    print(f"notes on several taken as one: {counts['several taken as one']} of {several}")
    print(
        f"papers in them: precision {right / max(1, right + foreign):.2f}, "
        f"recall {right / max(1, right + missed):.2f}, "
        f"F1 {2 * right / max(1, 2 * right + foreign + missed):.2f}"
    )


if __name__ == "__main__":
    main()
