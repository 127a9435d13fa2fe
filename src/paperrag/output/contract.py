"""The JSON that programs rely on: which shape every `--json` prints, and the schema of them all.

`docs/contract.schema.json` is written from here (`python -m paperrag.output.contract`). Changing a
shape is a change of the contract: say so in CHANGELOG.md.
"""

from __future__ import annotations

import json
from inspect import cleandoc
from typing import Any

import msgspec

from paperrag.output.paper_shapes import (
    ExportShape,
    FetchPlanShape,
    FetchShape,
    LintShape,
)
from paperrag.output.program_shapes import (
    CheckupShape,
    CollectionsShape,
    EvalShape,
    IndexReportShape,
    InitShape,
    OpenShape,
    PushShape,
    StatusShape,
)
from paperrag.output.shapes import (
    AskShape,
    EntryShape,
    HitShape,
    NoteShape,
    SearchShape,
    SimilarShape,
    VerifyShape,
)

VERSION = 1
"""Raised when a field goes or changes its meaning; new fields may come at any time."""

COMMANDS: dict[str, type[msgspec.Struct]] = {
    "search": SearchShape,
    "search --jsonl": HitShape,
    "ask": AskShape,
    "ask --jsonl": AskShape,
    "get ID": EntryShape,
    "get FILE": NoteShape,
    "open": OpenShape,
    "similar": SimilarShape,
    "verify": VerifyShape,
    "index": IndexReportShape,
    "status": StatusShape,
    "push": PushShape,
    "fetch": FetchShape,
    "fetch --dry-run": FetchPlanShape,
    "export": ExportShape,
    "lint": LintShape,
    "eval": EvalShape,
    "init": InitShape,
    "collection": CollectionsShape,
    "doctor": CheckupShape,
}
"""What each prints with `--json`; `similar` is an endpoint of the page alone."""


def schema() -> dict[str, Any]:
    """Return the JSON Schema of all shapes; `commands` says which belongs to which."""
    shapes, parts = msgspec.json.schema_components(COMMANDS.values(), ref_template="#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"paperrag --json, contract version {VERSION}",
        "commands": dict(zip(COMMANDS, shapes, strict=True)),
        "$defs": _undented(parts),
    }


def _undented(part: Any) -> Any:
    """Return a part of a schema with descriptions as Python 3.13 keeps docstrings: not indented."""
    if isinstance(part, dict):
        return {name: _undented(value) for name, value in part.items()}
    return cleandoc(part) if isinstance(part, str) else part


def schema_text() -> str:
    """Return `docs/contract.schema.json`."""
    return json.dumps(schema(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    import sys

    sys.stdout.write(schema_text())
