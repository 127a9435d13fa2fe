"""Footnotes of a file -> children of the entry that points at them, called by the sentence there.

A footnote stands at the end of its file, and says nothing without what it is a note to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from paperrag.notes.definitions import Definitions
from paperrag.notes.node import Node
from paperrag.notes.pasted import Pasted
from paperrag.text.inline import plain_inline
from paperrag.text.language import sentence_spans
from paperrag.text.markup import TITLE_CHARS, shorten, without_wraps
from paperrag.text.readable import readable


def footnote_items(lines: Sequence[str], footnotes: Iterable[int]) -> dict[int, Pasted]:
    """The lines with which footnotes begin, as items: what is indented below one belongs to it."""
    return {
        number: Pasted(line.strip(), 0, (), len(line) - len(line.lstrip()))
        for number in footnotes
        if not (line := lines[number]).lstrip().startswith(">")
    }


def hang_footnotes(nodes: Sequence[Node], definitions: Definitions) -> None:
    """Put each footnote below the first entry above it that points at it."""
    footnotes = {definitions.footnotes.get(node.start): node for node in nodes if node.is_apart}
    footnotes.pop(None, None)
    for user in nodes if footnotes else ():
        for label, start in list(definitions.notes_used(user.text)):
            note = footnotes.get(label)
            if note and note is not user and user.start < note.start and not user.is_apart:
                _hang(footnotes.pop(label), user, start)


def _hang(note: Node, user: Node, start: int) -> None:
    if note.parent:
        note.parent.children.remove(note)
    user.children.append(note)
    note.parent = user
    note.points_from = next(_sentences_at(user.text, start), "")


def _sentences_at(text: str, place: int) -> Iterator[str]:
    """The sentence that holds or ends at a place, plain."""
    words = readable(text)
    for start, end in sentence_spans(words):
        if start <= place <= end + 1 and (said := plain_inline(without_wraps(words[start:end]))):
            yield shorten(said.strip(" \t-*+>#"), TITLE_CHARS)
