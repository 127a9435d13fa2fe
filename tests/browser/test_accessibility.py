"""axe-core finds nothing serious on any tab, in either theme; quotes are the most legible thing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser.conftest import Served, Visit, ask

axe = pytest.importorskip("axe_playwright_python", reason="accessibility is checked by axe-core")
AXE = (Path(axe.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
SERIOUS = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
    .filter(one => one.impact === 'serious' || one.impact === 'critical')
    .map(one => `${one.id}: ${one.nodes.map(node => node.target).join(' ')}`)"""
CONTRAST = """element => {
    const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
        .reduce((sum, v, at) => sum + v * [.2126, .7152, .0722][at], 0);
    const style = getComputedStyle(element), numbers = colour => colour.match(/[0-9.]+/g).map(Number);
    const [one, other] = [light(numbers(style.color)), light(numbers(style.backgroundColor))];
    return (Math.max(one, other) + .05) / (Math.min(one, other) + .05);
}"""
SMALL = """() => [...document.querySelectorAll('[data-part] :is(button, summary, select, input, label, a), #pr-header button')]
    .filter(one => one.checkVisibility() && !one.closest('.pr-prose, .pr-answer, label input'))
    .filter(one => one.getBoundingClientRect().height < 32).map(one => one.outerHTML.slice(0, 200))"""
"""What is too low for a finger, links and numbers inside of sentences aside."""

TABS = (".pr-list tbody tr", ".pr-map[data-drawn]", "#pr-saved-lists h2", "#pr-facts dd")
"""What is there once the tabs behind the first are drawn."""

Open = Callable[..., Visit]


def _open(visit: Open, served: Served, scheme: str) -> Page:
    page = visit(served.url, color_scheme=scheme, bypass_csp=True).page
    page.locator(".pr-examples button").first.wait_for()
    page.wait_for_function(
        "dark => document.body.classList.contains('dark') === dark", arg=scheme == "dark"
    )
    page.evaluate(AXE)
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_on_any_tab(served: Served, visit: Open, scheme: str) -> None:
    page = _open(visit, served, scheme)
    found = {"empty": page.evaluate(SERIOUS)}
    ask(page, "which methods merge KV cache?")
    page.locator("[data-act=scope]").click()
    page.locator(".pr-scope-list button").first.wait_for()
    found["answer"] = page.evaluate(SERIOUS)
    page.keyboard.press("Escape")
    page.locator(".pr-card [data-act=open]").first.click()
    page.locator("#pr-view-title").wait_for()
    found["drawer"] = page.evaluate(SERIOUS)
    page.locator(".pr-view [data-act=note]").first.click()
    page.locator(".pr-whole .pr-here").wait_for()
    found["note"] = page.evaluate(SERIOUS)
    page.locator("[data-act=edit-note]").click()
    page.locator("#pr-editor").wait_for()
    found["editor"] = page.evaluate(SERIOUS)
    page.locator("[data-act=leave-note]").click()
    page.locator("#pr-viewer .pr-close").click()
    page.locator("#pr-model-open").click()
    page.locator("#pr-model-menu select").select_option("ollama")
    found["model"] = page.evaluate(SERIOUS)
    page.keyboard.press("Escape")
    for number, sign in enumerate(TABS, start=1):
        page.locator("button[role=tab]").nth(number).click()
        page.locator(sign).first.wait_for()
        found[sign] = page.evaluate(SERIOUS)
    assert found == {key: [] for key in found}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_marked_quote_stands_out(served: Served, visit: Open, scheme: str) -> None:
    page = _open(visit, served, scheme)
    ask(page, "which methods merge KV cache?")
    assert page.locator(".pr-card mark").first.evaluate(CONTRAST) >= 7  # WCAG's highest level


def test_drawer_is_a_dialog_that_takes_the_focus_and_gives_it_back(
    served: Served, visit: Open
) -> None:
    page = visit(served.url).page
    ask(page, "which methods merge KV cache?")
    button = page.locator(".pr-card [data-act=open]").first
    button.focus()
    page.keyboard.press("Enter")
    drawer = page.get_by_role("dialog", name="CaM: Cache Merging")
    expect(drawer).to_be_focused()
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(button).to_be_focused()


def test_focus_is_never_lost(served: Served, visit: Open) -> None:
    page = visit(served.url).page
    box = page.locator("#pr-question textarea")
    ask(page, "which methods merge KV cache?")
    for opener, inside in (("#pr-scope-add", "#pr-scope-menu input"), ("#pr-model-open", "select")):
        _press(page, opener)
        expect(page.locator(inside).first).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator(opener)).to_be_focused()
    _press(page, "[data-vote=good]")
    expect(page.locator("[data-vote=good]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-vote=good]")).to_be_focused()
    _press(page, "[data-vote=good]")  # taken back
    _press(page, "#pr-scope-add")
    page.locator(".pr-scope-kinds button").first.press("Enter")
    expect(box).to_be_focused()
    _press(page, "[data-act=unscope]")
    expect(box).to_be_focused()
    for act in ("again", "ask"):  # ask: a question that is offered
        _press(page, f"#pr-chat [data-act={act}]")
        expect(box).to_be_focused()
    page.locator("button[role=tab]").nth(2).click()
    page.locator(".pr-map[data-drawn]").wait_for()
    group = page.locator("#pr-map-legend button").first
    group.press("Enter")
    expect(group).to_have_attribute("aria-pressed", "false")
    expect(group).to_be_focused()


def _press(page: Page, button: str) -> None:
    page.locator(button).first.press("Enter")


@pytest.mark.parametrize("width", [1280, 1440])
def test_drawer_stands_beside_the_evidence(served: Served, visit: Open, width: int) -> None:
    page = visit(served.url, viewport={"width": width, "height": 860}).page
    ask(page, "which methods merge KV cache?")
    page.locator(".pr-card [data-act=open]").first.click()
    page.locator("#pr-view-title").wait_for()
    drawer, card, answer = (
        page.locator(part).first.bounding_box() for part in ("#pr-viewer", ".pr-card", ".pr-answer")
    )
    assert drawer is not None and card is not None and answer is not None
    assert answer["x"] + answer["width"] < card["x"] < card["x"] + card["width"] < drawer["x"]
    assert min(card["width"], answer["width"]) > 260


def test_points_of_the_map_are_reached_by_keyboard(served: Served, visit: Open) -> None:
    page = visit(served.url).page
    page.locator("button[role=tab]").nth(2).click()
    page.locator(".pr-map[data-drawn]").wait_for()
    page.locator("#pr-map-find").focus()
    page.keyboard.type("kvmerger")
    expect(page.locator("#pr-map-list button")).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#pr-viewer h3")).to_contain_text("KVMerger")


@pytest.mark.parametrize("width", [1440, 390])
def test_targets_are_large_enough(served: Served, visit: Open, width: int) -> None:
    page = visit(served.url, viewport={"width": width, "height": 844}).page
    ask(page, "which methods merge KV cache?")
    found = {"answer": page.evaluate(SMALL)}
    for number, sign in enumerate(TABS, start=1):
        page.locator("button[role=tab]").nth(number).click()
        page.locator(sign).first.wait_for()
        found[sign] = page.evaluate(SMALL)
    page.locator("button[role=tab]").nth(1).click()
    page.locator(".pr-list td button").first.click()
    page.locator("#pr-view-title").wait_for()
    found["drawer"] = page.evaluate(SMALL)
    assert found == {key: [] for key in found}
