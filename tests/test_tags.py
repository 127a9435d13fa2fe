from __future__ import annotations

import pytest

from fakes import NgramEncoder
from paperrag.config import Settings
from paperrag.errors import QueryError
from paperrag.library import Library
from paperrag.notes.tags import fits_tag
from paperrag.notes.tree import parse_note
from paperrag.page.api import Api
from paperrag.page.corpora import Corpora
from paperrag.page.library import LibraryPage
from paperrag.page.transcript import scope_words
from paperrag.page.turns import SearchScope
from paperrag.search.filtering import Filters
from paperrag.search.retrieval import Retriever
from small_corpus import make_assistant
from workbench import Bench

TIDE = """---
title: "TideCache: an index of pages"
aliases: [潮汐缓存]
tags: #cache/paged #待复现
doi: 10.1234/tide
---
- pages are moved by a tide
"""
LIST = """# Caches
- FlatKV drops tokens #cache/eviction https://arxiv.org/abs/2402.02057
  - 丢掉的词不再回来
- RingKV keeps a ring #读过 https://arxiv.org/abs/2401.10774
"""


@pytest.fixture(scope="module")
def assistant(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tags")
    return make_assistant(folder, {"notes/tide.md": TIDE, "notes/list.md": LIST}, NgramEncoder())


@pytest.fixture
def bench(tmp_path):
    bench = Bench(tmp_path, NgramEncoder())
    bench.write(tide=TIDE, list=LIST)
    bench.build()
    return bench


def lines(bench: Bench, **filters: object) -> set[str]:
    hits = Retriever(bench.store.load(), bench.encoder).search(
        "cache 缓存 pages ring 词",
        20,
        Filters(**filters),  # type: ignore[arg-type]
    )
    return {f"{hit.entry.source[6:]}:{hit.entry.line_start}" for hit in hits}


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        (("cache/eviction",), {"list.md:2", "list.md:3"}),
        (("#Cache",), {"tide.md:1", "tide.md:7", "list.md:2", "list.md:3"}),
        (("待复现",), {"tide.md:1", "tide.md:7"}),
        (("讀過",), {"list.md:4"}),
        (("cache", "待复现"), {"tide.md:1", "tide.md:7"}),
        (("读过", "待复现"), set()),
    ],
)
def test_tag_means_what_carries_it_and_all_below(bench, tags, found):
    assert lines(bench, tags=tags) == found


def test_tag_that_no_entry_has_is_refused_with_the_nearest(bench):
    with pytest.raises(QueryError, match="no entry has the tag 'cach'; nearest: cache/paged"):
        lines(bench, tags=("cach",))


@pytest.mark.parametrize(
    ("tag", "wanted", "fits"),
    [("a/b", "a", True), ("ab", "a", False), ("a", "a/b", False), ("A", "#a", True)],
)
def test_tag_means_those_below_it(tag, wanted, fits):
    assert fits_tag(tag, wanted) is fits


@pytest.mark.parametrize("name", ["潮汐缓存", "TideCache: an index of pages", "tide.md"])
def test_file_is_named_by_path_title_or_alias(bench, name):
    assert lines(bench, file=name) == {"tide.md:1", "tide.md:7"}


def test_tags_after_a_hash_in_front_matter_are_no_remark():
    note = parse_note("---\ntags:\n  - #剪枝\nTag: x\n---\n", "notes/a.md")
    assert note.paper.tags == ("剪枝",)
    assert parse_note("---\nTags: #剪枝 #蒸馏\n---\n", "notes/a.md").paper.tags == ("剪枝", "蒸馏")


def test_export_takes_the_papers_of_a_tag(bench, tmp_path):
    library = Library(Settings(corpus=bench.corpus, index=bench.index))
    assert [library.export(tags=tags).papers for tags in ((), ("cache",), ("读过",))] == [3, 2, 1]
    with pytest.raises(QueryError, match="no entry has the tags nothing; nothing to export"):
        library.export(tags=["nothing"])


# --- the page and programs ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "found"),
    [
        ("cache/eviction", {2, 3}),
        ("#读过", {4}),
        ("cache, 待复现", {1, 7}),
        ("读过，待复现", set()),
    ],
)
def test_programs_give_tags_as_one_text(assistant, tag, found):
    hits = Api(assistant).search("cache 缓存 pages ring 词", 20, tag=tag)["hits"]
    assert {hit["line_start"] for hit in hits} == found


def test_tags_are_parts_of_a_question_on_the_page(assistant):
    found = LibraryPage(Corpora(assistant)).scopes("evict")
    assert found[0] == {"part": "tag", "value": "cache/eviction", "label": "#cache/eviction"}
    scope = SearchScope(tag="cache/eviction")
    assert scope.filters == Filters(tags=("cache/eviction",))
    assert scope_words(scope, "zh") == ["标签 cache/eviction"]
