"""Adding notes and building the index in a real browser."""

from __future__ import annotations

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


def _open_tab(visit: Open, served: Served, **options: object) -> Page:
    page = visit(served.url, **options).page
    page.locator("button[role=tab]").nth(-1).click()
    page.locator("#pr-facts dd").first.wait_for()
    return page


def test_pasted_note_is_added_indexed_and_answered(own: Served, visit: Open) -> None:
    page = _open_tab(visit, own)
    page.locator("#pr-note-name input, #pr-note-name textarea").fill("新笔记/zebra")
    page.locator("#pr-note-body textarea").fill(
        "# Zebra notes\n\n- Zebra attention: stripes of tokens attend to stripes\n"
    )
    page.locator("#pr-add").click()
    expect(page.locator("#pr-added")).to_contain_text("notes/新笔记/zebra.md")
    assert (own.corpus / "notes" / "新笔记" / "zebra.md").exists()
    expect(page.locator("#pr-added")).to_contain_text("The next answer knows it already")
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
    page.locator("#pr-note-name input, #pr-note-name textarea").fill("mine.md")
    page.locator("#pr-note-body textarea").fill("- new")
    page.locator("#pr-add").click()
    expect(page.locator("#pr-added")).to_contain_text("exist already")
    assert target.read_text(encoding="utf-8") == "- old\n"
    page.locator("#pr-replace").click()
    expect(page.locator("#pr-added")).to_contain_text("Replaced")
    assert target.read_text(encoding="utf-8") == "- new"


@pytest.mark.parametrize("name", ["../../evil.md", "/tmp/evil.md", "evil.exe"])
def test_names_outside_the_corpus_are_refused(own: Served, visit: Open, name: str) -> None:
    page = _open_tab(visit, own)
    page.locator("#pr-note-name input, #pr-note-name textarea").fill(name)
    page.locator("#pr-note-body textarea").fill("- evil")
    page.locator("#pr-add").click()
    expect(page.locator("#pr-added")).to_contain_text("Not added")
    assert not list(own.corpus.parent.rglob("evil*"))


def test_zip_is_unpacked_into_the_notes(own: Served, visit: Open, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "vault.zip", "w") as archive:
        archive.writestr("vault/one.md", "- one thing\n")
        archive.writestr("vault/pic.png", b"\x89PNG")
        archive.writestr("../../evil.md", "- evil\n")
    page = _open_tab(visit, own)
    page.locator("#pr-upload input[type=file]").set_input_files(tmp_path / "vault.zip")
    expect(page.locator("#pr-upload")).to_contain_text("vault")
    page.locator("#pr-add").click()
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


def test_tab_in_chinese(own: Served, visit: Open) -> None:
    page = _open_tab(visit, own, locale="zh-CN")
    expect(page.locator("#pr-update")).to_have_text("更新索引")
    page.locator("#pr-update").click()
    expect(page.locator("#pr-report")).to_contain_text("完成")
    screenshot(page, "notes-zh")
