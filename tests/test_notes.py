"""Which lines are entries, and where they stand: bullets, headings, prose, tables, code."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest

from conftest import SAMPLE_NOTES
from paperrag.notes.tree import ParsedNote, parse_note
from paperrag.records import Entry
from paperrag.text.decoding import decode
from properties import assume, example, given
from strategies import messy_lines, messy_notes

UNDERLINE = re.compile(r"\s*[=-]*\s*")


def parse(text: str, source: str = "notes/llm.md") -> ParsedNote:
    return parse_note(text, source)


def outline(text: str) -> list[tuple[int, int, str, tuple[str, ...]]]:
    """(first line, last line, title, breadcrumb below the file's name) of each entry."""
    return [(e.line_start, e.line_end, e.title, e.breadcrumb[1:]) for e in parse(text).entries]


def only(text: str) -> Entry:
    (entry,) = parse(text).entries
    return entry


def titles(text: str) -> list[str]:
    return [entry.title for entry in parse(text).entries]


def urls(entry: Entry) -> list[str]:
    return [link.url for link in entry.links]


# --- every line belongs to exactly one entry or heading ------------------------------------------


def owners_of_lines(text: str, note: ParsedNote) -> dict[int, list[str]]:
    """Line number -> the entries that hold it, or the heading that is no entry."""
    lines = text.split("\n")
    owners: dict[int, list[str]] = defaultdict(list)
    for entry in note.entries:
        for number in range(entry.line_start, entry.line_end + 1):
            owners[number].append(entry.id)
    for number, title in note.headings:
        if number not in owners:
            owners[number].append(title)
            for below in range(number + 1, len(lines) + 1):  # the line drawn under it
                if below in owners or not UNDERLINE.fullmatch(lines[below - 1]):
                    break
                owners[below].append(title)
    return owners


def check_note(text: str, note: ParsedNote) -> None:
    lines = text.split("\n")
    owners = owners_of_lines(text, note)
    assert [n for n, line in enumerate(lines, 1) if line.strip() and len(owners[n]) != 1] == []
    by_id = {entry.id: entry for entry in note.entries}
    assert len(by_id) == len(note.entries), "ids are unique"
    for entry in note.entries:
        assert entry.text == "\n".join(lines[entry.line_start - 1 : entry.line_end])
        assert (
            lines[entry.line_start - 1].strip()
            and lines[entry.line_end - 1].strip()
            and entry.title
        )
        assert all(by_id[child].parent_id == entry.id for child in entry.child_ids)
        if entry.parent_id is not None:
            parent = by_id[entry.parent_id]
            assert entry.id in parent.child_ids and parent.line_start < entry.line_start
            above = (*parent.breadcrumb, parent.title)
            assert parent.role == "document" or entry.breadcrumb[: len(above)] == above


def test_every_line_of_the_real_notes_belongs_to_one_entry_or_heading(real_text, real_note):
    check_note(real_text, real_note)
    assert len(real_note.entries) == 169
    assert len(real_note.headings) == 13


@pytest.mark.slow
@pytest.mark.parametrize("path", SAMPLE_NOTES, ids=lambda path: path.name)
def test_every_line_of_the_sample_corpora_belongs_to_one_entry_or_heading(path):
    decoded = decode(path.read_bytes())
    check_note(decoded.text, parse(decoded.text, f"notes/{path.name}"))


@pytest.mark.slow
@given(messy_notes)
@example("- a\n\n\u3000\n\n- b")  # a full-width blank is a blank line, not a paragraph
@example("- a\n##标题\n- b\n  - c\n##二\n  - d")
@example("text\n\n[1]: https://a.com/x\n\n- b\n\n[2]: https://b.com/y")
@example("---\n- a")
@example("")
def test_every_line_of_messy_notes_belongs_to_one_entry_or_heading(text):
    check_note(text, parse(text))


@pytest.mark.slow
@given(messy_lines)
def test_windows_line_ends_give_the_same_entries(lines):
    unix, windows = (decode(end.join(lines).encode("utf-8")) for end in ("\n", "\r\n"))
    assume(unix is not None and windows is not None)
    assert parse(unix.text) == parse(windows.text)


# --- oddities of bullets -------------------------------------------------------------------------


def test_siblings_at_different_indents_stay_siblings():
    text = "- 效果\n\t- first\n  - 第二\n   - third"
    assert [(title, breadcrumb) for _, _, title, breadcrumb in outline(text)] == [
        ("效果", ()),
        ("first", ("效果",)),
        ("第二", ("效果",)),
        ("third", ("效果",)),
    ]


def test_blanks_before_a_tab_before_the_bullet_make_a_child():
    assert outline("- DPO：\n  \t- search\n- 次") == [
        (1, 1, "DPO", ()),
        (2, 2, "search", ("DPO",)),
        (3, 3, "次", ()),
    ]


def test_comment_indented_less_than_its_bullet_belongs_to_it():
    text = "- a\n\t- FastGen\n\t> sinks 也在中间\n认为 attention map 稳定\n\t- b"
    assert outline(text) == [(1, 1, "a", ()), (2, 4, "FastGen", ("a",)), (5, 5, "b", ("a",))]


def test_comment_at_the_margin_belongs_to_the_bullet_above():
    assert outline("- 父\n  - child\n> 评论\n- next") == [
        (1, 1, "父", ()),
        (2, 3, "child", ("父",)),
        (4, 4, "next", ()),
    ]


def test_wrapped_lines_belong_to_their_bullet():
    assert outline("- one\n  more\n还有\n- two") == [(1, 3, "one", ()), (4, 4, "two", ())]


def test_ordered_list_in_a_bullet_gives_children():
    text = "- 策略\n    1. 多样化\n    2. robust\n\t      1. deeper"
    assert outline(text) == [
        (1, 1, "策略", ()),
        (2, 2, "多样化", ("策略",)),
        (3, 3, "robust", ("策略",)),
        (4, 4, "deeper", ("策略", "robust")),
    ]


@pytest.mark.parametrize("marker", ["-", "*", "+", "1.", "2)", "- [ ]", "- [x]", "-\t", "- -"])
def test_all_bullet_markers_start_an_item(marker):
    assert outline(f"{marker} 量化 KV\n") == [(1, 1, "量化 KV", ())]


@pytest.mark.parametrize("indent", ["    ", "\t", "\t\t", "          "])
def test_bullets_without_a_parent_may_stand_at_any_indent(indent):
    assert outline(f"文字\n\n{indent}- 深\n{indent}- two") == [
        (1, 1, "llm", ()),
        (3, 3, "深", ()),
        (4, 4, "two", ()),
    ]


def test_bullets_indented_too_far_are_children_and_siblings_of_each_other():
    assert outline("- 父\n\t\t- a\n\t\t- 乙\n      - c\n          1. d\n- 次") == [
        (1, 1, "父", ()),
        (2, 2, "a", ("父",)),
        (3, 3, "乙", ("父",)),
        (4, 4, "c", ("父",)),
        (5, 5, "d", ("父", "c")),
        (6, 6, "次", ()),
    ]


def test_bullets_right_below_a_paragraph_may_be_indented():
    assert outline("# llm\n问题：\n    - 一\n    - two\n\n后来")[1:] == [
        (3, 3, "一", ("问题",)),
        (4, 4, "two", ("问题",)),
        (6, 6, "后来", ()),
    ]


def test_remark_left_of_its_bullet_does_not_end_the_list():
    text = "- 非自回归\n\t- FlowVox\n > 语速控制\n\t- OneShotMel\n\t- TwoStep\n"
    assert outline(text) == [
        (1, 1, "非自回归", ()),
        (2, 3, "FlowVox", ("非自回归",)),
        (4, 4, "OneShotMel", ("非自回归",)),
        (5, 5, "TwoStep", ("非自回归",)),
    ]


def test_remark_after_a_blank_line_stands_where_it_is_indented():
    assert outline("# llm\n- a\n  - b\n\n> 评论\n\n- c") == [
        (2, 2, "a", ()),
        (3, 3, "b", ("a",)),
        (5, 5, "评论", ()),
        (7, 7, "c", ()),
    ]


def test_two_papers_in_one_bullet_give_two_links():
    entry = only("- https://arxiv.org/pdf/2410.13121， https://arxiv.org/pdf/2410.13246")
    assert [link.arxiv_id for link in entry.links] == ["2410.13121", "2410.13246"]


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("- https://arxiv.org/abs/2401.07851", "arXiv 2401.07851"),
        ("- https://openreview.net/forum?id=wHBfxhZu1u", "openreview.net/forum"),
        ("- https://mp.weixin.qq.com/s/abc_d", "mp.weixin.qq.com/s/abc_d"),
    ],
)
def test_bare_url_entry_is_titled_by_its_link(line, title):
    assert only(line).title == title


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("- [长上下文 LongLoRA](https://arxiv.org/abs/2309.12307)", "长上下文 LongLoRA"),
        ("- YaRN https://arxiv.org/abs/2309.00071 外推", "YaRN"),
        ("- Q-ranking：https://arxiv.org/abs/2410.11287", "Q-ranking"),
        ("- https://arxiv.org/pdf/2405.09673 LoRA 学得少", "LoRA 学得少"),
        ("- [ICLR24] https://arxiv.org/abs/2310.08461", "arXiv 2310.08461"),
        ("- [ICML24] EAGLE [[paper]](https://arxiv.org/pdf/2401.15077)", "EAGLE"),
        ("- RepelNorm (https://arxiv.org/abs/2498.11024)", "RepelNorm"),
        ("- **粗体名**: 说明", "粗体名: 说明"),
    ],
)
def test_title_stands_before_in_or_after_the_link(line, title):
    assert only(line).title == title


def test_title_of_a_long_remark_is_its_first_sentence():
    entry = only("- 直接把 token 丢掉可能会误删重要的信息。" + "后面还有很长的一段话，" * 10)
    assert entry.title == "直接把 token 丢掉可能会误删重要的信息"


def test_title_is_never_longer_than_120_characters():
    assert [len(title) for title in titles("- " + "很长" * 100)] == [120]


def test_link_without_a_scheme_is_found():
    entry = only("- Dynamic-NTK [Reddit](www.reddit.com/r/x) 见 github.com/a/b")
    assert urls(entry) == ["https://www.reddit.com/r/x", "https://github.com/a/b"]


def test_latex_survives_in_the_text():
    line = "- ALIBI: $q_{m} k_{n}-\\lambda|m-n|$ 与 $$\\lambda_i$$ 和 \\(\\mu\\)"
    assert only(line).text == line
    assert only(line).title == "ALIBI: q_{m} k_{n}-\\lambda|m-n| 与 \\lambda_i 和 \\mu"


def test_display_formula_belongs_to_its_bullet():
    assert outline("- 损失\n  $$\n  L = -1\n  $$\n- b") == [(1, 4, "损失", ()), (5, 5, "b", ())]


def test_name_only_entry_is_an_entry():
    assert titles("- Instruction-Mining\n- 指令挖掘") == ["Instruction-Mining", "指令挖掘"]


def test_empty_section_is_a_heading_without_entries():
    note = parse("# 笔记\n\n## Image-Tokenizer\n\n## 下一节\n- a")
    assert note.headings == ((1, "笔记"), (3, "Image-Tokenizer"), (5, "下一节"))
    assert [entry.breadcrumb for entry in note.entries] == [("llm", "笔记", "下一节")]


def test_empty_bullet_is_kept():
    assert outline("- \n- 二") == [(1, 1, "-", ()), (2, 2, "二", ())]


def test_picture_belongs_to_the_text_beside_it():
    assert outline("- a\n- ![[一张很长很长的图片名字.png]]\n- b") == [
        (1, 2, "a", ()),
        (3, 3, "b", ()),
    ]


# --- headings, prose, blocks ---------------------------------------------------------------------


def test_heading_with_a_paragraph_is_an_entry():
    text = "# llm\n\n## SignedGossip\n\nEdges 有正负。\n\n更多。\n\n- 只在 homophilous 图上\n"
    assert outline(text) == [
        (3, 7, "SignedGossip", ()),
        (9, 9, "只在 homophilous 图上", ("SignedGossip",)),
    ]


def test_heading_that_names_a_paper_is_an_entry():
    entry = only("# 笔记\n\n## 晚交互 LateLatch（arXiv 2401.11013）\n")
    assert (entry.title, entry.line_start, entry.links[0].arxiv_id) == (
        "晚交互 LateLatch（arXiv 2401.11013）",
        3,
        "2401.11013",
    )


def test_heading_without_words_is_titled_by_its_mark():
    assert only("# \n## \n- 条").breadcrumb == ("llm", "#", "##")


def test_heading_title_loses_its_url_and_the_brackets_around_it():
    assert titles("# 笔记\n\n### RepelNorm (https://arxiv.org/abs/2498.11024)\n\n文字") == [
        "RepelNorm"
    ]


def test_crowded_heading_is_a_heading():
    note = parse("##标题\n- a\n###Sub\n- b")
    assert note.headings == ((1, "标题"), (3, "Sub"))
    assert [entry.breadcrumb[1:] for entry in note.entries] == [("标题",), ("标题", "Sub")]


def test_crowded_heading_ends_the_list_above():
    note = parse("# 笔记\n- a\n  - b\n##第二节\n- c")
    assert note.headings == ((1, "笔记"), (4, "第二节"))
    assert [(entry.title, entry.breadcrumb) for entry in note.entries] == [
        ("a", ("llm", "笔记")),
        ("b", ("llm", "笔记", "a")),
        ("c", ("llm", "笔记", "第二节")),
    ]


def test_hash_tag_is_no_heading():
    note = parse("#论文 #kv-cache\n\n- a")
    assert note.headings == ()
    assert note.entries[0].text == "#论文 #kv-cache"


def test_setext_headings_are_headings():
    note = parse("大标题\n===\n\n小节 Two\n---\n- a")
    assert note.headings == ((1, "大标题"), (4, "小节 Two"))
    assert [entry.breadcrumb for entry in note.entries] == [("大标题", "小节 Two")]


def test_code_fence_with_a_comment_is_no_heading():
    note = parse("# T\n\n## 方法\n\n文字\n\n```python\n# not a heading\n- no bullet\n```\n\n- b")
    assert note.headings == ((1, "T"), (3, "方法"))
    assert [(entry.line_start, entry.line_end) for entry in note.entries] == [(3, 10), (12, 12)]


def test_code_fence_in_a_bullet_belongs_to_it():
    assert outline("- 代码\n\n  ```\n  # c\n  - x\n  ```\n- b") == [
        (1, 6, "代码", ()),
        (7, 7, "b", ()),
    ]


def test_fence_after_a_list_is_titled_by_its_code():
    assert outline("# llm\n- a\n\n```python\nx = 一()\n```")[1] == (4, 6, "x = 一()", ())


def test_each_row_of_a_table_is_an_entry_below_its_head():
    rows = "| 1 | **film** | 38.8 |\n| 2 | [DeiT](https://arxiv.org/abs/2012.12877) | 81.8 |\n"
    head, film, deit = parse(
        f"# llm\n\n## 结果 results\n\n| rank | 图 | score |\n|---|---|---|\n{rows}"
    ).entries

    assert (head.title, head.breadcrumb, head.line_start, head.line_end) == (
        "rank · 图 · score",
        ("llm", "结果 results"),
        5,
        6,
    )
    assert (film.title, film.text, film.line_start) == ("film", "| 1 | **film** | 38.8 |", 7)
    assert film.breadcrumb == deit.breadcrumb == ("llm", "结果 results", "rank · 图 · score")
    assert (deit.title, deit.links[0].arxiv_id, deit.parent_id) == ("DeiT", "2012.12877", head.id)
    assert {entry.role for entry in (head, film, deit)} == {"row"}


def test_prose_behind_a_table_belongs_to_the_section():
    *_, prose, item = parse(
        "# S\n\n| a | b |\n|---|---|\n| c | d |\n\nA remark.\n\n- item\n"
    ).entries

    assert (prose.role, prose.breadcrumb, prose.text) == ("prose", ("S",), "A remark.")
    assert (item.role, item.breadcrumb) == ("item", ("S",))


def test_a_row_without_letters_is_titled_by_its_line():
    *_, row = parse("| a | b |\n|---|---|\n| 1 | 2 |\n").entries

    assert row.title == "1 | 2"


def test_paragraphs_of_long_prose_are_an_entry_each():
    paragraphs = [
        f"Paper number {n} is discussed here. {'It says a good deal. ' * 12}".strip()
        for n in range(3)
    ]
    first, second, third = parse("# Essay\n\n" + "\n\n".join(paragraphs) + "\n").entries

    assert (first.role, first.text) == ("heading", f"# Essay\n\n{paragraphs[0]}")
    assert (second.role, second.text, second.breadcrumb) == (
        "prose",
        paragraphs[1],
        ("Essay",),
    )
    assert (third.title, third.line_start) == ("Paper number 2 is discussed here", 7)


def test_paragraphs_of_short_prose_stay_together():
    entry = only("# Essay\n\nOne point.\n\nAnother point.\n")

    assert entry.text.endswith("Another point.")


def test_code_and_quotes_in_long_prose_stay_with_the_paragraph_above():
    long = ("A long paragraph. " * 40).strip()
    first, second = parse(f"{long}\n\n```\ncode\n```\n\n> quoted\n\n{long}\n").entries

    assert first.text.endswith("> quoted")
    assert second.text == long


def test_long_prose_of_an_abstract_is_one_entry():
    long = ("A long paragraph. " * 40).strip()

    assert (
        len(
            parse_note(
                f"---\ntitle: T\n---\n\n{long}\n\n{long}\n", "abstracts/t.md", "abstract"
            ).entries
        )
        == 1
    )


def test_paragraph_after_a_list_is_an_entry_of_the_section():
    text = "# llm\n\n- a\n\n后来的想法 afterwards\n\n又一段\n"
    assert outline(text) == [(3, 3, "a", ()), (5, 7, "后来的想法 afterwards", ())]
    assert parse(text).entries[1].role == "prose"


def test_items_before_the_top_heading_stand_below_the_file():
    crumbs = [entry.breadcrumb for entry in parse("- 前\n  - before\n\n# 笔记\n- after").entries]
    assert crumbs == [("llm",), ("llm", "前"), ("llm", "笔记")]


def test_text_before_any_heading_is_the_document():
    first, second = parse("一些想法 thoughts\n\n## A\n- b").entries
    assert (first.role, first.title, first.breadcrumb) == ("document", "llm", ())
    assert (second.breadcrumb, second.parent_id) == (("llm", "A"), first.id)


def test_unbroken_chinese_paragraph_is_one_entry():
    paragraph = "注意力机制在长文本里会分散所以需要压缩" * 110
    entry = only(f"# 笔记\n\n{paragraph}\n")
    assert len(paragraph) == 2090
    assert entry.text == f"# 笔记\n\n{paragraph}"


def test_html_and_link_definitions_are_kept():
    text = "- a\n\n<details>\n- 内\n</details>\n\n[1]: https://a.com/x"
    check_note(text, parse(text))
    assert urls(parse(text).entries[-1]) == ["https://a.com/x"]


# --- wiki-links, folders, abstracts --------------------------------------------------------------


def test_wiki_links_stay_in_the_text_and_lend_their_label_to_the_title():
    entry = only("- 和 [[TwinCritic distillation|双判别器]] 结合")
    assert entry.text == "- 和 [[TwinCritic distillation|双判别器]] 结合"
    assert entry.title == "和 双判别器 结合"


def test_folders_are_the_outermost_breadcrumb():
    assert parse_note("- a", "notes/llm/kv/合并.md").entries[0].breadcrumb == ("llm", "kv", "合并")


def test_abstracts_keep_their_kind():
    assert (
        parse_note("# T\n\nWe propose.", "abstracts/2401.00001.md", "abstract").entries[0].kind
        == "abstract"
    )


def test_text_right_below_a_rule_is_an_entry() -> None:
    text = (
        "# 三篇\n\n甲文：批量越大，衰减越慢。\n---\n乙文：小数据用余弦。\n我不信图四。\n***\n"
        "Sorrel: no schedule wins."
    )
    assert [entry.line_start for entry in parse_note(text, "n.md").entries] == [1, 5, 8]
