"""JSON in a block of code or as a whole file, also an object a line, notebooks of Jupyter, canvases
of Obsidian -> papers of Markdown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

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
_SHEETS: tuple[tuple[tuple[str, str], str, str, str], ...] = (
    (("cells", "nbformat"), "cell_type", "markdown", "source"),
    (("nodes", "edges"), "type", "text", "text"),
)
"""What tells that a file is a sheet of notes: what it has, then its members, the field that says
of these that they are notes, what it says then, and where the note is.
"""


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
        for names, *told in _SHEETS:
            if all(name in data.value for name in names):
                return _of_sheet(data, _members(data.value[names[0]]), *told)
        if not any(map(_members, data.value.values())):
            return {}
    return papers_of_data(data, "#")


def _members(data: Datum) -> list[Datum]:
    """The objects in a value."""
    return [one for one in members_of(data) if isinstance(one.value, Mapping)]


def _of_sheet(
    data: Datum, cells: Sequence[Datum], field: str, says: str, note: str
) -> dict[int, str]:
    told: list[Telling] = []
    for cell in cells:
        fields = cell.value
        assert isinstance(fields, Mapping)
        if note in fields and field in fields and flat(fields[field]) == says:
            told += _of_note(cell, list(_texts(fields[note])))
    return dict.fromkeys(range(data.first, data.last + 1), "") | dict(placed(told, data.last))


def _of_note(cell: Datum, texts: Sequence[tuple[int, str]]) -> Iterator[Telling]:
    """The lines of a note: as they are where each has a line in the file, else as items."""
    if len({at for at, _ in texts}) == len(texts) > 1:
        yield from (Telling(at, text, at == texts[0][0]) for at, text in texts)
        return
    for number, (at, text) in enumerate(texts):
        words, is_head = bare(text), number == 0
        name = f"**{words}**" if text.startswith("#") else words
        line = cell.first if is_head else at
        yield Telling(line, f"- {name}" if is_head else f"  - {words}", is_head)


def _texts(data: Datum) -> Iterator[tuple[int, str]]:
    if isinstance(data.value, Words):
        yield from data.value.texts
    for one in members_of(data):
        yield from _texts(one)
