"""Records in the formats that paper APIs document -> Paper. Knows no network.

arXiv Atom, arXiv metadata JSON, Semantic Scholar, OpenReview (version 1 and 2), Crossref and
OpenAlex.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element

from paperrag.errors import FetchError
from paperrag.papers.ids import make_id, paper_url
from paperrag.papers.refs import Paper
from paperrag.papers.titles import clean_text
from paperrag.text.patterns import lazy_pattern
from paperrag.text.venues import find_venue, read_year

DAYS_OF_400_YEARS = 146_097
YEAR_MS = 1000 * 86400 * DAYS_OF_400_YEARS // 400
"""Milliseconds of a year on average."""

_ATOM = "{http://www.w3.org/2005/Atom}"
_ARXIV = "{http://arxiv.org/schemas/atom}"
_TAG = lazy_pattern(r"<[^<>]*>")
_ERROR_ID = "/api/errors"


def parse_atom(text: str | bytes, where: str) -> Element:
    """Return the root of an Atom feed. Raises FetchError for broken XML and for XML that defines
    entities.
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        root: Element = fromstring(text, forbid_dtd=True)
    except DefusedXmlException as error:
        raise FetchError(
            f"{where} holds XML that defines entities ({type(error).__name__}); refused"
        ) from error
    except (ParseError, ValueError) as error:
        raise FetchError(f"{where} is not whole XML ({error}); expected an Atom feed") from error
    if root.tag != f"{_ATOM}feed":
        raise FetchError(f"{where} holds XML with root {root.tag!r}; expected an Atom feed")
    return root


def atom_papers(feed: Element) -> Iterator[Paper]:
    """Yield the papers of an arXiv feed, versions folded into the paper."""
    for entry in feed.iter(f"{_ATOM}entry"):
        identifier = make_id("arxiv", _of(entry, _ATOM, "id"))
        if identifier is None or _ERROR_ID in identifier.value:
            continue
        authors = [_of(author, _ATOM, "name") for author in entry.iter(f"{_ATOM}author")]
        venue = clean_text(_of(entry, _ARXIV, "journal_ref")) or find_venue(
            _of(entry, _ARXIV, "comment")
        )
        doi = make_id("doi", _of(entry, _ARXIV, "doi"))
        paper = Paper.of(
            title=_of(entry, _ATOM, "title"),
            authors=authors,
            year=_of(entry, _ATOM, "published"),
            venue=venue,
            abstract=_of(entry, _ATOM, "summary"),
            ids=(identifier, doi),
            url=paper_url(identifier),
            source="arXiv",
        )
        if paper:
            yield paper


def atom_errors(feed: Element) -> list[str]:
    """Return the messages of an arXiv feed that reports errors, such as "incorrect id format for
    1234".
    """
    entries = feed.iter(f"{_ATOM}entry")
    return [
        clean_text(_of(entry, _ATOM, "summary"))
        for entry in entries
        if _ERROR_ID in _of(entry, _ATOM, "id")
    ]


def _of(element: Element, namespace: str, name: str) -> str:
    return element.findtext(f"{namespace}{name}") or ""


def arxiv_json_paper(record: Mapping[str, Any]) -> Paper | None:
    """Return the paper of one line of the arXiv metadata dump, None if the line is no such
    record.
    """
    identifier = make_id("arxiv", record.get("id"))
    if identifier is None:
        return None
    parsed = record.get("authors_parsed")
    if isinstance(parsed, list):
        authors = [
            " ".join(str(part) for part in (name[1:2] + name[:1]) if part)
            for name in parsed
            if isinstance(name, list)
        ]
    else:
        authors = re.split(r",\s*|\s+and\s+", str(record.get("authors") or ""))
    versions = record.get("versions") or [{}]
    first = versions[0] if isinstance(versions, list) and isinstance(versions[0], dict) else {}
    return Paper.of(
        title=record.get("title"),
        authors=authors,
        year=first.get("created") or record.get("update_date"),
        venue=record.get("journal-ref") or find_venue(str(record.get("comments") or "")),
        abstract=record.get("abstract"),
        ids=(identifier, make_id("doi", record.get("doi"))),
        url=paper_url(identifier),
        source="arXiv",
    )


def semantic_scholar_paper(record: Mapping[str, Any]) -> Paper | None:
    """Return the paper of a Semantic Scholar record with fields such as `externalIds` and
    `authors`.
    """
    external = record.get("externalIds") or {}
    return Paper.of(
        title=record.get("title"),
        authors=[
            author.get("name") for author in record.get("authors") or () if isinstance(author, dict)
        ],
        year=record.get("year"),
        venue=record.get("venue"),
        abstract=record.get("abstract"),
        ids=(
            make_id("arxiv", external.get("ArXiv")),
            make_id("doi", external.get("DOI")),
            make_id("acl", external.get("ACL")),
        ),
        url=str(record.get("url") or ""),
        source="Semantic Scholar",
    )


def openreview_paper(note: Mapping[str, Any]) -> Paper | None:
    """Return the paper of an OpenReview note; version 2 wraps each value in {"value": …}, version
    1 does not.
    """
    content = {name: _unwrapped(value) for name, value in (note.get("content") or {}).items()}
    identifier = make_id("openreview", note.get("forum") or note.get("id"))
    milliseconds = note.get("pdate") or note.get("cdate") or note.get("tcdate")
    venue = content.get("venue")
    authors = content.get("authors")
    return Paper.of(
        title=content.get("title"),
        authors=authors if isinstance(authors, list) else (),
        year=read_year(venue) or _year_of(milliseconds),
        venue=venue,
        abstract=content.get("abstract"),
        ids=(identifier,),
        url=paper_url(identifier) if identifier else "",
        source="OpenReview",
    )


def _unwrapped(value: object) -> Any:
    return value.get("value") if isinstance(value, dict) and "value" in value else value


def _year_of(milliseconds: object) -> int | None:
    if not isinstance(milliseconds, int | float):
        return None
    return 1970 + int(milliseconds / YEAR_MS)


def crossref_paper(work: Mapping[str, Any]) -> Paper | None:
    """Return the paper of a Crossref work; its abstract is JATS, often missing."""
    identifier = make_id("doi", work.get("DOI"))
    people = [person for person in work.get("author") or () if isinstance(person, dict)]
    dates = (work.get("issued") or {}).get("date-parts") or [[None]]
    return Paper.of(
        title=_plain_markup(_first(work.get("title"))),
        authors=[
            f"{person.get('given') or ''} {person.get('family') or person.get('name') or ''}"
            for person in people
        ],
        year=dates[0][0] if dates[0] else None,
        venue=_plain_markup(_first(work.get("container-title"))),
        abstract=re.sub(
            r"^\s*abstract[\s.:]+", "", _plain_markup(work.get("abstract")), flags=re.IGNORECASE
        ),
        ids=(identifier,),
        url=paper_url(identifier) if identifier else "",
        source="Crossref",
    )


def openalex_paper(work: Mapping[str, Any]) -> Paper | None:
    """Return the paper of an OpenAlex work; its abstract comes as an index of words to
    positions.
    """
    location = work.get("primary_location") or {}
    names = [
        (authorship.get("author") or {}).get("display_name")
        for authorship in work.get("authorships") or ()
    ]
    pages = [
        str(place.get("landing_page_url") or "")
        for place in work.get("locations") or ()
        if isinstance(place, dict)
    ]
    arxiv = next((page for page in pages if "arxiv.org/abs/" in page), None)
    return Paper.of(
        title=_plain_markup(work.get("title") or work.get("display_name")),
        authors=names,
        year=work.get("publication_year"),
        venue=(location.get("source") or {}).get("display_name"),
        abstract=_abstract_of(work.get("abstract_inverted_index")),
        ids=(make_id("doi", work.get("doi")), make_id("arxiv", arxiv)),
        url=str(location.get("landing_page_url") or work.get("id") or ""),
        source="OpenAlex",
    )


def _abstract_of(index: object) -> str:
    """Return the text of an inverted index {"word": [positions]}."""
    if not isinstance(index, dict):
        return ""
    placed = [
        (place, word)
        for word, places in index.items()
        if isinstance(places, list)
        for place in places
    ]
    return " ".join(word for _, word in sorted(placed))


def _first(values: object) -> object:
    return next(iter(values), "") if isinstance(values, list) else values


def _plain_markup(value: object) -> str:
    return html.unescape(_TAG.sub(" ", str(value or ""))).strip()
