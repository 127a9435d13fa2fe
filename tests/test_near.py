"""The tokens near to one, as the model's folder lists them, are those that comparing all finds."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest
from pytest import approx

from paperrag.encoders.contract import unit_rows
from paperrag.encoders.near import LEAST_LISTED, NEAR_FILE, NearLists
from paperrag.encoders.static import BUNDLED_FOLDER, StaticEncoder
from paperrag.errors import EncoderError
from paperrag.index.late import LEAST_SIMILARITY, LateInteraction, TokenLists
from training.export import write_safetensors
from training.near import near_lists

VOCABULARY = 48_488


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BUNDLED_FOLDER, tmp_path / "model"))


def test_lists_hold_what_is_near_and_the_token_itself(tmp_path):
    # cosines: 1 and 2 .8, 1 and 3 .6, 2 and 3 0, 4 alone; 0 is the unknown token
    rows = np.array([[1, 0], [3, 0], [0.8, 0.6], [0.6, -0.8], [-2, 0]], dtype=np.float32)
    write_safetensors(tmp_path / "model.safetensors", {"embedding.weight": rows})
    write_safetensors(tmp_path / NEAR_FILE, near_lists(tmp_path))
    lists = NearLists(tmp_path)
    assert [dict(zip(*map(list, lists.of(token)), strict=True)) for token in range(5)] == [
        {},
        {1: 1, 2: approx(0.8), 3: approx(0.6)},
        {1: approx(0.8), 2: 1},
        {1: approx(0.6), 3: 1},
        {4: 1},
    ]


def test_the_bundled_lists_are_those_of_its_vectors(static_encoder):
    assert LEAST_SIMILARITY == LEAST_LISTED  # else every search compares
    tokens = static_encoder.token_ids(["merging KV caches", "哪些方法压缩注意力缓存"])
    asked = sorted({*tokens[0], *tokens[1]})
    every = unit_rows(static_encoder.token_vectors(np.arange(1, VOCABULARY)))
    near = static_encoder.near_tokens(asked, LEAST_LISTED)
    for token, (listed, cosines) in zip(asked, near, strict=True):
        compared = every @ every[token - 1]
        assert set(1 + np.flatnonzero(compared >= LEAST_LISTED + 1e-4)) <= set(listed)
        np.testing.assert_allclose(cosines, compared[listed - 1], atol=1e-4)
    recorded = (
        f"{hashlib.sha256((BUNDLED_FOLDER / NEAR_FILE).read_bytes()).hexdigest()}  {NEAR_FILE}"
    )
    assert recorded in (BUNDLED_FOLDER / "SHA256SUMS").read_text().splitlines()


def test_late_interaction_is_the_same_without_lists(copied, static_encoder):
    (copied / NEAR_FILE).unlink()
    compared = StaticEncoder(copied, "compared")
    assert compared.near_tokens([5], LEAST_LISTED) is None
    assert static_encoder.near_tokens([5], LEAST_LISTED / 2) is None
    texts = ["KV 缓存合并 by attention", "speculative decoding 加速", "低秩分解"]
    lists = TokenLists.of(static_encoder.token_ids(texts), static_encoder.token_ids(texts[::-1]))
    for question in ("哪些方法合并缓存？", "low-rank decomposition"):
        scores = [
            LateInteraction(encoder, lists).scores(question, np.arange(3))
            for encoder in (compared, static_encoder)
        ]
        np.testing.assert_allclose(*scores, atol=1e-4)


def test_listed_tokens_read_no_vectors(static_encoder):
    lists = TokenLists.of(static_encoder.token_ids(["KV 缓存合并"]), [[]])
    late = LateInteraction(static_encoder, lists)
    late.scores("cache merging", np.arange(1))
    assert "_vectors" not in late.__dict__


@pytest.mark.parametrize("content", [b"", b"not what it should be"])
def test_a_broken_file_is_named(copied, content):
    (copied / NEAR_FILE).write_bytes(content)
    with pytest.raises(EncoderError, match=rf"cannot read .*{NEAR_FILE}.*; reinstall paperrag"):
        StaticEncoder(copied, "copy").near_tokens([5], LEAST_LISTED)
