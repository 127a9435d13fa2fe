"""The JSON shapes of what is known of papers, as types: fetched, exported, linted."""

from __future__ import annotations

import msgspec


class PaperShape(msgspec.Struct):
    """A paper that an API knows, in short."""

    title: str
    authors: list[str]
    year: int | None
    url: str
    source: str


class UnresolvedShape(msgspec.Struct):
    """A paper of the notes of which no API was sure, and what came near."""

    paper: str | None
    title: str
    place: str
    candidates: list[PaperShape]


class FetchShape(msgspec.Struct):
    """`fetch --json`."""

    wanted: int
    present: int
    new: list[str]
    updated: list[str]
    without_abstract: list[str]
    unresolved: list[UnresolvedShape]
    not_asked: int
    failures: list[str]
    calls: dict[str, int]
    linked: int


class CallShape(msgspec.Struct):
    """A call that a fetch would begin with."""

    api: str
    url: str


class FetchPlanShape(msgspec.Struct):
    """`fetch --dry-run --json`."""

    named: int
    present: int
    wanted: int
    calls: list[CallShape]


class LeftOutShape(msgspec.Struct):
    """A paper that an export lacks, and why."""

    title: str
    place: str
    reason: str


class ExportShape(msgspec.Struct):
    """`export --json`."""

    file: str
    papers: int
    left_out: list[LeftOutShape]


class FindingShape(msgspec.Struct):
    """Something that looks wrong in the notes."""

    problem: str
    source: str
    line: int | None
    message: str


class LintShape(msgspec.Struct):
    """`lint --json`."""

    findings: list[FindingShape]
