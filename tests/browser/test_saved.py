"""Stars, the reading list, the comparison table and what is exported, in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from app_corpus import PETS
from browser.conftest import Served, Visit, ask, screenshot, start_server, stop_server

Open = Callable[..., Visit]

OWLS = """---
title: Owls at night
tags: [bird, 夜]
status: to read
---

Owls hunt at night. https://arxiv.org/abs/2401.00002

- [ ] look up their ears
"""


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("shelf")
    notes = folder / "corpus" / "notes"
    notes.mkdir(parents=True)
    (notes / "pets.md").write_text(PETS, encoding="utf-8")
    (notes / "owls.md").write_text(OWLS, encoding="utf-8")
    running = start_server(folder, ["-m", "paperrag", "serve"])
    yield running
    stop_server(running)


def _open_tab(page: Page) -> Locator:
    page.locator("#pr-tab-collect-button").click()
    lists = page.locator("#pr-saved-lists")
    expect(lists.locator("h2").first).to_be_visible()
    return lists


def _downloaded(page: Page, form: str) -> str:
    with page.expect_download() as download:
        page.locator(f"[data-act=export-saved][data-form={form}]").click()
    return Path(download.value.path()).read_text(encoding="utf-8")


def test_starred_entry_and_answer_are_saved_shown_and_exported(shelf: Served, visit: Open) -> None:
    page = visit(shelf.url).page
    ask(page, "what do Collie dogs herd?")
    star = page.locator(".pr-card .pr-star").first
    expect(star).to_have_attribute("aria-pressed", "false")
    star.click()
    expect(star).to_have_attribute("aria-pressed", "true")
    page.locator(".pr-tools .pr-star").click()
    expect(page.locator(".pr-tools .pr-star")).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(page.locator(".pr-card .pr-star").first).to_have_attribute("aria-pressed", "true")
    lists = _open_tab(page)
    expect(lists).to_contain_text("Collie dogs")
    expect(lists).to_contain_text("what do Collie dogs herd?")
    text = _downloaded(page, "md")
    assert "> - Collie dogs: herd sheep" in text and "**what do Collie dogs herd?**" in text
    assert "2401.00001" in _downloaded(page, "bib")
    lists.locator(".pr-star[data-kind=answer]").click()
    expect(lists).to_contain_text("A star below an answer saves it here")
    lists.locator(".pr-star[data-kind=entry]").click()
    expect(lists).to_contain_text("A star beside an entry saves it here")
    page.locator("[data-act=export-saved][data-form=md]").click()
    expect(page.locator("#pr-saved-said")).to_have_text("Nothing is saved yet.")


def test_reading_list_comes_from_task_boxes_and_front_matter(shelf: Served, visit: Open) -> None:
    page = visit(shelf.url).page
    lists = _open_tab(page)
    expect(lists).to_contain_text("look up their ears")
    group = lists.locator(".pr-group > summary", has_text="to read")
    expect(group).to_have_css("list-style-type", "none")  # folded by the sign of the library's tree
    group.click()
    lists.locator(".pr-group[open] [data-act=open]", has_text="Owls at night").click()
    expect(page.locator("#pr-view-title")).to_have_text("Owls at night")


def test_chosen_entries_are_compared_side_by_side(shelf: Served, visit: Open) -> None:
    page = visit(shelf.url).page
    ask(page, "which cats are talkative?")
    star = page.locator(".pr-card .pr-star").first
    star.click()
    expect(star).to_have_attribute("aria-pressed", "true")  # it is kept
    lists = _open_tab(page)
    page.locator("[data-act=compare]").click()
    expect(page.locator("#pr-saved-said")).to_have_text("Tick the entries to compare.")
    lists.locator(".pr-choice").first.check()
    lists.locator(".pr-group > summary", has_text="to read").click()
    lists.locator(".pr-group[open] .pr-choice").first.check()
    page.locator("[data-act=compare]").click()
    rows = page.locator(".pr-compared tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text("Owls at night")
    expect(rows.nth(1)).to_contain_text("#bird #夜")
    screenshot(page, "saved-en")
    table = page.locator("#pr-compare [data-act=copy]").get_attribute("data-text") or ""
    assert table.startswith("| Entry | Venue |") and table.count("\n") == 4
    lists.locator(".pr-group[open] .pr-choice").first.uncheck()  # the other one has no tags
    page.locator("[data-act=compare]").click()
    expect(rows).to_have_count(1)
    expect(page.locator(".pr-compared th", has_text="Tags")).to_have_count(0)
    page.set_viewport_size({"width": 390, "height": 844})  # one below the other
    assert page.locator("#pr-compare").evaluate("one => one.scrollWidth <= one.clientWidth")
    screenshot(page, "saved-phone-en")
    page.set_viewport_size({"width": 1360, "height": 860})
    page.locator("#pr-language").click()
    expect(page.locator("[data-act=compare]")).to_have_text("对比所选条目")
    screenshot(page, "saved-zh")
