"""BibTeX -> papers: files of Zotero, of publishers and of one's own.

The syntax is bibtexparser's matter, accents and other TeX are pylatexenc's. What a file holds that
is no paper, or cannot be read, is named, and the rest is read.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from paperrag.papers.ids import PaperId, make_id, paper_ids_in, sort_ids
from paperrag.papers.refs import NO_TITLE, Paper
from paperrag.papers.titles import whole_name
from paperrag.text.patterns import lazy_pattern

_PART = r'(?:\w+|"[^"]*"|\{[^{}]*\})'
_JOINED = lazy_pattern(rf"{_PART}(?:\s*#\s*{_PART})+")

_BRACED = lazy_pattern(r"\{(?:[^{}]|\{[^{}]*\})*\}")
"""A name all in braces; accents within have braces of their own."""

log = logging.getLogger("paperrag")


def parse_bibtex(text: str, where: str) -> list[Paper]:
    """Return the papers of BibTeX text; an entry that cannot be read is logged with its line."""
    from bibtexparser.entrypoint import parse_string
    from bibtexparser.model import DuplicateBlockKeyBlock, DuplicateFieldKeyBlock, Entry

    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # what it finds is told below
    library = parse_string(text)
    entries = list(library.entries)
    for block in library.failed_blocks:
        is_twin = isinstance(block, DuplicateBlockKeyBlock | DuplicateFieldKeyBlock)
        if is_twin and isinstance(block.ignore_error_block, Entry):
            entries.append(block.ignore_error_block)  # a paper all the same
        else:
            _tell(where, block.start_line or 0, block.raw or "")
    strings = {string.key.lower(): str(string.value) for string in library.strings}
    papers = []
    for entry in sorted(entries, key=lambda one: one.start_line or 0):
        if paper := _paper(entry, strings):
            papers.append(paper)
        else:
            log.warning(NO_TITLE, f"{where}:{(entry.start_line or 0) + 1}: {entry.key}")
    return papers


def _tell(where: str, line: int, raw: str) -> None:
    start = " ".join(raw.split())[:60]
    log.warning(
        "%s:%d: this BibTeX entry cannot be read, the others are: %s", where, line + 1, start
    )


def _paper(entry: Any, strings: dict[str, str]) -> Paper | None:
    raw = {field.key.lower(): _whole(str(field.value), strings) for field in entry.fields}
    plain = {name: _plain(value) for name, value in raw.items()}
    return Paper.of(
        title=plain.get("title"),
        authors=_people(raw.get("author", "")),
        year=plain.get("year") or plain.get("date"),
        venue=plain.get("booktitle") or plain.get("journal") or plain.get("journaltitle"),
        abstract=plain.get("abstract"),
        ids=sort_ids(_ids(plain)),
        url=plain.get("url", ""),
        source="BibTeX",
        key=str(entry.key),
    )


def _whole(value: str, strings: dict[str, str]) -> str:
    """Return a value whose parts are joined by #, as one text."""
    if not _JOINED.fullmatch(value):
        return value
    parts = re.findall(_PART, value)
    return "".join(
        part[1:-1] if part[0] in '"{' else strings.get(part.lower(), part) for part in parts
    )


def _people(value: str) -> Iterator[str]:
    """Yield names as people write them; what stands in braces, such as an institute, stays
    whole.
    """
    from bibtexparser.middlewares.names import (
        InvalidNameError,
        parse_single_name_into_parts,
        split_multiple_persons_names,
    )

    for name in split_multiple_persons_names(" ".join(value.split())):
        if _BRACED.fullmatch(name):
            yield whole_name(_plain(name))
            continue
        try:
            parts = parse_single_name_into_parts(name, strict=False)
            words = [*parts.first, *parts.von, *parts.last, *parts.jr]
        except InvalidNameError:
            words = [name]
        if words != ["others"]:
            yield _plain(" ".join(words))


def _ids(plain: dict[str, str]) -> Iterator[PaperId]:
    if make := make_id("doi", plain.get("doi")):
        yield make
    eprint = plain.get("eprint", "")
    if plain.get(
        "archiveprefix", plain.get("eprinttype", "arxiv")
    ).lower() == "arxiv" and re.search(r"\d{4}\.\d{4,5}|/\d{7}", eprint):
        yield PaperId("arxiv", (make_id("arxiv", eprint) or PaperId("arxiv", eprint)).value)
    yield from paper_ids_in(
        " ".join(plain.get(name, "") for name in ("url", "journal", "note", "howpublished"))
    )


def _plain(value: str) -> str:
    """Return a value without TeX: accents are letters, formulas stay as they are."""
    text = _to_text().latex_to_text(value) if re.search(r"[\\{}~]", value) else value
    return " ".join(text.split())


@cache
def _to_text() -> Any:
    from pylatexenc.latex2text import LatexNodes2Text

    return LatexNodes2Text(math_mode="verbatim", keep_comments=True)
