"""Front matter of a note -> its fields, and what they say of the paper that the note is on."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from paperrag.notes.bylines import read_byline
from paperrag.records import Link, NotePaper, Trouble
from paperrag.text.fields import field_of_label
from paperrag.text.folding import NOT_ENCODABLE
from paperrag.text.front import FrontMatter
from paperrag.text.links import find_links, make_link
from paperrag.text.patterns import lazy_pattern
from paperrag.text.people import authors_in
from paperrag.text.venues import find_venue, read_year

Fields = Mapping[str, str | tuple[str, ...]]
"""Values by name in lower case: a text, or the members of a list."""

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
_TAG_WORDS = 3
_NOTHING = frozenset({"", "null", "~"})
_MOST_VALUES, _DEEPEST = 1000, 4
_SURROGATES = lazy_pattern(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_LINE = lazy_pattern(
    r"(?P<key>[^\s:=：#-][^:=：]*?)[ \t]*(?:(?:[:=](?=\s|$)|：)[ \t]*(?P<value>.*?)[ \t]*)$"
)
_TAGS_AS_REMARK = lazy_pattern(r"^([ \t]*(?:[\w-]+:|-)[ \t]+)(#[^\s#].*?)[ \t]*$", re.MULTILINE)
"""`tags: #a #b`: no remark, as YAML has it."""
_NAMES_BETWEEN = lazy_pattern(r"[,，;；、]")
_WIKI_LINK = lazy_pattern(r"^\s*\[\[(?:[^\[\]|]*\|)?([^\[\]|]*)\]\]\s*$")
_OF_HIGHLIGHTS = "hls__"
"""What Logseq puts before the name of a page of highlights."""
_PLACEHOLDER = lazy_pattern(r"\{\{|<%")
"""What templates leave to be filled in."""
_TAGS_BETWEEN = lazy_pattern(r"[\s,，;；、]+")


def read_front_matter(block: FrontMatter, source: str) -> tuple[Fields, tuple[Trouble, ...]]:
    """Return the fields of a block, and what is wrong with it.

    What is not strict YAML or TOML is read line by line, `key: value`, and named as a trouble.
    """
    data, fault = _READERS[block.form](block.content)
    troubles: tuple[Trouble, ...] = ()
    if not block.is_closed:
        message = "front matter is never closed; read up to the first blank line"
        troubles = (Trouble(source, message, block.first + 1),)
    if fault:
        message = (
            f"front matter is not valid {block.form} ({fault}); read line by line as key: value"
        )
        troubles = (*troubles, Trouble(source, message, block.first + 1))
        data = _by_line(block.content)
    if not isinstance(data, dict):
        return {}, troubles
    fields: dict[str, str | tuple[str, ...]] = {}
    for key, value in _by_path(data):
        texts = tuple(_texts(value))
        if texts:
            fields[_clean(key).lower()] = texts if isinstance(value, list) else texts[0]
    return fields, troubles


def _by_path(
    data: Mapping[object, object], above: str = "", depth: int = 1
) -> Iterator[tuple[str, object]]:
    """Yield fields, those that others hold behind what these are called: ("results coco", 41.2);
    what has a name is called by that, as authors are.
    """
    for key, value in data.items():
        path = f"{above} {key}".strip()
        is_named = field_of_label(path) or (isinstance(value, dict) and "name" in value)
        if isinstance(value, dict) and not is_named and depth < _DEEPEST:
            yield from _by_path(value, path, depth + 1)
        else:
            yield path, value


def _yaml(content: str) -> tuple[object, str]:
    """What the content says, and what is wrong with it, "" if nothing is."""
    import yaml  # 30 ms, only for files that have front matter

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # texts only: 2410.10 keeps its last 0
    try:
        text = _TAGS_AS_REMARK.sub(_quoted, paired(content))
        data = yaml.load(text, loader)
        return data, "it names no fields" if isinstance(data, str) and data.strip() else ""
    except yaml.YAMLError as error:
        fault = getattr(error, "problem", None) or str(error)
        return None, _clean(fault.split("\n", 1)[0])
    except (RecursionError, ValueError, OverflowError) as error:
        return None, _clean(str(error).split("\n", 1)[0])


def _quoted(match: re.Match[str]) -> str:
    return match[1] + json.dumps(match[2], ensure_ascii=False)


def _toml(content: str) -> tuple[object, str]:
    import tomllib

    try:
        return tomllib.loads(content), ""
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return None, str(error).split("\n", 1)[0]


def paired(text: str) -> str:
    """Return a text with the characters that JSON writers store as two escapes."""
    return _SURROGATES.sub(_pair, text)


def _pair(match: re.Match[str]) -> str:
    character: str = json.loads(f'"{match[0]}"')
    return character


def _by_line(content: str) -> dict[str, object]:
    """The fields of lines `key: value` and of the list items below a key."""
    fields: dict[str, object] = {}
    key = ""
    for line in content.split("\n"):
        text = line.strip()
        if (match := _LINE.match(line)) and not line[:1].isspace():
            key, value = match["key"].strip("\"' "), match["value"] or ""
            fields[key] = _value(value)
        elif key and text.startswith("-") and (item := _unquoted(text[1:].strip())):
            above = fields[key]
            fields[key] = [*(above if isinstance(above, list) else []), item]
        elif key and text and not text.startswith("#") and isinstance(fields[key], str):
            fields[key] = f"{fields[key]} {text}".strip()
    return fields


def _json(content: str) -> tuple[object, str]:
    try:
        return json.loads(content), ""
    except (ValueError, RecursionError) as error:
        return None, str(error).split("\n", 1)[0]


_READERS: Mapping[str, Callable[[str], tuple[object, str]]] = {
    "YAML": _yaml,
    "TOML": _toml,
    "JSON": _json,
    "lines": lambda content: (_by_line(content), ""),
}
"""What reads the content of a block of fields, and says what is wrong with it."""


def _value(text: str) -> object:
    if not text.startswith("["):
        return _unquoted(text)
    items = text.strip("[]").split(",")
    return [item for each in items if (item := _unquoted(each.strip()))]


def _unquoted(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] == '"':
        try:
            return str(json.loads(text))
        except ValueError:
            return text[1:-1]
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == "'" else text


def _texts(value: object) -> Iterator[str]:
    """The texts in a value, lists in lists included; an alias repeated without end is cut off."""
    left, stack = _MOST_VALUES, [(value, 0)]
    while stack and left > 0:
        left -= 1
        one, depth = stack.pop()
        if isinstance(one, (list, dict)) and depth < _DEEPEST:
            members = (
                one if isinstance(one, list) else [one["name"]] if "name" in one else one.values()
            )
            stack += [(member, depth + 1) for member in reversed(list(members))]
        elif isinstance(one, (list, dict)) or one is None:
            continue
        elif (text := _clean(str(one)).strip()) not in _NOTHING:
            yield text


def _clean(text: str) -> str:
    return NOT_ENCODABLE.sub("\ufffd", text)


# --- what fields say of a paper -------------------------------------------------------------------


def read_paper(fields: Fields) -> NotePaper:
    """Return what fields say of the paper that a note is on."""
    shown, fields = fields, {**_by_shape(fields), **_by_label(fields), **fields}
    links, title = links_in(fields), _first(fields, "title").removeprefix(_OF_HIGHLIGHTS)
    return NotePaper(
        title="" if _PLACEHOLDER.search(title) else title,
        authors=_authors(_values(fields, "authors", "author", "creators")),
        year=_year(fields),
        venue=venue_in(fields),
        doi=next((link.identifier or "" for link in links if link.site == "doi"), ""),
        url=links[0].url if links else "",
        citekey=_first(fields, "citekey", "citation-key", "bibtexkey").lstrip("@"),
        tags=_tags(fields),
        aliases=_names(_values(fields, "aliases", "alias")),
        links=links,
        fields=tuple(pairs(shown)),
    )


def _by_label(fields: Fields) -> Fields:
    """Fields that are called in Chinese, by the names that are known here: 标题 is the title."""
    named = ((field_of_label(label), label) for label in fields if not label.isascii())
    return {name: fields[label] for name, label in named if name}


def _by_shape(fields: Fields) -> Fields:
    """Fields that are called otherwise, by what they hold: a venue with its year, names listed, a
    list of words in small letters for tags, words for the title where an address may stand.
    """
    found: dict[str, str | tuple[str, ...]] = {}
    if (title := _first(fields, "paper")) and not find_links(title):
        found["title"] = title
    for name, value in fields.items():
        if name in _LINK_FIELDS or field_of_label(name):
            continue
        if not isinstance(value, str):
            if all(map(_is_tag, value)):
                found.setdefault("tags", value)
        elif find_venue(value):
            found.setdefault("venue", value)
        elif (byline := read_byline(value)) and byline.year is None:
            found.setdefault("authors", value)
    return found


def _is_tag(word: str) -> bool:
    parts = re.split(r"[\s_-]+", word)
    return word.islower() and len(parts) <= _TAG_WORDS and all(map(str.isalnum, parts))


def pairs(fields: Fields) -> Iterator[tuple[str, str]]:
    """Yield (name, value), a pair for each member of a list."""
    for name, value in fields.items():
        for text in (value,) if isinstance(value, str) else value:
            yield name, text


def _first(fields: Fields, *names: str) -> str:
    values = (fields.get(name) for name in names)
    return next(
        (value if isinstance(value, str) else value[0] for value in values if value), ""
    ).strip()


def _values(fields: Fields, *names: str) -> str | Sequence[str]:
    """What the first of some fields that says something holds."""
    return next(filter(None, map(fields.get, names)), ())


def values_of(value: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return the texts of a field, () for one that is not there."""
    return (value,) if isinstance(value, str) else tuple(value or ())


def _names(value: str | Sequence[str]) -> tuple[str, ...]:
    """Names in a list, or in a text with commas."""
    names = _NAMES_BETWEEN.split(value) if isinstance(value, str) else value
    return tuple(name for name in map(_without_brackets, names) if name)


def _authors(value: str | Sequence[str]) -> tuple[str, ...]:
    if isinstance(value, str):
        value = authors_in(value)
    return tuple(name for name in map(_without_brackets, value) if name)


def _without_brackets(name: str) -> str:
    """A name without those of a wiki-link."""
    return _WIKI_LINK.sub(r"\1", name).strip()


def _tags(fields: Fields) -> tuple[str, ...]:
    value = _values(fields, "tags", "tag")
    words = _TAGS_BETWEEN.split(value) if isinstance(value, str) else value
    return tuple(dict.fromkeys(tag for word in words if (tag := word.strip().lstrip("#"))))


def _year(fields: Fields) -> int | None:
    found = (read_year(_first(fields, name)) for name in ("year", "published", "venue", "date"))
    return next(filter(None, found), None)


def links_in(fields: Fields) -> tuple[Link, ...]:
    """Return the links of the fields that hold some, each once."""
    links: tuple[Link, ...] = ()
    for key in _LINK_FIELDS:
        for text in values_of(fields.get(key)):
            links = merge_links(links, _links_of(key, text.strip()))
    return links


def _links_of(key: str, text: str) -> tuple[Link, ...]:
    if key == "openreview" and re.fullmatch(r"[\w-]{8,}", text):
        return (make_link(f"https://openreview.net/forum?id={text}"),)
    named = f"{key.removesuffix('_id')}:{text}" if key in ("arxiv", "arxiv_id", "doi") else text
    return find_links(text) or find_links(named)


def venue_in(fields: Fields) -> str | None:
    """Return the venue with its year, None if there is none; of a list, such as `[ICLR24]`, the
    first.
    """
    venue, year = _first(fields, "venue"), _first(fields, "year")
    return find_venue(venue) or (f"{venue} {year}" if year else venue) if venue else None


def merge_links(first: tuple[Link, ...], second: tuple[Link, ...]) -> tuple[Link, ...]:
    """Return both without those of the second that the first has."""
    keys = {(link.site, link.identifier or link.url) for link in first}
    return (
        *first,
        *(link for link in second if (link.site, link.identifier or link.url) not in keys),
    )
