"""The same work in several notes: index pages that name it, and notes that both tell of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from made_segments import entry_table
from paperrag.encoders.contract import Encoder
from paperrag.index.tables import EntryTable
from paperrag.notes.tree import parse_note
from paperrag.search.same_work import SameWorks
from small_corpus import make_assistant

TIDE = """---
title: "TideNet: Tides from Buoys"
---

## Summary

TideNet predicts tides from the drift of buoys.
"""
INDEX = """# Papers

- TideNet: Tides from Buoys [[arXiv](https://arxiv.org/abs/2401.00001)] [[code](https://github.com/a/tide)]
- SandNet: Dunes from Wind [[arXiv](https://arxiv.org/abs/2401.00002)]
- 潮汐综述 [[arXiv](https://arxiv.org/abs/2401.00003)]
- LoamNet: Soil from Roots [[arXiv](https://arxiv.org/abs/2401.00004)]
- ReefNet: Corals from Sound [[arXiv](https://arxiv.org/abs/2401.00005)]
"""
AGAIN = """# TideNet: Tides from Buoys

一句话总结：用浮标的漂移预测潮汐。
"""


def entries(**texts: str) -> EntryTable:
    notes = (parse_note(text, f"{stem}.md").entries for stem, text in texts.items())
    return entry_table([entry for note in notes for entry in note])


def titled(table: EntryTable, title: str, source: str) -> int:
    found = (table.get(row) for row in range(len(table)))
    rows = [row for row, one in enumerate(found) if (one.title, one.source) == (title, source)]
    return rows[0]


def test_index_page_gives_way_to_the_note():
    table = entries(README=INDEX, tide=TIDE)
    echo = titled(table, "TideNet: Tides from Buoys", "README.md")
    same, echoes = SameWorks(table).among(np.arange(len(table)))
    assert table.get(same[int(table.units[echo])]).source == "tide.md"
    assert echoes == {echo}  # the other lines name what no note tells of


@pytest.mark.parametrize(
    "text", ["- Short [[paper](https://a.com/x)]", "- 短名 ([论文](https://a.com/x))"]
)
def test_label_of_a_link_in_brackets_is_no_part_of_a_title(text: str):
    (entry,) = parse_note(f"{text}\n", "a.md").entries
    assert entry.title in ("Short", "短名")


def test_two_notes_that_tell_of_a_work_are_one_work():
    table = entries(tide=TIDE, later=AGAIN)
    rows = list(range(len(table)))
    same, echoes = SameWorks(table).among(np.array(rows))
    assert len({same.get(int(unit), int(unit)) for unit in table.units}) == 1
    assert echoes == frozenset()


def test_work_that_was_read_for_an_earlier_question_is_compared_with_later_ones():
    table = entries(README=INDEX, tide=TIDE)
    echo = titled(table, "TideNet: Tides from Buoys", "README.md")
    works = SameWorks(table)
    assert works.among(np.array([echo])) == ({}, frozenset())
    assert works.among(np.arange(len(table))) == SameWorks(table).among(np.arange(len(table)))


def test_two_entries_of_one_note_are_two_works():
    link = "[TideNet: Tides from Buoys](https://arxiv.org/abs/2401.00001)"
    table = entries(a=f"- {link} predicts when tides rise\n- {link} was rerun on storms\n")
    assert SameWorks(table).among(np.arange(len(table))) == ({}, frozenset())


def test_names_that_many_things_have_are_not_one_work():
    table = entries(a="# Notes\n\nTides rise.\n", b="# Notes\n\nDunes wander.\n")
    assert SameWorks(table).among(np.arange(len(table))) == ({}, frozenset())


@pytest.mark.parametrize("question", ["which papers predict tides?", "预测潮汐的论文有哪些？"])
def test_list_cites_the_note_and_not_the_index_page(
    tmp_path: Path, bundled_encoder: Encoder, question: str
):
    notes = {"notes/README.md": INDEX, "notes/tide.md": TIDE}
    answer = make_assistant(tmp_path, notes, bundled_encoder).ask(question)[0]
    sources = [one.entry.source for one in answer.citations]
    assert "notes/tide.md" in sources
    assert not any(
        "TideNet" in one.entry.title and "README" in one.entry.source for one in answer.citations
    )
