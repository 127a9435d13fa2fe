"""Token lists turned around tell the same as token lists."""

from __future__ import annotations

import numpy as np
import pytest

from made_segments import made_rows, made_segment
from paperrag.index import holders, segment
from paperrag.index.holders import TokenHolders
from paperrag.index.late import TokenLists
from paperrag.index.near_tokens import NearTokens
from paperrag.notes.tree import parse_note
from properties import given, st

NEAR = NearTokens(
    [70, 80],
    [
        (np.array([5, 7]), np.array([1.0, 0.4], dtype=np.float32)),  # the first token asked for
        (np.array([7]), np.array([0.5], dtype=np.float32)),
    ],
)
SHARE = np.array([0.75, 0.25], dtype=np.float32)
LISTS = TokenLists.of([[5], [7], [9], [5, 7]], [[7], [9], [5], []])


def test_the_greatest_similarity_of_each_token_counts() -> None:
    whole, own = TokenHolders.of(LISTS).scores(NEAR, SHARE)
    # row 0: own 5 -> .75; with 7 above it also .5 · .25. row 1: own 7 -> .4 · .75 + .5 · .25
    assert own.tolist() == pytest.approx([0.75, 0.425, 0.0, 0.875])
    assert whole.tolist() == pytest.approx([0.875, 0.425, 0.75, 0.875])


def test_rows_are_told_in_the_order_asked_for() -> None:
    holders = TokenHolders.of(LISTS).of_rows(np.array([3, 1, 3]))
    assert holders.scores(NEAR, SHARE)[0].tolist() == pytest.approx([0.875, 0.425, 0.875])


def test_tokens_that_no_list_holds_meet_nothing() -> None:
    whole, _ = TokenHolders.of(TokenLists.of([[1], [9]], [[], [2]])).scores(NEAR, SHARE)
    assert whole.tolist() == [0.0, 0.0]


def test_what_was_found_for_tokens_is_kept_up_to_a_size(monkeypatch) -> None:
    monkeypatch.setattr(holders, "KEPT_BYTES", 2 * 2 * LISTS.row_count * 4)  # two tokens'
    turned = TokenHolders.of(LISTS)
    first = turned.scores(NEAR, SHARE)
    third = NearTokens([90], [(np.array([9]), np.array([1.0], dtype=np.float32))])
    turned.scores(third, np.array([1.0], dtype=np.float32))
    assert list(turned.known) == [80, 90]
    for again, before in zip(turned.scores(NEAR, SHARE), first, strict=True):
        assert again.tolist() == before.tolist()


tokens = st.lists(st.integers(0, 9), max_size=5)


@given(
    st.lists(st.tuples(tokens, tokens), min_size=1, max_size=6),
    st.lists(st.lists(st.integers(0, 9), unique=True, max_size=4), min_size=1, max_size=4),
    st.data(),
)
def test_turned_around_or_not_scores_are_the_same(rows, near, data) -> None:
    lists = TokenLists.of([own for own, _ in rows], [breadcrumb for _, breadcrumb in rows])
    similarity = st.floats(0.25, 1, width=32)
    asked = NearTokens(
        range(len(near)),
        [
            (
                np.array(ids, dtype=np.int64),
                np.array([data.draw(similarity) for _ in ids], dtype=np.float32),
            )
            for ids in near
        ],
    )
    share = np.full(len(near), 1 / len(near), dtype=np.float32)
    for turned, as_they_are in zip(
        TokenHolders.of(lists).scores(asked, share), lists.scores(asked, share), strict=True
    ):
        np.testing.assert_allclose(turned, as_they_are, rtol=1e-5)


def test_a_segment_turns_its_lists_around_when_asked_again(monkeypatch) -> None:
    notes = "# 笔记\n\n- LoRA 的秩\n- KV cache merging\n"
    rows = made_rows(parse_note(notes, "notes/a.md").entries)
    chunks = np.arange(int(rows.files[-1, 1]))

    def kinds() -> list[str]:
        one = made_segment(rows)
        times = range(segment.TIMES_COMPARED + 1)
        return [type(one.tokens_compared(chunks)).__name__ for _ in times]

    assert kinds() == ["TokenLists"] * segment.TIMES_COMPARED + ["TokenHolders"]
    monkeypatch.setattr(segment, "TURNED_CHUNKS", len(chunks) - 1)
    assert set(kinds()) == {"TokenLists"}
