"""Short and long forms of terms: in texts, and as other words of a question."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from paperrag.encoders.contract import Encoder
from paperrag.search.scores import Scores
from paperrag.search.wordings import Wordings
from paperrag.text.acronyms import (
    definitions,
    initials_of,
    may_be_long_forms,
    short_forms_in,
)
from small_corpus import make_retriever


@pytest.mark.parametrize(
    ("text", "defined"),
    [
        (
            "We train a variational autoencoder (VAE) on it.",
            [("VAE", "variational autoencoder")],
        ),
        (
            "用 signed distance functions（SDFs）表示",
            [("SDF", "signed distance functions")],
        ),
        (
            "The MDP (Markov decision process) is small.",
            [("MDP", "Markov decision process")],
        ),
        (
            "log-structured merge trees (LSM, see below)",
            [("LSM", "log-structured merge trees")],
        ),
        ("a mixture of experts (MoE)", [("MoE", "mixture of experts")]),
        ("It was slow (SIGMOD) and large (GPU).", []),
        ("the first line\nof it (FLI)", []),
        ("one (A) or two (B)", []),
    ],
)
def test_short_forms_are_defined_in_brackets(text: str, defined: list[tuple[str, str]]):
    assert list(definitions(text)) == defined


def test_initials_leave_small_words_out_or_small_and_part_words():
    words = {"encoder"}
    assert initials_of("mixture of experts", words.__contains__) == ["MoE", "MOE"]
    assert initials_of("variational autoencoder", words.__contains__) == ["VAE"]
    assert initials_of("beam search", words.__contains__) == []


def test_long_forms_begin_and_end_with_words_of_a_subject():
    runs = list(may_be_long_forms("which papers use graph neural networks in chemistry?"))
    assert "graph neural networks" in runs
    assert not any(run.startswith("which") or run.endswith(" in") for run in runs)
    assert short_forms_in("does GNN beat the MoEs of yesterday?") == ["GNN", "MoE"]


NOTES = {
    "notes/tern.md": "# Tern\n\nTern samples molecules with a VAE whose latent is small.\n",
    "notes/elm.md": "# Elm\n\nElm learns a graph of roads with a signed tree walk (STW) per town.\n",
    "notes/oak.md": "# Oak\n\nA signed tree walk visits each street of Oak once a day.\n",
    "notes/fir.md": "# Fir\n\nFir bakes bread in an oven with an encoder on its door.\n",
}


@pytest.fixture(scope="module")
def wordings(tmp_path_factory: pytest.TempPathFactory, static_encoder: Encoder) -> Wordings:
    retriever = make_retriever(tmp_path_factory.mktemp("terms"), NOTES, static_encoder)
    return Wordings(retriever.data, retriever.encoder)


@pytest.mark.parametrize(
    ("asked", "other"),
    [
        ("which papers use variational autoencoders?", ["which papers use VAE?"]),
        ("who takes a signed tree walk?", ["who takes a STW?"]),
        ("which papers use STWs?", ["which papers use signed tree walk?"]),
        ("very able elephants in notes", []),  # the letters of VAE, another meaning
        ("which papers bake bread?", []),
    ],
)
def test_terms_are_put_as_the_notes_have_them(wordings: Wordings, asked: str, other: list[str]):
    assert wordings.of(asked) == other


def test_a_note_with_the_short_form_is_found_by_the_long_one(
    tmp_path: Path, static_encoder: Encoder
):
    retriever = make_retriever(tmp_path, NOTES, static_encoder)
    (first, *_) = retriever.search("papers that use variational autoencoders", 3)
    assert first.entry.source == "notes/tern.md"
    assert retriever.search("papers that use STW", 3)[1].entry.source == "notes/oak.md"


def test_scores_of_two_wordings_keep_the_better_of_each_chunk():
    def scores(rows: list[int], total: list[float], **matched: list[int]) -> Scores:
        values = np.array(total, dtype=np.float32)
        words = {word: np.array(of) for word, of in matched.items()}
        return Scores(np.array(rows), values, values, values, values, values, words)

    one = scores([1, 2, 4], [0.5, 0.2, 0.1], uses=[1, 2], autoencoder=[1])
    other = scores([2, 3, 4], [0.4, 0.3, 0.1], uses=[1, 2], vae=[2, 3])
    better = one.or_better(other)
    assert better.rows.tolist() == [1, 2, 3, 4]
    assert better.total.tolist() == pytest.approx([0.5, 0.4, 0.3, 0.1])
    assert {word: of.tolist() for word, of in better.matched.items()} == {
        "uses": [1, 2],
        "autoencoder": [1, 2, 3],
    }
