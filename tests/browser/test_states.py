"""What stands where notes would: none yet, on their way, a fault, a server that is gone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from browser.conftest import Served, Visit, cpu_s, screenshot, start_server, stop_server
from paperrag.page.strings import STRINGS

Open = Callable[..., Visit]
LOCALES = [("en", "en-US"), ("zh", "zh-CN")]
LIBRARY, MAP = 1, 2


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("empty")
    (folder / "corpus" / "notes").mkdir(parents=True)
    running = start_server(folder, ["-m", "paperrag", "serve"])
    yield running
    stop_server(running)


def _tab(page: Page, number: int) -> None:
    page.locator("button[role=tab]").nth(number).click()


@pytest.mark.parametrize(("language", "locale"), LOCALES)
def test_a_library_without_notes_says_how_to_begin(
    empty: Served, visit: Open, language: str, locale: str
) -> None:
    page = visit(empty.url, locale=locale).page
    none = STRINGS["no_notes"][language]
    expect(page.locator(".pr-welcome h2")).to_have_text(none)
    expect(page.locator(".pr-welcome p")).to_have_text(STRINGS["no_notes_more"][language])
    screenshot(page, f"state-empty-{language}")
    _tab(page, LIBRARY)
    expect(page.locator("#pr-list")).to_contain_text(none)
    screenshot(page, f"state-empty-library-{language}")
    _tab(page, MAP)
    expect(page.locator(".pr-map-said")).to_have_text(none)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_on_its_way_is_seen_to_be(served: Served, visit: Open, scheme: str) -> None:
    page = visit(served.url, color_scheme=scheme).page
    page.locator(".pr-examples button").first.wait_for()
    held: list[Route] = []
    page.route("**/paperrag/rows*", lambda route: held.append(route))
    page.route("**/paperrag/tree*", lambda route: held.append(route))
    page.locator("#pr-language").click()  # draws every part anew
    _tab(page, LIBRARY)
    expect(page.locator("#pr-list")).to_have_css("animation-name", "pr-await")
    expect(page.locator("#pr-list")).to_have_css("opacity", "0.9")
    screenshot(page, f"state-loading-{scheme}")
    while held:
        held.pop().continue_()
    expect(page.locator("#pr-list tbody tr").first).to_be_visible()
    page.unroute_all(behavior="ignoreErrors")


@pytest.mark.parametrize(("language", "locale"), LOCALES)
def test_a_fault_is_told_where_its_words_are_missed(
    served: Served, visit: Open, language: str, locale: str
) -> None:
    seen = visit(served.url, locale=locale)
    page = seen.page
    page.locator(".pr-examples button").first.wait_for()
    refused = '{"refused": "the index cannot be read"}'
    page.route(
        "**/paperrag/rows*",
        lambda route: route.fulfill(body=refused, content_type="application/json"),
    )
    _tab(page, LIBRARY)
    page.locator("#pr-words input").fill("cache")
    expect(page.locator("#pr-list .pr-error")).to_have_text("the index cannot be read")
    screenshot(page, f"state-error-{language}")


@pytest.mark.parametrize(("language", "locale"), LOCALES)
def test_a_server_that_is_gone_is_told_in_the_language_of_the_page(
    served: Served, visit: Open, language: str, locale: str
) -> None:
    seen = visit(served.url, locale=locale, viewport={"width": 390, "height": 800})
    page = seen.page
    page.locator(".pr-examples button").first.wait_for()
    page.route("**/paperrag/**", lambda route: route.abort("connectionrefused"))
    _tab(page, LIBRARY)
    page.locator("#pr-words input").fill("cache")
    expect(page.locator("#pr-list .pr-error")).to_have_text(STRINGS["unreachable"][language])
    screenshot(page, f"state-offline-{language}")
    page.unroute_all(behavior="ignoreErrors")
    seen.faults.clear()  # the browser complains of the server, as it should


def test_a_page_that_nobody_uses_costs_next_to_nothing(empty: Served) -> None:
    spent = []
    while not spent or (spent[-1] >= 0.1 and len(spent) < 10):  # it may be warming up still
        before = cpu_s(empty.process)
        time.sleep(4)
        spent.append(cpu_s(empty.process) - before)
    assert spent[-1] < 0.1, spent
