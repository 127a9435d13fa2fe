"""Outlines in XML, as OPML and mind maps are kept -> lists of Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.parsers import expat

_ITEMS = frozenset({"outline", "node"})
_TEXTS, _REMARKS, _LINKS = ("text", "TEXT"), ("_note", "NOTE"), ("url", "htmlUrl", "LINK")


class _Outline:
    """Reads the items of one document: by line, in the words of its attributes."""

    def __init__(self) -> None:
        self.meant: dict[int, str] = {}
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._data
        self._depth = 0
        self._in_title = False

    def read(self, text: str) -> dict[int, str]:
        """Return a line for each item, {} of what is no XML."""
        try:
            self._parser.Parse(text.encode(), True)
        except expat.ExpatError:
            return {}
        return self.meant

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._in_title = name == "title"
        if name not in _ITEMS:
            return
        said = [words for keys in (_TEXTS, _REMARKS, _LINKS) if (words := _first(attributes, keys))]
        self._put(f"{'  ' * self._depth}- {' — '.join(said)}" if said else "")
        self._depth += 1

    def _end(self, name: str) -> None:
        self._in_title = False
        self._depth -= name in _ITEMS

    def _data(self, data: str) -> None:
        if self._in_title and data.strip():
            self._put(f"# {data.strip()}")

    def _put(self, line: str) -> None:
        """Items that begin on one line are told in one."""
        at = self._parser.CurrentLineNumber - 1
        above = self.meant.get(at)
        self.meant[at] = f"{above}; {line.strip(' -')}" if above else line


def outlines(lines: Sequence[str]) -> dict[int, str]:
    """Return what stands for the lines of a file that is nothing but an outline."""
    text = "\n".join(lines)
    if not text.startswith("<"):
        return {}
    found = _Outline().read(text)
    return dict.fromkeys(range(len(lines)), "") | found if found else {}


def _first(attributes: Mapping[str, str], keys: Sequence[str]) -> str:
    return next((" ".join(attributes[key].split()) for key in keys if attributes.get(key)), "")
