"""Whether what the page draws can be told from its ground, in both themes."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from importlib.resources import files
from itertools import combinations

import pytest

ASSETS = files("paperrag.page") / "assets"

OPACITY = 0.8
"""Of points of the map, where they are not very many."""

LEAST = {"light": 3.0, "dark": 4.5}
"""Contrast of a point with its ground; WCAG asks 3 of what is drawn."""

APART = 0.1
"""Between any two groups' points, in OKLab; twelve colours have room for hardly more."""

TO_CONES = (
    (0.4122, 0.5363, 0.0514),
    (0.2119, 0.6807, 0.1074),
    (0.0883, 0.2817, 0.6300),
)
TO_LAB = (
    (0.2105, 0.7936, -0.0041),
    (1.9780, -2.4286, 0.4506),
    (0.0259, 0.7828, -0.8087),
)


def rgb(colour: str) -> list[float]:
    return [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]


def linear(values: list[float]) -> list[float]:
    return [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in values]


def luminance(values: list[float]) -> float:
    """As WCAG 2.2 defines it."""
    return dot((0.2126, 0.7152, 0.0722), linear(values))


def dot(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def contrast(one: list[float], other: list[float]) -> float:
    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def oklab(values: list[float]) -> list[float]:
    """As Ottosson defines it: what differs as much to the eye lies as far apart."""
    cones = [dot(row, linear(values)) ** (1 / 3) for row in TO_CONES]
    return [dot(row, cones) for row in TO_LAB]


def test_black_on_white_is_21_and_they_are_one_apart() -> None:
    black, white = rgb("#000000"), rgb("#ffffff")
    assert contrast(black, white) == pytest.approx(21)
    assert math.dist(oklab(black), oklab(white)) == pytest.approx(1, abs=0.001)


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
    assert len(colours) == 12
    assert min(math.dist(*pair) for pair in combinations(map(oklab, seen), 2)) >= APART
    assert min(contrast(one, paper) for one in seen) >= LEAST[theme]
