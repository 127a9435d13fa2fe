"""How notes of every dialect are read: a table of cases for each rule, in Chinese and English."""

from __future__ import annotations

import re

import pytest
from markdown_it import MarkdownIt

from paperrag.notes.tree import ParsedNote, parse_note
from paperrag.records import Entry
from paperrag.text.language import sentence_spans
from paperrag.text.markup import one_line, plain_text, without_bars
from paperrag.text.readable import readable
from properties import given, st
from strategies import messy_notes


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
    "quoted",
    [
        "> A small amount of noise in\n> the lists keeps the outcome\n> stable in 20 markets.",
        "- Draft\n  > A small amount of noise in\n  > the lists keeps the outcome\n  > stable in 20 markets.",
        "> A small amount of noise in\nthe lists keeps the outcome\nstable in 20 markets.",
        "> Why?\n> > A small amount of noise in\n> > the lists keeps the outcome\n> > stable in 20 markets.",
        "> [!quote] Where it is said\n> A small amount of noise in the lists keeps\n> the outcome stable in 20 markets.",
    ],
)
def test_a_sentence_goes_on_over_the_lines_of_a_quotation(quoted: str):
    assert sentences(quoted)[-1] == (
        "A small amount of noise in the lists keeps the outcome stable in 20 markets."
    )


def test_a_chinese_sentence_goes_on_over_the_lines_of_a_quotation():
    assert sentences("> 先把偏好的列表\n> 打乱，再逐步恢复。") == [
        "先把偏好的列表打乱，再逐步恢复。"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "> what I think of it\n> it is slow.",
        "> Tern 2021\n> the lists are shuffled before they are read.",
        "> Sorting by hand is slow\nHe says so on page 4.",
        "> Sorting by hand is slow\n>> and how slow.",
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
        (r"\[题\]\(址\) 与 \( \)", "[题](址) 与 ( )"),
        (r"\begin{align}# a \\ - b\end{align} 之后", r"\begin{align}# a \\ - b\end{align} 之后"),
        ("<del>旧说</del>新说，++加++ C++ 与 C++", "新说，加 C++ 与 C++"),
        ("H~2~O 与 x^2^，约~30%和~40%", "H2O 与 x2，约~30%和~40%"),
        ("脚注[^1]与 note^[see here]", "脚注与 note (see here)"),
        ("见 [[https://a.com/b][组织]] 的链接", "见 组织 的链接"),
        ("> $$\n> - q\n> $$", "- q"),
        ("\uf0b7 甲 \uf0b7", "甲 •"),
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
        "**Year**:: 2024",
        "#+BEGIN_QUOTE",
        "*[HTML]: Hyper Text",
        '[s]: https://a.com/b\n  "题目"',
        "`= this.file.name`",
        "==⚠  Switch to EXCALIDRAW VIEW in the MORE OPTIONS menu of this document. ⚠== You can",
        "0123456789abcdef0123456789abcdef01234567: [[image.png]]",
        "\\newpage",
        "![](data:image/png;base64," + "iVBORw0KGgo" * 40 + ")",
        "[image1]: <data:image/png;base64," + "iVBORw0KGgo" * 120 + ">",
        "[图2]:data:image/png;base64," + "iVBORw0KGgo" * 120,
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


def test_fields_of_a_paper_are_no_statement_of_it():
    papers = parse(
        "# 日报\n\n### 1. Gate-Free Mixtures\n\n**标题：** 无门控混合专家\n**作者：** Ann Lee, 李安\n"
        "**链接：** https://arxiv.org/abs/2402.00001\n**摘要：** 用哈希把词分给专家，训练更稳。\n\n"
        "### 2. Draft Heads\n\n- **机构**：示例大学\n- Paper: https://arxiv.org/abs/2402.00002\n- **TL;DR**: reads the middle layers\n"
    ).entries
    works = [one.work for one in papers if one.role == "heading"]
    assert [work and work.statement for work in works] == [
        "用哈希把词分给专家，训练更稳。",
        "reads the middle layers",
    ]
    assert works[0] and works[0].authors == ("Ann Lee", "李安")


def test_a_statement_keeps_the_emphasis_that_it_begins_with():
    papers = parse(
        "# L\n- **Kilnpress** (MLSys 2024)：把长提示里不再用到的键压成一个摘要，问到它时再展开，于是显存只要四分之一，而摘要要重训\n"
    ).entries
    assert papers[0].work and papers[0].work.statement.startswith("**Kilnpress** (MLSys")


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
        ("\uf0b7 ", "\uf0b7 "),
        ("✅ ", "❌ "),
        ("1.", "2."),
        ("甲、", "乙、"),
        ("Ⅰ、", "Ⅱ、"),
        ("» ", "» "),
        ("a. ", "b. "),
        ("i) ", "ii) "),
    ],
)
def test_pasted_lists_are_lists(first: str, second: str):
    note = parse(f"# 列表\n{first}按头剪枝\n{second}prune layers\n")
    assert [(one.role, one.title) for one in note.entries] == [
        ("item", "按头剪枝"),
        ("item", "prune layers"),
    ]


def test_chinese_after_a_crowded_dash_is_an_item():
    assert [one.role for one in parse("-甲\n-乙\n").entries] == ["item", "item"]
    assert [one.role for one in parse("-1 到\n-2\n").entries] == ["document"]


def test_numbers_of_pasted_lists_nest_by_their_rank():
    text = "# 列\n一、清洗\n二、去重\n（1）精确\n（2）近似\n① 阈值\n三、训练\n1、预热\n2、衰减\n"
    assert [(one.title, one.breadcrumb[1:]) for one in parse(text).entries] == [
        ("清洗", ()),
        ("去重", ()),
        ("精确", ("去重",)),
        ("近似", ("去重",)),
        ("阈值", ("去重", "近似")),
        ("训练", ()),
        ("预热", ("训练",)),
        ("衰减", ("训练",)),
    ]


def test_a_rank_that_was_not_there_begins_another_list():
    text = "一、清洗\n（1）精确\n（2）近似\n1、预热\n"
    assert parse(text).entries[-1].breadcrumb == ("n",)


def test_rows_of_a_table_in_html_are_entries():
    note = parse(
        "# 表\n<table>\n<tr><th>方法</th><th>比特</th></tr>\n<tr>\n<td>RotQuant</td>\n<td>4</td>\n</tr>\n"
        '<tr><td><a href="https://arxiv.org/abs/2401.00001">SmoothLite</a></td><td>8</td></tr>\n'
        "</table>\n\n后面的话。\n"
    )
    assert [(one.role, one.title, one.line_start, one.line_end) for one in note.entries] == [
        ("row", "方法 · 比特", 2, 3),
        ("row", "RotQuant", 4, 7),
        ("row", "SmoothLite", 8, 8),
        ("prose", "后面的话。", 11, 11),
    ]
    assert note.entries[1].breadcrumb == ("表", "方法 · 比特")
    assert without_bars(note.entries[1].text) == "RotQuant · 4"


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("- TODO reproduce the table", "reproduce the table"),
        ("- DOING 复现表二", "复现表二"),
        ("- [#A] batch the drafts", "batch the drafts"),
        ("- **[3] NarrowGate**", "NarrowGate"),
        ("- 标题：《平门》", "《平门》"),
        ("- ~~旧~~ → 新结论", "新结论"),
        ("- TODOs of a robot", "TODOs of a robot"),
    ],
)
def test_titles_are_without_what_is_no_part_of_them(line: str, title: str):
    assert titles(line) == [title]


def test_items_of_nothing_but_fields_belong_to_the_text_above():
    note = parse("- 甲\n- query-table:: true\n  {{query x}}\n- 乙\n\n| a |\n|---|\n| 丙 |\n^t-1\n")
    assert [one.title for one in note.entries] == ["甲", "乙", "a", "丙"]


def test_aliases_are_a_list_or_a_text_with_commas():
    assert parse("alias:: 投机解码, spec-dec\n\n- 甲").paper.aliases == ("投机解码", "spec-dec")
    assert parse("---\naliases: [甲, 乙]\n---\n").paper.aliases == ("甲", "乙")


def test_front_matter_that_is_never_closed_ends_at_the_first_blank_line():
    note = parse("---\ntitle: 潮汐\ntags: [a]\n\n# 正文\n- 甲\n")
    assert (note.paper.title, note.paper.tags) == ("潮汐", ("a",))
    assert [(one.line, "never closed" in one.message) for one in note.troubles] == [(1, True)]
    assert note.entries[-1].breadcrumb == ("潮汐", "正文")
    assert parse("---\n一句话\n\n- 甲\n").paper.title == ""


def test_a_list_of_fields_under_a_general_heading_names_the_paper():
    text = "# 论文信息\n- **标题**：池化再看\n- 作者：Ada Bee, 李四\n- 会议：ICML 2025\n\n## 贡献\n- 池化层可学习\n"
    note = parse(text, "notes/@lee2024pool.md")
    paper = note.paper
    assert (paper.title, paper.authors, paper.venue) == (
        "池化再看",
        ("Ada Bee", "李四"),
        "ICML 2025",
    )
    assert note.entries[-1].breadcrumb[:2] == ("@lee2024pool", "池化再看")
    assert parse("# 池化\n- 标题：别的\n").paper.title == ""


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


def starts_seen(text: str) -> tuple[set[int], set[int]]:
    """The lines on which CommonMark sees a heading outside of lists, and an item."""
    headings, items = set(), set()
    for token in MarkdownIt("commonmark", {"maxNesting": 1000}).disable("code").parse(text):
        if token.type == "heading_open" and token.map and token.level == 0:
            headings.add(token.map[0] + 1)
        elif token.type == "list_item_open" and token.map:
            items.add(token.map[0] + 1)
    return headings, items


@pytest.mark.slow
@given(TREES)
def test_headings_are_those_that_commonmark_sees(text: str):
    found = {line for line, _ in parse(text).headings}
    indented = {
        number for number, line in enumerate(text.split("\n"), 1) if line.startswith("    ")
    }
    assert found - indented == starts_seen(text)[0] - indented


ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+\S")


@pytest.mark.slow
@given(TREES)
def test_items_are_those_that_commonmark_sees(text: str):
    """None is missing; one that CommonMark does not see begins as one, indented too far."""
    lines = text.split("\n")
    found = {one.line_start for one in parse(text).entries if one.role == "item"}
    seen = {
        line for line in starts_seen(text)[1] if lines[line - 1].strip() not in ("-", "*", "1.")
    }
    assert seen <= found | {line for line in seen if lines[line - 1].lstrip(" -*").startswith("#")}
    assert all(ITEM.match(lines[line - 1]) for line in found)


KEPT = st.sampled_from(
    [
        "`a*b`",
        "`__init__`",
        "`<br>`",
        "`x|y`",
        "$a_b^c$",
        "$x*y*z$",
        r"$\alpha$",
        "`~~甲~~`",
        "`==`",
    ]
)
AROUND = st.sampled_from(
    ["甲", "words", "**重点**", "_kind_", "，其中", "[题](https://a.com/b)", "<b>粗</b>"]
)


@pytest.mark.slow
@given(st.lists(st.tuples(AROUND, KEPT), min_size=1, max_size=6))
def test_code_and_formulas_stay_as_they_are(pieces: list[tuple[str, str]]):
    words = plain_text("- " + " ".join(f"{around} {kept}" for around, kept in pieces))
    place = 0
    for _, kept in pieces:
        place = words.index(kept[1:-1], place) + 1


@pytest.mark.slow
@given(messy_notes)
def test_sentences_stand_verbatim_on_the_lines_of_their_entry(text: str):
    lines = text.split("\n")
    for one in parse(text).entries:
        assert one.text == "\n".join(lines[one.line_start - 1 : one.line_end])
        words = readable(one.text)
        assert len(words) == len(one.text)
        for start, end in sentence_spans(words):
            assert one.text[start:end] in one.text
            assert one.text[start:end].strip()
