"""Plain texts: the title of one without headings, chapters, tables without bars, narrow columns."""

from __future__ import annotations

import pytest

from paperrag.notes.tree import parse_note
from paperrag.text.markup import all_cells, plain_text


def headings(text: str, source: str = "n.txt") -> list[str]:
    return [title for _, title in parse_note(text, source).headings]


def rows(text: str) -> list[tuple[str, str]]:
    """Each row below the head with what stands right above it."""
    entries = [entry for entry in parse_note(text, "n.txt").entries if entry.role == "row"]
    return [(entry.breadcrumb[-1], entry.title) for entry in entries[1:]]


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("Elm: small trees\n\nIt prunes leaves.", ["Elm: small trees"]),
        ("榆树模型的剪枝\n\n它剪叶子。", ["榆树模型的剪枝"]),
        ("《榆树》\n会议：ACL\n\n它剪叶子。", ["榆树"]),
        ("It prunes leaves.\n\nIt is small.", []),  # a sentence
        ("Elm is small\nand prunes.", []),  # goes on below
        ("Authors: Wei Lin\n\nIt prunes leaves.", []),  # a field
        ("- Elm\n\nIt prunes leaves.", []),
        ("Elm\n\n# Cedar\nIt prunes leaves.", ["Cedar"]),
        ("---\ntags: x\n---\nElm\n\nIt prunes leaves.", []),
        ("Elm\n\nCedar", []),  # nothing is said of either
        ("=======\nElm: me\n=======\n\nIt prunes.", ["Elm: me"]),
        ("第一章　检索\n\n第二节　重排\n\n最准。", ["检索", "重排"]),
        ("他说第一章写得好。\n\n第一章写得最好。", []),
    ],
)
def test_titles_and_chapters_of_plain_texts_are_headings(text: str, titles: list[str]) -> None:
    assert headings(text) == titles


def test_the_title_of_a_plain_text_names_its_work() -> None:
    entry = parse_note("面向语料稀缺方言的剪枝\n\n它剪叶子，快一倍。", "inbox/a-b-c-d.txt").entries[
        0
    ]
    assert entry.work is not None
    assert (entry.title, entry.work.name) == ("面向语料稀缺方言的剪枝",) * 2


SIMPLE = "Name   Size\n------ -----\nElm    2 GB\n松     6 GB\n\nBoth are trees."
PARTED = (
    "-------------\nName   Remark\n------ ------\nElm    slow,\n       but small\n\n松     快\n"
    "-------------\n\nBoth are trees."
)
TABBED = 'Name\tSize\tRemark\nElm\t2 GB\t"slow,\nbut small"\n松\t6 GB\t'


@pytest.mark.parametrize("text", [SIMPLE, PARTED, TABBED])
def test_rows_without_bars_are_entries_below_their_head(text: str) -> None:
    head = " · ".join(all_cells(next(line for line in text.split("\n") if "Name" in line)))
    assert rows(text) == [(head, "Elm"), (head, "松")]
    assert headings(text) == []


def test_a_cell_goes_on_below() -> None:
    for text in (PARTED, TABBED):
        entry = next(one for one in parse_note(text, "n.txt").entries if one.title == "Elm")
        assert all_cells(entry.text)[-1] == "slow, but small"
    assert all_cells("| Elm | a \\| b |  |") == ["Elm", "a \\| b", ""]
    assert all_cells("| Elm | 剪叶 |\n|     | 子   |\n+---+---+") == ["Elm", "剪叶子"]


@pytest.mark.parametrize(
    "text",
    ["a\tb\tc", "Size:\t2\tGB\nCost:\t3\tUSD", "1\t引言\t3\n2\t方法\t5", "a -- b\n--- --- c"],
)
def test_lines_with_tabs_or_dashes_are_no_table(text: str) -> None:
    assert not any(entry.role == "row" for entry in parse_note(text, "n.txt").entries)


def test_a_narrow_column_of_print_is_wrapped_text() -> None:
    lines = [
        "针对语料稀缺的问题，本文提出",
        "一种共享音素的预训练方法，先",
        "在普通话上训练，再用三小时的",
        "录音微调。",
    ]
    assert "".join(lines) in plain_text("\n".join(lines))
    assert "\n" in plain_text("\n".join(lines[:2]))  # two lines may be a writer's own


@pytest.mark.parametrize(
    ("text", "is_joined"),
    [
        ("我们收了四百张表。模型多半死\n在合并单元格上。", True),
        ("Both are read in parallel. Accuracy falls by\n0.4 points only.", True),
        ("收了四百张表，模型多半死\n在合并单元格上", False),
        ("收四百张表。模型多半\n死在单元格\n上。", True),
        ("收四百张表．模型多半死，\n死在单元格上．多数如此。", True),
        ("收四百张表。\n死在单元格上。", False),
        ("潮汐缓存\n收了四百张表。模型多半死在", False),
        ("Both are read in parallel. Accuracy\n1. falls.", False),
    ],
)
def test_a_sentence_that_a_line_leaves_open_goes_on(text: str, is_joined: bool) -> None:
    assert ("\n" not in plain_text(text)) == is_joined


def test_a_name_above_a_text_with_open_lines_stays_apart() -> None:
    text = "潮汐缓存\n收了四百张表。模型多半死在\n合并单元格上。"
    assert plain_text(text) == "潮汐缓存\n收了四百张表。模型多半死在合并单元格上。"


def test_the_head_of_a_printed_page_is_no_title() -> None:
    text = "第38卷　第2期　　　　计算语言学\n\n我们取弱标签。\n\n它好。"
    assert parse_note(text, "a.txt").headings == ()


def test_subtitles_are_running_text() -> None:
    text = "1\n00:01 --> 00:02\n今天讲 Elm\n\n2\n00:02 --> 00:03\n- 它小\n- 真的\n\n---\n\nEnd."
    entries = parse_note(text, "a.txt").entries
    assert [(entry.line_start, entry.line_end) for entry in entries] == [(1, 10), (12, 12)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- [x] Read Elm ⏫ 📅 2026-01-20 ✅ 2026-01-18 🔁 every week", "Read Elm"),
        ('{"nodes":[{"id":"9f"}],\n"edges":[]}\n\nElm is small.', "Elm is small."),
        ("- [:span]\n- Elm", "Elm"),
        ("> 太弱了 [name=小雯] [color=#907bf7]", "太弱了"),
        ("###### tags: `a` `b`", ""),
        ("[image:5C0A/fig.png] Elm", "Elm"),
        ("% TODO: too strong\nElm keeps 98% of it.", "Elm keeps 98% of it."),
        ('Elm\n\n+++ {"tags": ["hide"]}\nis small', "Elm\nis small"),
        (".. this comment\n.. note:: Elm\n.. [S26] U. Seth", "Elm\nU. Seth"),
        ("2\n00:00:05.200 --> 00:00:09.000\n<v Lim>it sorts", "it sorts"),
        ("100%|██████████| 171/171\nElm", "Elm"),
        ("Elm ─────── is small", "Elm is small"),
        ("没有 :bulb: 新的\n:eyes: 3  :+1: 2", "没有 新的"),
        ("Elm is small.\n\n-- \nMei\nRoom 204", "Elm is small."),
        ("From: Mei\nTo: lab@a.org\nSubject: Elm\n\nElm is small.", "Elm is small."),
        ("**Von:** Mei <m@a.org>\n**Betreff:** 榆树\n\n好。", "好。"),
        ("Fine.\n\nAm 01.02.2025 um 09:12 schrieb Wei:\n\n> Elm is small.", "Fine.\nElm is small."),
        ("2025年9月1日 下午3:00，Wei 写道：\n> 榆树小。\n-----Original Message-----", "榆树小。"),
        ("Elm [3/6] ███░░░ 50 %", "Elm [3/6]"),
        ("榆树。 — [Updated on 2025](https://readwise.io/open/8) — Group: #a", "榆树。"),
        ("Elm ages. ([Time 0:14:08](https://a.b/c)) ([paper](https://a.b/d))", "Elm ages. (paper)"),
        ("1. Highlight [page 4]: 榆树小。", "榆树小。"),
        ("Decay 20250904112233", "Decay"),
        ("Elm saw 200000000000 words", "Elm saw 200000000000 words"),
        ("At a ratio of 1:10 Elm says:\n\n> small", "At a ratio of 1:10 Elm says:\nsmall"),
        ("````{tip}\nElm\n```{note} On ash\n:class: a\n榆树 `x`\n```\n````", "Elm\nOn ash\n榆树 x"),
        ("```{code-cell} ipython3\n:tags: [hide]\n1 + 1\n```", "1 + 1"),
        (
            "\\begin{enumerate}[label=a]\n\\item[Elm] small\\footnote{So far.}",
            "Elm small (So far.)",
        ),
        ("\\begin{itemize} \\item 榆树小 \\end{itemize}", "榆树小"),
        (
            "1\n00:01 --> 00:02\nElm is\n<i>small</i>\n\n2\n00:02 --> 00:03\n[laughs] and old.",
            "Elm is small and old.",
        ),
        ("1\n00:01 --> 00:02\n榆树\n很小\n\n2\n00:02 --> 00:03\n- 真的", "榆树很小\n真的"),
        ("::🔵榆树小。", "🔵榆树小。"),
        ("__Elm__ and __init__ and __CUDA__", "Elm and __init__ and __CUDA__"),
        ("Elm is small.  (edited)\n3 replies\nLast reply today", "Elm is small."),
        ("好\n[图片]\n阿May 撤回了一条消息", "好"),
        ("[Paper](https://a.org){ .md-button }", "Paper"),
        ("@misc{elm, title={Elm}, year={2025}}\nSmall.", "Small."),
        ("⬆️ [回到顶部](#)", ""),
        ("Seen at ICLR\n\na\n\nb\n\n4\n\nSeen at ICLR", "a\nb\n4"),
        ("![bg right:40%](fig.png)", ""),
        ('<highlight color="red">Elm</highlight>', "Elm"),
        ("^^最重要^^，||hidden||", "最重要，hidden"),
        (">! spoiler: small", "spoiler: small"),
        ("\\citet{elm26} keep one \\cite{ash}", "elm26 keep one"),
    ],
)
def test_what_programs_put_around_words_is_none(text: str, words: str) -> None:
    assert plain_text(text) == words


@pytest.mark.parametrize(
    "text",
    [
        "we got 45\n%of them",
        "a --> b",
        "std::vector::size",
        "{x} and {y}",
        ":Authors: Uma",
        "[time] is money",
        "..and then",
        "(edited by Lin)",
        "Elm -- small",
        "[图片] 里是榆树",
        "At 10:30:00 he said",
        "a || b",
    ],
)
def test_what_looks_like_it_stays(text: str) -> None:
    assert plain_text(text).replace("\n", " ") == text.replace("\n", " ")


def test_times_are_no_fields_and_drawn_lines_no_headings() -> None:
    note = parse_note(f"# n\n\n小陈 10:02\n看了\n{'- ' * 15}-\n没什么新的", "n.md")
    assert [title for _, title in note.headings] == ["n"]
    assert note.entries[0].work is None or ("小陈 10", "02") not in note.entries[0].work.fields


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# 📚✨ Elm ✨📚\nSmall.", "Elm"),
        ("# 202601151030 剪枝不是免费的\nSmall.", "剪枝不是免费的"),
        ("# {{title}}\n\n**Title:** Elm\n**Year:**\n\nSmall.", "Elm"),
        ("# Elm ★★★\nSmall.", "Elm"),
    ],
)
def test_headings_are_named_by_their_words(text: str, title: str) -> None:
    assert headings(text, "n.md") == [title]


def test_a_line_of_tags_heads_nothing() -> None:
    note = parse_note("# Elm\n\n###### tags: `a`\n\n## Cedar\nSmall.", "n.md")
    assert [title for _, title in note.headings] == ["Elm", "Cedar"]


def test_answers_that_are_numbered_stand_below_their_questions() -> None:
    entries = parse_note("# n\n\nQ1: Why?\nA1: To save 2 GB.", "n.md").entries
    assert [(one.breadcrumb[-1], one.title) for one in entries] == [
        ("n", "Why?"),
        ("Why?", "To save 2 GB."),
    ]


def test_tags_of_several_words_end_with_a_sign() -> None:
    tags = parse_note("# n\n#papers/蒸馏# #week 14#\n用 #剪枝 和 C# 写", "n.md").entries[0].tags
    assert tags == ("papers/蒸馏", "week 14", "剪枝")


@pytest.mark.parametrize(("deeper", "next_one"), [("（1）", "（2）"), ("①", "②")])
def test_deeper_numbers_stand_below_those_of_markdown_right_above(deeper: str, next_one: str):
    text = f"- 前\n\n1. 设备\n{deeper}一台\n{next_one}两台\n2. 结果\n{deeper}很好\n3.\t结论\n"
    entries = parse_note(text, "notes/n.md").entries
    assert [(entry.title, entry.breadcrumb[1:]) for entry in entries[1:]] == [
        ("设备", ()),
        ("一台", ("设备",)),
        ("两台", ("设备",)),
        ("结果", ()),
        ("很好", ("结果",)),
        ("结论", ()),
    ]


def test_a_sign_that_leads_paragraphs_stands_above_the_others():
    text = "◆ 羊绒（特木尔，2020）\n▲ 区分\n● 98.6%\n\n◆ 蚕丝（Moretti，2021）\n● 2.8%\n\n说明"
    entries = parse_note(text, "notes/n.md").entries
    assert [len(entry.breadcrumb) for entry in entries[:5]] == [1, 2, 2, 1, 2]
    alike = parse_note("● 一\n● 二\n\n● 三\n▲ 四", "notes/n.md").entries
    assert {entry.breadcrumb for entry in alike} == {("n",)}
