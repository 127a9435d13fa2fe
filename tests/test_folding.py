from __future__ import annotations

import pytest

from paperrag.text.folding import fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("檢索增強生成", "检索增强生成"),
        ("ＫＶ－Ｃａｃｈｅ", "KV-Cache"),
        ("Ｔransformer 的長文本（２０２４）", "Transformer 的长文本(2024)"),
        ("KV Cache", "KV Cache"),
        ("ﬁne-tuning ①", "fine-tuning 1"),
        ("quan\u00adtize kv\u200bcache \u200fmarks", "quantize kvcache marks"),
        (
            "KV\u2011Cache, self\u2010attention, top\u2212k, 10\u201320",
            "KV-Cache, self-attention, top-k, 10\u201320",
        ),
        ("", ""),
    ],
)
def test_fold_full_width_and_traditional(text, folded):
    assert fold(text) == folded


def test_fold_keeps_case_and_simplified_text():
    assert fold("LoRA 低秩 RoPE") == "LoRA 低秩 RoPE"


def test_fold_twice_is_fold_once():
    assert fold(fold("檢索ＫＶ①")) == fold("檢索ＫＶ①")
