"""The list of note files on the Notes tab: found by name, title, tag or status, and what
became of them since they were indexed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from msgspec import Struct

from paperrag.errors import PaperRagError
from paperrag.index.engine import Snapshot
from paperrag.page.browsing import first_rows, title_of_note
from paperrag.page.corpora import Corpora, Corpus
from paperrag.page.given import Given
from paperrag.page.reading_list import state_of
from paperrag.page.render import esc, with_symbols
from paperrag.page.strings import say
from paperrag.records import Language
from paperrag.text.folding import fold

ROWS = 100
TAGS = 4


class FilesPage:
    """Fragments of the list, from the newest index."""

    def __init__(self, corpora: Corpora) -> None:
        self._corpora = corpora
        self._named: dict[str, tuple[Snapshot, dict[str, str]]] = {}

    def rows(self, given: Given) -> dict[str, Any]:
        """Return a page of the files in whose names, titles, tags or status every word stands, of
        one collection or of all.
        """
        wanted = fold(given.text("words")).lower().split()
        found = [
            (one, source)
            for one in self._corpora.named(given.text("collection"))
            for source, words in self._words(one).items()
            if all(word in words for word in wanted)
        ]
        first = given.number("first")
        shown = found[first : first + ROWS]
        in_rows = {one: _InRows(one) for one, _ in shown}
        items = "".join(in_rows[one].html(source, given.language) for one, source in shown)
        key = "files_found_one" if len(found) == 1 else "files_found"
        count = (
            f'<p class="pr-faint" role="status">{say(given.language, key, count=len(found))}</p>'
        )
        return {
            "html": items if first else f'{count}<ul class="pr-entries pr-files">{items}</ul>',
            "next": first + ROWS if first + ROWS < len(found) else None,
        }

    def _words(self, one: Corpus) -> dict[str, str]:
        """Return what each file of a collection is found by."""
        data, known = one.data(), self._named.get(one.name)
        if known is None or known[0] is not data:
            rows = first_rows(data)
            named = {
                source: fold(f"{source} {_Told.by(data, rows.get(source)).words}").lower()
                for source in sorted(data.manifest.files)
            }
            known = self._named[one.name] = (data, named)
        return known[1]


class _Told(Struct, frozen=True):
    """What a note says of itself."""

    title: str = ""
    tags: tuple[str, ...] = ()
    state: str = ""

    @staticmethod
    def by(data: Snapshot, row: int | None) -> _Told:
        """Read it of the note that begins with an entry, None for a note without any."""
        if row is None:
            return _Told()
        entry = data.entries.get(row)
        return _Told(title_of_note(data, row), tuple(entry.tags), state_of(entry))

    @property
    def words(self) -> str:
        return " ".join((self.title, *(f"#{tag}" for tag in self.tags), self.state))


class _InRows:
    """What rows of the list need of a collection."""

    def __init__(self, one: Corpus) -> None:
        self._data = one.data()
        self._rows = first_rows(self._data)
        self._called = one.naming.called
        try:
            self._changed = frozenset(one.assistant.status().changed_files)
        except PaperRagError:
            self._changed = frozenset()

    def html(self, source: str, language: Language) -> str:
        """Return the row of a file."""
        row = self._rows.get(source)
        return _row_html(
            self._data, source, self._called(source), row, source in self._changed, language
        )


def _row_html(
    data: Snapshot, source: str, called: str, row: int | None, is_changed: bool, language: Language
) -> str:
    record = data.manifest.files[source]
    told = _Told.by(data, row)
    tags = "".join(f"<i>#{esc(tag)}</i>" for tag in told.tags[:TAGS])
    state = f'<span class="pr-venue">{esc(told.state)}</span>' if told.state else ""
    marks = [
        f'<span class="pr-badge pr-{style}">{say(language, key)}</span>'
        for key, style, holds in (
            ("file_changed", "warn", is_changed),
            ("file_trouble", "bad", any(trouble.fatal for trouble in record.troubles)),
        )
        if holds
    ]
    found = "found_one" if record.entries == 1 else "found"
    counted = say(language, found, count=record.entries)
    return (
        f'<li><button data-act="note" data-entry="{esc(called)}">{esc(with_symbols(told.title or Path(source).stem))}'
        f"<small>{esc(called)}{tags}</small></button>{state}{''.join(marks)}"
        f'<span class="pr-count" title="{counted}">{record.entries}</span></li>'
    )
