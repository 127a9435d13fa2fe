"""Thumbs -> lines of a local JSONL file, which can be read back as questions to measure with."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Literal

from paperrag.errors import FeedbackError
from paperrag.records import Answer

Vote = Literal["good", "bad"]


def save_vote(file: Path, answer: Answer, vote: Vote) -> None:
    """Append a vote on an answer. Raises FeedbackError if the file cannot be written."""
    line = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "vote": vote,
        "question": answer.question,
        "abstained": answer.abstained,
        "mode": answer.mode,
        "answer": answer.text,
        "entry_ids": [citation.entry.id for citation in answer.citations],
    }
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as out:
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
    except OSError as error:
        raise FeedbackError(
            f"cannot write {file} ({error.strerror}); pass another file as PAPERRAG_FEEDBACK"
        ) from error
