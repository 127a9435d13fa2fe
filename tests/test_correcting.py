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
