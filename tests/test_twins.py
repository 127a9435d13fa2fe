from __future__ import annotations

import pytest

from fakes import NgramEncoder
from paperrag.config import Settings
from paperrag.library import Library
from paperrag.output.as_json import hit_json
from paperrag.output.terminal import search_text
from paperrag.search.filtering import Filters
from paperrag.search.found import SearchResult
from paperrag.search.retrieval import Retriever
from workbench import Bench

NOTE = "# Caches\n- TierCache keeps hot pages on chip and cold ones in host memory\n- 把相邻两页折成一页\n"


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path, NgramEncoder())


def found(bench: Bench, text: str, filters: Filters | None = None) -> list[tuple[str, list[str]]]:
    """The places of the hits, each with those of its twins."""
    bench.build()
    hits = Retriever(bench.store.load(), bench.encoder).search(text, 10, filters)
    return [
        (
            f"{hit.entry.source}:{hit.entry.line_start}",
            [f"{twin.source}:{twin.line_start}" for twin in hit.twins],
        )
        for hit in hits
    ]


def test_copies_of_a_note_are_one_hit_with_several_places(bench):
    bench.write(
        **{"old/caches": NOTE, "inbox/caches": NOTE, "other": "- SpillCache writes pages\n"}
    )
    assert dict(found(bench, "TierCache 相邻两页折成一页")) == {
        "notes/inbox/caches.md:2": ["notes/old/caches.md:2"],
        "notes/inbox/caches.md:3": ["notes/old/caches.md:3"],
        "notes/other.md:1": [],
    }


def test_a_filter_looks_at_the_twin_that_it_names(bench):
    bench.write(**{"a/caches": NOTE, "b/caches": NOTE})
    places = [place for place, _ in found(bench, "TierCache", Filters(file="b/caches"))]
    assert sorted(places) == ["notes/b/caches.md:2", "notes/b/caches.md:3"]


def test_short_remarks_on_two_papers_are_two_hits(bench):
    bench.write(one="# FlatKV\n- 没有消融实验\n", two="# RingKV\n- 没有消融实验\n")
    assert len(found(bench, "没有消融实验")) == 2


def test_long_text_is_one_hit_wherever_it_stands(bench):
    text = "- the router overflows when its capacity is one, whatever the batch size is\n"
    bench.write(one=f"# Routers\n{text}", two=f"# 路由\n{text}")
    assert found(bench, "router overflows") == [("notes/one.md:2", ["notes/two.md:2"])]


def test_what_a_file_says_twice_is_two_hits_of_that_file(bench):
    text = "- the router overflows when its capacity is one, whatever the batch size is\n"
    bench.write(one=f"# Routers\n{text}\n## Again\n\n{text}", two=f"# 路由\n{text}")
    assert sorted(found(bench, "router overflows")) == [
        ("notes/one.md:2", ["notes/two.md:2"]),
        ("notes/one.md:6", ["notes/two.md:2"]),
    ]


def test_lint_names_copies_and_long_entries_that_stand_twice(bench):
    text = "- the router overflows when its capacity is one, whatever the batch size is\n"
    more = f"# 路由\n- 短的\n{text}"
    bench.write(**{"a": NOTE, "b/a": NOTE.replace("页", "頁"), "c": f"# R\n{text}", "d": more})
    library = Library(Settings(corpus=bench.corpus, index=bench.index))
    assert [
        (one.source, one.line, one.message) for one in library.lint() if one.problem == "twin"
    ] == [
        ("notes/b/a.md", None, "says word for word what notes/a.md says"),
        (
            "notes/d.md",
            3,
            "“the router overflows when its capacity is one, whatever the batch size is” stands "
            "word for word at notes/c.md:2",
        ),
    ]


def test_places_of_twins_are_shown(bench):
    bench.write(**{"a/caches": NOTE, "b/caches": NOTE})
    bench.build()
    (hit, *_) = Retriever(bench.store.load(), bench.encoder).search("TierCache", 1)
    (twin,) = hit_json(hit)["twins"]
    assert (twin["source"], twin["line_start"], twin["line_end"]) == ("notes/b/caches.md", 2, 2)
    result = SearchResult("TierCache", "en", 0.0, (hit,), bench.store.manifest())
    assert "    also at: notes/b/caches.md:2" in search_text(result, False).split("\n")
