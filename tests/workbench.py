"""What tests of indexing and of the commands share: files with their own times, a counting
encoder, processes.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import itertools
import logging
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from fakes import NgramEncoder
from paperrag import cli
from paperrag.encoders.contract import FloatArray
from paperrag.encoders.probing import PROBES
from paperrag.index.building import build_index
from paperrag.index.data import IndexData
from paperrag.index.recipe import IndexRecipe
from paperrag.index.reporting import IndexReport
from paperrag.index.store import Store
from paperrag.wiring.engines import open_store

REPOSITORY = Path(__file__).parent.parent
PROBE_TEXTS = frozenset(text for _, text in PROBES)
_CLOCK = itertools.count(1_700_000_000)


class CountingEncoder(NgramEncoder):
    """The n-gram encoder, keeping every text of notes that it was asked to embed."""

    def __init__(self, dimension: int = 64) -> None:
        super().__init__(dimension)
        self.embedded: list[str] = []

    def encode_document(self, texts: Sequence[str]) -> FloatArray:
        self.embedded += [text for text in texts if text not in PROBE_TEXTS]
        return super().encode_document(texts)

    def encode_query(self, texts: Sequence[str]) -> FloatArray:
        return super().encode_document(texts)


class Bench:
    """A corpus and an index folder, brought up to date with a counting encoder."""

    def __init__(self, folder: Path, encoder: NgramEncoder | None = None) -> None:
        self.corpus = folder / "corpus"
        self.index = folder / "index"
        self.encoder = encoder or CountingEncoder()
        self.store: Store = open_store(self.index)

    @property
    def recipe(self) -> IndexRecipe:
        return IndexRecipe(self.encoder, 64)

    def write(self, **files: str | bytes | None) -> None:
        """Write corpus/notes/NAME.md for every NAME=text; None removes the file."""
        for name, content in files.items():
            path = self.corpus / "notes" / f"{name}.md"
            if content is None:
                path.unlink()
            else:
                write_file(path, content)

    def build(self, rebuild: bool = False) -> tuple[IndexReport, list[str]]:
        """Index, also where no note is left; return the report and the texts that were embedded."""
        before = len(getattr(self.encoder, "embedded", ()))
        _, report = build_index(self.corpus, self.store, self.recipe, rebuild, allow_empty=True)
        return report, list(getattr(self.encoder, "embedded", ()))[before:]

    def counts(self, rebuild: bool = False) -> tuple[int, int, int, int, int]:
        """Index and return (added, changed, moved, removed, unchanged)."""
        report, _ = self.build(rebuild)
        return report.added, report.changed, report.moved, report.removed, report.unchanged

    def texts(self) -> list[str]:
        """The texts of all indexed entries, in order."""
        data = self.store.load()
        return [data.entries.get(row).text for row in range(len(data.entries))]

    def names(self) -> list[str]:
        """What lies in the index folder."""
        return sorted(path.name for path in self.index.iterdir())

    def segment(self) -> Path:
        """The file of the first segment."""
        return min(self.index.glob("segment-*.arrays"))


def write_file(path: Path, content: str | bytes) -> Path:
    """Write a file with a modification time that no other file of this run has."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    moment = next(_CLOCK)
    os.utime(path, (moment, moment))
    return path


def vectors_by_entry(data: IndexData) -> dict[str, list[list[float]]]:
    """The vectors of each entry's chunks, by entry id."""
    vectors = data.vectors.rows(np.arange(len(data.chunks))).tolist()
    found: dict[str, list[list[float]]] = {}
    for row, vector in zip(data.chunks.entry.tolist(), vectors, strict=True):
        found.setdefault(data.entries.get(row).id, []).append(vector)
    return found


def environment(**changes: str) -> dict[str, str]:
    """This process's environment for a paperrag process, without settings of the developer."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PAPERRAG_", "PYTHON"))
    }
    return {
        **clean,
        "PYTHONPATH": f"{REPOSITORY / 'src'}{os.pathsep}{REPOSITORY / 'tests'}",
        **changes,
    }


def paperrag(*arguments: str | Path, cwd: Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    options = {
        "env": environment(),
        "capture_output": True,
        "encoding": "utf-8",
        "timeout": 60,
        **options,
    }
    return subprocess.run(
        [sys.executable, "-m", "paperrag", *map(str, arguments)], cwd=cwd, check=False, **options
    )


def paperrag_here(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command line in this process: the same, many times quicker."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.chdir(cwd),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        mock.patch.dict(os.environ),
        mock.patch.object(logging.root, "handlers", []),
    ):
        for name in [name for name in os.environ if name.startswith("PAPERRAG_")]:
            del os.environ[name]
        try:
            code = cli.main([str(argument) for argument in arguments])
        except SystemExit as exit:
            code = int(exit.code or 0)
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


def as_plain_user() -> None:
    """Give up root's right to read and write every file, for the program that is started next
    (preexec_fn).

    Linux: capabilities 1 and 2, CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, leave the bounding set
    (prctl 24).
    """
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in (1, 2):
            if libc.prctl(24, capability, 0, 0, 0):
                raise OSError(ctypes.get_errno(), "cannot drop a capability")
