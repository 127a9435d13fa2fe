"""Nodes of the note tree -> titles, breadcrumbs and ids."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import PurePosixPath

from paperrag.notes.definitions import Definitions
from paperrag.notes.entry_shapes import is_linked
from paperrag.notes.folders import folders_of
from paperrag.notes.naming import file_name
from paperrag.notes.node import Node
from paperrag.notes.nodes import BLANK_FIRST
from paperrag.notes.outline import Heading
from paperrag.records import Link, NotePaper
from paperrag.text.dates import DATE
from paperrag.text.fields import label_and_value, labelled_fields, without_headline_tags
from paperrag.text.folding import fold, letters
from paperrag.text.inline import plain_inline
from paperrag.text.language import HAN
from paperrag.text.links import REFERENCES, find_links
from paperrag.text.markers import CHAPTER
from paperrag.text.markup import (
    FORMULA,
    PICTURE,
    TITLE_CHARS,
    is_formula,
    item_title,
    plain_text,
    shorten,
    table_cells,
    without_state,
    without_tags,
    without_wraps,
)
from paperrag.text.patterns import EXPORT_ID, lazy_pattern
from paperrag.text.readable import readable

_SLUG_CHARS = 32
_NO_NAME = lazy_pattern(
    r"[0-9a-f]{8,}|(?:19|20)\d{2}[-_. ]?\d{0,2}[-_. ]?\d{0,2}|\d+|\b[A-Z0-9]{8}\b(?=[-_ ])|[\W_]+"
)
_SAY_NOTHING = frozenset(
    {"", "readme", "index", "note", "notes", "untitled", "笔记", "未命名", "无标题"}
)
_SECTIONS = frozenset(
    "note notes papernote papernotes readingnotes summary abstract annotations overview introduction"
    " info information metadata highlights comments keypoints mainidea mainideas tldr 笔记 阅读笔记"
    " 论文笔记 读书笔记 摘要 总结 小结 概述 概览 简介 论文信息 基本信息 文献信息 论文解读 批注 标注 正文 目录 内容".split()
)
"""What headings say that name no paper."""
_SLUG = lazy_pattern(r"[a-z0-9]+(?:[_.-][a-z0-9]+)*")
"""A name of a file that is typed, not titled: nlp-reading."""
_NAME_WORD = lazy_pattern(rf"[a-z0-9]{{2,}}|[{HAN}]")
_SHARE_SAID = 0.7
"""Of the words of a name, from which another one says it. By hand."""

_HEADING_SIGNS = lazy_pattern(r"^[#＃]{1,6}\s*|\s+#+$")
_NOTE_ID = lazy_pattern(r"\d{12,14}\s+(?=\S)")
"""The time at which a note was begun, its id among such notes."""
_NO_SLUG = lazy_pattern(r"[^\w.+]+")
_ATTRIBUTES = lazy_pattern(r"\s*\{(?:[:#.][^{}]*|-)\}\s*$")
_MAY_BE_FORMULA = lazy_pattern(r"\$\$|\\\[|\\begin\{")


def name_nodes(
    nodes: Sequence[Node], paper: NotePaper, source: str, definitions: Definitions
) -> None:
    """Give each node its title; the first is the file itself."""
    for node in nodes[1:]:
        node.title = node.title or definitions.words_of(_title(node))
    _name_rows_that_go_on(nodes)
    nodes[0].title = paper.title or _stem(source)
    heading = top_heading(nodes[0])
    if heading and paper.title and not plain_text(_first_of_words(heading.text)):
        heading.title = paper.title  # what a template leaves to be filled in


def _name_rows_that_go_on(nodes: Sequence[Node]) -> None:
    """Let rows with a blank first cell stand below what the row above them names."""
    named: dict[int, str] = {}
    for node in nodes:
        if node.role != "row" or node.children or node.parent is None:
            continue
        if BLANK_FIRST.match(node.text):
            node.points_from = named.get(id(node.parent), "")
        else:
            named[id(node.parent)] = node.title


def _title(node: Node) -> str:
    if node.role == "heading":
        return _heading_title(node.text)
    return _row_title(node) if node.role == "row" else _item_title(node)


def _heading_title(text: str) -> str:
    line = EXPORT_ID.sub("", without_headline_tags(_first_of_words(text).strip()))
    if line.startswith("*"):
        return without_state(plain_text(line)) or line
    words = _HEADING_SIGNS.sub("", _ATTRIBUTES.sub("", line) if line.endswith("}") else line)
    if "![" in words and plain_text(beside := PICTURE.sub("", words)):
        words = beside
    number = CHAPTER.match(words) or _NOTE_ID.match(words)
    words = words[number.end() :] if number else words
    words = words[1:-1] if words.startswith("《") and words.endswith("》") else words
    return without_tags(plain_text(words).replace("\n", " ")) or words or line


def _item_title(node: Node) -> str:
    if "\n" in node.text and (told := labelled_fields(node.text.partition("\n")[2]).get("title")):
        return item_title(told)
    words = readable(node.text)
    beside = FORMULA.sub(" ", words) if _MAY_BE_FORMULA.search(words) else words
    for text in dict.fromkeys((beside, words)):
        for line in text.split("\n"):
            if title := item_title(without_wraps(line)):
                return title
    line = node.text.split("\n", 1)[0].strip()
    field = label_and_value(line)
    label = field[0] if field else ""
    return next((_link_title(link) for link in find_links(node.text)), label) or shorten(
        line.lstrip("-*+> \t") or line, TITLE_CHARS
    )


def _row_title(node: Node) -> str:
    """The cells of a table's head; of another row the first cell with letters in it."""
    cells = [words for cell in table_cells(node.text) if (words := plain_inline(cell).strip())]
    if node.children:
        return shorten(" · ".join(cells), TITLE_CHARS) or _first_of_words(node.text)
    named = [number for number, cell in enumerate(cells) if any(map(str.isalpha, cell))]
    if not named:
        return _item_title(node)
    name = cells[named[0]]
    if is_formula(name) and named[1:]:
        name = f"{name} · {cells[named[1]]}"
    return shorten(name, TITLE_CHARS)


def _first_of_words(text: str) -> str:
    """The first line with a letter or figure, else the first."""
    lines = text.split("\n")
    return next((line for line in lines if any(map(str.isalnum, line))), lines[0])


def _link_title(link: Link) -> str:
    if link.site == "arxiv":
        return f"arXiv {link.identifier}"
    return re.sub(r"^https?://(www\.)?|[#?].*$|/$", "", link.url)[:60]


def _stem(source: str) -> str:
    stem = PurePosixPath(source).stem
    return EXPORT_ID.sub("", stem) or stem


class Breadcrumbs:
    """The names above each node of a file: its folders, its own names, headings and items.

    A file may be named by its front matter, its file name and the one `#` heading that heads it.
    One of them is left out only where it says the same as another or nothing at all, dates and ids
    aside; the innermost folder where it is called as what follows.
    """

    def __init__(self, nodes: Sequence[Node], source: str) -> None:
        self.root = nodes[0]
        self._below: dict[int, tuple[str, ...]] = {}
        self.folders = folders_of(source)
        self.heading = top_heading(self.root)
        title, stem = self.root.title, _stem(source)
        self.names = (title,) if says_no_more(stem, title) else (stem, title)
        self.file_names = self.names if title == stem else self.names[:-1]
        heading = self.heading.title if self.heading else ""
        self.below_heading = tuple(name for name in self.names if not says_no_more(name, heading))

    def of(self, node: Node) -> tuple[str, ...]:
        """Return the names above a node, outermost first."""
        names = self._in_file(node)
        first = names[0] if names else node.title
        is_doubled = bool(self.folders) and _core(self.folders[-1]) == _core(first)
        return (*self.folders[: -1 if is_doubled else None], *names)

    def _in_file(self, node: Node) -> tuple[str, ...]:
        above = node.parent
        if above is None:
            return self.names[:-1]
        if node.names_paper:
            return self.file_names
        if node is self.heading:
            return self.below_heading
        if id(above) not in self._below:
            names = self.names if above is self.root else (*self._in_file(above), above.title)
            self._below[id(above)] = names
        below = self._below[id(above)]
        is_told = node.points_from.rstrip(".") in ("", above.title.rstrip("."))
        return below if is_told else (*below, node.points_from)


def says_no_more(name: str, other: str) -> bool:
    """Whether a name is part of another, or no name at all."""
    own, beside = _core(name), _core(other)
    if own in _SAY_NOTHING or own in beside or (len(own) < 2 and own.isascii()):
        return True
    words = {word for word in _NAME_WORD.findall(fold(name).lower()) if word not in _SAY_NOTHING}
    said = set(_NAME_WORD.findall(fold(other).lower()))
    is_said = len(words & said) >= _SHARE_SAID * len(words)
    return bool(beside) and beside not in _SECTIONS and (is_said or bool(_SLUG.fullmatch(name)))


def is_section_name(heading: str) -> bool:
    """Whether a heading names no paper: Notes, 论文信息."""
    return _core(plain_inline(heading).strip("# \t")) in _SECTIONS


@lru_cache(maxsize=1024)
def _core(name: str) -> str:
    return _NO_NAME.sub("", fold(name)).lower()


def leading_heading(root: Node) -> Heading | None:
    """The heading of any level that heads the file: the first one, if none stands beside it, it
    alone is linked, or it is called as the file is; else a linked first line.
    """
    beside = [child for child in root.children if child.role == "heading"]
    if not beside:
        first_line = root.text.split("\n", 1)[0]
        has_link = bool(find_links(first_line)) and not first_line.startswith("---")
        return Heading(item_title(first_line), first_line, root.start + 1) if has_link else None
    first, *others = beside
    is_other = _only_dates(first.title) or first.title.lower() in REFERENCES
    if root.children[0] is not first or is_other:
        return None
    leads = not others or letters(first.title) in letters(file_name(root.title)[0])
    is_alone = is_linked(first.text) and not any(is_linked(other.text) for other in others)
    return Heading(first.title, first.text, first.start + 1) if leads or is_alone else None


def _only_dates(heading: str) -> bool:
    """Whether a heading says when something was done, as what imports notes writes it."""
    field = label_and_value(heading)
    day = DATE.match(field[1]) if field else None
    return day is not None and bool(day["year"])


def top_heading(root: Node) -> Node | None:
    """Return the `#` heading that heads the file, if there is just one; it names the file then."""
    top = [child for child in root.children if child.role == "heading"]
    return top[0] if len(top) == 1 and top[0].depth == 1 else None


class Ids:
    """Hands out ids from file, breadcrumb and title; equal ones are told apart by their text."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.taken: set[str] = set()
        self.times: Counter[str] = Counter()

    def take(self, breadcrumb: tuple[str, ...], title: str, text: str) -> str:
        """Return an id that no other entry of the file has."""
        place = _path_slug(breadcrumb[len(folders_of(self.source)) :])
        candidate = f"{self.source}#{place}{_slug(title)}"
        if candidate in self.taken:
            candidate = f"{candidate}~{hashlib.sha256(text.encode()).hexdigest()[:6]}"
        unique = candidate
        while unique in self.taken:
            self.times[candidate] += 1
            unique = f"{candidate}-{self.times[candidate] + 1}"
        self.taken.add(unique)
        return unique


@lru_cache(maxsize=64)
def _path_slug(path: tuple[str, ...]) -> str:
    return "".join(f"{_slug(part)}/" for part in path)


@lru_cache(maxsize=1024)
def _slug(text: str) -> str:
    start = _NO_SLUG.sub("-", text[: 2 * _SLUG_CHARS].lower()).lstrip("-")
    if len(start) <= _SLUG_CHARS and len(text) > 2 * _SLUG_CHARS:
        start = _NO_SLUG.sub("-", text.lower()).lstrip("-")
    return start[:_SLUG_CHARS].rstrip("-") or "-"
