"""Tables of HTML whose head names the columns -> rows of Markdown; cells that span others are told
in each of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html.parser import HTMLParser

from msgspec import Struct, field

from paperrag.notes.foreign.pipes import piped
from paperrag.text.patterns import lazy_pattern

_OPENS = lazy_pattern(r"[ \t]*<(?:div\b[^<>]*><)?table\b", 2)
_CLOSES = "</table"
_BLOCK = lazy_pattern(
    r"[ \t]*<(?:h(?P<level>[1-6])\b[^<>]*>(?P<title>.*)</h[1-6]|p\b[^<>]*>(?P<words>.*)</p)>[ \t]*",
    2,
)
_APART = frozenset("li p div ul ol".split())
"""Elements in a cell that stand apart from one another."""
_MOST_SPAN = 50


class _Cell(Struct):
    words: list[str] = field(default_factory=list)
    is_head: bool = False
    rows: int = 1
    columns: int = 1

    @property
    def text(self) -> str:
        """Its words in one line, parts of it with commas between them."""
        parts = "".join(self.words).split("\0")
        return ", ".join(filter(None, (" ".join(part.split()) for part in parts)))


class _Row(Struct):
    line: int
    is_head: bool
    cells: list[_Cell] = field(default_factory=list)


class _Table(HTMLParser):
    """Reads the rows of one table; inline elements and entities of its cells stay as they are."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.rows: list[_Row] = []
        self.depth = 0
        self._in_head = False
        self._cell: _Cell | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.depth = max(self.depth, self.depth + (tag == "table"))
        if tag == "table" and self._cell is not None:
            self.rows.clear()  # a table in a table is left as it is
        elif tag == "thead":
            self._in_head = True
        elif tag == "tr":
            self.rows.append(_Row(self.getpos()[0] - 1, self._in_head))
        elif tag in ("td", "th") and self.rows:
            spans = dict(attrs)
            rows, columns = (_span(spans.get(name)) for name in ("rowspan", "colspan"))
            self._cell = _Cell(is_head=tag == "th", rows=rows, columns=columns)
            self.rows[-1].cells.append(self._cell)
        elif self._cell is not None:
            self._cell.words.append(_between(tag) or self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr"):
            self._cell = None
        elif tag in ("thead", "tbody"):
            self._in_head = False
        elif self._cell is not None:
            self._cell.words.append(_between(tag) or f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.words.append(data)

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")


def _between(tag: str) -> str:
    """What stands for an element that parts words, "" for any other."""
    return "\0" if tag in _APART else " " if tag == "br" else ""


def _span(value: str | None) -> int:
    return min(int(value), _MOST_SPAN) if value and value.isdecimal() and int(value) else 1


def html_tables(lines: Sequence[str]) -> dict[int, str]:
    """Return what stands for the lines of tables of HTML."""
    meant: dict[int, str] = {}
    for first, last in _tables(lines):
        table = _Table()
        table.feed("\n".join(lines[first : last + 1]))
        if rows := _meant(lines, first, last, table.rows):
            meant |= dict(_beside(lines, first, last)) | rows
    return meant


def _beside(lines: Sequence[str], first: int, last: int) -> Iterator[tuple[int, str]]:
    """Headings and paragraphs of HTML right above and below a table: what they say."""
    for step, at in ((-1, first - 1), (1, last + 1)):
        while 0 <= at < len(lines) and (said := _BLOCK.fullmatch(lines[at])):
            yield (
                at,
                f"{'#' * int(said['level'])} {said['title']}" if said["level"] else said["words"],
            )
            at += step


def _tables(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    end = -1
    for first, line in enumerate(lines):
        if first > end and "<" in line and _OPENS.match(line):
            closing = (at for at in range(first, len(lines)) if _CLOSES in lines[at].lower())
            end = next(closing, -1)
            if end < 0:
                return
            if end > first:
                yield first, end


def _meant(lines: Sequence[str], first: int, last: int, rows: list[_Row]) -> dict[int, str]:
    starts = [row.line + first for row in rows]
    if (
        not rows
        or len(set(starts)) < len(starts)
        or any("<caption" in one for one in lines[first:last])
    ):
        return {}
    grid = list(_grid(rows))
    heads = _heads(rows)
    if not heads or heads == len(rows):
        return {}
    columns = max(map(len, grid))
    names = [_name(grid[:heads], column) for column in range(columns)]
    if first and not lines[first - 1].strip():
        first -= 1  # the names of the columns need a line above the rule
    told = dict(zip(starts[heads:], grid[heads:], strict=True))
    return piped(first, last, (starts[heads - 1], names), told)


def _heads(rows: Sequence[_Row]) -> int:
    """How many rows name the columns."""
    count = 0
    for row in rows:
        if not (row.is_head or (row.cells and all(cell.is_head for cell in row.cells))):
            break
        count += 1
    return count


def _name(heads: Sequence[Sequence[str]], column: int) -> str:
    told = (head[column] for head in heads if column < len(head) and head[column])
    return ", ".join(dict.fromkeys(told))


def _grid(rows: Sequence[_Row]) -> Iterator[list[str]]:
    """Yield the texts of each row by column."""
    above: dict[int, tuple[int, str]] = {}
    for row in rows:
        texts: dict[int, str] = {}
        below: dict[int, tuple[int, str]] = {}
        for column, (left, text) in above.items():
            texts[column] = text
            if left > 1:
                below[column] = left - 1, text
        column = 0
        for cell in row.cells:
            for _ in range(cell.columns):
                while column in texts:
                    column += 1
                texts[column] = cell.text
                if cell.rows > 1:
                    below[column] = cell.rows - 1, cell.text
        above = below
        yield [texts.get(at, "") for at in range(max(texts, default=-1) + 1)]
