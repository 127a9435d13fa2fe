"""Regions of the map: near points belong together, words that are commoner there name them."""

from __future__ import annotations

import numpy as np

from paperrag.page.map_groups import LEAST_REGION, by_branch, by_words
from paperrag.page.regions import region_names, regions_of


def _clouds(count: int, size: int) -> np.ndarray:
    """Return points in so many clouds on a line, ten apart, each within one of its middle."""
    spread = np.linspace(-1, 1, size, dtype=np.float32)
    return np.concatenate(
        [np.stack([10 * at + spread, spread**2], axis=1) for at in range(count)]
    ).astype(np.float32)


def test_clouds_of_points_are_regions() -> None:
    regions = regions_of(_clouds(3, 20), 3)
    assert [len(set(regions[at : at + 20].tolist())) for at in (0, 20, 40)] == [1, 1, 1]
    assert len(set(regions.tolist())) == 3


def test_points_that_lie_on_one_another_are_regions_too() -> None:
    regions = regions_of(np.zeros((5, 2), dtype=np.float32), 3)
    assert set(regions.tolist()) <= {0, 1, 2}
    assert regions_of(np.zeros((1, 2), dtype=np.float32), 8).tolist() == [0]


def test_region_is_named_by_words_that_are_commoner_there() -> None:
    regions = np.repeat(np.arange(2), 4)
    titles = ["a cache of KV", "Cache it", "a Cache", "pruned", *["翻译 的 论文"] * 3, "pruned"]
    first, second = region_names(regions, titles)
    assert first == "Cache · KV"  # not "pruned", which both say; as it is written most often
    assert set(second.split(" · ")) == {"翻译", "论文"}


def test_no_word_names_two_regions_and_none_where_all_say_the_same() -> None:
    assert region_names(np.repeat(np.arange(2), 3), ["same words"] * 6) == ["", ""]


def test_a_word_inside_another_one_names_nothing() -> None:
    assert region_names(np.arange(2), ["数据库", "编译"]) == ["数据库", "编译"]


def test_map_of_one_folder_is_divided_by_its_words() -> None:
    points = _clouds(4, LEAST_REGION)
    titles = [
        f"{name} {n}" for name in ("cache", "翻译", "reward", "LSTM") for n in range(LEAST_REGION)
    ]
    names, groups = by_words(points, titles)
    assert set(names) == {"cache", "翻译", "reward", "LSTM"}
    assert [names[group] for group in groups[::LEAST_REGION]] == ["cache", "翻译", "reward", "LSTM"]


def test_group_of_very_few_entries_has_no_colour_of_its_own() -> None:
    places = [("a.md",)] * 60 + [("b.md",)] * 39 + [("c.md",)]
    names, groups = by_branch(places)
    assert names == ["a.md", "b.md"]
    assert groups[-1] == -1
