"""Markdown file -> list[Entry]: the note tree with breadcrumbs, links, languages and exact lines.

Every non-blank line belongs to exactly one entry or heading. This module knows nothing of
encoders, indexes or questions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markdown_it.token import Token
from msgspec import Struct
from msgspec.structs import replace

from paperrag.notes.bibtex import bibtex_fields
from paperrag.notes.blocks import find_blocks, unclosed_fences
from paperrag.notes.columns import find_columns
from paperrag.notes.compared import Headed, side_by_side
from paperrag.notes.crumbs import (
    Breadcrumbs,
    Ids,
    is_section_name,
    leading_heading,
    name_nodes,
    top_heading,
)
from paperrag.notes.definitions import Definitions
from paperrag.notes.footnotes import footnote_items, hang_footnotes
from paperrag.notes.front_matter import Fields, merge_links, read_front_matter, read_paper
from paperrag.notes.indents import as_meant
from paperrag.notes.labels import find_titled
from paperrag.notes.naming import is_bylined
from paperrag.notes.node import Node
from paperrag.notes.nodes import build_tree
from paperrag.notes.opaque import Opaque, find_opaque, unclosed_comments
from paperrag.notes.outline import Outline
from paperrag.notes.overlong import entry_of_rest, trouble_of_rest
from paperrag.notes.source_lines import SourceLines, source_lines
from paperrag.notes.works import with_works
from paperrag.records import Entry, Kind, Language, Link, NotePaper, Role, Trouble
from paperrag.text.blobs import without_blobs
from paperrag.text.fields import (
    fields_in,
    headline_tags,
    heads_fields,
    labelled_fields,
    leading_fields,
    tags_in,
)
from paperrag.text.front import find_front_matter
from paperrag.text.language import detect_language, has_han
from paperrag.text.links import find_links
from paperrag.text.markup import plain_text
from paperrag.text.patterns import lazy_pattern
from paperrag.text.readable import readable
from paperrag.text.venues import find_venue

_UNDERLINE = lazy_pattern(r"\n\s*[=-]+\s*$")
_MARKUP_OF_WORDS = lazy_pattern(r"[\[<&]|~~|//|:::|!!!|```|\n-|^-")
"""Markup that has words which nobody reads, or that leaves none."""


class ParsedNote(Struct, frozen=True):
    """The entries of one file in line order, its headings as (line, text), what was odd, and what
    its front matter says of the paper that it is on.
    """

    entries: tuple[Entry, ...]
    headings: tuple[tuple[int, str], ...]
    troubles: tuple[Trouble, ...] = ()
    paper: NotePaper = NotePaper()


def parse_note(text: str, source: str, kind: Kind = "note") -> ParsedNote:
    """Return the entries of one Markdown text; `source` is its path relative to the corpus."""
    told = source_lines(text, source)
    tree = _tree_of(told, is_joined=kind == "abstract")
    page_fields, fields_of, faults = _fields(tree.nodes, tree.blocks, told.lines, source)
    paper = read_paper({**bibtex_fields(told.read), **page_fields, **told.fields})
    name_nodes(tree.nodes, paper, source, tree.definitions)
    reader = _Reader(tree.nodes, tree.definitions, paper, fields_of)
    rest = [entry_of_rest(told.below, source, kind)] if told.below else []
    return ParsedNote(
        entries=(*reader.entries_of_works(source, kind), *rest),
        headings=tuple(
            (node.start + 1, node.title) for node in tree.nodes if node.role == "heading"
        ),
        troubles=(
            *(*told.troubles, *faults),
            *unclosed_fences(tree.tokens, told.read, source),
            *unclosed_comments(tree.opaque, source),
            *map(trouble_of_rest, rest),
        ),
        paper=paper,
    )


class _Tree(Struct, frozen=True):
    """The nodes of a note, in line order, and what they were made of: blocks, parts that hold no
    Markdown, blocks of fields by their first line, definitions.
    """

    nodes: list[Node]
    tokens: list[Token]
    opaque: list[Opaque]
    blocks: dict[int, Opaque]
    definitions: Definitions


def _tree_of(told: SourceLines, is_joined: bool) -> _Tree:
    read = told.read
    opaque = find_opaque(read)
    definitions = Definitions(read)
    titled = find_titled(read, opaque)
    titled.starts.update(footnote_items(read, definitions.footnotes))
    columns = find_columns(read)
    tokens = find_blocks(as_meant(read, opaque, titled, columns))
    blocks = {part.first: part for part in opaque if part.is_fields}
    apart = dict.fromkeys(definitions.footnotes, 0)
    apart |= {line: part.last + 1 for line, part in blocks.items()}
    roles: dict[int, Role] = dict.fromkeys(titled.starts, "prose")
    roles |= dict.fromkeys(columns.rows, "row")
    nodes = build_tree(tokens, told.lines, told.body, apart, roles, join=is_joined)
    hang_footnotes(nodes, definitions)
    return _Tree(nodes, tokens, opaque, blocks, definitions)


# --- fields ---------------------------------------------------------------------------------------


def _fields(
    nodes: Sequence[Node], blocks: dict[int, Opaque], lines: Sequence[str], source: str
) -> tuple[Fields, dict[int, Fields], list[Trouble]]:
    """The fields of the page, of nodes by their start, and what is wrong with any.

    A later block of fields names the text below it.
    """
    fields_of: dict[int, Fields] = {}
    troubles: list[Trouble] = []
    for node in nodes:
        fields: Fields = fields_in(node.text)
        if (part := blocks.get(node.start)) and (block := find_front_matter(lines, part.first)):
            fields, faults = read_front_matter(block, source)
            troubles += faults
            title = fields.get("title", "")
            node.title = title if isinstance(title, str) else title[0]
        if fields:
            fields_of[id(node)] = fields
    page = fields_of.pop(id(nodes[0]), {})
    for node, told in _told_of_paper(nodes):
        page = {**told, **page}
        if node is not nodes[0]:
            fields_of[id(node)] = {**told, **fields_of.get(id(node), {})}
    return page, fields_of, troubles


def _told_of_paper(nodes: Sequence[Node]) -> Iterator[tuple[Node, Fields]]:
    """What lines `Authors: …` at the start of the file or below its one heading say of its paper,
    and items below a first heading such as 论文信息, or Metadata right below the one heading.
    """
    yield nodes[0], leading_fields(nodes[0].text)
    heads = [node for node in nodes[1:3] if node.role == "heading"]
    if not heads or heads[0] is not nodes[1]:
        return
    top = top_heading(nodes[0])
    for node in heads:
        line, _, below = node.text.partition("\n")
        if heads_fields(line) or (node is heads[0] and is_section_name(line)):
            yield node, labelled_fields(below)
        elif node is top:
            yield node, leading_fields(below)


# --- entries --------------------------------------------------------------------------------------


class _Reader(Struct, frozen=True):
    """Makes entries of the nodes of one file."""

    nodes: Sequence[Node]
    definitions: Definitions
    paper: NotePaper
    fields_of: dict[int, Fields]

    def entries(self, source: str, kind: Kind) -> Iterator[Entry]:
        crumbs_of, ids = Breadcrumbs(self.nodes, source), Ids(source)
        beside = _compared(self.nodes)
        kept = [node for node in self.nodes if _is_entry(node) or id(node) in beside]
        crumbs = {id(node): crumbs_of.of(node) for node in kept}
        entry_ids = {id(node): ids.take(crumbs[id(node)], node.title, node.text) for node in kept}
        for node in kept:
            words = readable(node.text)
            above = (entry_ids.get(id(ancestor)) for ancestor in node.ancestors())
            yield self._told(
                node,
                Entry(
                    id=entry_ids[id(node)],
                    source=source,
                    kind=kind,
                    role=node.role,
                    title=node.title,
                    breadcrumb=crumbs[id(node)],
                    text=node.text,
                    line_start=node.start + 1,
                    line_end=node.end,
                    parent_id=next(filter(None, above), None),
                    child_ids=tuple(_child_ids(node, entry_ids)),
                    links=self._links(node),
                    venue=find_venue(node.text),
                    language=_language(words, node.title),
                    tags=headline_tags(node.text) + tags_in(words),
                ),
            )

    def entries_of_works(self, source: str, kind: Kind) -> Iterator[Entry]:
        """Yield the entries with their works: the file's, and those that later blocks name."""
        papers = {
            node.start + 1: read_paper(self.fields_of[id(node)])
            for node in self.nodes
            if node.names_paper and id(node) in self.fields_of
        }
        part: list[Entry] = []
        paper, heading = self.paper, leading_heading(self.nodes[0])
        leads_on = self.definitions.lead_to_note
        for entry in self.entries(source, kind):
            later = papers.get(entry.line_start) if entry.role == "prose" else None
            if later and later.title:
                yield from with_works(Outline(part, paper, source, heading, leads_on), kind)
                part, paper, heading = [], later, None
            part.append(entry)
        yield from with_works(Outline(part, paper, source, heading, leads_on), kind)

    def _links(self, node: Node) -> tuple[Link, ...]:
        text = without_blobs(self.definitions.without(node.text, node.start))
        used = tuple(self.definitions.links_of(text))
        return merge_links(find_links(text), used) if used else find_links(text)

    def _told(self, node: Node, entry: Entry) -> Entry:
        """The entry with what fields say of it; the file's own belong to its first entry."""
        if node is self.nodes[0]:
            told = self.paper
        elif id(node) in self.fields_of:
            told = read_paper(self.fields_of[id(node)])
        else:
            return entry
        return replace(
            entry,
            links=merge_links(told.links, entry.links),
            venue=told.venue or (None if node is self.nodes[0] else entry.venue),
            tags=tuple(dict.fromkeys((*told.tags, *entry.tags))),
            fields=told.fields,
        )


def _language(words: str, title: str) -> Language:
    """The language of an entry's words, or of its title if it has none."""
    if "&#" not in words and not has_han(words) and not has_han(title):
        return "en"
    if words.strip() and not _MARKUP_OF_WORDS.search(words):
        return detect_language(words)
    return detect_language(plain_text(words) or title)


def _is_entry(node: Node) -> bool:
    """A heading is an entry when it has prose of its own or names a paper, by a link or with its
    byline; else it is structure.
    """
    if node.role == "document":
        return bool(node.text.strip())
    if node.role == "heading":
        names = bool(find_links(node.text)) or is_bylined(node.title)
        return names or "\n" in _UNDERLINE.sub("", node.text)
    return True


def _compared(nodes: Sequence[Node]) -> set[int]:
    """The headings, by their id, that have the same headings below them."""
    headings = (node for node in nodes if node.role == "heading" and node.children)
    return side_by_side(
        Headed(id(node), id(node.parent), node.title, _headings_below(node)) for node in headings
    )


def _headings_below(node: Node) -> frozenset[str]:
    return frozenset(child.title for child in node.children if child.role == "heading")


def _child_ids(node: Node, entry_ids: dict[int, str]) -> Iterator[str]:
    for child in node.children:
        if id(child) in entry_ids:
            yield entry_ids[id(child)]
        else:
            yield from _child_ids(child, entry_ids)
