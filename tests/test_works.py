"""What entries are, and the works they belong to, over made-up notes in both languages."""

from __future__ import annotations

import pytest

from paperrag.notes.naming import is_bare
from paperrag.notes.tree import parse_note
from paperrag.records import Entry, Work

PAPER_EN = """---
title: "TideNet: Pooling Tokens along the Tide"
aliases: [tide pooling]
year: 2023
tags: [pooling, vision]
---

## Notes

- [paper](https://arxiv.org/abs/2299.01234)
- They tried many learning rates before.
- We propose TideNet, which pools tokens that move together along the tide.

## References

- [Old Pooling](https://arxiv.org/abs/1999.00001)
"""

PAPER_ZH = """# [潮汐网络 TideNet：沿潮汐合并词元](https://arxiv.org/abs/2299.01234)

近年来词元越来越多。

#### 总结

本文提出 TideNet，把一起移动的词元合并成一个。

#### 相关工作

旧池化只看距离。
"""

LIST_EN = """# Reading

## Pooling

- Merging
  - TideNet
    - pools tokens that move together
  - SandNet: keeps the grains https://a.com/sand
- keys are alike, values are not
"""

LIST_ZH = """# 阅读笔记

- 合并
  - TideNet
    - 把一起移动的词元合并成一个
  - [沙网](https://a.com/sand)：保留沙粒
"""


def entries_of(text: str, source: str = "notes/a.md") -> tuple[Entry, ...]:
    return parse_note(text, source).entries


def parts_of(text: str, source: str = "notes/a.md") -> list[str]:
    return [entry.part for entry in entries_of(text, source)]


def works_of(text: str, source: str = "notes/a.md") -> list[Work]:
    works = {entry.work.id: entry.work for entry in entries_of(text, source) if entry.work}
    return list(works.values())


def test_file_about_one_paper_is_the_work():
    (work,) = works_of(PAPER_EN)
    assert (work.id, work.name) == ("notes/a.md", "TideNet: Pooling Tokens along the Tide")
    assert (work.year, work.tags) == (2023, ("pooling", "vision"))
    assert {"tide pooling", "TideNet"} <= set(work.aliases)
    assert [link.arxiv_id for link in work.links] == ["2299.01234"]
    assert work.statement.startswith("We propose TideNet")
    assert parts_of(PAPER_EN) == ["work", "field", "remark", "statement", "pointer"]


def test_chinese_paper_with_a_linked_heading_is_the_work():
    (work,) = works_of(PAPER_ZH)
    assert work.name == "潮汐网络 TideNet：沿潮汐合并词元"
    assert work.statement == "本文提出 TideNet，把一起移动的词元合并成一个。"
    assert parts_of(PAPER_ZH) == ["work", "statement", "pointer"]


@pytest.mark.parametrize("text", [LIST_EN, LIST_ZH])
def test_bullet_that_names_a_method_is_the_work_of_what_stands_below_it(text: str):
    """With or without a link; a label over methods is none."""
    label, named, below, linked, *others = entries_of(text)
    assert [label.part, named.part, below.part, linked.part] == [
        "label",
        "work",
        "statement",
        "work",
    ]
    assert label.work is None
    assert named.work is below.work and named.work and named.work.name == "TideNet"
    assert named.work.statement == below.text.strip().removeprefix("- ")
    assert [other.part for other in others] == ["remark"] * len(others)


def test_statement_is_the_first_line_below_a_name_that_is_long_enough_to_say_something():
    named, short, telling = entries_of(
        "- [TideNet](https://arxiv.org/abs/2299.01234)\n  - fast\n"
        "  - pools tokens that move together along the tide\n"
    )
    assert [short.part, telling.part] == ["remark", "statement"]
    assert named.work and named.work.statement == "pools tokens that move together along the tide"


def test_word_or_two_behind_a_name_are_no_statement():
    text = (
        "- [TideNet](https://arxiv.org/abs/2299.01234) 很好\n  - 把一起移动的词元合并成一个槽位\n"
    )
    (work,) = works_of(text)
    assert work.statement == "把一起移动的词元合并成一个槽位"


def test_name_is_what_stands_before_a_remark():
    names = [work.name for work in works_of("- A1Net: 一种池化\n- B2Net: Pooling of Grown Trees\n")]
    assert names == ["A1Net", "B2Net: Pooling of Grown Trees"]


def test_name_without_remark_among_names_is_a_work():
    text = (
        "## 量化\n\n- GPTQ\n  - 逐层取整，用二阶信息\n- AWQ\n  - 先缩放重要的通道\n- SmoothQuant\n"
    )
    assert [work.name for work in works_of(text)] == ["GPTQ", "AWQ", "SmoothQuant"]


def test_row_of_a_table_is_the_work():
    text = (
        "# Indexes\n\n| system | trick |\n|---|---|\n"
        "| TideDB | keeps hot pages in a ring that turns with the tide |\n"
        "| SandDB | sorts the grains once a day and never moves them |\n"
    )
    assert [(work.name, work.statement) for work in works_of(text)] == [
        ("TideDB", "keeps hot pages in a ring that turns with the tide"),
        ("SandDB", "sorts the grains once a day and never moves them"),
    ]


def test_rows_of_a_table_whose_columns_are_works_are_none():
    text = (
        "|  | Wren | Owl |\n|---|---|---|\n| Year | 2019 | 2021 |\n| Memory | 3 GB | 9 GB |\n"
        "| Code | yes | no |\n"
    )
    assert works_of(text) == []


def test_row_that_links_to_a_note_and_gives_a_figure_says_something():
    head = "# Solvers\n\n| Mesh | Fastest | Seconds |\n|---|---|---|\n"
    told = f"{head}| bridge | [[Larch-2020\\|Larch]] | 3.9 |\n"
    assert "pointer" in parts_of(told.replace("3.9", "2020"))
    assert "pointer" not in parts_of(told)


@pytest.mark.parametrize(
    "text",
    [
        "TideNet: pools tokens\nSandNet, keeps grains\nTern et al. 2023, by night\nFurther ideas\n",
        "Tern & Ibis（2020）：看潮\n\nTern, Rail, Knot (2014): by night\n\nKnot 等（2017）：量沙\n",
        "**TideNet** pools\ntokens.\n\n**SandNet** keeps.\n\n**H2O** drops.\n\nI like the last.\n",
    ],
)
def test_lines_and_paragraphs_that_most_begin_with_papers_are_items(text: str):
    entries = [entry for entry in entries_of(f"# Log\n\n{text}") if entry.role == "item"]
    assert len(entries) == 3 + text.count("Further")
    assert len(works_of(f"# Log\n\n{text}")) >= 3


@pytest.mark.parametrize(
    "text",
    [
        "TideNet pools tokens that move.\n\nIt is small.\n\nSandNet: keeps grains.\n",
        "RQ1: is it fast?\n\nRQ2: is it small?\n\nRQ3: is it good?\n",
        "GSM8K: 74.4 -> 82.1\nDROP: 78.2 -> 83.0\nANLI-A3: 63.4 -> 67.9\n",
        "```\nTideNet: a\nSandNet: b\nH2O: c\n```\n",
    ],
)
def test_text_numbers_and_results_begin_no_papers(text: str):
    assert [entry.role for entry in entries_of(text)] == ["document"]


def test_headings_of_authors_and_years_are_works():
    text = "## Tern et al. (2010)\n\nBy day.\n\n## Ibis (2016)\n\nBy night.\n\n## Open\n\nWhich?\n"
    assert [work.name for work in works_of(text)][:2] == ["Tern et al.", "Ibis"]


def test_headings_that_name_papers_are_the_works():
    text = (
        "# Log\n\nRead this spring.\n\n"
        "## TideNet (https://arxiv.org/abs/2299.01234)\n\nPools tokens along the tide.\n\n- fast\n\n"
        "## SandNet (https://arxiv.org/abs/2299.04321)\n\nKeeps the grains.\n"
    )
    assert [work.statement for work in works_of(text)] == [
        "Pools tokens along the tide.",
        "Keeps the grains.",
    ]


def test_index_page_points_at_works():
    links = "".join(f"- [Paper {n}](notes/p{n}.md)\n" for n in range(6))
    entries = entries_of(f"# Papers\n\n{links}", "README.md")
    assert {entry.part for entry in entries} == {"pointer"}
    assert entries[0].work and entries[0].work.name == "Paper 0"


@pytest.mark.parametrize(
    "text",
    [
        "## 存储\n\n- **[Tide Store][tide]**\n\n[tide]: tide.md\n",
        "## Stores\n\n- [Tide Store](tide.html)\n- 合并\n  - [Sand Store](sand/)\n- [[沙粒]]\n",
        "# Read\n\n## Waves\n\n1. 2020 Tide Fields for Coastal Sand Transport\n2. 1999 Dunes\n"
        + "".join(f"{n}. 2021 Sand Model {n} with Very Slow Moving Grains\n" for n in range(3, 8)),
        "# 潮汐索引\n[[Tide Store]]\n[[沙粒]] [[Dunes]]\n",
    ],
)
def test_page_that_only_names_what_other_notes_tell_has_no_works(text: str):
    kinds = {entry.part for entry in entries_of(text, "stores/README.md")}
    assert kinds <= {"pointer", "label", "remark"}
    assert "pointer" in kinds


def test_words_that_end_before_a_link_to_a_note_say_something():
    text = "# Tides\n\n- 满月时潮高，见 [[Ebb]]\n- 2020, [[Wave Fields]]\n- [[Dunes]], again\n"
    said, *named = [entry.part for entry in entries_of(text)]
    assert said != "pointer"
    assert named == ["pointer", "pointer"]


def test_title_with_a_comma_before_a_page_in_brackets_says_nothing():
    lines = "".join(f"- Tides, Sand, and Wave {n} [[page](https://a.com/{n})]\n" for n in range(6))
    assert {entry.part for entry in entries_of(f"# Read\n\n{lines}", "README.md")} == {"pointer"}


def test_definitions_of_pages_and_papers_make_no_index():
    text = "# Reading\n\n- [Tide Store][1]\n- [Sand Store][2]\n\n[1]: https://a.com\n[2]: b.pdf\n"
    assert [entry.part for entry in entries_of(text)] == ["work", "work"]


def test_table_of_contents_names_no_works_beside_its_sections():
    text = (
        "# Log\n\n- [TideNet](#tidenet)\n\n## TideNet\n\nPools tokens along the tide.\n\n"
        "## SandNet\n\nKeeps the grains.\n"
    )
    parts = [(entry.title, entry.part) for entry in entries_of(text)]
    assert parts[0] == ("TideNet", "pointer")
    assert ("SandNet", "work") in parts


def test_linked_title_in_double_brackets_is_a_page_and_no_note():
    text = "# Reading\n\n- [[Tide Store for Slow Sand]](https://a.com/tide)\n- keys are alike\n"
    assert entries_of(text)[0].part == "work"


@pytest.mark.parametrize(
    ("source", "name", "year"),
    [
        ("notes/2021 Wave Fields.md", "Wave Fields", 2021),
        ("papers/Wave Fields for Sand/README.md", "Wave Fields for Sand", None),
        ("posts/2019-03-01-Wave Fields for Sand.md", "Wave Fields for Sand", None),
    ],
)
def test_file_without_heading_is_named_by_its_path(source: str, name: str, year: int | None):
    (work,) = works_of("Sand carries waves when it is dry and when it is poured slowly.\n", source)
    assert (work.name, work.year) == (name, year)


def test_heading_that_says_nothing_gives_way_to_the_file_name():
    text = "# Notes\n\nSand carries waves when it is dry.\n"
    (work,) = works_of(text, "notes/Wave Fields for Dry Sand.md")
    assert work.name == "Wave Fields for Dry Sand"


def test_file_of_remarks_has_no_work():
    assert works_of("- 第一点，合并会丢掉信息\n- 第二点，合并很慢\n") == []


def test_abstract_is_a_work_of_its_own():
    text = '---\ntitle: "TideNet"\narxiv: "2299.01234"\n---\n\nWe pool tokens along the tide.\n'
    entry = parse_note(text, "abstracts/2299.01234.md", "abstract").entries[0]
    assert entry.work and entry.work.name == "TideNet"


@pytest.mark.parametrize(
    ("line", "statement"),
    [
        ("Lee et al., Harbor Lab, ICLR 2024", "Keys that move alike share one slot of the cache."),
        ("Mona Lee, Jan van den Berg, Wu.", "Keys that move alike share one slot of the cache."),
        ("TODO run TideNet on the small set first", "Keys that move alike share one slot of it."),
        ("TideNet       77.48    HD 31.69", "Keys that move alike share one slot of the cache."),
    ],
)
def test_authors_tasks_and_columns_do_not_say_what_a_paper_does(line: str, statement: str):
    (work,) = works_of(f"# TideNet\n\n{line}\n\n{statement}\n\nIt beats SandNet by two points.\n")
    assert work.statement == statement


def test_word_for_a_summary_inside_a_remark_makes_no_statement_of_it():
    text = "# TideNet\n\n- 把一起移动的词元合并成一个槽位\n- 每层合并一半\n- 时间扭曲的贡献很小，先砍它\n"
    (work,) = works_of(text)
    assert work.statement == "把一起移动的词元合并成一个槽位"


def test_what_stands_behind_a_label_for_a_summary_is_the_statement():
    text = "# TideNet\n\n- 每层合并一半的词元，共十二层\n- 一句话总结：把一起移动的词元合并成一个槽位\n"
    (work,) = works_of(text)
    assert work.statement.endswith("把一起移动的词元合并成一个槽位")


@pytest.mark.parametrize(
    ("bullet", "is_name"),
    [
        ("TideNet", True),
        ("[TideNet: Pooling Tokens along the Tide](https://arxiv.org/abs/2299.01234)", True),
        ("TideNet：把一起移动的词元合并成一个", False),
        ("TideNet: pools tokens that move together along the tide", False),
    ],
)
def test_a_name_before_a_remark_is_not_all_that_an_entry_says(bullet: str, is_name: bool):
    assert is_bare(parse_note(f"- {bullet}\n", "a.md").entries[0]) is is_name


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "# March\n\n> [!Cite] Tern 2021 — Moths\n> 72% less.\n\nI doubt it.\n\n> [!info] Ibis et al., 2017: Lamps\n> 118 kinds.",
            ["Tern 2021 — Moths", "Ibis et al., 2017: Lamps"],
        ),
        (
            "【郭亦涵 2020 夜光与蛾】\n少了 72%。\n\n【Haug 2017 Moths】\n118 种。",
            ["郭亦涵 2020 夜光与蛾", "Haug 2017 Moths"],
        ),
        (
            "本周\n\n—— 殷若水《茶汤》2019\n剩 37%。\n\n—— Mbeki 等 Coffee, 2021\n掉一半。",
            ["殷若水《茶汤》2019", "Mbeki 等 Coffee, 2021"],
        ),
        (
            '# Two of a year\n\n**Rau 2018a** — "Nets"\n- white\n\n**Rau 2018b** — "Ponds"\n- black',
            ['Rau 2018a — "Nets"', 'Rau 2018b — "Ponds"'],
        ),
        (
            "# awesome [![A](https://b.re/x.svg)](https://b.re)\n\n## Ice\n"
            "- [Ice go](https://e.org/1) - Tern. It warns.\n- [Dark ice](https://e.org/2) - Ibis.",
            ["Ice go", "Dark ice"],
        ),
        (
            "# Which sim\n\n## Tern\n### Method\nMoving mesh.\n### Results\nCold.\n\n"
            "## Ibis\n### Method\nJets.\n### Results\nHot.",
            ["Tern", "Ibis"],
        ),
        (
            "# tern vs. Ibis\n\n## tern (2019)\nIt is slow.\n\n## Ibis\nIt is fast.\n\n## Pick\nIbis.",
            ["tern", "Ibis"],
        ),
        (
            "# Tails\n\nTern（NSDI19）：抢占\n\nIbis（OSDI20）：带宽\n\nGrebe (SOSP21): one interface",
            ["Tern", "Ibis", "Grebe"],
        ),
    ],
)
def test_papers_are_told_however_they_are_headed(text: str, names: list[str]) -> None:
    entries = parse_note(text, "n.md").entries
    works = {entry.work.id: entry.work for entry in entries if entry.work}
    assert [work.name for work in works.values()] == names


@pytest.mark.parametrize(
    "text",
    [
        "# Log\n\n## Week 1\n### Done\nRead.\n### Next\nWrite.\n\n## Week 2\n### Done\nWrote.\n### Next\nRest.",
        "# Nets\n\n## Over sand\n- *Sample:* 57 nets\n- *Found:* they sag\n\n"
        "## Over jets\n- *Sample:* 120 nets\n- *Found:* they hold",
        "# Log\n\n## Day 1\n- Done: read\n- Next: write\n\n## Day 2\n- Done: wrote\n- Next: rest",
        "| Cue | Notes |\n|---|---|\n| Who? | Tern |\n| So what? | lessons stopped for 19 minutes a day |",
        "- [ ] @Moritz 下周三前整理天线对比\n- Moritz 00:09:40 问穿透深度",
        "# Wick\n\n- nDCG on Moor: 41.2\n- F1：0.83（dev）\n- BLEU-4 = 38.7 pts",
        "| | Tern 2014 | Ibis 2020 |\n|---|---|---|\n| Animal | mules | donkeys |\n| Load | 60 | 95 |",
    ],
)
def test_weeks_questions_people_and_columns_are_no_papers(text: str) -> None:
    entries = parse_note(text, "2024-03.md").entries
    assert [one.title for one in entries if one.work and one.work.id == one.id] == []


def test_a_label_is_no_statement() -> None:
    text = '- **Tern & Ibis 2022, "Mirrors"**\n  - Pros\n    - [+] real road\n  - cyclists ignored them'
    work = parse_note(text, "n.md").entries[0].work
    assert work is not None and work.statement == "cyclists ignored them"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Goats as fuel breaks (log)\nAuthors: Tern, Ibis\n\nThey eat. It works.", "Goats as fuel breaks (log)"),
        ("Fountains in schools\n(Eze & Strand, 2022)\n\nPupils drink more.", "Fountains in schools"),
        ("Paper: Wakes and seal pups\nYear: 2018\n\nPups moved.", "Wakes and seal pups"),
    ],
)  # fmt: skip
def test_a_title_above_who_wrote_it_names_the_paper(text: str, title: str) -> None:
    work = parse_note(text, "n.md").entries[0].work
    assert work is not None and work.name == title


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("## WickNet dims lamps at night [[arXiv](https://arxiv.org/abs/1901.00001)]\n\nIt dims.", "WickNet dims lamps at night"),
        ("## [WickNet dims lamps at night](https://arxiv.org/abs/1901.00001)]\n\nIt dims.", "WickNet dims lamps at night"),
        ("# WickNet_ Dimming Lamps at Night\n[paper](https://arxiv.org/abs/1901.00001)\n\nIt dims.", "WickNet: Dimming Lamps at Night"),
        ("- I Tern, et al., CGO 2004 [WickNet: Dimming](https://a.org/w)\n- S Ibis, 2005 [Rim](https://a.org/r)", "WickNet: Dimming"),
        ("- [viewed]2020 WickNet Dimming Lamps at Night\n- [todo]RimNet Dimming Rims at Night", "WickNet Dimming Lamps at Night"),
    ],
)  # fmt: skip
def test_labels_of_links_bylines_and_states_are_no_part_of_a_name(text: str, name: str) -> None:
    work = parse_note(text, "n.md").entries[0].work
    assert work is not None and work.name == name
