from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from app_corpus import open_pets
from paperrag.assistant import Assistant
from paperrag.notes.tree import parse_note
from paperrag.page.strings import say
from paperrag.page.suggesting import (
    _compared,
    compared_names,
    example_names,
    first_questions,
    follow_up_names,
    section_names,
)
from paperrag.question.intent import compared
from paperrag.records import Language


def test_section_names_lists_the_fullest_sections_first(tmp_path: Path) -> None:
    data = open_pets(tmp_path).retriever().data
    assert section_names(data, 2) == [
        "Cats",
        "Dogs",
    ]  # three items right below Cats, one below Dogs


def test_parts_of_a_template_and_dates_are_no_topics(tmp_path: Path) -> None:
    notes = tmp_path / "corpus" / "notes"
    notes.mkdir(parents=True)
    for name in ("Tide Cache", "Ebb Model", "Flood Gate"):
        part = f"# {name}: a paper\n\nWe say it.\n\n## Key points\n\n- one of {name}\n- two\n"
        (notes / f"{name}.md").write_text(part, encoding="utf-8")
    (notes / "z.md").write_text(
        "# Log\n\n## 2024-05\n\n- a\n\n## 潮汐\n\n- 退潮\n", encoding="utf-8"
    )
    data = Assistant.open(tmp_path / "corpus", tmp_path / "index", encoder="bundled-static").data()
    assert section_names(data, 5) == ["潮汐"]
    assert first_questions(data, 2) == [("ask_entry", "Ebb Model"), ("ask_entry", "Flood Gate")]
    assert example_names(data)[0] == ("ask_entry", {"name": "Ebb Model"})


def test_works_that_notes_say_something_of_are_asked_about_first(tmp_path: Path) -> None:
    notes = tmp_path / "corpus" / "notes"
    notes.mkdir(parents=True)
    link = "https://arxiv.org/abs/2402.0935"
    text = f"- [DoRA: Weights]({link}1)\n- [DoRB: Rates]({link}2)\n  - 提出把权重分解为幅度和方向\n"
    (notes / "a.md").write_text(text, encoding="utf-8")
    data = Assistant.open(tmp_path / "corpus", tmp_path / "index", encoder="bundled-static").data()
    assert first_questions(data, 2) == [("ask_entry", "DoRB"), ("ask_entry", "DoRA")]


def test_published_works_are_asked_about_before_other_notes(tmp_path: Path) -> None:
    notes = tmp_path / "corpus" / "notes"
    notes.mkdir(parents=True)
    for name, title, link in (
        ("a", "What's this blog?", "example.org"),
        ("b", "Introducing the theme", "example.org"),
        ("c", "Tide Caching", "arxiv.org/abs/2402.09351"),
    ):
        note = (
            f"# {title}\n\nYear: 2014\n\n[link](https://{link})\n\nWe propose to write it down.\n"
        )
        (notes / f"{name}.md").write_text(note, encoding="utf-8")
    data = Assistant.open(tmp_path / "corpus", tmp_path / "index", encoder="bundled-static").data()
    questions = [("ask_entry", "Tide Caching"), ("ask_entry", "Introducing the theme")]
    assert first_questions(data, 3) == questions  # a name that asks does not fit into a question


def test_files_on_a_work_are_asked_about_before_what_an_index_page_lists(tmp_path: Path) -> None:
    """Nor is a licence with a year a paper."""
    notes = tmp_path / "corpus" / "notes"
    notes.mkdir(parents=True)
    listed = "# Papers\n\n- [Flood](https://arxiv.org/abs/2402.00009)\n  - We propose to list it.\n"
    (notes / "README.md").write_text(listed, encoding="utf-8")
    (notes / "LICENSE.md").write_text("# Released in 2014\n\nWe propose to permit all.\n")
    for name in ("Ebb Model", "Tide Caching"):
        link = f"https://arxiv.org/abs/2402.0000{len(name)}"
        note = (
            f"# {name}\n\n[link]({link})\n\nWe propose to write it down.\n\n- one\n- two\n- three\n"
        )
        (notes / f"{name}.md").write_text(note, encoding="utf-8")
    data = Assistant.open(tmp_path / "corpus", tmp_path / "index", encoder="bundled-static").data()
    assert [name for _, name in first_questions(data, 2)] == ["Ebb Model", "Tide Caching"]


def test_follow_up_names_are_near_entries_that_were_not_cited(tmp_path: Path) -> None:
    assistant = open_pets(tmp_path)
    answer, _ = assistant.ask("What are Collie dogs?")
    near = assistant.similar(answer.citations[0].entry.id, 10)
    assert near is not None
    names = follow_up_names(answer, [hit.entry for hit in near], 10)
    assert names
    assert "Collie dogs" not in names


def test_follow_up_names_after_a_refusal_are_those_of_the_nearest(tmp_path: Path) -> None:
    answer, _ = open_pets(tmp_path).ask("Which quantum circuits simulate superconductors?")
    assert answer.abstained
    text = "- [CaM: Cache Merging](https://a.com/c) merges what is evicted\n"
    near = replace(answer.nearest[0], entry=parse_note(text, "notes/a.md").entries[0])
    assert follow_up_names(replace(answer, nearest=(near,)), [], 3) == ["CaM"]


def test_after_a_refusal_a_work_that_the_question_names_is_offered(tmp_path: Path) -> None:
    answer, _ = open_pets(tmp_path).ask("Which quantum circuits simulate superconductors?")
    text = "- [CaM: Cache Merging](https://a.com/c) merges what is evicted\n"
    near = replace(answer.nearest[0], entry=parse_note(text, "notes/a.md").entries[0])
    asked = replace(answer, question="How do CaM and H2O differ?", nearest=(near,))
    assert follow_up_names(asked, [], 3) == ["CaM"]


def test_two_cited_works_can_be_compared(tmp_path: Path) -> None:
    answer, _ = open_pets(tmp_path).ask("What are Collie dogs?")
    text = "- [LoRA+: rates](https://a.com/l) is faster\n- [DoRA：权重](https://a.com/d) 更准\n"
    works = parse_note(text, "notes/a.md").entries
    cited = tuple(replace(answer.citations[0], n=n, entry=one) for n, one in enumerate(works, 1))
    asked = replace(answer, question="which adapters?", citations=cited)
    assert compared_names(asked) == ("LoRA+", "DoRA")
    assert compared_names(replace(asked, question="is DoRA an adapter?")) is None
    assert compared_names(replace(asked, citations=cited[:1])) is None


def test_examples_are_of_several_kinds(tmp_path: Path) -> None:
    notes = tmp_path / "corpus" / "notes"
    notes.mkdir(parents=True)
    sections = [
        f"## S{part}\n\n"
        + "".join(
            f"- [M{part}{n}](https://arxiv.org/abs/240{part}.0000{n}) learns by step {n}\n"
            for n in range(1, 4)
        )
        for part in range(5)
    ]
    (notes / "a.md").write_text("# All\n\n" + "\n".join(sections), encoding="utf-8")
    data = Assistant.open(corpus=tmp_path / "corpus", index=tmp_path / "index").retriever().data
    assert example_names(data) == [
        ("ask_section", {"name": "S0"}),
        ("ask_entry", {"name": "M21"}),
        ("ask_compare", {"one": "M11", "other": "M12"}),
        ("ask_section", {"name": "S1"}),
        ("ask_year", {"year": "2024"}),
        ("ask_entry", {"name": "M31"}),
    ]


def test_files_of_works_are_asked_for_by_name_and_by_their_commonest_year(tmp_path: Path) -> None:
    notes = tmp_path / "corpus" / "notes"
    notes.mkdir(parents=True)
    for name, year in (
        ("Tide Cache", 2021),
        ("Ebb Model", 2021),
        ("Flood Gate", 2021),
        ("Spring Low", 2020),
    ):
        text = f"# {name}: a paper\n\nYear: {year}\n\nWe propose {name}, which is new.\n"
        (notes / f"{name}.md").write_text(text, encoding="utf-8")
    data = Assistant.open(tmp_path / "corpus", tmp_path / "index", encoder="bundled-static").data()
    asked = example_names(data)
    assert asked[2] == ("ask_year", {"year": "2021"})
    assert asked[3][0] == "ask_compare"
    assert len(set(asked[3][1].values())) == 2
    assert asked[4:] == []  # both that are left are compared already
    assert [key for key, _ in asked[:2]] == ["ask_entry"] * 2


def test_name_that_compares_is_not_offered_in_a_comparison() -> None:
    (asked,) = _compared(["Ebb Model", "Tide Cache", "Paxos vs Raft"])
    assert asked == ("ask_compare", {"one": "Ebb Model", "other": "Tide Cache"})
    assert _compared(["Ebb Model", "Paxos vs Raft"]) == []


def test_works_that_are_offered_are_from_all_over_the_notes(tmp_path: Path) -> None:
    notes = tmp_path / "corpus" / "notes"
    notes.mkdir(parents=True)
    for number in range(36):
        name = f"Model {chr(ord('A') + number // 2)}{number % 2}"
        (notes / f"{number:02}.md").write_text(f"# {name}: a paper\n\nWe propose {name}.\n")
    data = Assistant.open(tmp_path / "corpus", tmp_path / "index", encoder="bundled-static").data()
    asked = [name for _, given in example_names(data) for name in given.values()]
    # every third of 36, twelve: the first five, and the last two beside each other
    numbers = [0, 3, 30, 33, 6, 9, 12]
    assert asked == [f"Model {chr(ord('A') + n // 2)}{n % 2}" for n in numbers]


def test_follow_up_names_in_files_of_works_are_those_of_other_files(tmp_path: Path) -> None:
    notes = tmp_path / "corpus" / "notes"
    notes.mkdir(parents=True)
    for name in ("Tide Cache", "Ebb Model", "Flood Gate"):
        text = f"# {name}: a paper\n\n## Method\n\nWe propose {name}, which stores waves.\n\n## Results\n\nFaster.\n"
        (notes / f"{name}.md").write_text(text, encoding="utf-8")
    mine = Assistant.open(tmp_path / "corpus", tmp_path / "index", encoder="bundled-static")
    data = mine.data()
    entries = [data.entries.get(row) for row in range(len(data.entries))]
    tide = next(one for one in entries if "Tide Cache" in one.source)
    answer, _ = mine.ask("what does Tide Cache store?")
    answer = replace(answer, citations=(replace(answer.citations[0], entry=tide),))
    assert set(follow_up_names(answer, entries, 5)) == {"Ebb Model", "Flood Gate"}


def test_follow_up_names_leave_out_labels_of_groups(tmp_path: Path) -> None:
    answer, _ = open_pets(tmp_path).ask("What are Collie dogs?")
    text = "- Insights\n  - [KVMerger](https://a.com/k)\n  - [CaM](https://a.com/c)\n"
    near = parse_note(text, "notes/a.md").entries
    assert follow_up_names(answer, near, 5) == ["KVMerger", "CaM"]


@pytest.mark.slow
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


@pytest.mark.slow
def test_follow_up_names_leave_out_a_word_that_says_nothing(tmp_path: Path) -> None:
    """A chip such as "What do my notes say about Survey?" leads nowhere."""
    answer, _ = open_pets(tmp_path).ask("What are Collie dogs?")
    survey = "Survey: Unlocking the Efficiency of Heads in a Long and Winding Title"
    text = f"- {survey} https://a.com/u\n- Keyformer https://a.com/k keeps the key tokens alone\n"
    assert follow_up_names(answer, parse_note(text, "notes/a.md").entries, 5) == ["Keyformer"]


@pytest.mark.parametrize("name", ["2 Existing Algorithms", "7.1 Deriving it", "2024-05"])
def test_numbered_headings_are_not_asked_about(tmp_path: Path, name: str) -> None:
    notes = tmp_path / "corpus" / "notes"
    notes.mkdir(parents=True)
    text = f"# All\n\n## {name}\n\n- one\n- two\n\n## 3D scenes\n\n- three\n"
    (notes / "a.md").write_text(text, encoding="utf-8")
    data = Assistant.open(tmp_path / "corpus", tmp_path / "index", encoder="bundled-static").data()
    assert section_names(data, 5) == ["3D scenes"]


def test_sections_are_asked_about_where_no_work_can_be_named(tmp_path: Path) -> None:
    notes = tmp_path / "corpus" / "notes"
    notes.mkdir(parents=True)
    for name in ("What is it?", "Is it so?"):
        part = f"# {name}\n\nA paper. arXiv:2401.00001\n\n## Tides of {name[:2]}\n\n- one\n- two\n"
        (notes / f"{name[:4]}.md").write_text(part, encoding="utf-8")
    data = Assistant.open(tmp_path / "corpus", tmp_path / "index", encoder="bundled-static").data()
    assert data.entries.is_of_file.mean() > 0.5
    assert example_names(data)[0][0] == "ask_section"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_comparison_that_is_offered_is_read_as_one(language: Language) -> None:
    offered = say(language, "ask_compare", one="Tide Cache", other="Ebb Model")
    assert compared(offered) == ("Tide Cache", "Ebb Model")
