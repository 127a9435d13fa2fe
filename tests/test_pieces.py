"""Questions are split by the pieces that stand in them, exactly as the whole tokenizer does."""

from __future__ import annotations

import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from paperrag.encoders.pieces import PIECES_FILE, RULES_FILE, FewPieces, window_hashes
from paperrag.encoders.static import BUNDLED_FOLDER, FEW_CHARS, FEW_TIMES, StaticEncoder
from paperrag.errors import EncoderError
from training.pieces import write_pieces

TEXTS = [
    "which methods merge KV cache?",
    "哪些方法压缩注意力缓存？",
    "LoRA对秩敏感吗 — 3.5× faster, ﬁne-tuned（Ｆｕｌｌ）",
    "naïve zzyzx 🙂 \u200b 𠀀 ßtraße\nnext line",
    "",
    "   ",
]


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BUNDLED_FOLDER, tmp_path / "model"))


@pytest.fixture(scope="module")
def whole() -> StaticEncoder:
    """The bundled encoder with its whole tokenizer open."""
    encoder = StaticEncoder(BUNDLED_FOLDER, "whole")
    encoder.tokenize(["a text longer than a question " * FEW_CHARS] * 2)
    assert "_tokenizer" in encoder.__dict__
    return encoder


def test_windows_are_equal_where_their_texts_are():
    hashes = window_hashes("abcabd", 3)
    assert [len(of_length) for of_length in hashes] == [6, 5, 4]
    assert hashes[1][0] == hashes[1][3] == window_hashes("ab", 2)[1][0]
    assert len({int(one) for of_length in hashes for one in of_length}) == 4 + 4 + 4


@pytest.mark.parametrize("text", TEXTS)
def test_a_question_has_the_tokens_and_spans_of_the_whole_tokenizer(whole, text):
    few = StaticEncoder(BUNDLED_FOLDER, "few")
    assert few.tokenize([text]) == whole.tokenize([text])
    assert few.token_spans(text) == whole.token_spans(text)
    assert "_tokenizer" not in few.__dict__


def test_texts_asked_one_after_another_keep_their_tokens(whole):
    few = StaticEncoder(BUNDLED_FOLDER, "few")
    assert [few.tokenize([text])[0] for text in TEXTS] == whole.tokenize(TEXTS)
    assert few.tokenize(TEXTS) == whole.tokenize(TEXTS)
    assert "_tokenizer" not in few.__dict__


def test_questions_asked_in_turns_are_split_once(monkeypatch):
    few = StaticEncoder(BUNDLED_FOLDER, "few")
    first = [few.tokenize([text]) for text in TEXTS[:3]]
    first[0][0].append(1)  # what is given is the caller's
    monkeypatch.setattr(few, "_split", None)
    assert few.tokenize([TEXTS[0]])[0] == first[0][0][:-1]
    assert [few.tokenize([text]) for text in TEXTS[1:3]] == first[1:]


def test_the_whole_tokenizer_is_opened_for_more_text_or_more_questions(whole):
    long, often = (StaticEncoder(BUNDLED_FOLDER, name) for name in ("long", "often"))
    text = "word " * (1 + FEW_CHARS // 5)
    assert long.tokenize([text]) == whole.tokenize([text])
    words = whole._tokenizer.get_vocab()
    questions = sorted(word for word in words if len(word) == 9)[: FEW_TIMES + 1]
    for question in questions[:-1]:
        assert often.tokenize([question]) == whole.tokenize([question])
        assert "_tokenizer" not in often.__dict__
    assert often.tokenize(questions[-1:]) == whole.tokenize(questions[-1:])
    assert "_tokenizer" in long.__dict__ and "_tokenizer" in often.__dict__


def test_the_files_are_those_of_the_tokenizer(copied):
    write_pieces(copied)
    for name in (PIECES_FILE, RULES_FILE, "SHA256SUMS"):
        assert (copied / name).read_bytes() == (BUNDLED_FOLDER / name).read_bytes(), name


@pytest.mark.parametrize("name", [PIECES_FILE, RULES_FILE])
@pytest.mark.parametrize("content", [b"", b"not what it should be"])
def test_a_broken_file_is_named(copied, name, content):
    (copied / name).write_bytes(content)
    with pytest.raises(EncoderError, match=rf"cannot read .*{PIECES_FILE}.*; reinstall paperrag"):
        StaticEncoder(copied, "copy").tokenize(["which methods?"])
    assert FewPieces(BUNDLED_FOLDER)


def test_a_model_folder_without_pieces_opens_its_tokenizer(copied, whole):
    (copied / PIECES_FILE).unlink()
    encoder = StaticEncoder(copied, "copy")
    assert encoder.tokenize([TEXTS[0]]) == whole.tokenize([TEXTS[0]])


class _SlowPieces(FewPieces):
    """Says how many tokenizers were being made at once at most."""

    making = most = 0

    def _make(self) -> tuple[Any, list[int]]:
        self.making += 1
        self.most = max(self.most, self.making)
        time.sleep(0.01)
        made = super()._make()
        self.making -= 1
        return made


def test_threads_that_ask_at_once_wait_for_one_another():
    few = _SlowPieces(BUNDLED_FOLDER)
    texts = [[f"问题 what does {word} merge?"] for word in "猫 dog 鱼 ox".split()]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(few.tokenizer, texts))
    assert (few.most, few.made) == (1, 4)


def test_texts_are_split_as_their_lines_are_and_each_line_once(whole):
    texts = [*TEXTS, "缓存\nKV caches\n\nＫＶ\n", "KV caches\n缓存\n- 1"]
    split = whole._tokenizer.encode_batch_fast(texts, add_special_tokens=False)
    assert whole.tokenize(texts) == [encoding.ids for encoding in split]
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(whole.__dict__, "_tokenizer", OnlyEmpty())
        assert whole.count_tokens(texts[::-1]) == [len(encoding.ids) for encoding in split[::-1]]


class OnlyEmpty:
    """A tokenizer that is asked for nothing."""

    def encode_batch_fast(self, texts, add_special_tokens):
        assert not texts
        return []


def test_lines_are_forgotten_when_many_are_kept(whole, monkeypatch):
    monkeypatch.setattr("paperrag.encoders.static.KEPT_LINES", 3)
    before = whole.tokenize(TEXTS)
    whole.tokenize(["a b", "c d"])
    assert whole.tokenize(TEXTS) == before
    assert len(whole._lines) <= 3
