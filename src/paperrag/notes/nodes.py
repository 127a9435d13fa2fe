"""markdown-it's block tokens -> the nodes of the note tree: which lines start one, which it owns.

markdown-it finds where headings, list items and paragraphs start, at any indent; this tree decides
whom a line belongs to. A node owns the lines from its start to the next node's start, so nothing
can be dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from markdown_it.token import Token

from paperrag.notes.html_parts import HtmlPart, html_parts
from paperrag.notes.node import Node
from paperrag.notes.taken_in import MAY_LACK_WORDS, has_words, take_in
from paperrag.records import Role
from paperrag.text.hidden import may_hide
from paperrag.text.markup import plain_text
from paperrag.text.patterns import lazy_pattern

_LEAF_BLOCKS = frozenset({"paragraph_open", "fence", "blockquote_open", "html_block", "hr"})
BLANK_FIRST = lazy_pattern(r"[ \t>]*\|[ \t]*\|")
"""A row with a blank first cell: more of the row above, in a drawn table, or on what that names."""


def build_tree(
    tokens: Sequence[Token],
    lines: Sequence[str],
    body: int,
    apart: Mapping[int, int],
    roles: Mapping[int, Role],
    join: bool,
) -> list[Node]:
    """Return the nodes of a file, the file itself first, each with its lines.

    body: the line after the front matter. apart: lines that start a node of their own, with
    the line behind it for a block of fields and 0 for a footnote. roles: of lines that begin items
    for the parser and are a box, a label or a row. join: see `take_in`.
    """
    root = Node("document", 0, None, end=body)
    builder = _TreeBuilder(root, lines, apart)
    for token in tokens:
        builder.feed(token)
    nodes = list(_walk(root))
    _assign_lines(nodes, lines)
    for node in nodes:
        if node.role == "item":
            node.role = roles.get(node.start, "item")
    take_in(root, join)
    nodes = list(_walk(root))
    _assign_lines(nodes, lines)
    return nodes


class _TreeBuilder:
    """Turns markdown-it's block tokens into nodes, one token at a time."""

    def __init__(self, root: Node, lines: Sequence[str], apart: Mapping[int, int]) -> None:
        self.lines = lines
        self.apart = apart
        self.headings = [root]
        self.items: list[Node] = []
        self.latest = root
        self.quote_depth = 0
        self.is_parted = False
        self.below_rule = -1
        self.html_head: Node | None = None

    def feed(self, token: Token) -> None:
        if token.type == "blockquote_close":
            self.quote_depth -= 1
        elif self.quote_depth == 0 and token.type in ("list_item_close", "table_close"):
            self.items.pop()
        elif self.quote_depth == 0 and token.map:
            self._open(token, token.map[0])
        if token.type == "blockquote_open":
            self.quote_depth += 1

    def _open(self, token: Token, start: int) -> None:
        if token.type == "list_item_open":
            self._open_item(start)
        elif token.type == "heading_open" and not self.items and not self._is_indented(start):
            self._open_heading(int(token.tag[1]), start, token.map[1] if token.map else start + 1)
        elif token.type == "table_open":
            self._open_table(start)
        elif token.type == "tr_open":
            self._open_row(start)
        elif token.type in _LEAF_BLOCKS and token.map:
            self._place_block(token.type, start, token.map[1])

    def _open_item(self, start: int) -> None:
        above = self.items[-1] if self.items else self.headings[-1]
        if self.items and above.start == start:  # "- - text": one line is one item
            self.items.append(above)
            return
        item = self._add("item", start, above)
        item.is_apart = start in self.apart
        self.items.append(item)

    def _open_heading(self, level: int, start: int, end: int) -> None:
        while self.headings[-1].depth >= level:
            self.headings.pop()
        self.headings.append(self._add("heading", start, self.headings[-1], level))
        self.headings[-1].end = end

    def _open_table(self, start: int) -> None:
        """The head of a table names what its rows, its children, have in common."""
        above = self.items[-1] if self.items else self.headings[-1]
        self.items.append(self._add("row", start, above))

    def _open_row(self, start: int) -> None:
        head, line = self.items[-1], self.lines[start]
        if not any(map(str.isalnum, line)):
            return
        if "|" not in line:
            self._open_below_table(start)
            return
        is_drawn = self.lines[head.start].lstrip(" \t>").startswith("+")
        if start > head.start and not (is_drawn and BLANK_FIRST.match(line)):
            self._add("row", start, head)

    def _open_below_table(self, start: int) -> None:
        """Text right below a table, which the parser takes for a row."""
        if self.latest.role == "row":
            self._add("prose", start, self.items[-2] if self.items[1:] else self.headings[-1])

    def _place_block(self, block: str, start: int, end: int) -> None:
        """A block after other nodes starts a node of its own, unless it continues the one above or
        has no words, as a picture.

        Without a blank line between, it continues the latest entry, however it is indented.
        """
        container = self.items[-1] if self.items else self.headings[-1]
        if container.is_apart and container.start == start:
            return
        for line in range(start, end):
            if line in self.apart:
                self._open_apart(line, container)
        if start in self.apart:
            return
        parts = html_parts(self.lines, start, end) if block == "html_block" else []
        if not parts or parts[0].line > start:
            self._place_words(block, start, end, container)
        self._open_html(parts)

    def _open_apart(self, line: int, container: Node) -> None:
        """A footnote, or a block of fields, which heads all that stands below it."""
        behind = self.apart[line]
        node = self._add("prose", line, self.headings[0] if behind else container)
        node.is_apart = True
        if behind:
            node.end, node.names_paper = behind, True
            self.headings, self.items = [self.headings[0], node], []

    def _place_words(self, block: str, start: int, end: int, container: Node) -> None:
        if block == "hr":
            self.is_parted, self.below_rule = True, end
        follows = start == self.below_rule or (start > 0 and not self.lines[start - 1].strip())
        if block == "blockquote_open" and follows and container.role != "item":
            is_below = self.latest is container or self._is_prose_of(container, start)
            goes_on = is_below and not self.is_parted
            quote = self._add("prose", start, container)
            quote.follows_prose, quote.is_quote = goes_on, True
            return
        follows_prose = container.role != "item" and self._is_prose_of(container, start)
        if block == "hr" or not follows or (self.latest is container and not follows_prose):
            return
        if self._lacks_words(start, end):
            return
        if not follows_prose or self.is_parted:
            self._add("prose", start, container)
        elif block == "paragraph_open":
            self._add("prose", start, container).follows_prose = True

    def _open_html(self, parts: Sequence[HtmlPart]) -> None:
        """Start a node for each part of a block of HTML; items of one block nest by their depth."""
        items: list[tuple[int, Node]] = []
        for part in parts:
            above = self.items[-1] if self.items else self.headings[-1]
            while items and items[-1][0] >= part.level:
                items.pop()
            if part.kind == "row":
                self.html_head = None if part.opens_table else self.html_head
                is_head = part.level == 0
                row = self._add("row", part.line, above if is_head else self.html_head or above)
                self.html_head = row if is_head else self.html_head
            elif part.kind == "item":
                items.append(
                    (part.level, self._add("item", part.line, items[-1][1] if items else above))
                )
            elif not self.items and plain_text(self.lines[part.line]):
                self._open_heading(part.level, part.line, part.line + 1)

    def _lacks_words(self, start: int, end: int) -> bool:
        text = self.lines[start].lstrip(" \t>")
        if text.rstrip().isdecimal():  # of a page
            return end == start + 1
        if text[:1] not in MAY_LACK_WORDS and not may_hide(text):
            return False
        return not has_words("\n".join(self.lines[start:end]))

    def _is_prose_of(self, container: Node, start: int) -> bool:
        """Whether the latest node is a paragraph of the container, or the container itself with
        text of its own.
        """
        if self.latest is not container:
            return self.latest.role == "prose" and self.latest.parent is container
        return any(self.lines[at].strip() for at in range(container.end, start))

    def _is_indented(self, start: int) -> bool:
        return self.lines[start].expandtabs(4).startswith("    ")

    def _add(self, role: Role, start: int, parent: Node, depth: int = 0) -> Node:
        node = Node(role, start, parent, depth)
        parent.children.append(node)
        self.latest = node
        self.is_parted = False
        return node


def _walk(node: Node) -> Iterator[Node]:
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(node.children)


def _assign_lines(nodes: Sequence[Node], lines: Sequence[str]) -> None:
    """Give each node the lines up to the next node, blank lines at its end left out."""
    for node, following in zip(nodes, [*nodes[1:], None], strict=True):
        end = following.start if following else len(lines)
        while end > node.start and not lines[end - 1].strip():
            end -= 1
        if node.end != end or not node.text:
            node.end = end
            node.text = "\n".join(lines[node.start : end])
    root = nodes[0]
    while root.start < root.end and not lines[root.start].strip():
        root.start += 1
    root.text = "\n".join(lines[root.start : root.end])
