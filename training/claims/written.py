"""Claims that people wrote about notes, true and false.

JSON lines: `note` and `lines` (where the evidence stands), `evidence` (its text, of notes that are
not in this repository) or `text` (what the program holds a claim about these lines against, see
`texts`), `work` (what it is about), `claim`, `label` (true, lie), `kind`, and `why`, which may
quote what is wrong. Claims about one note are learned from together or not at all.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).parent.parent.parent
CLAIMS = ROOT / "tests" / "data" / "proof" / "written.jsonl"
"""Claims about the notes of this repository."""

SIMPLE = CLAIMS.with_name("simple.jsonl")
"""Short ones about the bundled notes, of which nothing is learned."""

STRANGERS = CLAIMS.with_name("strangers.jsonl")
"""About the bundled notes by writers who did not know the checks; nothing is learned from them."""

HELD, WEIGHED = 22, 44
"""Of 256 notes, those whose claims are only looked at, and those up to which they are for the
weights of `paperrag.proof.support`; the network learns from the others.
"""

TWIN_LIKENESS = 0.6
"""Share of words that a lie has in common with the true claim that it is told from."""

_WORD = re.compile(r"[A-Za-z][\w-]*|\d[\d.,%]*|[^\W\d_]|[^\s\w]")
_QUOTED = re.compile(r"[\"“]([^\"”]+)[\"”]")


@dataclass(frozen=True, slots=True)
class Written:
    """A claim that a person wrote, with its evidence; `text` is what the program would read,
    `block` the lines it is about, `span` what is wrong in it where that is told.
    """

    note: str
    block: str
    text: str
    claim: str
    is_true: bool
    kind: str
    span: tuple[int, int]


def read_written(paths: Iterable[Path]) -> list[Written]:
    """Return the claims of files, each once."""
    found = [
        _written(json.loads(line))
        for path in paths
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]
    return list({(one.block, one.claim): one for one in found}.values())


def _written(row: dict[str, object]) -> Written:
    lines = row["lines"]
    assert isinstance(lines, list)
    note = "/".join(Path(str(row["note"])).parts[-2:])
    claim, is_true = str(row["claim"]), row["label"] == "true"
    quoted = None if is_true else _QUOTED.search(str(row.get("why", "")))
    start = claim.find(quoted[1]) if quoted else -1
    span = (start, start + len(quoted[1])) if quoted and start >= 0 else (0, 0)
    evidence = row.get("evidence") or _lines(str(row["note"]), int(lines[0]), int(lines[1]))
    text = str(row.get("text") or f"{row.get('work') or ''}\n{evidence}")
    block = f"{note}:{lines[0]}-{lines[1]}"
    return Written(note, block, text, claim, is_true, str(row["kind"]), span)


@lru_cache
def _note(name: str) -> tuple[str, ...]:
    return tuple((ROOT / name).read_text(encoding="utf-8").splitlines())


def _lines(note: str, first: int, last: int) -> str:
    return "\n".join(_note(note)[first - 1 : last])


def twins(claims: Iterable[Written]) -> Iterator[tuple[Written, Written]]:
    """Yield each lie that has nearly the words of a true claim about the same lines, after it."""
    blocks: dict[str, list[Written]] = defaultdict(list)
    for one in claims:
        blocks[one.block].append(one)
    for block in blocks.values():
        truths = [one for one in block if one.is_true]
        for lie in (one for one in block if not one.is_true):
            likeness, truth = max(
                ((_likeness(truth.claim, lie.claim), truth) for truth in truths),
                key=lambda pair: pair[0],
                default=(0.0, lie),
            )
            if likeness >= TWIN_LIKENESS:
                yield truth, lie


def _likeness(claim: str, other: str) -> float:
    return SequenceMatcher(None, *map(_WORD.findall, (claim, other)), autojunk=False).ratio()


def part(one: Written) -> Literal["held", "weighed", "taught"]:
    """Return what a claim is for."""
    place = hashlib.sha256(one.note.encode()).digest()[0]
    return "held" if place < HELD else "weighed" if place < WEIGHED else "taught"
