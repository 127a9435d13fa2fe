"""The Saved tab: what has a star, the reading list, a table that compares chosen entries, and all
of it as Markdown or BibTeX.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import is_

from paperrag.errors import QueryError
from paperrag.index.engine import Snapshot
from paperrag.page.chat import Chat
from paperrag.page.collecting_html import compared_html, compared_markdown, saved_html
from paperrag.page.collection import Collection, Star
from paperrag.page.copies import entry_markdown, papers_bibtex, turn_markdown
from paperrag.page.reading_list import ReadingList, reading_list
from paperrag.page.strings import say
from paperrag.page.turns import Turn, from_json, to_json
from paperrag.papers.ids import cited_ids, ids_behind
from paperrag.records import Entry, Language

MOST_COMPARED = 60


class CollectPage:
    """Fragments of the tab. Every method raises PaperRagError if something cannot be read."""

    def __init__(self, chat: Chat, kept: Collection) -> None:
        self._corpora = chat.corpora
        self._chat = chat
        self._kept = kept
        self._list: tuple[list[Snapshot], ReadingList] | None = None

    def stars(self) -> dict[str, list[str]]:
        """Return the ids of what has a star, by kind."""
        kept = self._kept.all()
        return {
            kind: [star.id for star in kept if star.kind == kind] for kind in ("entry", "answer")
        }

    def star(self, kind: str, star_id: str, is_wanted: bool, language: Language) -> dict[str, bool]:
        """Give an entry or an answer a star, or take it away."""
        if not is_wanted:
            self._kept.remove(kind, star_id)
        elif kind == "entry":
            entry = self._entry(star_id, language)
            self._kept.add(Star("entry", entry.id, entry.title or entry.source))
        else:
            turn = self._turn(star_id, language)
            self._kept.add(Star("answer", star_id, turn.question, to_json(turn)))
        return {"starred": is_wanted}

    def page(self, language: Language) -> str:
        """Return the tab."""
        kept = [(star, self._corpora.entry(star.id)) for star in self._kept.all()]
        return saved_html(kept, self._newest_list(), language)

    def compare(self, ids: Sequence[str], language: Language) -> dict[str, str]:
        """Return a table of entries, to read and as Markdown. Raises QueryError for none."""
        entries = self._entries(ids)[:MOST_COMPARED]
        if not entries:
            raise QueryError(say(language, "choose_entries"))
        below = {entry.id: self._entries(entry.child_ids) for entry in entries}
        return {
            "html": compared_html(entries, below, language),
            "text": compared_markdown(entries, below, language),
        }

    def export(self, form: str, ids: Sequence[str], language: Language) -> dict[str, str]:
        """Return chosen entries, or all that has a star where none is chosen, as "md" or "bib".
        Raises QueryError if that is nothing.
        """
        entries, turns = self._entries(ids), list[Turn]()
        if not ids:
            kept = self._kept.all()
            entries = self._entries([star.id for star in kept if star.kind == "entry"])
            turns = [from_json(star.body) for star in kept if star.kind == "answer"]
        if form == "bib":
            return {"text": self._bibtex(entries, turns, language)}
        pieces = [entry_markdown(entry) for entry in entries]
        pieces += [turn_markdown(turn) for turn in turns]
        if not pieces:
            raise QueryError(say(language, "nothing_saved"))
        return {"text": f"# {say(language, 'tab_collect')}\n\n" + "\n".join(pieces)}

    def _bibtex(self, entries: Sequence[Entry], turns: Sequence[Turn], language: Language) -> str:
        cited = [one for turn in turns if turn.answer for one in turn.answer.citations]
        ids = [*(one for entry in entries for one in ids_behind(entry)), *cited_ids(cited)]
        every = [*entries, *(citation.entry for citation in cited)]
        text, count = papers_bibtex(self._corpora, every, ids)
        if not count:
            raise QueryError(say(language, "no_bibtex"))
        return text

    def _entries(self, ids: Sequence[str]) -> list[Entry]:
        """Return the entries that are still there, in order, each once."""
        found = map(self._corpora.entry, dict.fromkeys(ids))
        return [entry for entry in found if entry]

    def _entry(self, entry_id: str, language: Language) -> Entry:
        entry = self._corpora.entry(entry_id)
        if entry is None:
            raise QueryError(say(language, "gone"))
        return entry

    def _turn(self, star_id: str, language: Language) -> Turn:
        conversation, _, number = star_id.rpartition("/")
        turns = self._chat.turns(conversation)
        if not number.isdecimal() or int(number) >= len(turns):
            raise QueryError(say(language, "conversation_gone"))
        return turns[int(number)]

    def _newest_list(self) -> ReadingList:
        every = [one.data() for one in self._corpora.all]
        if self._list is None or not all(map(is_, self._list[0], every)):
            namings = [one.naming.outside for one in self._corpora.all]
            self._list = (every, reading_list(zip(every, namings, strict=True)))
        return self._list[1]
