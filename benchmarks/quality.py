"""Print how good search and ask are on question files, as the table in the README.

    python benchmarks/quality.py [--encoder NAME] [--parts | --abstaining]

Each line is a set of questions and the notes they are about; figures are those of `paperrag
eval`. The first two sets are about the bundled notes, the others about notes made up for
testing, in the styles that other people keep notes in; the last four
were written without knowing the program. --parts prints nDCG@10 of each part of the
score alone instead; --abstaining how well answerable questions are told from the others, all sets
together, and how many questions of everyday life are refused, which are about nothing in any of
the notes.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from statistics import mean

from paperrag import Assistant
from paperrag.evaluation import evaluate, read_questions, summary
from paperrag.search import scoring

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "tests" / "data"
SETS = {
    "bundled notes, 40 questions": (ROOT / "corpus", DATA / "dev.jsonl"),
    "bundled notes, 110 others": (ROOT / "corpus", DATA / "extra.jsonl"),
    **{
        f"{name}, {count} questions": (
            DATA / "corpora" / name,
            DATA / "corpora" / name / "questions.jsonl",
        )
        for name, count in (
            *((name, 40) for name in ("obsidian", "headings", "zh-bullets", "biology")),
            *(("vision", 60), ("systems", 60), ("nlp", 40), ("neuro", 40)),
        )
    },
}
EVERYDAY = DATA / "everyday.jsonl"
HEADS = (
    "nDCG@10",
    "zh",
    "en",
    "lists",
    "recall@10",
    "MRR",
    "cited: P",
    "R",
    "abstained: rightly",
    "wrongly",
)
METRICS = (
    "recall@10",
    "mrr",
    "citation_precision",
    "citation_recall",
    "abstained_unanswerable",
    "abstained_answerable",
)


def main() -> None:
    """Evaluate every set and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", default="bundled")
    parser.add_argument("--parts", action="store_true")
    parser.add_argument("--abstaining", action="store_true")
    options = parser.parse_args()
    if options.parts:
        print_parts(options.encoder)
    elif options.abstaining:
        print_abstaining(options.encoder)
    else:
        print_table(options.encoder)


def print_table(encoder: str) -> None:
    """Print all figures of every set."""
    print(f"| notes and questions | {' | '.join(HEADS)} |\n|---|{'---|' * len(HEADS)}")
    for name, (corpus, questions) in SETS.items():
        print(f"| {name} | " + " | ".join(measure(corpus, questions, encoder)) + " |", flush=True)


def print_parts(encoder: str) -> None:
    """Print nDCG@10 of each part of the score alone, and of their sum."""
    weights = (scoring.LATE, scoring.DENSE, scoring.LEXICAL)
    parts = {
        "dense alone": (0, 1, 0),
        "words alone (BM25)": (0, 0, 1),
        "late interaction alone": (1, 0, 0),
        "fused": weights,
    }
    print(f"| score | {' | '.join(SETS)} | mean |\n|---|{'---|' * (len(SETS) + 1)}")
    for name, (scoring.LATE, scoring.DENSE, scoring.LEXICAL) in parts.items():
        figures = [
            float(measure(corpus, questions, encoder)[0]) for corpus, questions in SETS.values()
        ]
        print(
            f"| {name} | "
            + " | ".join(f"{figure:.2f}" for figure in [*figures, mean(figures)])
            + " |",
            flush=True,
        )


def print_abstaining(encoder: str) -> None:
    """Print the AUC of the confidence and of the best score, and what is refused at the default
    threshold.
    """
    answerable: list[tuple[float, float]] = []
    others: list[tuple[float, float]] = []
    everyday: list[float] = []
    for corpus, questions in SETS.values():
        with tempfile.TemporaryDirectory() as index:
            assistant = Assistant.open(corpus=corpus, index=index, encoder=encoder)
            for question in read_questions(questions):
                best = assistant.search(question.text, 1).hits[0].score
                (others if question.kind == "none" else answerable).append(
                    (assistant.ask(question.text)[0].confidence, best)
                )
            everyday += [
                assistant.ask(question.text)[0].confidence for question in read_questions(EVERYDAY)
            ]
    confidence, score = (
        _auc([one[part] for one in answerable], [one[part] for one in others]) for part in (0, 1)
    )
    print(f"{len(answerable)} answerable questions, {len(others)} others")
    print(f"AUC of the confidence {confidence:.3f}, of the best score {score:.3f}")
    low = assistant.settings.abstain_below
    refused, rightly = (mean(one[0] < low for one in group) for group in (answerable, others))
    print(f"below {low}: {refused:.1%} of the answerable, {rightly:.1%} of the others")
    print(
        f"{len(everyday)} times a question of everyday life: {mean(one < low for one in everyday):.1%}"
    )


def _auc(higher: list[float], lower: list[float]) -> float:
    """Return how often a member of the one group lies above a member of the other, ties half."""
    return mean((one > other) + 0.5 * (one == other) for one in higher for other in lower)


def measure(corpus: Path, questions: Path, encoder: str) -> list[str]:
    """Return one row of figures for a corpus and its questions."""
    with tempfile.TemporaryDirectory() as index:
        assistant = Assistant.open(corpus=corpus, index=index, encoder=encoder)
        return figures_of(assistant, questions)


def figures_of(assistant: Assistant, questions: Path) -> list[str]:
    """Return one row of figures for an assistant and questions about its notes."""

    def ask(question: str) -> tuple[bool, list]:
        answer, _ = assistant.ask(question)
        return answer.abstained, [citation.entry for citation in answer.citations]

    outcomes = evaluate(
        read_questions(questions),
        lambda question: [hit.entry for hit in assistant.search(question).hits],
        ask,
    )
    groups = summary(outcomes)
    figures = [groups[group]["ndcg@10"] for group in ("all", "zh", "en", "list")]
    figures += [groups["all"][metric] for metric in METRICS]
    return [f"{figure:.3f}" for figure in figures]


if __name__ == "__main__":
    main()
