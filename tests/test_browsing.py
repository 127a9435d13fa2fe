from __future__ import annotations

import re
from pathlib import Path

import pytest

from app_corpus import open_pets
from paperrag.page.browsing import NoteTree
from paperrag.page.corpora import Corpora
from paperrag.page.given import Given
from paperrag.page.library import LibraryPage
from paperrag.papers.ids import PaperId
from paperrag.papers.refs import Paper
from paperrag.papers.shelf import Shelf


def _library(tmp_path: Path) -> NoteTree:
    return NoteTree(open_pets(tmp_path).data())


def _titles(library: NoteTree, rows: list[int]) -> list[str]:
    return [library.entry(row).title.split(":")[0].split("：")[0] for row in rows]


@pytest.mark.slow
def test_tree_counts_entries_below_folders_files_and_headings(tmp_path: Path) -> None:
    file = _library(tmp_path).tree.below["notes"].below["pets.md"]
    assert file.count == 5
    # not below its heading "Pets", which says the same again
    assert {name: branch.count for name, branch in file.below.items()} == {"Cats": 4, "Dogs": 1}
    assert file.below["Cats"].below == {}  # items with children are no branches
    assert file.below["Dogs"].place == ("notes", "pets.md", "Dogs")


def test_every_word_must_occur_case_and_width_aside(tmp_path: Path) -> None:
    library = _library(tmp_path)
    assert _titles(library, library.find("ｓｉａｍｅｓｅ EYES")) == ["Siamese cats"]
    assert _titles(library, library.find("蓝眼睛")) == ["暹罗猫 Siamese cats"]
    assert library.find("cats herd") == []


@pytest.mark.slow
def test_place_kind_and_language_narrow(tmp_path: Path) -> None:
    library = _library(tmp_path)
    assert _titles(library, library.find(place=("notes", "pets.md", "Dogs"))) == ["Collie dogs"]
    assert _titles(library, library.find(language="zh")) == ["暹罗猫 Siamese cats"]
    assert library.find(kind="abstract") == []


@pytest.mark.slow
def test_orders(tmp_path: Path) -> None:
    library = _library(tmp_path)
    assert library.find() == [0, 1, 2, 3, 4]
    assert _titles(library, library.find(order="title"))[:2] == ["Collie dogs", "Siamese cats"]
    assert library.find(order="venue") == [0, 1, 2, 3, 4]  # none has a venue: as in the notes


@pytest.mark.slow
def test_newest_venues_come_first_whatever_other_numbers_their_names_hold(tmp_path: Path) -> None:
    papers = [
        ("Journal of Foo 12(3)", 2023),
        ("ICLR", 2024),
        ("3rd Workshop", None),
        ("自动化学报 第 48 卷", 2022),
    ]
    for number, (venue, year) in enumerate(papers):
        identifier = PaperId("arxiv", f"2401.0000{number}")
        link = f"https://arxiv.org/abs/{identifier.value}"
        Shelf(tmp_path / "corpus").put(
            Paper(f"On {number}", ("A",), year, venue, "About it.", (identifier,), link, "arXiv"),
            (),
        )
    library = _library(tmp_path)
    rows = library.find(order="venue", kind="abstract")
    assert [library.entry(row).venue for row in rows] == [
        "ICLR 2024", "Journal of Foo 12(3) 2023", "自动化学报 第 48 卷 2022", "3rd Workshop",
    ]  # fmt: skip


def test_words_of_files_that_stayed_are_taken_over(tmp_path: Path) -> None:
    assistant = open_pets(tmp_path)
    notes = tmp_path / "corpus" / "notes"
    (notes / "other.md").write_text("- Parrot: 重複 words\n", encoding="utf-8")
    assistant.build()
    first = NoteTree(assistant.data())
    assert _titles(first, first.find("重复")) == ["Parrot"]
    (notes / "other.md").write_text("- Raven: uses sticks\n", encoding="utf-8")
    assistant.build()
    later = NoteTree(assistant.data(), first)
    assert _titles(later, later.find("sticks")) == ["Raven"] and later.find("重复") == []
    pets = next(key for key in first._read if key[0] == "notes/pets.md")
    assert later._read[pets] is first._read[pets]


@pytest.mark.slow
def test_section_stands_once_above_the_rows_that_share_it(tmp_path: Path) -> None:
    page = LibraryPage(Corpora(open_pets(tmp_path)))
    shown = page.rows(Given({}))["html"]
    sections = re.findall('<td class="pr-faint">(.*?)</td>', shown)
    assert sections == ["Cats", "Cats › Tabby cats: striped fur and qui…", "Cats", "", "Dogs"]
