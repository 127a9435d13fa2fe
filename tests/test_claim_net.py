"""The network that claims are held with: made-up truths and lies, and NumPy's figures are torch's."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from paperrag.encoders.static import StaticEncoder
from paperrag.proof.flags import flags
from paperrag.proof.net import ClaimNet, side_of
from training.claims.alter import KINDS, Lexicon
from training.claims.make import samples
from training.claims.sources import Passage

torch = pytest.importorskip("torch", reason="the network is fitted with torch")

LEXICON = Lexicon({"larger": ["smaller"], "增加": ["减少"]}, {"fur": ["paws"]}, ["MeowNet"])
PASSAGE = Passage(
    "made-up",
    (
        ("Tabby cats need 16 hours of sleep, more than Collie dogs.", "虎斑猫要睡 16 小时，比牧羊犬多。"),
        ("Some cats do not like water when it is cold.", "水冷的时候，有些猫不喜欢水。"),
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "text", "made"),
    [
        ("number", "猫睡 16 小时。", None),
        ("swap", "DoRA outperforms LoRA.", "LoRA outperforms DoRA."),
        ("negation", "Cats are quiet.", "Cats are not quiet."),
        ("negation", "猫不会游泳。", "猫会游泳。"),
        ("quantifier", "Some cats swim.", None),
        ("method", "The cat has fur.", "The cat has paws."),
        ("unit", "It takes 3 ms.", None),
    ],
)
def test_lie_differs_where_it_says(kind: str, text: str, made: str | None) -> None:
    altered = KINDS[kind](text, LEXICON, random.Random(1))
    assert altered is not None
    assert altered.text != text
    assert made is None or altered.text == made
    assert 0 <= altered.start <= altered.end <= len(altered.text)


def test_truths_and_lies_are_made_of_a_passage() -> None:
    other = Passage("other", (("Goldfish breathe through gills.", "金鱼用鳃呼吸。"),) * 2)
    made = [
        one for seed in range(40) for one in samples([PASSAGE, other], LEXICON, random.Random(seed))
    ]
    assert {one.is_true for one in made} == {True, False}
    assert all(one.claim != one.evidence for one in made if not one.is_true)


def test_numpy_says_what_torch_says(static_encoder: StaticEncoder, tmp_path: Path) -> None:
    from training.claims.fit import save
    from training.claims.net import ClaimNet as Taught

    torch.manual_seed(1)
    rows = torch.from_numpy(static_encoder.token_vectors(list(range(48_000))))
    taught = Taught(rows, width=8)
    claim, text = "Tabby cats sleep 12 hours.", "Tabby cats: striped fur, they sleep 16 hours."
    (ids, spans), (other, other_spans) = map(static_encoder.token_spans, (claim, text))
    seen = flags(claim, ids, spans, text, other), flags(text, other, other_spans, claim, ids)
    tensors = [
        part
        for tokens, own in zip((ids, other), seen, strict=True)
        for part in (
            torch.tensor([tokens]),
            torch.ones(1, len(tokens), dtype=torch.bool),
            torch.from_numpy(own[None]),
        )
    ]
    with torch.no_grad():
        logit, tokens, text_tokens = taught(*tensors)
    save(taught, tmp_path / "net.npz")
    with np.load(tmp_path / "net.npz") as weights:
        judged = ClaimNet(dict(weights)).judge(
            side_of(np.array(ids), static_encoder.token_vectors(ids), seen[0]),
            side_of(np.array(other), static_encoder.token_vectors(other), seen[1]),
        )
    assert judged.logit == pytest.approx(float(logit[0]), abs=0.02)
    assert judged.claim_tokens == pytest.approx(tokens[0].numpy(), abs=0.02)
    assert judged.text_tokens == pytest.approx(text_tokens[0].numpy(), abs=0.02)
