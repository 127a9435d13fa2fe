"""Fit the weights of `paperrag.answer.reach`, and print how they do on other notes.

    python benchmarks/fit_reach.py --also VAULT QUESTIONS.jsonl ... [--encoder NAME]

A logistic regression (L2, Newton's method) over `reach.MemberFeatures` of the first works of each
question that wants a list or names a topic, whichever file it comes from; every question weighs
the same. Only folders with one note a paper count: the committed set `obsidian`, and those named
with --also, whose question files hold {"kind", "question", "gold": [{"file"}], "also"} a line as
those in tests/data/heldout do; what may be cited and need not be counts neither way. Each folder
is predicted from the others: for each least probability, F1, precision and recall of the works
that reach it, the mean of its lists, and the precision on questions that one work answers.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from logistic import Array, fit
from paperrag import Assistant
from paperrag.answer.reach import MemberFeatures, member_features, table
from paperrag.evaluation import read_questions
from quality import SETS

COMMITTED = "obsidian, 40 questions"
LEAST = (0.3, 0.34, 0.38, 0.42, 0.46, 0.5, 0.54, 0.58, 0.62)


@dataclass(frozen=True)
class Asked:
    """A question: which files belong to its answer, and which may."""

    folder: str
    kind: str
    text: str
    gold: frozenset[str]
    aside: frozenset[str]


@dataclass(frozen=True)
class Ranked:
    """The works that a question found: their features, which of them belong."""

    asked: Asked
    rows: Array
    belongs: np.ndarray


def of_vault(folder: Path, file: Path) -> list[Asked]:
    """Return the questions of a file of held-out form, without follow-ups."""
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    found = []
    for row in (row for row in lines if not row.get("after") and row["kind"] != "none"):
        gold, also = ({span["file"] for span in row.get(key, [])} for key in ("gold", "also"))
        asked = Asked(str(folder), row["kind"], row["question"], frozenset(gold), frozenset(also))
        found.append(asked)
    return found


def committed() -> tuple[Path, list[Asked]]:
    """Return the folder and questions of the committed set."""
    corpus, file = SETS[COMMITTED]
    questions = (one for one in read_questions(file) if one.kind != "none")
    return corpus, [
        Asked(
            str(corpus),
            one.kind,
            one.text,
            frozenset(str(span.source) for span in one.spans),
            frozenset(),
        )
        for one in questions
    ]


def ranked(corpus: Path, questions: Sequence[Asked], encoder: str) -> Iterator[Ranked]:
    """Yield what each question that wants several works finds."""
    with tempfile.TemporaryDirectory() as index:
        retriever = Assistant.open(corpus=corpus, index=index, encoder=encoder).retriever()
        for asked in questions:
            question = retriever.read(asked.text)
            if question.want == "one":
                continue
            found = retriever.find(question)
            assert found.works is not None
            sources = [found.entries.section(row)[0] for row in found.works.rows.tolist()]
            counts = np.array(
                [source not in asked.aside - asked.gold for source in sources], dtype=bool
            )
            rows = table(member_features(found.works, question.want == "topic"))
            belongs = np.array([source in asked.gold for source in sources], dtype=bool)
            if not counts.any():
                continue
            yield Ranked(asked, rows[counts], belongs[counts])


def fitted(questions: Sequence[Ranked]) -> tuple[Array, float]:
    """Return weights and constant, every question weighing as much as 20 works."""
    shares = [np.full(len(one.rows), 20 / len(one.rows)) for one in questions]
    rows, belongs = (
        np.concatenate(column)
        for column in zip(*((one.rows, one.belongs) for one in questions), strict=True)
    )
    return fit(rows, belongs, np.concatenate(shares))


def figures(one: Ranked, chances: Array, least: float) -> tuple[float, float, float]:
    """Return F1, precision and recall; the likeliest work is always taken."""
    taken = chances >= least
    taken[int(chances.argmax())] = True
    right = int((taken & one.belongs).sum())
    precision, recall = right / taken.sum(), min(right / len(one.asked.gold), 1.0)
    return (2 * precision * recall / (precision + recall) if right else 0.0), precision, recall


def main() -> None:
    """Print the curves on folders that were left out, and the weights of all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--encoder", default="auto")
    parser.add_argument("--also", nargs=2, action="append", type=Path, default=[])
    options = parser.parse_args()
    sets: dict[str, tuple[Path, list[Asked]]] = {COMMITTED: committed()}
    for vault, file in options.also:
        kept = sets.setdefault(str(vault), (vault, []))
        kept[1].extend(of_vault(vault, file))
    everything = {name: list(ranked(*one, options.encoder)) for name, one in sets.items()}
    for name, own in everything.items():
        others = [one for other, found in everything.items() if other != name for one in found]
        weights, bias = fitted(others)
        print(
            f"{Path(name).name}: least probability: F1, precision, recall of lists; precision of others"
        )
        for least in LEAST:
            by_kind = {
                kind: [
                    figures(one, 1 / (1 + np.exp(-one.rows @ weights - bias)), least)
                    for one in own
                    if one.asked.kind == kind
                ]
                for kind in ("list", "single")
            }
            lists = np.mean(by_kind["list"], axis=0)
            alone = np.mean(by_kind["single"] or [(np.nan,) * 3], axis=0)
            print(
                f"  {least:.2f}: "
                + ", ".join(f"{part:.3f}" for part in lists)
                + f"; {alone[1]:.3f}"
            )
    weights, bias = fitted([one for found in everything.values() for one in found])
    for field, weight in zip(fields(MemberFeatures), weights, strict=True):
        print(f"{field.name} = {weight:.3f}")
    print(f"BIAS = {bias:.3f}")


if __name__ == "__main__":
    main()
