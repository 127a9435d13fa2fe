from __future__ import annotations

import pytest

pytest.importorskip("latex2mathml", reason="formulas of the page need latex2mathml")

from paperrag.page.formulas import formula_html
from paperrag.page.prose import block_html, link_html


def test_quote_is_marked_across_other_markup() -> None:
    page = block_html("- **Cats sleep** all day", ["Cats sleep** all"])
    assert page == "<p><strong><mark>Cats sleep</mark></strong><mark> all</mark> day</p>\n"


def test_quote_in_chinese_is_marked() -> None:
    assert "<mark>通过merge来利用</mark>" in block_html(
        "  > 不是丢弃，而是通过merge来利用逐出的元素", ["通过merge来利用"]
    )


@pytest.mark.parametrize(
    "markdown",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![pixel](http://beacon.example/p.png)",
        "[click](javascript:alert(1))",
        "[click](data:text/html,x)",
        "[click](  JaVaScRiPt:alert(1))",
        "<javascript:alert(1)>",
        "$\\text{<img src=x onerror=alert(1)>}$",
        "```\n<script>alert(1)</script>\n```",
        "| <img src=x> | b |\n|--|--|\n| <svg/onload=alert(1)> | 2 |",
    ],
)
def test_html_of_notes_stays_text(markdown: str) -> None:
    page = block_html(markdown)
    for forbidden in (
        "<script",
        "<img",
        "<svg",
        "<iframe",
        'href="javascript',
        'href="data',
        "href=' ",
    ):
        assert forbidden not in page.lower()


def test_image_is_a_link_that_nothing_loads() -> None:
    page = block_html("![pixel](http://beacon.example/p.png)")
    assert (
        '<a href="http://beacon.example/p.png" target="_blank" rel="noopener noreferrer">pixel</a>'
        in page
    )


def test_formulas_become_mathml() -> None:
    assert (
        formula_html("a^2")
        == '<math display="inline"><mrow><msup><mi>a</mi><mn>2</mn></msup></mrow></math>'
    )
    assert "<mi>π</mi>" in block_html("基础策略 \\(\\pi\\) 的改进")
    assert "<math" not in block_html("costs $5 and $6")


def test_broken_formula_is_shown_as_it_is_written() -> None:
    assert formula_html("\\frac{a}{") == '<code class="formula">\\frac{a}{</code>'


def test_bare_address_is_a_link_without_the_punctuation_behind_it() -> None:
    assert '<a href="https://arxiv.org/abs/1"' in block_html("见 https://arxiv.org/abs/1，以及")
    assert link_html("ftp://x", "x") == '<span class="deadlink">x</span>'


@pytest.mark.parametrize(
    "url",
    [
        "zotero://select/library/items/AB12",
        "zotero://open-pdf/library/items/AB12?page=3",
        "obsidian://open?vault=Papers&amp;file=%E7%8C%AB",
    ],
)
def test_links_that_show_something_in_zotero_or_obsidian_stay(url: str) -> None:
    assert f'<a href="{url}" rel="noopener noreferrer">第 3 页</a>' in block_html(
        f"[第 3 页]({url})"
    )


def test_links_that_tell_a_program_to_do_more_are_dead() -> None:
    for url in ("obsidian://new?content=x", "zotero://report/x", "zotero-run://select/"):
        assert '<span class="deadlink">x</span>' in block_html(f"[x]({url})")


def test_indented_entry_is_no_code_block() -> None:
    assert (
        block_html("          1. deep item\n          continued")
        == "<p>deep item<br />\ncontinued</p>\n"
    )


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("D<sup>EV</sup> D<sub>*k*</sub>", "D<sup>EV</sup> D<sub><em>k</em></sub>"),
        ("键<br>值", "键<br />\n值"),
        ("<sup>open", "&lt;sup&gt;open"),
        ("<sup onclick=x>a</sup>", "&lt;sup onclick=x&gt;a&lt;/sup&gt;"),
        ("<u><script>x</script></u>", "<u>&lt;script&gt;x&lt;/script&gt;</u>"),
    ],
)
def test_bare_tags_of_a_note_are_what_they_say_and_no_others(markdown: str, shown: str) -> None:
    assert block_html(markdown) == f"<p>{shown}</p>\n"


def test_quote_is_marked_inside_a_bare_tag() -> None:
    assert "D<sup><mark>EV</mark></sup>" in block_html("D<sup>EV</sup>", ("EV",))


@pytest.mark.parametrize(("name", "sign"), [("R", "ℝ"), ("N", "ℕ"), ("Z", "ℤ")])
def test_sets_of_numbers_are_signs(name: str, sign: str) -> None:
    assert f"<mi>{sign}</mi>" in block_html(f"in $\\{name}^4$")
    assert sign not in block_html(f"in $\\{name}ho$")
