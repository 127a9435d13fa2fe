"""The Map tab: every entry a point, near what says similar things; the last answer's entries
ringed.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from paperrag.assistant import Assistant
from paperrag.errors import PaperRagError
from paperrag.index.tables import IndexData
from paperrag.page.browsing import Library, Place
from paperrag.page.render import esc
from paperrag.page.shared import Shared, as_language, live_html
from paperrag.page.strings import say
from paperrag.page.transcript import Turn
from paperrag.text.markup import shorten

MOST_COLOURS = 12
"""Groups that eyes can tell apart; the smaller ones share a grey."""

_TITLE_CHARS = 90


def build_map(shared: Shared) -> None:
    """Lay the tab out and wire it."""
    tab = _MapTab(shared)
    plot = live_html("", ("open", "note"), "pr-map")
    shared.openers.append(plot)
    shared.paint(tab.paint, [shared.turns], [plot])
    shared.selected["map"] = (tab.paint, [shared.language, shared.turns], [plot])


class _MapTab:
    def __init__(self, shared: Shared) -> None:
        self._shared = shared

    def paint(self, language: object, turns: tuple[Turn, ...]) -> Any:
        """Draw the map of the newest index, the entries of the last answer lit up."""
        words = as_language(language)
        answer = next((turn.answer for turn in reversed(turns) if turn.answer), None)
        lit = [citation.entry.id for citation in answer.citations] if answer else []
        labels = {
            key: say(words, key)
            for key in ("last_answer", "other_sections", "map_failed", "kind_abstract")
        }
        data = {"stamp": self._shared.stamp(), "lit": lit, "words": labels}
        return (
            f'<p class="pr-faint">{say(words, "map_hint")}</p>'
            f'<div class="pr-map" data-map="{esc(json.dumps(data, ensure_ascii=False))}">{say(words, "map_loading")}</div>'
        )


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


def map_points(data: IndexData, coordinates: list[list[float]]) -> dict[str, Any]:
    """Return the map as columns: groups by size, and by entry id, title, is it an abstract, group
    (-1: a small one), x, y.
    """
    library = Library(data)
    groups = _groups([library.place(row) for row in range(len(data.entries))])
    names = [name for name, _ in Counter(groups).most_common(MOST_COLOURS)]
    number_of = {name: number for number, name in enumerate(names)}
    entries = [data.entries.get(row) for row in range(len(data.entries))]
    return {
        "groups": [shorten(name, 40) for name in names],
        "ids": [entry.id for entry in entries],
        "titles": [shorten(entry.title or entry.source, _TITLE_CHARS) for entry in entries],
        "abstract": [int(entry.kind == "abstract") for entry in entries],
        "group": [number_of.get(group, -1) for group in groups],
        "x": [round(x, 4) for x, _ in coordinates],
        "y": [round(y, 4) for _, y in coordinates],
    }


def _groups(places: list[Place]) -> list[str]:
    """Name a group for each entry: the deepest level of the tree that still has few enough
    names.
    """
    best = [place[0] if place else "" for place in places]
    for depth in range(1, max(map(len, places), default=0)):
        names = [place[min(depth, len(place) - 1)] for place in places]
        if len(set(names)) > MOST_COLOURS and len(set(best)) > 1:
            break
        best = names
    return best
