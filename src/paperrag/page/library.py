"""The Library tab: the note tree with counts beside a list of entries that narrows while typing,
and the sections and files that a question can be restricted to. All fetched in pieces, so that
large notes are as quick to open as small ones.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

from paperrag.index.engine import Snapshot
from paperrag.notes.tags import tag_key
from paperrag.page.browsing import Branch, NoteTree, NoteTrees, TreePlace
from paperrag.page.corpora import Corpora, Corpus
from paperrag.page.given import Given
from paperrag.page.prose import inline_html
from paperrag.page.render import (
    badge_html,
    esc,
    line_range,
    open_button,
    shown_crumbs,
    with_symbols,
)
from paperrag.page.strings import say
from paperrag.page.suggesting import section_names
from paperrag.records import Entry, Language
from paperrag.text.folding import fold
from paperrag.text.markup import shorten

ROWS = 100
"""Rows of a list that are fetched at once; more come as one scrolls."""

SMALL_TREE = 500
"""Up to so many entries the tree is open down to the headings of files, else folders only."""

BRANCHES = 300
"""Parts of a folder or file that the tree lists."""

Named = tuple[str, dict[str, str]]
"""A folded name, and the tag, section or file that it is of."""

SCOPES = 40
"""Sections and files that are offered at once; typing brings the others up."""

_ORDERS = ("note", "title", "section", "venue")


class LibraryPage:
    """Fragments of the tab, from the newest index."""

    def __init__(self, corpora: Corpora) -> None:
        self._corpora = corpora
        self._trees: dict[str, tuple[Snapshot, NoteTree]] = {}
        self._named: dict[str, tuple[Snapshot, list[Named]]] = {}

    def warm(self) -> None:
        """Make what the first look and the first key would wait for."""
        for one in self._corpora.all:
            tree = self.tree_of(one, one.data())
            tree.words, tree.tree  # noqa: B018  # computed once, then kept

    def tree_of(self, one: Corpus, data: Snapshot) -> NoteTree:
        """Return the tree of an index generation of a collection, made anew for another than the
        last.
        """
        known = self._trees.get(one.name)
        if known is None or known[0] is not data:
            known = (data, NoteTree(data, known[1] if known else None, one.naming))
            self._trees[one.name] = known
        return known[1]

    def tree(self, given: Given) -> str:
        """Return the tree as far as it is open at first, or what is below a place."""
        root, language = self._newest().tree, given.language
        place = _place(given)
        if place:
            branch: Branch | None = root
            for name in place:
                branch = branch.below.get(name) if branch else None
            return _below_html(branch, 0, language) if branch else ""
        whole = f'<div class="pr-branch">{_branch_button(say(language, "all_notes"), root)}</div>'
        depth = (3 if root.count <= SMALL_TREE else 1) + bool(self._corpora.names)
        below = _below_html(root, depth, language)
        return (
            f'<nav class="pr-tree" aria-label="{say(language, "all_notes")}">{whole}{below}</nav>'
        )

    def rows(self, given: Given) -> dict[str, Any]:
        """Return a page of the entries that match, and how many there are."""
        library, place, language = self._newest(), _place(given), given.language
        order = given.text("order")
        found = library.find(
            given.text("words"), place,
            given.text("kind") or None, given.text("language") or None,  # type: ignore[arg-type]  # compared
            order if order in _ORDERS else "note",  # type: ignore[arg-type]  # looked up
        )  # fmt: skip
        first = given.number("first")
        entries = [library.entry(at) for at in found[first : first + ROWS]]
        above = ["", *map(_section_html, entries)]
        rows = "".join(
            _row_html(entry, "" if section == before else section, language)
            for entry, before, section in zip(entries, above, above[1:], strict=False)
        )
        return {
            "html": rows
            if first
            else _list_html(rows, len(found), place, language, library.tree.count),
            "next": first + ROWS if first + ROWS < len(found) else None,
        }

    def scopes(self, words: str, collection: str = "") -> list[dict[str, str]]:
        """Return tags, sections and files in whose names every word stands, the largest sections
        where none is given; of one collection, or of all.
        """
        every, wanted = self._corpora.named(collection), fold(words).lower().split()
        if not wanted:
            most = max(SCOPES // 2 // len(every), 1)
            return list(_each_once(chain.from_iterable(_largest(one, most) for one in every)))
        named = chain.from_iterable(map(self._names, every))
        found = (scope for folded, scope in named if all(word in folded for word in wanted))
        return list(islice(_each_once(found), SCOPES))

    def _names(self, one: Corpus) -> list[Named]:
        """Return the tags, sections and files of a collection, by their folded names."""
        data, known = one.data(), self._named.get(one.name)
        if known is None or known[0] is not data:
            tags = sorted({tag_key(tag) for tag in data.entries.rows_by_tag})
            named = [(tag, _scope("tag", tag, f"#{tag}")) for tag in tags]
            known = (data, [*named, *_all_named(data.entries.section_list, one.naming.called)])
            self._named[one.name] = known
        return known[1]

    def _newest(self) -> NoteTrees:
        return NoteTrees([self.tree_of(one, one.data()) for one in self._corpora.all])


def _place(given: Given) -> TreePlace:
    """Return the place in the tree that is asked for, () for none or one that cannot be read."""
    try:
        place = json.loads(given.text("place") or "[]")
    except ValueError:
        return ()
    return tuple(str(part) for part in place) if isinstance(place, list) else ()


def _scope(kind: str, name: str, label: str = "") -> dict[str, str]:
    return {"part": kind, "value": name, "label": label or name}


def _largest(one: Corpus, most: int) -> list[dict[str, str]]:
    """Return the largest sections and the first files of a collection."""
    data = one.data()
    files = map(one.naming.called, sorted(data.manifest.files)[:most])
    names = section_names(data, most)
    return [_scope("section", name) for name in names] + [_scope("file", file) for file in files]


def _each_once(scopes: Iterable[dict[str, str]]) -> Iterator[dict[str, str]]:
    """Yield scopes without those that name what one before names: sections of two collections."""
    seen: set[tuple[str, str]] = set()
    for one in scopes:
        key = (one["part"], one["value"])
        if key not in seen:
            seen.add(key)
            yield one


def _all_named(
    sections: Sequence[tuple[str, tuple[str, ...]]], called: Callable[[str], str]
) -> Iterator[Named]:
    """Yield sections, then files, each once; a section is named by its inner end."""
    seen: set[str] = set()
    for _, path in sections:
        for depth, name in enumerate(path):
            if name not in seen:
                seen.add(name)
                label = " › ".join(
                    shorten(part, 40) for part in path[max(0, depth - 1) : depth + 1]
                )
                yield fold(name).lower(), _scope("section", name, label)
    for source in sorted({source for source, _ in sections}):
        yield fold(source).lower(), _scope("file", called(source))


# --- HTML ---------------------------------------------------------------------------------------


def _branch_html(branch: Branch, open_depth: int, language: Language) -> str:
    button = _branch_button(branch.name, branch)
    if not branch.below:
        return f'<div class="pr-branch pr-leaf">{button}</div>'
    is_open = open_depth > 0  # what is below is fetched when it is opened
    below = _below_html(branch, open_depth - 1, language) if is_open else ""
    name = esc(say(language, "fold", name=branch.name))
    fold = (
        f'<button class="pr-fold" data-act="fold" data-place="{_place_attribute(branch)}"'
        f' aria-expanded="{str(is_open).lower()}" aria-label="{name}">›</button>'
    )
    return f'<div class="pr-branch">{fold}{button}</div><div class="pr-below"{"" if is_open else " hidden"}>{below}</div>'


def _below_html(branch: Branch, open_depth: int, language: Language) -> str:
    """Return what is right below a branch; of very many the first, the list's search has all."""
    shown = islice(branch.below.values(), BRANCHES)
    pages = "".join(_branch_html(one, open_depth, language) for one in shown)
    more = len(branch.below) - BRANCHES
    if more <= 0:
        return pages
    return f'{pages}<p class="pr-faint pr-more">{say(language, "map_more", count=more)}</p>'


def _place_attribute(branch: Branch) -> str:
    return esc(json.dumps(branch.place, ensure_ascii=False))


def _branch_button(name: str, branch: Branch) -> str:
    label = f"<span>{esc(shorten(name, 60))}</span><i>{branch.count}</i>"
    return f'<button data-act="place" data-place="{_place_attribute(branch)}">{label}</button>'


def _list_html(rows: str, count: int, place: TreePlace, language: Language, among: int) -> str:
    if not among:
        return f'<p class="pr-faint" role="status">{say(language, "no_notes")} {say(language, "no_notes_more")}</p>'
    where = f"<b>{esc(' › '.join(place))}</b> · " if place else ""
    summary = f'<p class="pr-faint" role="status">{where}{say(language, "found_one" if count == 1 else "found", count=count)}</p>'
    if not rows:
        return f'{summary}<p class="pr-faint">{say(language, "nothing_here")}</p>'
    columns = ("column_title", "column_section", "column_venue", "column_lines")
    head = "".join(f"<th>{say(language, column)}</th>" for column in columns)
    return f'{summary}<table class="pr-table pr-list"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def _section_html(entry: Entry) -> str:
    inner = shown_crumbs(entry)[-2:]
    return inline_html(" › ".join(shorten(with_symbols(part), 32) for part in inner))


def _row_html(entry: Entry, section: str, language: Language) -> str:
    """Return the row of an entry. section: where it stands, "" where the row above says it."""
    return (
        f'<tr><td>{open_button(entry)}</td><td class="pr-faint">{section}</td><td>{badge_html(entry, language)}</td>'
        f'<td class="pr-faint" title="{esc(entry.source)}">{line_range(entry)}</td></tr>'
    )
