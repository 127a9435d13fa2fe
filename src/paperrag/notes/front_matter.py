"""YAML front matter of a note -> its fields, links and venue."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it.token import Token

from paperrag.records import Link, Trouble
from paperrag.text.links import find_links, find_venue, make_link

_LINK_FIELDS = (
    "url",
    "link",
    "paper",
    "pdf",
    "arxiv",
    "arxiv_id",
    "doi",
    "openreview",
    "source",
    "code",
    "github",
)
_NOTHING = ("", "null", "~")


def read_front_matter(
    tokens: Sequence[Token], source: str
) -> tuple[dict[str, object], tuple[Trouble, ...]]:
    """Return the fields by lower-case name, {} if a file has none, and what is wrong with them."""
    token = next((token for token in tokens if token.type == "front_matter"), None)
    if token is None:
        return {}, ()
    import yaml  # 30 ms, only for files that have front matter

    try:
        data = yaml.load(
            token.content, yaml.BaseLoader
        )  # texts only: as a number, 2410.10010 would lose its last 0
    except (yaml.YAMLError, RecursionError) as error:
        first_line = (
            str(error).split("\n", 1)[0]
            if isinstance(error, yaml.YAMLError)
            else "nested too deeply"
        )
        return {}, (
            Trouble(
                source, f"front matter is not valid YAML ({first_line}); read as plain text", 1
            ),
        )
    if not isinstance(data, dict):
        return {}, ()
    return {str(key).lower(): value for key, value in data.items() if value not in _NOTHING}, ()


def links_in(fields: dict[str, object]) -> tuple[Link, ...]:
    """Return the links of the fields that hold some, each once."""
    links: tuple[Link, ...] = ()
    for key in _LINK_FIELDS:
        value = fields.get(key)
        for text in value if isinstance(value, list) else (value or "",):
            links = merge_links(links, _links_of(key, str(text).strip()))
    return links


def _links_of(key: str, text: str) -> tuple[Link, ...]:
    if key == "openreview" and re.fullmatch(r"[\w-]{8,}", text):
        return (make_link(f"https://openreview.net/forum?id={text}"),)
    named = f"{key.removesuffix('_id')}:{text}" if key in ("arxiv", "arxiv_id", "doi") else text
    return find_links(text) or find_links(named)


def venue_in(fields: dict[str, object]) -> str | None:
    """Return the venue with its year, None if there is none; of a list, such as `[ICLR24]`, the
    first.
    """
    venue, year = fields.get("venue"), fields.get("year")
    if isinstance(venue, list) and venue:
        venue = venue[0]
    if not isinstance(venue, str):
        return None
    return find_venue(venue) or (f"{venue} {year}" if year else venue)


def merge_links(first: tuple[Link, ...], second: tuple[Link, ...]) -> tuple[Link, ...]:
    """Return both without those of the second that the first has."""
    keys = {(link.site, link.identifier or link.url) for link in first}
    return (
        *first,
        *(link for link in second if (link.site, link.identifier or link.url) not in keys),
    )
