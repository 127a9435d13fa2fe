"""RIS, as publishers and reference managers exchange it -> papers, and papers -> RIS."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from paperrag.papers.abstract_format import AbstractFile
from paperrag.papers.bibtex import keyed_papers, kind_of, url_of, year_of
from paperrag.papers.csl import name_parts
from paperrag.papers.ids import make_id, paper_ids_in, sort_ids
from paperrag.papers.refs import NO_TITLE, Paper, PaperRef
from paperrag.papers.shelf import Shelf
from paperrag.papers.titles import whole_name
from paperrag.text.patterns import lazy_pattern

_LINE = lazy_pattern(r"([A-Z][A-Z0-9])  ?- ?(.*)")
START = lazy_pattern(r"TY  ?-")
"""How every record begins."""

_END = "ER  - "
_BOUNDS = ("TY", "ER")
"""Where a record ends: at its own end, or where the next begins."""

_TYPES = {"article": "JOUR", "inproceedings": "CPAPER", "misc": "UNPB"}
"""RIS's word for a kind of BibTeX entry."""

log = logging.getLogger("paperrag")


def ris_papers(text: str) -> Iterator[Paper]:
    """Yield the papers of a file; one without a title is named."""
    for fields in _records(text):
        if paper := _paper(fields):
            yield paper
        else:
            log.warning(NO_TITLE, "; ".join(one for values in fields.values() for one in values))


def _records(text: str) -> Iterator[Mapping[str, list[str]]]:
    """Yield the fields of each record, also where its end is missing; a line without a tag goes on
    with the one before.
    """
    fields: dict[str, list[str]] = defaultdict(list)
    tag = ""
    for line in [*text.splitlines(), _END]:
        match = _LINE.match(line)
        tag = match[1] if match else tag
        if tag in _BOUNDS and fields:
            yield fields
            fields = defaultdict(list)
        if match and tag != "ER":
            fields[tag].append(match[2].strip())
        elif line.strip() and fields.get(tag):
            fields[tag][-1] += f" {line.strip()}"


def ris(
    refs: Sequence[PaperRef], shelf: Shelf, files: Sequence[AbstractFile] = ()
) -> tuple[str, int]:
    """Return RIS of the papers of references and files, each once, sorted by key, and their
    number.
    """
    papers = keyed_papers(refs, shelf, files)
    return "".join(_record(key, papers[key]) for key in sorted(papers)), len(papers)


def _record(key: str, paper: Paper) -> str:
    lines = [
        ("TY", _TYPES[kind_of(paper)]),
        ("ID", key),
        ("TI", paper.title),
        *(("AU", _turned(name)) for name in paper.authors),
        ("PY", str(year_of(paper) or "")),
        ("T2", paper.venue),
        ("DO", next((one.value for one in paper.ids if one.site == "doi"), "")),
        ("UR", url_of(paper)),
        ("AB", paper.abstract),
    ]
    return "".join(f"{tag}  - {value}\n" for tag, value in lines if value) + f"{_END}\n\n"


def _turned(name: str) -> str:
    """Return a name with the family first: "van der Berg, Jan"; an institute's as it is."""
    parts = name_parts(name)
    family = " ".join(filter(None, (parts.get("non-dropping-particle"), parts.get("family"))))
    return f"{family}, {parts['given']}" if family else parts["literal"]


def _paper(fields: Mapping[str, list[str]]) -> Paper | None:
    def first(*tags: str) -> str:
        return next((fields[tag][0] for tag in tags if fields.get(tag)), "")

    links = " ".join(one for tag in ("UR", "L1", "L2", "N1", "M3") for one in fields.get(tag, ()))
    return Paper.of(
        title=first("TI", "T1", "CT"),
        authors=[_name(name) for tag in ("AU", "A1") for name in fields.get(tag, ())],
        year=first("PY", "Y1", "DA"),
        venue=first("T2", "JO", "JF", "JA", "BT"),
        abstract=first("AB", "N2"),
        ids=sort_ids([*filter(None, [make_id("doi", first("DO"))]), *paper_ids_in(links)]),
        url=first("UR"),
        source="RIS",
    )


def _name(name: str) -> str:
    family, comma, given = name.partition(",")
    return f"{given.strip()} {family.strip()}".strip() if comma else whole_name(name)
