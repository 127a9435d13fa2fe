"""The points of the map: every entry near what says similar things."""

from __future__ import annotations

import json
from collections import Counter
from itertools import chain
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from paperrag.assistant import Assistant
from paperrag.errors import PaperRagError
from paperrag.index.codes import KINDS
from paperrag.index.engine import Snapshot
from paperrag.page.browsing import TreePlace
from paperrag.page.library import LibraryPage
from paperrag.page.render import with_symbols
from paperrag.text.markup import shorten

MOST_COLOURS = 12
"""Groups that eyes can tell apart; the smaller ones share a grey."""

_TITLE_CHARS = 90


class MapPage:
    """The points of the newest index, made once for each."""

    def __init__(self, assistant: Assistant, library: LibraryPage) -> None:
        self._assistant = assistant
        self._library = library
        self._made: tuple[object, str] | None = None

    def points(self) -> str:
        """Return what `map_points` gives, as JSON. Raises PaperRagError."""
        vectors = self._assistant.vectors()
        if self._made is None or self._made[0] is not vectors:
            tree = self._library.tree_of(vectors.data)
            points = map_points(vectors.data, tree.places, vectors.map.tolist())
            self._made = (vectors, json.dumps(points, ensure_ascii=False))
        return self._made[1]

    def route(self) -> Route:
        """Return where the page fetches its points from."""

        def points(request: Request) -> Response:
            try:
                body = self.points()
            except PaperRagError as error:
                return PlainTextResponse(str(error), 503)
            unkept = {"Cache-Control": "no-store"}
            return Response(body, media_type="application/json", headers=unkept)

        return Route("/paperrag/map", points)


def map_points(
    data: Snapshot, places: list[TreePlace], coordinates: list[list[float]]
) -> dict[str, Any]:
    """Return the map as columns: groups by size, and by entry id, title, is it an abstract, group
    (-1: a small one), x, y.
    """
    entries = data.entries
    groups = _groups(places)
    largest = [group for group, _ in Counter(groups).most_common(MOST_COLOURS)]
    number_of = {group: number for number, group in enumerate(largest)}
    runs = data.layout.runs("entry")
    ids = (run.segment.texts("id", run.start, run.stop).all() for run in runs)
    named = zip(entries.titles(), places, strict=True)
    return {
        "groups": [shorten(group[-1] if group else "", 40) for group in largest],
        "ids": list(chain.from_iterable(ids)),
        "titles": [
            shorten(with_symbols(title or place[-1]), _TITLE_CHARS) for title, place in named
        ],
        "abstract": (entries.columns["kind"] == KINDS.index("abstract")).astype(int).tolist(),
        "group": [number_of.get(group, -1) for group in groups],
        "x": [round(x, 4) for x, _ in coordinates],
        "y": [round(y, 4) for _, y in coordinates],
    }


def _groups(places: list[TreePlace]) -> list[TreePlace]:
    """Return a group for each entry: its branch in a cut through the tree, made by splitting the
    largest branch for as long as there are colours for all.
    """
    leaves = [(*place, "") for place in places]  # entries right at a branch are a part of it
    counts = Counter(leaf[:depth] for leaf in leaves for depth in range(len(leaf) + 1))
    below: dict[TreePlace, list[TreePlace]] = {}
    for branch in counts:
        if branch:
            below.setdefault(branch[:-1], []).append(branch)
    cut: set[TreePlace] = {()}
    while largest := _to_split(cut, counts, below):
        cut.remove(largest[0])
        cut.update(below[largest[0]])
    group_of = {leaf: _in_cut(leaf, cut) for leaf in set(leaves)}
    return [group_of[leaf] for leaf in leaves]


def _to_split(
    cut: set[TreePlace], counts: Counter[TreePlace], below: dict[TreePlace, list[TreePlace]]
) -> list[TreePlace]:
    """Return the largest branch whose parts all get a colour, [] if there is none; a lone one is
    split into however many.
    """
    for branch in sorted(cut, key=lambda one: (-counts[one], one)):
        parts = below.get(branch, [])
        if parts and (len(cut) - 1 + len(parts) <= MOST_COLOURS or len(cut) == 1):
            return [branch]
    return []


def _in_cut(leaf: TreePlace, cut: set[TreePlace]) -> TreePlace:
    """Return the branch of a cut that an entry belongs to, by its names."""
    branch = next(leaf[:depth] for depth in range(len(leaf), -1, -1) if leaf[:depth] in cut)
    return tuple(filter(None, branch))
