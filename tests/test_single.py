"""Which entry answers a question for one thing, and what stands beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakes import NgramEncoder
from paperrag.answer.quoting import Quoter
from paperrag.answer.single import select_single
from paperrag.answer.weights import MOST_OF_EACH, MOST_STEPS
from paperrag.encoders.contract import Encoder
from paperrag.notes.tree import parse_note
from paperrag.question.answer_type import Wanted
from paperrag.question.classifier import AnswerType
from small_corpus import Notes, make_assistant, make_retriever

PAPER = "# {name}\n\n[{name}](https://arxiv.org/abs/2401.0000{at})\n\n## Summary\n\n- {said}\n"


def selected(folder: Path, notes: Notes, question: str, wanted: AnswerType) -> list[str]:
    """The titles of the entries that answer."""
    encoder = NgramEncoder()
    retriever = make_retriever(folder, notes, encoder)
    found = retriever.find(retriever.read(question))
    positions = select_single(found, Quoter(question, encoder, wanted=Wanted(wanted))).positions
    return [found.entries.title(found.entry_row(at)) for at in positions]


def test_who_wrote_another_work_is_no_answer(tmp_path: Path):
    said = {"TideFold": "folds loops with tides", "SandFold": "folds loops, by Ida Berg et al."}
    notes = {
        f"{name}.md": PAPER.format(name=name, at=at, said=words)
        for at, (name, words) in enumerate(said.items())
    }
    question = "who folds loops with tides?"
    assert selected(tmp_path, notes, question, "person") == []
    notes["TideFold.md"] += "- folds loops, by Ada Moor et al.\n"
    assert selected(tmp_path / "told", notes, question, "person") == [
        "folds loops, by Ada Moor et al."
    ]


def test_a_procedure_is_told_in_three_steps_at_most(tmp_path: Path):
    steps = [f"step {word} of folding loops" for word in "one two three four five".split()]
    note = PAPER.format(name="TideFold", at=1, said="\n- ".join(steps))
    found = selected(tmp_path, note, "how are the steps of folding loops done?", "procedure")
    assert len(found) == MOST_STEPS == 3
    first = steps.index(found[0])
    assert found == steps[first : first + 3]


@pytest.mark.parametrize(
    ("wanted", "quote"),
    [("date", "Ida Berg, Ada Moor, ICML 2020."), ("other", "It folds loops")],
)
def test_where_a_paper_is_from_is_quoted_where_that_is_asked(
    tmp_path: Path, wanted: AnswerType, quote: str
):
    lines = "TideFold", "Ida Berg, Ada Moor, ICML 2020.", "It folds loops with tides at sea."
    encoder = NgramEncoder()
    retriever = make_retriever(tmp_path, "- " + "\n  ".join(lines), encoder)
    quoter = Quoter("Ida Berg and Ada Moor at ICML", encoder, wanted=Wanted(wanted))
    assert quoter.quote(retriever.search("TideFold", 1)[0]).startswith(quote)


@pytest.mark.parametrize(
    "box", ['=== "Winter"\n\n    {}', '!!! note "Winter"\n    {}', "> [!note] Winter\n> {}"]
)
def test_the_title_of_a_box_is_no_quote_where_it_holds_something(tmp_path: Path, box: str):
    said = "Otters were seen on a tenth of all days."
    retriever = make_retriever(tmp_path, f"# Otters\n\n{box.format(said)}\n", NgramEncoder())
    quoter = Quoter("otters in winter?", NgramEncoder())
    assert quoter.quote(retriever.search("winter", 1)[0]) == said


@pytest.mark.parametrize(("wanted", "tells"), [("date", True), ("other", False)])
def test_an_entry_that_says_where_a_paper_is_from_answers_nothing_else(
    tmp_path: Path, wanted: AnswerType, tells: bool
):
    note = "## Folding with Tides\n\n> Ida Berg, Ada Moor, ICML 2020\n\n- folds loops at sea\n"
    encoder = NgramEncoder()
    retriever = make_retriever(tmp_path, note, encoder)
    found = retriever.find(retriever.read("how fast is folding with tides?"))
    (at,) = (at for at in range(len(found)) if "ICML" in found.hit(at, 1).entry.text)
    quoter = Quoter("how fast is folding with tides?", encoder, wanted=Wanted(wanted))
    assert quoter.tells(found.hit(at, 1)) == tells


ANTENNAS = """# Radar on ice

| antenna | depth | mass |
|---|---|---|
| bowtie | 42 m | 3 kg |
| Vivaldi | 28 m | 1 kg |
| horn | 19 m | 5 kg |

## Costs

- the radar costs 900 euros
- the sledge costs 70 euros
"""


@pytest.mark.parametrize(
    ("question", "lines"),
    [
        ("What depth does each antenna reach?", [5, 6, 7]),
        ("几种天线的 depth 分别是多少？", [5, 6, 7]),
        ("What depth does the Vivaldi antenna reach?", [6]),
        ("Which antenna reaches a depth of 28 m below each glacier?", [6]),
        ("How deep does the Vivaldi antenna see when two hang above each other?", [6]),
        ("What does each of radar and sledge cost in euros?", [11, 12]),
    ],
)
def test_what_is_asked_of_each_is_told_of_each(
    tmp_path: Path, bundled_encoder: Encoder, question: str, lines: list[int]
):
    answer, _ = make_assistant(tmp_path, ANTENNAS, bundled_encoder).ask(question)
    assert [one.entry.line_start for one in answer.citations] == lines


def test_rows_of_each_are_told_below_one_head_by_their_columns(
    tmp_path: Path, bundled_encoder: Encoder
):
    assistant = make_assistant(tmp_path, ANTENNAS, bundled_encoder)
    head, *rows = assistant.ask("What depth does each antenna reach?")[0].text.splitlines()
    assert head.endswith("say:") and "bowtie" not in head
    assert rows[0] == "- bowtie · depth: 42 m [1]"


@pytest.mark.parametrize("count", [MOST_OF_EACH, MOST_OF_EACH + 1])
def test_of_more_than_are_told_one_by_one_the_best_answers(
    tmp_path: Path, bundled_encoder: Encoder, count: int
):
    rows = "".join(f"| bog {at} | {at} m |\n" for at in range(count))
    note = f"# Bogs\n\n| bog | depth |\n|---|---|\n{rows}"
    answer, _ = make_assistant(tmp_path, note, bundled_encoder).ask("How deep is each bog?")
    assert (len(answer.citations) == count) == (count <= MOST_OF_EACH)


@pytest.mark.parametrize(
    "remark",
    [
        "*me:* {}",
        "[me] {}",
        "- [me] {}",
        "(me: {})",
        "@me {}",
        "IMO: {}",
        "my take:: {}",
        "【我的评论】\n{}",
        "我：{}",
        ">> 我觉得{}",
    ],
)
@pytest.mark.parametrize("question", ["what do I think of WickNet?", "我对 WickNet 有什么看法？"])
def test_what_the_reader_thinks_is_what_is_marked_as_theirs(
    tmp_path: Path, bundled_encoder: Encoder, remark: str, question: str
):
    said = "the threshold was tuned on the test set"
    note = (
        "# WickNet: dimming by entropy\n\nWickNet dims lamps whose entropy is low. It needs no oil.\n\n"
        f"{remark.format(said)}\n\nExperiments use MoorText.\n"
    )
    answer, _ = make_assistant(tmp_path, note, bundled_encoder).ask(question)
    assert said in answer.citations[0].quote


BARS = "# Lamps\n\nWickNet | oil LionW | 120 hours\nRimNet | oil AdamQ | 48 hours\nDimNet | oil SGD-R | 310 hours\n"
CITED = """# Lamps

| | **WickNet (Tern 2019)** | **RimNet (Ibis 2020)** |
|---|---|---|
| **Oil** | LionW | AdamQ |
"""
BESIDE = """# Lamps

| Question | WickNet: Dimming at Night | RimNet: Burning Slowly |
|---|---|---|
| How is it tested? | on 40 streets | in 3 churches |
| 缺点是什么？ | 只看冬天 | 没算烟 |
"""


@pytest.mark.parametrize(
    ("note", "question", "told", "other"),
    [
        (BARS, "which oil does RimNet use?", "AdamQ", "LionW"),
        (BARS, "RimNet 用了多少 hours？", "48", "310"),
        (BESIDE, "how is WickNet tested?", "40 streets", "churches"),
        (BESIDE, "RimNet 的缺点是什么？", "没算烟", "冬天"),
        (CITED, "which oil did Tern 2019 use?", "LionW", "AdamQ"),
    ],
)
def test_rows_without_a_rule_and_columns_of_works_answer(
    tmp_path: Path, bundled_encoder: Encoder, note: str, question: str, told: str, other: str
):
    answer, _ = make_assistant(tmp_path, note, bundled_encoder).ask(question)
    assert told in answer.text
    assert other not in answer.text


@pytest.mark.parametrize(
    "text",
    [
        "See [[Wick|W]] | [[Rim|R]]\nand [[Dim|D]] | [[Oil|O]]",
        "one | two | three\n\nfour | five | six",
        "`a|b|c` is one\n`d|e|f` is two",
    ],
)
def test_bars_in_links_code_and_single_lines_make_no_rows(text: str):
    assert {entry.role for entry in parse_note(text, "n.md").entries} <= {"prose", "document"}
