from __future__ import annotations

import pytest

from paperrag.proof.techniques import missing_techniques, opposed


@pytest.mark.parametrize(
    ("claim", "text", "count"),
    [
        ("CaM prunes the cache.", "CaM 把缓存合并。", 1),
        ("CaM merges the cache.", "CaM 把缓存合并。", 0),
        ("用强化学习量化权重。", "Weights are quantized to 4 bits by reinforcement learning.", 0),
        ("It distils a teacher through a graph.", "A plain network.", 2),
        ("It says nothing technical.", "Nor does this.", 0),
    ],
)
def test_missing_techniques_are_counted_across_languages(claim: str, text: str, count: int) -> None:
    assert missing_techniques(claim, text) == count


@pytest.mark.parametrize(
    ("claim", "text", "count"),
    [
        ("Freezing A raises memory.", "冻结 A 可以降低显存。", 1),
        ("Freezing A lowers memory.", "冻结 A 可以降低显存。", 0),
        ("The method needs training.", "这个方法不需要训练。", 1),
        ("这个方法需要微调。", "It is training-free.", 1),
        ("It is training-free.", "这个方法不需要任何训练。", 0),
        ("The value norms are larger.", "值向量的范数更小。", 1),
        ("It is earlier and lower.", "It comes 9 days later and is higher.", 2),
        ("It trades more memory for less time.", "更多显存，更少时间。", 0),
        ("Layers share one cache.", "Nothing is said about it.", 0),
    ],
)
def test_directions_turned_round_are_counted(claim: str, text: str, count: int) -> None:
    assert opposed(claim, text) == count
