"""`benchmarks/works.py`: how many papers are told in labelled notes."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))
import works

PAPERS = "# Caches\n\n- [Tide](https://a.com/t)\n- [Ebb](https://a.com/e)\n- keys are alike\n"


def test_papers_of_a_list_are_told_by_the_lines_they_begin_at() -> None:
    assert works.told(PAPERS, "notes/a.md") == (False, {3: range(3, 4), 4: range(4, 5)})
    assert works.told("# Tide: A Cache for Slow Sand\n\nIt waits.\n", "notes/b.md") == (True, {})


def test_what_is_told_wrongly_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = tmp_path / "works.jsonl"
    note = {"file": "a.md", "whole": False, "works": [3, 5], "text": PAPERS}
    labels.write_text(json.dumps(note) + "\n", encoding="utf-8")
    monkeypatch.setattr(works, "LABELS", labels)
    assert list(works.judged()) == [
        ("several told", "a.md"),
        ("paper told", "a.md:3"),
        ("foreign", "a.md:4"),
        ("paper missed", "a.md:5"),
    ]


def test_papers_of_the_labelled_notes_are_told_no_worse_than_before() -> None:
    counts = Counter(what for what, _ in works.judged())
    assert counts["one told"] >= 52 and counts["several taken as one"] <= 54
    assert 2 * counts["paper told"] >= 0.59 * (
        2 * counts["paper told"] + counts["foreign"] + counts["paper missed"]
    )
