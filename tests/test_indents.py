from __future__ import annotations

import pytest

from paperrag.notes.indents import as_meant
from properties import given
from strategies import messy_lines


def meant(text: str) -> str:
    return "\n".join(as_meant(text.split("\n")))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("- a\n  - 乙\n    - c", "- a\n  - 乙\n    - c"),
        ("- a\n\t\t- 乙\n\t\t- c", "- a\n  - 乙\n  - c"),  # column 8, the text of a starts at 2
        ("    - a\n    - 乙", "- a\n- 乙"),
        ("- a\n   - 乙\n  - c", "- a\n  - 乙\n  - c"),
        ("-\ta\n    - 乙", "- a\n  - 乙"),  # a's text starts at column 4
        ("1.   一\n     - b", "1. 一\n   - b"),
        ("- a\n\t\t- 乙\n\t\t  更多\n\t\t    code", "- a\n  - 乙\n    更多\n      code"),
    ],
)
def test_items_move_to_the_least_indent_that_keeps_their_nesting(written, read):
    assert meant(written) == read


def test_wrapped_lines_left_of_the_text_stay():
    assert meant("\t\t- a\n 续行\nmore") == "- a\n 续行\nmore"


def test_remarks_move_into_the_item_above():
    assert meant("- a\n\t- 乙\n> 评论\n\t- c") == "- a\n  - 乙\n    > 评论\n  - c"
    assert meant("- a\n\n> 评论") == "- a\n\n> 评论"


def test_full_width_blanks_are_blank_and_crowded_headings_get_room():
    assert meant("\u3000\n##标题\n#标签\n## 标题") == "\n## 标题\n#标签\n## 标题"


def test_code_is_left_alone():
    assert meant("```\n        - x\n```\n        - 乙") == "```\n        - x\n```\n- 乙"
    assert (
        meant("~~~~\n    1. x\n~~~\n    1. y\n~~~~~\n    1. 三")
        == "~~~~\n    1. x\n~~~\n    1. y\n~~~~~\n1. 三"
    )


def test_rules_are_no_items():
    assert meant("    * * *\n    - - -") == "    * * *\n    - - -"


@given(messy_lines)
def test_number_of_lines_stays_and_blank_lines_stay_blank(lines):
    read = list(as_meant(lines))
    assert len(read) == len(lines)
    assert all(not old.strip() for old, new in zip(lines, read, strict=True) if not new)


def test_quotes_in_quotes_without_end_are_a_quote():
    assert meant(f"{'>' * 40} 甲") == "> 甲"
    assert meant(f"{'- ' * 40}乙") == "- - 乙"
