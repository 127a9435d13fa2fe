"""Notes that Evernote exported, HTML within XML -> a heading each, with its paragraphs as items."""

from __future__ import annotations

from collections.abc import Sequence
from html.parser import HTMLParser
from xml.parsers import expat

from paperrag.notes.foreign.papers_of_data import Telling, bare, placed
from paperrag.text.markers import BLOCK_TAGS

_FIELDS = {"tag": "tag", "source-url": "url"}
_CELLS = frozenset({"td", "th"})
_BLOCKS = BLOCK_TAGS - _CELLS
_BETWEEN_CELLS = " · "


class _Page(HTMLParser):
    """Gathers the words of each block, with the line on which they begin."""

    def __init__(self, first: int) -> None:
        super().__init__()
        self.blocks: list[Telling] = []
        self._first = first
        self._at = first
        self._words = ""

    def close(self) -> None:
        super().close()
        self._end()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in _CELLS and self._words.strip():
            self._words += _BETWEEN_CELLS
        elif tag in _BLOCKS:
            self._end()

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._end()

    def handle_data(self, data: str) -> None:
        if not self._words.strip():
            blank = data[: len(data) - len(data.lstrip())]
            self._at = self._first + self.getpos()[0] - 1 + blank.count("\n")
        self._words += data

    def _end(self) -> None:
        words = bare(" ".join(self._words.split()))
        if words:
            self.blocks.append(Telling(self._at, f"- {words}"))
        self._words = ""


class _Export:
    """Reads the notes of one export."""

    def __init__(self) -> None:
        self.told: list[Telling] = []
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._data
        self._words: list[str] = []
        self._at = 0

    def read(self, text: str) -> list[Telling]:
        """Return what the notes say in their order, nothing of what is no XML."""
        try:
            self._parser.Parse(text.encode(), True)
        except expat.ExpatError:
            return []
        return self.told

    def _start(self, name: str, attributes: object) -> None:
        self._words = []

    def _data(self, data: str) -> None:
        if not self._words:
            self._at = self._parser.CurrentLineNumber - 1
        self._words.append(data)

    def _end(self, name: str) -> None:
        words = "".join(self._words)
        if name == "title":
            self.told.append(Telling(self._at, f"# {' '.join(words.split())}", is_head=True))
        elif name == "content":
            page = _Page(self._at)
            page.feed(words)
            page.close()
            self.told += page.blocks
        elif name in _FIELDS and words.strip():
            self.told.append(Telling(self._at, f"- {_FIELDS[name]}: {words.strip()}"))
        self._words = []


def evernote_notes(lines: Sequence[str]) -> dict[int, str]:
    """Return what stands for the lines of a file that is an export."""
    text = "\n".join(lines)
    told = _Export().read(text) if text.startswith("<") else []
    last = len(lines) - 1
    return dict.fromkeys(range(last + 1), "") | dict(placed(told, last)) if told else {}
