"""JSON, a member a line, in a block of code or as a whole file -> lists of Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from paperrag.notes.foreign.fences import fences_in
from paperrag.text.patterns import lazy_pattern

_LANGUAGES = ("json", "jsonc", "json5", "")
_MEMBER = lazy_pattern(r'(?:"(?P<key>(?:[^"\\]|\\.)*)"[ \t]*:)?(?P<value>.*)')
_NAMES = ("title", "name", "paper", "标题", "题目")
"""What of an object in a list is its name."""


def json_blocks(lines: Sequence[str]) -> dict[int, str]:
    """Return what stands for the lines of blocks of JSON. An object on the first lines is front
    matter, and stays.
    """
    meant: dict[int, str] = {}
    for fence in fences_in(lines):
        first, end = fence.first + 1, fence.last
        if fence.language in _LANGUAGES and (told := _told(lines, first, end)):
            meant |= told | {fence.first: "", fence.last: ""}
    if not meant and lines[0].strip() == "[":
        end = next((at + 1 for at in range(len(lines)) if lines[at].rstrip() == "]"), 0)
        meant = _told(lines, 0, end)
    return meant


def _told(lines: Sequence[str], first: int, end: int) -> dict[int, str]:
    """The members on some lines, {} where these are no JSON."""
    whole = ["\n".join(lines[first:end])]
    if not _are_nested(whole) and not _are_nested(lines[first:end]):  # an object a line
        return {}
    return dict(_members(lines, first, end))


def _are_nested(texts: Sequence[str]) -> bool:
    try:
        return bool(texts) and all(isinstance(json.loads(text), dict | list) for text in texts)
    except (ValueError, RecursionError):
        return False


def _members(lines: Sequence[str], first: int, end: int) -> Iterator[tuple[int, str]]:
    depth = 0
    is_object = lines[first].strip() == "{"
    for at in range(first, end):
        name, value = _member(lines[at])
        key = _words(json.loads(f'"{name}"')) if name else ""
        opens = value in ("{", "[")
        depth -= value[:1] in ("}", "]")
        said = _name_of(lines, at + 1, end) if value == "{" and not key else _value(value, opens)
        words = f"{key}: {said}".strip() if key else said
        is_name = is_object and depth == 1 and key in _NAMES
        mark = f"{'  ' * max(depth - 1, 0)}-" if at > first or not is_object else "##"
        yield at, f"{mark} {words}" if words and not is_name else ""
        depth += opens


def _member(line: str) -> tuple[str, str]:
    """The key that a line gives, as it is written, "" for none, and its value."""
    member = _MEMBER.fullmatch(line.strip().removesuffix(","))
    return (member["key"] or "", member["value"].strip()) if member else ("", line.strip())


def _value(text: str, opens: bool) -> str:
    """The words of a value on one line, "" where it goes on below or ends here."""
    if opens or text[:1] in ("}", "]", ""):
        return ""
    try:
        return _flat(json.loads(text))
    except ValueError:
        return text


def _flat(value: object) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{_words(key)}: {_flat(one)}" for key, one in value.items())
    return "; ".join(map(_flat, value)) if isinstance(value, list) else str(value)


def _words(key: str) -> str:
    return key.replace("_", " ")


def _name_of(lines: Sequence[str], first: int, end: int) -> str:
    """The name of the object whose members begin on a line."""
    for at in range(first, end):
        name, value = _member(lines[at])
        if name in _NAMES:
            return _value(value, opens=False)
        if lines[at].strip()[:1] in ("}", "{"):
            break
    return ""
