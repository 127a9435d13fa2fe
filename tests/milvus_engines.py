"""Engines that keep an index in Milvus Lite, in a folder of the test."""

from __future__ import annotations

from pathlib import Path

from paperrag.index.milvus.client import MilvusTables
from paperrag.index.milvus.engine import MilvusEngine

ONE = {"notes/a.md": "- 甲 one\n"}
TWO = {"notes/b.md": "- 乙 two\n"}


def milvus_in(folder: Path, corpus: str = "made up") -> MilvusEngine:
    """An engine of its own, as another process has one."""
    tables = MilvusTables(str(folder / "lite.db"), "", "notes", corpus)
    return MilvusEngine(folder / "index" / corpus, tables)
