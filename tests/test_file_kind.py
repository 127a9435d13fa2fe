"""What kind of file a note is: on one work, a list of works, an index of them."""

from __future__ import annotations

import pytest

from paperrag.notes.file_kind import FileKind, kind_of_file
from paperrag.notes.outline import Outline
from paperrag.notes.tree import parse_note
from paperrag.records import NotePaper

ITEMS_EN = "".join(f"- [Tide{at}](https://arxiv.org/abs/2299.0000{at})\n" for at in range(5))
ITEMS_ZH = "".join(
    f"- [潮汐{at}](https://arxiv.org/abs/2299.0000{at})：把一起移动的词元合并成一个，别的词元不动\n"
    for at in range(5)
)


def kind(text: str, source: str, paper: NotePaper | None = None) -> FileKind:
    entries = parse_note(text, source).entries
    return kind_of_file(Outline(entries, paper or NotePaper(), source, None, lambda _: False))


@pytest.mark.parametrize("text", ["Otters hold each other by their paws.", "水獭睡觉时手拉着手。"])
def test_prose_of_a_name_is_on_one_work(text: str):
    assert kind(text, "notes/Sleeping Otters.md") == "one work"
    assert kind(text, "notes/2024-03-01.md") == "list"


def test_items_that_name_papers_are_a_list():
    assert kind(ITEMS_ZH, "notes/tides.md") == "list"


def test_items_that_say_nothing_of_what_they_name_are_an_index():
    assert kind(ITEMS_EN, "notes/README.md") == "index"
    assert kind(ITEMS_ZH, "notes/README.md") == "list"


@pytest.mark.parametrize("label", ["Authors: Kell, Oduya", "**作者**：安澜、苏木"])
def test_headings_with_authors_below_are_a_list(label: str):
    papers = "".join(
        f"# {name}\n* {label}\n* Date Added: 2024-01-22\n\n**Remarks**\n- It holds back the tide at dawn.\n"
        "- Slower than a dam.\n- Weak in storms.\n\n"
        for name in ("Slow Water Behind a Gate for Tides", "Cold Stones Under the Moor of Rain")
    )
    assert kind(f"<!-- exported -->\n\n{papers}", "notes/export-2024.md") == "list"


def test_rows_of_links_behind_a_word_say_nothing_of_them():
    page = (
        "# Map of tides\n\nStarted in spring.\n\n## Sea\n\nmodels: [[TideNet]] · [[Swell 2]]\n"
        "waves → [[Gale]] [[Foam]]\n\n## Shore\n\n- 第一批: [[Kelp]]、[[Reef]]\n- sand: [[Dune]] [[Silt]]\n"
        "\n## Rest\n\n[[Moor]] [[Bog]]\n"
    )
    assert kind(page, "notes/00 Map.md") == "index"
    told = page.replace("[[Gale]] [[Foam]]", "[[Gale]] breaks later than [[Foam]] does")
    told = told.replace("第一批: ", "比别的早十年，也更深：").replace(
        "sand: ", "both of them keep sand: "
    )
    assert kind(told, "notes/00 Map.md") != "index"


def test_file_that_gives_its_paper_may_name_a_few_others():
    names_two = "# 水獭\n\n- OtterNet 2020\n- SealNet 2021\n- 它们睡得很好\n"
    assert kind(names_two, "notes/otters.md") == "list"
    assert kind(names_two, "notes/otters.md", NotePaper(year=2020)) == "one work"
