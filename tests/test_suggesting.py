from __future__ import annotations

from pathlib import Path

import pytest

from app_corpus import open_pets
from paperrag.notes.tree import parse_note
from paperrag.page.suggesting import follow_up_names, section_names


def test_section_names_lists_the_fullest_sections_first(tmp_path: Path) -> None:
    data = open_pets(tmp_path).retriever().data
    assert section_names(data, 2) == [
        "Cats",
        "Dogs",
    ]  # three items right below Cats, one below Dogs


def test_follow_up_names_are_near_entries_that_were_not_cited(tmp_path: Path) -> None:
    assistant = open_pets(tmp_path)
    answer, _ = assistant.ask("What are Collie dogs?")
    near = assistant.similar(answer.citations[0].entry.id, 10)
    assert near is not None
    names = follow_up_names(answer, [hit.entry for hit in near], 10)
    assert names
    assert "Collie dogs" not in names


def test_follow_up_names_are_none_after_abstaining(tmp_path: Path) -> None:
    assistant = open_pets(tmp_path)
    answer, _ = assistant.ask("Which quantum circuits simulate superconductors?")
    assert answer.abstained
    assert follow_up_names(answer, [hit.entry for hit in answer.nearest], 3) == []


def test_follow_up_names_leave_out_labels_of_groups(tmp_path: Path) -> None:
    answer, _ = open_pets(tmp_path).ask("What are Collie dogs?")
    text = "- Insights\n  - [KVMerger](https://a.com/k)\n  - [CaM](https://a.com/c)\n"
    near = parse_note(text, "notes/a.md").entries
    assert follow_up_names(answer, near, 5) == ["KVMerger", "CaM"]


@pytest.mark.parametrize(
    ("title", "is_offered"),
    [
        ("LoRA+", True),
        ("insights", False),
        ("方法", False),
        ("[initA] > [initB]", False),
        ("arXiv 2410.13121", False),
        ("目前PRM很难推广到其他领域", False),
        ("LongLoRA 长文本", True),
        ("Merging is well established in vision (CV) today", False),
    ],
)
def test_follow_up_names_are_names_of_works(tmp_path: Path, title: str, is_offered: bool) -> None:
    answer, _ = open_pets(tmp_path).ask("What are Collie dogs?")
    near = parse_note(f"- {title}\n", "notes/a.md").entries
    assert (follow_up_names(answer, near, 5) == [title]) == is_offered


def test_follow_up_names_leave_out_a_word_that_says_nothing(tmp_path: Path) -> None:
    """A chip such as "What do my notes say about Survey?" leads nowhere."""
    answer, _ = open_pets(tmp_path).ask("What are Collie dogs?")
    text = "- Survey: https://a.com/s\n- Keyformer https://a.com/k keeps the key tokens alone\n"
    assert follow_up_names(answer, parse_note(text, "notes/a.md").entries, 5) == ["Keyformer"]
