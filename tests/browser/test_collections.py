"""The page over two collections: both are asked, seen, narrowed to one, and added to."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from browser.conftest import Served, Visit, ask, screenshot, start_server, stop_server
from browser.test_notes_as_a_place import DROP
from workbench import write_file

Open = Callable[..., Visit]

PETS = "# Pets\n\n- Tabby: striped fur, sleeps all day\n- 暹罗猫 Siamese：爱叫，蓝眼睛\n"
BOATS = "# Boats\n\n## Sails\n\n- Catboat: one sail, see [[dory]]\n- 拖船：船身短，发动机有力\n"
DORY = "# Dory\n\n- A boat of one sail and two oars\n"


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The page over pets and boats."""
    folder = tmp_path_factory.mktemp("both")
    write_file(folder / "pets" / "pets.md", PETS)
    write_file(folder / "boats" / "boats.md", BOATS)
    write_file(folder / "boats" / "dory.md", DORY)
    tables = (f'[collections.{name}]\ncorpus = "{folder}/{name}"\n' for name in ("pets", "boats"))
    write_file(folder / "config" / "paperrag" / "paperrag.toml", "".join(tables))
    home = {"XDG_CONFIG_HOME": str(folder / "config"), "XDG_DATA_HOME": str(folder / "data")}
    command = ["-m", "paperrag", "-c", "pets", "-c", "boats", "serve"]
    running = start_server(folder, command, environment=home)
    yield running
    stop_server(running)


def show_tab(page: Page, name: str) -> None:
    page.locator(f"#pr-tab-{name}-button").click()


def test_an_answer_names_collections_and_a_follow_up_goes_on(both: Served, visit: Open) -> None:
    page = visit(both.url).page
    ask(page, "which boats have one sail?")
    expect(page.locator(".pr-answer h3.pr-collection", has_text="boats")).to_be_visible()
    card = page.locator(".pr-card", has_text="Catboat").first
    expect(card.locator(".pr-crumbs").first).to_contain_text("boats")
    expect(card.locator(".pr-verified")).to_be_visible()
    screenshot(page, "collections-answer")
    ask(page, "which of them has oars?")
    expect(page.locator(".pr-turn").nth(1)).to_contain_text("two oars")


def test_a_scope_is_one_collection_and_is_kept(both: Served, visit: Open) -> None:
    page = visit(both.url).page
    page.locator("#pr-scope-add").click()
    page.get_by_role("button", name="in pets", exact=True).click()
    expect(page.locator(".pr-in")).to_contain_text("in pets")
    ask(page, "how does a catboat sail?")
    turn = page.locator(".pr-turn").first
    expect(turn.locator(".pr-scoped")).to_have_text("in pets")
    page.reload()
    expect(page.locator(".pr-in")).to_contain_text("in pets")
    page.locator("#pr-scope-add").click()
    page.locator("#pr-scope-menu input").fill("sails")
    expect(page.locator(".pr-scope-list")).to_contain_text("No section")
    page.keyboard.press("Escape")
    page.locator("[data-act=everywhere]").first.click()
    expect(page.locator(".pr-turn").nth(1)).to_contain_text("Catboat")
    expect(page.locator(".pr-in")).to_have_count(0)


def test_the_library_begins_with_collections_and_narrows_to_one(both: Served, visit: Open) -> None:
    page = visit(both.url).page
    show_tab(page, "library")
    expect(page.locator("#pr-list")).to_contain_text("Tabby")
    expect(page.locator("#pr-list")).to_contain_text("Catboat")
    page.locator("#pr-tree [data-act=place]", has_text="boats").first.click()
    expect(page.locator("#pr-list")).not_to_contain_text("Tabby")
    page.get_by_role("button", name="Catboat").first.click()
    expect(page.locator("#pr-viewer")).to_contain_text("In the note")


def test_related_entries_come_from_both_collections(both: Served, visit: Open) -> None:
    page = visit(both.url).page
    show_tab(page, "library")
    page.locator(".pr-list button", has_text="Tabby").click()
    related = page.locator("#pr-viewer li", has_text="Catboat")
    expect(related.locator(".pr-venue")).to_have_text("boats")


def test_an_entry_and_a_note_have_addresses(both: Served, visit: Open) -> None:
    page = visit(f"{both.url}#/note/boats%3Aboats.md").page
    drawer = page.locator("#pr-viewer")
    expect(drawer.locator(".pr-file")).to_have_text("boats:boats.md")
    drawer.locator(".pr-wiki").click()
    expect(drawer.locator(".pr-file")).to_have_text("boats:dory.md")
    page.go_back()
    expect(drawer.locator(".pr-file")).to_have_text("boats:boats.md")
    show_tab(page, "library")
    page.locator("#pr-list [data-act=open]", has_text="Tabby").click()
    page.wait_for_url("**/#/entry/pets*")
    page.reload()
    expect(page.locator("#pr-viewer")).to_contain_text("striped fur")


def test_files_and_map_narrow_to_one_collection(both: Served, visit: Open) -> None:
    page = visit(both.url).page
    show_tab(page, "notes")
    files = page.locator("#pr-files-list")
    expect(files).to_contain_text("pets:pets.md")
    page.locator("#pr-files-collection").select_option("boats")
    expect(files).not_to_contain_text("pets:pets.md")
    expect(files).to_contain_text("boats:boats.md")
    show_tab(page, "map")
    points = page.locator("#pr-map-list")
    expect(points).to_contain_text("Tabby")
    page.locator("#pr-map-collection").select_option("boats")
    expect(points).not_to_contain_text("Tabby")
    expect(points).to_contain_text("Catboat")


def test_a_note_is_added_to_the_chosen_collection(both: Served, visit: Open) -> None:
    page = visit(both.url).page
    show_tab(page, "notes")
    choice = page.locator("#pr-add-into")
    expect(choice).to_have_value("pets")
    choice.select_option("boats")
    page.locator("#pr-note-body").fill("# Kayak\n\n- A boat with a paddle\n")
    page.locator("#pr-add").click()
    expect(page.locator("#pr-added")).to_contain_text("boats:notes/Kayak.md")
    expect(page.locator("#pr-facts")).to_contain_text("pets")


def test_a_dropped_file_asks_for_its_collection(both: Served, visit: Open) -> None:
    page = visit(both.url).page
    page.locator("#pr-toast").wait_for(state="attached")
    page.evaluate(DROP, ["raft.md", "# Raft\n\n- A boat of logs\n"])
    toast = page.locator("#pr-toast")
    expect(toast).to_contain_text("Add to which collection?")
    toast.get_by_role("button", name="boats").click()
    expect(toast).to_contain_text("boats:notes/raft.md")


def test_a_star_and_an_edit_reach_their_collection(both: Served, visit: Open) -> None:
    page = visit(f"{both.url}#/note/pets%3Apets.md").page
    drawer = page.locator("#pr-viewer")
    drawer.get_by_role("button", name="Edit").click()
    editor = page.locator("#pr-editor")
    editor.fill(f"{PETS}- Manx: no tail\n")
    page.keyboard.press("Control+s")
    expect(drawer.locator("#pr-note-said")).to_contain_text("Saved")
    page.keyboard.press("Escape")
    show_tab(page, "library")
    page.locator("#pr-words input").fill("manx")
    page.locator("#pr-list [data-act=open]", has_text="Manx").click()
    drawer.locator(".pr-star").click()
    expect(drawer.locator(".pr-star")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    show_tab(page, "collect")
    expect(page.locator("#pr-saved-lists")).to_contain_text("Manx")
