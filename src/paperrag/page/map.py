"""The points of the map: every entry near what says similar things."""

from __future__ import annotations

import json
from collections import Counter
from itertools import chain
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from paperrag.assistant import Assistant
from paperrag.errors import PaperRagError
from paperrag.index.codes import KINDS
from paperrag.index.engine import Snapshot
from paperrag.page.browsing import NoteTree, TreePlace
from paperrag.text.markup import shorten

MOST_COLOURS = 12
"""Groups that eyes can tell apart; the smaller ones share a grey."""

_TITLE_CHARS = 90


def map_routes(assistant: Assistant) -> list[Route]:
    """Return where the page fetches its points and Plotly's script from; both from this machine.

    Their paths have no extension: Gradio would compress them, which takes longer here than sending
    them.
    """
    cache: dict[str, Any] = {}

    def points(request: Request) -> Response:
        try:
            vectors = assistant.vectors()
        except PaperRagError as error:
            return PlainTextResponse(str(error), 503)
        if cache.get("vectors") is not vectors:
            body = json.dumps(map_points(vectors.data, vectors.map.tolist()), ensure_ascii=False)
            cache.update(vectors=vectors, body=body)
        return Response(
            cache["body"], media_type="application/json", headers={"Cache-Control": "no-store"}
        )

    def script(request: Request) -> Response:
        try:
            import plotly
        except ImportError:
            return PlainTextResponse("run: pip install plotly", 404)
        path = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
        return FileResponse(
            path, media_type="text/javascript", headers={"Cache-Control": "max-age=86400"}
        )

    return [Route("/paperrag/map", points), Route("/paperrag/plotly", script)]


def map_points(data: Snapshot, coordinates: list[list[float]]) -> dict[str, Any]:
    """Return the map as columns: groups by size, and by entry id, title, is it an abstract, group
    (-1: a small one), x, y.
    """
    library, entries = NoteTree(data), data.entries
    groups = _groups(library.places)
    largest = [group for group, _ in Counter(groups).most_common(MOST_COLOURS)]
    number_of = {group: number for number, group in enumerate(largest)}
    runs = data.layout.runs("entry")
    ids = (run.segment.texts("id", run.start, run.stop).all() for run in runs)
    named = zip(entries.titles(), library.places, strict=True)
    return {
        "groups": [shorten(group[-1] if group else "", 40) for group in largest],
        "ids": list(chain.from_iterable(ids)),
        "titles": [shorten(title or place[-1], _TITLE_CHARS) for title, place in named],
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
