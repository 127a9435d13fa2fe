"""Numbers are held against what stands beside them, denials and directions against what is met."""

from __future__ import annotations

import numpy as np
import pytest

from paperrag.encoders.contextual import ContextualEncoder
from paperrag.encoders.contract import unit_rows
from paperrag.proof.beside import misplaced
from paperrag.proof.polarity import OPPOSITES, denied, direction
from paperrag.proof.proving import prove
from paperrag.proof.reply import parse_reply
from paperrag.proof.support import SupportScorer
from paperrag.proof.windows import tokens_of
from word_tokens import told

OTTERS = "Pets › Otters\n- Otters swim 9 km a day, while seals cover 40 km a day."
FUR = "Pets › Fur\n- Brushing does not shorten the fur, it makes the fur longer. Three brushes are used."


JUMPS = "Cats › Jumps\n- Brushed cats jump higher"
LOWER = "Brushed cats jump lower"


def numbers(claim: str, text: str) -> list[tuple[str, str]]:
    said, held, _ = told(claim, text)
    return [(one.said.text, one.held.text) for one in misplaced(said, held)]


def test_numbers_that_changed_places_are_found() -> None:
    text = "otters swim 9 km on each day , seals cover 40 km in a week"
    assert numbers("seals cover 9 km in a week , otters swim 40 km on each day", text) == [
        ("9 km", "40 km")
    ]
    assert numbers("otters swim 9 km on each day , seals cover 40 km in a week", text) == []


def test_counts_do_not_change_places_with_measures() -> None:
    text = "otters swim 2 on each day , seals cover 4096 in a week"
    claim = "seals cover 2 in a week , otters swim 4096 on each day"
    assert numbers(claim, text) == []
    assert numbers(claim.replace(" 2 ", " 2048 "), text.replace(" 2 ", " 2048 ")) != []


def test_ends_of_a_range_may_be_told_in_either_order() -> None:
    assert numbers("errors fell to 9 % from 27 %", "errors fell 27 % -> 9 %") == []


def test_small_count_of_the_same_things_is_held_against_the_notes() -> None:
    assert numbers("two brushes are used", "four brushes are used") == [("two", "four")]
    assert numbers("the two agree", "otters sleep 4 hours") == []


@pytest.mark.parametrize(
    ("claim", "why"),
    [
        (
            "Seals cover 9 km a day, while otters swim 40 km a day [1].",
            "the notes say 40 km, not 9 km",
        ),
        ("Two brushes are used for the fur [2].", "the notes say Three, not Two"),
        ("Brushed cats jump lower [3].", "the notes say higher, not lower"),
    ],
)
def test_mark_says_what_stands_there(
    claim: str, why: str, bundled_encoder: ContextualEncoder
) -> None:
    scorer = SupportScorer(bundled_encoder, [OTTERS, FUR, JUMPS])
    answer = prove(parse_reply(claim, 3), scorer, (), str, "")
    assert answer.text.endswith(f" ⚠ ({why})")


@pytest.mark.parametrize(
    ("text", "truth", "lie", "feature"),
    [
        (FUR, "Brushing does not shorten the fur.", "Brushing does shorten the fur.", "denied"),
        ("猫 › 毛\n- 经常刷毛并不会让毛变短", "刷毛不会让毛变短。", "刷毛会让毛变短。", "denied"),
        (JUMPS, "Brushed cats jump higher.", "Brushed cats jump lower.", "turned"),
        (JUMPS, "刷过毛的猫跳得更高。", "刷过毛的猫跳得更低。", "opposed"),
        (
            "Cats › Naps\n- All cats sleep before lunch",
            "All cats sleep before lunch.",
            "All cats sleep after lunch.",
            "opposed",
        ),
    ],
)
def test_what_is_denied_or_turned_is_seen(
    text: str, truth: str, lie: str, feature: str, bundled_encoder: ContextualEncoder
) -> None:
    scorer = SupportScorer(bundled_encoder, [text])
    seen = {claim: getattr(scorer.features(claim, [0]), feature) for claim in (truth, lie)}
    assert seen[lie] > seen[truth]


def test_what_a_heading_denies_is_denied_of_nothing_below_it() -> None:
    looks = np.array([[0, 0, 0, 1, 0], [0, 0, 0, 0, 1]], dtype=np.float32)
    line, headings, _ = told("Pets - without cats jump", "Pets › without cats jump")
    claim, _, _ = told("cats jump", "")
    assert denied(claim, line, looks) == 1
    assert denied(claim, headings, looks) == 0


@pytest.mark.parametrize("feature", ["turned", "opposed"])
def test_what_a_heading_tells_turns_nothing_below_it(
    feature: str, bundled_encoder: ContextualEncoder
) -> None:
    line = "Cats › Jumps\n- Brushed cats jump higher\n- They sleep"
    headings = line.replace("\n- B", " › B")
    seen = [
        getattr(SupportScorer(bundled_encoder, [text]).features(LOWER, [0]), feature)
        for text in (line, headings)
    ]
    assert seen[0] > 0 == seen[1]


def test_direction_holds_for_words_that_it_was_not_fitted_to(
    bundled_encoder: ContextualEncoder,
) -> None:
    right = 0
    for place, pair in enumerate(OPPOSITES):
        others = OPPOSITES[:place] + OPPOSITES[place + 1 :]
        words = [tokens_of(word, bundled_encoder) for word in pair.split("/")]
        rows = unit_rows(np.stack([word.rows.sum(axis=0) for word in words]))
        up, down = rows @ direction(bundled_encoder, others)
        right += int(up > 0) + int(down < 0)
    assert right >= 0.9 * 2 * len(OPPOSITES)
