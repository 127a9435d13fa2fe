from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest

from fakes import NgramEncoder, ngrams
from paperrag.encoders.contract import TokenEncoder, check_unit_rows, unit_rows
from paperrag.encoders.pieces import PIECES_FILE, PieceRules
from paperrag.encoders.probing import PROBES, unrelated_cosine
from paperrag.encoders.static import BUNDLED_FOLDER, TOKENIZER_FILE, StaticEncoder
from paperrag.errors import EncoderError, ShapeError

WORDS = {"?": 0, "cache": 1, "缓存": 2, "merge": 3}
MATRIX = np.array([[0, 0, 1], [3, 0, 0], [0, 4, 0], [0, 0, 0]], dtype=np.float32)


def save_encoder(folder: Path, matrix: np.ndarray = MATRIX, dtype: str = "F32") -> Path:
    """Write a static encoder of four words with the rows of `matrix`."""
    rules = PieceRules(
        lower=False, words=r"\S+", before="", unknown=0, longest={5: "cm", 2: "缓"},
        pieces=list(WORDS), scores=[0, -1, -1, -1],
    )  # fmt: skip
    for name in (TOKENIZER_FILE, PIECES_FILE):
        (folder / name).write_bytes(msgspec.json.encode(rules))
    data = matrix.tobytes()
    header = json.dumps(
        {"w": {"dtype": dtype, "shape": list(matrix.shape), "data_offsets": [0, len(data)]}}
    ).encode()
    (folder / "model.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + data)
    return folder


@pytest.fixture
def tiny(tmp_path) -> StaticEncoder:
    return StaticEncoder(save_encoder(tmp_path), "tiny")


# --- unit rows
# -----------------------------------------------------------------------------------------


def test_unit_rows_divides_by_the_length_and_keeps_zero_rows():
    got = unit_rows(np.array([[3, 4], [0, 0], [-2, 0]], dtype=np.float64))
    np.testing.assert_allclose(got, [[0.6, 0.8], [0, 0], [-1, 0]], atol=1e-7)
    assert got.dtype == np.float32


def test_check_unit_rows_returns_float32_rows():
    assert check_unit_rows(np.array([[0.6, 0.8], [0, 0]]), 2, 2, "here").dtype == np.float32
    assert check_unit_rows(np.empty((0, 2)), 0, 2, "here").shape == (0, 2)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([[1.0, 0, 0]], r"here: expected vectors of shape \(1, 2\), got \(1, 3\)"),
        ([[1.0, 0], [1, 0]], r"here: expected vectors of shape \(1, 2\), got \(2, 2\)"),
        ([[np.nan, 0]], "here: row 0 holds NaN or infinity; check the encoder's weights"),
        ([[1.0, 1.0]], r"here: expected unit rows, row 0 has length 1\.4142"),
    ],
)
def test_check_unit_rows_names_what_is_wrong(rows, message):
    with pytest.raises(ShapeError, match=message):
        check_unit_rows(np.array(rows), 1, 2, "here")


# --- a static encoder by hand
# --------------------------------------------------------------------------


def test_text_vector_is_the_unit_mean_of_its_tokens(tiny):
    # "cache 缓存": mean of (3, 0, 0) and (0, 4, 0) is (1.5, 2, 0), its length 2.5
    np.testing.assert_allclose(
        tiny.encode_document(["cache 缓存", "缓存"]), [[0.6, 0.8, 0], [0, 1, 0]], atol=1e-7
    )


def test_queries_and_documents_are_read_alike(tiny):
    assert (
        tiny.encode_query(["cache 缓存"]).tolist() == tiny.encode_document(["cache 缓存"]).tolist()
    )


def test_texts_without_tokens_or_weight_give_zero_rows(tiny):
    assert tiny.encode_document(["", "  ", "merge"]).tolist() == [[0, 0, 0]] * 3
    assert tiny.encode_document([]).shape == (0, 3)


def test_tokens_are_counted_and_unknown_ones_left_out(tiny):
    assert tiny.count_tokens(["cache 合并 缓存", ""]) == [3, 0]
    assert tiny.token_ids(["cache 合并 缓存", ""]) == [[1, 2], []]
    assert tiny.token_vectors([2, 1]).tolist() == [[0, 4, 0], [3, 0, 0]]
    assert isinstance(tiny, TokenEncoder)


def test_half_precision_weights_are_read(tmp_path):
    encoder = StaticEncoder(save_encoder(tmp_path, MATRIX.astype(np.float16), "F16"), "half")
    np.testing.assert_allclose(encoder.encode_document(["cache 缓存"]), [[0.6, 0.8, 0]], atol=1e-7)


def save_int8(folder: Path, rows: np.ndarray, scales: np.ndarray, kind: str = "I8") -> Path:
    """Write a static encoder whose token vectors are `rows` times `scales`."""
    save_encoder(folder)
    header, end = {}, 0
    for name, dtype, array in (("embeddings", kind, rows), ("weights", "F32", scales)):
        header[name] = {
            "dtype": dtype,
            "shape": list(array.shape),
            "data_offsets": [end, end + array.nbytes],
        }
        end += array.nbytes
    text = json.dumps(header).encode()
    (folder / "model.safetensors").write_bytes(
        len(text).to_bytes(8, "little") + text + rows.tobytes() + scales.tobytes()
    )
    return folder


def test_int8_rows_are_multiplied_by_their_scales(tmp_path):
    rows = np.array([[0, 0, 127], [127, 0, 0], [0, -100, 0], [0, 0, 0]], dtype=np.int8)
    scales = np.array([0.5, 0.02, 0.04, 0], dtype=np.float32)
    encoder = StaticEncoder(save_int8(tmp_path, rows, scales), "int8")
    # cache is (127 * 0.02, 0, 0) = (2.54, 0, 0), 缓存 (0, -100 * 0.04, 0) = (0, -4, 0)
    np.testing.assert_allclose(
        encoder.token_vectors([1, 2, 3]), [[2.54, 0, 0], [0, -4, 0], [0, 0, 0]], atol=1e-6
    )
    length = (2.54**2 + 4**2) ** 0.5  # of their sum, whose direction their mean has
    np.testing.assert_allclose(
        encoder.encode_document(["cache 缓存", "merge"]),
        [[2.54 / length, -4 / length, 0], [0, 0, 0]],
        atol=1e-6,
    )


@pytest.mark.parametrize(
    ("rows", "scales", "kind"),
    [
        (np.zeros((4, 3), dtype=np.int8), np.ones(3, dtype=np.float32), "I8"),
        (np.zeros((4, 3), dtype=np.int8), np.ones((4, 1), dtype=np.float32), "I8"),
        (np.zeros(4, dtype=np.int8), np.ones(4, dtype=np.float32), "I8"),
        (np.zeros((4, 3), dtype=np.float32), np.ones(4, dtype=np.float32), "F32"),
    ],
)
def test_scales_that_do_not_fit_their_rows_are_an_encoder_error(tmp_path, rows, scales, kind):
    with pytest.raises(EncoderError, match=r"cannot read encoder weights .*expected .* scales"):
        StaticEncoder(save_int8(tmp_path, rows, scales, kind), "int8")


# --- the bundled encoder
# -------------------------------------------------------------------------------


def test_bundled_encoder_gives_unit_float32_rows(bundled_encoder):
    vectors = bundled_encoder.encode_document(["合并 KV cache", "merge", "中文"])
    assert (vectors.shape, vectors.dtype) == ((3, bundled_encoder.dimension), np.float32)
    check_unit_rows(vectors, 3, bundled_encoder.dimension, "bundled")
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_bundled_encoder_gives_a_zero_row_for_empty_text(bundled_encoder):
    vectors = bundled_encoder.encode_query(["", "KV cache", " \n"])
    assert np.linalg.norm(vectors, axis=1).round(5).tolist() == [0, 1, 0]


@pytest.mark.parametrize(
    ("english", "chinese", "unrelated"),
    [
        ("merging the key-value cache", "合并键值缓存", "图像生成的扩散模型"),
        ("speculative decoding with a draft model", "用草稿模型做推测解码", "低秩适配器的初始化"),
        ("reward model for reasoning steps", "推理步骤的奖励模型", "语音识别的声学特征"),
        ("low-rank adaptation", "低秩适配", "奖励模型"),
    ],
)
def test_bundled_encoder_puts_a_translation_nearer_than_unrelated_text(
    bundled_encoder, english, chinese, unrelated
):
    query, translation, other = bundled_encoder.encode_query([english, chinese, unrelated])
    assert query @ translation > query @ other + 0.1
    assert (
        translation @ query
        > translation @ bundled_encoder.encode_query(["recipe for a chocolate cake"])[0] + 0.1
    )


def test_bundled_encoder_does_not_depend_on_the_batch(bundled_encoder):
    texts = [
        "合并 KV cache",
        "LoRA 初始化",
        "",
        "speculative decoding",
    ] * 600
    together = bundled_encoder.encode_document(texts)
    alone = np.vstack([bundled_encoder.encode_document([text]) for text in texts[:4]])
    assert (together == np.tile(alone, (600, 1))).all()


def test_bundled_encoder_reads_all_of_a_long_text(bundled_encoder):
    head, tail = "合并 KV cache 的方法。" * 300, "量子化学与蛋白质折叠。" * 300
    vectors = bundled_encoder.encode_document([head, head + tail])
    assert vectors[0] @ vectors[1] < 0.95
    assert bundled_encoder.count_tokens([head + tail])[0] > 2000


@pytest.mark.slow
def test_fingerprint_is_that_of_the_files_in_every_process(static_encoder):
    digests = [
        (name, hashlib.sha256((BUNDLED_FOLDER / name).read_bytes()).hexdigest())
        for name in ("model.safetensors", "tokenizer.json")
    ]
    assert static_encoder.fingerprint == hashlib.sha256(repr(digests).encode()).hexdigest()
    code = "from paperrag.encoders.static import *; print(StaticEncoder(BUNDLED_FOLDER, BUNDLED).fingerprint)"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == static_encoder.fingerprint


def test_fingerprint_changes_with_the_weights_and_not_with_the_name(tmp_path, tiny):
    (tmp_path / "other").mkdir()
    other = save_encoder(tmp_path / "other", MATRIX * 2)
    assert StaticEncoder(tmp_path, "renamed").fingerprint == tiny.fingerprint
    assert StaticEncoder(other, "tiny").fingerprint != tiny.fingerprint


# --- broken folders
# ------------------------------------------------------------------------------------


def test_missing_folder_is_named(tmp_path):
    with pytest.raises(
        EncoderError,
        match=r"cannot read encoder weights .*nowhere.model\.safetensors.*; reinstall paperrag",
    ):
        StaticEncoder(tmp_path / "nowhere", "tiny")


def test_missing_or_broken_tokenizer_is_named(tmp_path):
    save_encoder(tmp_path)
    (tmp_path / PIECES_FILE).write_text('{"lower": true, "words"', encoding="utf-8")
    with pytest.raises(EncoderError, match=r"cannot read .*pieces\.json: .*; reinstall paperrag"):
        StaticEncoder(tmp_path, "tiny").encode_query(["缓存"])
    (tmp_path / PIECES_FILE).unlink()
    with pytest.raises(EncoderError, match=r"cannot read .*pieces\.json"):
        StaticEncoder(tmp_path, "tiny").count_tokens(["缓存"])
    (tmp_path / TOKENIZER_FILE).unlink()
    with pytest.raises(EncoderError, match=r"tokenizer\.json.*; reinstall paperrag"):
        _ = StaticEncoder(tmp_path, "tiny").fingerprint


@pytest.mark.parametrize("length", [0, 4, 8, 30, 80, -1])
def test_truncated_weights_are_an_encoder_error(tmp_path, length):
    path = save_encoder(tmp_path) / "model.safetensors"
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(EncoderError, match="cannot read encoder weights"):
        StaticEncoder(tmp_path, "tiny")


@pytest.mark.parametrize(
    "content", [b"\xff" * 64, b"version https://git-lfs.github.com/spec/v1\n" * 3, bytes(64)]
)
def test_garbage_weights_are_an_encoder_error(tmp_path, content):
    (save_encoder(tmp_path) / "model.safetensors").write_bytes(content)
    with pytest.raises(EncoderError, match="cannot read encoder weights"):
        StaticEncoder(tmp_path, "tiny")


@pytest.mark.parametrize(
    "header",
    [
        "[]",
        "{}",
        '{"w": 1}',
        '{"w": {"dtype": "I8", "shape": [4, 3], "data_offsets": [0, 12]}}',
        '{"w": {"dtype": "F32", "shape": [12], "data_offsets": [0, 48]}}',
        '{"a": {}, "b": {}}',
    ],
)
def test_weights_of_another_kind_are_an_encoder_error(tmp_path, header):
    data = header.encode()
    (save_encoder(tmp_path) / "model.safetensors").write_bytes(
        len(data).to_bytes(8, "little") + data + bytes(48)
    )
    with pytest.raises(EncoderError, match="cannot read encoder weights"):
        StaticEncoder(tmp_path, "tiny")


# --- the fake
# ------------------------------------------------------------------------------------------


def test_fake_encoder_counts_ngrams():
    assert ngrams("A b中") == ["a", "b", "中", "ab", "b中", "ab中"]
    same, near, far = NgramEncoder().encode_document(["缓存合并", "缓存 合并", "xyz"])
    assert (same == near).all() and same @ far == 0
    assert NgramEncoder().encode_document([""]).tolist() == [[0.0] * 256]
    assert NgramEncoder().count_tokens(["缓存 KV"]) == [4]


def test_bundled_encoder_is_the_recorded_one():
    assert "model.safetensors" in (BUNDLED_FOLDER / "SHA256SUMS").read_text(encoding="utf-8")
    assert len(StaticEncoder(BUNDLED_FOLDER, "bundled").fingerprint) == 64


def test_altered_weights_are_refused(tmp_path):
    for path in BUNDLED_FOLDER.iterdir():
        if path.is_file():
            (tmp_path / path.name).write_bytes(path.read_bytes())
    data = bytearray((tmp_path / "model.safetensors").read_bytes())
    data[-1] ^= 1
    (tmp_path / "model.safetensors").write_bytes(data)
    with pytest.raises(
        EncoderError, match=r"model\.safetensors was altered .*; reinstall paperrag"
    ):
        _ = StaticEncoder(tmp_path, "copy").fingerprint


def test_static_part_of_the_bundled_encoder_is_small():
    assert (
        sum(
            (BUNDLED_FOLDER / name).stat().st_size
            for name in ("tokenizer.json", "pieces.json", "model.safetensors")
        )
        <= 16_000_000
    )


def test_unrelated_texts_have_a_low_cosine_and_answers_a_high_one(bundled_encoder):
    questions, texts = zip(*PROBES, strict=True)
    cosines = bundled_encoder.encode_query(questions) @ bundled_encoder.encode_document(texts).T
    assert unrelated_cosine(bundled_encoder) == pytest.approx(
        np.median(cosines[~np.eye(len(PROBES), dtype=bool)]), abs=1e-4
    )
    assert unrelated_cosine(bundled_encoder) < 0.1 < np.median(np.diag(cosines))
