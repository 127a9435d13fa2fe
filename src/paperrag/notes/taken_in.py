"""The nodes of a file -> those that are entries: fields, pictures and paragraphs that go on are
lines of what stands above them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, takewhile

from paperrag.notes.node import Node
from paperrag.text.fields import heads_fields, is_of_paper, label_and_value
from paperrag.text.hidden import may_hide
from paperrag.text.markers import ITEM
from paperrag.text.markup import FORMULA, PICTURE, all_cells, plain_text
from paperrag.text.patterns import lazy_pattern

LONG_PROSE_CHARS = 600
"""Paragraphs that follow each other and are longer than this together are an entry each."""

MAY_LACK_WORDS = frozenset("@!<%^[{(`~:|$&\\#+")
"""Signs that a text without words begins with."""
_MARKER = lazy_pattern(rf"[ \t>]*(?:{ITEM}[ \t]+)?[ \t>]*")


def take_in(root: Node, join: bool) -> None:
    """Let nodes that are no entries be lines of those above them, in the whole tree.

    join: whether paragraphs continue the prose that they follow, however long.
    """
    _take_in_fields(root)
    _take_in_pictures(root)
    _join_paragraphs(root, join)


def _take_in_fields(node: Node) -> None:
    """Let items that are fields of a paper, such as "链接：…" or "Authors: …", be lines of it.

    They are its first children and have none themselves; below Metadata or 论文信息, and where most
    are known, any label is a field's.
    """
    if not node.children:
        return
    if node.role in ("heading", "item"):
        first = list(takewhile(_is_labelled, node.children))
        is_data = node.role == "heading" and (
            heads_fields(node.text.partition("\n")[0])
            or 2 * sum(map(_is_field, first)) > len(first)
        )
        taken = first if is_data else list(takewhile(_is_field, node.children))
        node.children = node.children[len(taken) :]
    for child in node.children:
        _take_in_fields(child)


def _is_field(node: Node) -> bool:
    """Whether a table or item is what a paper has, whatever stands around it."""
    if node.role == "row":
        return is_table_of_fields(node)
    return _is_labelled(node) and is_of_paper(_label_of(node))


def _is_labelled(node: Node) -> bool:
    """Whether it is an item with a label, and has none below it."""
    return node.role == "item" and not node.children and bool(_label_of(node))


def _label_of(node: Node) -> str:
    field = label_and_value(node.text)
    return field[0] if field else ""


def is_table_of_fields(head: Node) -> bool:
    """Whether the rows below the head of a table are a name and a value, and most are what a field
    of a paper is called.
    """
    rows = [all_cells(row.text) for row in head.children]
    named = [cells[0] for cells in rows if len(cells) == 2 and is_of_paper(cells[0].strip("*: "))]
    return bool(rows) and 2 * len(named) > len(rows)


def _take_in_pictures(node: Node) -> None:
    """Let items without a word or an address, such as a picture or an embedded note, be lines of
    what stands above.
    """
    node.children = [child for child in node.children if child.children or not _is_wordless(child)]
    for child in node.children:
        _take_in_pictures(child)


def _is_wordless(node: Node) -> bool:
    if node.role not in ("item", "prose", "row"):
        return False
    text = node.text
    marker = _MARKER.match(text)
    start = marker.end() if marker else 0
    if text[start : start + 1] not in MAY_LACK_WORDS and not may_hide(text):
        return False
    if text.startswith("[", start) and "]:" in text and "://" not in text:
        start = 0  # "- [Leaf]: drops" defines no link
    if "{:" in text:
        start = 0  # "- TOC", said by the line below
    return "~~" not in text and not has_words(text[start:])


def has_words(text: str) -> bool:
    """Whether anything stands beside pictures, formulas and what is hidden."""
    if "$$" in text or "\\[" in text or "\\begin{" in text:
        text = FORMULA.sub("", text)
    return ("://" in text and "://" in PICTURE.sub("", text)) or bool(plain_text(text))


def _join_paragraphs(node: Node, always: bool) -> None:
    """Let paragraphs continue the prose that they follow, or the heading, unless all of it
    together is long, or several stand for themselves.
    """
    head, kept = node, list[Node]()
    for follows_prose, group in groupby(node.children, key=lambda child: child.follows_prose):
        children = list(group)
        if _lead_remarks([head, *children]):
            kept += _without_remarks(head, children)
            head = children[-1]
            continue
        chars = len(head.text) + sum(len(child.text) for child in children)
        if follows_prose:
            children = [child for child in children if not child.is_quote]
        is_short = chars <= LONG_PROSE_CHARS and sum(map(_stands_alone, children)) < 2
        if not follows_prose or head.is_apart or not (is_short or always):
            kept += children
        head = children[-1] if children else head
    for child in kept:
        _join_paragraphs(child, always)
    node.children = kept


def _lead_remarks(run: Sequence[Node]) -> bool:
    """Whether quotations in a run of prose lead what the reader says of them, as in highlights that
    programs export: there are several, and each says where it is from.
    """
    quotes = [node for node in run if node.is_quote]
    return len(quotes) > 1 and all(map(_is_signed, quotes))


def _without_remarks(head: Node, run: Sequence[Node]) -> Iterator[Node]:
    """Yield the prose of a run that no quotation above takes in, with which it is short."""
    chars = len(head.text) if head.is_quote else LONG_PROSE_CHARS
    for node in run:
        chars = len(node.text) + (0 if node.is_quote else chars)
        if node.is_quote or chars > LONG_PROSE_CHARS:
            yield node


def _is_signed(quote: Node) -> bool:
    """Whether the last line of a quotation says where it is from."""
    return quote.text.rstrip().rpartition("\n")[2].lstrip("> \t").startswith(("—", "–", "--"))


def _stands_alone(node: Node) -> bool:
    """Whether a paragraph has a name of its own, or is an annotation of Zotero's, which says where
    in the paper it stands.
    """
    return "zotero://" in node.text or _begins_with_name(node)


def _begins_with_name(node: Node) -> bool:
    """Whether a paragraph begins with bold words and a colon that say what it is about."""
    field = label_and_value(node.text) if node.text.startswith("**") else None
    return field is not None and not is_of_paper(field[0])
