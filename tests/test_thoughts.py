"""What a model thinks aloud is told from what it says, whatever stands around it."""

from __future__ import annotations

import pytest

from paperrag.llm.thoughts import taken_apart


@pytest.mark.parametrize(
    ("reply", "thought", "said"),
    [
        ("Cats sleep [1].", "", "Cats sleep [1]."),
        ("<think>hm [3]\nso</think>\nCats sleep [1].", "hm [3]\nso", "Cats sleep [1]."),
        ("<thinking>想一想</thinking>猫睡觉 [1]。", "想一想", "猫睡觉 [1]。"),
        ("[THINK]hm[/THINK]Cats sleep [1].", "hm", "Cats sleep [1]."),
        (
            "the template opened it\n</think>\nCats sleep [1].",
            "the template opened it",
            "Cats sleep [1].",
        ),
        ("<think>one</think>Cats <think>two</think>sleep", "onetwo", "Cats sleep"),
        (
            "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>Cats [1].<|return|>",
            "hm",
            "Cats [1].",
        ),
        ("Cats sleep <thi", "", "Cats sleep"),
    ],
)
def test_thought_is_told_from_words(reply: str, thought: str, said: str) -> None:
    found = taken_apart(reply)
    assert (found.thought, found.said, found.is_thinking) == (thought, said, False)


@pytest.mark.parametrize("reply", ["<think>never ends [1]", "<|channel|>analysis<|message|>hm"])
def test_reply_that_ends_in_thought_says_nothing(reply: str) -> None:
    found = taken_apart(reply)
    assert found.is_thinking
    assert found.said == ""
