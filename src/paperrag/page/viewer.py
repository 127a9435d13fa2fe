"""The drawer beside every tab: one entry with what is around it and near it, or a whole note."""

from __future__ import annotations

from collections.abc import Sequence

from paperrag.errors import QueryError
from paperrag.index.engine import Snapshot
from paperrag.output.addresses import VAULT_MARK, absolute, note_address, vault_of
from paperrag.page.browsing import first_rows, title_of_note
from paperrag.page.collecting_html import star_button
from paperrag.page.corpora import Corpora, Corpus
from paperrag.page.fields_html import entry_html
from paperrag.page.note_names import NoteNames, NotePlace, Pictures, line_of_heading
from paperrag.page.note_view import Shown, editor_link, lines_html, note_page
from paperrag.page.render import (
    badge_html,
    crumbs_html,
    esc,
    inline_label,
    kind_html,
    links_html,
    named_button,
    open_button,
)
from paperrag.page.strings import say
from paperrag.records import Entry, Hit, Language
from paperrag.text.markup import shorten

RELATED = 8
NAME_CHARS = 80
AROUND = 12
"""Lines of the note shown before and after an entry."""


class Viewer:
    """Fragments of the drawer. Every method raises PaperRagError if the index cannot be used.

    is_at_home: the page is for this machine only, so that its programs can be told to open a note.
    """

    def __init__(self, corpora: Corpora, is_at_home: bool = True) -> None:
        self._corpora = corpora
        self._is_at_home = is_at_home
        self._names: dict[str, tuple[Snapshot, NoteNames]] = {}

    def entry(self, entry_id: str, language: Language) -> dict[str, str]:
        """Return an entry's page."""
        one, inside = self._corpora.find(entry_id)
        entry = one.entry(inside)
        if entry is None:
            return {"html": f'<h3 id="pr-view-title">{say(language, "gone")}</h3>', "title": ""}
        html = self._entry_html(one, inside, entry, language)
        return {"html": html, "title": entry.title or entry.source}

    def note(self, what: str, as_lines: bool, language: Language) -> dict[str, str]:
        """Return a whole note at a place of it; `what` is read as `NoteNames.find` does, in the
        collection that it names or the first that has such a note. Raises QueryError for what names
        no note.
        """
        named = (
            (one, inside, place)
            for one, inside in self._corpora.candidates(what)
            if (place := self._newest_names(one).find(inside))
        )
        one, inside, place = next(named, (None, "", None))
        lines = one.lines(place.source) if one and place else None
        if one is None or place is None or lines is None:
            raise QueryError(say(language, "file_gone" if place else "no_such_note", name=what))
        shown = self._shown(one, one.entry(inside), place, lines, as_lines)
        near = self._near_notes(one, place.source, language)
        return {"html": note_page(shown, language, near), "title": shown.title or place.source}

    def _shown(
        self, one: Corpus, entry: Entry | None, place: NotePlace, lines: list[str], as_lines: bool
    ) -> Shown:
        line = line_of_heading(lines, place.heading) if place.heading else place.line
        line = min(max(line, 1), max(len(lines), 1))
        return Shown(
            one.naming.called(place.source),
            self._title(one, place.source),
            lines,
            line,
            min(entry.line_end, len(lines)) if entry else line,
            entry.id if entry else "",
            self._editor(one, place.source, line),
            as_lines,
            one.naming.called(""),
            Pictures(one.folder, place.source).find,
        )

    def _title(self, one: Corpus, source: str) -> str:
        data = one.data()
        row = first_rows(data).get(source)
        return "" if row is None else title_of_note(data, row)

    def _editor(self, one: Corpus, source: str, line: int) -> str:
        """Return what opens a note in a program of this machine, "" on a page for others."""
        settings = one.assistant.settings
        if not self._is_at_home:
            return ""
        form = settings.links
        if form == "file":  # which a page may not open
            path = absolute(settings.corpus / source)
            is_vault = (vault_of(path, settings.corpus) / VAULT_MARK).is_dir()
            form = "obsidian" if is_vault else "vscode"
        return note_address(form, settings.corpus, source, line)

    def _near_notes(self, one: Corpus, source: str, language: Language) -> str:
        """Return the notes that say things near what a note says, each once."""
        data = one.data()
        row = first_rows(data).get(source)
        if row is None:
            return ""
        entry = data.entries.get(row)
        near: dict[str, Hit] = {}
        for hit in one.assistant.similar(entry.id, 4 * RELATED) or []:
            if hit.entry.source != source:
                near.setdefault(hit.entry.source, hit)
        called = (one.naming.outside(hit.entry) for hit in list(near.values())[:RELATED])
        return _group("related", [_related(other, entry, language) for other in called], language)

    def _newest_names(self, one: Corpus) -> NoteNames:
        data, known = one.data(), self._names.get(one.name)
        if known is None or known[0] is not data:
            known = self._names[one.name] = (data, NoteNames(data))
        return known[1]

    def _entry_html(self, one: Corpus, inside: str, entry: Entry, language: Language) -> str:
        """Return an entry's page. inside: its id in its index."""
        parent = self._corpora.entry(entry.parent_id) if entry.parent_id else None
        editor = self._editor(one, self._corpora.find(entry.source)[1], entry.line_start)
        children = [child for child in map(self._corpora.entry, entry.child_ids) if child]
        same = list(map(one.naming.outside, one.assistant.same_paper(inside)))
        shown = {other.id for other in same}
        near = [
            other for other in self._corpora.related(entry.id, RELATED) if other.id not in shown
        ]
        return "".join(
            (
                _head_html(entry, language),
                f'<div class="pr-prose">{entry_html(entry, language)}</div>',
                f'<div class="pr-actions">{_ask_button(entry, language)}{star_button("entry", entry.id, language)}'
                f"{editor_link(editor, language)}{links_html(entry.links)}</div>",
                _group(
                    "same_paper",
                    [_item(other, kind_html(other.kind, language)) for other in same],
                    language,
                ),
                _group("parent", [_item(parent)] if parent else [], language),
                _group("children", [_item(child) for child in children], language),
                _group("related", [self._near(other, entry, language) for other in near], language),
                f"<h4>{say(language, 'note_text')} {_whole_button(entry, language)}</h4>",
                _lines_around(entry, self._corpora.lines(entry.source), language),
            )
        )

    def _near(self, other: Entry, to: Entry, language: Language) -> str:
        """Return a related entry, with the name of its collection where that is another."""
        name, home = (self._corpora.find(one.id)[0].name for one in (other, to))
        return _related(other, to, language, name if name != home else "")


def _head_html(entry: Entry, language: Language) -> str:
    title = inline_label(entry)
    return f'{crumbs_html(entry)}<h3 id="pr-view-title">{title}</h3><div class="pr-marks">{badge_html(entry, language)}</div>'


def _ask_button(entry: Entry, language: Language) -> str:
    name = shorten(entry.work.name if entry.work else entry.title, NAME_CHARS)
    question = esc(say(language, "ask_entry", name=name))
    return f'<button data-act="ask-about" data-question="{question}">{say(language, "ask_about")}</button>'


def _group(key: str, items: Sequence[str], language: Language) -> str:
    return (
        f'<h4>{say(language, key)}</h4><ul class="pr-entries">{"".join(items)}</ul>'
        if items
        else ""
    )


def _item(entry: Entry, marks: str = "") -> str:
    return f"<li>{open_button(entry)}{marks}</li>"


def _related(other: Entry, to: Entry, language: Language, collection: str = "") -> str:
    kind = kind_html(other.kind, language) if other.kind != "note" else ""
    twin = (
        f'<span class="pr-badge pr-twin">{say(language, "twin")}</span>'
        if other.language != to.language
        else ""
    )
    elsewhere = f'<span class="pr-venue">{esc(collection)}</span>' if collection else ""
    button = open_button(other) if other.source == to.source else named_button(other)
    return f"<li>{button}{kind}{elsewhere}{twin}</li>"


def _whole_button(entry: Entry, language: Language) -> str:
    return f'<button class="pr-plain" data-act="note" data-entry="{esc(entry.id)}">{say(language, "whole_note")}</button>'


def _lines_around(entry: Entry, lines: Sequence[str] | None, language: Language) -> str:
    if lines is None:
        return f'<p class="pr-faint">{say(language, "file_gone")}</p>'
    first, last = max(entry.line_start - AROUND, 1), min(entry.line_end + AROUND, len(lines))
    mine = range(entry.line_start, entry.line_end + 1)
    return lines_html(entry.source, lines, first, last, mine)
