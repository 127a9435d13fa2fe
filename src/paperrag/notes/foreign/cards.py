"""Cards that Anki exported, a line each, and outlines of RemNote -> items of Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import unescape

from paperrag.text.patterns import lazy_pattern

_OPTION = lazy_pattern(r"#(?P<name>[a-z][a-z ]*):(?P<value>.*)")
_BETWEEN = {"tab": "\t", "semicolon": ";", "comma": ",", "pipe": "|", "space": " ", "colon": ":"}
_BETWEEN_SIDES = ":::"

_SIDES = lazy_pattern(
    r"(?P<item>[ \t]*[-*+][ \t]+)(?P<front>.*?\S)[ \t]+(?:>>>?|::|;;|<>|<<)(?P<back>[ \t].*)?"
)
_GAP = lazy_pattern(r"\{\{([^{}:]*[^\x00-\x7f][^{}:]*)\}\}")
_TAG = lazy_pattern(r"#\[\[[^\[\]]*\]\]")
_SURE = " >>"
_FEWEST = 2


def anki_cards(lines: Sequence[str]) -> dict[int, str]:
    """Return what stands for the lines of an export, which begins with its options: question and
    answer of each card as an item, without its tags.
    """
    options = {
        found["name"]: found["value"] for found in map(_OPTION.fullmatch, _head(lines)) if found
    }
    if "separator" not in options:
        return {}
    sign = _BETWEEN.get(options["separator"].lower(), options["separator"])
    data = {
        int(value) - 1
        for name, value in options.items()
        if name.endswith("column") and value.isdecimal()
    }
    meant = dict.fromkeys(range(len(options)), "")
    for at, line in enumerate(lines[len(options) :], len(options)):
        cells = [unescape(cell.strip('" ')) for cell in line.split(sign)]
        sides = [cell for column, cell in enumerate(cells) if cell and column not in data]
        meant[at] = f"- {_BETWEEN_SIDES.join(sides)}" if sides else ""
    return meant


def _head(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        if not line.startswith("#"):
            return
        yield line


def remnote_sides(lines: Sequence[str]) -> dict[int, str]:
    """Return items whose two sides are parted by `>>` and its like with a colon between them, and
    without what RemNote puts around gaps and tags.
    """
    items = {at: found for at, line in enumerate(lines) if (found := _SIDES.fullmatch(line))}
    if sum(_SURE in lines[at] for at in items) < _FEWEST:
        return {}
    meant = {
        at: f"{one['item']}{one['front']}: {(one['back'] or '').strip()}"
        for at, one in items.items()
    }
    for at, line in enumerate(lines):
        told = _TAG.sub("", _GAP.sub(r"\1", meant.get(at, line)))
        if told != line:
            meant[at] = told if any(map(str.isalnum, told)) else ""
    return meant
