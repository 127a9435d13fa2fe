"""What a note corrects later is answered as corrected."""

from __future__ import annotations

from pathlib import Path

import pytest

from paperrag.answer.correcting import corrects
from paperrag.encoders.contract import Encoder
from small_corpus import make_assistant

LOG = "# The gap of the lamp (Tern, 2019)\n\n- The lamp has a gap of {first}.\n- It ran for 3 days.\n\n{later}\n"


@pytest.mark.parametrize(
    ("first", "later", "quote"),
    [
        ("90 mm", "2022-05-01 更正：灯的间隙是 30 mm。", "更正：灯的间隙是 30 mm。"),
        ("90 mm", "Correction: I used the wrong scale; it is 30 mm.", "it is 30 mm."),
        ("44 %", "I misread the gap, it is 34 %.", "I misread the gap, it is 34 %."),
        ("44 %", "Later: wrong, the gap is 34 %.", "the gap is 34 %."),
        ("92 mm", "EDIT: digits swapped. The gap is 29 mm, not 92.", "The gap is 29 mm, not 92."),
        ("1,100 mm", "后来量过，灯是 1,300 mm，不是 1,100。", "灯是 1,300 mm，不是 1,100。"),
    ],
)
def test_a_later_line_that_corrects_a_figure_is_quoted_instead(
    tmp_path: Path, bundled_encoder: Encoder, first: str, later: str, quote: str
):
    note = LOG.format(first=first, later=later)
    answer, _ = make_assistant(tmp_path, note, bundled_encoder).ask("how big is the lamp's gap?")
    assert answer.citations[0].quote.endswith(quote)
    assert answer.citations[0].quote_verified


@pytest.mark.parametrize(
    "later",
    [
        "Correction: the tank is 30 m long.",  # of another size
        "Correction: it ran for 4 days.",  # of another unit
        "Wrong answers cost 30 mm of paper.",
        "The gap of the tank is 30 mm, not 20.",
    ],
)
def test_a_correction_of_something_else_leaves_a_figure(
    tmp_path: Path, bundled_encoder: Encoder, later: str
):
    note = LOG.format(first="90 mm", later=later)
    answer, _ = make_assistant(tmp_path, note, bundled_encoder).ask("how big is the lamp's gap?")
    assert "90 mm" in answer.citations[0].quote


def test_what_was_corrected_before_stays(tmp_path: Path, bundled_encoder: Encoder):
    note = (
        "# The gap of the lamp\n\nErratum: the tube is 30 mm.\n\n- The lamp has a gap of 90 mm.\n"
    )
    answer, _ = make_assistant(tmp_path, note, bundled_encoder).ask("how big is the lamp's gap?")
    assert "90 mm" in answer.citations[0].quote


def test_methods_of_correction_correct_nothing():
    assert not corrects("Error correction lowers the rate to 3 %, with gamma corrected images.")
    assert not corrects("A wrong label costs 3 %.")


@pytest.mark.parametrize(
    ("first", "later", "quote"),
    [
        (
            "2023-05-01: the gap is 41 mm.",
            "2024-02-03 later: it leaked; the gap is 38 mm.",
            "gap is 38 mm.",
        ),
        (
            "2023-05-01 初读：灯的间隙 gap 是 41 mm。",
            "更新（2024-02-03）：灯的间隙只有 38 mm。",
            "只有 38 mm。",
        ),
        (
            "2023-05-01: measuring takes 16 hours, the gap is 41 mm.",
            "2023-06-01 update: the gap is 38 mm.",
            "gap is 38 mm.",
        ),
        (
            "2024-02-03: the gap is 38 mm, mended.",
            "2023-05-01: the gap is 41 mm.",
            "38 mm, mended.",
        ),
        ("2023-05-01: the gap is 41 mm.", "2024-02-03: the tube is 38 mm.", "gap is 41 mm."),
        ("The lamp has a gap of 41 mm.", "Later, a tube is 38 mm.", "gap of 41 mm."),
    ],
)
def test_the_newest_of_dated_remarks_counts_where_it_says_a_figure_anew(
    tmp_path: Path, bundled_encoder: Encoder, first: str, later: str, quote: str
):
    note = f"# The gap of the lamp\n\n{first}\n\n{later}\n"
    answer, _ = make_assistant(tmp_path, note, bundled_encoder).ask("how big is the lamp's gap?")
    assert answer.citations[0].quote.endswith(quote)


@pytest.mark.parametrize(
    "files",
    [
        {
            "2023-05-01 wick.md": "# WickNet\n\nWickNet dims with one pass, its gap is 41 mm.\n",
            "2024-02-03 wick again.md": "# WickNet again\n\nCorrection: WickNet's gap is 38 mm.\n",
        },
        {
            "2023-05-01.md": "# 2023-05-01 读 WickNet\n\nWickNet 一次变暗，间隙 gap 为 41 mm。\n",
            "2024-02-03.md": "# 2024-02-03 再读 WickNet\n\n更新：WickNet 的间隙 gap 应为 38 mm。\n",
        },
    ],
)
def test_a_correction_may_stand_in_another_note_on_the_work(
    tmp_path: Path, bundled_encoder: Encoder, files: dict[str, str]
):
    notes = {f"notes/{name}": text for name, text in files.items()}
    assistant = make_assistant(tmp_path, notes, bundled_encoder)
    answer, _ = assistant.ask("how big is WickNet's gap?")
    assert "38 mm" in answer.citations[0].quote
