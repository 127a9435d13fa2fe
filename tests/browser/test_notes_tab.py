"""Adding notes and building the index in a real browser."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser.conftest import Served, Visit, ask, copy_corpus, screenshot, start_server, stop_server

Open = Callable[..., Visit]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A page whose notes these tests may change."""
    folder = tmp_path_factory.mktemp("own")
    copy_corpus(folder)
    running = start_server(folder, ["-m", "paperrag", "serve"])
    yield running
    stop_server(running)


WORDS = """() => {
  const isOfNotes = (one) => one.closest("#pr-files-list, #pr-facts, #pr-indexed, #pr-language, script, style, .pr-card, #pr-past-list, "
    + ".pr-chip, .pr-scope-list, #pr-tree, .pr-list tbody, #pr-map-legend, #pr-map-list, #pr-saved-lists ul");
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  const found = [];
  while (walk.nextNode()) {
    const node = walk.currentNode;
    const element = node.nodeType === 1 ? node : node.parentElement;
    if (isOfNotes(element) || !element.checkVisibility()) continue;
    const said = node.nodeType === 3 ? [node.data] : ["title", "aria-label", "placeholder"].map((name) => node.getAttribute(name) ?? "");
    found.push(...said.map((text) => text.trim()).filter(Boolean));
  }
  return found;
}"""
"""What the page shows and tells screen readers, without what comes from notes."""

DRAWN = (".pr-list tbody tr", ".pr-map[data-drawn]", "#pr-saved-lists h2", "#pr-facts dd")
"""What is there once the tabs behind the first are drawn."""

NAMES = {"paperrag", "BibTeX", "Ollama", "OpenAI", "qwen3:4b", "Esc"}
"""Words of no language."""


def _show_tab(page: Page) -> None:
    page.locator("button[role=tab]").nth(-1).click()
    page.locator("#pr-facts dd").first.wait_for()


def _open_tab(visit: Open, served: Served, **options: object) -> Page:
    page = visit(served.url, **options).page
    _show_tab(page)
    return page


def test_pasted_note_is_added_indexed_and_answered(own: Served, visit: Open) -> None:
    page = _open_tab(visit, own)
    page.locator("#pr-note-name").fill("新笔记/zebra")
    page.locator("#pr-note-body").fill(
        "# Zebra notes\n\n- Zebra attention: stripes of tokens attend to stripes\n"
    )
    page.locator("#pr-add").click()
    expect(page.locator("#pr-added")).to_contain_text("notes/新笔记/zebra.md")
    assert (own.corpus / "notes" / "新笔记" / "zebra.md").exists()
    expect(page.locator("#pr-added")).to_contain_text("The next answer knows it already")
    expect(page.locator("#pr-note-body")).to_have_value("")
    page.locator("#pr-update").click()
    expect(page.locator("#pr-report")).to_contain_text("No file changed")
    screenshot(page, "notes-en")
    page.locator("button[role=tab]").first.click()
    ask(page, "what is zebra attention?")
    expect(page.locator(".pr-answer")).to_contain_text("stripes of tokens")


def test_existing_file_is_replaced_only_when_asked(own: Served, visit: Open) -> None:
    target = own.corpus / "notes" / "mine.md"
    target.write_text("- old\n", encoding="utf-8")
    page = _open_tab(visit, own)
    page.locator("#pr-note-name").fill("mine.md")
    page.locator("#pr-note-body").fill("- new")
    page.locator("#pr-add").click()
    expect(page.locator("#pr-added")).to_contain_text("exist already")
    assert target.read_text(encoding="utf-8") == "- old\n"
    expect(page.locator("#pr-note-body")).to_have_value("- new")
    page.locator("[data-act=replace-notes]").click()
    expect(page.locator("#pr-added")).to_contain_text("Replaced")
    assert target.read_text(encoding="utf-8") == "- new"


@pytest.mark.parametrize("name", ["../../evil.md", "/tmp/evil.md", "evil.exe"])
def test_names_outside_the_corpus_are_refused(own: Served, visit: Open, name: str) -> None:
    page = _open_tab(visit, own)
    page.locator("#pr-note-name").fill(name)
    page.locator("#pr-note-body").fill("- evil")
    page.locator("#pr-add").click()
    expect(page.locator("#pr-added")).to_contain_text("Not added")
    assert not list(own.corpus.parent.rglob("evil*"))


def test_zip_is_unpacked_into_the_notes(own: Served, visit: Open, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "vault.zip", "w") as archive:
        archive.writestr("vault/one.md", "- one thing\n")
        archive.writestr("vault/pic.png", b"\x89PNG")
        archive.writestr("../../evil.md", "- evil\n")
    page = _open_tab(visit, own)
    page.locator("#pr-upload input").set_input_files(tmp_path / "vault.zip")
    expect(page.locator("#pr-added")).to_contain_text("notes/vault/one.md")
    expect(page.locator("#pr-added")).to_contain_text("vault/pic.png: not a Markdown file")
    assert not list(own.corpus.parent.rglob("evil.md"))


def test_cancelled_rebuild_leaves_the_old_index_answering(own: Served, visit: Open) -> None:
    for number in range(3000):
        (own.corpus / "notes" / f"many-{number:04}.md").write_text(
            f"# Note {number}\n\n" + f"- entry {number}\n" * 8, encoding="utf-8"
        )
    manifest = (own.index / "catalogue.sqlite").read_bytes()
    page = _open_tab(visit, own)
    page.locator("#pr-rebuild").click()
    expect(page.locator("#pr-report")).to_contain_text("of 300")
    page.locator("#pr-cancel").click()
    expect(page.locator("#pr-report")).to_contain_text("the old index is whole")
    assert (own.index / "catalogue.sqlite").read_bytes() == manifest
    for path in (own.corpus / "notes").glob("many-*.md"):
        path.unlink()
    page.locator("button[role=tab]").first.click()
    ask(page, "which methods merge KV cache?")
    expect(page.locator(".pr-answer li")).to_have_count(4)


TOLD = """() => {
  paperrag.told = [];
  const look = () => paperrag.told.push(document.querySelector("#pr-report").innerText);
  new MutationObserver(look).observe(document.querySelector("#pr-report"), { childList: true, subtree: true });
}"""
"""Keeps all that is told of a build."""


def test_rebuild_is_told_by_files_and_never_goes_back(own: Served, visit: Open) -> None:
    page = _open_tab(visit, own)
    page.evaluate(TOLD)
    page.locator("#pr-rebuild").click()
    expect(page.locator("#pr-report")).to_contain_text("Done in")
    told = "\n".join(page.evaluate("paperrag.told"))
    files = [tuple(map(int, found)) for found in re.findall(r"(\d+) of (\d+) files", told)]
    assert files == sorted(files)
    assert len({total for _, total in files}) <= 1
    assert all(done <= total for done, total in files)


def test_page_picks_up_an_index_built_on_the_command_line(own: Served, visit: Open) -> None:
    page = visit(own.url).page
    expect(page.locator(".pr-brand")).to_contain_text("entries in")
    before = page.locator(".pr-brand").inner_text()
    (own.corpus / "notes" / "later.md").write_text(
        "- Okapi decoding: skips layers\n", encoding="utf-8"
    )
    command = [
        sys.executable,
        "-m",
        "paperrag",
        "--corpus",
        str(own.corpus),
        "--index",
        str(own.index),
        "index",
    ]
    subprocess.run(command, check=True, capture_output=True)
    expect(page.locator(".pr-brand")).not_to_have_text(before)
    ask(page, "okapi decoding")
    expect(page.locator(".pr-answer")).to_contain_text("skips layers")


def test_library_stays_where_one_reads_when_a_note_is_added(own: Served, visit: Open) -> None:
    page = visit(own.url).page
    page.locator("button[role=tab]").nth(1).click()
    rows, list_ = page.locator(".pr-list tbody tr"), page.locator("#pr-list")
    expect(rows).to_have_count(100)
    list_.evaluate("list => list.scrollTo(0, list.scrollHeight)")
    expect(rows).not_to_have_count(100)
    where = list_.evaluate("list => list.scrollTop")
    add = f"{own.url}paperrag/add?pasted=yes&name=tapir.md&lang=en"
    with page.expect_response("**/paperrag/tree?*"):
        assert page.request.post(add, data="- Tapir: swims\n").ok
    page.wait_for_function("top => document.querySelector('#pr-list').scrollTop === top", arg=where)


def test_what_is_pasted_stays_through_a_reload_and_another_language(
    own: Served, visit: Open
) -> None:
    page = _open_tab(visit, own)
    page.locator("#pr-note-body").fill("- half a note")
    page.reload()
    page.locator("button[role=tab]").nth(-1).click()
    expect(page.locator("#pr-note-body")).to_have_value("- half a note")
    page.locator("#pr-language").click()
    expect(page.locator("#pr-add")).to_have_text("添加")
    expect(page.locator("#pr-note-body")).to_have_value("- half a note")


def test_a_chinese_page_has_no_english_words(own: Served, visit: Open) -> None:
    page = visit(own.url).page  # the browser speaks English, the page was switched
    page.locator("#pr-language").click()
    ask(page, "怎么用高压锅煮饭？")
    page.locator("[data-act=scope]").click()
    said = [*page.evaluate(WORDS)]
    page.keyboard.press("Escape")
    page.locator("#pr-model-open").click()
    page.locator("#pr-model-menu select").select_option("ollama")
    said += page.evaluate(WORDS)
    page.keyboard.press("Escape")
    for number, sign in enumerate(DRAWN, start=1):
        page.locator("button[role=tab]").nth(number).click()
        page.locator(sign).first.wait_for()
        said += page.evaluate(WORDS)
    words = [text for text in said if not re.search("[\u4e00-\u9fff]", text)]
    assert {text for text in words if re.search("[A-Za-z]{2}", text)} <= NAMES


def test_tab_in_chinese(own: Served, visit: Open) -> None:
    page = _open_tab(visit, own, locale="zh-CN")
    expect(page.locator("#pr-update")).to_have_text("更新索引")
    page.locator("#pr-update").click()
    expect(page.locator("#pr-report")).to_contain_text("完成")
    screenshot(page, "notes-zh")
