"""What the page's script sends, read without a browser."""

from __future__ import annotations

import pytest

from paperrag.page.given import Given

GIVEN = Given(
    {
        "words": "缓存 cache",
        "broken": "\ud800",
        "turn": "12",
        "long": "123456789",
        "minus": "-1",
        "ids": ["a", 2],
        "scope": {"file": "a.md"},
        "lang": "zh",
    }
)


@pytest.mark.parametrize(
    ("name", "text", "number", "texts"),
    [
        ("words", "缓存 cache", 0, []),
        ("broken", "?", 0, []),
        ("turn", "12", 12, []),
        ("long", "123456789", 0, []),
        ("minus", "-1", 0, []),
        ("ids", "['a', 2]", 0, ["a", "2"]),
        ("nothing", "", 0, []),
    ],
)
def test_value_of_another_kind_counts_as_not_given(
    name: str, text: str, number: int, texts: list[str]
) -> None:
    assert (GIVEN.text(name), GIVEN.number(name), GIVEN.texts(name)) == (text, number, texts)


def test_language_is_english_unless_it_is_chinese() -> None:
    assert (GIVEN.language, Given({"lang": "fr"}).language) == ("zh", "en")


def test_object_inside_is_read_like_the_whole() -> None:
    assert GIVEN.part("scope").text("file") == "a.md"
    assert GIVEN.part("words").text("file") == ""
