"""An index in use -> a new one of all notes, put together beside it and switched to when it is
whole.

Questions are answered from the old one meanwhile, and notes that change are taken into it. A run
that was killed has kept what it saved: the next one by the same rules goes on there. So a large
vault is searched at once by single words' vectors, while those that read word order are made.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from msgspec.structs import replace

from paperrag.errors import IndexError_, IndexMismatch
from paperrag.index.building import build_index, check_not_emptied, has_files
from paperrag.index.engine import Beside, Engine, Snapshot
from paperrag.index.manifest import FileRecord, Manifest, SegmentRecord
from paperrag.index.recipe import IndexRecipe
from paperrag.index.reporting import IndexReport
from paperrag.index.rows import picked
from paperrag.notes.corpus import scan_corpus
from paperrag.records import Progress


def rebuild_index(
    corpus: Path,
    store: Engine,
    recipe: IndexRecipe,
    progress: Progress | None = None,
    allow_empty: bool = False,
) -> tuple[Snapshot, IndexReport]:
    """Read and embed all notes anew and return the index with a report; raises as `build_index`
    does.
    """
    beside = store.beside() if has_files(store) else None
    if beside is None:
        return build_index(corpus, store, recipe, True, progress, allow_empty)
    if not (allow_empty or scan_corpus(corpus, recipe.exclude)[0]):
        check_not_emptied(corpus, store)
    _discard_if_of_other_rules(corpus, beside, recipe)
    made, report = build_index(corpus, beside, recipe, False, progress, allow_empty)
    with store.lock(), beside.lock():
        _switch(store, beside, made.manifest, corpus)
        beside.discard()
    return store.load(), report


def _discard_if_of_other_rules(corpus: Path, beside: Beside, recipe: IndexRecipe) -> None:
    try:
        manifest = beside.manifest()
        manifest.corpus.check(beside.place_of(corpus), beside.name)
        recipe.check(manifest, beside.name)
    except IndexMismatch:
        with beside.lock():
            beside.discard()
    except IndexError_:
        return  # there is none, or it is mended when it is built


def _switch(store: Engine, beside: Beside, made: Manifest, corpus: Path) -> None:
    """Make what was built beside an index the index."""
    files: dict[str, FileRecord] = {}
    segments: dict[int, SegmentRecord] = {}
    for number, record in made.segments.items():
        inside = {name: one for name, one in made.files.items() if one.segment == number}
        there = beside.open_segment(number, record)
        if len(inside) == len(there.files) - 1:
            new = beside.hand_over(number)
            segments[new] = record
        else:  # else it would keep the text of notes that are gone
            order = np.array([one.number for one in inside.values()])
            new, segments[new] = store.add_segment(picked(there.stored(), order))
            numbered = enumerate(inside.items())
            inside = {name: replace(one, number=at) for at, (name, one) in numbered}
        files |= {name: replace(one, segment=new) for name, one in inside.items()}
    store.commit(
        replace(
            made,
            generation=store.generation() + 1,
            corpus=store.place_of(corpus),
            files=dict(sorted(files.items())),
            segments=segments,
        )
    )
