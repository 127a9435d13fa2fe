"""Boxes and labels have titles heading what stands in or below them; lists of LaTeX and Pandoc."""

from __future__ import annotations

import pytest

from paperrag.notes.tree import ParsedNote, parse_note
from paperrag.text.markup import plain_text
from properties import given, st


def parse(text: str, source: str = "notes/n.md") -> ParsedNote:
    return parse_note(text, source)


def tree(text: str) -> list[tuple[tuple[str, ...], str]]:
    """Where entries of a note below `# T` stand, that heading aside, and their titles."""
    note = parse(f"# T\n\n{text}")
    return [(one.breadcrumb[1:], one.title) for one in note.entries if one.breadcrumb]


@pytest.mark.parametrize(
    ("text", "title", "words"),
    [
        (
            "> [!question] 粗排会漏掉长尾吗？\n> 会。",
            "粗排会漏掉长尾吗？",
            "粗排会漏掉长尾吗？\n会。",
        ),
        (
            "> [!success]- Main result\n> Halves it.\n> - twice",
            "Main result",
            "Main result\nHalves it.\ntwice",
        ),
        (
            '!!! note "Key idea"\n    Merged.\n\n    再合并。',
            "Key idea",
            '"Key idea"\nMerged.\n再合并。',
        ),
        ('??? question "How often?"\n    Every ten.', "How often?", '"How often?"\nEvery ten.'),
        (":::tip 提示\n先跑小模型。\n:::", "提示", "提示\n先跑小模型。"),
        (
            "<details>\n<summary>New?</summary>\n\nIt stacks.\n\n</details>",
            "New?",
            "New?\nIt stacks.",
        ),
    ],
)
def test_a_box_with_a_title_is_an_entry(text: str, title: str, words: str) -> None:
    box, after = parse(f"# T\n\n{text}\n\nAfter.").entries
    assert (box.role, box.title, plain_text(box.text)) == ("prose", title, words)
    assert after.title == "After."


def test_a_box_in_a_box_stands_below_it():
    assert tree("> [!note] 方法\n> 先粗排。\n>> [!question] 漏吗？\n>> 会。") == [
        ((), "方法"),
        (("方法",), "漏吗？"),
    ]


@pytest.mark.parametrize("text", ["> [!todo]\n> Compare.", ":::warning\nCare.\n:::", "> quoted"])
def test_a_box_without_a_title_belongs_to_the_text_beside(text: str) -> None:
    assert [entry.role for entry in parse(f"# T\n\n{text}").entries] == ["heading"]


def test_headings_in_a_folded_part_stay_headings():
    note = parse("<details><summary>All</summary>\n\n## One\n\ntext\n\n## Two\n\ntext\n</details>")
    assert [title for _, title in note.headings] == ["One", "Two"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "优点：\n- 快\n- 省\n缺点：\n- 方差大",
            [
                ((), "优点"),
                (("优点",), "快"),
                (("优点",), "省"),
                ((), "缺点"),
                (("缺点",), "方差大"),
            ],
        ),
        ("**Cons**\n\n1. slow\n\nLater.", [((), "Cons"), (("Cons",), "slow"), ((), "Later.")]),
        (
            "- Elm\n  Pros:\n  - fast\n- Oak",
            [((), "Elm"), (("Elm",), "Pros"), (("Elm", "Pros"), "fast"), ((), "Oak")],
        ),
        ("Pros:\n• fast\n• small", [((), "Pros"), (("Pros",), "fast"), (("Pros",), "small")]),
        (
            "Sink\n:   soaks up attention\n\n    costs O(n)\n\nAfter",
            [((), "Sink: soaks up attention"), ((), "After")],
        ),
    ],
)
def test_what_stands_below_a_label_belongs_to_it(text: str, expected: list[object]) -> None:
    assert [(path, title) for path, title in tree(text)] == expected


def test_lines_below_a_bold_label_keep_it():
    entries = parse("# T\n\n**Pros:**\nfast on CPU\nno memory\n\n**Cons:**\nbad on code").entries
    assert [(one.title, plain_text(one.text)) for one in entries] == [
        ("Pros", "Pros:\nfast on CPU\nno memory"),
        ("Cons", "Cons:\nbad on code"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Links:\n- [code](https://github.com/a/b)",  # a field of the paper above
        "This is what the authors of the paper propose:\n- a\n- b",
        "Ends in a stop.\n- a",
        "```\nPros:\n- a\n```",
    ],
)
def test_a_sentence_a_field_and_code_are_no_labels(text: str) -> None:
    roles = [entry.role for entry in parse(f"# T\n\n{text}").entries]
    assert "prose" not in roles


def test_an_anki_card_is_a_question_above_its_answer():
    text = (
        "TARGET DECK: A\n\nSTART\nBasic\n何时合并？\nBack: 每段之后。\nTags: kv\n<!--ID: 1-->\nEND"
    )
    assert tree(text) == [((), "何时合并？"), (("何时合并？",), "Back: 每段之后。")]
    words = plain_text(f"{text}\nSTARTI [Basic] When? Back: Later. ENDI")
    assert words == "何时合并？\nBack: 每段之后。\nTags: kv\nWhen? Back: Later."


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        (
            "(@) Depth matters.\n\nAs said.\n\n(@good) 预热可省。",
            ["Depth matters.", "As said.", "预热可省。"],
        ),
        (
            "\\begin{itemize}\n  \\item \\textbf{A} is one.\n  \\item 二。\n\\end{itemize}",
            ["A is one.", "二。"],
        ),
        (
            "[2403.00001] **Ebb: Forgets** (Chen)\nin 5 steps\n\n[2403.00002] **Flood: Keeps** (Roe)\nkeeps",
            ["Ebb: Forgets (Chen)", "Flood: Keeps (Roe)"],
        ),
        (
            "**2403.00001v2** | *Ebb: Forgets* | Chen | cs.LG\n> 五步\n\n- arXiv:2403.00002 [cs.CL] 涨潮 (Roe)\n\n"
            "**2403.00003** | *Flood: Keeps* | Roe\n> 一步",
            ["Ebb: Forgets", "涨潮 (Roe)", "Flood: Keeps"],
        ),
        (
            "＊　参数：７Ｂ\n＊　语言\n　　＊　日语最差\n＋　许可证",
            ["参数：７Ｂ", "语言", "日语最差", "许可证"],
        ),
        ("(+) whispers\n(−) 人名读错\n=> 方言用它", ["whispers", "人名读错", "方言用它"]),
        ("- ☐ Elm\n- ☑ 榆树", ["Elm", "榆树"]),
    ],
)
def test_numbered_examples_and_items_of_latex_are_items(text: str, titles: list[str]) -> None:
    assert [title for _, title in tree(text)] == titles


@pytest.mark.parametrize(
    ("text", "places"),
    [
        (
            "__Advantages__\nno labels\n\n__缺点：__\n会崩\nslow",
            [((), "Advantages"), ((), "缺点")],
        ),
        (
            "**Strengths.** 快。\n**Weaknesses.** 不支持流式。\n*Bottom line*: use it",
            [
                ((), "Strengths. 快。"),
                ((), "Weaknesses. 不支持流式。"),
                ((), "Bottom line: use it"),
            ],
        ),
        ("Elm\n\n- - -\n\nis small\n\n***\n\nAsh", [((), "is small"), ((), "Ash")]),
        (
            "| 字段 | 内容 |\n|---|---|\n| Title | Elm |\n| 作者 | Wei |\n\n## 要点\n好",
            [(("T",), "要点")],
        ),
    ],
)
def test_labels_rules_and_tables_of_fields(
    text: str, places: list[tuple[tuple[str, ...], str]]
) -> None:
    assert tree(text)[-len(places) :] == places


def test_a_table_of_fields_names_the_paper_of_the_file() -> None:
    note = parse("# Notes\n\n| 字段 | 内容 |\n|---|---|\n| Title | Elm |\n| 作者 | Wei; 陈禾 |\n")
    assert (note.paper.title, note.paper.authors) == ("Elm", ("Wei", "陈禾"))
    assert [entry.role for entry in note.entries] == ["heading"]


def test_headings_of_latex_rest_and_a_full_width_keyboard():
    text = "Ridge\n=====\n\n:Author: T. Kim\n:Year: 2020\n\n\\section{Limits}\n\n.. note::\n\n   Square."
    text += "\n\nResults\n~~~~~~~\n\ntext\n\n＃＃ 结论\n\n好"
    note = parse(text)
    assert [title for _, title in note.headings] == ["Ridge", "Limits", "Results", "结论"]
    assert note.troubles == ()
    assert note.entries[0].work and note.entries[0].work.year == 2020
    assert plain_text(note.entries[1].text) == "Limits\nSquare."


def test_code_below_a_line_stays_code():
    note = parse("Run\n~~~\n# no heading\n~~~\n\nend")
    assert note.headings == ()


def test_a_row_goes_on_below_where_its_first_cell_is_blank():
    text = "+---+----+\n| M | R  |\n+===+====+\n| A | at |\n|   | 40 |\n+---+----+\n| B | ok |\n+---+----+"
    rows = [(one.title, plain_text(one.text)) for one in parse(text).entries[1:]]
    assert rows == [("A", "A at 40"), ("B", "B ok")]


def test_words_that_two_lines_break_tell_a_pdf():
    text = "The quanti-\nzation keeps out-\nliers whole."
    assert plain_text(text) == "The quantization keeps outliers whole."


def test_a_number_alone_is_of_a_page():
    assert [entry.title for entry in parse("# T\n\n- a\n\n13\n\nwords").entries] == ["a", "words"]


@pytest.mark.parametrize("title", ["Elm ★★★★☆", "Elm ⭐️⭐️"])
def test_a_rating_is_no_part_of_a_title(title: str) -> None:
    assert parse(f"# {title}\n\ntext").entries[0].title == "Elm"
    assert parse(f"- {title}").entries[0].title == "Elm"


PIECES = st.sampled_from(
    [
        "> [!note] T",
        "> b",
        "Pros:",
        "**Cons**",
        "- a",
        "  - b",
        "",
        "text",
        ":::tip X",
        ":::",
        "<details><summary>S</summary>",
        "</details>",
        "```",
        "# H",
        "T",
        ": means",
        "START",
        "END",
        "Back: x",
        '!!! note "N"',
        "    in",
    ]
)


@given(st.lists(PIECES, max_size=14))
def test_every_line_stands_in_one_entry_or_heading(lines: list[str]) -> None:
    note = parse("\n".join(lines))
    starts = [entry.line_start for entry in note.entries]
    assert starts == sorted(set(starts))
    held = {at for one in note.entries for at in range(one.line_start, one.line_end + 1)}
    held |= {line for line, _ in note.headings}
    assert all(number in held for number, line in enumerate(lines, 1) if line.strip())
