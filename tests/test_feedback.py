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
