from __future__ import annotations

import pytest

from paperrag.text.language import detect_language, sentence_spans
from properties import given, st
from strategies import messy_notes


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("用低秩矩阵拟合误差", "zh"),
        ("merge the KV cache", "en"),
        ("合并 cache", "zh"),  # 2 characters, 1 word
        ("合并 KV cache", "zh"),  # 2 and 2: equal counts as Chinese
        ("合并 the KV cache", "en"),  # 2 and 3
        ("", "en"),
        ("12.5% → 38.8", "en"),
        ("檢索", "zh"),
        ("𠀋", "zh"),  # outside the basic plane
    ],
)
def test_language_is_chinese_if_characters_are_not_fewer_than_words(text, language):
    assert detect_language(text) == language


def test_language_does_not_count_urls():
    assert (
        detect_language("综述 https://github.com/October2001/Awesome-KV-Cache-Compression") == "zh"
    )
    assert detect_language("综述 www.example.com/many/latin/words，好") == "zh"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("先量化。再合并！好吗？好", ["先量化。", "再合并！", "好吗？", "好"]),
        ("First. Second! Third? Fourth", ["First.", "Second!", "Third?", "Fourth"]),
        ("用 H2O。It works. 再看", ["用 H2O。", "It works.", "再看"]),
        ("他说“好。”然后走", ["他说“好。”", "然后走"]),
        ('He said "yes." Then left', ['He said "yes."', "Then left"]),
        ("English ends.中文开始", ["English ends.", "中文开始"]),
        ("一行\n two lines\n\n 三", ["一行", "two lines", "三"]),
    ],
)
def test_sentences_end_at_the_stops_of_either_language(text, expected):
    assert sentences(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Liu et al. 2023 merge it",
        "see Fig. 3 and Eq. 4",
        "e.g. quantization",
        "version 3.5 of v1.2.3",
        "合并 (Zeng et al., 2022) 的方法",
        "J. Smith wrote it",
        "and so on... more",
    ],
)
def test_sentences_do_not_end_at_abbreviations_and_numbers(text):
    assert sentences(text) == [text]


def test_sentences_do_not_end_at_a_list_number():
    assert sentences("1. 多样化\n2. robust") == ["1. 多样化", "2. robust"]


@pytest.mark.parametrize("text", ["", "  \n\t ", "\u3000"])
def test_blank_text_has_no_sentences(text):
    assert sentence_spans(text) == []


@pytest.mark.slow
@given(st.one_of(messy_notes, st.text(), st.text('。.! \n中a1"”)')))
def test_every_character_lies_in_exactly_one_sentence(text):
    spans = sentence_spans(text)
    inside = [position for start, end in spans for position in range(start, end)]
    assert inside == sorted(set(inside))
    assert {position for position, char in enumerate(text) if not char.isspace()} <= set(inside)
    assert all(text[start:end] == text[start:end].strip() != "" for start, end in spans)
