"""Fit the weights of `paperrag.answer.confidence`, and print how they do on other notes.

    python benchmarks/fit_confidence.py [--also VAULT QUESTIONS.jsonl] ... [--encoder NAME]

A logistic regression (L2, Newton's method) over `confidence.CoverFeatures` of all question sets;
what is asked of each set is predicted from the others. Questions of everyday life are asked of
every set and count little. --also: other notes with questions a line, {"kind", "question"}.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from msgspec.structs import astuple, fields

from logistic import Array, fit
from paperrag import Assistant
from paperrag.answer.confidence import CoverFeatures, best_of, cover_features
from paperrag.evaluation import read_questions
from quality import EVERYDAY, SETS, _auc

EVERYDAY_WEIGHT = 0.15
REFUSED = (0.03, 0.04, 0.05)
"""Shares of answerable questions that are refused, for which the table says what else is."""


def asked(
    corpus: Path, questions: list[tuple[str, str]], encoder: str
) -> Iterator[tuple[str, list[float]]]:
    """Yield (kind, features) of each (kind, question), but for those that need no weights: all of
    a section or a given paper id is asked for.
    """
    with tempfile.TemporaryDirectory() as index:
        retriever = Assistant.open(corpus=corpus, index=index, encoder=encoder).retriever()
        for kind, text in questions:
            question = retriever.read(text)
            found = retriever.find(question)
            if found.scored.is_whole or question.paper_ids:
                continue
            row = cover_features(question, found.scored, retriever.encoder, best_of(found))
            yield kind, list(astuple(row))


def main() -> None:
    """Print the curves on sets that were left out, and the weights of all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--encoder", default="auto")
    parser.add_argument("--also", nargs=2, action="append", type=Path, default=[])
    options = parser.parse_args()
    sets = {
        name: (corpus, [(question.kind, question.text) for question in read_questions(file)])
        for name, (corpus, file) in SETS.items()
    }
    for vault, file in options.also:
        lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        kinds = [(row["kind"], row["question"]) for row in lines if not row.get("after")]
        sets.setdefault(vault.name, (vault, []))[1].extend(kinds)
    everyday = [("everyday", question.text) for question in read_questions(EVERYDAY)]
    rows, names, kinds = [], [], []
    for name, (corpus, questions) in sets.items():
        for kind, row in asked(corpus, [*questions, *everyday], options.encoder):
            rows.append(row)
            kinds.append(kind)
            names.append(name)
    report(np.array(rows), np.array(names), np.array(kinds))


def report(rows: Array, names: np.ndarray, kinds: np.ndarray) -> None:
    """Print what weights that a set had no part in say of it, and the weights of all."""
    answerable = np.isin(kinds, ("single", "list"))
    predicted = np.zeros(len(rows))
    for name in np.unique(names):
        own = names == name
        weights, constant = _fitted(rows[~own], answerable[~own], kinds[~own])
        predicted[own] = rows[own] @ weights + constant
    near = kinds == "none"
    print(f"AUC {_auc(list(predicted[answerable]), list(predicted[near])):.3f}")
    for share in REFUSED:
        line = np.quantile(predicted[answerable], share)
        others, far = (np.mean(predicted[kinds == kind] < line) for kind in ("none", "everyday"))
        print(f"{share:.0%} of answerable refused: {others:.1%} of others, {far:.1%} everyday")
        for name in np.unique(names):
            own = names == name
            rightly = np.mean(predicted[own & near] < line)
            wrongly = np.mean(predicted[own & answerable] < line)
            print(f"  {name}: {rightly:.2f} rightly, {wrongly:.2f} wrongly")
    weights, _ = _fitted(rows, answerable, kinds)
    unit = weights[0] + weights[1]
    for field, weight in zip(fields(CoverFeatures), weights / unit, strict=True):
        print(f"{field.name} = {weight:.3f}")
    sums = rows @ (weights / unit)
    for share in REFUSED:
        print(f"sum at {share:.0%} refused: {np.quantile(sums[answerable], share):.3f}")


def _fitted(rows: Array, answerable: np.ndarray, kinds: np.ndarray) -> tuple[Array, float]:
    return fit(rows, answerable, np.where(kinds == "everyday", EVERYDAY_WEIGHT, 1.0))


if __name__ == "__main__":
    main()
