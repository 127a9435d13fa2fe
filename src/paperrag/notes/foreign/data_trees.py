"""JSON and YAML -> values with the lines on which they stand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from paperrag.notes.front_matter import paired

_DEEPEST = 40
"""How deep values are nested that are read."""
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
        raise ValueError("nested too deep")
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
