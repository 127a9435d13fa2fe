"""The drawer beside every tab: one entry with what is around it and near it, or its note with line
numbers.
"""

from __future__ import annotations

from collections.abc import Sequence

from paperrag.assistant import Assistant
from paperrag.notes.corpus import read_lines
from paperrag.page.prose import block_html
from paperrag.page.render import (
    badge_html,
    crumbs_html,
    esc,
    inline_title,
    kind_html,
    links_html,
    open_button,
    own_text,
)
from paperrag.page.strings import say
from paperrag.records import Entry, Hit, Language
from paperrag.text.markup import shorten

RELATED = 8
NAME_CHARS = 80
AROUND = 12
"""Lines of the note shown before and after an entry."""

MOST_LINES = 1200
"""Lines of a whole note that are shown at once, the entry in their middle."""


class Viewer:
    """Fragments of the drawer. Every method raises PaperRagError if the index cannot be used."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def entry(self, entry_id: str, language: Language) -> dict[str, str]:
        """Return an entry's page."""
        return self._page(entry_id, language, whole_note=False)

    def note(self, entry_id: str, language: Language) -> dict[str, str]:
        """Return an entry's note, at its line."""
        return self._page(entry_id, language, whole_note=True)

    def _page(self, entry_id: str, language: Language, whole_note: bool) -> dict[str, str]:
        entry = self._assistant.entry(entry_id)
        if entry is None:
            return {"html": f'<h3 id="pr-view-title">{say(language, "gone")}</h3>', "title": ""}
        lines = read_lines(self._assistant.settings.corpus, entry.source)
        inner = _note_html if whole_note else self._entry_html
        return {"html": inner(entry, lines, language), "title": entry.title or entry.source}

    def _entry_html(self, entry: Entry, lines: Sequence[str] | None, language: Language) -> str:
        parent = self._assistant.entry(entry.parent_id) if entry.parent_id else None
        children = [child for child in map(self._assistant.entry, entry.child_ids) if child]
        same = self._assistant.same_paper(entry.id)
        shown = {other.id for other in same}
        near = [
            hit
            for hit in self._assistant.similar(entry.id, RELATED) or []
            if hit.entry.id not in shown
        ]
        return "".join(
            (
                _head_html(entry, language),
                f'<div class="pr-prose">{block_html(own_text(entry))}</div>',
                f'<div class="pr-actions">{_ask_button(entry, language)}{links_html(entry.links)}</div>',
                _group(
                    "same_paper",
                    [_item(other, kind_html(other.kind, language)) for other in same],
                    language,
                ),
                _group("parent", [_item(parent)] if parent else [], language),
                _group("children", [_item(child) for child in children], language),
                _group(
                    "related", [_related(hit, entry.language, language) for hit in near], language
                ),
                f"<h4>{say(language, 'note_text')} {_whole_button(entry, language)}</h4>",
                _lines_html(entry, lines, AROUND, language),
            )
        )


def _head_html(entry: Entry, language: Language) -> str:
    title = inline_title(entry)
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


def _related(hit: Hit, own: Language, language: Language) -> str:
    kind = kind_html(hit.entry.kind, language) if hit.entry.kind != "note" else ""
    twin = (
        f'<span class="pr-badge pr-twin">{say(language, "twin")}</span>'
        if hit.entry.language != own
        else ""
    )
    return _item(hit.entry, f'{kind}{twin}<span class="pr-score">{hit.score:.2f}</span>')


def _whole_button(entry: Entry, language: Language) -> str:
    return f'<button class="pr-plain" data-act="note" data-entry="{esc(entry.id)}">{say(language, "whole_note")}</button>'


def _note_html(entry: Entry, lines: Sequence[str] | None, language: Language) -> str:
    back = f'<button class="pr-plain" data-act="open" data-entry="{esc(entry.id)}">{say(language, "back_to_entry")}</button>'
    body = _lines_html(entry, lines, MOST_LINES // 2, language)
    head = f'<h3 class="pr-file" id="pr-view-title">{esc(entry.source)}</h3>'
    return f'{head}<div class="pr-marks">{back}</div><div class="pr-whole">{body}</div>'


def _lines_html(entry: Entry, lines: Sequence[str] | None, around: int, language: Language) -> str:
    if lines is None:
        return f'<p class="pr-faint">{say(language, "file_gone")}</p>'
    first = max(entry.line_start - around, 1)
    last = min(entry.line_end + around, len(lines))
    rows = "".join(
        _line_html(number, lines[number - 1], entry) for number in range(first, last + 1)
    )
    return f'<ol class="pr-lines" tabindex="0" data-source="{esc(entry.source)}">{rows}</ol>'


def _line_html(number: int, line: str, entry: Entry) -> str:
    mine = entry.line_start <= number <= entry.line_end
    classes = "pr-mine pr-here" if number == entry.line_start else "pr-mine" if mine else ""
    return f'<li value="{number}" class="{classes}">{esc(line) or "&nbsp;"}</li>'
