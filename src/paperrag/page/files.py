"""The list of note files on the Notes tab: found by name or title, with tags and what became of
them since they were indexed.
"""

from __future__ import annotations

from typing import Any

from paperrag.assistant import Assistant
from paperrag.errors import PaperRagError
from paperrag.index.engine import Snapshot
from paperrag.page.browsing import first_rows
from paperrag.page.given import Given
from paperrag.page.render import esc, with_symbols
from paperrag.page.strings import say
from paperrag.records import Language
from paperrag.text.folding import fold

ROWS = 100
TAGS = 4


class FilesPage:
    """Fragments of the list, from the newest index."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._named: tuple[Snapshot, dict[str, str]] | None = None

    def rows(self, given: Given) -> dict[str, Any]:
        """Return a page of the files in whose names or titles every word stands."""
        data = self._assistant.data()
        wanted = fold(given.text("words")).lower().split()
        found = [
            source
            for source, words in self._words(data).items()
            if all(word in words for word in wanted)
        ]
        first, changed = given.number("first"), self._changed()
        shown = found[first : first + ROWS]
        rows = first_rows(data)
        items = "".join(
            _row_html(data, source, rows.get(source), source in changed, given.language)
            for source in shown
        )
        key = "files_found_one" if len(found) == 1 else "files_found"
        count = (
            f'<p class="pr-faint" role="status">{say(given.language, key, count=len(found))}</p>'
        )
        return {
            "html": items if first else f'{count}<ul class="pr-entries pr-files">{items}</ul>',
            "next": first + ROWS if first + ROWS < len(found) else None,
        }

    def _words(self, data: Snapshot) -> dict[str, str]:
        """Return what each file is found by."""
        if self._named is None or self._named[0] is not data:
            titles, rows = data.entries.titles(), first_rows(data)
            called = {source: titles[row] for source, row in rows.items()}
            named = {
                source: fold(f"{source} {called.get(source, '')}").lower()
                for source in sorted(data.manifest.files)
            }
            self._named = (data, named)
        return self._named[1]

    def _changed(self) -> frozenset[str]:
        try:
            return frozenset(self._assistant.status().changed_files)
        except PaperRagError:
            return frozenset()


def _row_html(
    data: Snapshot, source: str, row: int | None, is_changed: bool, language: Language
) -> str:
    record = data.manifest.files[source]
    entry = None if row is None else data.entries.get(row)
    is_of_one = row is not None and data.entries.is_of_file[row]
    name = entry.work.name if entry and entry.work and is_of_one else source.rpartition("/")[2]
    tags = "".join(f"<i>#{esc(tag)}</i>" for tag in (entry.tags if entry else ())[:TAGS])
    marks = [
        f'<span class="pr-badge pr-{style}">{say(language, key)}</span>'
        for key, style, holds in (
            ("file_changed", "warn", is_changed),
            ("file_trouble", "bad", any(trouble.fatal for trouble in record.troubles)),
        )
        if holds
    ]
    return (
        f'<li><button data-act="note" data-entry="{esc(source)}">{esc(with_symbols(name))}'
        f"<small>{esc(source)}{tags}</small></button>{''.join(marks)}"
        f'<span class="pr-count">{record.entries}</span></li>'
    )
