"""Questions that ask for lists -> what the program finds of the likeliest works, for people to
judge; with their judgements -> texts that meet a question or do not, as `fit` learns from them.

    python -m training.answers.listed show QUESTIONS.jsonl FOUND.jsonl --indexes FOLDER
    python -m training.answers.listed learn FOUND.jsonl JUDGED.jsonl OUT.jsonl

QUESTIONS: {"id", "vault", "question"} a line. `show` writes FOUND and beside it FOUND.txt to read:
a paragraph a question, a line a text, `3b` for the second text of the third work. JUDGED: {"id",
"yes": ["3b", …], "maybe": […]} a line, the texts that show that their work belongs to the list,
and those of which readers would differ, which are left out.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from paperrag.answer.judging import text_to_judge
from paperrag.assistant import Assistant
from paperrag.search.retrieval import Retriever
from training.answers.asked import Candidate

FIRST, LAST, STEP, TEXTS = 14, 34, 4, 3
"""Of the works by chance the first are judged, of the others to the last every so many; texts of
each.
"""

SHOWN_CHARS = 270


def texts_of_works(retriever: Retriever, question: str) -> list[list[tuple[str, float]]]:
    """Return the texts of the works that may be listed, each with its score, in any order."""
    found = retriever.find(replace(retriever.read(question), want="list"))
    if found.works is None:
        return []
    likeliest = np.argsort(-found.works.chances, kind="stable").tolist()
    units = found.scored.units(found.entries)
    is_silent = found.entries.are_part(found.scored.rows, "label", "field", "pointer")
    told = []
    for work in likeliest[:FIRST] + likeliest[FIRST:LAST:STEP]:
        places = np.flatnonzero((units == found.works.units[work]) & ~is_silent)[:TEXTS].tolist()
        entries = [(found.entries.get(found.entry_row(at)), at) for at in places]
        scores = found.scored.scores
        told.append([(text_to_judge(one, question), float(scores[at])) for one, at in entries])
    random.Random(question).shuffle(told)
    return [own for own in told if own]


def show(questions: Path, out: Path, indexes: Path) -> None:
    """Write what is found for each question, as JSON lines and to read."""
    opened: dict[str, Retriever] = {}
    lines, shown = [], []
    for row in map(json.loads, questions.read_text(encoding="utf-8").splitlines()):
        vault = row["vault"]
        if vault not in opened:
            assistant = Assistant.open(vault, indexes / Path(vault).name)
            assistant.build()
            opened[vault] = assistant.retriever()
        works = texts_of_works(opened[vault], row["question"])
        lines.append(json.dumps({**row, "works": works}, ensure_ascii=False))
        shown += [f"### {row['id']}  {row['question']}", *_to_read(works), ""]
    out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    out.with_suffix(".txt").write_text("\n".join(shown), encoding="utf-8")


def _to_read(works: list[list[tuple[str, float]]]) -> Iterator[str]:
    for number, own in enumerate(works, 1):
        for letter, (text, _) in zip("abcdefgh", own, strict=False):
            place, _, words = text.partition("\n")
            yield f"{number}{letter} [{place}] {' '.join(words.split())[:SHOWN_CHARS]}"


def learned(found: Path, judged: Path) -> Iterator[Candidate]:
    """Yield the texts that were judged, those of which readers would differ left out."""
    told = {row["id"]: row for row in map(json.loads, judged.read_text("utf-8").splitlines())}
    for row in map(json.loads, found.read_text(encoding="utf-8").splitlines()):
        if (said := told.get(row["id"])) is None:
            continue
        note, answerable = f"{Path(row['vault']).name}/{row['id']}", bool(said["yes"])
        for number, own in enumerate(row["works"], 1):
            for letter, (text, score) in zip("abcdefgh", own, strict=False):
                if (key := f"{number}{letter}") not in said["maybe"]:
                    meets = key in said["yes"]
                    question = row["question"]
                    yield Candidate(note, question, answerable, "list", text, meets, 0, score, True)


def main() -> None:
    """Show what is found, or write what is learned from."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    showing, learning = commands.add_parser("show"), commands.add_parser("learn")
    for one, names in ((showing, ("questions", "out")), (learning, ("found", "judged", "out"))):
        for name in names:
            one.add_argument(name, type=Path)
    showing.add_argument("--indexes", type=Path, required=True)
    options = parser.parse_args()
    if options.command == "show":
        show(options.questions, options.out, options.indexes)
        return
    rows = (
        json.dumps(asdict(one), ensure_ascii=False)
        for one in learned(options.found, options.judged)
    )
    options.out.write_text("\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
