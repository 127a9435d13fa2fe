"""Index -> what the notes themselves say is to be read: open task boxes, and files by the state and
the tags that their front matter gives.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct

from paperrag.index.engine import Snapshot
from paperrag.index.lines import read_entry
from paperrag.page.browsing import first_rows
from paperrag.records import Entry
from paperrag.text.markers import ITEM
from paperrag.text.patterns import lazy_pattern

STATE_FIELDS = ("status", "state", "progress", "状态", "阅读状态", "进度")
"""Fields in which front matter says how far a paper is read, the first that a file has counts."""

_OPEN = "[ ]"
_OPEN_TASK = lazy_pattern(rf"[ \t>]*{ITEM}[ \t]+\[ \][ \t]")


class Group(Struct, frozen=True):
    """Entries of one state or tag; `name` is as the notes write it, "" for open tasks."""

    name: str
    entries: tuple[Entry, ...]


class ReadingList(Struct, frozen=True):
    """Open tasks, then states and tags, the largest first."""

    tasks: Group
    states: tuple[Group, ...]
    tags: tuple[Group, ...]


def reading_list(indexes: Iterable[tuple[Snapshot, Callable[[Entry], Entry]]]) -> ReadingList:
    """Return the reading list of indexes, each with what its entries are called there."""
    tasks: list[Entry] = []
    states: dict[str, list[Entry]] = defaultdict(list)
    tags: dict[str, list[Entry]] = defaultdict(list)
    for data, called in indexes:
        entries = data.entries
        tasks += (called(entries.get(row)) for row in _task_rows(data))
        for row in first_rows(data).values():
            entry = called(entries.get(row))
            if state := state_of(entry):
                states[state].append(entry)
            for tag in dict.fromkeys(entry.tags):
                tags[tag].append(entry)
    return ReadingList(Group("", tuple(tasks)), _groups(states), _groups(tags))


def state_of(entry: Entry) -> str:
    """Return how far a paper is read by the front matter above an entry, "" where it does not
    say.
    """
    fields = dict(reversed(entry.fields))  # the first of a name counts
    return next((fields[name] for name in STATE_FIELDS if fields.get(name)), "")


def _task_rows(data: Snapshot) -> Iterator[int]:
    for run in data.layout.runs("entry"):
        lines = run.segment.texts("line", run.start, run.stop).all()
        for at, line in enumerate(lines):
            if _OPEN in line and _OPEN_TASK.match(read_entry(line).text):
                yield run.first + at


def _groups(named: dict[str, list[Entry]]) -> tuple[Group, ...]:
    order = sorted(named.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return tuple(Group(name, tuple(inside)) for name, inside in order)
