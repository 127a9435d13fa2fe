"""Floors under the proof of LLM answers, measured by the benchmark that prints the README's
figures.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import astuple

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))

import fit_support
import proof
from paperrag.proof.support import INTERCEPT, WEIGHTS
from training.claims.texts import own_claims
from training.claims.written import SIMPLE, STRANGERS, part

pytestmark = pytest.mark.slow

MARKED_TRUTHS = 0.2
"""These are free retellings and translations; of strangers' truths 8 and 14 % are marked."""

MARKED_SIMPLE = 9
"""Of 88; 21 of the 41 lies among them are marked."""

MARKED_OF_STRANGERS, CAUGHT_OF_STRANGERS = 0.05, 0.5
"""Shares of truths and lies about the bundled notes; 4 and 56 % are marked."""


def test_ideal_model_keeps_its_citations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    metrics, found = proof.model_outcomes(tmp_path / "index", 0.0)
    assert metrics["by_llm"] >= 35
    assert metrics["citation_precision"] >= 0.95
    assert metrics["citation_recall"] >= 0.95
    assert found["true", True] <= MARKED_TRUTHS * (found["true", True] + found["true", False])


def test_lies_are_flagged_and_truths_are_not(tmp_path: Path) -> None:
    found = proof.lying_outcomes(tmp_path / "index", seeds=3)
    lies = {
        kind: found[kind, True] + found[kind, False] for kind in ("number", "method", "paper", "id")
    }
    assert all(lies.values())
    assert sum(found[kind, True] for kind in lies) >= 0.9 * sum(lies.values())
    assert found["true", True] <= MARKED_TRUTHS * (found["true", True] + found["true", False])


def test_hand_written_claims_are_told_from_their_alterations(tmp_path: Path) -> None:
    found = proof.claim_outcomes(tmp_path)
    share = {
        kind: sum(found[corpus, kind, True] for corpus in proof.CORPORA)
        / sum(found[corpus, kind, flagged] for corpus in proof.CORPORA for flagged in (True, False))
        for kind in ("true", "number", "name", "paper", "method", "direction")
    }
    assert share["true"] <= 0.07
    assert share["number"] >= 0.88
    assert share["name"] >= 0.85
    assert share["paper"] >= 0.98
    assert share["method"] >= 0.25


def test_written_claims_that_nothing_was_fitted_on(tmp_path: Path) -> None:
    held = [one for one in own_claims(tmp_path) if part(one) == "held"]
    weights = np.array(astuple(WEIGHTS))
    flagged = fit_support.written_features(held) @ weights + INTERCEPT < 0
    is_true = np.array([one.is_true for one in held])
    assert np.mean(flagged[is_true]) <= 0.1
    assert np.mean(flagged[~is_true]) >= 0.33


def test_simple_true_sentences_over_the_bundled_notes_are_left_alone(tmp_path: Path) -> None:
    simple = own_claims(tmp_path, SIMPLE)
    logits = fit_support.written_features(simple) @ np.array(astuple(WEIGHTS)) + INTERCEPT
    marked = [
        one.claim for one, logit in zip(simple, logits, strict=True) if one.is_true and logit < 0
    ]
    assert len(marked) <= MARKED_SIMPLE, marked


def test_lies_of_strangers_are_marked_and_few_of_their_truths(tmp_path: Path) -> None:
    claims = own_claims(tmp_path, STRANGERS)
    marked = fit_support.written_features(claims) @ np.array(astuple(WEIGHTS)) + INTERCEPT < 0
    is_true = np.array([one.is_true for one in claims])
    assert np.mean(marked[is_true]) <= MARKED_OF_STRANGERS
    assert np.mean(marked[~is_true]) >= CAUGHT_OF_STRANGERS
