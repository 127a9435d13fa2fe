"""Definitions of a file, `[id]: url` and `[^1]: text`, and which of them a piece of it uses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from paperrag.notes.references import find_references, references_used
from paperrag.records import Link
from paperrag.text.links import find_links
from paperrag.text.patterns import lazy_pattern

_DEFINITION = lazy_pattern(r"[ \t>]{0,12}\[(\^?)([^\[\]\n]{1,200})\]:[ \t]*(\S.*|$)")
_TARGET = lazy_pattern(r"<[^<>]*>.*|\S+(?:[ \t]+(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?[ \t]*")
_NOTE = lazy_pattern(r"<?(?![a-z]+:)\S*(?:\.(?:md|html)\b|/(?=>?\s|>?$))", re.IGNORECASE)
"""A target that is another note or a folder of notes."""

_USE = lazy_pattern(r"\[(\^?)([^\[\]\n]{1,200})\](?:\[([^\[\]\n]{0,200})\])?(?![\[(])")
_USE_OF_NOTE = lazy_pattern(r"\[(?:\^|(?=fn:))([^\[\]\n]{1,200})\]")

ORG_FOOTNOTE = "fn:"
"""What labels of footnotes begin with in Org; they are read as `^fn:1`."""

_LABEL = lazy_pattern(r"(?<!\])\[([^\[\]\n]{1,200})\](?![\[(])")


class Definitions:
    """What the labels of a file stand for. A definition belongs to those who use it."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._links: dict[str, tuple[Link, ...]] = {}
        self.footnotes: dict[int, str] = {}
        self._line_of: dict[str, int] = {}
        self._of_notes: set[str] = set()
        for number, line in enumerate(lines):
            if "]:" in line and (match := _DEFINITION.match(line)):
                label = _label(match[1] + match[2])
                if match[1]:
                    self.footnotes[number] = label
                elif not _TARGET.fullmatch(match[3]):
                    continue
                else:
                    self._line_of.setdefault(label, number)
                    if _NOTE.match(match[3]):
                        self._of_notes.add(label)
                self._links.setdefault(label, find_links(match[3]))
        self._references = find_references(lines)
        for defined in set(self._line_of.values()) & self._references.keys():
            del self._references[defined]
        self.footnotes |= {line: f"[{number}" for line, number in self._references.items()}
        used = list(self._labels_in("\n".join(lines))) if self._line_of else []
        self._for_others = {self._line_of[one] for one in used if one in self._line_of}

    def links_of(self, text: str) -> Iterator[Link]:
        """Yield the links of the definitions that a text uses."""
        if not self._links or "[" not in text:
            return
        for label in self._labels_in(text):
            yield from self._links.get(label, ())

    def notes_used(self, text: str) -> Iterator[tuple[str, int]]:
        """Yield the footnotes and references that a text points at, by label, and where."""
        if self._references:
            yield from ((f"[{number}", at) for number, at in references_used(text))
        if "[^" not in text and "[fn:" not in text:
            return
        start = end = 0
        for match in _USE_OF_NOTE.finditer(text):
            start = start if match.start() == end else match.start()  # of marks in a row
            end = match.end()
            yield f"^{_label(match[1]).lstrip('^')}", start

    def lead_to_note(self, text: str) -> bool:
        """Whether a text uses a definition that stands for another note."""
        return bool(self._of_notes) and not self._of_notes.isdisjoint(self._labels_in(text))

    def _labels_in(self, text: str) -> Iterator[str]:
        for match in _USE.finditer(text):
            if match[3] is not None or not text.startswith(":", match.end()):
                yield _label(match[3] or match[1] + match[2])
            elif text[text.rfind("\n", 0, match.start()) + 1 : match.start()].strip(" \t>"):
                yield _label(match[1] + match[2])  # "- [Leaf]: …" is no definition

    def words_of(self, title: str) -> str:
        """Return a title without the brackets of links that are defined elsewhere, `[label]`."""
        if not self._line_of or "[" not in title:
            return title
        return _LABEL.sub(lambda label: label[1 if self._names(label[1]) else 0], title)

    def _names(self, label: str) -> bool:
        return _label(label) in self._line_of and not label.isdecimal()

    def without(self, text: str, start: int) -> str:
        """Return a text of lines from `start` on without those that define a link for others."""
        if not self._for_others:
            return text
        lines = enumerate(text.split("\n"), start)
        return "\n".join(line for number, line in lines if number not in self._for_others)


def _label(text: str) -> str:
    label = " ".join(text.casefold().split())
    return f"^{label}" if label.startswith(ORG_FOOTNOTE) else label
