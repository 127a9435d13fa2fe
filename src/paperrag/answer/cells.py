"""A row of a table -> what its cells say, each with the name of its column; where a question names
some of the columns, only those.
"""

from __future__ import annotations

from paperrag.notes.naming import head
from paperrag.records import Entry
from paperrag.text.folding import fold, letters
from paperrag.text.inline import plain_inline
from paperrag.text.markup import all_cells
from paperrag.text.names import holds_name
from paperrag.text.patterns import IN_BRACKETS, lazy_pattern

_ASIDE = lazy_pattern(IN_BRACKETS)
BETWEEN = " · "
"""Between cells."""


def named_cells(entry: Entry, quote: str, asked: str) -> str:
    """Return the cells of a quoted row below the names of its columns, "" for any other text.

    The first cell says what the row is about. asked: what is asked, which may name columns.
    """
    if entry.role != "row" or not entry.breadcrumb:
        return ""
    cells = [plain_inline(cell) for cell in all_cells(quote)]
    columns = entry.breadcrumb[-1].split(BETWEEN)
    first, told = cells[0], cells[1:]
    if len(columns) == len(cells):
        columns = columns[1:]
    if len(columns) != len(told) or not letters(first) or not all(map(letters, columns)):
        return ""
    named = [(column, cell) for column, cell in zip(columns, told, strict=True) if cell]
    wanted = [one for one in named if _names(asked, one[0])]
    return BETWEEN.join([first, *(f"{column}: {cell}" for column, cell in wanted or named)])


def _names(asked: str, column: str) -> bool:
    """Whether a question names a column, what stands before the colon in its name, or in brackets
    behind.
    """
    said = fold(asked).lower()
    names = {column, head(column), *(aside[1:-1] for aside in _ASIDE.findall(column))}
    return any(holds_name(said, fold(name).lower()) for name in names if letters(name))
