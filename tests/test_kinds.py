"""Kinds of notes that other tools read wrongly: outliners, exporters, MDX, MyST, drawn tables."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from paperrag.encoders.static import StaticEncoder
from paperrag.notes.tree import ParsedNote, parse_note
from paperrag.text.fields import tags_in
from paperrag.text.markup import plain_text
from small_corpus import make_assistant


def parse(text: str) -> ParsedNote:
    return parse_note(text, "notes/n.md")


def items(note: ParsedNote) -> list[str]:
    return [entry.title for entry in note.entries if entry.role == "item"]


# --- what is hidden -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("```\ncode\n```\nafter %% a reminder %%", "code\nafter"),
        ("~~~ {.python .wide}\n代码\n~~~\n之后 <!-- 提醒 -->", "代码\n之后"),
        ("#+BEGIN_QUERY\n{:query [:find ?b]}\n#+END_QUERY\n明天看量化", "明天看量化"),
        ("- see [the block](((lQ9xVbn3z))) again ((lQ9xVbn3z))", "see the block again"),
        ("路由在第二层最稳定。^stable", "路由在第二层最稳定。"),
        ("x grows as n^k", "x grows as n^k"),
        ("write <!-- to open a comment", "write <!-- to open a comment"),
        (":::tip 提示\n先跑小模型。\n:::", "提示\n先跑小模型。"),
        (
            "::::{admonition} Care\n:class: warning\nBatch size counts.\n::::",
            "Care\nBatch size counts.",
        ),
        (
            "import { Tabs } from '@site/tabs'\n\n<Tabs>\n\nEach shard logs.\n\n</Tabs>",
            "Each shard logs.",
        ),
        ("```{note}\n:class: dropdown\nAdam needs warm-up.\n```", "Adam needs warm-up."),
        ("(label)=\n{ref}`图一` shows f(x)= y", "图一 shows f(x)= y"),
        ("__加粗。__后文，a__b__c，数据_清洗_二", "加粗。后文，a__b__c，数据_清洗_二"),
        ("Option<T> and <Request> stay", "Option<T> and <Request> stay"),
        ("The capital of {{c1::France::a land}} is big", "The capital of France is big"),
        ("[key phrase]{.mark} and ![](a.png){width=50%} [说明](b.md){.x}", "key phrase and 说明"),
    ],
)
def test_words_are_those_on_screen(text: str, words: str) -> None:
    assert plain_text(text) == words


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("- one <!-- hidden\n\n- no item\n-->\n- two", ["one", "two"]),
        ("%% a reminder\n- no item\n%%\n- 二", ["二"]),
        ("句子 %% 提醒\n- 不是条目\n%% 之后\n\n- 三", ["三"]),
        ("50%% of it\n- one", ["one"]),
    ],
)
def test_nothing_begins_inside_a_comment(text: str, titles: list[str]) -> None:
    assert items(parse(text)) == titles


@pytest.mark.parametrize("mark", ["<!--", "%%"])
def test_a_comment_that_is_never_closed_is_named(mark: str) -> None:
    (trouble,) = parse(f"# Cache\n\n{mark}\nremember\n\n## 第二").troubles
    assert (trouble.line, trouble.message) == (
        3,
        f"the comment {mark} is never closed; all below it is hidden",
    )


def test_a_colour_is_no_tag() -> None:
    assert tags_in("#ff0000 #a1b2c3d4 #e3e #moe/router #中文 #facade") == (
        "moe/router",
        "中文",
        "facade",
    )


# --- front matter ---------------------------------------------------------------------------------


def test_front_matter_in_json_is_read() -> None:
    note = parse('{\n  "title": "Json Front",\n  "tags": ["j"]\n}\n\nThe lake is deep.')
    assert (note.paper.title, note.paper.tags, note.troubles) == ("Json Front", ("j",), ())
    assert plain_text(note.entries[0].text) == "The lake is deep."
    assert parse("{\nx = 1\n}").paper.title == ""


def test_front_matter_with_colons_of_chinese_is_read_by_line() -> None:
    note = parse("---\ntitle：门控：综述\n作者：张三，李四\n年份：2022\n---\n\n门控有三种。")
    assert (note.paper.title, note.paper.authors, note.paper.year) == (
        "门控：综述",
        ("张三", "李四"),
        2022,
    )
    assert [trouble.line for trouble in note.troubles] == [1]
    assert plain_text(note.entries[0].text) == "门控有三种。"


def test_fields_of_front_matter_may_be_called_in_chinese() -> None:
    paper = parse("---\n标题: 稀疏缓存\n标签: [缓存]\n会议: ICLR 2024\n---\n").paper
    assert (paper.title, paper.tags, paper.venue) == ("稀疏缓存", ("缓存",), "ICLR 2024")


@pytest.mark.parametrize("unit", [">", "*", "（", "一", ". "])
def test_a_long_line_of_one_sign_takes_no_time(unit: str) -> None:
    start = time.process_time()
    parse(unit * (100_000 // len(unit)))
    assert time.process_time() - start < 1.0


# --- links by definition --------------------------------------------------------------------------


def test_links_that_are_defined_elsewhere_are_their_users() -> None:
    note = parse(
        "* [Quiet Reader][]: reads once\n* [Leaf]: drops\n* [叶剪] 按深度剪\n* [1] 编号\n\n"
        "[quiet reader]: https://a.org/q\n[leaf]: https://a.org/l\n[叶剪]: https://a.org/y\n[1]: https://a.org/1\n"
    )
    assert [(one.title, [link.url for link in one.links]) for one in note.entries[:4]] == [
        ("Quiet Reader", ["https://a.org/q"]),
        ("Leaf: drops", ["https://a.org/l"]),
        ("叶剪 按深度剪", ["https://a.org/y"]),
        ("编号", ["https://a.org/1"]),
    ]


# --- pasted lists ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("I. Gather data\nII. Clean it\nIII. Train", ["Gather data", "Clean it", "Train"]),
        ("A. 方法一\nB. 方法二", ["方法一", "方法二"]),
        ("A. Lee wrote it\nN. Roe read it", []),
        ("a. m. is an hour\nI. Newton fell", []),
        ("⑳第二十\n㉑第二十一", ["第二十", "第二十一"]),
        ("❶先分桶\n❷再比对", ["先分桶", "再比对"]),
        ("十、末项\n十一、再一项", ["末项", "再一项"]),
        ("e. g. this is prose\ni. e. so is this", []),
        ("h) eight\ni) nine\nj) ten", ["eight", "nine", "ten"]),
        ("1️⃣ 清洗\n2️⃣ 训练", ["清洗", "训练"]),
        ("1)第一\n2)第二", ["第一", "第二"]),
        ("1980年提出。\n1990年推广。", []),
    ],
)
def test_numbers_of_any_kind_are_items_where_two_count_on(text: str, titles: list[str]) -> None:
    assert items(parse(text)) == titles


def test_text_between_numbers_belongs_to_the_one_above() -> None:
    note = parse("一、学习率\n\n预热一千步。\n\n- 线性\n\n二、批大小\n\n从小到大。\n\n结尾。")
    assert [(one.title, one.line_start, one.line_end) for one in note.entries] == [
        ("学习率", 1, 3),
        ("线性", 5, 5),
        ("批大小", 7, 9),
        ("结尾。", 11, 11),
    ]
    assert note.entries[1].breadcrumb == ("n", "学习率")


def test_the_last_paragraph_belongs_to_the_last_label() -> None:
    note = parse("一、方法\n\n（一）合并\n并层。\n（二）量化\n分组。\n\n二、结论\n\n吞吐翻倍。")
    assert [(one.title, one.line_start, one.line_end) for one in note.entries] == [
        ("方法", 1, 1),
        ("合并", 3, 4),
        ("量化", 5, 6),
        ("结论", 8, 10),
    ]


def test_rows_of_a_drawn_table_are_entries() -> None:
    note = parse(
        "+-------+-------+\n| 方法  | Score |\n+=======+=======+\n| FoldA | 71    |\n"
        "+-------+-------+\n| FoldB | 72    |\n+-------+-------+\n\nAfter."
    )
    assert [(one.role, one.title, one.line_start) for one in note.entries] == [
        ("row", "方法 · Score", 1),
        ("row", "FoldA", 4),
        ("row", "FoldB", 6),
        ("prose", "After.", 9),
    ]
    assert parse("+ one\n+ two").entries[0].role == "item"


# --- answers from them ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "question", "quotes"),
    [
        (
            "# 剪枝\n\n剪枝方法有三种：\n（1）按幅度剪：最简单\n（2）按梯度剪：要一次反传\n",
            "有哪些剪枝方法？",
            ["（1）按幅度剪：最简单", "（2）按梯度剪：要一次反传"],
        ),
        (
            "# Caches\n\nThere are two ways to cache:\n- By prefix: exact match\n- By meaning: near\n",
            "which ways to cache are there?",
            ["By prefix: exact match", "By meaning: near"],
        ),
        (
            "要点\n\n一、学习率\n预热一千步。\n二、批大小\n从小到大。\n",
            "批大小怎么设？",
            ["从小到大。"],
        ),
    ],
)
def test_items_answer_that_a_line_announces(
    tmp_path: Path, static_encoder: StaticEncoder, text: str, question: str, quotes: list[str]
) -> None:
    answer, _ = make_assistant(tmp_path, text, static_encoder).ask(question)
    assert [citation.quote for citation in answer.citations] == quotes


def test_items_below_a_number_that_is_counted_on_are_beside_one_another():
    note = parse_note("一、结果\n- 九折\n  - 每折一天\n- 两类\n\n二、问题\n- 太慢\n", "a.md")
    crumbs = {entry.title: entry.breadcrumb[1:] for entry in note.entries}
    assert (crumbs["九折"], crumbs["两类"]) == (crumbs["九折"],) * 2
    assert crumbs["每折一天"] == (*crumbs["九折"], "九折")
