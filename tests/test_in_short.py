"""Questions that only name a paper: what its note says in short; over made-up notes."""

from __future__ import annotations

import pytest

from paperrag.assistant import Assistant
from paperrag.encoders.contract import Encoder
from paperrag.records import Answer
from small_corpus import make_assistant

LANTERN = """# Slow Lantern: Dimming Noisy Gradients by Lamplight

**Authors**: Ida Berg, Bo Moss
**Venue**: ICML 2020

We propose Slow Lantern, which dims gradients that disagree.

## Method

Steps of a batch are compared two by two.
The angle decides.

- Angles above ninety degrees are cut to a tenth.

## Results

- It needs 40 percent fewer steps on three drifting streams.
- On still data nothing is won.

## My take

- todo
- The lamp metaphor does not help anybody.
"""

NOTES = {
    "slow-lantern.md": LANTERN,
    "torch.md": "# Torch: Loud Gradients\n\nVenue: ACL 2021\n\nTorch makes gradients louder.\n",
    "log.md": "# Log\n\n- Slow Lantern again, on the train\n- slept\n",
}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory, bundled_encoder: Encoder) -> Assistant:
    return make_assistant(tmp_path_factory.mktemp("short"), NOTES, bundled_encoder)


def ask(assistant: Assistant, question: str) -> Answer:
    return assistant.ask(question)[0]


SAID = [
    "We propose Slow Lantern, which dims gradients that disagree.",
    "Steps of a batch are compared two by two.",
    "Angles above ninety degrees are cut to a tenth.",
    "It needs 40 percent fewer steps on three drifting streams.",
    "The lamp metaphor does not help anybody.",
]
"""What the paper does, then what stands first under each heading, and second under one."""


@pytest.mark.parametrize(
    "question",
    [
        "What do my notes say about Slow Lantern?",
        "what is Slow Lantern about?",
        "Slow Lantern 讲了什么？",
        "总结一下 Slow Lantern",
        "slow-lantern",
        "what do my notes say about Berg & Moss?",
    ],
)
def test_a_question_that_only_names_a_paper_is_told_its_note_in_short(
    assistant: Assistant, question: str
):
    answer = ask(assistant, question)
    assert [one.quote for one in answer.citations] == SAID
    assert not answer.abstained


def test_lines_say_under_which_heading_they_stand(assistant: Assistant):
    lines = ask(assistant, "what is Slow Lantern about?").text.splitlines()
    assert lines[0].startswith("Your notes on Slow Lantern: Dimming Noisy Gradients")
    assert lines[2:5] == [
        f"- Method: {SAID[1]} [2]",
        f"- {SAID[2]} [3]",
        f"- Results: {SAID[3]} [4]",
    ]


def test_a_note_that_says_one_thing_is_quoted_as_before(assistant: Assistant):
    answer = ask(assistant, "what is Torch about?")
    assert [one.quote for one in answer.citations] == ["Torch makes gradients louder."]


def test_what_is_asked_of_the_paper_is_answered_by_one_line(assistant: Assistant):
    answer = ask(assistant, "how many steps does Slow Lantern need?")
    assert len(answer.citations) == 1
