"""The network that says whether a text answers a question: how questions are read to learn from,
and what the package's says.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from paperrag.proof.answers import NOTHING_SAID
from paperrag.wiring.encoders import answer_judge

torch = pytest.importorskip("torch", reason="the network is fitted with torch")

from training.answers.asked import Vault, read_candidates  # noqa: E402
from training.answers.learn import choice_loss  # noqa: E402

NOTE = "# Tabby\n\n- they sleep 16 hours\n- they dislike water\n- tabby 猫喜欢吃鱼\n"


def asked(tmp_path: Path, **row: object) -> list[tuple[str, bool, bool]]:
    vault = tmp_path / "vault"
    vault.mkdir(exist_ok=True)
    (vault / "cats.md").write_text(NOTE, encoding="utf-8")
    row = {"file": "cats.md", "lines": [], "kind": "number", **row}
    found = Vault(vault, tmp_path / "index").candidates(row)
    return [(one.text.split("\n")[-1], one.answers, one.is_told) for one in found]


@pytest.mark.slow
@pytest.mark.parametrize("question", ["How long does a tabby sleep?", "tabby 每天睡多久？"])
def test_entries_that_hold_the_lines_answer_and_no_others(tmp_path: Path, question: str):
    found = asked(tmp_path, question=question, answerable=True, lines=[[3, 3]])
    assert ("- they sleep 16 hours", True, True) in found
    assert [text for text, answers, _ in found if answers] == ["- they sleep 16 hours"]


@pytest.mark.slow
def test_near_misses_are_learned_as_no_answers(tmp_path: Path):
    found = asked(tmp_path, question="How much do they weigh?", answerable=False, near=[[3, 3]])
    assert ("- they sleep 16 hours", False, True) in found
    assert not any(answers for _, answers, _ in found)


@pytest.mark.slow
def test_nothing_is_learned_where_no_lines_are_told(tmp_path: Path):
    found = asked(tmp_path, question="How long do they sleep?", answerable=True, lines=[])
    assert not any(is_told for *_, is_told in found)


def test_candidates_of_one_question_are_read_together(tmp_path: Path):
    row = {
        "note": "v/a.md", "question": "q", "answerable": True, "kind": "number", "text": "t",
        "answers": True, "place": 0, "score": 0.5, "is_told": True,
    }  # fmt: skip
    rows = [row, row | {"text": "u", "answers": False, "place": -1}, row | {"place": 99}]
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    ((first, second),) = read_candidates([path])
    assert (first.text, first.answers, second.text, second.answers) == ("t", True, "u", False)


def test_text_without_words_answers_nothing():
    assert answer_judge().logits("How long do they sleep?", ["", " \n"]) == [NOTHING_SAID] * 2


TOLD = [
    (
        "Otternet: how many layers does its encoder have?",
        "Otternet\n- the encoder of Otternet is a stack of 12 layers",
        "Otternet\n- the encoder of Otternet was trained on river sounds",
    ),
    (
        "Otternet 的编码器有多少层？",
        "Otternet\n- 编码器由 12 层堆叠而成",
        "Otternet\n- 编码器用河流的声音训练",
    ),
]


@pytest.mark.parametrize(("question", "answer", "other"), TOLD)
def test_what_answers_is_told_from_what_is_near(question: str, answer: str, other: str):
    said, near = answer_judge().logits(question, [answer, other])
    assert said > near


@pytest.mark.slow
def test_questions_of_two_threads_are_not_mixed_up():
    texts = ["tabby 猫每天睡 16 小时", "they dislike water"]
    questions = ["How long does a tabby sleep?", "它们讨厌什么？"]
    alone = [answer_judge().logits(question, texts) for question in questions]
    judge = answer_judge()
    with ThreadPoolExecutor(2) as threads:
        told = list(threads.map(lambda question: judge.logits(question, texts), questions * 8))
    assert told == alone * 8


@pytest.mark.parametrize(
    ("answers", "loss"),
    [((True, False, False, False), 1.3863), ((False,) * 4, 0.0), ((True,) * 4, 0.0)],
)
def test_choice_loss_is_minus_the_log_of_the_share_of_what_answers(
    answers: tuple[bool, ...], loss: float
):
    found = choice_loss(torch.zeros(4), torch.tensor(answers))
    assert float(found) == pytest.approx(loss, abs=1e-4)  # log 4 for one of four alike
