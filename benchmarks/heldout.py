"""Print how well questions over other people's vaults are answered, which nothing was tuned on.

    python benchmarks/heldout.py FOLDER [--set second] [--encoder NAME] [--answers FILE]

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

The second set (tests/data/heldout/second/) has more that nothing answers: details that the note on
a named paper lacks, and topics. Some of its lists have lines of an index as members; a line and the
note on the same paper are then two members.
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


KINDS = ("list", "single", "aspect", "none", "detail", "topic")
UNANSWERED = ("none", "detail", "topic")
"""Kinds of questions that nothing in the vault answers."""

Member = tuple[str, int]
"""A file and the line that a span of it begins at, 0 for all of it."""


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
    parser.add_argument("--set", choices=("first", "second"), default="first")
    parser.add_argument("--encoder", default="auto")
    parser.add_argument("--answers", type=argparse.FileType("w", encoding="utf-8"))
    options = parser.parse_args()
    heads = ["vault", "kind", *HEADS, "refused"]
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    questions = QUESTIONS / "second" if options.set == "second" else QUESTIONS
    for file in sorted(questions.glob("*.jsonl")):
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
    if question["kind"] in UNANSWERED or not is_first:
        return Outcome(question["kind"], answer.abstained, None)
    gold = {_member(span, question) for span in question["gold"]}
    aside = {span["file"] for span in question.get("also", [])} - {file for file, _ in gold}
    cited = {
        member
        for citation in answer.citations
        if citation.entry.source not in aside
        for member in _members(citation.entry, question)
    }
    precision = len(cited & gold) / len(cited) if cited else 0.0
    recall = len(cited & gold) / len(gold)
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    told = [span for span in question["gold"] if _holds_any(span, answer.citations)]
    ranked = list(dict.fromkeys(hit.source for hit in hits if hit.source not in aside))
    files = {file for file, _ in gold}
    figures = (
        f1,
        precision,
        recall,
        len({_member(span, question) for span in told}) / len(gold),
        ndcg([int(source in files) for source in ranked], len(files)),
        len({hit.source for hit in hits}),
    )
    return Outcome(question["kind"], answer.abstained, figures)


def _member(span: dict[str, Any], question: dict[str, Any]) -> Member:
    """Return what a gold span is a member by: its file, or its line where those are listed."""
    return (span["file"], span["start"] if question.get("by_line") else 0)


def _members(entry: Entry, question: dict[str, Any]) -> set[Member]:
    """Return the members that an entry is of, itself as a foreign one if it is of none."""
    spans = [span for span in question["gold"] if span["file"] == entry.source]
    if not question.get("by_line"):
        return {(entry.source, 0)}
    met = {_member(span, question) for span in spans if _overlaps(entry, span)}
    return met or {(entry.source, -entry.line_start)}


def _overlaps(entry: Entry, span: dict[str, Any]) -> bool:
    return bool(entry.line_start <= span["end"] and entry.line_end >= span["start"])


def _holds_any(span: dict[str, Any], citations: Iterable[Citation]) -> bool:
    return any(
        entry.source == span["file"] and _overlaps(entry, span)
        for entry in (citation.entry for citation in citations)
    )


def rows(vault: str, outcomes: Sequence[Outcome]) -> Iterator[list[str]]:
    """Yield the cells of a vault's rows, one a kind of question that was asked."""
    for kind in KINDS:
        of_kind = [one for one in outcomes if one.kind == kind]
        if not of_kind:
            continue
        figures = [one.figures for one in of_kind if one.figures]
        cells = [f"{mean(column):.2f}" for column in zip(*figures, strict=True)]
        refused = f"{sum(one.abstained for one in of_kind)} of {len(of_kind)}"
        yield [vault, kind, *(cells or [""] * len(HEADS)), refused]


if __name__ == "__main__":
    main()
