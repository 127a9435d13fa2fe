"""The network that claims are held with: made-up truths and lies, and NumPy's figures are torch's."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from paperrag.encoders.contract import unit_rows
from paperrag.encoders.static import StaticEncoder
from paperrag.proof.flags import flags, links
from paperrag.proof.net import ClaimNet, Side
from training.claims.alter import KINDS, Lexicon, reworded
from training.claims.make import samples
from training.claims.sources import Passage
from training.claims.written import part, read_written

torch = pytest.importorskip("torch", reason="the network is fitted with torch")

from training.claims.fit import save  # noqa: E402
from training.claims.net import STATE_WIDTH  # noqa: E402
from training.claims.net import ClaimNet as Taught  # noqa: E402
from training.claims.net import Side as TaughtSide  # noqa: E402

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


def test_roles_of_two_terms_are_swapped() -> None:
    lexicon = Lexicon({}, {}, [], {"old collie": ["young tabby"], "young tabby": ["old collie"]})
    found = {
        made.text
        for seed in range(20)
        if (
            made := KINDS["swap"](
                "The old collie herds a young tabby.", lexicon, random.Random(seed)
            )
        )
    }
    assert "The young tabby herds a old collie." in found


def test_words_of_one_meaning_take_one_anothers_place() -> None:
    lexicon = Lexicon({}, {}, [], same={"begin": ["start"], "开始": ["起始"]})
    assert reworded("Cats begin to run.", lexicon, random.Random(1), 1.0) == "Cats start to run."
    assert reworded("猫开始跑。", lexicon, random.Random(1), 1.0) == "猫起始跑。"
    assert reworded("Cats begin to run.", lexicon, random.Random(1), 0.0) == "Cats begin to run."


def test_truths_and_lies_are_made_of_a_passage() -> None:
    other = Passage("other", (("Goldfish breathe through gills.", "金鱼用鳃呼吸。"),) * 2)
    made = [
        one
        for seed in range(40)
        for one in samples(
            [PASSAGE, other], LEXICON, lambda number, _: 1 - number, random.Random(seed)
        )
    ]
    assert {one.is_true for one in made} == {True, False}
    assert all(one.claim != one.evidence for one in made if not one.is_true)


def test_written_claims_are_read_with_their_lines_and_what_is_wrong() -> None:
    found = read_written(None)
    lie = next(one for one in found if one.claim.startswith("To get the advantage, PAV runs beam"))
    assert (lie.is_true, lie.claim[slice(*lie.span)]) == (False, "beam search")
    assert lie.text.startswith("DeepMind PAV\n") and "mcts搜索" in lie.text
    parts = {
        one.group: {part(other) for other in found if other.group == one.group} for one in found
    }
    assert all(len(found) == 1 for found in parts.values())


def test_numbers_that_are_one_quantity_are_linked() -> None:
    claim, text = "half a second, 3 cats", "500 ms, 3 只猫"
    spans, other = [(0, 13), (15, 16)], [(0, 3), (4, 6), (8, 9)]
    assert links(claim, spans, text, other).tolist() == [[0, 0], [0, 1], [1, 2]]
    assert links("0.5 s", [(0, 5)], text, other).tolist() == [[0, 0], [0, 1]]


def test_numpy_says_what_torch_says(static_encoder: StaticEncoder, tmp_path: Path) -> None:
    torch.manual_seed(1)
    rows = torch.from_numpy(static_encoder.token_vectors(list(range(48_000))))
    taught = Taught(rows, width=8).eval()
    claim, text = "Tabby cats sleep 12 hours.", "Tabby cats: striped fur, they sleep 16 hours."
    (ids, spans), (other, other_spans) = map(static_encoder.token_spans, (claim, text))
    seen = flags(claim, ids, spans, text, other), flags(text, other, other_spans, claim, ids)
    states = [
        np.random.default_rng(len(own)).normal(size=(len(own), STATE_WIDTH)).astype(np.float32)
        for own in (ids, other)
    ]
    pairs = np.array([[0, 1], [2, 3]])
    linked = torch.zeros(1, len(ids), len(other))
    linked[0, pairs[:, 0], pairs[:, 1]] = 1
    sides = [
        TaughtSide(
            torch.tensor([own]),
            torch.ones(1, len(own), dtype=torch.bool),
            torch.from_numpy(table[None]),
            torch.from_numpy(state[None]),
        )
        for own, table, state in zip((ids, other), seen, states, strict=True)
    ]
    with torch.no_grad():
        logit, tokens, text_tokens = taught(*sides, linked)
    save(taught, tmp_path / "net.npz")
    with np.load(tmp_path / "net.npz") as weights:
        judged = ClaimNet(dict(weights)).judge(
            *(
                Side(np.array(own), unit_rows(static_encoder.token_vectors(own)), table, state)
                for own, table, state in zip((ids, other), seen, states, strict=True)
            ),
            pairs,
        )
    assert judged.logit == pytest.approx(float(logit[0]), abs=0.02)
    assert judged.claim_tokens == pytest.approx(tokens[0].numpy(), abs=0.02)
    assert judged.text_tokens == pytest.approx(text_tokens[0].numpy(), abs=0.02)
