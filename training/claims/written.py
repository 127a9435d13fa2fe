"""Claims that people wrote about notes, true and false, and further lies made of the true ones.

JSON lines: `note` and `lines` (where the evidence stands), `evidence` (its text, of notes that are
not in this repository), `work` (what it is about), `claim`, `label` (true, lie), `kind`, and `why`,
which may quote what is wrong. Claims about the same stretch of a note are learned from together or
not at all.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from training.claims.alter import KINDS, Lexicon
from training.claims.make import WEIGHTS, Sample

ROOT = Path(__file__).parent.parent.parent
CLAIMS = ROOT / "tests" / "data" / "proof" / "written.jsonl"
"""Claims about the notes of this repository."""

STRETCH_LINES = 40
"""Lines of a long note whose claims stand together."""

PARTS = ("held", "held", "weighed", "taught", "taught", "taught")
"""What a stretch is for: only looked at; for the weights of `paperrag.proof.support`; for the
network.
"""

PROGRAM_LIES = 4
"""Lies made of each true claim that is learned from."""

_QUOTED = re.compile(r"[\"“]([^\"”]+)[\"”]")


@dataclass(frozen=True, slots=True)
class Written:
    """A claim that a person wrote, with its evidence; `text` is what the program would read."""

    group: str
    text: str
    claim: str
    is_true: bool
    kind: str
    span: tuple[int, int]


def read_written(folder: Path | None) -> list[Written]:
    """Return the claims of the repository, and those of a folder's files, each once."""
    found = [
        _written(json.loads(line))
        for path in [CLAIMS, *(sorted(folder.glob("*.jsonl")) if folder else [])]
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]
    return list({(one.group, one.claim): one for one in found}.values())


def _written(row: dict[str, object]) -> Written:
    lines = row["lines"]
    assert isinstance(lines, list)
    note = "/".join(Path(str(row["note"])).parts[-2:])
    claim, is_true = str(row["claim"]), row["label"] == "true"
    quoted = None if is_true else _QUOTED.search(str(row.get("why", "")))
    start = claim.find(quoted[1]) if quoted else -1
    span = (start, start + len(quoted[1])) if quoted and start >= 0 else (0, 0)
    evidence = row.get("evidence") or _lines(str(row["note"]), int(lines[0]), int(lines[1]))
    text = f"{row.get('work') or ''}\n{evidence}"
    group = f"{note}:{int(lines[0]) // STRETCH_LINES}"
    return Written(group, text, claim, is_true, str(row["kind"]), span)


@lru_cache
def _note(name: str) -> tuple[str, ...]:
    return tuple((ROOT / name).read_text(encoding="utf-8").splitlines())


def _lines(note: str, first: int, last: int) -> str:
    return "\n".join(_note(note)[first - 1 : last])


def part(one: Written) -> str:
    """Return what a claim is for, one of PARTS."""
    return PARTS[hashlib.sha256(one.group.encode()).digest()[0] % len(PARTS)]


def as_sample(one: Written) -> Sample:
    """Return a written claim as one that was made."""
    return Sample(one.group, one.claim, one.text, one.is_true, one.kind, one.span, (0, 0))


def written_samples(
    rows: Sequence[Written], lexicon: Lexicon, chance: random.Random
) -> Iterator[Sample]:
    """Yield the claims as they are, and lies made of the true ones."""
    for one in rows:
        yield as_sample(one)
        for _ in range(PROGRAM_LIES if one.is_true else 0):
            how = chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
            made = KINDS[how](one.claim, lexicon, chance)
            if made is not None and made.text != one.claim:
                span = (made.start, made.end)
                yield Sample(one.group, made.text, one.text, False, how, span, (0, 0))
