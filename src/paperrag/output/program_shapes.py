"""The JSON shapes of what the program tells of itself: its index, settings and runs, as types.

Changing one is a change of the contract: see `contract`.
"""

from __future__ import annotations

import msgspec


class IndexShape(msgspec.Struct):
    """What is indexed, and with what. `expected_entries`: about how many there will be, where a
    first index is still being made; null where all is there.
    """

    generation: int
    encoder: str
    dimension: int
    files: int
    entries: int
    chunks: int
    expected_entries: int | None


class FileChangeShape(msgspec.Struct):
    """What an index run did to the entries of one file."""

    source: str
    added: int
    changed: int
    moved: int
    removed: int


class TroubleShape(msgspec.Struct):
    """Something about a file that one should know; `fatal`: nothing of it was read."""

    source: str
    line: int | None
    message: str
    fatal: bool


class IndexReportShape(msgspec.Struct):
    """`index --json`, counted in entries."""

    added: int
    changed: int
    moved: int
    removed: int
    unchanged: int
    embedded_chunks: int
    files_read: int
    files: int
    by_file: list[FileChangeShape]
    troubles: list[TroubleShape]
    took_ms: float


class ModelShape(msgspec.Struct):
    """The LLM that the settings name; `why` says what keeps it from being asked."""

    name: str
    connected: bool
    why: str


class StatusShape(msgspec.Struct):
    """`status --json`; `model` is null without an LLM. `rebuilding`: what there is so far of an
    index that is put together beside this one, null where none is.
    """

    corpus: str
    index_folder: str
    store: str
    index: IndexShape | None
    rebuilding: IndexShape | None
    disk_bytes: int
    checked: bool
    fresh: bool
    changed_files: list[str]
    removed_files: list[str]
    faults: list[str]
    troubles: list[TroubleShape]
    model: ModelShape | None


class PushShape(msgspec.Struct):
    """`push --json`: where the index was copied to; of the questions asked of both, how many find
    the same ten in the same order, and the share in 0–1 of the ten that both find.
    """

    to: str
    copied_files: int
    questions: int
    same: int
    overlap: float


class MetricsShape(msgspec.Struct, rename={"ndcg_10": "ndcg@10", "recall_10": "recall@10"}):
    """Metrics of one group of questions, each in 0–1; null where no question tells."""

    questions: int
    ndcg_10: float | None
    recall_10: float | None
    mrr: float | None
    citation_precision: float | None
    citation_recall: float | None
    abstained_answerable: float | None
    abstained_unanswerable: float | None


class EvalShape(msgspec.Struct):
    """`eval --json`."""

    file: str
    groups: dict[str, MetricsShape]


class InitShape(msgspec.Struct):
    """`init --json`: the notes that are remembered, and what to ask them first."""

    corpus: str
    settings: str
    files: int
    entries: int
    troubles: list[TroubleShape]
    questions: list[str]
    took_ms: float


class CollectionsShape(msgspec.Struct):
    """`collection … --json`: folders by name."""

    collections: dict[str, str]


class CheckShape(msgspec.Struct):
    """One thing that `doctor` looked at."""

    name: str
    is_well: bool
    found: str


class CheckupShape(msgspec.Struct):
    """`doctor --json`."""

    checks: list[CheckShape]


class OpenShape(msgspec.Struct):
    """`open --json`: what would be opened."""

    address: str
    source: str
    line: int
