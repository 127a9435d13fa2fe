"""Tables that Markdown does not know -> their rows, and the lines that belong to those: below rules
of dashes as Pandoc draws them, with tabs as a spreadsheet copies them, with bars and no rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile

from msgspec import Struct

from paperrag.notes.pasted import Pasted
from paperrag.text.markers import marker_of
from paperrag.text.patterns import lazy_pattern

_RULE = lazy_pattern(r" {0,3}-{3,}(?: +-{2,})+ *")
"""What is drawn below the head: dashes as wide as each column."""
_OUTER_RULE = lazy_pattern(r" {0,3}-{3,}(?: +-{2,})* *")
_FEWEST_TABS, _FEWEST_LINES = 2, 2
_BARRED = lazy_pattern(r"\[\[[^\[\]]*\]\]|`[^`]*`|\$[^$]*\$")
"""Where a bar parts no cells."""
_RULE_OF_BARS = lazy_pattern(r"[\s|:+=-]*(?:--|==)[\s|:+=-]*")
_FEWEST_BARS = 2
_FIGURE = lazy_pattern(r"\d")
_COLONS = (":", "：")


class TableRows(Struct, frozen=True):
    """The rows by the line they begin on, the head with depth 0; lines that belong to the row
    above; rules, which hold no words.
    """

    rows: dict[int, Pasted]
    below: set[int]
    rules: set[int]


def find_columns(lines: Sequence[str]) -> TableRows:
    """Return the rows of all tables without bars in a note's lines."""
    found = TableRows({}, set(), set())
    for number, line in enumerate(lines):
        if number in found.rows or number in found.below:
            continue
        if line.lstrip(" ")[:3] == "---" and number and _RULE.fullmatch(line):
            _add_ruled(found, lines, number)
        elif line.count("\t") >= _FEWEST_TABS and line[0] != "\t":
            _add_tabbed(found, lines, number)
        elif "|" in line and _bars(line) >= _FEWEST_BARS and not _is_barred(lines, number - 1):
            _add_barred(found, lines, number)
    return found


def _add_ruled(found: TableRows, lines: Sequence[str], rule: int) -> None:
    """The table whose head stands right above a rule; rows are apart where blank lines part any."""
    head = list(takewhile(lambda at: _is_text(lines[at]), range(rule - 1, -1, -1)))
    last = _last_of_ruled(lines, rule)
    if not head or last is None:
        return
    first = head[-1]
    is_parted = any(not lines[at].strip() for at in range(rule + 1, last))
    found.rows[first] = _row(lines[first], 0)
    found.rules.update({rule, last} if _OUTER_RULE.fullmatch(lines[last]) else {rule})
    if first and _OUTER_RULE.fullmatch(lines[first - 1]):
        found.rules.add(first - 1)
    for at in range(rule + 1, last + 1):
        begins = not is_parted or not lines[at - 1].strip() or at == rule + 1
        if begins and at not in found.rules and lines[at].strip():
            found.rows[at] = _row(lines[at], 1)
    found.below.update(set(range(first, last + 1)) - found.rows.keys())


def _last_of_ruled(lines: Sequence[str], rule: int) -> int | None:
    """The rule that ends a table, or else its last line before a blank one."""
    end = rule + 1
    while end < len(lines) and lines[end].strip():
        if _OUTER_RULE.fullmatch(lines[end]):
            return end
        end += 1
    if lines[rule - 1 :] and _is_boxed(lines, rule):
        closing = (at for at in range(end, len(lines)) if _OUTER_RULE.fullmatch(lines[at]))
        return next(closing, None)
    return end - 1 if end > rule + 1 else None


def _is_boxed(lines: Sequence[str], rule: int) -> bool:
    """Whether a rule stands above the head, too: such a table ends with one."""
    above = next((at for at in range(rule - 1, -1, -1) if not _is_text(lines[at])), None)
    return above is not None and bool(_OUTER_RULE.fullmatch(lines[above]))


def _is_text(line: str) -> bool:
    return bool(line.strip()) and not _OUTER_RULE.fullmatch(line)


def _add_tabbed(found: TableRows, lines: Sequence[str], first: int) -> None:
    """Lines with equally many tabs; a cell in quotes may go on below."""
    rows = list(_tabbed(lines, first))
    starts = [at for at, is_row in rows if is_row]
    if len(starts) < _FEWEST_LINES or any(map(_is_no_cell, (lines[at] for at in starts))):
        return
    for at in starts:
        found.rows[at] = _row(lines[at], 0 if at == first else 1)
    found.below.update(at for at, is_row in rows if not is_row)


def _bars(line: str) -> int:
    return 0 if line.startswith((">", "    ")) else _BARRED.sub("", line).count("|")


def _is_barred(lines: Sequence[str], number: int) -> bool:
    return number >= 0 and _bars(lines[number]) >= _FEWEST_BARS


def _add_barred(found: TableRows, lines: Sequence[str], first: int) -> None:
    """Lines with equally many bars and no rule below the first, which is the head where it has no
    figure and the others have one in the same cell.
    """
    rows = list(takewhile(lambda at: _is_barred(lines, at), range(first, len(lines))))
    are_even = len({_bars(lines[at]) for at in rows}) == 1
    around = lines[max(0, first - 1) : rows[-1] + 2]
    if len(rows) < _FEWEST_LINES or not are_even or any(map(_is_rule_of_bars, around)):
        return
    cells = [[bool(_FIGURE.search(cell)) for cell in lines[at].split("|")] for at in rows]
    is_head = not any(cells[0]) and any(map(all, zip(*cells[1:], strict=False)))
    for at in rows:
        found.rows[at] = _row(lines[at], 1 if is_head and at > first else 0)


def _is_rule_of_bars(line: str) -> bool:
    return bool(_RULE_OF_BARS.fullmatch(line))


def _tabbed(lines: Sequence[str], first: int) -> Iterator[tuple[int, bool]]:
    tabs, is_open = lines[first].count("\t"), False
    for at in range(first, len(lines)):
        line = lines[at]
        if not is_open and line.count("\t") != tabs:
            return
        if is_open or line.strip():
            yield at, not is_open
        is_open ^= line.count('"') % 2 == 1


def _is_no_cell(line: str) -> bool:
    """Whether a line begins with a label or a bullet."""
    cell = line.partition("\t")[0].strip()
    return cell.endswith(_COLONS) or not line.strip() or marker_of(line.lstrip()) is not None


def _row(line: str, depth: int) -> Pasted:
    return Pasted(line.strip(), 0, (), 0, depth)
