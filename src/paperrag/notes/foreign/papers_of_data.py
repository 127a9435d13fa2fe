"""Values with their lines -> papers of Markdown: a heading, or an item where a paper is told on one
line, with its fields as items below.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from paperrag.notes.foreign.bylines import byline
from paperrag.notes.foreign.data_trees import Datum, Words
from paperrag.text.fields import field_of_label
from paperrag.text.language import has_han
from paperrag.text.venues import read_year

_NAMES = ("name", "paper")
"""What the name of a paper is called besides what fields of a title are, the best first."""
_SURNAMES, _GIVEN = ("family", "lastname", "name"), ("given", "firstname")
_YEARS = ("issued",)
"""What is called otherwise than fields of a year are."""
_KEYS = {"key": "citekey"}
_MARKS = "#-*>"


class Telling(Struct, frozen=True):
    """What is told from a line on. is_head: whether the lines of a paper begin here."""

    line: int
    words: str
    is_head: bool = False


def papers_of_data(data: Datum, heading: str) -> dict[int, str]:
    """Return what stands for the lines of data; heading: what marks names of papers, "" where
    these are items.
    """
    said = dict(placed(list(_told(data, heading, 0)), data.last))
    return dict.fromkeys(range(data.first, data.last + 1), "") | said if said else {}


def lists_papers(data: Datum) -> bool:
    """Return whether data are a list of objects that have names, or have one."""
    lists = data.value.values() if isinstance(data.value, Mapping) else [data]
    members = (one.value for one in lists if not isinstance(one.value, Words | Mapping))
    return any(value and all(map(is_named, value)) for value in members)


def placed(told: Sequence[Telling], last: int) -> Iterator[tuple[int, str]]:
    """Yield what is told, each on its line, or the next that is free before another paper; else it
    is said on the line above.
    """
    limits: list[int] = []
    limit = last
    for one in reversed(told):
        limits.append(limit)
        limit = one.line - 1 if one.is_head else limit
    at, above = -1, ""
    for one, limit in zip(told, reversed(limits), strict=True):
        free = max(one.line, at + 1)
        is_free = free <= max(limit, one.line)
        at = free if is_free else at
        above = one.words if is_free else f"{above}; {bare(one.words).replace('**', '')}"
        yield at, above


def _told(data: Datum, heading: str, depth: int, key: str = "") -> Iterator[Telling]:
    if isinstance(data.value, Mapping):
        yield from _of_object(data, heading, depth, key)
    elif isinstance(data.value, Words):
        yield from _of_words(data.first, data.value, depth, key)
    elif not any(isinstance(one.value, Mapping) for one in data.value) and _is_short(data):
        yield from _item(data.first, depth, key, flat(data))
    else:
        is_below = bool(key and not heading)
        if is_below:
            yield from _item(data.first, depth, key, "")
        told = list(filter(_is_told, data.value))
        are_long = all(one.first < one.last for one in told)
        for one in told:
            yield from _told(one, heading if are_long else "", depth + is_below)


def _of_words(line: int, words: Words, depth: int, key: str) -> Iterator[Telling]:
    """Words of several lines are items below what they are called."""
    texts = [(at, bare(text)) for at, text in words.texts]
    if len(texts) == 1 or (texts and texts[0][0] == line):
        yield from _item(line, depth, key, texts.pop(0)[1])
    elif texts and key:
        yield from _item(line, depth, key, "")
    for at, text in texts:
        yield from _item(at, depth + 1, "", text)


def _of_object(data: Datum, heading: str, depth: int, key: str) -> Iterator[Telling]:
    fields = data.value
    assert isinstance(fields, Mapping)
    name = min(
        (one for one in fields if _is_name(one) and flat(fields[one])), key=_rank, default=""
    )
    others = {one: value for one, value in fields.items() if one != name}
    is_shown = not heading or any(isinstance(value.value, Words) for value in fields.values())
    title = f"{flat(fields[name])}{_byline(fields)}" if name else _called(key) if is_shown else ""
    if data.first == data.last:
        said = flat(Datum(data.first, data.last, others))
        title = f"**{title}**; " if name else title and f"{title}: "
        yield Telling(data.first, f"{'  ' * depth}- {title}{said}".rstrip("; "), is_head=True)
        return
    is_heading = bool(heading and name and not depth)
    if title:
        mark = heading if is_heading else f"{'  ' * depth}-"
        yield Telling(data.first, f"{mark} {title}", is_head=True)
    below = depth + bool(title and not is_heading)
    for one, value in others.items():
        if field_of_label(one) == "authors":
            yield from _item(value.first, below, one, "; ".join(_authors(value)))
        else:
            yield from _told(value, heading if not is_heading else "", below, one)


def _item(line: int, depth: int, key: str, words: str) -> Iterator[Telling]:
    said = f"{_called(key)}: {words}".strip() if key else words
    if said:
        yield Telling(line, f"{'  ' * depth}- {said}")


def _byline(fields: Mapping[str, Datum]) -> str:
    """Who wrote a paper, and when, as it stands behind a title."""
    said = {field_of_label(key) or key.lower(): value for key, value in fields.items()}
    names = list(_authors(said["authors"])) if "authors" in said else []
    years = (read_year(flat(said[key])) for key in ("year", *_YEARS) if key in said)
    return byline(names, str(next(filter(None, years), "")))


def _authors(data: Datum) -> Iterator[str]:
    """The names of authors, also of those whose names are given in parts."""
    if isinstance(data.value, Words):
        yield from filter(None, flat(data).split("; "))
    elif isinstance(data.value, Mapping):
        parts = {key.lower(): flat(part) for key, part in data.value.items()}
        names = (
            next((parts[key] for key in keys if parts.get(key)), "") for keys in (_SURNAMES, _GIVEN)
        )
        yield ", ".join(filter(None, names))
    else:
        for one in data.value:
            yield from _authors(one)


def _is_told(member: Datum) -> bool:
    """Whether a member of a list is more than names of others and figures."""
    return is_named(member) or _tells(member)


def is_named(data: Datum) -> bool:
    """Return whether data are an object with a name."""
    return isinstance(data.value, Mapping) and any(map(_is_name, data.value))


def _is_name(key: str) -> bool:
    return field_of_label(key) == "title" or key.lower() in _NAMES


def _rank(key: str) -> int:
    """How well a name of a paper is called one."""
    return _NAMES.index(key.lower()) if key.lower() in _NAMES else -1


def _called(key: str) -> str:
    return _KEYS.get(key, key).replace("_", " ")


def _is_short(data: Datum) -> bool:
    """Whether a list stands on one line, or none of its members has words."""
    return data.first == data.last or not _tells(data)


def _tells(data: Datum) -> bool:
    """Whether words stand in a value, and not only names and figures."""
    if isinstance(data.value, Words):
        return any(" " in text.strip() or has_han(text) for _, text in data.value.texts)
    return any(map(_tells, members_of(data)))


def members_of(data: Datum) -> Iterable[Datum]:
    """Return the values in a list or an object, none in words."""
    if isinstance(data.value, Words):
        return ()
    return data.value.values() if isinstance(data.value, Mapping) else data.value


def flat(data: Datum) -> str:
    """The words of a value on one line."""
    if isinstance(data.value, Words):
        return "; ".join(bare(text) for _, text in data.value.texts)
    if isinstance(data.value, Mapping):
        said = ((key, flat(one)) for key, one in data.value.items())
        return "; ".join(f"{_called(key)}: {words}" for key, words in said if words)
    return "; ".join(filter(None, map(flat, data.value)))


def bare(text: str) -> str:
    """Return a line without the mark of a heading, item or quotation before it."""
    mark, _, words = text.strip().partition(" ")
    return text.strip() if mark.strip(_MARKS) else words.strip()
