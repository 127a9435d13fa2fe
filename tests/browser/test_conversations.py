"""Conversations are kept: over a reload and a restart, found, renamed, exported, deleted, shared by
their address.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, Route, expect

from app_corpus import PETS
from browser.conftest import Served, Visit, ask, screenshot, start_server, stop_server

Open = Callable[..., Visit]


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    (tmp_path / "corpus" / "notes").mkdir(parents=True)
    (tmp_path / "corpus" / "notes" / "pets.md").write_text(PETS, encoding="utf-8")
    return tmp_path


def _rows(page: Page) -> list[str]:
    return page.locator("#pr-past-list .pr-past-open").all_inner_texts()


def test_conversation_survives_reload_and_restart(pets: Path, visit: Open) -> None:
    first = start_server(pets, ["-m", "paperrag", "serve"])
    try:
        page = visit(first.url).page
        ask(page, "which cats are talkative?")
        ask(page, "暹罗猫的眼睛是什么颜色？")
        expect(page).to_have_url(re.compile(r"#/c/.+"))
        page.reload()
        expect(page.locator(".pr-question")).to_have_text(
            ["which cats are talkative?", "暹罗猫的眼睛是什么颜色？"]
        )
        expect(page.locator(".pr-card").first).to_be_visible()
        fragment = page.url.partition("#")[2]
        page.goto("about:blank")
    finally:
        stop_server(first)
    second = start_server(pets, ["-m", "paperrag", "serve"])
    try:
        page = visit(f"{second.url}#{fragment}").page
        expect(page.locator(".pr-turn")).to_have_count(2)
        expect(page.locator("#pr-past-list .pr-current")).to_contain_text("talkative")
        ask(page, "and what do they look like?")
        expect(page.locator(".pr-turn")).to_have_count(3)
        page.goto("about:blank")
    finally:
        stop_server(second)


def test_conversations_are_found_renamed_and_deleted(pets: Path, visit: Open) -> None:
    own = start_server(pets, ["-m", "paperrag", "serve"])
    try:
        page = visit(own.url).page
        ask(page, "which cats are talkative?")
        page.locator("#pr-clear").click()
        ask(page, "What do Collie dogs herd?")
        expect(page.locator("#pr-past-list .pr-past-open")).to_have_text(
            ["What do Collie dogs herd?", "which cats are talkative?"]
        )
        page.locator("#pr-past-find").fill("SIAMESE")  # a word of the answer, whatever its case
        expect(page.locator("#pr-past-list .pr-past-open")).to_have_text(
            ["which cats are talkative?"]
        )
        page.locator("#pr-past-find").fill("")
        row = page.locator("#pr-past-list li", has_text="talkative")
        row.hover()
        row.locator("summary").click()
        row.locator("[data-act=rename]").click()
        page.locator(".pr-past-name").fill("会说话的猫")
        page.keyboard.press("Enter")
        expect(page.locator("#pr-past-list .pr-past-open").nth(1)).to_have_text("会说话的猫")
        screenshot(page, "conversations-en")
        row = page.locator("#pr-past-list li", has_text="Collie")
        row.hover()
        row.locator("summary").click()
        row.locator("[data-act=delete]").click()
        expect(row.locator("[data-act=delete]")).to_have_text("Delete for good?")
        row.locator("[data-act=delete]").click()
        expect(page.locator("#pr-past-list .pr-past-open")).to_have_text(["会说话的猫"])
        expect(page.locator(".pr-turn")).to_have_count(0)
        page.goto("about:blank")
    finally:
        stop_server(own)


def test_open_menu_and_typed_name_outlast_a_change_of_the_list(pets: Path, visit: Open) -> None:
    own = start_server(pets, ["-m", "paperrag", "serve"])
    try:
        page = visit(own.url).page
        ask(page, "which cats are talkative?")
        row = page.locator("#pr-past-list li.pr-current")
        row.hover()
        row.locator("summary").click()
        page.keyboard.press("Escape")
        expect(row.locator("[data-act=rename]")).to_be_hidden()
        expect(row.locator("summary")).to_be_focused()
        row.locator("summary").click()
        _list_anew(page)
        row.locator("[data-act=rename]").click()
        page.locator(".pr-past-name").fill("会说")
        _list_anew(page)
        page.locator(".pr-past-name").press_sequentially("话的猫")
        page.keyboard.press("Enter")
        expect(page.locator("#pr-past-list .pr-past-open")).to_have_text(["会说话的猫"])
        page.goto("about:blank")
    finally:
        stop_server(own)


def _list_anew(page: Page) -> None:
    """Have the list fetched, as it is when an answer has ended."""
    with page.expect_response("**/paperrag/conversations*") as listed:
        page.evaluate("paperrag.past.refresh()")
    listed.value.finished()
    page.evaluate("() => new Promise(requestAnimationFrame)")


def test_conversation_is_exported_as_markdown(served: Served, visit: Open) -> None:
    page = visit(served.url).page
    ask(page, "which methods merge KV cache?")
    row = page.locator("#pr-past-list li.pr-current")
    row.hover()
    row.locator("summary").click()
    with page.expect_download() as download:
        row.locator("[data-act=export]").click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert text.startswith("# which methods merge KV cache?\n")
    assert "通过merge来利用逐出的元素" in text


def test_back_closes_the_drawer_and_forward_opens_it(served: Served, visit: Open) -> None:
    page = visit(served.url).page
    ask(page, "which methods merge KV cache?")
    conversation = page.url
    page.locator(".pr-card [data-act=open]").first.click()
    expect(page.locator("#pr-viewer h3")).to_contain_text("CaM: Cache Merging")
    expect(page.locator("#pr-viewer .pr-back")).to_be_hidden()  # there is only × to leave it
    page.locator(".pr-view .pr-entries button").first.click()
    expect(page.locator("#pr-viewer h3")).not_to_contain_text("CaM: Cache Merging")
    page.locator("#pr-viewer .pr-back").click()
    expect(page.locator("#pr-viewer h3")).to_contain_text("CaM: Cache Merging")
    page.go_back()
    expect(page.locator("#pr-viewer")).to_be_hidden()
    expect(page).to_have_url(conversation)
    expect(page.locator(".pr-turn")).to_have_count(1)
    page.go_forward()
    expect(page.locator("#pr-viewer")).to_be_visible()
    expect(page.locator("#pr-viewer h3")).to_contain_text("CaM: Cache Merging")
    page.keyboard.press("Escape")
    expect(page).to_have_url(conversation)


def test_the_drawer_can_be_closed_from_the_end_of_a_long_note(served: Served, visit: Open) -> None:
    page = visit(f"{served.url}#/note/notes/paper-reading.md").page
    drawer = page.locator("#pr-viewer")
    expect(drawer.locator(".pr-whole")).to_be_visible()
    drawer.evaluate("element => element.scrollTo(0, element.scrollHeight)")
    expect(drawer.locator(".pr-close")).to_be_in_viewport(ratio=1)
    drawer.locator(".pr-close").click()
    expect(drawer).to_be_hidden()


def test_escape_closes_a_drawer_that_is_still_loading(served: Served, visit: Open) -> None:
    page = visit(served.url).page
    ask(page, "which methods merge KV cache?")
    conversation = page.url
    held: list[Route] = []
    page.route("**/entry?*", lambda route: held.append(route))
    with page.expect_request("**/entry?*"):
        page.locator(".pr-card [data-act=open]").first.click()
    expect(page).to_have_url(re.compile("#/entry/"))
    page.keyboard.press("Escape")
    expect(page).to_have_url(conversation)
    with page.expect_response("**/entry?*") as late:
        held[0].continue_()
    late.value.finished()
    page.wait_for_timeout(200)  # time to show what must not be shown
    expect(page.locator("#pr-viewer")).to_be_hidden()


def test_address_of_an_entry_opens_it(served: Served, visit: Open) -> None:
    page = visit(served.url).page
    ask(page, "which methods merge KV cache?")
    page.locator(".pr-card [data-act=open]").first.click()
    expect(page).to_have_url(re.compile("#/entry/"))
    other = visit(page.url).page
    expect(other.locator("#pr-viewer h3")).to_contain_text("CaM: Cache Merging")
    other.keyboard.press("Escape")
    expect(other.locator("#pr-viewer")).to_be_hidden()


def test_entry_is_asked_about_from_its_page(served: Served, visit: Open) -> None:
    page = visit(served.url).page
    page.locator("button[role=tab]").nth(1).click()
    page.locator("#pr-words input").fill("KVMerger")
    page.locator(".pr-list td button", has_text="KVMerger").first.click()
    page.locator("[data-act=ask-about]").click()
    expect(page.locator("#pr-viewer")).to_be_hidden()
    expect(page.locator(".pr-question")).to_contain_text("KVMerger")
    expect(page.locator(".pr-answer")).to_be_visible()
    expect(page).to_have_url(re.compile(r"#/c/.+"))


def test_address_with_a_question_asks_it(served: Served, visit: Open) -> None:
    page = visit(f"{served.url}?q={quote('什么是 ALiBi？')}").page
    expect(page.locator(".pr-question")).to_have_text("什么是 ALiBi？")
    expect(page.locator(".pr-answer")).to_be_visible()
    expect(page).not_to_have_url(re.compile(r"\?q="))


def test_address_goes_on_with_a_conversation_in_a_part_of_the_notes(
    served: Served, visit: Open
) -> None:
    first = visit(served.url).page
    ask(first, "what is ALiBi?")
    expect(first).to_have_url(re.compile(r"#/c/.+"))
    conversation = first.url.rsplit("/", 1)[-1]
    page = visit(f"{served.url}?c={conversation}&q={quote('LoRA rank')}&section=LoRA").page
    expect(page.locator(".pr-question")).to_have_text(["what is ALiBi?", "LoRA rank"])
    expect(page.locator(".pr-turn").nth(1).locator(".pr-scoped")).to_have_text("in LoRA")
    expect(page).to_have_url(f"{served.url}#/c/{conversation}")
    other = visit(f"{served.url}?c={conversation}").page
    expect(other.locator(".pr-question").first).to_have_text("what is ALiBi?")
    expect(other).to_have_url(f"{served.url}#/c/{conversation}")


def test_copied_link_asks_the_same_question_in_the_same_place(served: Served, visit: Open) -> None:
    page = visit(f"{served.url}?q={quote('LoRA 的秩？')}&section=LoRA&kind=note").page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator(".pr-tools [data-act=link]").click()
    expect(page.locator(".pr-tools [data-act=link]")).to_have_text("Copied")
    link = page.evaluate("navigator.clipboard.readText()")
    assert (
        link == f"{served.url}?q={quote('LoRA 的秩？').replace('%20', '+')}&section=LoRA&kind=note"
    )


def test_address_of_no_conversation_is_told(served: Served, visit: Open) -> None:
    page = visit(f"{served.url}#/c/none").page
    expect(page.locator("#pr-trouble")).to_have_text("There is no such conversation here.")
    ask(page, "what is ALiBi?")
    expect(page.locator(".pr-turn")).to_have_count(1)
