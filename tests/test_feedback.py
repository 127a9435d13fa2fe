from __future__ import annotations

import json
from pathlib import Path

import pytest

from app_corpus import open_pets
from paperrag.errors import FeedbackError
from paperrag.page.feedback import save_vote


def test_votes_are_lines_that_can_be_read_back(tmp_path: Path) -> None:
    assistant = open_pets(tmp_path)
    answer, _ = assistant.ask("哪些猫爱叫？ which cats are talkative?")
    save_vote(assistant.settings.feedback, answer, "good")
    save_vote(assistant.settings.feedback, answer, "bad")
    lines = [
        json.loads(line)
        for line in assistant.settings.feedback.read_text(encoding="utf-8").splitlines()
    ]
    assert [line["vote"] for line in lines] == ["good", "bad"]
    assert lines[0]["question"] == "哪些猫爱叫？ which cats are talkative?"
    assert lines[0]["entry_ids"] == [citation.entry.id for citation in answer.citations]


def test_vote_that_cannot_be_saved_is_told(tmp_path: Path) -> None:
    answer, _ = open_pets(tmp_path).ask("Siamese cats")
    with pytest.raises(FeedbackError, match="PAPERRAG_FEEDBACK"):
        save_vote(tmp_path, answer, "good")


def test_vote_on_a_turn_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    assistant = open_pets(tmp_path)
    file = assistant.settings.feedback
    answer, _ = assistant.ask("Siamese cats")
    save_vote(file, answer, "bad", "c/0")
    save_vote(file, answer, "good", "c/1")
    save_vote(file, answer, "good", "c/0")
    votes = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [(vote["turn"], vote["vote"]) for vote in votes] == [("c/1", "good"), ("c/0", "good")]
    save_vote(file, answer, None, "c/0")
    assert [json.loads(line)["turn"] for line in file.read_text().splitlines()] == ["c/1"]


def test_taking_a_vote_back_leaves_other_lines_as_they_are(tmp_path: Path) -> None:
    assistant = open_pets(tmp_path)
    file = assistant.settings.feedback
    file.parent.mkdir()
    file.write_text('not json\n[1]\n{"vote": "good"}\n', encoding="utf-8")
    answer, _ = assistant.ask("Siamese cats")
    save_vote(file, answer, "good", "c/0")
    save_vote(file, answer, None, "c/0")
    assert file.read_text(encoding="utf-8") == 'not json\n[1]\n{"vote": "good"}\n'
