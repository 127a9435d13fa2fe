"""Notes as Kindle, Hypothesis, Notion, Zotero's mdnotes, Word by way of Pandoc and Apple Notes
leave them, and fields, labels and tables as people write them by hand.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from paperrag.encoders.static import StaticEncoder
from paperrag.notes.tree import ParsedNote, parse_note
from paperrag.text.markup import plain_text
from small_corpus import make_assistant


def parse(text: str, source: str = "notes/n.md") -> ParsedNote:
    return parse_note(text, source)


def titles(note: ParsedNote) -> list[str]:
    return [entry.title for entry in note.entries]


# --- which words ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            'Cured at [95 °C]{.deletion author="M. Kerr"}[82 °C]{.insertion author="M. Kerr"} overnight.',
            "Cured at 82 °C overnight.",
        ),
        (
            '[再看]{.comment-start id="0" author="S. O"}强度下降。[]{.comment-end id="0"}',
            "强度下降。",
        ),
        ("[键]{.term lang=zh}位于[眼柄]{.mark}", "键位于眼柄"),
        ("# Notes on [Flax]{.underline} {#flax .Heading1}", "Notes on Flax"),
        ("a[i]{x} and [[wiki]]{.x}", "a[i]{x} and wiki"),
        ('节律不同。{style="color:red"}', "节律不同。"),
        ('set {a="b"} here', 'set {a="b"} here'),
        ("删去<ruby>桥<rp>(</rp><rt>qiáo</rt></ruby>以后", "删去桥以后"),
        ("1958. 首次发掘", "1958. 首次发掘"),
        ("12. 首次发掘", "首次发掘"),
        ("# 睡眠手环 7b1c9e02d4f84a6c8e11aa22bb33cc44\n\n样本", "睡眠手环\n样本"),
        ("- Your Highlight on page 12 | Added on Sunday, 3 March 2024", ""),
        ("- 您在位置 #233 的标注 | 添加于 2024年3月9日", ""),
        ("- one | two", "one two"),
    ],
)
def test_words_are_those_that_the_writer_left(text: str, words: str) -> None:
    assert plain_text(text) == words


def test_a_line_that_begins_with_a_year_goes_on_with_a_wrapped_sentence() -> None:
    text = (
        "The study compares three orchards. The first was planted in spring\n"
        "1962. Its trees have never been sprayed, which the owner proves by\n"
        "his account books."
    )
    assert "in spring 1962. Its" in plain_text(text)


def test_a_page_in_brackets_ends_no_sentence() -> None:
    from paperrag.text.language import first_sentence

    assert first_sentence("@baranov2011 [p. 33] found lead. It stays.").endswith("lead.")
    assert first_sentence("见 [pp. 3-5] 的表。后文").endswith("表。")


def test_pages_of_notion_are_called_without_their_id() -> None:
    note = parse("# 睡眠手环 7b1c9e02d4f84a6c8e11aa22bb33cc44\n\n作者: 孟一川\n\n- 样本有 64 人")
    assert note.entries[0].title == "睡眠手环"


# --- highlights -----------------------------------------------------------------------------------

SIGNED = """# Kelp

> Cover fell by a third
— [tomasz](https://a.org/t), 2024-09-01

Temperature is a monthly mean.

> 全岸都会如此
— [petrova](https://a.org/p), 2024-09-02

只有两个站点。

另一段也是。
"""


def test_a_quotation_that_says_whose_it_is_leads_the_remark_below() -> None:
    texts = [entry.text for entry in parse(SIGNED).entries]
    assert [("monthly mean" in text, "站点" in text, "另一段" in text) for text in texts] == [
        (True, False, False),
        (False, True, True),
    ]


def test_a_quotation_without_a_sign_goes_on_with_the_text_above() -> None:
    note = parse("# Kelp\n\nThey say:\n\n> Cover fell.\n\nAnd then:\n\n> 全岸如此。\n")
    assert titles(note) == ["Kelp"]


def test_paragraphs_that_zotero_exports_are_an_entry_each_of_their_paper() -> None:
    front = "---\ntitle: Tide Caching\n---\n# Annotations\n(11/2/2023)\n\n"
    cited = "([Okafor, 2024, p. 3](zotero://select/library/items/AB12))"
    note = parse(f"{front}“潮汐留住命中” {cited} 我不同意\n\n“The moon is idle” {cited}\n")
    *_, first, second = note.entries
    assert [one.title for one in (first, second)] == ["“潮汐留住命中”", "“The moon is idle”"]
    assert [one.work and one.work.name for one in (first, second)] == ["Tide Caching"] * 2
    alone = parse(f"{front}“潮汐留住命中” {cited}\n\nShort.\n")
    assert alone.entries[-1].role == "heading"


def test_a_quotation_below_a_list_stands_alone() -> None:
    assert titles(parse("- a\n\n> 引文\n\n- b")) == ["a", "引文", "b"]


KINDLE = """潮间带手记 (闻一舟)
- 您在位置 #233-234的标注 | 添加于 2024年3月9日星期六

每十一天校准一次。
==========
Lakes from Above (Kowen)
- Your Highlight on page 87 | Added on Sunday, 10 March 2024

Buoys are calibrated each month.
==========
"""


def test_clippings_of_a_kindle_stand_below_their_book() -> None:
    note = parse(KINDLE, "notes/My Clippings.txt")
    assert [(entry.role, entry.title) for entry in note.entries] == [
        ("heading", "潮间带手记 (闻一舟)"),
        ("heading", "Lakes from Above (Kowen)"),
    ]
    assert "Buoys" in note.entries[1].text
    assert [entry.line_end for entry in note.entries] == [5, 10]


# --- fields and labels ----------------------------------------------------------------------------


def test_a_list_of_which_most_items_are_fields_is_data() -> None:
    note = parse(
        "## 软阀门\n\n* Item Type: [[Article]]\n* Authors: [[卓然]]\n* Date Added: 2023-01-15\n"
        "* Rack: 7\n\n### 摘录\n\n- 阀门由明胶制成\n- 不需要电池"
    )
    assert titles(note) == ["软阀门", "阀门由明胶制成", "不需要电池"]
    kept = parse("# Valve\n\n- Material: gelatin\n- Code: no\n- Size: 14 mm")
    assert "Material: gelatin" in titles(kept)


def test_fields_and_labels_may_stand_in_brackets() -> None:
    note = parse(
        "【题目】电子皮肤\n【作者】安澜\n【创新点】\n把皱纹当作传感器。\n【结论】\n只衰减 3%。"
    )
    assert (note.paper.title, note.paper.authors) == ("电子皮肤", ("安澜",))
    assert titles(note) == ["电子皮肤", "创新点", "结论"]
    assert note.entries[1].text == "【创新点】\n把皱纹当作传感器。"


def test_a_sentence_names_no_author() -> None:
    note = parse("# 审稿往来\n\n审稿人：只采样两周。\n作者：补测了四周，结论不变。")
    assert note.paper.authors == ()
    assert parse("# A\n\nAuthors: Bianca Toth\\\nYear: 2021").paper.authors == ("Bianca Toth",)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("**Weaknesses**\n- too slow\n- 太大", "label"),
        ("缺点：\n- too slow\n- 太大", "label"),
        ("<details>\n<summary>缺点</summary>\n\n- too slow\n- 太大\n\n</details>", "label"),
        ("> [!warning] Weaknesses\n> It is too slow.", "remark"),
        ("It is too slow.[^1]\n\n[^1]: 见表 2。\n\n    - 太大", "remark"),
    ],
)
def test_a_label_in_a_note_on_a_paper_answers_nothing(text: str, part: str) -> None:
    note = parse(f"---\ntitle: Reed\n---\n\n# Notes\n\n{text}")
    (entry,) = (one for one in note.entries if one.title in ("Weaknesses", "缺点", "见表 2。"))
    assert entry.part == part


# --- lists, tables, titles ------------------------------------------------------------------------


def test_hollow_bullets_stand_below_full_ones() -> None:
    note = parse("\t•\t结果\n\t◦\t压缩九千次后断裂\n\t▪\t断在谷折处\n\t•\tno humidity")
    assert [(entry.title, len(entry.breadcrumb)) for entry in note.entries] == [
        ("结果", 1),
        ("压缩九千次后断裂", 2),
        ("断在谷折处", 3),
        ("no humidity", 1),
    ]


def test_letters_count_on_where_they_stand_below_one_another() -> None:
    note = parse(
        "2) Stain\n   a) two drops of dye\n      i) red for shells\n      ii) 蓝色\n   b) rinse\n"
    )
    assert titles(note) == ["Stain", "two drops of dye", "red for shells", "蓝色", "rinse"]


def test_a_row_with_a_blank_first_cell_is_on_what_the_row_above_names() -> None:
    note = parse(
        "| 方法 | 时段 | recall |\n|---|---|---|\n| 青苔法 | 白天 | 0.83 |\n|  | 夜间 | 0.61 |\n"
    )
    assert [entry.breadcrumb[-1] for entry in note.entries[1:]] == [
        "方法 · 时段 · recall",
        "青苔法",
    ]


def test_terms_of_html_stand_with_what_they_mean() -> None:
    note = parse(
        "<dl>\n<dt>回声室</dt>\n<dd>互相转发的账号</dd>\n<dt>bridge</dt>\n<dd>in both</dd>\n</dl>"
    )
    assert titles(note) == ["回声室", "bridge"]
    assert [plain_text(entry.text) for entry in note.entries] == [
        "回声室\n互相转发的账号",
        "bridge\nin both",
    ]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("折纸弹簧的疲劳\n2024年11月3日 下午7:20\n\n压了九千次。", "折纸弹簧的疲劳"),
        ("Paper springs\n2024-11-03 19:20\n\nThey break.", "Paper springs"),
        ("　　折纸桥\n\n　　作者做了四种桥。", "折纸桥"),
        ("Paper springs\nand 2024-11-03 more\n\nThey break.", "n"),
    ],
)
def test_a_day_may_stand_below_the_title_of_a_plain_text(text: str, title: str) -> None:
    assert parse(text).entries[0].title == title


# --- answers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("note", "question", "quote"),
    [
        (
            "# C# 的索引\n\n- 内存泄漏，见 #12 号 #实现 #坑\n- 快",
            "索引有什么泄漏？",
            "内存泄漏，见 #12 号",
        ),
        (
            "# 某史\n\n2009. 改用新的分期\n2021. 用热释光重测",
            "哪一年改用新的分期？",
            "2009. 改用新的分期",
        ),
        (
            "【题目】会皱的皮肤\n【作者】安澜；F. Okoye\n【创新点】\n把皱纹当作传感器。",
            "会皱的皮肤把什么当作传感器？",
            "把皱纹当作传感器。",
        ),
    ],
)
def test_quotes_are_words_of_the_note(
    tmp_path: Path, bundled_encoder: StaticEncoder, note: str, question: str, quote: str
) -> None:
    assistant = make_assistant(tmp_path, {"notes/n.md": note}, bundled_encoder)
    answer, _ = assistant.ask(question)
    assert [citation.quote for citation in answer.citations[:1]] == [quote]
