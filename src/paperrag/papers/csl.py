"""CSL-JSON, as Zotero, Pandoc and word processors exchange it -> papers, and papers -> CSL-JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from paperrag.papers.abstract_format import AbstractFile
from paperrag.papers.bibtex import keyed_papers, kind_of, url_of, year_of
from paperrag.papers.ids import make_id, paper_ids_in, sort_ids
from paperrag.papers.refs import Paper, PaperRef
from paperrag.papers.shelf import Shelf
from paperrag.papers.titles import whole_name, without_braces

_TYPES = {"article": "article-journal", "inproceedings": "paper-conference", "misc": "article"}
"""CSL's word for a kind of BibTeX entry."""

_NAME = ("given", "dropping-particle", "non-dropping-particle", "family", "suffix")
"""The parts of a person's name, in the order in which it is written."""


def is_csl(record: Mapping[str, Any]) -> bool:
    """Whether a JSON object is an item of CSL: other formats have none of these names."""
    return any(name in record for name in ("issued", "container-title", "citation-key", "type"))


def csl_paper(record: Mapping[str, Any]) -> Paper | None:
    """Return the paper of an item; None without a title."""
    links = " ".join(str(record.get(name, "")) for name in ("URL", "note", "number", "archive"))
    people = record.get("author")
    return Paper.of(
        title=record.get("title"),
        authors=[_name(one) for one in people if isinstance(one, dict)]
        if isinstance(people, list)
        else [],
        year=_year(record.get("issued")),
        venue=record.get("container-title") or record.get("event-title"),
        abstract=record.get("abstract"),
        ids=sort_ids([*filter(None, [make_id("doi", record.get("DOI"))]), *paper_ids_in(links)]),
        url=str(record.get("URL") or ""),
        source="CSL-JSON",
        key=str(record.get("citation-key") or _cited_by(record.get("id"))),
    )


def _cited_by(number: object) -> str:
    """Return the id of an item where it is what Pandoc cites, as in `[@okafor2024]`; Zotero's own
    are addresses or numbers.
    """
    if not isinstance(number, str) or number.isdecimal() or "/" in number:
        return ""
    return number


def csl(
    refs: Sequence[PaperRef], shelf: Shelf, files: Sequence[AbstractFile] = ()
) -> tuple[str, int]:
    """Return CSL-JSON of the papers of references and files, each once, sorted by key, and their
    number.
    """
    papers = keyed_papers(refs, shelf, files)
    items = [_item(key, papers[key]) for key in sorted(papers)]
    return json.dumps(items, ensure_ascii=False, indent=2) + "\n", len(items)


def _item(key: str, paper: Paper) -> dict[str, Any]:
    year = year_of(paper)
    doi = next((one.value for one in paper.ids if one.site == "doi"), "")
    item = {
        "id": key,
        "citation-key": key,
        "type": _TYPES[kind_of(paper)],
        "title": paper.title,
        "author": [name_parts(name) for name in paper.authors],
        "issued": {"date-parts": [[year]]} if year else None,
        "container-title": paper.venue,
        "DOI": doi,
        "URL": url_of(paper),
        "abstract": paper.abstract,
    }
    return {name: value for name, value in item.items() if value}


def _name(person: Mapping[str, Any]) -> str:
    if person.get("literal"):
        return whole_name(str(person["literal"]))
    return " ".join(str(person[part]) for part in _NAME if person.get(part))


def name_parts(name: str) -> dict[str, str]:
    """Return a name in its parts: "van der" of Jan van der Berg is neither given nor family."""
    whole, words = without_braces(name), name.split()
    if whole is not None or len(words) < 2:
        return {"literal": whole or name}
    first = next((n for n, word in enumerate(words) if n and word.islower()), len(words) - 1)
    last = next((n for n in range(first, len(words)) if not words[n].islower()), len(words) - 1)
    parts = (words[:first], words[first:last], words[last:])
    named = zip(("given", "non-dropping-particle", "family"), map(" ".join, parts), strict=True)
    return {part: text for part, text in named if text}


def _year(issued: object) -> object:
    if not isinstance(issued, dict):
        return issued
    parts = issued.get("date-parts")
    if isinstance(parts, list) and parts and isinstance(parts[0], list) and parts[0]:
        return parts[0][0]
    return issued.get("raw") or issued.get("literal")
