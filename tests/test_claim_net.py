"""The network that claims are held with: written claims are read, and the package's figures are
torch's.
"""

from __future__ import annotations

import json
from dataclasses import replace  # noqa: TID251 - of what training makes
from pathlib import Path

import numpy as np
import pytest

from paperrag.proof.flags import FLAGS, flags, links
from paperrag.proof.net import RELATIONS, ClaimNet, Side, relations, with_orders
from paperrag.proof.order import ORDERS
from training.claims.written import CLAIMS, part, read_written, twins

torch = pytest.importorskip("torch", reason="the network is fitted with torch")

from training.claims.export import bundled_layers, write_net  # noqa: E402
from training.claims.fit import loss_of  # noqa: E402
from training.claims.net import ClaimNet as Taught  # noqa: E402
from training.claims.net import Side as TaughtSide  # noqa: E402
from training.claims.prior import Prior  # noqa: E402
from training.claims.read import Reader, batches  # noqa: E402
from training.claims.texts import opened, with_texts  # noqa: E402

CLAIM, TEXT = "Tabby cats sleep 12 hours.", "Tabby cats: striped fur, they sleep 16 hours."


def written(folder: Path, *claims: str) -> Path:
    rows = [
        {
            "note": "cats.md", "lines": [2, 2], "evidence": TEXT, "claim": claim, "kind": "number",
            "label": "true" if "16" in claim else "lie", "why": '"12", not 16',
        }
        for claim in claims
    ]  # fmt: skip
    path = folder / "claims.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def test_written_claims_are_read_with_their_lines_and_what_is_wrong() -> None:
    found = read_written([CLAIMS])
    lie = next(one for one in found if one.claim.startswith("To get the advantage, PAV runs beam"))
    assert (lie.is_true, lie.claim[slice(*lie.span)]) == (False, "beam search")
    assert lie.text.startswith("DeepMind PAV\n") and "mcts搜索" in lie.text
    parts = {one.note: {part(other) for other in found if other.note == one.note} for one in found}
    assert all(len(found) == 1 for found in parts.values())


def test_twin_of_a_lie_is_the_true_claim_with_nearly_its_words(tmp_path: Path) -> None:
    told = ["Tabby cats sleep 12 hours.", "Fur: 16", "Tabby cats sleep 16 hours.", "Water: 12"]
    pairs = twins(read_written([written(tmp_path, *told)]))
    assert [(truth.claim, lie.claim) for truth, lie in pairs] == [(told[2], told[0])]


def test_claim_is_held_against_the_entries_of_its_lines(tmp_path: Path) -> None:
    vault = tmp_path / "vault"
    vault.mkdir()
    note = vault / "cats.md"
    note.write_text("# Tabby\n\n- they sleep 16 hours\n- they dislike water\n", encoding="utf-8")
    claim = {"note": str(note), "lines": [3, 3], "claim": "They sleep.", "label": "true"}
    (line,) = with_texts([claim], [opened(vault, tmp_path / "index")])
    text = json.loads(line)["text"]
    assert "Tabby" in text and "16 hours" in text and "water" not in text


def test_numbers_that_are_one_quantity_are_linked() -> None:
    claim, text = "half a second, 3 cats", "500 ms, 3 只猫"
    spans, other = [(0, 13), (15, 16)], [(0, 3), (4, 6), (8, 9)]
    assert links(claim, spans, text, other).tolist() == [[0, 0], [0, 1], [1, 2]]
    assert links("0.5 s", [(0, 5)], text, other).tolist() == [[0, 0], [0, 1]]


def test_lies_for_their_length_alone_are_not_learned(tmp_path: Path) -> None:
    long = ", they have striped fur, they sleep long and they like it warm"
    told = [f"Tabby cats {number}{long * (number % 3)}." for number in range(12, 24)]
    read = [
        one for claim in read_written([written(tmp_path, *told)]) if (one := Reader().read(claim))
    ]
    shaped = [
        replace(one, is_true=number % 3 == 2 or not number) for number, one in enumerate(read)
    ]
    prior = Prior(shaped)
    chances = 1 / (1 + np.exp(-prior.logits(shaped)))
    is_long = np.array([number % 3 == 2 for number in range(len(shaped))])
    assert chances[is_long].min() > 0.5 > chances[~is_long].max()
    assert np.all(prior.weights(shaped) >= 0.5)
    odd = prior.weights(shaped)[0]  # true, and as short as a lie
    assert odd == prior.weights(shaped).max() > 1


def test_claims_about_the_same_lines_are_learned_together(tmp_path: Path) -> None:
    path = written(tmp_path, CLAIM, CLAIM.replace("12", "16"))
    reader = Reader()
    read = [one for claim in read_written([path]) if (one := reader.read(claim))]
    assert [one.is_true for one in read] == [False, True]
    assert read[0].claim.wrong.sum() > 0 and read[1].claim.wrong.sum() == 0
    assert [len(group) for group in batches(read, 1, None)] == [2]
    torch.manual_seed(1)
    loss, logits = loss_of(Taught(bundled_layers()[5:]), read)
    assert loss.item() > 0 and logits.shape == (2,)


def test_what_another_network_did_not_see_says_nothing() -> None:
    torch.manual_seed(1)
    before, after = Taught([], FLAGS), Taught([])
    torch.nn.init.normal_(before.seen.weight)
    after.go_on_from(before.state_dict())
    seen, known = after.seen.weight, before.seen.weight
    assert torch.equal(seen[:, :FLAGS], known[:, :FLAGS])
    assert not seen[:, FLAGS : FLAGS + ORDERS].any()
    assert torch.equal(seen[:, -RELATIONS:], known[:, -RELATIONS:])
    again = Taught([], FLAGS)
    again.go_on_from(after.state_dict())
    assert torch.equal(again.seen.weight, known)


@pytest.mark.slow
def test_package_says_what_torch_says(bundled_encoder, tmp_path: Path) -> None:
    torch.manual_seed(1)
    taught = Taught(bundled_layers()[4:]).eval()
    torch.nn.init.normal_(taught.seen.weight, std=0.02)
    write_net(taught, tmp_path / "net.onnx")
    (ids, spans), (other, other_spans) = map(bundled_encoder.token_spans, (CLAIM, TEXT))
    sides = [
        Side(np.array(own), bundled_encoder.token_vectors(own), seen, bundled_encoder.token_states(own))
        for own, seen in (
            (ids, flags(CLAIM, ids, spans, TEXT, other)),
            (other, flags(TEXT, other, other_spans, CLAIM, ids)),
        )
    ]  # fmt: skip
    pairs = np.array([[0, 1], [2, 3]])
    judged = ClaimNet(bundled_encoder.open_layers(tmp_path / "net.onnx")).judge(*sides, pairs)
    found = relations(*sides, pairs)
    told = with_orders(sides[0].flags, sides[1].flags, found)
    with torch.no_grad():
        logit, *_ = taught(
            *(
                TaughtSide(
                    torch.from_numpy(side.states)[None],
                    torch.ones(1, len(side.ids), dtype=torch.bool),
                    torch.from_numpy(seen)[None],
                )
                for side, seen in zip(sides, told, strict=True)
            ),
            torch.from_numpy(found)[None],
        )
    assert judged.logit == pytest.approx(float(logit[0]), abs=0.2)
    assert judged.looks_at.sum(axis=1).max() <= 1
