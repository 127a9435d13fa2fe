"""Markdown file -> list[Entry]: the note tree with breadcrumbs, links, languages and exact lines.

markdown-it finds where headings, list items and paragraphs start, at any indent; the note tree
decides whom a line belongs to. Every non-blank line belongs to exactly one entry or heading:
a node owns the lines from its start to the next node's start, so nothing can be dropped. This
module knows nothing of encoders, indexes or questions.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import PurePosixPath

from markdown_it import MarkdownIt
from markdown_it.token import Token

from paperrag.notes.front_matter import merge_links, read_front_matter, read_paper
from paperrag.notes.indents import as_meant
from paperrag.notes.naming import file_name, letters
from paperrag.notes.outline import Heading
from paperrag.notes.works import WORK_RULES, with_works
from paperrag.records import Entry, Kind, Link, NotePaper, Role, Trouble
from paperrag.text.front import find_front_matter
from paperrag.text.language import detect_language
from paperrag.text.links import find_links, find_venue
from paperrag.text.markup import (
    TITLE_CHARS,
    item_title,
    plain_inline,
    plain_text,
    shorten,
    table_cells,
)

NOTE_RULES = f"tree-5 {WORK_RULES}"
"""Name and version of the parsing rules; the index refuses to mix two."""

LONG_PROSE_CHARS = 600
"""Paragraphs that follow each other and are longer than this together are an entry each."""

_SLUG_CHARS = 32
_PLACEHOLDER = re.compile(r"\{\{|<%")
"""What templates leave to be filled in."""

_LEAF_BLOCKS = frozenset({"paragraph_open", "fence", "blockquote_open", "html_block", "hr"})


@dataclass(frozen=True, slots=True)
class ParsedNote:
    """The entries of one file in line order, its headings as (line, text), what was odd, and what
    its front matter says of the paper that it is on.
    """

    entries: tuple[Entry, ...]
    headings: tuple[tuple[int, str], ...]
    troubles: tuple[Trouble, ...] = ()
    paper: NotePaper = NotePaper()


@dataclass(slots=True, eq=False)
class _Node:
    """A node of the note tree while it is being built; lines count from 0, `end` is exclusive."""

    role: Role
    start: int
    parent: _Node | None
    depth: int = 0
    end: int = 0
    title: str = ""
    text: str = ""
    follows_prose: bool = False
    """Whether it is a paragraph behind another one."""
    children: list[_Node] = field(default_factory=list)

    def path(self) -> list[_Node]:
        """Ancestors, outermost first."""
        return [] if self.parent is None else [*self.parent.path(), self.parent]


def parse_note(text: str, source: str, kind: Kind = "note") -> ParsedNote:
    """Return the entries of one Markdown text; `source` is its path relative to the corpus."""
    lines = text.split("\n")
    front = find_front_matter(lines)
    fields, troubles = read_front_matter(front, source) if front else ({}, ())
    body = front.last + 1 if front else 0
    tokens = _markdown().parse("\n" * body + "\n".join(as_meant(lines[body:])))
    root = _build_tree(tokens, lines, body)
    _assign_lines(list(_walk(root)), lines)
    _join_paragraphs(root, always=kind == "abstract")
    nodes = list(_walk(root))
    _assign_lines(nodes, lines)
    paper = read_paper(fields)
    _name_nodes(nodes, root, paper, source)
    return ParsedNote(
        entries=with_works(
            tuple(_entries(nodes, paper, source, kind)),
            paper,
            source,
            kind,
            _leading_heading(root),
        ),
        headings=tuple((node.start + 1, node.title) for node in nodes if node.role == "heading"),
        troubles=troubles,
        paper=paper,
    )


def _markdown() -> MarkdownIt:
    """CommonMark with tables and front matter, without indented code.

    Deeply indented bullets are common in real notes and indented code is not; switching that
    rule off lets list items, quotes and fences be found at any indent.
    """
    return MarkdownIt("commonmark").disable(["code", "inline"]).enable("table")


# --- which lines start a node ---------------------------------------------------------------


def _build_tree(tokens: Sequence[Token], lines: Sequence[str], body: int) -> _Node:
    """The nodes of a file whose front matter ends before line `body`."""
    root = _Node("document", 0, None, end=body)
    builder = _TreeBuilder(root, lines)
    for token in tokens:
        builder.feed(token)
    return root


class _TreeBuilder:
    """Turns markdown-it's block tokens into nodes, one token at a time."""

    def __init__(self, root: _Node, lines: Sequence[str]) -> None:
        self.lines = lines
        self.headings = [root]
        self.items: list[_Node] = []
        self.latest = root
        self.quote_depth = 0

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
            self._open_heading(token, start)
        elif token.type == "table_open":
            self._open_table(start)
        elif token.type == "tr_open":
            self._open_row(start)
        elif token.type in _LEAF_BLOCKS:
            self._place_block(token.type, start)

    def _open_item(self, start: int) -> None:
        above = self.items[-1] if self.items else self.headings[-1]
        if self.items and above.start == start:  # "- - text": one line is one item
            self.items.append(above)
            return
        self.items.append(self._add("item", start, above))

    def _open_heading(self, token: Token, start: int) -> None:
        level = int(token.tag[1])
        while self.headings[-1].depth >= level:
            self.headings.pop()
        self.headings.append(self._add("heading", start, self.headings[-1], level))
        self.headings[-1].end = token.map[1] if token.map else start + 1

    def _open_table(self, start: int) -> None:
        """The head of a table names what its rows, its children, have in common."""
        above = self.items[-1] if self.items else self.headings[-1]
        self.items.append(self._add("row", start, above))

    def _open_row(self, start: int) -> None:
        if start > self.items[-1].start:
            self._add("row", start, self.items[-1])

    def _place_block(self, block: str, start: int) -> None:
        """A block after other nodes starts a node of its own, unless it continues the one above.

        Without a blank line between, it continues the latest entry, however it is indented.
        """
        container = self.items[-1] if self.items else self.headings[-1]
        follows = start > 0 and not self.lines[start - 1].strip()
        follows_prose = container.role != "item" and self._is_prose_of(container, start)
        if block == "hr" or not follows or (self.latest is container and not follows_prose):
            return
        if not follows_prose:
            self._add("prose", start, container)
        elif block == "paragraph_open":
            self._add("prose", start, container).follows_prose = True

    def _is_prose_of(self, container: _Node, start: int) -> bool:
        """Whether the latest node is a paragraph of the container, or the container itself with
        text of its own.
        """
        if self.latest is not container:
            return self.latest.role == "prose" and self.latest.parent is container
        return any(line.strip() for line in self.lines[container.end : start])

    def _is_indented(self, start: int) -> bool:
        return self.lines[start].expandtabs(4).startswith("    ")

    def _add(self, role: Role, start: int, parent: _Node, depth: int = 0) -> _Node:
        node = _Node(role, start, parent, depth)
        parent.children.append(node)
        self.latest = node
        return node


def _walk(node: _Node) -> Iterator[_Node]:
    yield node
    for child in node.children:
        yield from _walk(child)


def _assign_lines(nodes: Sequence[_Node], lines: Sequence[str]) -> None:
    """Give each node the lines up to the next node, blank lines at its end left out."""
    for node, following in zip(nodes, [*nodes[1:], None], strict=True):
        end = following.start if following else len(lines)
        while end > node.start and not lines[end - 1].strip():
            end -= 1
        node.end = end
        node.text = "\n".join(lines[node.start : end])
    root = nodes[0]
    while root.start < root.end and not lines[root.start].strip():
        root.start += 1
    root.text = "\n".join(lines[root.start : root.end])


def _join_paragraphs(node: _Node, always: bool) -> None:
    """Let paragraphs continue the prose that they follow, or the heading, unless all of it
    together is long.
    """
    head, kept = node, []
    for follows_prose, group in groupby(node.children, key=lambda child: child.follows_prose):
        children = list(group)
        chars = len(head.text) + sum(len(child.text) for child in children)
        if not follows_prose or (chars > LONG_PROSE_CHARS and not always):
            kept += children
        head = children[-1]
    for child in kept:
        _join_paragraphs(child, always)
    node.children = kept


# --- names: titles, breadcrumbs, ids ----------------------------------------------------------


def _name_nodes(nodes: Sequence[_Node], root: _Node, paper: NotePaper, source: str) -> None:
    for node in nodes[1:]:
        node.title = _title(node)
    root.title = _document_title(paper, source)


def _title(node: _Node) -> str:
    if node.role == "heading":
        return _heading_title(node.text)
    return _row_title(node) if node.role == "row" else _item_title(node)


def _heading_title(text: str) -> str:
    line = text.split("\n", 1)[0].strip()
    words = re.sub(r"^#{1,6}\s*|\s+#+$", "", line)
    return plain_inline(words).strip() or words or line


def _item_title(node: _Node) -> str:
    for line in node.text.split("\n"):
        if title := item_title(line):
            return title
    line = node.text.split("\n", 1)[0].strip()
    return next((_link_title(link) for link in find_links(node.text)), "") or shorten(
        line.lstrip("-*+> \t") or line, TITLE_CHARS
    )


def _row_title(node: _Node) -> str:
    """The cells of a table's head; of another row the first cell with letters in it."""
    line = node.text.split("\n", 1)[0]
    cells = [words for cell in table_cells(line) if (words := plain_inline(cell).strip())]
    if node.children:
        return shorten(" · ".join(cells), TITLE_CHARS) or line
    name = next((cell for cell in cells if any(char.isalpha() for char in cell)), "")
    return shorten(name, TITLE_CHARS) or _item_title(node)


def _link_title(link: Link) -> str:
    if link.site == "arxiv":
        return f"arXiv {link.identifier}"
    return re.sub(r"^https?://(www\.)?|[#?].*$|/$", "", link.url)[:60]


def _document_title(paper: NotePaper, source: str) -> str:
    is_placeholder = _PLACEHOLDER.search(paper.title)
    return PurePosixPath(source).stem if is_placeholder or not paper.title else paper.title


def _breadcrumb(
    node: _Node, root: _Node, top: _Node | None, folders: tuple[str, ...]
) -> tuple[str, ...]:
    if node is root:
        return folders
    path = node.path()
    above = (ancestor.title for ancestor in path[1:])
    return (*folders, *above) if top and top in (*path, node) else (*folders, root.title, *above)


def _top_heading(root: _Node) -> _Node | None:
    """The `#` heading that heads the file, if there is just one; it names the file then."""
    top = [child for child in root.children if child.role == "heading"]
    return top[0] if len(top) == 1 and top[0].depth == 1 else None


def _leading_heading(root: _Node) -> Heading | None:
    """The heading of any level that heads the file: the first one, if none stands beside it, it
    alone is linked, or it is called as the file is; else a linked first line.
    """
    beside = [child for child in root.children if child.role == "heading"]
    if not beside:
        first_line = root.text.split("\n", 1)[0]
        is_linked = bool(find_links(first_line)) and not first_line.startswith("---")
        return Heading(item_title(first_line), first_line, root.start + 1) if is_linked else None
    first, *others = beside
    if root.children[0] is not first:
        return None
    leads = not others or letters(first.title) in letters(file_name(root.title)[0])
    is_linked = "](" in first.text and not any("](" in other.text for other in others)
    return Heading(first.title, first.text, first.start + 1) if leads or is_linked else None


def _folders(source: str) -> tuple[str, ...]:
    """Folders below the one that gives the kind: notes/llm/kv.md -> ("llm",)."""
    folders = PurePosixPath(source).parts[:-1]
    return folders[1:] if folders[:1] in (("notes",), ("abstracts",)) else folders


class _Ids:
    """Hands out ids from file, breadcrumb and title; equal ones are told apart by their text."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.taken: set[str] = set()
        self.times: Counter[str] = Counter()

    def take(self, breadcrumb: tuple[str, ...], title: str, text: str) -> str:
        slug = "/".join(_slug(part) for part in (*breadcrumb[len(_folders(self.source)) :], title))
        candidate = f"{self.source}#{slug}"
        if candidate in self.taken:
            candidate = f"{candidate}~{hashlib.sha256(text.encode()).hexdigest()[:6]}"
        unique = candidate
        while unique in self.taken:
            self.times[candidate] += 1
            unique = f"{candidate}-{self.times[candidate] + 1}"
        self.taken.add(unique)
        return unique


def _slug(text: str) -> str:
    return re.sub(r"[^\w.+]+", "-", text.lower()).strip("-")[:_SLUG_CHARS].rstrip("-") or "-"


# --- entries ----------------------------------------------------------------------------------


def _entries(nodes: Sequence[_Node], paper: NotePaper, source: str, kind: Kind) -> Iterator[Entry]:
    root, folders, ids = nodes[0], _folders(source), _Ids(source)
    top = _top_heading(root)
    kept = [node for node in nodes if _is_entry(node)]
    crumbs = {id(node): _breadcrumb(node, root, top, folders) for node in kept}
    entry_ids = {id(node): ids.take(crumbs[id(node)], node.title, node.text) for node in kept}
    for node in kept:
        links = find_links(node.text)
        if node is root:
            links = merge_links(paper.links, links)
        yield Entry(
            id=entry_ids[id(node)],
            source=source,
            kind=kind,
            role=node.role,
            title=node.title,
            breadcrumb=crumbs[id(node)],
            text=node.text,
            line_start=node.start + 1,
            line_end=node.end,
            parent_id=next(
                (entry_ids[id(above)] for above in reversed(node.path()) if id(above) in entry_ids),
                None,
            ),
            child_ids=tuple(_child_ids(node, entry_ids)),
            links=links,
            venue=paper.venue if node is root else find_venue(node.text),
            language=detect_language(plain_text(node.text) or node.title),
            tags=paper.tags if node is root else (),
            fields=paper.fields if node is root else (),
        )


def _is_entry(node: _Node) -> bool:
    """A heading is an entry when it has prose of its own or names a paper; else it is structure."""
    if node.role == "document":
        return bool(node.text.strip())
    if node.role == "heading":
        return "\n" in re.sub(r"\n\s*[=-]+\s*$", "", node.text) or bool(find_links(node.text))
    return True


def _child_ids(node: _Node, entry_ids: dict[int, str]) -> Iterator[str]:
    for child in node.children:
        if id(child) in entry_ids:
            yield entry_ids[id(child)]
        else:
            yield from _child_ids(child, entry_ids)
