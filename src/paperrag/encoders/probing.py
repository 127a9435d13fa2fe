"""An encoder -> the cosine that it gives to a question and a text that has nothing to do
with it.
"""

from __future__ import annotations

import numpy as np

from paperrag.encoders.contract import Encoder

PROBES = (
    (
        "how do bees tell each other where food is",
        "蜜蜂用摆尾舞报告蜜源的方向和距离，角度对应太阳的方位。",
    ),
    (
        "气候模型的误差从哪里来",
        "Clouds and rain are the largest unknowns; a finer grid removes only some of the error.",
    ),
    (
        "what does an auction promise to bidders",
        "Bidding one's true value is best, and revenue is near the optimum.",
    ),
    ("儿童怎样学会第二语言", "母语的音系会影响新语言的知觉，年龄越小影响越弱。"),
    ("why do catalysts lose activity", "高温下颗粒烧结，活性位点减少，掺入少量氧化物可以延缓。"),
    (
        "哪些综述讲数据库索引",
        "The survey compares trees, hashing and learned structures by space and latency.",
    ),
    (
        "how fast do earthquakes rupture",
        "Ruptures are mostly slower than shear waves, seldom faster.",
    ),
    ("显微图像如何去噪", "网络只用带噪声的成对图像训练，细小的结构比滤波保留得好。"),
)
"""Questions and the text that answers each; no question has to do with another's text."""


MOST_FOR_NOTHING = 0.95
"""Cosine that an encoder is taken to give for nothing at most: scores need room above it."""


def unrelated_cosine(encoder: Encoder) -> float:
    """Return the median cosine of a question with texts that it has nothing to do with: what this
    encoder gives for nothing.

    Encoders differ widely here (the bundled one near 0, E5 near 0.7); scores are measured from it.
    It is asked of texts of our own, not of the notes: notes that share the title of their file are
    near to each other, not to a question.
    """
    questions, texts = zip(*PROBES, strict=True)
    cosines = encoder.encode_query(questions) @ encoder.encode_document(texts).T
    others = cosines[~np.eye(len(PROBES), dtype=bool)]
    return round(float(np.clip(np.median(others), 0.0, MOST_FOR_NOTHING)), 4)
