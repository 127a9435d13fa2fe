"""How the page looks: one scale of type for Chinese and English, one accent."""

from __future__ import annotations

import colorsys
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from browser.conftest import Served, Visit, ask

Open = Callable[..., Visit]
SCALE = {"12px", "13px", "14px", "16px", "18px", "24px"}
LINE_HEIGHTS = {1, 1.5, 1.75}
TABS = {
    "ask": ".pr-turn",
    "library": "#pr-list tbody tr",
    "map": ".pr-map[data-drawn]",
    "collect": "#pr-saved h2",
    "notes": "#pr-files-list li",
}
"""What shows that a tab is drawn."""
LEAST_CHROMA = 40
"""Of what is seen as coloured and not as a grey, between the channels, of 255."""

HUE = 0.03
"""How far two hues of one colour may lie apart, as a share of the wheel."""

QUESTIONS = {"en-US": "which methods merge KV cache?", "zh-CN": "有哪些方法合并 KV cache？"}

SHOWN = """[...document.querySelectorAll('main *')].filter(one => one.checkVisibility({ visibilityProperty: true })
  && !one.closest('math, svg, canvas, option'))"""

WRITTEN = f"""() => {SHOWN}.filter(one => [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim())
    || one.matches('input:not([type=checkbox], [type=file]), textarea, select'))
  .map(one => [getComputedStyle(one), one]).filter(([style]) => style.fontSize !== '0px')
  .map(([style, one]) => [style.fontSize, parseFloat(style.lineHeight) / parseFloat(style.fontSize),
    `${{one.tagName}}.${{one.className}} ${{one.id}}`])"""
"""The size and the height of a line of every element that shows words."""

MEANT = (
    ".pr-badge, .pr-verified, .pr-not_verified, .pr-error, .pr-weak, .pr-bad, .pr-stale, mark"
    ", .pr-here, .pr-mine, .pr-dot, #pr-map-legend i"
)
"""What has a colour of its own because it says something: a warning, a quote, a group."""

COLOURED = f"""() => {SHOWN}.filter(one => !one.closest('{MEANT}'))
  .flatMap(one => {{ const style = getComputedStyle(one);
    return [style.color, style.backgroundColor, parseFloat(style.borderTopWidth) ? style.borderTopColor : '']; }})"""


def seen(page: Page, locale: str, script: str) -> list[list[object]]:
    """Return what a script tells of the first screen, of every tab, and of a note beside them."""
    page.locator(".pr-examples button").first.wait_for()
    told = page.evaluate(script)
    ask(page, QUESTIONS[locale])
    for tab, drawn in TABS.items():
        page.locator(f"#pr-tab-{tab}-button").evaluate("button => button.click()")
        page.locator(drawn).first.wait_for()
        told += page.evaluate(script)
    page.locator(".pr-card [data-act=note]").first.evaluate("button => button.click()")
    expect(page.locator("#pr-viewer .pr-whole")).to_be_visible()
    return [*told, *page.evaluate(script)]


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
@pytest.mark.parametrize("width", [1440, 390])
def test_type_is_of_one_scale_and_both_languages_share_line_heights(
    served: Served, visit: Open, locale: str, width: int
) -> None:
    page = visit(served.url, locale=locale, viewport={"width": width, "height": 860}).page
    told = seen(page, locale, WRITTEN)
    assert [(size, what) for size, _, what in told if size not in SCALE] == []
    assert {size for size, _, _ in told} >= SCALE - {"12px"}
    assert [
        (height, what)
        for _, height, what in told
        if round(float(str(height)), 2) not in LINE_HEIGHTS
    ] == []


def test_lines_of_chinese_and_english_are_equally_high(served: Served, visit: Open) -> None:
    heights = []
    for locale in QUESTIONS:
        page = visit(served.url, locale=locale).page
        page.locator(".pr-examples button").first.wait_for()
        heights += [
            round(one.bounding_box()["height"]) for one in page.locator(".pr-examples li").all()
        ]
    assert len(set(heights)) == 1


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_is_coloured_has_the_one_accent(served: Served, visit: Open, theme: str) -> None:
    page = visit(served.url, color_scheme=theme).page
    told = {str(colour) for colour in seen(page, "en-US", COLOURED) if colour}
    accent = page.evaluate("getComputedStyle(document.querySelector('.pr-brand h1')).color")
    others = {
        one
        for one in told
        if (hue := _hue(one)) is not None and abs(hue - (_hue(accent) or 0)) > HUE
    }
    assert others == set()


def _hue(colour: str) -> float | None:
    """Return the hue of a colour, None for greys and what is not seen."""
    red, green, blue, *rest = (float(part) for part in re.findall(r"[\d.]+", colour))
    chroma = max(red, green, blue) - min(red, green, blue)
    if (rest and rest[0] < 0.1) or chroma <= LEAST_CHROMA:
        return None
    return colorsys.rgb_to_hsv(red, green, blue)[0]
