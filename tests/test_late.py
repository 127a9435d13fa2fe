from __future__ import annotations

import weakref

import numpy as np
import pytest

from fakes import LetterEncoder
from paperrag.index.late import LEAST_SIMILARITY, LateInteraction, TokenLists
from properties import given, st

ENCODER = LetterEncoder()  # a (1, 0), b (0, 1), c (0.6, 0.8), d (3, 0)


def late(*rows: tuple[str, str]) -> LateInteraction:
    """Rows given as (own text, breadcrumb)."""
    own, breadcrumbs = zip(*rows, strict=True)
    return LateInteraction(
        ENCODER, TokenLists.of(ENCODER.token_ids(own), ENCODER.token_ids(breadcrumbs))
    )


def scores(index: LateInteraction, query: str, *rows: int) -> tuple[list[float], list[float]]:
    whole, own = index.scores(query, np.array(rows, dtype=np.int64))
    return [round(float(s), 4) for s in whole], [round(float(s), 4) for s in own]


# --- MaxSim by hand
# ------------------------------------------------------------------------------------


def test_each_query_word_takes_its_best_match():
    index = late(("a", ""), ("b", ""), ("ab", ""))
    # query "ab": (cos(a,·) + cos(b,·)) / 2
    assert scores(index, "ab", 0, 1, 2)[0] == [0.5, 0.5, 1.0]


def test_near_words_count_by_their_cosine():
    index = late(("c", ""), ("a", ""))
    assert scores(index, "a", 0, 1)[0] == [0.6, 1.0]  # cos((1, 0), (0.6, 0.8)) = 0.6
    assert scores(index, "b", 0, 1)[0] == [0.8, 0.0]


@pytest.mark.slow
def test_heavy_query_words_weigh_more():
    # |d| = 3, |b| = 1: d is met by a (cosine 1), b is not: 3 / 4
    assert scores(late(("a", "")), "db", 0)[0] == [0.75]


def test_weight_of_a_row_word_does_not_matter():
    assert scores(late(("d", "")), "a", 0)[0] == [1.0]


def test_breadcrumb_counts_and_is_told_apart():
    index = late(("a", "b"), ("b", "a"), ("", "ab"))
    whole, own = scores(index, "ab", 0, 1, 2)
    assert (whole, own) == ([1.0, 1.0, 1.0], [0.5, 0.5, 0.0])


def test_better_of_own_and_breadcrumb_is_taken_per_word():
    # query "a": own c 0.6, breadcrumb a 1.0
    assert scores(late(("c", "a")), "a", 0) == ([1.0], [0.6])


def test_chance_similarity_counts_as_nothing():
    assert LEAST_SIMILARITY == 0.3
    tilted = LetterEncoder()
    tilted.vectors = np.array([[9, 9], [1, 0], [0.28, 0.96], [0, 0], [0, 0]], dtype=np.float32)
    index = LateInteraction(tilted, TokenLists.of([[2]], [[]]))
    assert index.scores("a", np.array([0]))[0].tolist() == [0.0]  # cosine 0.28


def test_repeated_query_words_weigh_twice():
    assert scores(late(("a", "")), "aab", 0)[0] == [pytest.approx(2 / 3, abs=1e-4)]


@pytest.mark.parametrize("query", ["", "xyz", "你好"])
def test_query_without_known_words_scores_nothing(query):
    assert scores(late(("a", "b")), query, 0) == ([0.0], [0.0])


def test_row_without_known_words_scores_nothing():
    assert scores(late(("xyz", ""), ("a", "")), "abcd", 0)[0] == [
        0.0
    ]  # not met by the unknown token's own vector


def test_words_without_weight_score_nothing():
    light = LetterEncoder()
    light.vectors = np.zeros((5, 2), dtype=np.float32)
    assert LateInteraction(light, TokenLists.of([[1]], [[2]])).scores("a", np.array([0]))[
        0
    ].tolist() == [0.0]


def test_rows_are_scored_in_the_order_asked_for():
    index = late(("a", ""), ("b", ""), ("c", ""))
    assert scores(index, "a", 2, 0, 2, 1)[0] == [0.6, 1.0, 0.6, 0.0]


def test_no_rows_give_no_scores():
    whole, own = late(("a", "")).scores("a", np.array([], dtype=np.int64))
    assert (whole.shape, own.shape) == ((0,), (0,))
    empty = LateInteraction(ENCODER, TokenLists.of([], []))
    assert empty.scores("a", np.array([], dtype=np.int64))[0].shape == (0,)


def test_bundled_encoder_meets_words_across_languages(bundled_encoder):
    own = bundled_encoder.token_ids(["缓存合并的方法", "speculative decoding with a draft model"])
    index = LateInteraction(bundled_encoder, TokenLists.of(own, [[], []]))
    merging, drafting = index.scores("cache merging", np.array([0, 1]))[0]
    assert merging > 0.4 > drafting


# --- token lists
# ---------------------------------------------------------------------------------------


def lists_of(lists: TokenLists) -> list[tuple[list[int], list[int]]]:
    halves = [
        lists.tokens[a:b].tolist() for a, b in zip(lists.starts[:-1], lists.starts[1:], strict=True)
    ]
    return list(zip(halves[0::2], halves[1::2], strict=True))


def test_token_lists_hold_distinct_sorted_tokens_and_never_none():
    lists = TokenLists.of([[5, 2, 5], []], [[], [7]])
    assert lists.tokens.tolist() == [2, 5, 0, 0, 7]
    assert lists.starts.tolist() == [0, 2, 3, 4, 5]
    assert lists.row_count == 2


tokens = st.lists(st.integers(0, 9), max_size=5)
many_rows = st.lists(st.tuples(tokens, tokens), max_size=6)


def token_lists(rows: list[tuple[list[int], list[int]]]) -> TokenLists:
    return TokenLists.of([own for own, _ in rows], [breadcrumb for _, breadcrumb in rows])


@pytest.mark.slow
@given(many_rows, st.data())
def test_take_gives_the_rows_asked_for(rows, data):
    order = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=8)) if rows else []
    taken = token_lists(rows).take(np.array(order, dtype=np.int64))
    assert lists_of(taken) == lists_of(token_lists([rows[i] for i in order]))


@pytest.mark.slow
@given(st.lists(many_rows, min_size=1, max_size=4))
def test_joined_gives_all_rows_in_order(parts):
    joined = TokenLists.joined([token_lists(rows) for rows in parts])
    assert lists_of(joined) == lists_of(token_lists([row for rows in parts for row in rows]))
    assert joined.row_count == sum(map(len, parts))


@pytest.mark.slow
@given(many_rows, many_rows)
def test_taking_apart_what_was_joined_gives_the_parts(first, second):
    joined = TokenLists.joined([token_lists(first), token_lists(second)])
    again = joined.take(np.arange(len(first), joined.row_count))
    assert lists_of(again) == lists_of(token_lists(second))


def test_an_index_that_is_let_go_is_freed_at_once():
    late = LateInteraction(LetterEncoder(), TokenLists.of([[1]], [[2]]))
    late.scores("a", np.array([0]))
    left = weakref.ref(late)
    del late
    assert left() is None  # no circle keeps its arrays until the collector comes
