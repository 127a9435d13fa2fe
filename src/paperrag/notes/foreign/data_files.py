"""Files that are nothing but a list of papers in YAML or TOML -> papers of Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from paperrag.notes.foreign.data_trees import Datum, toml_tree, yaml_tree
from paperrag.notes.foreign.papers_of_data import (
    bare,
    is_named,
    lists_papers,
    members_of,
    papers_of_data,
)


def yaml_lists(lines: Sequence[str]) -> dict[int, str]:
    """Return what stands for the lines of a list of fields of papers, alone or below a key."""
    data = yaml_tree("\n".join(lines)) if _begins_list(lines) else None
    return _told(data, lines) if data and lists_papers(data) else {}


def toml_tables(lines: Sequence[str]) -> dict[int, str]:
    """Return what stands for the lines of tables of which one names a paper."""
    data = toml_tree(lines)
    return _told(data, lines) if data and any(map(is_named, members_of(data))) else {}


def _told(data: Datum, lines: Sequence[str]) -> dict[int, str]:
    """The papers, and remarks on lines of their own as items."""
    meant = papers_of_data(data, "#")
    marks = {at: line.strip() for at, line in enumerate(lines) if line.strip().startswith("#")}
    return meant | {at: f"- {bare(marks[at])}" for at in marks if meant.get(at) == ""}


def _begins_list(lines: Sequence[str]) -> bool:
    """Whether the first item has a field, and another one on the line below."""
    told = [line for line in lines if line.strip() and not line.startswith("#")]
    starts = [at for at, line in enumerate(told[:2]) if line.lstrip().startswith("- ")]
    if not starts or len(told) < starts[0] + 2:
        return False
    item, below = told[starts[0]], told[starts[0] + 1]
    is_below = below.startswith(" " * (item.index("-") + 1)) and below.lstrip()[:1] != "-"
    return all(":" in line for line in told[: starts[0] + 1]) and is_below
