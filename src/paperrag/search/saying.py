"""A line of a note about a work, and a name -> whether it says there who wrote the work or who
recommended it, whatever the words: "Authors at Meta", 老魏转的.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from paperrag.index.tables import EntryTable
from paperrag.notes.bylines import read_byline
from paperrag.question.conditions import BY, Condition, span_of, value_key
from paperrag.search.weights import SAID_AT_TOP
from paperrag.text.patterns import REMARK_ENDS, lazy_pattern

NAMING = (BY, "recommended")
"""Fields of names that lines say without a label."""

_PART = lazy_pattern(rf"[{REMARK_ENDS}()（）—–]")
_SENTENCE = lazy_pattern(rf"[{REMARK_ENDS}]")
_MOST_CHARS = {BY: 40, "recommended": 60}
"""Of what says a name so: a longer sentence tells of something else."""


def works_saying(
    condition: Condition, entries: EntryTable, rows_saying: Callable[[str], list[int]]
) -> Iterator[int]:
    """Yield the works of which lines say the names that a condition asks for, by number; what has
    such a name itself is no work but somebody who is told of: "Ines: sends me PDFs".
    """
    if condition.field not in NAMING:
        return
    rows = sorted({row for name in condition.values for row in rows_saying(name)})
    for row in entries.about_works(rows):
        said, head = entries.line(row), entries.line(int(entries.units[row]))
        lines = enumerate(said.text.split("\n"), said.line_start - head.line_start)
        number = int(entries.columns["work"][row])
        work = entries.works.get(number)
        is_somebody = work is not None and value_key(work.name) in condition.values
        if not is_somebody and any(says_names(line, place, condition) for place, line in lines):
            yield number


def says_names(line: str, place: int, condition: Condition) -> bool:
    """Whether a line says one of the names that a condition asks for; place: how many lines of the
    work stand before it.
    """
    if condition.field not in NAMING or (condition.field == BY and place >= SAID_AT_TOP):
        return False
    parts = (_PART if condition.field == BY else _SENTENCE).split(line)
    short = (part for part in parts if len(part) <= _MOST_CHARS[condition.field])
    saying = [part for part in short if _holds(part, condition.values)]
    return any(condition.field == BY or read_byline(part) is None for part in saying)


def _holds(part: str, names: tuple[str, ...]) -> bool:
    key = value_key(part)
    return any(span_of(name, key) for name in names)
