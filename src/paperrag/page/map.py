"""The points of the map: every entry near what says similar things."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import chain
from operator import is_
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from paperrag.encoders.contract import FloatArray
from paperrag.errors import PaperRagError
from paperrag.index.codes import KINDS
from paperrag.page.browsing import TreePlace
from paperrag.page.corpora import Corpora, Corpus
from paperrag.page.library import LibraryPage
from paperrag.page.map_groups import LEAST_REGION, by_branch, by_words
from paperrag.page.render import with_symbols
from paperrag.search.similar import EntryVectors, principal_plane
from paperrag.text.markup import shorten

FEW_GROUPS = 4
"""With fewer groups colours say little: then the map is divided by what its parts say."""

_TITLE_CHARS = 90


class MapPage:
    """The points of the newest index, made once for each."""

    def __init__(self, corpora: Corpora, library: LibraryPage) -> None:
        self._corpora = corpora
        self._library = library
        self._made: dict[str, tuple[list[EntryVectors], str]] = {}

    def points(self, collection: str = "") -> str:
        """Return what `map_points` gives of a collection or of all, as JSON. Raises
        PaperRagError.
        """
        every = self._corpora.named(collection)
        vectors = [one.assistant.vectors() for one in every]
        made = self._made.get(collection)
        if made is None or not all(map(is_, made[0], vectors)):
            points = map_points(list(map(self._plotted, every, vectors)))
            made = (vectors, json.dumps(points, ensure_ascii=False))
            self._made = {**self._made, collection: made}
        return made[1]

    def _plotted(self, one: Corpus, vectors: EntryVectors) -> Plotted:
        places = self._library.tree_of(one, vectors.data).places
        return Plotted(one, vectors, places)

    def route(self) -> Route:
        """Return where the page fetches its points from."""

        def points(request: Request) -> Response:
            try:
                body = self.points(request.query_params.get("collection", ""))
            except PaperRagError as error:
                return PlainTextResponse(str(error), 503)
            unkept = {"Cache-Control": "no-store"}
            return Response(body, media_type="application/json", headers=unkept)

        return Route("/paperrag/map", points)


class Plotted(Struct, frozen=True):
    """What the map needs of a collection: where its entries lie in the space of meanings and in
    the tree.
    """

    one: Corpus
    vectors: EntryVectors
    places: list[TreePlace]

    @property
    def ids(self) -> list[str]:
        """What its entries are called."""
        runs = self.vectors.data.layout.runs("entry")
        ids = (run.segment.texts("id", run.start, run.stop).all() for run in runs)
        return list(map(self.one.naming.called, chain.from_iterable(ids)))

    @property
    def titles(self) -> list[str]:
        """What its points say."""
        named = zip(self.vectors.data.entries.titles(), self.places, strict=True)
        return [shorten(with_symbols(title or place[-1]), _TITLE_CHARS) for title, place in named]

    @property
    def notes(self) -> list[str]:
        """What the notes are called in which they stand."""
        files = self.vectors.data.manifest.files.items()
        return [PurePosixPath(name).stem for name, one in files for _ in range(one.entries)]

    @property
    def abstracts(self) -> list[int]:
        """Which of its entries are abstracts: 1."""
        kinds = self.vectors.data.entries.columns["kind"]
        return list((kinds == KINDS.index("abstract")).astype(int).tolist())


def map_points(plotted: Sequence[Plotted]) -> dict[str, Any]:
    """Return the map as columns: groups by size, and by entry id, title, note, is it an abstract,
    group (-1: a small one), x, y; collections after one another.
    """
    titles = [title for one in plotted for title in one.titles]
    points = _coordinates([one.vectors for one in plotted])
    names, groups = by_branch([place for one in plotted for place in one.places])
    if len(names) < FEW_GROUPS and len(titles) >= FEW_GROUPS * LEAST_REGION:
        names, groups = by_words(points, titles)
    notes = [name for one in plotted for name in one.notes]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(notes))}
    return {
        "groups": names,
        "ids": [name for one in plotted for name in one.ids],
        "titles": titles,
        "notes": list(numbers),
        "note": [numbers[name] for name in notes],
        "abstract": [is_one for one in plotted for is_one in one.abstracts],
        "group": groups,
        "x": [round(x, 4) for x in points[:, 0].tolist()],
        "y": [round(y, 4) for y in points[:, 1].tolist()],
    }


def _coordinates(vectors: Sequence[EntryVectors]) -> FloatArray:
    """Return the place of each entry, (n, 2): all in one plane where one encoder made them, else
    each collection in its own.
    """
    if len({one.data.manifest.encoder for one in vectors}) == 1 and len(vectors) > 1:
        return principal_plane(np.concatenate([one.rows for one in vectors]))
    return np.concatenate([one.map for one in vectors])
