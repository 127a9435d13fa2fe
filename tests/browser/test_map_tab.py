"""The map in a real browser."""

from __future__ import annotations

import itertools
import json
import re
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser.conftest import Served, Visit, ask, cpu_s, screenshot, start_server, stop_server

Open = Callable[..., Visit]
MAP_TAB = 2


STILL = """() => new Promise(told => {
    const canvas = document.querySelector(".pr-map canvas");
    const laid = () => [canvas.clientWidth, canvas.clientHeight, ...paperrag.map.spot(0)].join();
    const before = laid();
    setTimeout(() => told(laid() === before), 200);
})"""
"""Whether the map keeps its size and its points their places."""


def _draw(page: Page) -> None:
    page.locator("button[role=tab]").nth(MAP_TAB).click()
    page.locator(".pr-map[data-drawn]").wait_for()
    page.wait_for_function(STILL)


OPEN_TO_THE_EYE = """row => { const [x, y] = paperrag.map.spot(row);
    return paperrag.map.names.every(one => Math.abs(y - one.y) > 16 || Math.abs(x - one.x) > one.half + 8); }"""
"""Whether no name lies over a point."""


def _row(page: Page, title: str) -> int:
    """Return the row of a point that is seen and whose title holds words."""
    titles = page.evaluate("fetch('paperrag/map').then(r => r.json()).then(p => p.titles)")
    rows = (row for row, text in enumerate(titles) if title in text)
    return next(row for row in rows if page.evaluate(OPEN_TO_THE_EYE, row))


def _pixel(page: Page, row: int, right: float = 0, down: float = 0) -> list[int]:
    """Return red, green, blue and opacity of what is drawn so many pixels away from a point."""
    return page.evaluate(
        """([row, right, down]) => { const [x, y] = paperrag.map.spot(row), ratio = devicePixelRatio || 1;
        return [...document.querySelector('.pr-map canvas').getContext('2d')
            .getImageData((x + right) * ratio, (y + down) * ratio, 1, 1).data]; }""",
        [row, right, down],
    )


def _wait_for_another_colour(page: Page, row: int, before: list[int]) -> None:
    """Wait until a point looks otherwise: the map is drawn with the next picture of the screen."""
    page.wait_for_function(
        """([row, before]) => { const [x, y] = paperrag.map.spot(row), ratio = devicePixelRatio || 1;
        const now = document.querySelector('.pr-map canvas').getContext('2d').getImageData(x * ratio, y * ratio, 1, 1).data;
        return String(now) !== String(before); }""",
        arg=[row, before],
    )


def _place(page: Page, row: int) -> dict[str, float]:
    """Return where on the canvas a point lies."""
    x, y = page.evaluate("row => paperrag.map.spot(row)", row)
    return {"x": x, "y": y}


def test_every_entry_is_a_point_and_the_last_answer_is_lit(served: Served, visit: Open) -> None:
    page = visit(served.url).page
    ask(page, "which methods merge KV cache?")
    _draw(page)
    expect(page.locator(".pr-map")).to_have_attribute("data-drawn", "174")
    expect(page.locator(".pr-map canvas")).to_have_attribute(
        "aria-label", "Map of 174 entries; cited by the last answer: 4; found: 0"
    )
    expect(page.locator("#pr-map-legend")).to_contain_text("KV-Cache")
    expect(page.locator("#pr-map-legend")).to_contain_text("last answer")
    screenshot(page, "map-en")


def test_abstracts_have_a_mark_of_their_own(with_abstract: Served, visit: Open) -> None:
    page = visit(with_abstract.url).page
    _draw(page)
    expect(page.locator("#pr-map-legend")).to_contain_text("abstract")
    row = page.evaluate(
        "fetch('paperrag/map').then(r => r.json()).then(p => p.abstract.indexOf(1))"
    )
    page.locator(".pr-map canvas").hover(position=_place(page, row))
    expect(page.locator(".pr-map-tip")).to_contain_text("On Herding")
    expect(page.locator(".pr-map-tip")).to_contain_text("abstract")


def test_click_on_a_point_opens_its_entry(served: Served, visit: Open) -> None:
    page = visit(served.url).page
    _draw(page)
    canvas = page.locator(".pr-map canvas")
    canvas.hover(position=_place(page, 0))
    expect(page.locator(".pr-map-tip b")).not_to_be_empty()
    title = page.locator(".pr-map-tip b").inner_text()
    canvas.click(position=_place(page, 0))
    expect(page.locator(".pr-view h3")).to_have_text(title)


def test_map_is_moved_and_enlarged_by_mouse_buttons_and_keys(served: Served, visit: Open) -> None:
    page = visit(served.url).page
    _draw(page)
    box = page.locator(".pr-map canvas").bounding_box()
    assert box
    gap = "Math.hypot(...[0, 1].map(a => paperrag.map.spot(0)[a] - paperrag.map.spot(60)[a]))"
    wide, first = page.evaluate(gap), page.evaluate("paperrag.map.spot(0)")
    page.locator("[data-zoom='1.6']").click()
    page.wait_for_function(f"wide => Math.abs({gap} - 1.6 * wide) < .1", arg=wide)
    page.locator("[data-zoom='0']").click()
    page.wait_for_function(f"wide => Math.abs({gap} - wide) < .1", arg=wide)
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 50, steps=4)
    page.mouse.up()
    moved = "([x, y]) => Math.abs(paperrag.map.spot(0)[0] - x) + Math.abs(paperrag.map.spot(0)[1] - y) < .1"
    page.wait_for_function(moved, arg=[first[0] + 40, first[1] + 30])
    page.locator(".pr-map canvas").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(moved, arg=[first[0] + 100, first[1] + 30])
    expect(page.locator("#pr-viewer")).to_be_hidden()  # a drag is no click


def test_group_of_the_legend_is_hidden_by_a_click(served: Served, visit: Open) -> None:
    page = visit(served.url).page
    _draw(page)
    row = _row(page, "LoRA")
    button = page.locator("#pr-map-legend button", has_text="LoRA")
    colour = _pixel(page, row)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    _wait_for_another_colour(page, row, colour)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")


def test_rings_and_labels_follow_the_theme(served: Served, visit: Open) -> None:
    page = visit(served.url).page
    ask(page, "which methods merge KV cache?")
    _draw(page)
    row = _row(page, "LOOK-M")
    ring = page.evaluate("paperrag.map.ring")
    assert sum(_pixel(page, row, -ring)[:3]) < 3 * 90  # dark on light
    page.locator("#pr-theme").click()
    page.wait_for_function(
        """([row, ring]) => { const [x, y] = paperrag.map.spot(row);
        const [r, g, b] = document.querySelector('.pr-map canvas').getContext('2d').getImageData(x - ring, y, 1, 1).data;
        return r + g + b > 3 * 150; }""",
        arg=[row, ring],
    )
    kv = page.locator("#pr-map-legend button", has_text="KV-Cache").locator("i")
    expect(kv).to_have_css("background-color", "rgb(239, 135, 151)")  # the second, as on dark
    screenshot(page, "map-dark-en")


NAMES = """() => {
    const near = ({ x, y }) => points.group.map((group, row) => [group, paperrag.map.spot(row)])
        .map(([group, [px, py]]) => [Math.hypot(px - x, py - y), group]).sort(([a], [b]) => a - b).slice(0, 8);
    let points;
    return fetch('paperrag/map').then(r => r.json()).then(told => { points = told; return paperrag.map.names
        .map(one => ({ ...one, own: near(one).filter(([, group]) => group === one.group).length })); });
}"""
"""The names on the map, each with how many of the eight points nearest to it are of its group."""


@pytest.mark.parametrize("width", [1360, 390])
def test_names_on_the_map_stand_in_their_groups_and_cover_no_other(
    served: Served, visit: Open, width: int
) -> None:
    page = visit(served.url, viewport={"width": width, "height": 860}).page
    _draw(page)
    names = page.evaluate(NAMES)
    assert {"KV-Cache", "LoRA", "Data-Mining"} <= {one["text"] for one in names}
    assert [one["text"] for one in names if one["own"] < 3] == []
    for one, other in itertools.combinations(names, 2):
        is_beside = abs(one["x"] - other["x"]) >= one["half"] + other["half"]
        assert is_beside or abs(one["y"] - other["y"]) >= 16, (one, other)


DENSE = """async () => {
    const host = Object.assign(document.createElement('div'), { className: 'pr-map', style: 'width: 300px; height: 300px' });
    document.body.append(host);
    const plane = paperrag.scatter(host, { say: paperrag.say, name: () => [], open: () => {} });
    const x = [...new Array(10_000).fill(0), 1], none = x.map(() => 0);
    plane.show({ x, y: none, group: none, abstract: none, colours: ['#000'], labels: [],
        hidden: new Set(), found: null, ringed: [], label: '' });
    await new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    const pen = host.querySelector('canvas').getContext('2d'), ratio = devicePixelRatio || 1;
    return [0, 10_000].map(row => pen.getImageData(...plane.spot(row).map(at => at * ratio), 1, 1).data[3]);
}"""
"""How opaque ten thousand points on one another and one alone are."""


def test_of_more_than_ten_thousand_points_density_is_seen(served: Served, visit: Open) -> None:
    page = visit(served.url).page
    page.locator(".pr-examples button").first.wait_for()
    many, one = page.evaluate(DENSE)
    assert many > 240
    assert 50 < one < 150


def test_search_lights_the_points_that_it_finds(served: Served, visit: Open) -> None:
    page = visit(served.url).page
    _draw(page)
    far = _row(page, "LoRA")
    before = _pixel(page, far)
    page.locator("#pr-map-find").fill("kv merge")
    listed = page.locator("#pr-map-list button")
    expect(listed.first).to_contain_text(re.compile("kv", re.IGNORECASE))
    titles = listed.all_inner_texts()
    assert all("kv" in title.lower() and "merge" in title.lower() for title in titles)
    expect(page.locator(".pr-map canvas")).to_have_attribute(
        "aria-label", re.compile(f"found: {len(titles)}$")
    )
    _wait_for_another_colour(page, far, before)  # what was not found is pale


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


def test_points_in_the_list_name_their_notes(served: Served, visit: Open) -> None:
    page = visit(served.url).page
    _draw(page)
    page.locator("#pr-map-find").fill("kvmerger")
    expect(page.locator("#pr-map-list button")).to_have_count(1)
    expect(page.locator("#pr-map-list small")).to_have_text("paper-reading")


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


def test_five_thousand_entries_are_drawn_in_time(large: Served, visit: Open) -> None:
    page = visit(large.url).page
    page.locator(".pr-examples, .pr-welcome").first.wait_for()
    before = _work_s(large, page)
    _draw(page)
    took = _work_s(large, page) - before
    expect(page.locator(".pr-map")).to_have_attribute("data-drawn", re.compile("5000"))
    assert took < 3  # benchmarks/page.py measures the clock


def _work_s(served: Served, page: Page) -> float:
    """Return the processor time that a server and what draws a page have taken so far."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    told = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    return cpu_s(served.process) + float(told["ProcessTime"])
