"""The Library tab: the note tree with counts beside a list of entries that narrows while typing."""

from __future__ import annotations

import json
from typing import Any

import gradio as gr

from paperrag.assistant import Assistant
from paperrag.errors import PaperRagError
from paperrag.page.browsing import Branch, Library, Order, Place
from paperrag.page.prose import inline_html
from paperrag.page.render import badge_html, click_mark, esc, open_button
from paperrag.page.shared import LATEST, Shared, as_language, in_words, live_html
from paperrag.page.strings import say
from paperrag.records import Entry, Language
from paperrag.text.markup import shorten

MOST_ROWS = 200
"""Rows drawn at once; more words bring the others up."""

SMALL_TREE = 500
"""Up to so many entries the tree is open down to the headings of files, else folders only."""

ORDERS: tuple[Order, ...] = ("note", "title", "section", "venue")


def build_library(shared: Shared) -> None:
    """Lay the tab out and wire it."""
    tab = _LibraryTab(shared.assistant)
    place = gr.State(())
    with gr.Row(elem_id="pr-library", equal_height=False):
        with gr.Column(scale=1, min_width=230, elem_id="pr-tree-column"):
            tree = live_html("", ("place",), "pr-tree")
        with gr.Column(scale=4, min_width=320, elem_id="pr-list-column"):
            with gr.Row(elem_id="pr-list-tools"):
                words = gr.Textbox(
                    show_label=False, container=False, max_lines=1, max_length=200, scale=3, min_width=160,
                    placeholder=say("en", "search_entries"), elem_id="pr-words",
                )  # fmt: skip
                chosen = [
                    gr.Dropdown(
                        [],
                        show_label=False,
                        container=False,
                        min_width=200,
                        scale=1,
                        elem_id=f"pr-list-{name}",
                    )
                    for name in ("kind", "language", "order")
                ]
            rows = live_html("", ("open", "note"), "pr-list")
    shared.openers.append(rows)
    query = [shared.language, place, words, *chosen]
    gr.on([words.input, *(choice.input for choice in chosen)], tab.rows, query, rows, **LATEST)
    tree.place(tab.choose_place, [shared.language, words, *chosen], [place, rows], **LATEST)
    shared.paint(tab.paint, [place, words, *chosen], [tree, rows, words, *chosen])


class _LibraryTab:
    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._library: tuple[object, Library] | None = None

    def choose_place(
        self, language: object, words: str, kind: str, lang: str, order: str, event: gr.EventData
    ) -> tuple[Place, str]:
        """Return the branch of the tree that was clicked, and its entries that match."""
        place = tuple(str(part) for part in json.loads(event._data["place"]))
        return place, click_mark(event._data.get("click")) + self.rows(
            language, place, words, kind, lang, order
        )

    def rows(
        self, language: object, place: Place, words: str, kind: str, lang: str, order: str
    ) -> str:
        """Return the list of entries that match."""
        here = as_language(language)
        try:
            library = self._newest()
        except PaperRagError as error:
            return f'<p class="pr-error">{esc(in_words(error))}</p>'
        found = library.find(words or "", tuple(place), kind or None, lang or None, order or "note")  # type: ignore[arg-type]
        return _list_html(
            [library.entry(row) for row in found[:MOST_ROWS]], len(found), place, here
        )

    def paint(
        self, language: object, place: Place, words: str, kind: str, lang: str, order: str
    ) -> tuple[Any, ...]:
        """Redraw the tab in a language from the newest index."""
        here = as_language(language)
        choices = (
            [(say(here, f"kind_{name}"), name) for name in ("note", "abstract")],
            [(say(here, f"lang_{name}"), name) for name in ("zh", "en")],
        )
        names = ("kind", "language")
        updates = [
            gr.update(
                choices=[(f"{say(here, name)}: {say(here, 'all')}", ""), *listed], value=value or ""
            )
            for name, listed, value in zip(names, choices, (kind, lang), strict=True)
        ]
        orders = [(f"{say(here, 'sort')}: {say(here, f'sort_{name}')}", name) for name in ORDERS]
        updates.append(gr.update(choices=orders, value=order or "note"))
        placeholder = gr.update(placeholder=say(here, "search_entries"))
        return (
            self._tree(here),
            self.rows(language, place, words, kind, lang, order),
            placeholder,
            *updates,
        )

    def _tree(self, language: Language) -> str:
        try:
            return _tree_html(self._newest().tree, language)
        except PaperRagError:
            return ""

    def _newest(self) -> Library:
        data = self._assistant.data()
        if self._library is None or self._library[0] is not data:
            self._library = (data, Library(data))
        return self._library[1]


# --- HTML ---------------------------------------------------------------------------------------


def _tree_html(root: Branch, language: Language) -> str:
    whole = f'<div class="pr-branch">{_branch_button(say(language, "all_notes"), root)}</div>'
    open_depth = 3 if root.count <= SMALL_TREE else 1
    return f'<nav class="pr-tree">{whole}{"".join(_branch_html(branch, open_depth) for branch in root.below.values())}</nav>'


def _branch_html(branch: Branch, open_depth: int) -> str:
    button = _branch_button(branch.name, branch)
    if not branch.below:
        return f'<div class="pr-branch pr-leaf">{button}</div>'
    opened = " open" if open_depth > 0 else ""
    below = "".join(_branch_html(inner, open_depth - 1) for inner in branch.below.values())
    return f'<details{opened}><summary class="pr-branch">{button}</summary><div class="pr-below">{below}</div></details>'


def _branch_button(name: str, branch: Branch) -> str:
    place = esc(json.dumps(branch.place, ensure_ascii=False))
    return f'<button data-act="place" data-place="{place}"><span>{esc(shorten(name, 60))}</span><i>{branch.count}</i></button>'


def _list_html(entries: list[Entry], count: int, place: Place, language: Language) -> str:
    where = f"<b>{esc(' › '.join(place))}</b> · " if place else ""
    more = f" {say(language, 'more_rows')}" if count > len(entries) else ""
    summary = f'<p class="pr-faint">{where}{say(language, "shown", shown=len(entries), count=count)}.{more}</p>'
    if not entries:
        return f'{summary}<p class="pr-faint">{say(language, "nothing_here")}</p>'
    columns = ("column_title", "column_section", "column_venue", "column_lines")
    head = "".join(f"<th>{say(language, column)}</th>" for column in columns)
    rows = "".join(_row_html(entry, language) for entry in entries)
    return f'{summary}<table class="pr-table pr-list"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def _row_html(entry: Entry, language: Language) -> str:
    section = inline_html(" › ".join(shorten(part, 32) for part in entry.breadcrumb[-2:]))
    lines = (
        f"{entry.line_start}"
        if entry.line_start == entry.line_end
        else f"{entry.line_start}–{entry.line_end}"
    )
    return (
        f'<tr><td>{open_button(entry)}</td><td class="pr-faint">{section}</td><td>{badge_html(entry, language)}</td>'
        f'<td class="pr-faint" title="{esc(entry.source)}">{lines}</td></tr>'
    )
