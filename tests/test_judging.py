"""How far entries answer a question: who is asked of what, and what follows from it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from paperrag.answer.confidence import (
    LACKS_NAME,
    LEAST_IN_PAPER,
    MOST_LOGIT,
    Best,
    answer_share,
    at_most,
    best_of,
    confidence,
)
from paperrag.answer.extractive import answer_question
from paperrag.answer.judging import judged, judged_of_named, text_to_judge
from paperrag.answer.limits import Limits
from paperrag.answer.quotes import Quotes
from paperrag.answer.weights import IN_LISTS, JUDGED, OF_LISTED, OF_OTHERS, OTHER_WORKS
from paperrag.assistant import Assistant
from paperrag.config import Settings
from paperrag.conversation.answering import Answering
from paperrag.search.found import Found
from paperrag.search.named import Inside
from small_corpus import make_retriever
from test_retrieval import UnitTokenEncoder

TOP = "# OtterNet\n\n[OtterNet](https://arxiv.org/abs/2401.00001)\n\n"
NOTES = {"notes/a.md": TOP + "- red red\n- red red blue\n"}
"""Line 5 is nearest to "red", line 6 about as near."""


class Preferring:
    """Says 4 of the texts that hold a word, -4 of the others, and keeps what it was asked."""

    def __init__(self, word: str) -> None:
        self.word = word
        self.asked: list[tuple[str, int]] = []

    def logits(self, question: str, texts: Sequence[str]) -> list[float]:
        self.asked.append((question, len(texts)))
        return [4.0 if self.word in text else -4.0 for text in texts]


@pytest.mark.parametrize("question", ["what is red?", "红色的是什么 red"])
def test_entries_of_the_first_work_are_judged_where_one_thing_is_asked_for(
    tmp_path: Path, question: str
):
    many = {"notes/a.md": TOP + "".join(f"- red {word}\n" for word in "abcdefghijklmnop")}
    retriever, judge = make_retriever(tmp_path, many, UnitTokenEncoder()), Preferring("h")
    read = retriever.read(question)
    found = judged(read, retriever.find(read), judge)
    assert judge.asked == [(question, JUDGED)]
    assert list(found.judged) == list(range(JUDGED))


def test_first_entries_of_the_next_works_are_judged_if_none_is_named(tmp_path: Path):
    notes = {
        f"notes/{name}.md": TOP.replace("Otter", name).replace("00001", f"0000{at}")
        + "".join(f"- red {name}{word}\n" for word in "uvwxyz")
        for at, name in enumerate("abcde")
    }
    retriever, judge = make_retriever(tmp_path, notes, UnitTokenEncoder()), Preferring("red")
    read = retriever.read("what is red?")
    found = retriever.find(read)
    of_works = Counter(found.unit(found.entry_row(at)) for at in judged(read, found, judge).judged)
    assert list(of_works.values()) == [7, *[OF_OTHERS] * OTHER_WORKS]
    of_one = judged_of_named(read, found, judge).judged
    assert {found.unit(found.entry_row(at)) for at in of_one} == {found.unit(found.entry_row(0))}


@pytest.mark.parametrize(("word", "source"), [("blue", "notes/b.md"), ("nothing", "notes/a.md")])
def test_entry_of_another_work_is_quoted_if_it_answers_and_the_nearest_does_not(
    tmp_path: Path, word: str, source: str
):
    notes = {
        "notes/a.md": TOP + "- red red\n",
        "notes/b.md": TOP.replace("Otter", "Seal").replace("00001", "00002") + "- red blue\n",
    }
    retriever = make_retriever(tmp_path, notes, UnitTokenEncoder())
    read = retriever.read("what is red?")
    found = judged(read, retriever.find(read), Preferring(word))
    answer = answer_question(
        read, found, Quotes(retriever.encoder, lambda *_: True), Limits(0.0, 0.0), 1.0
    )
    assert [one.entry.source for one in answer.citations] == [source]


LISTED_NOTES = {
    f"notes/{name}.md": TOP.replace("Otter", name).replace("00001", f"0000{at}")
    + f"- red {word}\n- red {word} {word}\n"
    for at, (name, word) in enumerate(
        {"Ant": "blue", "Bee": "green", "Cat": "blue", "Dog": "grey"}.items()
    )
}
"""Four papers that are about as near to "red"."""


def listed(tmp_path: Path, question: str, judge: Preferring) -> Found:
    """Return what a question for a list finds, judged."""
    retriever = make_retriever(tmp_path, LISTED_NOTES, UnitTokenEncoder())
    read = retriever.read(question)
    return judged(read, retriever.find(read), judge)


@pytest.mark.parametrize("question", ["which red papers are there?", "有哪些 red 论文？"])
def test_papers_whose_lines_meet_the_question_are_likelier_in_a_list(tmp_path: Path, question: str):
    found = listed(tmp_path, question, Preferring("blue"))
    assert found.works is not None
    names = [Path(found.entries.get(row).source).stem for row in found.works.rows.tolist()]
    chances = dict(zip(names, found.works.chances.tolist(), strict=True))
    assert min(chances["Ant"], chances["Cat"]) > max(chances["Bee"], chances["Dog"])


def test_of_a_list_the_nearest_entries_of_the_likeliest_works_are_judged(tmp_path: Path):
    judge = Preferring("blue")
    found = listed(tmp_path, "which red papers are there?", judge)
    assert judge.asked == [("which red papers are there?", 4 * OF_LISTED)]
    assert found.works is not None
    assert len(found.works.met) == 4 * OF_LISTED
    assert found.judged == {}


def test_bullets_of_a_list_are_not_judged_for_a_list(tmp_path: Path):
    notes = {"notes/a.md": "# Papers\n\n- CaM: red\n- DMC: red blue\n"}
    retriever, judge = make_retriever(tmp_path, notes, UnitTokenEncoder()), Preferring("blue")
    read = retriever.read("which red methods are there?")
    assert judged(read, retriever.find(read), judge).judged == {}
    assert judge.asked in ([], [(read.raw, 0)])


def test_text_says_where_an_entry_stands(tmp_path: Path):
    entries = make_retriever(tmp_path, NOTES, UnitTokenEncoder()).data.entries
    texts = [text_to_judge(entries.get(row)) for row in range(len(entries))]
    assert "OtterNet\n- red red blue" in [text.strip() for text in texts]


def test_text_says_what_the_question_calls_a_work_and_its_headings_do_not(tmp_path: Path):
    notes = {"notes/dipper.md": TOP + "- red\n"}
    entries = make_retriever(tmp_path, notes, UnitTokenEncoder()).data.entries
    entry = entries.get(len(entries) - 1)
    assert text_to_judge(entry, "what is red in Dipper?") == "dipper › OtterNet\n- red"
    assert text_to_judge(entry, "what is red in OtterNet?") == "OtterNet\n- red"


@pytest.mark.parametrize(("word", "line"), [("blue", 6), ("nothing", 5)])
def test_entry_that_answers_is_quoted_before_one_about_as_near(
    tmp_path: Path, word: str, line: int
):
    retriever = make_retriever(tmp_path, NOTES, UnitTokenEncoder())
    read = retriever.read("what is red?")
    found = judged(read, retriever.find(read), Preferring(word))
    answer = answer_question(
        read, found, Quotes(retriever.encoder, lambda *_: True), Limits(0.0, 0.0), 1.0
    )
    assert answer.citations[0].entry.line_start == line


def test_best_of_what_is_judged_is_told_in_shares():
    assert answer_share((-1.0, 2.0)) == 2.0 / MOST_LOGIT
    assert answer_share((9.0,)) == 1.0
    assert answer_share(()) == 0.0


LISTED = {"notes/a.md": "- red\n- red blue\n- red red gold\n- gold\n"}


def test_in_a_list_the_entry_that_answers_is_told_not_whether_one_does(tmp_path: Path):
    retriever = make_retriever(tmp_path, LISTED, UnitTokenEncoder())
    read, judge = retriever.read("what is red?"), Preferring("blue")
    found = judged(read, retriever.find(read), judge)
    assert sorted(found.judged.values()) == [-4.0] * (len(IN_LISTS) - 1) + [4.0]
    assert best_of(found) == best_of(replace(found, judged={}))
    answer = answer_question(
        read, found, Quotes(retriever.encoder, lambda *_: True), Limits(0.0, 0.0), 1.0
    )
    assert [one.entry.text for one in answer.citations] == ["- red blue"]
    assert best_of(judged_of_named(read, found, judge)) == best_of(found)


def test_bullets_of_lists_are_judged_beside_papers_with_files(tmp_path: Path):
    notes = {"notes/list.md": "- red\n- blue\n", "notes/a.md": TOP + "- green\n"}
    retriever = make_retriever(tmp_path, notes, UnitTokenEncoder())
    read = retriever.read("what is red?")
    assert judged(read, retriever.find(read), Preferring("red")).judged[0] == 4.0


def test_confidence_reads_what_is_judged_of_the_first_work_or_the_named_one(tmp_path: Path):
    retriever = make_retriever(tmp_path, NOTES, UnitTokenEncoder())
    read = retriever.read("what is red?")
    found = judged(read, retriever.find(read), Preferring("blue"))
    own = Inside("OtterNet", read, (found.unit(found.entry_row(0)),))
    assert best_of(found, own).answers == 4.0 / MOST_LOGIT - LEAST_IN_PAPER
    assert best_of(found).answers == best_of(found, own).answers
    assert best_of(found, replace(own, units=(99,))).answers == 0.0


def test_work_that_only_says_a_name_or_is_not_named_is_not_held_to_answer(tmp_path: Path):
    retriever = make_retriever(tmp_path, NOTES, UnitTokenEncoder())
    read = retriever.read("what is red?")
    found = judged(read, retriever.find(read), Preferring("nothing"))
    said = Inside("SealNet", read, (found.unit(found.entry_row(0)),), is_own=False)
    assert best_of(found, said).answers == best_of(found).answers == 0.0
    assert best_of(found, replace(said, is_own=True)).answers == -4.0 / MOST_LOGIT - LEAST_IN_PAPER


@pytest.mark.parametrize(
    ("question", "is_own"),
    [("what is red in OtterNet?", True), ("SealNet 的 red 是什么？", False)],
)
def test_work_is_told_whether_it_is_called_by_a_name_or_says_it(
    tmp_path: Path, question: str, is_own: bool
):
    notes = {
        "notes/a.md": TOP + "We call it SealNet, which is red.\n\n- red as SealNet\n- red red\n"
    }
    retriever = make_retriever(tmp_path, notes, UnitTokenEncoder())
    read = retriever.read(question)
    named = retriever.named.inside(read, retriever.named.said(read, ()))
    assert named is not None and named.is_own == is_own


@pytest.mark.parametrize(
    ("question", "word", "abstains"),
    [
        ("what is the green red gold of OtterNet?", "blue", False),
        ("what is the green red gold of OtterNet?", "nothing", True),
        ("OtterNet 用的 green red gold 是什么？", "blue", False),
        ("OtterNet 用的 green red gold 是什么？", "nothing", True),
    ],
)
def test_named_work_that_does_not_answer_is_refused(
    tmp_path: Path, question: str, word: str, abstains: bool
):
    settings = Settings(abstain_below=0.9)
    retriever = make_retriever(tmp_path, NOTES, UnitTokenEncoder())
    turn = Answering(settings, retriever, lambda *_: True, judge=Preferring(word))
    (answer,) = turn.steps(question, ())
    assert answer.abstained == abstains


@pytest.mark.parametrize("question", ["what is the green red gold of OtterNet?"])
def test_judge_reads_a_question_that_names_a_work_as_it_was_asked(tmp_path: Path, question: str):
    retriever, judge = make_retriever(tmp_path, NOTES, UnitTokenEncoder()), Preferring("blue")
    turn = Answering(Settings(abstain_below=1.0), retriever, lambda *_: True, judge=judge)
    (_answer,) = turn.steps(question, ())
    assert {asked for asked, _ in judge.asked} == {question}


@pytest.mark.parametrize(
    ("question", "is_named", "is_bound"),
    [
        ("what is red?", False, True),
        ("有哪些 red", True, False),
        ("red gold", False, False),
        ("red gold", True, True),
    ],
)
def test_what_the_judge_makes_of_a_work_bounds_how_sure_one_thing_is(
    tmp_path: Path, question: str, is_named: bool, is_bound: bool
):
    retriever = make_retriever(tmp_path, NOTES, UnitTokenEncoder())
    read = retriever.read(question)
    scored = retriever.find(read).scored
    surely, bound = (
        confidence(read, scored, retriever.encoder, best)
        for best in (Best(), Best(logit=-4.0, is_named=is_named))
    )
    chance = 1 / (1 + math.exp(4.0))
    assert surely > chance
    assert bound == (chance if is_bound else surely)


@pytest.mark.parametrize(
    ("question", "logit"),
    [
        ("what is red in OtterNet?", 2.0),
        ("what is red in OtterNet on CelebA?", 2.0 - LACKS_NAME),
        ("what is red in OtterNet on SOP?", 2.0),
        ("OtterNet red on CelebA", 2.0 - LACKS_NAME),
    ],
)
def test_name_that_a_named_work_lacks_bounds_how_sure_it_is(
    tmp_path: Path, question: str, logit: float
):
    read = make_retriever(tmp_path, NOTES, UnitTokenEncoder()).read(question)
    best = Best("OtterNet\nred sentence order prediction", logit=2.0, is_named=True)
    assert at_most(read, best) == pytest.approx(1 / (1 + math.exp(-logit)))
    assert at_most(read, replace(best, is_named=False)) == pytest.approx(1 / (1 + math.exp(-2.0)))


TALK = """Reading group, 4 March

Ada read "Old reefs, rare sponges" by Sorenson (2022) aloud.
They only dived at reefs about 180 years old, 33 of them, all in Norway.
Seven sponges grow below 40 m, where nobody looks.
"""
"""The line that answers says less of the question than the line above it."""


@pytest.mark.parametrize(
    "question", ["What age are the reefs in Sorenson's paper?", "Sorenson 那篇论文里的礁石有多老？"]
)
def test_sentence_that_answers_is_quoted_not_the_one_that_says_the_question(
    tmp_path: Path, question: str
):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "reefs.md").write_text(TALK, encoding="utf-8")
    answer, _ = Assistant.open(tmp_path / "notes", tmp_path / "index").ask(question)
    assert "180 years" in answer.citations[0].quote
