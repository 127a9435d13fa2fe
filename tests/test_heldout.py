from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

import pytest
from msgspec.structs import replace

from paperrag.notes.tree import parse_note
from paperrag.records import Answer, Citation

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))
from heldout import QUESTIONS, UNANSWERED, outcome, rows

FILES = sorted(QUESTIONS.glob("*.jsonl"))
SECOND = sorted((QUESTIONS / "second").glob("*.jsonl"))


@pytest.mark.parametrize("file", FILES + SECOND, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_questions_are_whole(file: Path):
    questions = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    kinds = Counter(question["kind"] for question in questions)
    first = {"single": 20, "list": 16, "none": 8}
    second = {"list": 16, "single": 12, "aspect": 6, "detail": 10, "topic": 4}
    assert kinds == (second if file in SECOND else first)
    ids = [question["id"] for question in questions]
    assert len(set(ids)) == len(ids)
    for at, question in enumerate(questions):
        assert bool(question["gold"]) == (question["kind"] not in UNANSWERED)
        assert all(1 <= span["start"] <= span["end"] for span in question["gold"])
        assert question.get("after") in (None, *ids[:at])


def cited(*places: tuple[str, int]) -> Answer:
    """An answer that cites lines of files."""
    (entry,) = parse_note("- a line\n", "x.md").entries
    citations = tuple(
        Citation(n, replace(entry, source=source, line_start=line, line_end=line), "", True, (), 1)
        for n, (source, line) in enumerate(places, 1)
    )
    return Answer("q", "en", "extractive", None, False, "", citations)


def test_list_is_scored_by_file_by_hand():
    gold = [{"file": name, "start": 3, "end": 5} for name in ("a.md", "b.md", "c.md", "d.md")]
    question = {"kind": "list", "gold": gold, "also": [{"file": "e.md", "start": 1, "end": 1}]}
    answer = cited(("a.md", 4), ("b.md", 9), ("e.md", 1), ("f.md", 2))
    hits = [citation.entry for citation in answer.citations]
    f1, precision, recall, lines, _, files = outcome(question, answer, hits, is_first=True).figures
    # cited a, b, f of the files that count: 2 of 3 right, 2 of 4 found, one with its own lines
    assert (precision, recall, lines, files) == (2 / 3, 2 / 4, 1 / 4, 4)
    assert f1 == pytest.approx(2 * (2 / 3) * (1 / 2) / (2 / 3 + 1 / 2))


def test_lines_of_an_index_are_members_of_their_own():
    gold = [{"file": "README.md", "start": line, "end": line} for line in (3, 7)]
    gold.append({"file": "a.md", "start": 1, "end": 1_000_000})
    question = {"kind": "list", "gold": gold, "by_line": True}
    answer = cited(("README.md", 3), ("README.md", 5), ("a.md", 40))
    f1, precision, recall, lines, *_ = outcome(question, answer, [], is_first=True).figures
    assert (precision, recall, lines) == (2 / 3, 2 / 3, 2 / 3)
    assert f1 == pytest.approx(2 / 3)


def test_row_tells_means_and_refusals():
    question = {"kind": "single", "gold": [{"file": "a.md", "start": 1, "end": 2}]}
    right = outcome(question, cited(("a.md", 1)), [], is_first=True)
    refused = outcome(question, replace(cited(), abstained=True), [], is_first=True)
    row = next(row for row in rows("vault", [right, refused]) if row[1] == "single")
    assert row == ["vault", "single", "0.50", "0.50", "0.50", "0.50", "0.00", "0.00", "1 of 2"]
