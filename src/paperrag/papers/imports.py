"""A file of papers -> abstracts, without a network: for people behind walls.

Takes an arXiv Atom feed, the arXiv metadata dump (JSON lines, gigabytes: read line by line),
Semantic Scholar JSON (one record, a list, or {"data": […]}; also JSON lines), CSL-JSON, RIS and
BibTeX. Only papers that the notes name are taken.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from paperrag.errors import FetchError, PaperFileError
from paperrag.papers.bibtex_reading import parse_bibtex
from paperrag.papers.csl import csl_paper, is_csl
from paperrag.papers.fetcher import FetchReport, Unresolved
from paperrag.papers.formats import (
    arxiv_json_paper,
    atom_papers,
    parse_atom,
    semantic_scholar_paper,
)
from paperrag.papers.ids import PaperId
from paperrag.papers.refs import NO_TITLE, Paper, PaperRef
from paperrag.papers.ris import START as RIS_START
from paperrag.papers.ris import ris_papers
from paperrag.papers.shelf import Shelf
from paperrag.papers.titles import is_certain, title_head, title_key

MAX_WHOLE_BYTES = 200_000_000
"""Largest file that is read at once (Atom, BibTeX, one JSON value); JSON lines have no limit."""

_WHAT = (
    "expected an arXiv Atom feed, arXiv metadata JSON lines, Semantic Scholar JSON, CSL-JSON, RIS or "
    "BibTeX"
)


log = logging.getLogger("paperrag")


def read_papers(path: Path) -> Iterator[Paper]:
    """Yield the papers of a file, whose format is seen from its first characters. Raises
    PaperFileError.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            start = file.read(4096).lstrip()
    except OSError as error:
        raise PaperFileError(f"cannot read {path} ({error.strerror}); {_WHAT}") from error
    except UnicodeDecodeError as error:
        raise PaperFileError(f"cannot read {path}: {error}; {_WHAT}") from error
    if start.startswith("<"):
        return _atom(path)
    if start.startswith(("{", "[")):
        return _json(path)
    if RIS_START.match(start):
        return ris_papers(_whole(path))
    if "@" in start:
        return iter(parse_bibtex(_whole(path), str(path)))
    raise PaperFileError(f"{path} begins with {start[:40]!r}; {_WHAT}")


def take_papers(
    papers: Iterable[Paper],
    refs: Sequence[PaperRef],
    shelf: Shelf,
    cited: Collection[str] = (),
) -> FetchReport:
    """Write those papers that the notes name: by id, by a title that matches for certain, or by one
    of the citation keys that they cite.
    """
    by_id = {identifier: ref for ref in refs for identifier in ref.ids}
    by_title: dict[str, list[PaperRef]] = {}
    for ref in refs:
        if ref.title:
            by_title.setdefault(title_key(ref.title), []).append(ref)
    report = FetchReport(wanted=len(refs))
    report.present = sum(1 for ref in refs if shelf.find(ref))
    by_key = set(cited)
    for paper in papers:
        report.calls["papers in the file"] += 1
        matches = _matches(paper, by_id, by_title)
        if matches or paper.key in by_key:
            by_key.discard(paper.key)  # the first of a key has it
            notes = list(dict.fromkeys(note for ref in matches for note in ref.notes))
            file, is_new = shelf.put(paper, notes)
            (report.new if is_new else report.updated).append(file.source)
            if not file.paper.abstract:
                report.without_abstract.append(file.source)
    report.unresolved = [Unresolved(ref) for ref in refs if ref.ids and shelf.find(ref) is None]
    return report


def _matches(
    paper: Paper, by_id: Mapping[PaperId, PaperRef], by_title: Mapping[str, Sequence[PaperRef]]
) -> list[PaperRef]:
    named = [by_id[identifier] for identifier in paper.ids if identifier in by_id]
    alike = {
        key: by_title.get(key, ())
        for key in (title_key(paper.title), title_key(title_head(paper.title)))
    }
    likely = [ref for refs in alike.values() for ref in refs if ref not in named]
    return named + [
        ref
        for ref in likely
        if is_certain(ref.title, ref.year, ref.author, paper.title, paper.year, paper.authors)
        or _is_all_that_is_known(ref, paper)
    ]


def _is_all_that_is_known(ref: PaperRef, paper: Paper) -> bool:
    """Whether a note gives the title of a paper, of several words, and neither year nor author:
    a paper of the user's own library is then the one that is meant.
    """
    is_said = " " in ref.title and title_key(ref.title) == title_key(paper.title)
    return is_said and ref.year is None and ref.author is None


def _atom(path: Path) -> Iterator[Paper]:
    try:
        return atom_papers(parse_atom(_whole(path), str(path)))
    except FetchError as error:
        raise PaperFileError(f"{error}; {_WHAT}") from error


def _json(path: Path) -> Iterator[Paper]:
    """Yield papers of JSON lines, or of one JSON value if the first line is none by itself."""
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        first = next((line for line in file if line.strip()), "")
        value = _loads(first)
        if isinstance(value, dict) and not isinstance(value.get("data"), list):
            yield from _paper_of(value)
            yield from _json_lines(path, file)
            return
    yield from (paper for record in _records(path) for paper in _paper_of(record))


def _json_lines(path: Path, lines: Iterable[str]) -> Iterator[Paper]:
    for number, line in enumerate(lines, 2):
        if line.strip():
            record = _loads(line)
            if record is None:
                raise PaperFileError(f"{path}:{number} is not JSON: {line[:40]!r}; {_WHAT}")
            yield from _paper_of(record)


def _records(path: Path) -> list[Any]:
    try:
        value = json.loads(_whole(path))
    except ValueError as error:
        raise PaperFileError(f"{path} is not JSON ({error}); {_WHAT}") from error
    if isinstance(value, dict):
        value = value.get("data") if isinstance(value.get("data"), list) else [value]
    return value if isinstance(value, list) else []


def _paper_of(record: object) -> list[Paper]:
    if not isinstance(record, dict):
        return []
    if is_csl(record):
        item = csl_paper(record)
        if item is None:
            log.warning(NO_TITLE, str(record)[:60])
        return [item] if item else []
    is_arxiv = "id" in record and "externalIds" not in record and "paperId" not in record
    paper = arxiv_json_paper(record) if is_arxiv else semantic_scholar_paper(record)
    return [paper] if paper else []


def _loads(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _whole(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_WHOLE_BYTES:
            raise PaperFileError(
                f"{path} has more than {MAX_WHOLE_BYTES} bytes; split it, or use JSON lines"
            )
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise PaperFileError(f"cannot read {path} ({error.strerror}); {_WHAT}") from error
    except UnicodeDecodeError as error:
        raise PaperFileError(f"cannot read {path}: {error}; {_WHAT}") from error
