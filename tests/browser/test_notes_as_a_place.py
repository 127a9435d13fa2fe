"""Notes read, edited, renamed, deleted and dropped in a real browser."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app_corpus import PETS
from browser.conftest import Served, Visit, ask, screenshot, start_server, stop_server

Open = Callable[..., Visit]

BIRDS = """---
title: Birds that sing
tags: [bird, song]
status: reading
---

# Birds

See [[pets#Dogs|the dogs]] and [[missing note]].

![a red dot](pictures/dot.png) and ![[dot.png]]

Pitch rises with $\\sqrt{x}$.

| bird | song |
|---|---|
| lark | long |

- [ ] read about larks
- [x] Wren: sings loud
"""
DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
DROP = """([name, text]) => {
  const files = new DataTransfer();
  files.items.add(new File([text], name));
  const send = (kind) => document.body.dispatchEvent(
    new DragEvent(kind, { dataTransfer: files, bubbles: true, cancelable: true }));
  send('dragover');
  send('drop');
}"""
"""Lets go of a file over the page, as a hand would."""


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A page over a small vault that these tests may change."""
    folder = tmp_path_factory.mktemp("vault")
    notes = folder / "corpus" / "notes"
    (notes / "pictures").mkdir(parents=True)
    (notes / "pets.md").write_text(PETS, encoding="utf-8")
    (notes / "birds.md").write_text(BIRDS, encoding="utf-8")
    (notes / "pictures" / "dot.png").write_bytes(DOT)
    running = start_server(folder, ["-m", "paperrag", "serve"])
    yield running
    stop_server(running)


def _open_note(visit: Open, served: Served, source: str, **options: object) -> Page:
    page = visit(f"{served.url}#/note/{source.replace('/', '%2F')}", **options).page
    page.locator("#pr-viewer .pr-whole").wait_for()
    return page


def _drop(page: Page, name: str, text: str) -> None:
    page.locator("#pr-drop").wait_for(state="attached")  # the page is drawn
    page.evaluate(DROP, [name, text])


def _write(served: Served, name: str, text: str, page: Page) -> str:
    """Add a note as a drop does, so that it is indexed, and return its source."""
    _drop(page, name, text)
    expect(page.locator("#pr-toast")).to_contain_text("The next answer knows it already")
    page.locator("#pr-toast .pr-close").click()
    assert (served.corpus / "notes" / name).exists()
    return f"notes/{name}"


def test_note_is_read_with_fields_pictures_formulas_and_tables(vault: Served, visit: Open) -> None:
    page = _open_note(visit, vault, "notes/birds.md")
    view = page.locator("#pr-viewer")
    expect(view.locator("#pr-view-title")).to_have_text("Birds that sing")
    expect(view.locator(".pr-fields")).to_contain_text("bird, song")
    expect(view.locator("math msqrt")).to_have_count(1)
    expect(view.locator("td").first).to_have_text("lark")
    expect(view.locator("li").first).to_have_text("☐ read about larks")
    expect(view.locator("img")).to_have_count(2)
    for picture in view.locator("img").all():
        picture.scroll_into_view_if_needed()
        page.wait_for_function(
            "one => one.complete && one.naturalWidth === 1", arg=picture.element_handle()
        )
    screenshot(page, "whole-note-en")


def test_wiki_link_opens_its_note_at_the_heading_and_back_returns(
    vault: Served, visit: Open
) -> None:
    page = _open_note(visit, vault, "notes/birds.md")
    page.locator(".pr-wiki", has_text="the dogs").click()
    expect(page.locator("#pr-view-title")).to_have_text("Pets")
    expect(page.locator(".pr-prose .pr-here")).to_have_text("Dogs")
    page.go_back()
    expect(page.locator("#pr-view-title")).to_have_text("Birds that sing")


def test_note_is_asked_about_and_opened_in_an_editor(vault: Served, visit: Open) -> None:
    page = _open_note(visit, vault, "notes/birds.md")
    address = page.locator(".pr-editor").get_attribute("href")
    assert address == f"vscode://file{vault.corpus / 'notes' / 'birds.md'}:1"
    page.locator("[data-act=ask-file]").click()
    expect(page.locator("#pr-viewer")).to_be_hidden()
    expect(page.locator("#pr-scope .pr-in")).to_contain_text("in file notes/birds.md")
    ask(page, "which bird sings loud?")
    expect(page.locator(".pr-answer")).to_contain_text("Wren")


def test_edited_note_is_in_the_next_answer(vault: Served, visit: Open) -> None:
    page = visit(vault.url).page
    source = _write(vault, "finches.md", "- Finch: eats seeds\n", page)
    page.goto(f"{vault.url}#/note/{source.replace('/', '%2F')}")
    page.locator("[data-act=edit-note]").click()
    expect(page.locator("#pr-editor")).to_have_value("- Finch: eats seeds\n")
    page.locator("#pr-editor").fill("- Finch: cracks walnuts\n")
    screenshot(page, "edit-note-en")
    page.keyboard.press("Control+s")
    expect(page.locator("#pr-note-said")).to_contain_text("Saved. The next answer knows it already")
    expect(page.locator(".pr-whole .pr-prose")).to_have_text("Finch: cracks walnuts")
    page.keyboard.press("Escape")
    ask(page, "what does the finch crack?")
    expect(page.locator(".pr-answer")).to_contain_text("walnuts")


def test_what_is_typed_into_a_note_survives_a_reload(vault: Served, visit: Open) -> None:
    page = _open_note(visit, vault, "notes/pets.md")
    page.locator("[data-act=edit-note]").click()
    page.locator("#pr-editor").fill("half a thought")
    page.reload()
    page.locator("[data-act=edit-note]").click()
    expect(page.locator("#pr-editor")).to_have_value("half a thought")
    expect(page.locator("#pr-note-said")).to_contain_text("What you had typed here")
    page.locator("[data-act=leave-note]").click()
    expect(page.locator(".pr-whole .pr-prose")).to_contain_text("Tabby cats")
    page.locator("[data-act=edit-note]").click()
    expect(page.locator("#pr-editor")).to_have_value(PETS)


def test_note_changed_on_disk_is_not_written_over_unasked(vault: Served, visit: Open) -> None:
    page = visit(vault.url).page
    source = _write(vault, "owls.md", "- Owl: hoots\n", page)
    path = vault.corpus / source
    page.goto(f"{vault.url}#/note/{source.replace('/', '%2F')}")
    page.locator("[data-act=edit-note]").click()
    page.locator("#pr-editor").fill("- Owl: mine\n")
    path.write_text("- Owl: theirs\n", encoding="utf-8")
    page.locator(".pr-edit-buttons [data-act=save-note]").click()
    expect(page.locator("#pr-note-said")).to_contain_text("changed on disk meanwhile")
    expect(page.locator("#pr-editor")).to_have_value("- Owl: mine\n")
    assert path.read_text(encoding="utf-8") == "- Owl: theirs\n"
    page.locator("#pr-note-said [data-act=save-note]").click()
    expect(page.locator("#pr-note-said")).to_contain_text("Saved.")
    assert path.read_text(encoding="utf-8") == "- Owl: mine\n"


def test_where_one_reads_stays_when_another_index_is_served(vault: Served, visit: Open) -> None:
    page = visit(vault.url).page
    herons = "\n\n".join(f"Heron {number} waits." for number in range(150))
    source = _write(vault, "herons.md", f"{herons}\n", page)
    page.goto(f"{vault.url}#/note/{source.replace('/', '%2F')}")
    page.locator("[data-act=rename-note]").click()
    page.locator("#pr-note-rename").fill("notes/half")
    page.locator("#pr-viewer").evaluate("one => one.scrollTo(0, 600)")
    (vault.corpus / source).write_text(f"{herons}\n\nHeron 999 leaves.\n", encoding="utf-8")
    _write(vault, "egrets.md", "- Egret: white\n", page)
    expect(page.locator(".pr-whole .pr-prose")).to_contain_text("Heron 999 leaves")
    assert page.locator("#pr-viewer").evaluate("one => one.scrollTop") == 600
    expect(page.locator("#pr-note-rename")).to_have_value("notes/half")


def test_editor_opens_at_the_beginning(vault: Served, visit: Open) -> None:
    page = visit(vault.url).page
    gulls = "\n\n".join(f"Gull {number} cries." for number in range(150))
    source = _write(vault, "gulls.md", f"{gulls}\n", page)
    page.goto(f"{vault.url}#/note/{source.replace('/', '%2F')}")
    page.locator("[data-act=edit-note]").click()
    editor = page.locator("#pr-editor")
    expect(editor).to_be_focused()
    assert editor.evaluate("one => [one.scrollTop, one.selectionStart]") == [0, 0]


def test_editor_opens_at_the_line_that_was_read(vault: Served, visit: Open) -> None:
    page = visit(vault.url).page
    terns = "\n\n".join(f"Tern {number} dives." for number in range(150))
    source = _write(vault, "terns.md", f"{terns}\n", page)
    page.goto(f"{vault.url}#/note/{source.replace('/', '%2F')}:201")
    expect(page.locator(".pr-prose .pr-here")).to_have_text("Tern 100 dives.")
    for line in (page.locator(".pr-lines .pr-here"), page.locator(".pr-prose .pr-here")):
        page.locator("[data-act=note-form]").click()
        expect(line).to_have_text("Tern 100 dives.")
        expect(line).to_be_in_viewport()
    page.locator("[data-act=edit-note]").click()
    editor = page.locator("#pr-editor")
    expect(editor).to_be_focused()
    page.keyboard.type("A ")
    expect(editor).to_have_value(re.compile("\\n\\nA Tern 100 dives"))
    top, height, total = editor.evaluate(
        "one => [one.scrollTop, one.clientHeight, one.scrollHeight]"
    )
    assert top < total * 201 / 300 < top + height


def test_note_is_renamed_then_deleted_then_restored(vault: Served, visit: Open) -> None:
    page = visit(vault.url).page
    source = _write(vault, "crows.md", "- Crow: uses sticks\n", page)
    page.goto(f"{vault.url}#/note/{source.replace('/', '%2F')}")
    page.locator("[data-act=rename-note]").click()
    page.locator("#pr-note-rename").fill("notes/鸟/ravens.md")
    page.keyboard.press("Enter")
    expect(page.locator("#pr-note-said")).to_contain_text("Renamed to notes/鸟/ravens.md")
    target = vault.corpus / "notes" / "鸟" / "ravens.md"
    assert target.exists() and not (vault.corpus / source).exists()
    page.locator("[data-act=delete-note]").click()
    assert target.exists()  # the first click only asks
    page.locator("[data-act=delete-note]").click()
    expect(page.locator("#pr-toast")).to_contain_text("is in the trash")
    assert not target.exists()
    page.locator("[data-act=restore-note]").click()
    expect(page.locator("#pr-toast")).to_contain_text("is back")
    assert target.read_text(encoding="utf-8") == "- Crow: uses sticks\n"


def test_dropped_file_is_added_and_replaced_only_when_asked(vault: Served, visit: Open) -> None:
    page = visit(vault.url).page
    _drop(page, "swans.md", "- Swan: white\n")
    expect(page.locator("#pr-toast")).to_contain_text("notes/swans.md")
    expect(page.locator("#pr-toast")).to_contain_text("The next answer knows it already")
    _drop(page, "swans.md", "- Swan: white\n")
    expect(page.locator("#pr-toast")).to_contain_text("There already with the same contents")
    _drop(page, "swans.md", "- Swan: black\n")
    expect(page.locator("#pr-toast")).to_contain_text("exist already")
    path = vault.corpus / "notes" / "swans.md"
    assert path.read_text(encoding="utf-8") == "- Swan: white\n"
    page.locator("[data-act=replace-notes]").click()
    expect(page.locator("#pr-toast")).to_contain_text("Replaced")
    assert path.read_text(encoding="utf-8") == "- Swan: black\n"
    for name, data in (("picture.exe", "MZ"), ("binary.md", "PK\0\1\2\0\0\0")):
        _drop(page, name, data)
        expect(page.locator("#pr-toast")).to_contain_text("Not added")
        expect(page.locator("#pr-toast")).to_contain_text(name)
    assert not (vault.corpus / "notes" / "binary.md").exists()


def test_pasted_note_is_named_by_its_heading_and_listed(vault: Served, visit: Open) -> None:
    page = visit(vault.url).page
    page.locator("button[role=tab]").nth(-1).click()
    birds = page.locator("#pr-files-list li", has_text="Birds that sing")
    expect(birds).to_contain_text("bird")
    expect(birds).to_contain_text("reading")  # its status
    page.locator("#pr-note-body").fill("# 鹦鹉 Parrots\n\n- Parrot: repeats words\n")
    page.locator("#pr-add").click()
    expect(page.locator("#pr-added")).to_contain_text("notes/鹦鹉 Parrots.md")
    page.locator("#pr-files-find").fill("#song reading")
    expect(page.locator("#pr-files-list li")).to_have_count(1)
    page.locator("#pr-files-find").fill("鹦鹉")
    rows = page.locator("#pr-files-list li")
    expect(rows).to_have_count(1)
    screenshot(page, "files-en")
    rows.locator("button").click()
    expect(page.locator(".pr-whole .pr-prose")).to_contain_text("Parrot: repeats words")


def test_only_pictures_of_the_notes_are_shown(vault: Served, visit: Open, tmp_path: Path) -> None:
    page = visit(vault.url).page
    (vault.corpus.parent / "outside.png").write_bytes(DOT)
    (vault.corpus / ".hidden").mkdir(exist_ok=True)
    (vault.corpus / ".hidden" / "dot.png").write_bytes(DOT)
    for path, status in (
        ("pictures/dot.png", 200),
        ("../../outside.png", 404),
        ("../.hidden/dot.png", 404),
        (str(vault.corpus.parent / "outside.png"), 404),
        ("birds.md", 404),
    ):
        reply = page.request.get(
            f"{vault.url}paperrag/picture", params={"note": "notes/birds.md", "path": path}
        )
        assert (path, reply.status) == (path, status)
