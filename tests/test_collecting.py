"""What is collected on the page, without a browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from app_corpus import open_pets
from paperrag.errors import QueryError
from paperrag.page.chat import Asked, Chat
from paperrag.page.collecting import CollectPage
from paperrag.page.collection import Collection, Star
from paperrag.page.conversations import Conversations
from paperrag.page.corpora import Corpora
from paperrag.page.reading_list import reading_list
from paperrag.page.turns import SearchScope

OWLS = """---
title: Owls | night
tags: [bird, 夜]
status: to read
status_old: done
---

- [ ] ears
- [x] eyes
1. [ ] 羽毛

A line with [ ] in it.
"""


def _page(folder: Path) -> CollectPage:
    chat = Chat(
        Corpora(open_pets(folder)), Conversations(folder / "kept.sqlite", folder / "corpus")
    )
    (folder / "corpus" / "notes" / "owls.md").write_text(OWLS, encoding="utf-8")
    chat.corpora.all[0].assistant.build()
    return CollectPage(chat, Collection(folder / "kept.sqlite", folder / "corpus"))


def _entry_id(page: CollectPage, query: str) -> str:
    return page._corpora.asked().search(query, 1).hits[0].entry.id


def test_each_corpus_has_its_own_stars_the_newest_first(tmp_path: Path) -> None:
    ours, theirs = (Collection(tmp_path / "kept.sqlite", tmp_path / name) for name in ("a", "b"))
    for name in ("one", "two"):
        ours.add(Star("entry", name, name))
    ours.add(Star("entry", "one", "again"))  # is there already
    theirs.add(Star("answer", "c/0", "三", "{}"))
    assert [star.title for star in ours.all()] == ["two", "one"]
    assert theirs.all() == [Star("answer", "c/0", "三", "{}")]
    theirs.remove("entry", "one")
    ours.remove("entry", "two")
    assert [star.id for star in ours.all()] == ["one"]


def test_reading_list_holds_open_tasks_states_and_tags(tmp_path: Path) -> None:
    found = reading_list([(_page(tmp_path)._corpora.all[0].data(), lambda entry: entry)])
    assert [entry.title for entry in found.tasks.entries] == ["ears", "羽毛"]
    assert [(group.name, len(group.entries)) for group in found.states] == [("to read", 1)]
    assert [group.name for group in found.tags] == ["bird", "夜"]


def test_answer_stays_collected_when_its_conversation_is_deleted(tmp_path: Path) -> None:
    page = _page(tmp_path)
    for step in page._chat.ask(Asked("what do Collie dogs herd?", "c", "r", SearchScope(), "en")):
        assert step is None or step["id"] == "c"
    page.star("answer", "c/0", True, "en")
    page._chat.delete("c")
    assert page.stars() == {"entry": [], "answer": ["c/0"]}
    assert "herd sheep" in page.export("md", [], "en")["text"]
    assert "2401.00001" in page.export("bib", [], "en")["text"]
    tab = page.page("en")
    assert "what do Collie dogs herd?" in tab and "herd sheep</p>" in tab


def test_compared_entries_give_a_markdown_table(tmp_path: Path) -> None:
    page = _page(tmp_path)
    ids = [_entry_id(page, "Tabby cats striped fur"), _entry_id(page, "Owls night")]
    table = page.compare([*ids, ids[0], "gone"], "zh")["text"].splitlines()
    assert table[:2] == ["| 条目 | 笔记内容 | 标签 | 行 |", "|" + " --- |" * 4]
    assert len(table) == 4
    assert table[3].startswith("| Owls \\| night |") and "#bird #夜" in table[3]


@pytest.mark.slow
def test_nothing_to_export_or_compare_is_said(tmp_path: Path) -> None:
    page = _page(tmp_path)
    with pytest.raises(QueryError, match="Nothing is saved"):
        page.export("md", [], "en")
    with pytest.raises(QueryError, match="请先勾选"):
        page.compare(["gone"], "zh")
    with pytest.raises(QueryError, match="no longer"):
        page.star("entry", "gone", True, "en")
    with pytest.raises(QueryError, match="no such conversation"):
        page.star("answer", "gone/0", True, "en")
