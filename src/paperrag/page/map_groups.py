"""The entries of a map -> the groups that share a colour: branches of the tree, or parts of the map
whose titles have words in common.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from paperrag.encoders.contract import FloatArray
from paperrag.page.browsing import TreePlace
from paperrag.page.regions import region_names, regions_of
from paperrag.text.markup import shorten

MOST_COLOURS = 12
"""Groups that eyes can tell apart; the smaller ones share a grey."""

MOST_GREY = 0.1
"""Share of the entries that may go without a colour so that a large group is split."""

LEAST_COLOURED = 0.02
"""Share of the entries from which on a group has a colour of its own."""

REGIONS = 8
LEAST_REGION = 20
"""Entries of a region on the average, below which its words say little."""


def by_branch(places: Sequence[TreePlace]) -> tuple[list[str], list[int]]:
    """Return groups by their branches of the tree, largest first, and the one of each entry."""
    groups = branches(places)
    least = LEAST_COLOURED * len(groups)
    counts = Counter(groups).most_common(MOST_COLOURS)
    large = [group for group, count in counts if count >= least]
    number_of = {group: number for number, group in enumerate(large)}
    return told_apart(large), [number_of.get(group, -1) for group in groups]


def by_words(points: FloatArray, titles: Sequence[str]) -> tuple[list[str], list[int]]:
    """Return groups of points that lie near one another, largest first, and the one of each; points
    whose neighbours have no word in common belong to none.
    """
    regions = regions_of(points, min(REGIONS, len(titles) // LEAST_REGION))
    names = region_names(regions, titles)
    counts = Counter(number for number in regions.tolist() if names[number])
    number_of = {region: number for number, (region, _) in enumerate(counts.most_common())}
    groups = [number_of.get(region, -1) for region in regions.tolist()]
    return [names[region] for region in number_of], groups


def told_apart(groups: Sequence[TreePlace]) -> list[str]:
    """Return what groups are called: by as much of their branch as tells them apart."""
    ends = ([group[at:] for at in range(len(group) - 1, 0, -1)] for group in groups)
    alone = (
        next((end for end in tried if sum(one[-len(end) :] == end for one in groups) == 1), group)
        for tried, group in zip(ends, groups, strict=True)
    )
    return [shorten(" › ".join(end), 40) for end in alone]


def branches(places: Sequence[TreePlace]) -> list[TreePlace]:
    """Return a group for each entry: its branch in a cut through the tree, made by splitting the
    largest branch for as long as there are colours.
    """
    leaves = [(*place, "") for place in places]  # entries right at a branch are a part of it
    counts = Counter(leaf[:depth] for leaf in leaves for depth in range(len(leaf) + 1))
    below: dict[TreePlace, list[TreePlace]] = {}
    for branch in counts:
        if branch:
            below.setdefault(branch[:-1], []).append(branch)
    cut: set[TreePlace] = {()}
    while len(cut) < MOST_COLOURS and (finer := _split(cut, counts, below)):
        cut = finer
    group_of = {leaf: _in_cut(leaf, cut) for leaf in set(leaves)}
    return [group_of[leaf] for leaf in leaves]


def _split(
    cut: set[TreePlace], counts: Counter[TreePlace], below: dict[TreePlace, list[TreePlace]]
) -> set[TreePlace] | None:
    """Return a cut with its largest branch split that leaves few entries without a colour, a lone
    branch into however many; None if there is no such branch.
    """
    for branch in sorted(cut, key=lambda one: (-counts[one], one)):
        finer = cut - {branch} | set(below.get(branch, ()))
        grey = sorted(counts[one] for one in finer)[:-MOST_COLOURS]
        if branch in below and (len(cut) == 1 or sum(grey) <= MOST_GREY * counts[()]):
            return finer
    return None


def _in_cut(leaf: TreePlace, cut: set[TreePlace]) -> TreePlace:
    """Return the branch of a cut that an entry belongs to, by its names."""
    branch = next(leaf[:depth] for depth in range(len(leaf), -1, -1) if leaf[:depth] in cut)
    return tuple(filter(None, branch))
