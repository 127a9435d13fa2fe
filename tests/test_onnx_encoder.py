from __future__ import annotations

import gc
import shutil
import subprocess
import sys
import weakref
from pathlib import Path

import numpy as np
import pytest

from paperrag.encoders.contextual import CONTEXT_SHARE, LAYERS_FILE, ROWS_FILE, ContextualEncoder
from paperrag.encoders.static import BUNDLED_FOLDER
from paperrag.errors import EncoderError, MissingDependency

TEXTS = [
    "CaM: Cache Merging",
    "用低秩矩阵拟合误差",
    "",
    "a text of some more words than the others here, and 中文",
]


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the bundled model folder that a test may damage."""
    return Path(shutil.copytree(BUNDLED_FOLDER, tmp_path / "model"))


def context(encoder: ContextualEncoder, texts: list[str]) -> np.ndarray:
    """Return the contextual part of the vectors, unit rows."""
    return encoder.encode_document(texts)[:, 256:] / CONTEXT_SHARE**0.5


@pytest.mark.slow
def test_vectors_are_the_static_and_the_contextual_one_side_by_side(
    bundled_encoder, static_encoder
):
    rows = bundled_encoder.encode_document(TEXTS)
    assert (rows.shape, rows.dtype) == ((4, 640), np.float32)
    assert rows[:, :256] / (1 - CONTEXT_SHARE) ** 0.5 == pytest.approx(
        static_encoder.encode_document(TEXTS), abs=1e-6
    )
    assert np.linalg.norm(context(bundled_encoder, TEXTS), axis=1) == pytest.approx(
        [1, 1, 0, 1], abs=1e-5
    )


def test_a_text_has_one_vector_whatever_stands_beside_it(bundled_encoder):
    together = bundled_encoder.encode_document(TEXTS * 5)
    for place, text in enumerate(TEXTS):
        for encode in (bundled_encoder.encode_document, bundled_encoder.encode_query):
            bundled_encoder._read.cache_clear()
            assert np.array_equal(encode([text])[0], together[place])


def test_a_text_read_lately_is_not_read_again(bundled_encoder):
    first = bundled_encoder.encode_query(["Which methods merge caches of keys?"])
    before = bundled_encoder._read.cache_info()
    second = bundled_encoder.encode_document(
        ["which methods merge caches of keys?", "a text that nobody has read yet"]
    )
    after = bundled_encoder._read.cache_info()
    assert (after.hits - before.hits, after.misses - before.misses) == (1, 1)
    assert np.array_equal(first[0], second[0])


def test_an_encoder_that_is_let_go_is_freed_at_once(bundled_encoder):
    encoder = type(bundled_encoder)(bundled_encoder.folder, "another")
    encoder.encode_query(["Which methods merge caches of keys?"])
    known = weakref.ref(encoder)
    gc.disable()  # what only points at itself would wait for it
    try:
        del encoder
        assert known() is None
    finally:
        gc.enable()


def test_word_order_counts(bundled_encoder, static_encoder):
    turned = ["The teacher is trained by the student.", "The student is trained by the teacher."]
    static = static_encoder.encode_document(turned)
    assert static[0] @ static[1] == pytest.approx(1, abs=1e-5)
    contextual = context(bundled_encoder, turned)
    assert contextual[0] @ contextual[1] < 0.999


@pytest.mark.parametrize(
    ("question", "right", "wrong"),
    [
        ("who wrote the book?", "这本书的作者是一位年轻的医生。", "这本书在图书馆里可以借到。"),
        (
            "会议为什么推迟了？",
            "The meeting was moved because the manager fell ill.",
            "The meeting room has a new projector.",
        ),
        (
            "how do bees find their way home?",
            "蜜蜂靠太阳的位置辨别回巢的方向。",
            "蜜蜂采集花粉来酿造蜂蜜。",
        ),
    ],
)
def test_everyday_questions_find_their_answer_across_languages(
    bundled_encoder, question, right, wrong
):
    asked, *found = context(bundled_encoder, [question, right, wrong])
    assert asked @ found[0] > asked @ found[1]


def test_a_long_text_is_read_up_to_the_limit(bundled_encoder):
    words = [f"word {number}" for number in range(200)]
    assert bundled_encoder.count_tokens([" ".join(words)])[0] > bundled_encoder.max_tokens + 50
    first, second = context(bundled_encoder, [" ".join(words), " ".join(words[:-20])])
    assert np.array_equal(first, second)


def test_tokens_are_those_of_the_static_encoder(bundled_encoder, static_encoder):
    ids = static_encoder.token_ids(TEXTS)
    assert bundled_encoder.token_ids(TEXTS) == ids
    assert bundled_encoder.count_tokens(TEXTS) == static_encoder.count_tokens(TEXTS)
    assert np.array_equal(
        bundled_encoder.token_vectors(ids[0]), static_encoder.token_vectors(ids[0])
    )


def test_states_of_tokens_depend_on_what_stands_beside_them(bundled_encoder):
    ids, spans = bundled_encoder.token_spans("猫追狗")
    turned, _ = bundled_encoder.token_spans("狗追猫")
    states, others = bundled_encoder.token_states(ids), bundled_encoder.token_states(turned)
    assert states.shape == (len(ids) + 2, 384) and len(spans) == len(ids)
    assert sorted(ids) == sorted(turned)
    assert not np.allclose(states[1], others[1 + turned.index(ids[0])], atol=0.1)


@pytest.mark.slow
def test_fingerprint_differs_from_the_static_one_and_follows_every_file(
    bundled_encoder, static_encoder, copied
):
    assert bundled_encoder.fingerprint != static_encoder.fingerprint
    assert ContextualEncoder(copied, "copy").fingerprint == bundled_encoder.fingerprint
    (copied / ROWS_FILE).write_bytes((copied / ROWS_FILE).read_bytes()[:-1] + b"x")
    with pytest.raises(EncoderError, match=rf"{ROWS_FILE} was altered .* reinstall paperrag"):
        _ = ContextualEncoder(copied, "copy").fingerprint


@pytest.mark.slow
@pytest.mark.parametrize("name", [ROWS_FILE, LAYERS_FILE])
@pytest.mark.parametrize("content", [None, b"", b"not a model at all"])
def test_a_missing_or_broken_file_is_named(copied, name, content):
    (copied / name).unlink()
    if content is not None:
        (copied / name).write_bytes(content)
    with pytest.raises(EncoderError, match=rf"cannot read .*{name}: .*; reinstall paperrag"):
        ContextualEncoder(copied, "copy").encode_query(["which methods merge KV cache?"])


def test_without_onnxruntime_the_way_out_is_named(monkeypatch):
    monkeypatch.delitem(sys.modules, "onnxruntime", raising=False)
    monkeypatch.setattr("paperrag.encoders.contextual.find_spec", lambda name: None)
    with pytest.raises(
        MissingDependency, match=r"pip install onnxruntime, or choose --encoder bundled-static"
    ):
        ContextualEncoder(BUNDLED_FOLDER, "bundled")


@pytest.mark.slow
def test_opening_loads_no_torch_and_sends_no_telemetry():
    program = (
        "import sys, os; from paperrag import load_encoder; "
        "load_encoder('bundled').encode_query(['KV']);"
        "assert os.environ['ORT_DISABLE_TELEMETRY'] == '1'; assert 'torch' not in sys.modules and "
        "'onnx' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_the_model_folder_stays_small():
    assert (
        sum(path.stat().st_size for path in BUNDLED_FOLDER.rglob("*") if path.is_file())
        < 44_000_000
    )
