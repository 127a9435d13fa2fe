"""How notes of every dialect are read: a table of cases for each rule, in Chinese and English."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from paperrag.notes.tree import ParsedNote, parse_note
from paperrag.records import Entry
from paperrag.text.language import sentence_spans
from paperrag.text.markup import one_line, plain_text
from paperrag.text.readable import readable
from properties import given, st


def parse(text: str, source: str = "notes/n.md") -> ParsedNote:
    return parse_note(text, source)


def titles(text: str) -> list[str]:
    return [entry.title for entry in parse(text).entries]


def entry(text: str, number: int = 0) -> Entry:
    return parse(text).entries[number]


def sentences(text: str) -> list[str]:
    words = readable(text)
    return [one_line(plain_text(words[start:end])) for start, end in sentence_spans(words)]


# --- formulas -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "formula",
    [
        "$$\n- x + y\n# z\n1. w\n\n| a |\n---\n$$",
        "$$\\begin{aligned}\n- a\n- b\n\\end{aligned}$$",
        "\\[\n- x\n+ y\n\\]",
        "\\begin{align}\n- x\n# y\n\\end{align}",
        "其中 $$\n- x\n- y\n$$ 为常数",
    ],
)
def test_nothing_in_a_display_formula_is_a_block(formula: str):
    note = parse(f"# 损失\n- 甲\n\n{formula}\n\n- 乙\n")
    assert [one.title for one in note.entries if one.role == "item"] == ["甲", "乙"]
    assert [title for _, title in note.headings] == ["损失"]


def test_a_formula_that_is_never_closed_is_none():
    assert titles("花了 $$\n\n- 甲\n- 乙") == ["n", "甲", "乙"]


# --- wrapped lines --------------------------------------------------------------------------------

WRAPPED = """- The second draft keeps one key for every block of sixteen
  tokens, chosen by its norm rather than by attention, and
  recovers needle retrieval at the same budget.
"""
WRAPPED_ZH = """- 把相邻的两个页面折成一个之后检索任务不再掉点，但是长篇摘
  要任务的连贯性变差，作者认为原因是代表元丢失了指代信
  息。
"""


def test_a_wrapped_line_ends_no_sentence():
    assert sentences(WRAPPED) == [
        "The second draft keeps one key for every block of sixteen tokens, chosen by its norm "
        "rather than by attention, and recovers needle retrieval at the same budget."
    ]
    assert sentences(WRAPPED_ZH) == [
        "把相邻的两个页面折成一个之后检索任务不再掉点，但是长篇摘要任务的连贯性变差，作者认为原因是代表元丢失了指代信息。"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "- 一条很短的标题\n  另一句说明",
        "- TideCache: Caching at Low Tide for Long Documents\n  用潮汐表决定什么时候写回",
        "> 先量化\n> 再合并",
    ],
)
def test_lines_that_a_writer_put_apart_stay_apart(text: str):
    assert len(sentences(text)) == 2


# --- what looks like markup -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("草稿写在 `<think>` 与 <think> 里", "草稿写在 <think> 与 <think> 里"),
        ("若 a<b 且 c>d 则停", "若 a<b 且 c>d 则停"),
        ("Map<String, List<int>> is slow", "Map<String, List<int>> is slow"),
        ("重写 `__len__` 与 __init__", "重写 __len__ 与 __init__"),
        ("`a*b` 加 `c*d`，snake_case_name", "a*b 加 c*d，snake_case_name"),
        ("从 $5 涨到 $10", "从 $5 涨到 $10"),
        ("总和 $a*b$，其中 $x_i$ 为正", "总和 a*b，其中 x_i 为正"),
        ("H<sub>2</sub>O 与 x<sup>2</sup>", "H2O 与 x2"),
        ("~~两倍~~ 三倍最好", "三倍最好"),
        (r"loss\_scale 与 \*号\*，\$5，3 \< 4", "loss_scale 与 *号*，$5，3 < 4"),
        ("A &lt; B &amp; C&nbsp;D &#x4E2D;", "A < B & C D 中"),
        ("**重点：**这里 中**文**中", "重点：这里 中文中"),
        ("==常驻==显存", "常驻显存"),
        ("quan\u00adtize kv\u200bcache", "quantize kvcache"),
    ],
)
def test_words_are_what_is_read_on_screen(markdown: str, words: str):
    assert plain_text(markdown) == words


# --- what is hidden, what is data -----------------------------------------------------------------


@pytest.mark.parametrize(
    "hidden",
    [
        "%% 只给自己看 %%",
        "<!-- 只给自己看\n两行 -->",
        "```dataview\nTABLE year FROM #x\n```",
        "```mermaid\ngraph LR\n```",
        "id:: 66aa10b2-1111-4c0e-9d5e-0a0a0a0a0a01",
        ":LOGBOOK:\nCLOCK: [2026-03-01 Sun 10:00:00]\n:END:",
        "SCHEDULED: <2026-03-02 Mon>",
        "((66aa10b2-1111-4c0e-9d5e-0a0a0a0a0a02))",
        "{{embed ((66aa10b2-1111-4c0e-9d5e-0a0a0a0a0a02))}}",
        "[TOC]",
        "![](data:image/png;base64," + "iVBORw0KGgo" * 40 + ")",
    ],
)
def test_what_is_hidden_or_data_is_no_words(hidden: str):
    (only,) = parse(f"- 先粗后细\n\n  {hidden}\n").entries
    assert plain_text(only.text) == "先粗后细"
    assert only.text.endswith(hidden.rsplit("\n", 1)[-1])


def test_ids_of_blocks_and_headings_are_no_words():
    note = parse("# 主意 {#sec:a .b}\n\n## Main idea ^idea\n- 两级码本 ^core-1\n")
    assert [title for _, title in note.headings] == ["主意", "Main idea"]
    assert note.entries[-1].title == "两级码本"


def test_fields_among_the_words_are_data():
    one = entry(
        "- Lookahead guesses n-grams\n  year:: 2024\n  link:: https://arxiv.org/abs/2401.00001\n"
    )
    assert one.fields == (("year", "2024"), ("link", "https://arxiv.org/abs/2401.00001"))
    assert plain_text(one.text) == "Lookahead guesses n-grams"


def test_tags_of_an_entry():
    assert entry("- 剪枝 #方法/剪枝 C# `#no` #todo").tags == ("方法/剪枝", "todo")


def test_fields_of_a_paper_are_lines_of_it():
    note = parse(
        "## 会听的草稿头\n- **链接**：[1](https://arxiv.org/abs/2401.00001)\n- 作者：甲乙\n- 读中间层\n"
    )
    assert [(one.line_start, one.line_end, one.title) for one in note.entries] == [
        (1, 3, "会听的草稿头"),
        (4, 4, "读中间层"),
    ]


def test_a_later_block_of_fields_names_the_text_below():
    note = parse("---\ntitle: 甲\n---\n一句。\n\n---\ntitle: 乙\nyear: 2024\n---\n又一句。\n")
    assert [(one.title, one.line_start, one.line_end) for one in note.entries] == [
        ("甲", 1, 4),
        ("乙", 6, 10),
    ]
    assert note.headings == ()


# --- names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "text", "above"),
    [
        ("notes/Wei2023 - Tide Cache.md", "# 笔记\n- 甲", ("Wei2023 - Tide Cache", "笔记")),
        ("notes/tide.md", '---\ntitle: "Tide: 潮汐"\n---\n# Notes\n- 甲', ("Tide: 潮汐", "Notes")),
        ("notes/Tide.md", "# Tide: caching at low tide\n- 甲", ("Tide: caching at low tide",)),
        ("notes/2026-03-04-arxiv.md", "# arXiv 日报\n- 甲", ("arXiv 日报",)),
        ("notes/DB 1f2e3d4c5b6a79881f2e3d4c5b6a7988/x.md", "# 甲乙丙\n- 甲", ("DB", "甲乙丙")),
    ],
)
def test_a_paper_keeps_its_name(source: str, text: str, above: tuple[str, ...]):
    assert parse(text, source).entries[-1].breadcrumb == above


# --- links by definition --------------------------------------------------------------------------


def test_definitions_belong_to_those_who_use_them():
    note = parse(
        "- [Sensitivity][s] keeps heads\n- Distill after pruning[^d]\n- 没有链接\n\n"
        "[s]: https://arxiv.org/abs/2401.00001\n[^d]: see https://arxiv.org/abs/2401.00002\n"
    )
    assert [[link.identifier for link in one.links] for one in note.entries[:3]] == [
        ["2401.00001"],
        ["2401.00002"],
        [],
    ]
    assert note.entries[0].title == "Sensitivity"


# --- lists ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("• ", "• "),
        ("一、", "二、"),
        ("（1）", "（2）"),
        ("① ", "② "),
        ("1、", "2、"),
        ("● ", "○ "),
    ],
)
def test_pasted_lists_are_lists(first: str, second: str):
    note = parse(f"# 列表\n{first}按头剪枝\n{second}prune layers\n")
    assert [(one.role, one.title) for one in note.entries] == [
        ("item", "按头剪枝"),
        ("item", "prune layers"),
    ]


def test_one_line_with_an_ordinal_is_no_list():
    assert [one.role for one in parse("（1）只有一行\n\n别的。").entries] == ["document"]


def test_dashes_under_a_sentence_are_a_rule():
    note = parse("随手记\n读了三篇\n---\n第一篇说要归一化。\n---\n- 甲\n")
    assert note.headings == ()
    assert parse("标题\n---\n正文").headings == ((1, "标题"),)


def test_no_depth_swallows_text():
    deep = "\n".join("  " * level + f"- 第{level}层" for level in range(200))
    note = parse(f"# 树\n{deep}\n- back\n# next\n- 甲\n")
    assert len(note.entries) == 202
    assert [title for _, title in note.headings] == ["树", "next"]


def test_a_fence_that_is_never_closed_is_a_trouble():
    (trouble,) = parse("# 本\n```python\nx = 1\n\n- 甲\n").troubles
    assert trouble.line == 2
    assert "never closed" in trouble.message


# --- every heading and item that CommonMark sees, and none besides --------------------------------

PLAIN_LINES = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "", "  ", "    "]),
    st.sampled_from(["- ", "* ", "1. ", "# ", "## ", "", ""]),
    st.sampled_from(["甲 alpha", "乙", "the gate is soft", "`code`", "[x](https://a.com/b)"]),
)
TREES = st.lists(st.one_of(PLAIN_LINES, st.just("")), max_size=20).map("\n".join)


@pytest.mark.slow
@given(TREES)
def test_headings_and_items_are_those_that_commonmark_sees(text: str):
    tokens = MarkdownIt("commonmark", {"maxNesting": 1000}).disable("code").parse(text)
    seen = {
        token.map[0] + 1
        for token in tokens
        if token.type == "heading_open" and token.map and token.level == 0
    }
    note = parse(text)
    found = {line for line, _ in note.headings}
    indented = {
        number for number, line in enumerate(text.split("\n"), 1) if line.startswith("    ")
    }
    assert found - indented == seen - indented
