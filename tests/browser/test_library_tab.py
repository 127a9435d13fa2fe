"""Browsing in a real browser: tree, list, entry page, note with line numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from browser.conftest import Served, Visit, ask, screenshot

Open = Callable[..., Visit]
WIDTH_OF_WORDS = """one => {
  const pen = document.createElement('canvas').getContext('2d');
  pen.font = getComputedStyle(one).font;
  return pen.measureText(one.selectedOptions[0].text).width;
}"""


def _open_tab(visit: Open, served: Served, **options: object) -> Page:
    page = visit(served.url, **options).page
    page.locator("button[role=tab]").nth(1).click()
    page.locator(".pr-list tbody tr").first.wait_for()
    return page


def test_list_narrows_while_typing(served: Served, visit: Open) -> None:
    page = _open_tab(visit, served)
    expect(page.locator("#pr-list p").first).to_have_text("174 entries")
    page.locator("#pr-words input").press_sequentially("kv merg", delay=30)
    expect(page.locator("#pr-list p").first).not_to_have_text("174 entries")
    expect(page.locator(".pr-list tbody")).to_contain_text("CaM: Cache Merging")


@pytest.mark.parametrize("how", ["an input method", "paste", "Backspace", "Delete"])
def test_list_follows_the_search_box_however_it_changes(
    served: Served, visit: Open, how: str
) -> None:
    page = _open_tab(visit, served)
    field = page.locator("#pr-words input")
    rows, count = page.locator(".pr-list tbody"), page.locator("#pr-list p").first
    field.focus()
    if how == "an input method":
        page.context.new_cdp_session(page).send("Input.insertText", {"text": "太弱"})
        expect(rows).to_contain_text("太弱")
        expect(count).not_to_have_text("174 entries")
    elif how == "paste":
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.evaluate("navigator.clipboard.writeText('Cache Merging')")
        page.keyboard.press("Control+v")
        expect(rows).to_contain_text("CaM: Cache Merging")
        expect(count).not_to_have_text("174 entries")
    else:
        field.press_sequentially("q")
        expect(count).not_to_have_text("174 entries")
        if how == "Delete":
            page.keyboard.press("Home")
        page.keyboard.press(how)
        expect(count).to_have_text("174 entries")


def test_rest_of_a_long_list_comes_as_one_scrolls(served: Served, visit: Open) -> None:
    page = _open_tab(visit, served)
    rows = page.locator(".pr-list tbody tr")
    expect(rows).to_have_count(100)
    page.locator("#pr-list").evaluate("list => list.scrollTo(0, list.scrollHeight)")
    expect(rows).to_have_count(174)


def test_branch_of_the_tree_narrows_and_counts(served: Served, visit: Open) -> None:
    page = _open_tab(visit, served)
    branch = page.locator(".pr-branch button", has_text="Prompt injection")
    expect(branch.locator("i")).to_have_text("5")
    branch.click()
    expect(page.locator(".pr-list tbody tr")).to_have_count(5)
    screenshot(page, "library-branch-en")


def test_branches_fold_and_unfold(served: Served, visit: Open) -> None:
    page = _open_tab(visit, served)
    fold = page.get_by_role("button", name="What is below RLHF")
    expect(fold).to_have_attribute("aria-expanded", "true")
    fold.click()
    expect(page.locator(".pr-branch button", has_text="PRM")).to_be_hidden()
    fold.click()
    expect(page.locator(".pr-branch button", has_text="PRM")).to_be_visible()


def test_entries_are_sorted_and_filtered(served: Served, visit: Open) -> None:
    page = _open_tab(visit, served)
    page.locator("#pr-list-language").select_option("zh")
    expect(page.locator("#pr-list p").first).not_to_have_text("174 entries")
    page.locator("#pr-list-order").select_option("title")
    titles = page.locator(".pr-list tbody tr td:first-child")
    expect(titles.first).not_to_contain_text("Deepmind PAV")


def test_entry_page_shows_children_related_and_numbered_lines(served: Served, visit: Open) -> None:
    page = _open_tab(visit, served)
    screenshot(page, "library-en")
    page.locator(".pr-list td button", has_text="Deepmind PAV").first.click()
    view = page.locator(".pr-view")
    expect(view.locator("h3")).to_have_text("Deepmind PAV")
    assert view.locator(".pr-entries").count() == 2  # children, related
    twin = view.locator(".pr-entries").last.locator(".pr-twin")
    expect(twin.first).to_have_text("other language")
    expect(view.locator(".pr-lines .pr-here")).to_have_attribute("value", "6")
    screenshot(page, "entry-en")
    view.locator(".pr-entries").first.locator("button").nth(0).click()
    expect(view.locator("h3")).to_have_text("只做了math")
    view.locator("[data-act=note]").click()
    expect(view.locator("h3#pr-view-title")).to_have_text("Paper-Reading")
    here = view.locator(".pr-prose .pr-here")
    expect(here).to_contain_text("只做了math")
    expect(here).to_be_in_viewport()
    screenshot(page, "note-en")
    view.locator("[data-act=note-form]").click()
    expect(view.locator(".pr-lines .pr-here")).to_contain_text("只做了math")
    expect(view.locator(".pr-lines .pr-here")).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(view).not_to_be_visible()


def test_card_opens_the_note_at_its_line(served: Served, visit: Open) -> None:
    page = visit(served.url).page
    ask(page, "which methods merge KV cache?")
    page.locator(".pr-card [data-act=note]").first.click()
    here = page.locator(".pr-view .pr-prose .pr-here")
    expect(here).to_contain_text("CaM: Cache Merging")
    expect(here).to_be_in_viewport()
    page.locator("#pr-viewer .pr-close").click()
    expect(page.locator(".pr-view")).not_to_be_visible()


def test_formula_of_a_note_is_drawn(served: Served, visit: Open) -> None:
    page = _open_tab(visit, served)
    page.locator("#pr-words input").fill("证明者 太弱")
    page.locator(".pr-list td button", has_text="太弱").first.click()
    expect(page.locator(".pr-view math").first).to_be_visible()
    assert page.locator(".pr-view math mi").first.text_content() in "μπ"
    screenshot(page, "entry-formula-en")


def test_library_in_chinese(served: Served, visit: Open) -> None:
    page = _open_tab(visit, served, locale="zh-CN")
    expect(page.locator(".pr-list th").first).to_have_text("条目")
    page.locator(".pr-list td button").first.click()
    expect(page.locator(".pr-view h4").last).to_contain_text("在笔记中")
    screenshot(page, "library-entry-zh")


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
@pytest.mark.parametrize("width", [390, 768])
def test_search_and_filters_have_room(served: Served, visit: Open, locale: str, width: int) -> None:
    page = _open_tab(visit, served, locale=locale, viewport={"width": width, "height": 844})
    box = page.locator("#pr-words input").bounding_box()
    assert box is not None
    assert box["width"] > 350
    for choice in page.locator("#pr-list-tools select").all():
        words = choice.evaluate(WIDTH_OF_WORDS)
        room = choice.evaluate("one => one.clientWidth - 28")
        assert words <= room, choice.get_attribute("aria-label")
