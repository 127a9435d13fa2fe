from __future__ import annotations

import time

import pytest

from paperrag.text.inline import plain_inline
from paperrag.text.markup import item_title, plain_text, shorten, without_bars
from properties import given
from strategies import messy_notes


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("[CaM: 缓存合并](https://openreview.net/forum?id=L), ICML", "CaM: 缓存合并, ICML"),
        ("EAGLE [[paper]](https://arxiv.org/abs/1)[[repo]](https://github.com/a/b) 快", "EAGLE 快"),
        ("**粗体** and *thin* and ~~old~~", "粗体 and thin and "),
        ("`kv_cache` 里的 ``a`b``", "kv_cache 里的 a`b"),
        ("$q_m$ 与 \\(\\mu\\) 和 $$x$$", "q_m 与 \\mu 和 x"),
        ("见 [[TwinCritic|双判别器]]、[[SnapFlow]]、[[a#b]]", "见 双判别器、SnapFlow、a"),
        ("![[图.png]]![曲线 curve](a.png)", "曲线 curve"),
        ("<b>粗</b> text<br/>", "粗 text "),
        ("> [!note] 锚点", "> 锚点"),
        ("> [!note]\n> 锚点", "> note:\n> 锚点"),
        ("\\textbf{Scarp} needs 10\\% of \\emph{标签}\\cite{s21}", "Scarp needs 10% of 标签"),
        ("::压缩:: std::vector ::one page::.", "压缩 std::vector one page."),
        ("snake_case_name and a*b*c", "snake_case_name and a*b*c"),
    ],
)
def test_inline_markup_is_removed_and_its_words_kept(markdown, plain):
    assert plain_inline(markdown).replace("  ", " ") == plain


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("看 https://a.com/b 再说", "看 再说"),
        ("看https://a.com/b再说", "看再说"),  # no blank between address and Chinese
        ("Foo (https://a.com/b) bar（https://a.com/c）。", "Foo bar。"),
        ("wiki https://a.org/A_(b) end", "wiki end"),
        ("www.reddit.com/r/x，好", "，好"),
    ],
)
def test_urls_are_removed_and_nothing_else(markdown, plain):
    assert plain_text(markdown) == plain


def test_plain_text_drops_markers_rules_and_fences_line_by_line():
    markdown = "## 方法\n- [a](b) 一\n  1. two\n> 评论\n> - x\n---\n```python\ny = 1\n```\n| 图 | b |\n|---|:-:|\n| 1 | 2 |"
    assert plain_text(markdown) == "方法\na 一\ntwo\n评论\nx\ny = 1\n图 b\n1 2"


def test_plain_text_keeps_numbers_and_dashes_inside_a_line():
    assert plain_text("从 8k - 128k, 1. 先") == "从 8k - 128k, 1. 先"


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("- [ ] 待办 todo", "待办 todo"),
        ("  > 评论 first", "评论 first"),
        ("1. 多样化数据来源：" + "不同于基础策略的数据，" * 8, "多样化数据来源"),
        ("- Ablation: " + "without the anchor memory, " * 4, "Ablation"),
        ("- [ICLR24] DistillSpec: KD [[paper]](https://arxiv.org/abs/1) 蒸馏", "DistillSpec: KD"),
        ("- 【综述】长文本", "长文本"),
        ("- [Deep gates]", "Deep gates"),
        ("- [ 门控 ]", "门控"),
        ("- [x] [a] or [b]", "[a] or [b]"),
        (
            "WickNet (Tern, Ibis, of the Moor; Lamp Lab; MIDL 2025) dims lamps. It is fast.",
            "WickNet (Tern, Ibis, of the Moor; Lamp Lab; MIDL 2025)",
        ),
        ("```python", ""),
        ("---", ""),
        ("", ""),
    ],
)
def test_item_title(line, title):
    assert item_title(line) == title


def test_shorten_counts_characters_and_marks_the_cut():
    assert shorten("注意力机制", 5) == "注意力机制"
    assert shorten("注意力机制很长", 5) == "注意力机…"
    assert shorten("one two", 5) == "one…"


@pytest.mark.slow
@given(messy_notes)
def test_plain_text_has_no_blank_lines_and_is_settled(markdown):
    plain = plain_text(markdown)
    assert all(line == line.strip() != "" for line in plain.split("\n") if plain)


@pytest.mark.timed
@pytest.mark.slow
@pytest.mark.parametrize(
    "unit",
    [
        "[",
        "*a",
        "](",
        "<!--",
        "- ",
        "|-",
        "$",
        "http://a(",
        " ",
        "__a",
        "~~a",
        "`",
        "<a ",
        "[[",
        "> ",
        "1. ",
        "#",
    ],
)
def test_degenerate_lines_take_no_time(unit):
    text = unit * (20_000 // len(unit)) + "x"
    start = time.perf_counter()
    plain_text(text)
    item_title(text)
    assert time.perf_counter() - start < 2.0


def test_row_of_a_table_is_shown_without_its_bars():
    assert without_bars("| **HNSW** | 2016 |  | a \\| b |") == "**HNSW** · 2016 · a \\| b"
    assert without_bars("p(a | b)") == "p(a | b)"
