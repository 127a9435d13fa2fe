"""When and where a work appeared, who wrote it, whether it was read: of the work itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakes import NgramEncoder
from paperrag.notes.tree import parse_note
from paperrag.records import Work
from paperrag.text.progress import rating_of, status_in, without_status
from small_corpus import make_assistant

POST = """---
title: "Lantern: Dimming Noisy Gradients by Lamplight"
tags: ['2018', 'ICLR 2019', multi-task]
---

- The paper proposes Lantern, which dims gradients that disagree.
- [Link to the paper](https://arxiv.org/abs/1810.00001)
- It beats [Torch](https://arxiv.org/abs/2104.00002) (NeurIPS 2021).
"""

TABLE = """# Lantern: Dimming Noisy Gradients by Lamplight
[paper link](https://arxiv.org/abs/1810.00001)

| Year | Introduction |
| ---- | ------------ |
| 2017 | This paper dims gradients that disagree. |
"""

LINES = """# 灯笼：按灯光调梯度

**会议**: ICML 2020
**作者**: 张三、李四
**状态**: 待读

本文提出灯笼，让不一致的梯度变暗。后来的火炬 [ACL 2023] 更快。
"""


def work_of(text: str, source: str = "notes/lantern.md") -> Work:
    found = parse_note(text, source, "note").entries[0].work
    assert found is not None
    return found


def test_year_and_venue_are_read_from_tags_and_not_from_what_is_cited():
    work = work_of(POST)
    assert (work.year, work.venue) == (2018, "ICLR 2019")


def test_year_is_read_from_the_first_table():
    assert work_of(TABLE).year == 2017


def test_venue_authors_and_status_are_read_from_lines():
    work = work_of(LINES)
    assert (work.venue, work.year, work.authors) == ("ICML 2020", 2020, ("张三", "李四"))
    assert work.status == "unread"


def test_the_date_of_a_note_is_not_the_year_of_its_paper():
    text = "---\ntitle: Lantern Fish at Night\ndate: 2024-05-01\nvenue: OSDI 2012\n---\nIt glows in the dark, they say.\n"
    assert work_of(text).year == 2012


@pytest.mark.parametrize(
    ("item", "year", "status"),
    [
        ("- [ ] Lantern (2010) – dims gradients", 2010, "unread"),
        ("- [x] Lantern（灯笼公司，2022）：让梯度变暗", 2022, "read"),
        ("- **Lantern** [ICLR24] dims gradients (later also at ACL 2025)", 2024, ""),
    ],
)
def test_bullets_say_when_a_work_appeared_and_whether_it_was_read(
    item: str, year: int, status: str
):
    work = work_of(f"# List\n\n{item}\n- **Torch** [ACL25] burns\n", "notes/list.md")
    assert (work.year, work.status) == (year, status)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("to read", "unread"),
        ("未读", "unread"),
        ("已读", "read"),
        ("在读", "reading"),
        ("we read minds", ""),
    ],
)
def test_words_for_the_state_of_reading(text: str, status: str):
    assert status_in(text) == status


def test_words_for_what_is_unread_are_taken_out_of_a_question():
    assert without_status("哪些还没读") == ("哪些 ", "unread")
    assert without_status("what reads minds?") == ("what reads minds?", "")


@pytest.mark.parametrize(
    ("value", "rating"),
    [
        ("4/5", 4),
        ("★★★★☆", 4),
        ("5 stars", 5),
        ("⭐️⭐️⭐️", 3),
        ("8", 8),
        ("good", None),
        ("⭐", None),
    ],
)
def test_ratings_are_counted(value: str, rating: int | None):
    assert rating_of(value) == rating


def test_venue_and_year_look_at_the_work_and_at_all_works(tmp_path: Path):
    other = POST.replace("Lantern", "Candle").replace("2018", "2017").replace("1810", "1709")
    notes = {"notes/lantern.md": POST, "notes/candle.md": other.replace("ICLR 2019", "ICML 2017")}
    assistant = make_assistant(tmp_path, notes, NgramEncoder())
    for question in ("ICLR 2019 papers", "papers from 2018", "2019年的论文"):
        answer, _ = assistant.ask(question)
        assert [one.entry.source for one in answer.citations] == ["notes/lantern.md"], question
    assert assistant.ask("NeurIPS 2021 papers")[0].abstained


def test_works_are_counted_year_by_year(tmp_path: Path):
    other = POST.replace("Lantern", "Candle").replace("2018", "2017").replace("1810", "1709")
    notes = {"notes/lantern.md": POST, "notes/candle.md": other.replace("ICLR 2019", "ICML 2017")}
    assistant = make_assistant(tmp_path, notes, NgramEncoder())
    lines = assistant.ask("how many papers per year?")[0].text.splitlines()
    assert [line for line in lines if not line.startswith("-")] == [
        "Your notes have 2 papers on this:",
        "2018 (1):",
        "2017 (1):",
    ]
