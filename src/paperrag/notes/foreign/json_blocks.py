"""JSON in a block of code or as a whole file, also an object a line, notebooks of Jupyter, canvases
of Obsidian -> papers of Markdown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from paperrag.notes.foreign.data_trees import Datum, Words, json_tree
from paperrag.notes.foreign.fences import fences_in
from paperrag.notes.foreign.papers_of_data import (
    Telling,
    bare,
    flat,
    members_of,
    papers_of_data,
    placed,
)

_LANGUAGES = ("json", "jsonc", "json5", "jsonl", "")
_OPENS = ("{", "[")


class _Sheet(Struct, frozen=True):
    """What tells that a file is a sheet of notes: its first key has its members; the field that
    says of these that they are notes, what it says then, where the note is, and whether all are
    one page.
    """

    keys: tuple[str, str]
    field: str
    says: str
    note: str
    is_page: bool


_NOTEBOOK = _Sheet(("cells", "nbformat"), "cell_type", "markdown", "source", is_page=True)
_CANVAS = _Sheet(("nodes", "edges"), "type", "text", "text", is_page=False)


def json_blocks(lines: Sequence[str]) -> dict[int, str]:
    """Return what stands for the lines of JSON. One flat object as a file is front matter, and
    stays.
    """
    meant: dict[int, str] = {}
    for fence in fences_in(lines):
        said = lines[fence.first + 1 : fence.last]
        if fence.language in _LANGUAGES and (data := _data(said, fence.first + 1)):
            told = papers_of_data(data, "##" if isinstance(data.value, Mapping) else "")
            meant |= told | ({fence.first: "", fence.last: ""} if told else {})
    data = None if meant else _data(lines, 0)
    return _of_file(data) if data else meant


def _data(lines: Sequence[str], first: int) -> Datum | None:
    begins = next((line for line in lines if line.strip()), "")
    return json_tree(lines, first) if begins.lstrip().startswith(_OPENS) else None


def _of_file(data: Datum) -> dict[int, str]:
    if isinstance(data.value, Mapping):
        for sheet in (_NOTEBOOK, _CANVAS):
            if all(key in data.value for key in sheet.keys):
                return _of_sheet(data, _members(data.value[sheet.keys[0]]), sheet)
        if not any(map(_members, data.value.values())):
            return {}
    return papers_of_data(data, "#")


def _members(data: Datum) -> list[Datum]:
    """The objects in a value."""
    return [one for one in members_of(data) if isinstance(one.value, Mapping)]


def _of_sheet(data: Datum, cells: Sequence[Datum], sheet: _Sheet) -> dict[int, str]:
    told: list[Telling] = []
    for cell in cells:
        fields = cell.value
        assert isinstance(fields, Mapping)
        if (
            sheet.note in fields
            and sheet.field in fields
            and flat(fields[sheet.field]) == sheet.says
        ):
            told += _of_note(cell, list(_texts(fields[sheet.note])), sheet.is_page)
    return dict.fromkeys(range(data.first, data.last + 1), "") | dict(placed(told, data.last))


def _of_note(cell: Datum, texts: Sequence[tuple[int, str]], is_page: bool) -> Iterator[Telling]:
    """The lines of a note: in a page as they are, else as an item and those below it."""
    is_apart = len({at for at, _ in texts}) == len(texts) > 1
    for number, (at, text) in enumerate(texts):
        is_head = number == 0
        line = at if is_apart or not is_head else cell.first
        if is_page:
            yield Telling(line, text, is_head)
        elif is_head:
            words = f"**{bare(text)}**" if text.startswith("#") else bare(text)
            yield Telling(line, f"- {words}", is_head)
        else:
            yield Telling(line, f"  - {bare(text)}")


def _texts(data: Datum) -> Iterator[tuple[int, str]]:
    if isinstance(data.value, Words):
        yield from data.value.texts
    for one in members_of(data):
        yield from _texts(one)
