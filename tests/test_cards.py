"""Flashcards, questions with answers, footnotes, Readwise's exports, days' notes."""

from __future__ import annotations

import pytest

from paperrag.notes.naming import name_of
from paperrag.notes.tree import ParsedNote, parse_note
from paperrag.text.fields import labelled_fields
from paperrag.text.markup import item_title, plain_text


def parse(text: str, source: str = "notes/n.md") -> ParsedNote:
    return parse_note(text, source)


def places(note: ParsedNote) -> list[tuple[tuple[str, ...], str]]:
    return [(entry.breadcrumb, entry.title) for entry in note.entries if entry.role != "heading"]


# --- questions and answers ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "question", "answer"),
    [
        (
            "When do tides merge?\n?\nAfter each piece.\n\nNext.",
            "When do tides merge?",
            "After each piece.",
        ),
        ("什么时候合并？\n??\n每段之后。\n", "什么时候合并？", "每段之后。"),
        (
            "Q: When do tides merge?\nA: After each piece.",
            "When do tides merge?",
            "After each piece.",
        ),
        ("**问：** 何时合并？\n\n**答：** 每段之后。", "何时合并？", "每段之后。"),
        ("- Q1: When?\n- A1: After each piece.", "When?", "After each piece."),
    ],
)
def test_an_answer_stands_below_its_question(text: str, question: str, answer: str) -> None:
    found = places(parse(f"# Cards\n\n{text}"))
    assert found[:2] == [(("Cards",), question), (("Cards", question), answer)]


@pytest.mark.parametrize(
    ("card", "title"),
    [
        ("What is the horizon?:::40 steps", "What is the horizon? 40 steps"),
        ("奖励来自哪里;;日志里的点击", "奖励来自哪里 日志里的点击"),
        ("剪枝率::约六成", "剪枝率 约六成"),
        ("STARTI [Basic] How wide? Back: Eight. ENDI", "How wide? Back: Eight."),
    ],
)
def test_a_card_in_one_line_is_an_entry(card: str, title: str) -> None:
    assert places(parse(f"# Cards\n\nSome.\n{card}\nstd::vector, a;; b")) == [(("Cards",), title)]


@pytest.mark.parametrize("text", ["Is it flat?\n\n?\n\nNobody knows.", "A: a rule\nB: another"])
def test_what_is_no_card_stays_text(text: str) -> None:
    assert [entry.role for entry in parse(f"# Cards\n\n{text}").entries] == ["heading"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- {{cloze merges keys}} of tokens", "merges keys of tokens"),
        ("合并 {{cloze 相邻}} 的键", "合并 相邻 的键"),
    ],
)
def test_the_word_of_a_gap_is_read(text: str, words: str) -> None:
    assert plain_text(text) == words


# --- footnotes ------------------------------------------------------------------------------------


def test_a_footnote_stands_below_the_sentence_that_points_at_it() -> None:
    text = "# Tide\n\nIt is cheap. The cache halves.[^hw]\n\n## Later\n\nx\n\n[^hw]: Only on A100."
    (*_, note) = parse(text).entries
    assert (note.breadcrumb, note.title) == (("Tide", "The cache halves."), "Only on A100.")
    assert note.line_start == 9


def test_footnotes_begin_whatever_they_say_and_own_what_is_indented_below_them() -> None:
    text = "# Tide\n\n缓存减半，成本不高。[^a][^b]\n\n[^a]: 只在夏天。\n[^b]:\n    About 7 euros.\n\n    - 不含审核\n"
    _, first, second, below = parse(text).entries
    assert [(note.breadcrumb[-1], note.title) for note in (first, second)] == [
        ("缓存减半，成本不高。", "只在夏天。"),
        ("缓存减半，成本不高。", "About 7 euros."),
    ]
    assert (below.parent_id, below.title, below.line_start) == (second.id, "不含审核", 9)


def test_a_footnote_of_a_bullet_makes_it_no_group() -> None:
    bullet, note = parse("- 缓存减半[^1]。\n- 两遍\n\n[^1]: 只在 A100 上测过。").entries[::2]
    assert (note.parent_id, note.breadcrumb[-1]) == (bullet.id, "缓存减半。")
    assert bullet.part != "label"


def test_footnotes_of_org_are_footnotes() -> None:
    text = (
        "* Tide\nThe cache halves[fn:1] =at once=.[fn:: or so]\n\n* Notes\n[fn:1] Only on A100.\n"
    )
    tide, note = parse(text, "notes/t.org").entries
    assert plain_text(tide.text) == "Tide\nThe cache halves at once. (or so)"
    assert note.breadcrumb[-2:] == ("Tide", "The cache halves at once. (or so)")
    assert note.title == "Only on A100."


# --- fields ---------------------------------------------------------------------------------------

READWISE = """# Tide Caches

## Metadata
- Author: [[Ann Lee]]
- Full Title: Tide Caches: Merging Keys
- Category: #articles
- URL: https://arxiv.org/abs/2402.02057

## Highlights
- The cache halves. ([View Highlight](https://read.readwise.io/read/1)) ^rw1
"""


def test_readwise_says_what_its_highlights_are_of() -> None:
    note = parse(READWISE, "notes/Tide.md")
    (highlight,) = (entry for entry in note.entries if entry.role == "item")
    assert (note.paper.title, note.paper.authors) == ("Tide Caches: Merging Keys", ("Ann Lee",))
    assert plain_text(highlight.text) == "The cache halves."
    assert highlight.work and highlight.work.name == "Tide Caches: Merging Keys"


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("Imported: 2023-08-17 11:20 am", "hollow-tide"),
        ("读于：2023年8月", "hollow-tide"),
        ("March: of the Penguins", "March: of the Penguins"),
        ("Tide: a 2023 survey", "Tide: a 2023 survey"),
    ],
)
def test_a_heading_that_says_when_names_no_paper(heading: str, name: str) -> None:
    note = f"---\nkey: W8\n---\n> Tern (2021). Tides.\n\n### {heading}\n\nIt folds at once.\n"
    (told,) = {one.work.name for one in parse(note, "hollow-tide.md").entries if one.work}
    assert told == name


def test_the_address_in_the_fields_is_the_paper_and_the_cover_is_none() -> None:
    cover = "![rw-book-cover](https://readwise-assets.s3.amazonaws.com/1.png)\n\n## Metadata"
    note = READWISE.replace("## Metadata", cover).replace("arxiv.org/abs/2402.02057", "tide.org/a")
    _, metadata, *_ = parse(note, "notes/Tide.md").entries
    assert metadata.part == "field"
    assert metadata.work and [link.url for link in metadata.work.links] == ["https://tide.org/a"]


def test_a_link_that_is_defined_elsewhere_is_the_papers_beside_a_picture() -> None:
    text = "# [Tide][1] ![x](https://tide.org/x.png)\n\nIt folds.\n\n[1]: https://tide.org/a\n"
    first = parse(text, "notes/Tide.md").entries[0]
    assert first.work and [link.url for link in first.work.links] == ["https://tide.org/a"]


@pytest.mark.parametrize(
    "line",
    [
        "- authors:: Ann Lee",
        "Authors: [[Ann Lee]]",
        "作者：Ann Lee",
        "**Authors: Ann Lee**",
    ],
)
def test_fields_have_their_value(line: str) -> None:
    assert labelled_fields(line) == {"authors": "Ann Lee"}


# --- files ----------------------------------------------------------------------------------------

_TEXT = "模型在长输入上逐段合并缓存，门控由上一段的注意力决定，因此不需要额外的网络。"


@pytest.mark.parametrize(
    "text",
    [
        f"一、背景\n{_TEXT}\n\n{_TEXT}\n\n二、方法\n{_TEXT}\n",
        f"1. 背景\n{_TEXT}\n2. 方法\n{_TEXT}\n",
    ],
)
def test_numbered_lines_above_text_are_headings_of_one_paper(text: str) -> None:
    works = {entry.work and entry.work.name for entry in parse(text, "稀疏门控.md").entries}
    assert works == {"稀疏门控"}


def test_papers_that_share_a_day_are_works() -> None:
    text = (
        "今天两篇。\n\n**TideCache**：合并相邻的键。\n\n**RopeQuant**：把键压到四位。\n\n"
        "- Read [[LatchNet]]: freezes the gates after warm-up\n- [[Other note]]\n"
    )
    named = [
        (entry.part, entry.work.name)
        for entry in parse(text, "2026-03-06.md").entries
        if entry.work
    ]
    assert named[:3] == [("work", "TideCache"), ("work", "RopeQuant"), ("work", "LatchNet")]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("DrumNet (Lee et al., 2024), it skips layers", "DrumNet"),
        ("Tide (Lee et al., 2024)", "Tide"),
    ],
)
def test_a_name_ends_at_its_citation(title: str, name: str) -> None:
    assert name_of(title) == name


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("- TideCache #kv #读过", "TideCache"),
        ("- #kv", "#kv"),
        ("- Read TideCache", "TideCache"),
        ("- 读了《潮汐缓存》", "《潮汐缓存》"),
        ("- Read this twice", "Read this twice"),
    ],
)
def test_a_title_is_without_what_is_no_part_of_it(line: str, title: str) -> None:
    assert item_title(line) == title
