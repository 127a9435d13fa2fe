from __future__ import annotations

from dataclasses import replace  # noqa: TID251 - of settings
from pathlib import Path

import numpy as np
import pytest

from fakes import NgramEncoder
from paperrag.assistant import Assistant
from paperrag.config import Settings
from paperrag.encoders.contextual import ContextualEncoder
from paperrag.encoders.static import BUNDLED, BUNDLED_STATIC, StaticEncoder
from paperrag.errors import ConfigError, EncoderError
from paperrag.index.faiss_index import FaissVectors
from paperrag.wiring import encoders
from paperrag.wiring.encoders import choose_encoder, load_encoder, proof_encoder
from paperrag.wiring.engines import make_recipe, open_store
from workbench import Bench, write_file


def test_bundled_is_the_default_and_needs_no_torch():
    encoder = load_encoder()
    assert isinstance(encoder, ContextualEncoder) and encoder.name == BUNDLED
    assert load_encoder("bundled") is encoder is proof_encoder()


def test_static_part_of_the_bundled_encoder_has_a_name_of_its_own():
    encoder = load_encoder("bundled-static")
    assert isinstance(encoder, StaticEncoder) and encoder.name == BUNDLED_STATIC


@pytest.fixture
def small_corpus(tmp_path: Path) -> Settings:
    write_file(tmp_path / "corpus" / "notes" / "a.md", "- CaM: merges the KV cache\n")
    return Settings(corpus=tmp_path / "corpus", index=tmp_path / "index")


def test_auto_is_the_whole_bundled_encoder_for_usual_notes(small_corpus, caplog):
    assert choose_encoder(small_corpus, open_store(small_corpus.index)) == BUNDLED
    assert not caplog.messages


def test_auto_is_the_static_part_for_a_large_corpus_and_says_so(small_corpus, monkeypatch, caplog):
    monkeypatch.setattr(encoders, "LARGE_CORPUS_BYTES", 10)
    assert choose_encoder(small_corpus, open_store(small_corpus.index)) == BUNDLED_STATIC
    assert "paperrag index --rebuild --encoder bundled" in caplog.text


@pytest.mark.slow
@pytest.mark.parametrize("name", [BUNDLED, BUNDLED_STATIC])
def test_auto_keeps_the_bundled_encoder_that_the_index_was_built_with(
    small_corpus, monkeypatch, name
):
    Assistant.open(corpus=small_corpus.corpus, index=small_corpus.index, encoder=name).build()
    for limit in (10, 10**9):
        monkeypatch.setattr(encoders, "LARGE_CORPUS_BYTES", limit)
        again = Assistant.open(corpus=small_corpus.corpus, index=small_corpus.index)
        assert again.search("KV cache").manifest.encoder == name


def test_a_named_encoder_is_taken_whatever_the_size(small_corpus, monkeypatch):
    monkeypatch.setattr(encoders, "LARGE_CORPUS_BYTES", 10)
    assert (
        choose_encoder(replace(small_corpus, encoder=BUNDLED), open_store(small_corpus.index))
        == BUNDLED
    )


@pytest.mark.slow
@pytest.mark.parametrize("text", ["KV cache", "缓存合并", "用 LoRA 微调", ""])
def test_loaded_encoder_gives_unit_rows(text: str):
    encoder = load_encoder()
    for rows in (encoder.encode_query([text]), encoder.encode_document([text])):
        assert (rows.shape, rows.dtype) == ((1, encoder.dimension), np.float32)
        assert float(np.linalg.norm(rows)) == pytest.approx(1.0 if text else 0.0, abs=1e-5)


@pytest.mark.slow
def test_unknown_folder_is_named(tmp_path: Path):
    with pytest.raises(EncoderError, match=r"cannot load encoder '.*没有'"):
        load_encoder(str(tmp_path / "没有"))


@pytest.mark.parametrize(
    ("asked", "reads", "used"),
    [
        (256, 512, 256),  # the setting is within the limit
        (256, 128, 128),  # the default gives way to the encoder
        (100, 128, 100),
        (128, 128, 128),
    ],
)
def test_chunks_are_as_long_as_setting_and_encoder_allow(asked: int, reads: int, used: int):
    recipe = make_recipe(Settings(chunk_tokens=asked), NgramEncoder(max_tokens=reads))
    assert recipe.chunk_tokens == used


def test_setting_that_the_encoder_cannot_read_is_refused():
    with pytest.raises(
        ConfigError,
        match=r"chunk_tokens is 512, but encoder 'fake-ngrams-256' reads at most 128 tokens",
    ):
        make_recipe(Settings(chunk_tokens=512), NgramEncoder(max_tokens=128))


def test_an_index_keeps_its_vectors_in_faiss(tmp_path: Path):
    bench = Bench(tmp_path)
    bench.write(a="- 甲\n")
    bench.build()
    (segment,) = bench.store.load().layout.segments
    assert isinstance(segment.vectors, FaissVectors) and segment.vectors.dimension == 64
    assert open_store(tmp_path).folder == tmp_path
