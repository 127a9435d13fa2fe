"""Claims that training makes of two texts that tell the same: what is turned is turned on both
sides.
"""

from __future__ import annotations

import random

from paperrag.encoders.contextual import ContextualEncoder
from training.claims.made import exchanged, made, opposed

ENGLISH = "The teacher guides the student during training."
CHINESE = "教师在训练中指导学生。"


def test_words_change_places_in_both_texts(bundled_encoder: ContextualEncoder) -> None:
    found = {exchanged(ENGLISH, CHINESE, bundled_encoder, random.Random(seed)) for seed in range(5)}
    new = {claim[1]: text[1] for claim, text in found}
    assert new["The student guides the teacher during training."].startswith("学生")


def test_things_told_of_together_do_not_change_places(bundled_encoder: ContextualEncoder) -> None:
    assert (
        exchanged("Encoder and decoder", "编码器和解码器", bundled_encoder, random.Random(0))
        is None
    )


def test_words_give_way_to_their_opposites_in_both_texts() -> None:
    (_, claim), (_, text) = opposed("Otters swim faster.", "水獭游得更快。", random.Random(0))
    assert (claim, text) == ("Otters swim slower.", "水獭游得更慢。")
    assert opposed("Otters swim faster.", "水獭游得更慢。", random.Random(0)) is None


def test_of_four_claims_two_are_true(bundled_encoder: ContextualEncoder) -> None:
    for four in made([(ENGLISH, CHINESE)] * 4, bundled_encoder, seed=0):
        assert [one.is_true for one in four] == [True, False, False, True]
        assert len({one.claim for one in four}) == len({one.text for one in four}) == 2
        assert len({one.block for one in four}) == 1
