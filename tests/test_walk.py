"""The walk of a question: it is read once, and answering goes back to nothing but what it is given.

A stage may ask a record that was handed to it; it reads no text of the question again, and none
goes back to the index.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from types import FrameType

import pytest

import paperrag
from small_corpus import make_assistant
from test_retrieval import UnitTokenEncoder

PACKAGE = Path(paperrag.__file__).parent
NOTES = {
    "notes/a.md": "# Alpha\n\n[Alpha](https://arxiv.org/abs/2401.00001)\n\n- red\n- red gold\n",
    "notes/b.md": "# Beta\n\n[Beta](https://arxiv.org/abs/2401.00002)\n\n- green red\n",
}
Call = tuple[str, str, str]
"""The folder that calls, the module that is called, and its function or method."""


def module_of(frame: FrameType | None) -> str:
    """The module of ours that a frame is in, or that called what it is in."""
    while frame and not frame.f_code.co_filename.startswith(str(PACKAGE)):
        frame = frame.f_back
    if frame is None:
        return ""
    path = Path(frame.f_code.co_filename).relative_to(PACKAGE).with_suffix("")
    return ".".join(path.parts)


def calls_of(folder: Path, question: str) -> Counter[Call]:
    never_refuses = {"abstain_below": 0.0, "weak_below": 0.0}
    assistant = make_assistant(folder, NOTES, UnitTokenEncoder(), **never_refuses)
    assistant.ask("gold")
    calls: Counter[Call] = Counter()

    def seen(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(str(PACKAGE)):
            caller = module_of(frame.f_back).split(".")[0]
            calls[caller, module_of(frame), frame.f_code.co_qualname] += 1

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        assistant.ask(question)
    finally:
        sys.setprofile(before)
    return calls


QUESTIONS = (
    "which red methods?",
    "what is red?",
    "red gold",
    "what does Alpha say of red?",
    "who wrote the paper on gold?",
)


@pytest.mark.parametrize("question", QUESTIONS)
def test_question_is_read_once(question: str, tmp_path: Path):
    calls = calls_of(tmp_path, question)
    for reader in ("read_question", "Classifier.read", "read_scope", "wanted_of"):
        assert sum(count for (_, _, name), count in calls.items() if name == reader) == 1, reader


@pytest.mark.parametrize("question", QUESTIONS)
def test_answering_asks_only_the_records_that_it_is_given(question: str, tmp_path: Path):
    back = {
        f"{module}:{name}"
        for caller, module, name in calls_of(tmp_path, question)
        if caller == "answer" and module.split(".")[0] in ("question", "search")
    }
    functions = {one for one in back if "." not in one.partition(":")[2]}
    assert functions <= {"search.membership:likely"}  # how many works a list is best cut at
    assert back - functions  # else nothing was seen


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_rule_of_questions_is_asked_once_it_is_read(question: str, tmp_path: Path):
    asked = {
        name
        for caller, module, name in calls_of(tmp_path, question)
        if caller in ("search", "conversation") and module.startswith("question.")
    }
    functions = {one for one in asked if "." not in one}
    assert functions <= {"read_question", "within_work"}  # the one takes a name out of a question
