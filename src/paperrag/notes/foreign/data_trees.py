"""JSON, YAML and TOML -> values with the lines on which they stand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from paperrag.notes.front_matter import paired

_DEEPEST = 40
"""How deep values are nested that are read."""
_TOO_DEEP = "nested too deep"
_MOST_LINES = 100
"""Lines of one value of TOML that are read."""
_CLOSING = ("]", '"""', "'''")
_NOTHING = ("", "null", "~")


class Words(Struct, frozen=True):
    """A value that is words: its lines, and where each of them stands."""

    texts: tuple[tuple[int, str], ...]


class Datum(Struct, frozen=True):
    """A value, and the first and last line on which it stands."""

    first: int
    last: int
    value: Words | Sequence[Datum] | Mapping[str, Datum]


def json_tree(lines: Sequence[str], first: int = 0) -> Datum | None:
    """Return what lines of JSON say, also an object a line; None of anything else."""
    text = "\n".join(lines)
    if not _is_json(text):
        if not all(map(_is_json, filter(str.strip, lines))):
            return None
        text = "[{}]".format("\n".join(f"{line}," if line.strip() else "" for line in lines))
    return yaml_tree(paired(text.replace("\t", " ")), first)


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict | list)
    except (ValueError, RecursionError):
        return False


def yaml_tree(text: str, first: int = 0) -> Datum | None:
    """Return what YAML says, None of what is none; first: the line it begins on."""
    import yaml  # 30 ms, only for files that have data in them

    try:
        node: Any = yaml.compose(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        return _of_node(node, first, set()) if node else None
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError):
        return None


def _of_node(node: Any, first: int, known: set[int], depth: int = 0) -> Datum:
    """known: what was read already, for a value may be told again by its name."""
    if depth > _DEEPEST:
        raise ValueError(_TOO_DEEP)
    start = node.start_mark.line + first
    end = node.end_mark.line + first - (node.end_mark.column == 0)
    value: Words | list[Datum] | dict[str, Datum] = Words(())
    if node.id == "scalar":
        value = _of_scalar(node, start)
    elif id(node) not in known:
        known.add(id(node))
        below = depth + 1
        if node.id == "mapping":
            value = {
                str(key.value): _named(key, one, first, known, below) for key, one in node.value
            }
        else:
            value = [_of_node(one, first, known, below) for one in node.value]
    return Datum(start, max(start, end), value)


def _named(key: Any, node: Any, first: int, known: set[int], depth: int) -> Datum:
    """A value from the line on that names it."""
    told = _of_node(node, first, known, depth)
    return Datum(key.start_mark.line + first, told.last, told.value)


def _of_scalar(node: Any, start: int) -> Words:
    if node.style == "|":
        return _words(node.value.split("\n"), start + 1, 1)
    if node.style == ">":
        return _words(node.value.split("\n"), start + 1, 0)
    return _words([] if node.value in _NOTHING else node.value.split("\n"), start, 0)


def _words(texts: Sequence[str], line: int, step: int) -> Words:
    said = ((line + step * at, text.rstrip()) for at, text in enumerate(texts))
    return Words(tuple((at, text) for at, text in said if text))


def toml_tree(lines: Sequence[str]) -> Datum | None:
    """Return the tables of a file of TOML in its order, None of any other."""
    import tomllib

    try:
        said = tomllib.loads("\n".join(lines)).values()
        tables = list(_tables(lines)) if any(isinstance(one, dict | list) for one in said) else []
    except (ValueError, RecursionError):
        return None
    first = next((at for at, line in enumerate(lines) if line.strip() and line[0] != "#"), 0)
    return Datum(first, len(lines) - 1, tables)


def _tables(lines: Sequence[str]) -> Iterator[Datum]:
    """Yield each table with the lines below its name."""
    first, at = 0, 0
    table: dict[str, Datum] = {}
    while at < len(lines):
        line = lines[at].strip()
        if line.startswith("["):
            if table:
                yield Datum(first, at - 1, table)
            first, table = at, {}
        elif line and not line.startswith("#"):
            told, at = _statement(lines, at)
            table |= told
        at += 1
    yield Datum(first, at - 1, table)


def _statement(lines: Sequence[str], first: int) -> tuple[dict[str, Datum], int]:
    """What is set on a line and those it goes on on, and the last of these."""
    import tomllib

    end = min(first + _MOST_LINES, len(lines))
    for last in range(first, end):
        if last > first and not any(sign in lines[last] for sign in _CLOSING):
            continue
        try:
            said = tomllib.loads("\n".join(lines[first : last + 1]))
        except tomllib.TOMLDecodeError:
            continue
        begins = first + lines[first].rstrip().endswith(_CLOSING[1:])
        return {key: _of_value(one, begins, last, 0) for key, one in said.items()}, last
    return {}, end - 1


def _of_value(value: object, first: int, last: int, depth: int) -> Datum:
    if depth > _DEEPEST:
        raise ValueError(_TOO_DEEP)
    told: Words | list[Datum] | dict[str, Datum]
    if isinstance(value, dict):
        told = {key: _of_value(one, first, last, depth + 1) for key, one in value.items()}
    elif isinstance(value, list):
        told = [_of_value(one, first, first, depth + 1) for one in value]
    else:
        told = _words(str(value).split("\n"), first, 1)
    return Datum(first, last, told)
