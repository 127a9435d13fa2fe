"""Fit the weights of `paperrag.search.membership`, and print how they do on other notes.

    python benchmarks/fit_ranking.py --also VAULT QUESTIONS.jsonl ... [--encoder NAME ...]

A logistic regression (L2, Newton's method) over `membership.member_features` of the first works of
each question that wants a list or names a topic, whichever file it comes from; every question
weighs the same. Only folders with one note a paper count: the committed set `obsidian`, and those
named with --also, whose question files hold {"kind", "question", "gold": [{"file"}], "also"} a line
as those in tests/data/heldout do; what may be cited and need not be counts neither way. Each folder
is predicted from the others. Printed of its lists: F1, precision and recall of the works that are
listed, F1 of the best number of works, nDCG@10; and the precision on questions that one work
answers.

With --judged the weights of judged works are fitted instead, `membership.judged_features` of the
likeliest works of each list, whose chances are those of the weights that ship.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from logistic import Array, fit
from paperrag import Assistant
from paperrag.answer.judging import met_by_works
from paperrag.evaluation import ndcg, read_questions
from paperrag.proof.answers import AnswerJudge
from paperrag.search.membership import judged_features, likely, member_features
from paperrag.wiring.encoders import proof_encoder
from quality import SETS

PULL = 60.0
"""Of the weights to 0; with many that say nearly the same, 1 loses 0.01 of F1 on other folders."""

COMMITTED_WEIGHS = 2
"""Times as much as another question: only the committed set has topics that one work answers."""

COMMITTED = "obsidian, 40 questions"


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
    """The works that a question found: their features by name, which of them belong."""

    asked: Asked
    names: tuple[str, ...]
    rows: Array
    belongs: np.ndarray
    is_topic: bool


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


def ranked(
    corpus: Path, questions: Sequence[Asked], encoder: str, judge: AnswerJudge | None
) -> Iterator[Ranked]:
    """Yield what each question that wants several works finds, with a judge what it says of the
    likeliest works of each list.
    """
    with tempfile.TemporaryDirectory() as index:
        retriever = Assistant.open(corpus=corpus, index=index, encoder=encoder).retriever()
        for asked in questions:
            question = retriever.read(asked.text)
            if question.want == "one":
                continue
            found = retriever.find(question)
            works = found.works
            if works is None or not len(works) or found.scored.is_whole:
                continue
            own = np.arange(len(works))
            if judge is None:
                features = member_features(works.evidence, question.want == "topic")
            elif question.want == "list" and (met := met_by_works(question, found, works, judge)):
                own = np.array(list(met))
                logits = [list(one.values()) for one in met.values()]
                features = judged_features(works.chances[own], logits)
            else:
                continue
            entries = retriever.data.entries
            sources = [entries.section(row)[0] for row in works.rows[own].tolist()]
            aside = asked.aside - asked.gold
            counts = np.array([source not in aside for source in sources], dtype=bool)
            rows = np.column_stack(list(features.values()))
            belongs = np.array([source in asked.gold for source in sources], dtype=bool)
            if counts.any():
                yield Ranked(asked, tuple(features), rows[counts], belongs[counts], works.is_topic)


def weight_of(asked: Asked) -> float:
    """Return what a question weighs beside others."""
    return COMMITTED_WEIGHS if asked.folder == str(SETS[COMMITTED][0]) else 1.0


def fitted(questions: Sequence[Ranked]) -> tuple[Array, float]:
    """Return weights and constant, every question weighing as much as 20 works, each once an
    encoder.
    """
    encoders = len(questions) / len({(one.asked.folder, one.asked.text) for one in questions})
    shares = [
        np.full(len(one.rows), weight_of(one.asked) * 20 / encoders / len(one.rows))
        for one in questions
    ]
    rows, belongs = (
        np.concatenate(column)
        for column in zip(*((one.rows, one.belongs) for one in questions), strict=True)
    )
    return fit(rows, belongs, np.concatenate(shares), PULL)


def figures(one: Ranked, chances: Array) -> tuple[float, ...]:
    """Return F1, precision, recall, F1 of the best number of works, nDCG@10."""
    gold = len(one.asked.gold)
    taken = likely(chances.astype(np.float32))
    right = int((taken & one.belongs).sum())
    ranking = one.belongs[np.argsort(-chances, kind="stable")]
    best = max(2 * np.cumsum(ranking) / (np.arange(1, len(ranking) + 1) + gold))
    precision, recall = right / taken.sum(), min(right / gold, 1.0)
    gain = ndcg([int(one) for one in ranking], gold)
    return 2 * right / (taken.sum() + gold), precision, recall, min(best, 1.0), gain


def report(everything: dict[str, list[Ranked]]) -> None:
    """Print how each folder is predicted from the others."""
    print("folder: F1, precision, recall, best F1, nDCG@10 of lists; precision of others")
    for name, own in everything.items():
        others = [one for other, found in everything.items() if other != name for one in found]
        weights, bias = fitted(others)
        by_kind: dict[str, list[tuple[float, ...]]] = {"list": [], "single": []}
        for one in own:
            chances = 1 / (1 + np.exp(-one.rows @ weights - bias))
            by_kind[one.asked.kind].append(figures(one, chances))
        lists = ", ".join(f"{part:.3f}" for part in np.mean(by_kind["list"], axis=0))
        alone = np.mean([found[1] for found in by_kind["single"]] or [np.nan])
        print(f"  {Path(name).name} ({len(by_kind['list'])}): {lists}; {alone:.3f}")


def main() -> None:
    """Print the figures of folders that were left out, and the weights of all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--encoder", nargs="+", default=["bundled", "bundled-static"])
    parser.add_argument("--judged", action="store_true")
    parser.add_argument("--also", nargs=2, action="append", type=Path, default=[])
    options = parser.parse_args()
    sets: dict[str, tuple[Path, list[Asked]]] = {COMMITTED: committed()}
    for vault, file in options.also:
        kept = sets.setdefault(str(vault), (vault, []))
        kept[1].extend(of_vault(vault, file))
    judge = AnswerJudge(proof_encoder) if options.judged else None
    everything = {
        name: [found for encoder in options.encoder for found in ranked(*one, encoder, judge)]
        for name, one in sets.items()
    }
    report(everything)
    questions = [one for found in everything.values() for one in found]
    weights, bias = fitted(questions)
    for name, weight in zip(questions[0].names, weights, strict=True):
        print(f'    "{name}": {weight:.2f},')
    print(f"BIAS = {bias:.2f}")


if __name__ == "__main__":
    main()
