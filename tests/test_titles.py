from __future__ import annotations

import pytest

from paperrag.papers.titles import clean_text, is_certain, same_title, surname, title_head


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("LoRA+: Efficient Low Rank Adaptation", "LoRA+ Efficient low-rank adaptation"),
        ("$\\mu$P for Large Models and More", "{\\mu}P for large models and more"),
        ("Café Nets for Vision Transformers", "Cafe nets for vision transformers"),
        ("大模型的知识编辑综述", "大模型的知识编辑综述。"),
        (
            "Efficient Streaming Language Models with Attention Sinks",
            "Efficient Streaming Language Model with Attention Sinks",
        ),
    ],
)
def test_titles_that_differ_in_form_are_the_same(first, second):
    assert same_title(first, second)


@pytest.mark.parametrize(
    ("first", "second"),
    [("LoRA+", "LoRA"), ("EAGLE", "EAGLE-2"), ("", ""), ("Attention", "Attention is all you need")],
)
def test_other_titles_are_not(first, second):
    assert not same_title(first, second)


@pytest.mark.parametrize("name", ["Zirui Liu", "Liu, Zirui", "Liu", "Zirui Liu Jr."])
def test_surname_is_found_in_every_form(name):
    assert surname(name) == "liu"


FULL = "Scissorhands: Exploiting the Persistence of Importance"


@pytest.mark.parametrize(
    ("title", "year", "author", "certain"),
    [
        ("Scissorhands", 2023, "liu", True),  # the name with both
        ("Scissorhands", 2023, None, False),  # the name with one
        ("Scissorhands", None, None, False),
        ("Scissorhands", 2019, "liu", False),  # another year
        ("Scissorhands", 2023, "wang", False),  # another author
        (FULL, 2024, None, True),  # the whole title, a year off by one
        (FULL, None, "liu", True),
        (FULL, None, None, False),  # nothing but the title
        (FULL, 2023, "wang", False),
        ("Scissors", 2023, "liu", False),
    ],
)
def test_match_is_certain_only_with_title_and_year_or_author(title, year, author, certain):
    assert is_certain(title, year, author, FULL, 2023, ("Zichang Liu", "Aditya Desai")) is certain


def test_head_is_the_name_before_the_colon():
    assert title_head("LoRA+: Efficient") == "LoRA+"
    assert title_head("Attention") == "Attention"


def test_text_is_cleaned_of_control_and_bidi_characters():
    assert clean_text(" a\u202e b\x00\n c\ud800 ") == "a b c"
    assert clean_text(None) == ""
