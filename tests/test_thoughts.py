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
        ('<think mode="x">hm</think>Cats [1].', "hm", "Cats [1]."),
        ("<think>hm</think>\n<answer>\nCats [1].\n</answer>", "hm", "Cats [1]."),
        (
            "<|begin_of_thought|>hm<|end_of_thought|><|begin_of_solution|>Cats [1].<|end_of_solution|>",
            "hm",
            "Cats [1].",
        ),
        ("<|START_THINKING|>hm<|END_THINKING|>Cats [1].<|im_end|>", "hm", "Cats [1]."),
        ("analysisSo it is.assistantfinalCats [1].", "So it is.", "Cats [1]."),
        ("R1 writes a <think> tag first [1].", "", "R1 writes a <think> tag first [1]."),
        ("```markdown\nCats sleep [1].", "", "Cats sleep [1]."),
        ("```md\n```py\nx\n```\n```", "", "```md\n```py\nx\n```\n```"),
        ("It puts `<think>` and `</think>` [1].", "", "It puts `<think>` and `</think>` [1]."),
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
