"""Print how well questions over other people's vaults are answered, which nothing was tuned on.

    python benchmarks/heldout.py FOLDER [--encoder NAME] [--answers FILE]

The questions are in tests/data/heldout/, written from the notes by people who had not seen the
program; the notes are their authors' own and not in this repository. FOLDER holds a checkout of
each, under the name of its question file:

    zhjwpku      github.com/zhjwpku/paper-notes at e65a2e4
    dennybritz   github.com/dennybritz/deeplearning-papernotes at 7195945
    DuskNgai     github.com/DuskNgai/Paper-Notes at cef170d

A list is scored by paper, that is by file: F1, precision and recall of the files cited, the share
of the files that belong whose own lines are cited, and for `search` nDCG@10 by file and files in
ten hits. A single question counts as right where the file of its answer is cited. Files that may
be cited and need not be (`also`) count neither way. Follow-ups are asked after the question they
follow. --answers: where to write the answers, to be read as the person who asked.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any, TextIO

from paperrag import Assistant
from paperrag.conversation.history import Exchange, exchange
from paperrag.evaluation import ndcg
from paperrag.records import Answer, Citation, Entry

QUESTIONS = Path(__file__).resolve().parent.parent / "tests" / "data" / "heldout"
HEADS = ("F1", "precision", "recall", "lines", "search: nDCG@10", "files in ten")


@dataclass(frozen=True)
class Outcome:
    """What became of one question; figures are None where they do not apply."""

    kind: str
    abstained: bool
    figures: tuple[float, ...] | None


def main() -> None:
    """Print a table of all vaults that are there."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--encoder", default="auto")
    parser.add_argument("--answers", type=argparse.FileType("w", encoding="utf-8"))
    options = parser.parse_args()
    heads = ["vault", "kind", *HEADS, "refused"]
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    for file in sorted(QUESTIONS.glob("*.jsonl")):
        vault = options.folder / file.stem
        if not vault.is_dir():
            parser.error(
                f"{vault} is not there; see the top of {Path(__file__).name} for its source"
            )
        with tempfile.TemporaryDirectory() as index:
            assistant = Assistant.open(corpus=vault, index=index, encoder=options.encoder)
            outcomes = list(asked(assistant, file, options.answers))
        for row in rows(file.stem, outcomes):
            print(f"| {' | '.join(row)} |", flush=True)


def asked(assistant: Assistant, file: Path, answers: TextIO | None) -> Iterator[Outcome]:
    """Yield the outcome of each question of a file."""
    past: dict[str, Exchange] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        question = json.loads(line)
        history = [past[question["after"]]] if question.get("after") else []
        answer, _ = assistant.ask(question["question"], history=history)
        past[question["id"]] = exchange(answer)
        if answers:
            row = {"id": question["id"], "question": question["question"], "answer": answer.text}
            answers.write(json.dumps(row, ensure_ascii=False) + "\n")
        hits = [hit.entry for hit in assistant.search(question["question"], 10).hits]
        yield outcome(question, answer, hits, is_first=not history)


def outcome(
    question: dict[str, Any], answer: Answer, hits: Sequence[Entry], is_first: bool
) -> Outcome:
    """Return what became of a question; follow-ups have no figures of `search`'s."""
    if question["kind"] == "none" or not is_first:
        return Outcome(question["kind"], answer.abstained, None)
    gold = {span["file"] for span in question["gold"]}
    aside = {span["file"] for span in question.get("also", [])} - gold
    cited = {citation.entry.source for citation in answer.citations} - aside
    precision = len(cited & gold) / len(cited) if cited else 0.0
    recall = len(cited & gold) / len(gold)
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    lines = {span["file"] for span in question["gold"] if _holds_any(span, answer.citations)}
    ranked = list(dict.fromkeys(hit.source for hit in hits if hit.source not in aside))
    gain = ndcg([int(source in gold) for source in ranked], len(gold))
    figures = (
        f1,
        precision,
        recall,
        len(lines) / len(gold),
        gain,
        len({hit.source for hit in hits}),
    )
    return Outcome(question["kind"], answer.abstained, figures)


def _holds_any(span: dict[str, Any], citations: Iterable[Citation]) -> bool:
    return any(
        entry.source == span["file"]
        and entry.line_start <= span["end"]
        and entry.line_end >= span["start"]
        for entry in (citation.entry for citation in citations)
    )


def rows(vault: str, outcomes: Sequence[Outcome]) -> Iterator[list[str]]:
    """Yield the cells of a vault's rows: lists, single questions, those that nothing answers."""
    for kind in ("list", "single", "none"):
        of_kind = [one for one in outcomes if one.kind == kind]
        figures = [one.figures for one in of_kind if one.figures]
        cells = [f"{mean(column):.2f}" for column in zip(*figures, strict=True)]
        refused = f"{sum(one.abstained for one in of_kind)} of {len(of_kind)}"
        yield [vault, kind, *(cells or [""] * len(HEADS)), refused]


if __name__ == "__main__":
    main()
