"""Which segments are put together, and that an index is the same however often it was changed."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from paperrag.index.manifest import FileRecord, Manifest, SegmentRecord
from paperrag.index.merging import FAN, LARGE_CHUNKS, QUICK_CHUNKS, SMALL_CHUNKS, alive_chunks, due
from paperrag.notes.corpus import FileStamp
from test_indexing import assert_same_index
from workbench import Bench


@pytest.fixture
def empty(tmp_path) -> Manifest:
    bench = Bench(tmp_path)
    bench.write(a="- 甲\n")
    bench.build()
    return replace(bench.store.manifest(), files={}, segments={})


def manifest_of(empty: Manifest, *segments: tuple[int, int]) -> Manifest:
    """A manifest of segments given as (chunks in use, chunks), each of one file."""
    files = {
        f"{number}.md": FileRecord("", FileStamp(), 0, number, 0, alive, alive)
        for number, (alive, _) in enumerate(segments, 1)
    }
    records = {number: SegmentRecord(1, "", size) for number, (_, size) in enumerate(segments, 1)}
    return replace(empty, files=files, segments=records)


def test_few_segments_stay_as_they_are(empty):
    assert due(manifest_of(empty, *[(10, 10)] * (FAN - 1))) == []
    assert due(manifest_of(empty)) == []


def test_as_many_small_ones_as_a_level_holds_are_put_together(empty):
    assert due(manifest_of(empty, (9_000, 9_000), *[(10, 10)] * FAN)) == [2, 3, 4, 5]


def test_segments_of_other_levels_are_left_alone(empty):
    # levels end at 512, 2,048, 8,192: two, one and one of them
    sizes = (SMALL_CHUNKS, 10, SMALL_CHUNKS + 1, 5_000)
    assert due(manifest_of(empty, *((size, size) for size in sizes))) == []


def test_large_segments_are_not_put_together(empty):
    assert due(manifest_of(empty, *[(LARGE_CHUNKS, LARGE_CHUNKS)] * FAN)) == []


def test_a_segment_that_is_mostly_dead_is_written_anew(empty):
    assert due(manifest_of(empty, (500, 1000))) == []  # a half
    assert due(manifest_of(empty, (499, 1000))) == [1]


def test_on_the_way_of_a_question_only_little_is_written(empty):
    manifest = manifest_of(empty, (30_000, 70_000), *[(600, 600)] * FAN)
    assert due(manifest) == [2, 3, 4, 5]
    assert due(manifest, QUICK_CHUNKS) == []  # 2,400 chunks, 2,048 may be written
    assert due(manifest, 2_400) == [2, 3, 4, 5]


def test_chunks_in_use_are_those_of_files(empty):
    manifest = manifest_of(empty, (3, 10), (4, 4))
    assert alive_chunks(manifest) == {1: 3, 2: 4}


def test_an_index_changed_file_by_file_is_that_of_all_of_them(tmp_path):
    bench = Bench(tmp_path)
    for number in range(2 * FAN + 1):
        bench.write(**{f"n{number}": f"# 第 {number} 篇\n- 方法 {number} (ICLR 202{number})\n"})
        bench.write(n0=f"# 笔记\n- 改 {number}\n")
        bench.build()
    data = bench.store.load()
    assert len(data.layout.segments) < FAN
    assert data.entries.venues == ["", *(f"ICLR 202{n}" for n in range(1, 2 * FAN + 1))]
    fresh = Bench(tmp_path / "again")
    fresh.corpus = bench.corpus
    fresh.build()
    assert_same_index(bench, fresh)


def test_no_more_are_put_together_than_make_a_large_one(empty):
    some = LARGE_CHUNKS * 3 // 5
    assert due(manifest_of(empty, *[(some, some)] * FAN)) == [1, 2]


def test_small_ones_become_large_as_soon_as_they_hold_so_many(empty):
    levels = (600, 3_000, LARGE_CHUNKS - 4_000)
    assert due(manifest_of(empty, *((size, size) for size in levels))) == []
    assert due(manifest_of(empty, *((size, size) for size in (*levels, 400)))) == [1, 2, 3, 4]
