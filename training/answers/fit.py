"""Fit the network of `paperrag.proof.answers`, and print how it does on questions about notes that
it was not fitted on.

    python -m training.answers.fit CANDIDATES OUT.onnx --start NET.pt [--passes 2]
        [--scratch FOLDER]

CANDIDATES: a folder of questions beside texts, as `asked` leaves them. --start: a network that
`training.claims.fit --scratch` kept, to go on from: what it knows of how two texts are read
together is worth more than the questions. --scratch keeps what is read, and the fitted network.
"""

from __future__ import annotations

import argparse
import hashlib
import pickle
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from paperrag.proof.answers import ANSWER_TOKENS
from paperrag.proof.flags import FLAGS
from training.answers.asked import Candidate, read_candidates
from training.answers.learn import learn
from training.claims.export import write_net
from training.claims.fit import logits_of, new_net
from training.claims.prior import Prior
from training.claims.read import Read, Reader
from training.claims.written import Written

HELD = 51
"""Of 256 notes, those whose questions are only looked at."""

TAUGHT = 6
"""Entries that the program finds first are learned from, so many."""

REFUSED = (0.03, 0.05, 0.1)
"""Shares of answerable questions that are refused, for which it is printed what else is."""

Pair = tuple[Candidate, Read]


def is_held(note: str) -> bool:
    """Whether questions about a note are only looked at."""
    return hashlib.sha256(note.encode()).digest()[0] < HELD


def read_questions(path: Path, scratch: Path | None) -> list[list[Pair]]:
    """Return the questions of a file, each beside the texts that can be read. scratch: where what
    was read is kept.
    """
    kept = scratch / f"{path.stem}.pkl" if scratch else None
    known: dict[tuple[str, str], Read | None] = {}
    if kept and kept.exists():
        known = pickle.loads(kept.read_bytes())
    asked, reader, before = (
        read_candidates([path]),
        Reader(ANSWER_TOKENS, sees_order=False),
        len(known),
    )
    for one in (one for candidates in asked for one in candidates):
        if (one.question, one.text) not in known:
            known[one.question, one.text] = reader.read(_as_claim(one))
    if kept and len(known) > before:
        kept.write_bytes(pickle.dumps(known))
    return [
        [
            (one, replace(read, is_true=one.answers, kind=one.kind, block=_as_claim(one).block))
            for one in candidates
            if (read := known[one.question, one.text])
        ]
        for candidates in asked
    ]


def _as_claim(one: Candidate) -> Written:
    block = f"{one.note}: {one.question}"
    return Written(one.note, block, one.text, one.question, one.answers, one.kind, (0, 0))


def curves(logits: dict[int, float], asked: Sequence[Sequence[Pair]], name: str) -> None:
    """Print how well the best text of a question tells whether it is answered, by the network and
    by the program's score, and how often that text is one that answers.
    """
    found = [[pair for pair in pairs if pair[0].place >= 0] for pairs in asked]
    found = [pairs for pairs in found if pairs]
    answerable = np.array([pairs[0][0].answerable for pairs in found])
    best = {
        "network": [max(logits[id(read)] for _, read in pairs) for pairs in found],
        "score": [max(one.score for one, _ in pairs) for pairs in found],
    }
    print(f"{name}: {answerable.sum()} answerable, {(~answerable).sum()} not")
    for kind, values in best.items():
        _print_curve(np.array(values), answerable, kind)
    known = [pairs for pairs in found if any(one.answers for one, _ in pairs)]
    if known:
        first = np.mean([max(pairs, key=lambda pair: pair[0].score)[0].answers for pairs in known])
        own = np.mean([max(pairs, key=lambda p: logits[id(p[1])])[0].answers for pairs in known])
        print(f"  of {len(known)} the first answers: {own:.3f}, by score {first:.3f}")


def _print_curve(values: np.ndarray, answerable: np.ndarray, kind: str) -> None:
    right, wrong = values[answerable], values[~answerable]
    if not (len(right) and len(wrong)):
        return
    area = np.mean(right[:, None] > wrong)
    told = [f"{np.mean(wrong < np.quantile(right, share)):.0%} at {share:.0%}" for share in REFUSED]
    print(f"  {kind}: area under the curve {area:.3f}, refused {', '.join(told)}", flush=True)


def main() -> None:
    """Read the questions, fit, print, save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("candidates", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--start", type=Path, required=True)
    parser.add_argument("--passes", type=int, default=2)
    parser.add_argument("--scratch", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    files = {
        path.stem: read_questions(path, options.scratch)
        for path in sorted(options.candidates.glob("*.jsonl"))
    }
    learned = [
        read
        for asked in files.values()
        for pairs in asked
        for one, read in pairs
        if one.is_told and one.place < TAUGHT and not is_held(one.note)
    ]
    net = new_net(0, FLAGS)
    net.go_on_from(torch.load(options.start))
    print(f"{len(learned)} texts learned from", flush=True)
    if options.passes:
        kinds = sorted({one.kind for one in learned})
        net = learn(net, learned, Prior(learned, kinds), options.passes, seed=0)
        write_net(net, options.out)
    if options.scratch:
        torch.save(net.state_dict(), options.scratch / "answer_net.pt")
    for name, asked in files.items():
        held = [pairs for pairs in asked if pairs and _is_looked_at(pairs[0][0])]
        if held:
            curves(logits_of(net, [read for pairs in held for _, read in pairs]), held, name)


def _is_looked_at(one: Candidate) -> bool:
    return is_held(one.note) or not one.is_told


if __name__ == "__main__":
    main()
