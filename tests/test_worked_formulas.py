"""Numbers of a claim are met by a formula of the notes that they work out, and by no other."""

from __future__ import annotations

import pytest

from paperrag.encoders.contextual import ContextualEncoder
from paperrag.proof.support import SupportScorer
from paperrag.proof.worked import verdicts

FLOCK = "Pets › Parrots\n- A flock of 2n + 1 parrots stays together while n of them moult."
SHELVES = "高度为 ⌈k/s⌉，每层 2^s 格"


def missing(claim: str, text: str) -> list[str]:
    return [one.text for one, told in verdicts(claim, text) if told != "met"]


@pytest.mark.parametrize(
    ("claim", "text", "wrong"),
    [
        ("seven parrots stay together while three moult", FLOCK, []),
        ("seven parrots stay together while four moult", FLOCK, ["seven", "four"]),
        ("seven parrots stay together", FLOCK, ["seven"]),
        ("五个盒子里空着四个", "n 个盒子里空着 n-1 个", []),
        ("十五个盒子里空着十二个", "n 个盒子里空着 n-1 个", ["十五", "十二"]),
        ("k 为 20，s 取 8 时高度是 3，每层 256 格", SHELVES, []),
        ("k 为 20，s 取 8 时高度是 4，每层 256 格", SHELVES, ["20", "4"]),
        ("of n parrots (n-1)/2 moult", "n-1 parrots moult", ["2"]),
        ("高度是 3，k 为 20，s 取 8", "k/s", ["3", "20", "8"]),
        ("cats ate 6 of 12 fish in 20 days", "x-ray, e-mail, x-y-z", ["6", "12", "20 days"]),
        ("0 cats of 9 ate 999 fish", "= a/b and a^b", ["0", "9", "999"]),
    ],
)
def test_numbers_are_met_where_together_they_work_out_a_formula(
    claim: str, text: str, wrong: list[str]
) -> None:
    assert missing(claim, text) == wrong


def test_truth_that_works_out_a_formula_is_not_marked(bundled_encoder: ContextualEncoder) -> None:
    scorer = SupportScorer(bundled_encoder, [FLOCK])
    truth = scorer.judge("A flock of nine parrots stays together while four of them moult.", [0])
    lie = scorer.judge("A flock of nine parrots stays together while six of them moult.", [0])
    assert truth.is_supported
    assert not lie.is_supported
