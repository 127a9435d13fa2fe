"""What a terminal shows while an LLM writes."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from app_corpus import open_pets
from llm_server import Reply, serving
from paperrag.commands.live import watched
from paperrag.output.screen import end_of
from paperrag.output.terminal import growing_line
from paperrag.records import Answer


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def growing(text: str = "", thought: str = "") -> Answer:
    return Answer("q", "en", "llm", "ollama:tiny", False, text, (), thought=thought)


@pytest.mark.parametrize(
    ("text", "columns", "end"),
    [
        ("one two\nthree", 40, "one two three"),
        ("one two three", 5, "three"),
        ("猫睡觉", 4, "睡觉"),
        ("a猫", 2, "猫"),
        ("red \x1b[31mtext\x07", 40, "red [31mtext"),
        ("", 3, ""),
    ],
)
def test_end_of_a_text_fits_and_obeys_nothing(text: str, columns: int, end: str) -> None:
    assert end_of(text, columns) == end


def test_line_says_what_was_thought_until_there_are_words() -> None:
    assert growing_line(growing(), 60) == "ollama:tiny: "
    assert (
        growing_line(growing(thought="so\nmany cats"), 60) == "ollama:tiny: thinking … so many cats"
    )
    assert growing_line(growing("Cats sleep", "so"), 60) == "ollama:tiny: Cats sleep"


@pytest.mark.slow
def test_answer_is_seen_to_grow_on_a_terminal_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    said = Reply("Siamese cats are talkative [1].", thinking="<think>dogs?</think>", pause_s=0.08)
    with serving(lambda messages: said) as server:
        monkeypatch.setenv("OLLAMA_HOST", server.ollama)
        pets = open_pets(tmp_path, llm="ollama:tiny")
        for stream in (Terminal(), io.StringIO()):
            monkeypatch.setattr(sys, "stderr", stream)
            *_, (answer, _) = watched(pets.ask_stream("which cats are talkative?"))
            assert answer.usage is not None
            lines = stream.getvalue().split("\r\x1b[K")
            if stream.isatty():
                assert any("thinking … dogs" in line for line in lines)
                assert any("Siamese cats are" in line for line in lines)
                assert lines[-1] == ""
            else:
                assert lines == [""]
