"""Kill indexing at random moments, and damage index files at random places; say what came of it.

    python benchmarks/survival.py [--kills 200] [--merges 60] [--rebuilds 60] [--pushes 20]
        [--damages 1000] [--seed 0]

Kills, a line for each: a process that builds or updates an index of made-up notes (or only puts its
segments together, rebuilds it, copies it into Milvus Lite) is killed after a random time. Whatever
it had done, the index must be whole (every byte checked), and every file in it as it was before or
as it is now; the next run must bring it up to date. Damages: a bit, a page or the end of a file of
the index is altered. Questions must then be answered as before or be refused by name.
"""

from __future__ import annotations

import argparse
import logging
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from paperrag.encoders.static import StaticEncoder
from paperrag.errors import IndexError_
from paperrag.index import steps
from paperrag.index.building import build_index
from paperrag.index.engine import Snapshot
from paperrag.index.rebuilding import rebuild_index
from paperrag.index.recipe import IndexRecipe
from paperrag.index.store import Store
from paperrag.search.retrieval import Retriever
from paperrag.wiring.encoders import load_encoder
from paperrag.wiring.engines import open_store

if TYPE_CHECKING:
    from paperrag.index.milvus.engine import MilvusEngine

FILES, ENTRIES = 60, 20
NAMES = [f"note-{number:02}" for number in range(FILES)]
WORDS = (
    "KV cache merging 低秩分解 量化 attention 解码 speculative 稀疏 prompt 压缩 路由 expert".split()
)
RUNS = 5
"""Segments that lie apart before they are put together; four are enough."""

STEP_BYTES, BATCH_CHUNKS = 20_000, 100
"""After which a rebuild and a copy save, so that a kill falls between."""

QUESTIONS = ("KV cache merging", "哪些方法压缩注意力？", "speculative 解码")

Run = Callable[[], object]


class Notes:
    """A made-up corpus whose every entry carries the version of its file."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.corpus, self.index = folder / "corpus", folder / "index"
        self.random = random.Random(seed)
        self.version: Counter[str] = Counter()

    def write(self, names: list[str]) -> None:
        """Give some files their next version."""
        for name in names:
            self.version[name] += 1
            lines = (" ".join(self.random.choices(WORDS, k=12)) for _ in range(ENTRIES))
            points = "".join(f"- {line} v{self.version[name]} {name}\n" for line in lines)
            path = self.corpus / "notes" / f"{name}.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"# {name}\n{points}", encoding="utf-8")


def main() -> None:
    """Print what came of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--merges", type=int, default=60)
    parser.add_argument("--rebuilds", type=int, default=60)
    parser.add_argument("--pushes", type=int, default=20)
    parser.add_argument("--damages", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    logging.disable(logging.WARNING)
    encoder = load_encoder("bundled-static")
    assert isinstance(encoder, StaticEncoder)
    encoder.encode_query(["warm"])
    recipe = IndexRecipe(encoder, encoder.max_tokens)
    with tempfile.TemporaryDirectory() as temporary:
        notes = Notes(Path(temporary), options.seed)
        print("kills:", dict(kill_often(notes, recipe, options.kills)), flush=True)
        print("merges:", dict(kill_merges(notes, recipe, options.merges)), flush=True)
        print("rebuilds:", dict(kill_rebuilds(notes, recipe, options.rebuilds)), flush=True)
        print("pushes:", dict(kill_pushes(notes, recipe, options.pushes)), flush=True)
        print("damages:", dict(damage_often(notes, recipe, options.damages)))


def kill_often(notes: Notes, recipe: IndexRecipe, kills: int) -> Counter[str]:
    """Return how many runs were killed and how many ended first, each with a line; exits at the
    first index lost.
    """
    outcomes: Counter[str] = Counter()
    notes.write(NAMES)
    longest = _seconds(lambda: _build(notes, recipe))
    for number in range(1, kills + 1):
        is_first = notes.random.random() < 0.2
        if is_first:
            shutil.rmtree(notes.index, ignore_errors=True)
        before = _versions(notes) if not is_first else {}
        changed = notes.random.randint(1, FILES // 4)
        notes.write(notes.random.sample(NAMES, changed))
        share = 1.0 if is_first else changed / FILES
        after_s = notes.random.uniform(0, longest * share)
        outcome = _killed(lambda: _build(notes, recipe), after_s)
        lost = _lost(notes, recipe, before)
        work = "first build" if is_first else f"update of {changed} files"
        print(f"{number}: {work}, {outcome} at {after_s:.3f} s, {lost or 'survived'}", flush=True)
        if lost:
            sys.exit(1)
        outcomes[outcome] += 1
    return outcomes


def _lost(notes: Notes, recipe: IndexRecipe, before: dict[str, int]) -> str:
    """Return what a killed run lost of what was there before it, or kept of what it did not write,
    "" for nothing; the next run is taken.
    """
    after = _versions(notes)
    for name, version in after.items():
        if version not in (known := (before.get(name), notes.version[name])):
            return f"LOST: {name} has version {version}, expected one of {known}"
    if before and before.keys() != after.keys():
        return f"LOST: files {sorted(before.keys() - after.keys())}"
    _build(notes, recipe)
    return "" if _versions(notes) == dict(notes.version) else "LOST: the next run left files behind"


def kill_merges(notes: Notes, recipe: IndexRecipe, kills: int) -> Counter[str]:
    """Return how many merges of segments were killed; exits at the first index lost."""
    shutil.rmtree(notes.index, ignore_errors=True)
    for first in range(0, FILES, FILES // RUNS):
        notes.write(NAMES[first : first + FILES // RUNS])
        build_index(notes.corpus, open_store(notes.index), recipe, merged_chunks=0)
    apart = notes.index.with_name("apart")
    shutil.copytree(notes.index, apart)
    longest = _seconds(lambda: _build(notes, recipe))

    def begin() -> None:
        shutil.rmtree(notes.index)
        shutil.copytree(apart, notes.index)

    return _kill(notes, recipe, kills, "merge", longest, begin, lambda: _build(notes, recipe))


def kill_rebuilds(notes: Notes, recipe: IndexRecipe, kills: int) -> Counter[str]:
    """Return how many rebuilds were killed; exits at the first index lost."""
    steps.FIRST_STEP_BYTES = STEP_BYTES

    def rebuild() -> None:
        rebuild_index(notes.corpus, open_store(notes.index), recipe)

    def begin() -> None:
        notes.write(notes.random.sample(NAMES, 2))

    return _kill(notes, recipe, kills, "rebuild", _seconds(rebuild), begin, rebuild)


def _kill(
    notes: Notes,
    recipe: IndexRecipe,
    kills: int,
    work: str,
    longest: float,
    begin: Run,
    run: Run,
) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    for number in range(1, kills + 1):
        begin()
        before = _versions(notes)
        after_s = notes.random.uniform(0, longest)
        outcome = _killed(run, after_s)
        lost = _lost(notes, recipe, before)
        print(f"{number}: {work}, {outcome} at {after_s:.3f} s, {lost or 'survived'}", flush=True)
        if lost:
            sys.exit(1)
        outcomes[outcome] += 1
    return outcomes


def kill_pushes(notes: Notes, recipe: IndexRecipe, kills: int) -> Counter[str]:
    """Return how many copies into Milvus Lite were killed; exits where one is neither what was
    copied before nor what is here, or where the next one does not make it so. Milvus is opened by
    child processes only: each kill takes the server with it.
    """
    outcomes: Counter[str] = Counter()
    uri = str(notes.index.with_name("lite.db"))

    def push() -> None:
        from paperrag.index.milvus import push as copying

        copying.BATCH_CHUNKS = BATCH_CHUNKS
        told = (lambda *_: None), (lambda *_: True)
        copying.push(open_store(notes.index), _milvus(notes, uri), notes.corpus, *told)

    longest = _seconds(lambda: _whole(push))
    for number in range(1, kills + 1):
        before = dict(notes.version)
        notes.write(NAMES)
        _build(notes, recipe)
        now = dict(notes.version)
        after_s = notes.random.uniform(0, longest)
        outcome = _killed(push, after_s)
        _whole(partial(_check_copy, notes, uri, (before, now)))
        _whole(push)
        _whole(partial(_check_copy, notes, uri, (now,)))
        print(f"{number}: push, {outcome} at {after_s:.3f} s, survived", flush=True)
        outcomes[outcome] += 1
    return outcomes


def _milvus(notes: Notes, uri: str) -> MilvusEngine:
    from paperrag.index.milvus.client import MilvusTables
    from paperrag.index.milvus.engine import MilvusEngine

    folder = notes.index.with_name("of-milvus")
    return MilvusEngine(folder, MilvusTables(uri, "", "survival", "made up"))


def _check_copy(notes: Notes, uri: str, known: Sequence[dict[str, int]]) -> None:
    """Exit unless a copy holds the files in one of some versions."""
    found = _versions_in(_milvus(notes, uri).load())
    if found not in known:
        sys.exit(f"LOST: the copy holds {found}, expected one of {known}")


def damage_often(notes: Notes, recipe: IndexRecipe, damages: int) -> Counter[str]:
    """Return how often questions were answered as before or refused; exits at a wrong answer."""
    outcomes: Counter[str] = Counter()
    expected = _answers(open_store(notes.index), recipe)
    files = [path for path in notes.index.iterdir() if path.is_file() and path.stat().st_size]
    for _ in range(damages):
        path = notes.random.choice(files)
        content = path.read_bytes()
        path.write_bytes(_altered(content, notes.random))
        try:
            found = _answers(open_store(notes.index), recipe)
            if found != expected:
                sys.exit(f"a damaged {path.name} was answered from")
            outcomes["answered as before"] += 1
        except IndexError_:
            outcomes["refused"] += 1
        path.write_bytes(content)
    return outcomes


def _altered(content: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(content))
    kind = chance.choice(("bit", "page", "end"))
    if kind == "end":
        return content[:place]
    altered = bytearray(content)
    if kind == "bit":
        altered[place] ^= 1 << chance.randrange(8)
    else:
        page = altered[place : place + 4096]
        altered[place : place + 4096] = chance.randbytes(len(page))
    return bytes(altered)


def _answers(store: Store, recipe: IndexRecipe) -> list[tuple[str, str, float]]:
    retriever = Retriever(store.load(), recipe.encoder)
    hits = [hit for question in QUESTIONS for hit in retriever.search(question, 10)]
    return [(hit.entry.id, hit.entry.text, hit.score) for hit in hits]


def _build(notes: Notes, recipe: IndexRecipe) -> None:
    build_index(notes.corpus, open_store(notes.index), recipe)


def _killed(run: Run, after_s: float) -> str:
    child = _started(run)
    time.sleep(after_s)
    os.kill(child, signal.SIGKILL)
    return "killed" if os.waitpid(child, 0)[1] else "ended before"


def _whole(run: Run) -> None:
    """Run in a process of its own to the end; exits where that fails."""
    if os.waitpid(_started(run), 0)[1]:
        sys.exit("a run that nobody killed failed")


def _started(run: Run) -> int:
    child = os.fork()
    if not child:
        try:
            run()
            os._exit(0)
        finally:
            traceback.print_exc()
            os._exit(1)
    return child


def _versions(notes: Notes) -> dict[str, int]:
    """Return the version of each file in an index of which every byte was read."""
    try:
        data = open_store(notes.index).check()
    except IndexError_ as error:
        if "no index in" in str(error):
            return {}
        sys.exit(f"the index was lost: {error}")
    return _versions_in(data)


def _versions_in(data: Snapshot) -> dict[str, int]:
    found: dict[str, set[int]] = {}
    for row in range(len(data.entries)):
        entry = data.entries.get(row)
        version = int(entry.text.split()[-2].removeprefix("v"))
        found.setdefault(Path(entry.source).stem, set()).add(version)
    mixed = [name for name, versions in found.items() if len(versions) > 1]
    if mixed:
        sys.exit(f"{mixed[0]} holds several versions")
    return {name: versions.pop() for name, versions in found.items()}


def _seconds(run: Run) -> float:
    start = time.monotonic()
    run()
    return time.monotonic() - start


if __name__ == "__main__":
    main()
