"""Pasted and exported: Word, arXiv's lists, BibTeX, PDF, chats, Obsidian's plugins, pages."""

from __future__ import annotations

import pytest

from paperrag.notes.front_matter import read_paper
from paperrag.notes.tree import ParsedNote, parse_note
from paperrag.text.decoding import decode
from paperrag.text.fields import field_of_label, fields_in
from paperrag.text.markup import item_title, plain_text


def parse(text: str, source: str = "notes/n.md") -> ParsedNote:
    return parse_note(text, source)


def placed(text: str) -> list[tuple[str, str]]:
    """Each item with what stands right above it."""
    entries = [entry for entry in parse(text).entries if entry.role == "item"]
    return [(entry.breadcrumb[-1], entry.title) for entry in entries]


@pytest.mark.parametrize(
    ("text", "items"),
    [
        (
            "•\tCedar\no\tone pass\n•\tMaple",
            [("n", "Cedar"), ("Cedar", "one pass"), ("n", "Maple")],
        ),
        ("1\t引言\n1.1\t背景\n2\t方法", [("n", "引言"), ("引言", "背景"), ("n", "方法")]),
        ("1. 引言\n   1.1 背景\n   1.2 问题", [("n", "引言"), ("引言", "背景"), ("引言", "问题")]),
        ("·优点:快\n·缺点:慢", [("n", "优点:快"), ("n", "缺点:慢")]),
        ("・利点：速い\n・欠点：高い", [("n", "利点：速い"), ("n", "欠点：高い")]),
        ("剪枝\n　　- 雪松\n　　- 枫树", [("n", "雪松"), ("n", "枫树")]),
        ("[1] Cedar, 2025\n[2] Maple, 2026", [("n", "Cedar, 2025"), ("n", "Maple, 2026")]),
    ],
)
def test_lists_of_other_programs_are_lists(text: str, items: list[tuple[str, str]]) -> None:
    assert placed(text) == items


@pytest.mark.parametrize("text", ["o modelo é bom\no outro não", "1.5 times faster\nthan before"])
def test_words_that_look_like_bullets_stay_words(text: str) -> None:
    assert placed(text) == []


LISTING = """# New

[1] arXiv:2603.01001 [pdf, html]
Title: Basalt: Hard Negatives
Authors: Ana Ruiz, Kim Dae

Basalt mines negatives.

[2] arXiv:2603.01002 [pdf, html]
Title: Pumice: Light Adapters
Authors: Lu Fang

Pumice adapters are light.
"""


def test_papers_of_a_listing_are_works_with_their_abstracts() -> None:
    works = {entry.line_end: entry.work for entry in parse(LISTING).entries}
    assert [(end, work and (work.name, work.authors)) for end, work in works.items()] == [
        (7, ("Basalt: Hard Negatives", ("Ana Ruiz", "Kim Dae"))),
        (13, ("Pumice: Light Adapters", ("Lu Fang",))),
    ]


BIBTEX = """@inproceedings{ruiz2025,
  title={Granite: Slow {W}eights},
  author={Ruiz, Ana and Dae, Kim},
  booktitle={ICLR},
  year={2025},
}
"""


@pytest.mark.parametrize("text", [BIBTEX, f"```bibtex\n{BIBTEX}```\n"])
def test_bibtex_at_the_start_names_the_paper_and_is_no_words(text: str) -> None:
    note = parse(f"# Granite\n\n{text}\nIt is slow.\n")
    paper = note.paper
    assert (paper.title, paper.authors, paper.year, paper.venue, paper.citekey) == (
        "Granite: Slow Weights",
        ("Ruiz, Ana", "Dae, Kim"),
        2025,
        "ICLR 2025",
        "ruiz2025",
    )
    assert plain_text(note.entries[0].text) == "Granite\nIt is slow."


def test_bibtex_of_several_papers_names_none() -> None:
    assert parse(f"{BIBTEX}\n{BIBTEX}").paper.title == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "The cache keeps keys as they come and is effi-\ncient when contexts grow. Its rate is on aver-\n"
            "age the best of all caches that we know.",
            "The cache keeps keys as they come and is efficient when contexts grow. Its rate is on average "
            "the best of all caches that we know.",
        ),
        ("每段 (rating:: 4) 合并 [venue:: ICML 2025] 一次", "每段 合并 一次"),
        ("```{python}\n#| label: a\nplot(x)\n```", "plot(x)"),
        ("- [ ] Foam @{2026-03-01}", "Foam"),
        ("### [📖](marginnote3app://note/A) 命中率", "命中率"),
        ("Willow.\n\nid: 0123456789abcdef0123456789abcdef\nparent_id: \ntype_: 1", "Willow."),
    ],
)
def test_words_are_those_on_screen(text: str, words: str) -> None:
    assert plain_text(text) == words


def test_the_answer_of_who_speaks_second_stands_below_the_question() -> None:
    text = "**You:** How wide is it?\n\n**Bot:** It stays at 512.\n"
    assert placed(text) == [
        ("n", "You: How wide is it?"),
        ("You: How wide is it?", "Bot: It stays at 512."),
    ]


@pytest.mark.parametrize(
    ("authors", "names"),
    [
        (("[[Ida Berg]]", "[[people/Tom|Tom Vik]]"), ("Ida Berg", "Tom Vik")),
        ("[[王芳]]、[[李四]]", ("王芳", "李四")),
    ],
)
def test_authors_are_without_the_brackets_of_links(
    authors: str | tuple[str, ...], names: tuple[str, ...]
) -> None:
    assert read_paper({"authors": authors}).authors == names


def test_authors_with_affiliations_are_their_names() -> None:
    text = "---\nauthors:\n  - name: Ida Berg\n    affiliation: Example U\n---\nx"
    assert parse(text).paper.authors == ("Ida Berg",)


@pytest.mark.parametrize(
    ("label", "name"),
    [("會議", "venue"), ("論文標題", "title"), ("著者", "authors"), ("备注", None)],
)
def test_labels_in_traditional_chinese_and_japanese(label: str, name: str | None) -> None:
    assert field_of_label(label) == name


def test_fields_in_round_brackets_are_fields() -> None:
    assert fields_in("fast (venue:: ICML 2025), (see::x)") == {"venue": "ICML 2025"}


def test_a_citekey_before_a_name_is_no_part_of_it() -> None:
    assert item_title("- [[@ono2025glacier]] [Glacier](https://a.b/c)") == "Glacier"


def test_a_box_says_something_of_the_note_that_is_linked() -> None:
    text = "- [ ] [[FoamNet]]\n- [x] [[BrineNet]]\n- [[Other]]\n"
    works = [
        (entry.part, entry.work and entry.work.status) for entry in parse(text, "list.md").entries
    ]
    assert works == [("work", "unread"), ("work", "read"), ("pointer", "")]


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        ("荒野モデルは鍵の一割を残す。学習は三時間で終わる。", "cp932", "shift_jis"),
        ("荒原模型保留一成的鍵，訓練需要三小時，顯示結果比較穩定。", "big5", "big5"),
    ],
)
def test_encodings_of_japan_and_taiwan(text: str, encoding: str, name: str) -> None:
    found = decode(text.encode(encoding))
    assert found and (found.text, found.encoding, found.faults) == (text, name, ())


@pytest.mark.parametrize(
    "text",
    [
        "# 三月\n\n**Cedar: Pruning Heads**\n[pdf](https://arxiv.org/abs/2501.00041)\n删头。\n\n"
        "**Maple: Pruning Layers**\n[pdf](https://arxiv.org/abs/2501.00042)\n\n删层。\n",
        "Cedar: Pruning Heads\nhttps://arxiv.org/abs/2501.00041\nRemoves heads.\n--------\n"
        "Maple: Pruning Layers\nhttps://arxiv.org/abs/2501.00042\n\nRemoves layers.\n",
    ],
)
def test_papers_that_follow_each_other_without_headings_are_works(text: str) -> None:
    entries = parse(text, "march.md").entries
    names = [entry.work and entry.work.name for entry in entries if entry.part != "remark"]
    assert names == ["Cedar: Pruning Heads", "Maple: Pruning Layers"]
    (last,) = entries[-1:]
    assert last.work and last.work.name == "Maple: Pruning Layers"


def test_one_paper_below_a_bold_line_is_no_list() -> None:
    text = "# Cedar\n\n**Cedar: Pruning Heads**\n[pdf](https://arxiv.org/abs/2501.00041)\n\nRemoves heads.\n"
    assert {entry.role for entry in parse(text).entries} == {"heading"}


def test_numbers_of_markdown_stand_below_chinese_ordinals_and_end_no_list_of_them() -> None:
    text = "一、池（2021）夜诊\n（一）做法\n1. 电话\n2. 分组\n（二）不足\n1. 一县\n\n二、匡（2019）去留\n（一）不足\n1. 回收"
    entries = {entry.title: entry.breadcrumb[1:] for entry in parse(text, "n.txt").entries[1:]}
    first, second = "池（2021）夜诊", "匡（2019）去留"
    assert entries["分组"] == (first, "做法")
    assert entries["一县"] == (first, "不足")
    assert entries["回收"] == (second, "不足")


@pytest.mark.parametrize(
    "text",
    [
        "1 Cedar\n1.1 idea: dims\n1.2 cost: 12\n2 Maple\n2.1 idea: prunes\n2.2 cost: 20",
        "1  雪松\n1.1 想法：变暗\n\n2  枫树\n2.1 代价：20",
    ],
)
def test_bare_numbers_above_dotted_ones_are_items(text: str):
    tops = [title for above, title in placed(text) if above == "n"]
    assert [top.split()[1] for top in tops] == [
        name for name in ("Cedar", "Maple", "雪松", "枫树") if name in text
    ]
    assert {above for above, _ in placed(text)} == {"n", *tops}
