from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import pytest

from paperrag.index.late import TokenLists
from paperrag.index.lexical import Postings
from paperrag.index.segments import Place, Segment, entry_table, merge
from paperrag.index.tables import ChunkTable, text_hash
from paperrag.notes.tree import parse_note
from paperrag.records import Entry

FIRST = "# 笔记\n- 合并\n  - CaM merges\n  - 量化 KV\n- last\n"
SECOND = "## 乙\n- 另一条\n- another\n"


def entries_of(text: str, source: str) -> list[Entry]:
    return list(parse_note(text, source).entries)


def segment_of(entries: Sequence[Entry], first_id: int = 0, tokens: bool = True) -> Segment:
    """A segment with one chunk for each entry, whose vector ids count up from first_id."""
    count = len(entries)
    table = ChunkTable(
        entry=np.arange(count, dtype=np.int32),
        start=np.zeros(count, dtype=np.int32),
        end=np.array([len(entry.text) for entry in entries], dtype=np.int32),
        vector_id=np.arange(first_id, first_id + count),
        digest=np.array(
            [list(hashlib.sha256(entry.text.encode()).digest()) for entry in entries], np.uint8
        ).reshape(-1, 32),
    )
    lists = (
        TokenLists.of([[first_id + row + 1] for row in range(count)], [[99]] * count)
        if tokens
        else None
    )
    return Segment(
        entry_table(entries), table, Postings.of([entry.text for entry in entries]), lists
    )


def ids_of(segment: Segment) -> list[str]:
    return [segment.entries.get(row).id for row in range(len(segment.entries))]


def test_entry_table_gives_the_entries_back():
    entries = entries_of(FIRST, "notes/a.md")
    table = entry_table(entries)
    assert [table.get(row) for row in range(len(table))] == entries
    assert table.columns["parent_step"].tolist() == [0, 1, 2, 0]
    assert [table.is_label(row) for row in range(4)] == [True, False, False, False]
    assert table.columns["language"].tolist() == [0, 1, 0, 1]


def test_entry_table_hashes_ids_and_texts():
    (entry,) = entries_of("- 合并 merge\n", "notes/a.md")
    table = entry_table([entry])
    expected = int.from_bytes(hashlib.sha256("- 合并 merge".encode()).digest()[:8], "little")
    assert table.columns["text_hash"].tolist() == [expected] == [text_hash("- 合并 merge")]
    assert table.row_of("notes/a.md#a/合并-merge") == 0
    assert table.row_of("notes/a.md#a/合并") is None


def test_entry_table_numbers_sections_in_the_order_of_their_names():
    table = entry_table(
        [*entries_of("# 乙\n- x\n", "notes/b.md"), *entries_of("# 甲\n- y\n", "notes/a.md")]
    )
    assert table.section_list == [("notes/a.md", ("甲",)), ("notes/b.md", ("乙",))]
    assert table.columns["section_number"].tolist() == [1, 0]
    assert [table.section(row) for row in (0, 1)] == [
        ("notes/b.md", ("乙",)),
        ("notes/a.md", ("甲",)),
    ]


def test_entry_table_of_nothing_is_empty():
    table = entry_table([])
    assert (len(table), table.blob, table.section_list, table.row_of("x")) == (0, b"", [], None)


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


def test_merge_of_one_segment_changes_nothing():
    segment = segment_of(entries_of(FIRST, "notes/a.md"))
    merged = merge([segment], [Place(0, 0, 4)])
    assert merged.entries.blob == segment.entries.blob
    assert merged.chunks.vector_id.tolist() == [0, 1, 2, 3]
    assert merged.tokens.tokens.tolist() == segment.tokens.tokens.tolist()


def test_merge_puts_files_in_the_order_asked_for():
    segments = [
        segment_of(entries_of(FIRST, "notes/b.md")),
        segment_of(entries_of(SECOND, "notes/a.md"), first_id=10),
    ]
    merged = merge(segments, [Place(1, 0, 2), Place(0, 0, 4)])
    assert ids_of(merged) == [*ids_of(segments[1]), *ids_of(segments[0])]
    assert merged.chunks.entry.tolist() == [0, 1, 2, 3, 4, 5]
    assert merged.chunks.vector_id.tolist() == [10, 11, 0, 1, 2, 3]
    assert merged.entries.get(3).parent_id == "notes/b.md#笔记/合并"
    assert [merged.tokens.tokens[start] for start in merged.tokens.starts[:-1:2]] == [
        11,
        12,
        1,
        2,
        3,
        4,
    ]


def test_merge_drops_files_that_are_not_asked_for():
    both = [*entries_of(FIRST, "notes/a.md"), *entries_of(SECOND, "notes/b.md")]
    merged = merge([segment_of(both)], [Place(0, 4, 2)])
    assert [merged.entries.get(row).text for row in range(2)] == ["- 另一条", "- another"]
    assert merged.chunks.vector_id.tolist() == [4, 5]
    assert set(merged.postings.rows.tolist()) == {0, 1}
    assert merged.entries.section_list == [("notes/b.md", ("b", "乙"))]


def test_merge_gives_what_one_segment_of_all_files_gives():
    first, second = entries_of(FIRST, "notes/a.md"), entries_of(SECOND, "notes/b.md")
    merged = merge(
        [segment_of(first), segment_of(second, first_id=4)], [Place(0, 0, 4), Place(1, 0, 2)]
    )
    whole = merge([segment_of([*first, *second])], [Place(0, 0, 6)])
    assert merged.entries.blob == whole.entries.blob
    assert merged.entries.sections == whole.entries.sections
    for name, column in whole.entries.columns.items():
        assert merged.entries.columns[name].tolist() == column.tolist()
    assert merged.postings.terms.tolist() == whole.postings.terms.tolist()
    assert merged.postings.rows.tolist() == whole.postings.rows.tolist()


def test_merge_keeps_several_chunks_of_an_entry_together():
    entries = entries_of("- 甲\n- 乙\n", "notes/a.md")
    segment = segment_of(entries)
    twice = np.repeat(np.arange(2), 2)
    chunks = ChunkTable(
        segment.chunks.entry[twice],
        np.array([0, 1, 0, 1], dtype=np.int32),
        segment.chunks.end[twice],
        np.array([7, 8, 5, 6]),
        segment.chunks.digest[twice],
    )
    merged = merge(
        [Segment(segment.entries, chunks, Postings.of(["a", "b", "c", "d"]), None)],
        [Place(0, 1, 1), Place(0, 0, 1)],
    )
    assert merged.chunks.entry.tolist() == [0, 0, 1, 1]
    assert merged.chunks.vector_id.tolist() == [5, 6, 7, 8]
    assert merged.tokens is None


def test_merge_of_files_without_entries_is_empty():
    merged = merge([segment_of([])], [Place(0, 0, 0)])
    assert (len(merged.entries), len(merged.chunks), len(merged.postings.terms)) == (0, 0, 0)
