"""Whether what the page draws can be told from its ground, in both themes."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

ASSETS = files("paperrag.page") / "assets"

OPACITY = 0.8
"""Of points of the map, where they are not very many."""

LEAST = {"light": 3.0, "dark": 4.5}
"""Contrast of a point with its ground; WCAG asks 3 of what is drawn."""


def rgb(colour: str) -> list[float]:
    return [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]


def luminance(values: list[float]) -> float:
    """As WCAG 2.2 defines it."""
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in values]
    return sum(part * one for part, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: list[float], other: list[float]) -> float:
    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def test_black_on_white_is_21() -> None:
    assert contrast(rgb("#000000"), rgb("#ffffff")) == pytest.approx(21)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_group_of_the_map_stands_out(theme: str) -> None:
    script = (ASSETS / "map.js").read_text(encoding="utf-8")
    style = (ASSETS / "page.css").read_text(encoding="utf-8")
    listed = re.search(rf"^ +{theme}: \[(.*)\],$", script, re.MULTILINE)
    assert listed
    colours = re.findall(r"#[0-9a-f]{6}", listed[1])
    light, dark = map(rgb, re.findall(r"--pr-paper: (#[0-9a-f]{6})", style))
    paper = light if theme == "light" else dark
    seen = [
        [
            OPACITY * one + (1 - OPACITY) * under
            for one, under in zip(rgb(colour), paper, strict=True)
        ]
        for colour in colours
    ]
    assert len(set(colours)) == 12
    assert min(contrast(one, paper) for one in seen) >= LEAST[theme]
