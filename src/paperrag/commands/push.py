"""Copying an index to where many machines search it: `paperrag push`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct

from paperrag.commands.shared import ProgressBar, settings_of, show
from paperrag.errors import ConfigError, PaperRagError

if TYPE_CHECKING:
    from paperrag.config import Settings
    from paperrag.index.engine import Snapshot

QUESTIONS = 20
"""Asked of both indexes if nobody says how many."""

FIRST = 10
"""Entries that are compared for each."""

LEAST_OVERLAP = 0.95
"""Of the first entries, below which a copy is not switched to: a server that searches
approximately misses a few, a copy that is wrong most."""


class Parity(Struct, frozen=True):
    """How far two indexes find the same: questions asked, those with the same first entries in the
    same order, and the share of the first entries that both found.
    """

    questions: int
    same: int
    overlap: float

    def __str__(self) -> str:
        return (
            f"{self.same} of {self.questions} questions find the same ten in the same order, "
            f"overlap {self.overlap:.3f}"
        )


def copy_index(options: argparse.Namespace) -> int:
    """Copy the index on this machine into Milvus, and check that it finds the same."""
    from paperrag.wiring.engines import push_index

    settings = settings_of(options)
    uri = options.to or settings.milvus_uri
    if not uri:
        raise ConfigError("push: expected --to URI or milvus_uri, such as http://localhost:19530")
    parity: list[Parity] = []
    with ProgressBar() as progress:
        name, files = push_index(
            settings, uri, progress, _judge(settings, options.questions, parity.append)
        )
    if files is None:
        raise PaperRagError(
            f"{name} does not find the same ({parity[0]}; expected {LEAST_OVERLAP} at least) and "
            f"was not switched to; what was there is as it was. Run the same again"
        )
    show(
        options,
        lambda to: to.push_json(
            name, files, parity[0].questions, parity[0].same, parity[0].overlap
        ),
        lambda: (
            f"{files} files copied to {name}\nparity: {parity[0]}\n"
            f'to search there: store = "milvus" and milvus_uri = "{uri}"'
        ),
    )
    return 0


def _judge(
    settings: Settings, count: int, tell: Callable[[Parity], None]
) -> Callable[[Snapshot, Snapshot], bool]:
    """Return what tells whether two indexes find the same for titles out of the notes."""
    from paperrag.search.retrieval import Retriever
    from paperrag.wiring.encoders import load_encoder

    def is_same(here: Snapshot, there: Snapshot) -> bool:
        encoder = load_encoder(here.manifest.encoder, settings.download)
        retrievers = [Retriever(data, encoder) for data in (here, there)]
        same, both, all_found = 0, 0, 0
        titles = _some(here.entries.titles(), count)
        for title in titles:
            ours, theirs = (
                [hit.entry.id for hit in one.search(title, FIRST)] for one in retrievers
            )
            same += ours == theirs
            both += len({*ours} & {*theirs})
            all_found += len(ours)
        tell(Parity(len(titles), same, both / all_found if all_found else 1.0))
        return both >= LEAST_OVERLAP * all_found

    return is_same


def _some(titles: list[str], count: int) -> list[str]:
    """Return titles from all over the notes, each once."""
    told = list(dict.fromkeys(title.strip() for title in titles if title.strip()))
    return told[:: max(1, len(told) // count)][:count]
