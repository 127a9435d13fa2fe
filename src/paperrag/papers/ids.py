"""Links -> ids of papers: where a paper has ids, the one form of each, and what an id says.

Two links to the same id are to one paper, whatever version or page they point at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from paperrag.notes.entry_shapes import links_of_work
from paperrag.records import Citation, Entry, Link
from paperrag.text.links import find_links
from paperrag.text.patterns import lazy_pattern

PaperSite = Literal["arxiv", "doi", "openreview", "acl", "neurips"]
"""Where papers have ids, the steadiest first: a paper's first id names its file."""

PAPER_SITES: tuple[PaperSite, ...] = get_args(PaperSite)

_NEURIPS = lazy_pattern(
    r"(?:proceedings\.neurips\.cc|papers\.n(?:eur)?ips\.cc)/paper(?:_files/paper)?/(\d{4})/(?:file|hash)/([0-9a-f]{32})"
    r"-(?:Paper|Abstract|Supplemental|Metadata)((?:-[A-Za-z_]+)?)"
)
_PREPRINT_DOI = lazy_pattern(r"10\.48550/arxiv\.(.+)", re.IGNORECASE)
_FIRST_ACL_YEAR = 65


@dataclass(frozen=True, slots=True, order=True)
class PaperId:
    """A paper's id at a site; DOIs and NeurIPS hashes in lower case. Reads as
    "arxiv:2407.08454".
    """

    site: PaperSite
    value: str

    def __str__(self) -> str:
        return f"{self.site}:{self.value}"


def make_id(site: PaperSite, value: object) -> PaperId | None:
    """Return the id of a paper in its one form, None for an empty value. A preprint's DOI is its
    arXiv id.
    """
    text = str(value or "").strip()
    if site == "doi":
        text = (
            re.sub(r"^(?:https?://(?:dx\.)?doi\.org/|doi:)", "", text, flags=re.IGNORECASE)
            .lower()
            .rstrip(".")
        )
        if preprint := _PREPRINT_DOI.fullmatch(text):
            return make_id("arxiv", preprint[1])
    if site == "arxiv":
        text = re.sub(
            r"^(?:https?://(?:www\.|export\.)?arxiv\.org/(?:abs|pdf)/|arxiv:)",
            "",
            text,
            flags=re.IGNORECASE,
        )
        text = re.sub(r"(?:\.pdf)?$|v\d+(?:\.pdf)?$", "", text)
    return PaperId(site, text) if text else None


def sort_ids(ids: Iterable[PaperId]) -> tuple[PaperId, ...]:
    """Return ids each once, the steadiest site first."""
    return tuple(
        sorted(set(ids), key=lambda paper_id: (PAPER_SITES.index(paper_id.site), paper_id.value))
    )


def paper_id(link: Link) -> PaperId | None:
    """Return the id of the paper that a link points at, None if it points at no known paper
    site.
    """
    if link.site in ("arxiv", "doi", "openreview", "acl"):
        return make_id(link.site, link.identifier)
    if match := _NEURIPS.search(link.url):
        return PaperId("neurips", f"{match[1]}/{match[2]}{match[3]}")
    return None


def paper_ids_in(text: str) -> list[PaperId]:
    """Return the ids of the papers that a text links to or names, in order."""
    return _ids_of(find_links(text))


def paper_ids(entry: Entry) -> list[PaperId]:
    """Return the ids of the papers that an entry links to, in order."""
    return _ids_of(entry.links)


def ids_of_work(entry: Entry) -> list[PaperId]:
    """Return the ids of the paper that an entry is on, however far from it the link stands."""
    return _ids_of(links_of_work(entry))


def ids_behind(entry: Entry) -> list[PaperId]:
    """Return the ids of the paper that an entry is on and of those that it links to, each once."""
    return list(dict.fromkeys((*ids_of_work(entry), *paper_ids(entry))))


def cited_ids(citations: Sequence[Citation]) -> list[PaperId]:
    """Return the ids of the papers that citations link to, in order."""
    return _ids_of(link for citation in citations for link in citation.links)


def _ids_of(links: Iterable[Link]) -> list[PaperId]:
    return list(dict.fromkeys(filter(None, map(paper_id, links))))


def paper_url(identifier: PaperId) -> str:
    """Return the page that people read for an id."""
    if identifier.site == "neurips":
        year, name = identifier.value.split("/", 1)
        digest, _, track = name.partition("-")
        return f"https://proceedings.neurips.cc/paper_files/paper/{year}/hash/{digest}-Abstract{'-' + track if track else ''}.html"
    if identifier.site == "openreview" and is_pdf_hash(identifier):
        return f"https://openreview.net/pdf/{identifier.value}.pdf"
    pages = {
        "arxiv": "https://arxiv.org/abs/{}",
        "doi": "https://doi.org/{}",
        "openreview": "https://openreview.net/forum?id={}",
        "acl": "https://aclanthology.org/{}/",
    }
    return pages[identifier.site].format(identifier.value)


def id_year(identifier: PaperId) -> int | None:
    """Return the year in which an id was given, None if it does not say: arXiv, ACL and NeurIPS
    ids begin with it.
    """
    patterns = {
        "arxiv": r"(?:[a-z-]+(?:\.[A-Z]{2})?/)?(\d\d)(?:0[1-9]|1[0-2])(?:\.\d|\d{3})",
        "acl": r"(\d{4})\.|[A-Z](\d\d)-",
        "neurips": r"(\d{4})/",
    }
    match = re.match(patterns.get(identifier.site, "(?!)"), identifier.value)
    if match is None:
        return None
    figures = next(filter(None, match.groups()))
    return (
        int(figures)
        if len(figures) == 4
        else int(figures) + (2000 if int(figures) < _FIRST_ACL_YEAR else 1900)
    )


def is_pdf_hash(identifier: PaperId) -> bool:
    """Whether an OpenReview id is the hash of a PDF rather than the id of a forum."""
    return identifier.site == "openreview" and bool(re.fullmatch(r"[0-9a-f]{40}", identifier.value))
