from __future__ import annotations

import pytest
from msgspec.structs import replace

from paperrag.papers.abstract_format import abstract_text, parse_abstract, revised_text
from paperrag.papers.bibtex import bibtex
from paperrag.papers.ids import PaperId
from paperrag.papers.refs import Paper
from paperrag.papers.shelf import Shelf

BY_HAND = """---
tags: [kv-cache, 合并]   # mine
title: 'KV Merging'
authors:
  - Ada Quill
year: 2024
arxiv: 2401.00001
key: quill2024kv
notes:
  - "notes/a.md#old"

# how good it is
rating: 5
---

# KV Merging

We merge  caches.

Second paragraph, 50% smaller.

## My remarks

- 很好，
   but slow
"""


def changed(text: str, **values) -> str:
    file = parse_abstract("x.md", text)
    assert file is not None
    after = replace(
        file, **{name: value for name, value in values.items() if name in ("notes", "key")}
    )
    facts = {name: value for name, value in values.items() if name not in ("notes", "key")}
    return revised_text(text, file, replace(after, paper=replace(after.paper, **facts)))


@pytest.mark.parametrize("end_of_line", ["\n", "\r\n"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_new_notes_change_the_list_of_notes_alone(end_of_line, start):
    text = start + BY_HAND.replace("\n", end_of_line)
    expected = text.replace(
        '  - "notes/a.md#old"', f'  - "notes/a.md#新"{end_of_line}  - "notes/b.md#two"'
    )
    assert changed(text, notes=("notes/a.md#新", "notes/b.md#two")) == expected
    assert changed(text) == text


def test_list_of_notes_comes_and_goes():
    without = BY_HAND.replace('notes:\n  - "notes/a.md#old"\n', "")
    assert changed(BY_HAND, notes=()) == without
    assert changed(without, notes=("n",)) == without.replace(
        "rating: 5\n", 'rating: 5\nnotes:\n  - "n"\n'
    )


def test_new_facts_change_their_fields_alone():
    expected = BY_HAND.replace(
        "authors:\n  - Ada Quill", 'authors: ["Ada Quill", "李 明"]'
    ).replace("rating: 5\n", 'rating: 5\nvenue: "ICML 2024"\n')
    assert changed(BY_HAND, authors=("Ada Quill", "李 明"), venue="ICML 2024") == expected


def test_abstract_ends_before_the_readers_remarks_and_is_replaced_alone():
    file = parse_abstract("x.md", BY_HAND)
    assert (
        file is not None
        and file.paper.abstract == "We merge caches. Second paragraph, 50% smaller."
    )
    old = "We merge  caches.\n\nSecond paragraph, 50% smaller."
    assert changed(BY_HAND, abstract="# 新的摘要") == BY_HAND.replace(old, "\\# 新的摘要")


def test_abstract_that_was_missing_stands_above_the_remarks():
    text = "---\ntitle: T\nkey: t\n---\n\n## 我的评语\n好\n"
    file = parse_abstract("x.md", text)
    assert file is not None and file.paper.abstract == ""
    new = changed(text, abstract="We merge.")
    assert new == "---\ntitle: T\nkey: t\n---\n\nWe merge.\n\n## 我的评语\n好\n"
    again = parse_abstract("x.md", new)
    assert again is not None and again.paper.abstract == "We merge."


def test_file_that_nobody_touched_is_written_in_the_usual_order():
    text = abstract_text(replace(parse_abstract("x.md", BY_HAND), notes=()))  # type: ignore[type-var]
    assert changed(text, venue="ICML 2024", notes=("n",)).split("\n")[3:8] == [
        "year: 2024",
        'venue: "ICML 2024"',
        'arxiv: "2401.00001"',
        'key: "quill2024kv"',
        "notes:",
    ]


def test_files_of_one_paper_become_one_with_all_that_was_added(tmp_path):
    folder = tmp_path / "abstracts"
    folder.mkdir()
    (folder / "a.md").write_text(
        "---\ntitle: KV Merging\nkey: a\narxiv: 2401.00001\n---\n\nWe merge.\n", encoding="utf-8"
    )
    (folder / "b.md").write_text(
        "---\ntitle: KV Merging\nkey: b\ndoi: 10.1/x\ntags: [kv]\n---\n\n## 评语\n好\n",
        encoding="utf-8",
    )
    Shelf(tmp_path).put(
        Paper("KV Merging", ids=(PaperId("arxiv", "2401.00001"), PaperId("doi", "10.1/x"))), ()
    )
    [path] = folder.iterdir()
    assert path.read_text(encoding="utf-8") == (
        '---\ntitle: KV Merging\nkey: a\narxiv: 2401.00001\ndoi: "10.1/x"\ntags: [kv]\n---\n\nWe merge.\n\n## 评语\n好\n'
    )


@pytest.mark.parametrize(
    ("field", "venue", "year"),
    [
        ("venue: [ICLR24]", "ICLR24", None),
        ("venue:\n- ICLR 2024\n- oral\nyear: [2024]", "ICLR 2024, oral", 2024),
        ("venue: {name: ICLR}\nyear: ~", "ICLR", None),
        ('venue: "\\ud83d\\ude80"', "🚀", None),
        ("venue: [[], '会议']", "会议", None),
    ],
)
def test_front_matter_of_any_shape_is_read_and_exported(tmp_path, field, venue, year):
    (tmp_path / "abstracts").mkdir()
    (tmp_path / "abstracts" / "a.md").write_text(
        f"---\ntitle: KV Merging\nkey: kv\n{field}\n---\n", encoding="utf-8"
    )
    shelf = Shelf(tmp_path)
    [file] = shelf.files()
    assert (file.paper.venue, file.paper.year) == (venue, year)
    assert bibtex((), shelf, shelf.files())[1] == 1
