"""Rows in memory, segments of them, and the rows of an index that lie in several segments."""

from __future__ import annotations

import hashlib
import tracemalloc

import numpy as np
import pytest
from msgspec.structs import replace

from made_segments import entry_table, made_rows, made_segment
from paperrag.errors import IndexCorrupt
from paperrag.index.arrays import ArrayFile
from paperrag.index.chunk_table import ChunkTable
from paperrag.index.codes import text_hash
from paperrag.index.layout import Layout
from paperrag.index.nearest import VectorTable
from paperrag.index.postings import TokenTable, WordTable
from paperrag.index.rows import JoinedRows, Rows, joined, picked
from paperrag.index.tables import EntryTable
from paperrag.index.vectors import ExactVectors
from paperrag.notes.tree import parse_note
from paperrag.records import Entry

FIRST = "# 笔记\n- 合并\n  - CaM merges\n  - 量化 KV\n- last\n"
SECOND = "## 乙\n- 另一条\n- another (ICLR 2024)\n"


def entries_of(text: str, source: str) -> list[Entry]:
    return list(parse_note(text, source).entries)


A, B = entries_of(FIRST, "notes/a.md"), entries_of(SECOND, "notes/b.md")


def same(one: Rows, two: Rows) -> bool:
    """Whether two rows hold the same, venues aside that nothing is of."""
    names = [
        [rows.venues[n] if n >= 0 else "" for n in rows.columns["venue"]] for rows in (one, two)
    ]
    columns = [
        {name: column.tolist() for name, column in rows.columns.items() if name != "venue"}
        for rows in (one, two)
    ]
    texts = [{name: text.all() for name, text in rows.texts.items()} for rows in (one, two)]
    rest = [
        (
            *(rows.files.tolist(), rows.digests.tolist(), rows.vectors.tolist()),
            *(rows.postings.terms.tolist(), rows.postings.rows.tolist()),
            *(rows.tokens.tokens.tolist(), rows.tokens.starts.tolist()),
        )
        for rows in (one, two)
    ]
    return (
        names[0] == names[1]
        and columns[0] == columns[1]
        and texts[0] == texts[1]
        and rest[0] == rest[1]
    )


# --- entries come back --------------------------------------------------------------------------


def test_a_segment_gives_the_entries_back():
    table = entry_table([*A, *B])
    assert [table.get(row) for row in range(len(table))] == [*A, *B]
    assert table.columns["parent_step"].tolist() == [0, 1, 2, 0, 0, 0]
    assert [table.is_label(row) for row in range(4)] == [True, False, False, False]
    assert table.columns["language"].tolist() == [0, 1, 0, 1, 0, 1]
    assert table.titles() == [entry.title for entry in [*A, *B]]


def test_venues_years_and_awards_are_columns():
    text = "- 甲 (ICLR 2024, Best Paper)\n- 乙 [x](https://arxiv.org/abs/2301.00001)\n- 丙 arxiv:: none\n"
    entries = entries_of(text, "notes/a.md")
    table = entry_table(entries)
    assert table.venues == [entry.venue or "" for entry in entries]
    assert table.columns["year"].tolist() == [2024, 2023, 0]
    assert table.columns["is_awarded"].tolist() == [True, False, False]


def test_ids_are_found_by_their_hash():
    (entry,) = entries_of("- 合并 merge\n", "notes/a.md")
    expected = int.from_bytes(hashlib.sha256("- 合并 merge".encode()).digest()[:8], "little")
    rows = made_rows([entry])
    assert rows.columns["text_hash"].tolist() == [expected] == [text_hash("- 合并 merge")]
    table = entry_table([entry])
    assert table.row_of("notes/a.md#a/合并-merge") == 0
    assert table.row_of("notes/a.md#a/合并") is None


def test_sections_are_numbered_as_they_come():
    table = entry_table([*entries_of("# 甲\n- y\n# 丙\n- z\n", "notes/a.md"), *B])
    assert table.section_list == [
        ("notes/a.md", ("a", "甲")),
        ("notes/a.md", ("a", "丙")),
        ("notes/b.md", ("b", "乙")),
    ]
    assert table.columns["section_number"].tolist() == [0, 1, 2, 2]
    assert table.section(3) == ("notes/b.md", ("b", "乙"))
    assert table.rows_in(("notes/b.md", ("b", "乙"))) == [2, 3]
    assert table.rows_in(("notes/b.md", ("none",))) == []


def test_children_end_with_their_file():
    table = entry_table([*A, *B])
    assert [table.child_rows(row) for row in range(6)] == [[1, 2], [], [], [], [], []]


def test_entry_table_of_nothing_is_empty():
    table = entry_table([])
    assert (len(table), table.titles(), table.section_list, table.row_of("x")) == (0, [], [], None)


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("- 合并\n  - CaM\n", [True, False]),  # a short name with items below it
        ("- alone\n", [False]),  # nothing below
        (
            "- [合并](https://arxiv.org/abs/2407.08454)\n  - CaM\n",
            [False, False],
        ),  # a paper of its own
        (f"- {'长' * 78}\n  - x\n", [True, False]),  # "- " and 78 characters: 80
        (f"- {'长' * 79}\n  - x\n", [False, False]),
    ],
)
def test_is_label_is_a_short_item_that_names_a_group(text, labels):
    assert [entry.part == "label" for entry in entries_of(text, "notes/a.md")] == labels


# --- rows are put together and picked -------------------------------------------------------------


def test_joined_rows_are_those_of_all_files():
    assert same(joined([made_rows(A), made_rows(B, first=5)]), made_rows([*A, *B]))


def test_a_segment_gives_its_rows_back():
    rows = made_rows([*A, *B], chunks_each=2)
    assert same(made_segment(rows).rows(), rows)


def test_picked_files_stand_in_the_order_asked_for():
    both = joined([made_rows(B, first=5), made_rows(A)])
    assert same(picked(both, np.array([1, 0])), made_rows([*A, *B]))
    assert same(picked(both, np.array([1])), made_rows(A))


def test_segments_are_put_together_with_little_of_them_in_memory():
    wide = np.eye(8, 1 << 14, dtype=np.float32)
    several = (made_rows(A), made_rows(B, first=5))
    parts = [made_segment(replace(one, vectors=wide[: len(one.vectors)])) for one in several]
    tracemalloc.start()
    rows = picked(JoinedRows([part.stored() for part in parts]), np.array([1, 0]))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2.5 * rows.vectors.nbytes
    assert same(rows, picked(joined([part.rows() for part in parts]), np.array([1, 0])))


def test_files_without_entries_are_kept():
    rows = made_rows(A)
    empty = picked(rows, np.array([], dtype=int))
    assert (empty.files.shape, len(empty.digests), empty.texts["line"].all()) == ((1, 4), 0, [])


# --- an index over segments -----------------------------------------------------------------------

CHANGED = entries_of(FIRST.replace("CaM merges", "CaM keeps"), "notes/a.md")


@pytest.fixture
def layout() -> Layout:
    """Of notes/a.md and notes/b.md in one segment, the former was changed since."""
    old = made_segment(made_rows([*A, *B]), number=1)
    new = made_segment(made_rows(CHANGED, first=11), number=2)
    return Layout([old, new], [(2, 0), (1, 1)])


def test_changed_files_stand_in_corpus_order(layout):
    table = EntryTable(layout)
    assert [table.get(row) for row in range(len(table))] == [*CHANGED, *B]
    assert [table.row_of(entry.id) for entry in [*CHANGED, *B]] == [0, 1, 2, 3, 4, 5]
    assert ChunkTable(layout).entry.tolist() == [0, 1, 2, 3, 4, 5]
    assert [table.section(row) for row in (0, 5)] == [
        ("notes/a.md", ("笔记",)),
        ("notes/b.md", ("b", "乙")),
    ]


def test_rows_of_a_segment_are_shifted_only_where_none_is_dead(layout):
    old, new = layout.segments
    assert layout.shift("entry", old) is None  # notes/a.md in it was changed since
    assert layout.shift("entry", new) == 0
    behind = Layout([new, made_segment(made_rows(B), number=3)], [(2, 0), (3, 0)])
    assert behind.shift("entry", behind.segments[1]) == len(CHANGED)


def test_words_of_dead_rows_are_not_found(layout):
    from paperrag.index.lexical import term_hashes

    words = WordTable(layout)
    found = {
        word: words.find(int(term_hashes([word])[0]))[0].tolist()
        for word in ("merge", "merges", "keep", "cam", "another")
    }
    assert found == {"merge": [], "merges": [], "keep": [1], "cam": [1], "another": [5]}


def test_tokens_and_vectors_are_those_of_the_rows(layout):
    rows = np.array([5, 0, 4])
    lists = {
        int(place): lists.tokens[lists.starts[2 * at]]
        for places, lists in TokenTable(layout).parts(rows)
        for at, place in enumerate(places)
    }
    assert lists == {0: 6, 1: 11, 2: 5}  # B begins with the fifth row of the first segment
    vectors = VectorTable(layout, 2)
    assert vectors.rows(rows).tolist() == [[0, 1], [1, 0], [1, 0]]
    assert vectors.cosines(np.array([1, 0], dtype=np.float32)).tolist() == [1, 0, 1, 0, 1, 0]


def test_works_are_numbered_over_segments(layout):
    table = EntryTable(layout)
    rows = range(len(table))
    assert [table.get(row).work for row in rows] == [entry.work for entry in [*CHANGED, *B]]
    assert table.units.tolist() == [
        row if (unit := table.work_row(row)) is None else unit for row in rows
    ]


def test_an_index_without_files_is_empty():
    layout = Layout([], [])
    assert (len(EntryTable(layout)), len(ChunkTable(layout))) == (0, 0)
    assert VectorTable(layout, 2).cosines(np.array([1, 0], dtype=np.float32)).tolist() == []
    assert EntryTable(layout).columns["kind"].tolist() == []


def test_a_segment_without_its_arrays_is_corrupt():
    from io import BytesIO

    from paperrag.index.arrays import write_arrays
    from paperrag.index.segment import Segment

    file = BytesIO()
    seal = write_arrays(file, {"some": np.arange(3)})
    with pytest.raises(IndexCorrupt, match="segment 1 lacks arrays"):
        Segment(1, ArrayFile(file.getvalue(), seal, "it"), ExactVectors.load)
