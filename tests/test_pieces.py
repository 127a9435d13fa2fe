"""Texts are split as `tokenizers` splits them, to the last character, by plain Python."""

from __future__ import annotations

import shutil
import unicodedata
from pathlib import Path

import msgspec
import pytest
from tokenizers import Regex, Tokenizer, models, normalizers

from paperrag.encoders.folded import folded, sources
from paperrag.encoders.pieces import KEPT_LINES, PIECES_FILE, PieceRules, Pieces
from paperrag.encoders.static import BUNDLED_FOLDER, StaticEncoder
from paperrag.errors import EncoderError
from properties import given, st
from training.pieces import WHITE, longest_by_first, write_pieces

ODD = [
    "LoRA对秩敏感吗 — 3.5× faster, ﬁne-tuned（Ｆｕｌｌ）… ① ½ ™",
    "naïve zzyzx 🙂❤\ufe0f \u200b 𠀀 ßtraße\nnext line\r\nΟΔΟΣ İstanbul",
    "cafe\u0301 e\u0323\u0301 é\u0323 ｶﾞ 한국 \u0344\u0323 \u0f73 हिन्दी ௰ Ⓐ🅐",
    "\x1c\x1d\x85\u2028缓存\u3000\xa0KV_cache\tx²",
    "",
    "   ",
]

WHOLE = Tokenizer.from_file(str(BUNDLED_FOLDER / "tokenizer.json"))
BUNDLED = Pieces(BUNDLED_FOLDER)


def is_settled(char: str) -> bool:
    """Whether Python and `tokenizers`, whose tables are older, fold a character alike."""
    return bool(WHOLE.normalizer.normalize_str(char) == folded(char, lower=True))


KINDS = [
    st.characters(exclude_categories=("Cs", "Cn")),
    st.sampled_from([chr(code) for code in range(0x3000) if unicodedata.combining(chr(code))]),
    st.sampled_from([chr(code) for code in range(0x10000) if unicodedata.decomposition(chr(code))]),
    st.sampled_from("aeio THE merging 缓存合并方法的 ΣİΑ ... 123 \n\u1100\u1161\u11a8ｶﾞ"),
]
ODD_TEXT = st.text(st.one_of(KINDS).filter(is_settled))


def assert_same(text: str) -> None:
    encoding = WHOLE.encode(text, add_special_tokens=False)
    assert BUNDLED.tokens(text) == encoding.ids
    assert BUNDLED.spans(text) == (encoding.ids, encoding.offsets)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BUNDLED_FOLDER, tmp_path / "model"))


@pytest.mark.parametrize("text", ODD)
def test_odd_texts_have_the_tokens_and_spans_of_tokenizers(text):
    assert_same(text)


def test_notes_have_the_tokens_and_spans_of_tokenizers(real_text):
    assert_same(real_text)
    for line in real_text.splitlines():
        assert_same(line)


@given(ODD_TEXT)
def test_any_text_has_the_tokens_and_spans_of_tokenizers(text):
    assert_same(text)


@given(st.text())
def test_any_text_is_split_into_spans_in_order(text):
    _, spans = BUNDLED.spans(text)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert spans == sorted(spans)


@pytest.mark.parametrize(
    ("text", "form", "places"),
    [
        ("ﬁ…", "fi...", [0, 0, 1, 1, 1]),
        ("cafe\u0301s", "cafés", [0, 1, 2, 3, 5]),
        ("ｶﾞX", "ガx", [0, 2]),
        ("İΣ", "i̇σ", [0, 0, 1]),
    ],
)
def test_characters_of_the_form_know_where_they_come_from(text, form, places):
    assert (folded(text, lower=True), sources(text, lower=True)) == (form, places)


def test_case_is_kept_where_the_folder_says_so():
    assert (folded("ＫＶ", lower=False), sources("ＫＶ", lower=False)) == ("KV", [0, 1])


def of_rules(folder: Path, **others: object) -> Pieces:
    pieces = ["?", "▁a", "b", "ab", "▁", "c"]
    rules = PieceRules(
        lower=False, words=f"[^{WHITE}]+", before="▁", unknown=0,
        longest=longest_by_first(pieces), pieces=pieces, scores=[0, -2, -3, -3.5, -1, -9],
    )  # fmt: skip
    (folder / PIECES_FILE).write_bytes(
        msgspec.json.encode(msgspec.structs.replace(rules, **others))
    )
    return Pieces(folder)


def test_words_are_put_together_from_the_pieces_of_the_greatest_sum(tmp_path):
    pieces = of_rules(tmp_path)
    assert pieces.tokens("ab b") == [4, 3, 4, 2]  # -1 -3.5 is more than -2 -3
    assert of_rules(tmp_path, scores=[0, -1, -3, -3.5, -1, -9]).tokens("ab") == [1, 2]


def test_neighbours_without_a_piece_are_one_token(tmp_path):
    assert of_rules(tmp_path).tokens("xyb z?") == [4, 0, 2, 4, 0]
    assert of_rules(tmp_path, before="").spans("xyb") == ([0, 2], [(0, 2), (2, 3)])


@given(st.text("ab c\t▁\u3000Ａx\n缓?"))
def test_a_folder_without_runs_is_split_as_tokenizers_does(tmp_path_factory, text):
    folder = tmp_path_factory.mktemp("words")
    mine = of_rules(folder)
    rules = msgspec.json.decode((folder / PIECES_FILE).read_bytes(), type=PieceRules)
    whole = Tokenizer(models.Unigram(list(zip(rules.pieces, rules.scores, strict=True)), unk_id=0))
    steps = [normalizers.NFKC(), normalizers.Strip(), normalizers.Replace(Regex(r"\s+"), "▁")]
    whole.normalizer = normalizers.Sequence([*steps, normalizers.Prepend("▁")])
    assert mine.tokens(text) == whole.encode(text).ids


def test_a_line_is_split_once(monkeypatch):
    encoder = StaticEncoder(BUNDLED_FOLDER, "lines")
    cache, both = encoder.tokenize(["缓存", "KV caches\n缓存"])
    monkeypatch.setattr("paperrag.encoders.pieces.folded", None)
    assert encoder.tokenize(["缓存\nKV caches"]) == [cache + both[: -len(cache)]]
    cache.append(7)  # what is given is the caller's
    assert encoder.tokenize(["缓存"]) == [cache[:-1]]


def test_lines_are_forgotten_when_many_are_kept():
    pieces = Pieces(BUNDLED_FOLDER)
    pieces.tokens("\n".join(map(str, range(KEPT_LINES + 9))))
    assert pieces._line.cache_info().currsize == KEPT_LINES


@pytest.mark.slow
def test_the_file_is_that_of_the_tokenizer(copied):
    write_pieces(copied)
    for name in (PIECES_FILE, "SHA256SUMS"):
        assert (copied / name).read_bytes() == (BUNDLED_FOLDER / name).read_bytes(), name


@pytest.mark.parametrize("content", [b"", b"not what it should be", b"{}"])
def test_a_broken_file_is_named(copied, content):
    (copied / PIECES_FILE).write_bytes(content)
    with pytest.raises(EncoderError, match=rf"cannot read .*{PIECES_FILE}.*; reinstall paperrag"):
        StaticEncoder(copied, "copy").tokenize(["which methods?"])
