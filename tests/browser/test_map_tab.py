"""The map in a real browser."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser.conftest import Served, Visit, ask, screenshot, start_server, stop_server

Open = Callable[..., Visit]
MAP_TAB = 2


def _draw(page: Page) -> None:
    page.locator("button[role=tab]").nth(MAP_TAB).click()
    page.locator(".pr-map[data-drawn]").wait_for()


def test_every_entry_is_a_point_and_the_last_answer_is_lit(served: Served, visit: Open) -> None:
    page = visit(served.url).page
    ask(page, "which methods merge KV cache?")
    _draw(page)
    expect(page.locator(".pr-map")).to_have_attribute("data-drawn", "174")
    traces = page.evaluate("document.querySelector('.pr-map').data.map(t => [t.name, t.x.length])")
    assert sum(count for name, count in traces if name != "last answer") == 174
    assert ["last answer", 4] in traces
    screenshot(page, "map-en")


def test_abstracts_have_a_mark_of_their_own(with_abstract: Served, visit: Open) -> None:
    page = visit(with_abstract.url).page
    _draw(page)
    symbols = page.evaluate(
        "document.querySelector('.pr-map').data.flatMap(t => t.text.map((x, i) => [x, "
        "t.marker.symbol[i]]))"
    )
    assert {symbol for text, symbol in symbols if "<i>abstract</i>" in text} == {"diamond"}
    assert {symbol for text, symbol in symbols if "<i>abstract</i>" not in text} == {"circle"}


def test_click_on_a_point_opens_its_entry(served: Served, visit: Open) -> None:
    page = visit(served.url).page
    _draw(page)
    where = page.evaluate(
        """() => { const plot = document.querySelector('.pr-map'), box = plot.getBoundingClientRect(), trace = plot.data[0];
        const {xaxis, yaxis, _size} = plot._fullLayout;
        return [box.x + _size.l + xaxis.d2p(trace.x[0]), box.y + _size.t + yaxis.d2p(trace.y[0])]; }"""
    )
    page.mouse.move(*where)
    page.locator(".hoverlayer .hovertext").first.wait_for()
    page.mouse.click(*where)
    expect(page.locator(".pr-view h3")).not_to_be_empty()


def test_plotly_begins_to_load_before_the_click_and_comes_as_it_is(
    served: Served, visit: Open
) -> None:
    page = visit(served.url).page
    page.locator(".pr-examples button").first.wait_for()
    with page.expect_response("**/paperrag/plotly") as reply:
        page.locator("button[role=tab]").nth(MAP_TAB).hover()
    assert reply.value.header_value("content-encoding") is None
    page.wait_for_function("window.Plotly")


def test_legend_and_labels_follow_the_theme(served: Served, visit: Open) -> None:
    page = visit(served.url).page
    _draw(page)
    ink = "getComputedStyle(document.querySelector('.pr-map .legendtext')).fill"
    before = page.evaluate(ink)
    page.locator("#pr-theme").click()
    page.wait_for_function(f"before => {ink} !== before", arg=before)
    wanted = "getComputedStyle(document.querySelector('.gradio-container')).color"
    assert page.evaluate(ink) == page.evaluate(wanted)
    screenshot(page, "map-dark-en")


def test_search_lights_the_points_that_it_finds(served: Served, visit: Open) -> None:
    page = visit(served.url).page
    _draw(page)
    page.locator("#pr-map-find").fill("kv merge")
    page.wait_for_function("document.querySelector('.pr-map').data.some(t => t.name === 'found')")
    found = page.evaluate(
        "document.querySelector('.pr-map').data.find(t => t.name === 'found').text"
    )
    assert found
    assert all("kv" in title.lower() and "merge" in title.lower() for title in found)


def test_map_in_chinese(served: Served, visit: Open) -> None:
    page = visit(served.url, locale="zh-CN").page
    ask(page, "有哪些方法合并 KV cache？")
    _draw(page)
    expect(page.locator("#pr-map > p")).to_contain_text("距离近的点内容相似")
    screenshot(page, "map-zh")


def test_layout_is_the_same_each_time(served: Served) -> None:
    first, second = (urllib.request.urlopen(served.url + "paperrag/map").read() for _ in range(2))
    assert first == second
    assert len(json.loads(first)["ids"]) == 174


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("large")
    (folder / "corpus" / "notes").mkdir(parents=True)
    words = "attention cache token layer reward policy search merge prune 注意力 缓存 推理 奖励 解码".split()
    for file in range(50):
        lines = [
            f"- {words[(file + n) % 14]} {words[(3 * n) % 14]} {words[(n * n) % 14]} idea {file} {n}"
            for n in range(100)
        ]
        (folder / "corpus" / "notes" / f"n{file:02}.md").write_text(
            f"# Topic {file % 9}\n\n" + "\n".join(lines), encoding="utf-8"
        )
    running = start_server(folder, ["-m", "paperrag", "serve"], "--encoder", "bundled-static")
    yield running
    stop_server(running)


@pytest.mark.timed
def test_five_thousand_entries_are_drawn_in_time(large: Served, visit: Open) -> None:
    page = visit(large.url).page
    page.locator(".pr-examples, .pr-welcome").first.wait_for()
    start = time.perf_counter()
    _draw(page)
    took = time.perf_counter() - start
    expect(page.locator(".pr-map")).to_have_attribute("data-drawn", re.compile("5000"))
    assert took < 12  # the goal is 3 s; benchmarks/page.py measures it where nothing else runs
