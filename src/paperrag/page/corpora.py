"""The collections that a page is over, one or several. Of several, ids and files begin with the
name of their collection, "papers:notes/a.md"; of one they are as in its index.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from paperrag.assistant import Assistant
from paperrag.config import Settings
from paperrag.conversation.naming import ByName
from paperrag.errors import QueryError
from paperrag.index.engine import Snapshot
from paperrag.notes.corpus import read_lines
from paperrag.records import Entry, Hit
from paperrag.together import Together, similar_in_all


class Corpus:
    """One collection under its name, "" where it is the only one. Takes ids and files as its index
    has them, and gives entries as the page calls them.
    """

    def __init__(self, name: str, assistant: Assistant) -> None:
        self.assistant = assistant
        self.naming = ByName(name)

    @property
    def name(self) -> str:
        """What the collection is called."""
        return self.naming.name

    @property
    def folder(self) -> Path:
        """Where its notes lie."""
        return self.assistant.settings.corpus

    def data(self) -> Snapshot:
        """Return its newest index. Raises PaperRagError."""
        return self.assistant.data()

    def entry(self, entry_id: str) -> Entry | None:
        """Return an entry, None for an unknown id."""
        found = self.assistant.entry(entry_id)
        return found and self.naming.outside(found)

    def lines(self, source: str) -> list[str] | None:
        """Return the lines of a note as they are now, None if it cannot be read."""
        return read_lines(self.folder, source)


class Corpora:
    """All collections of a page. Takes names as the page uses them."""

    def __init__(self, asked: Assistant | Together) -> None:
        if isinstance(asked, Together):
            self.all = tuple(Corpus(name, asked.one(name)) for name in asked.names)
            assistants = {one.name: one.assistant for one in self.all}
            self._asked: Assistant | Together = Together(assistants, lambda name, _: ByName(name))
        else:
            self.all = (Corpus("", asked),)
            self._asked = asked
        self._by_name = {one.name: one for one in self.all}

    @property
    def names(self) -> tuple[str, ...]:
        """What the collections are called, () for a lone one."""
        return tuple(filter(None, self._by_name))

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where the notes lie."""
        return tuple(one.folder for one in self.all)

    @property
    def settings(self) -> Settings:
        """The settings of the first collection; but for folders, all have the same."""
        return self.all[0].assistant.settings

    def asked(self, collection: str = "") -> Assistant | Together:
        """Return who answers about a collection, about all for "". Raises QueryError for an unknown
        one.
        """
        if not collection:
            return self._asked
        if isinstance(self._asked, Together):
            return self._asked.of([collection])
        raise QueryError(f"this page is not over a collection {collection!r}; search everywhere")

    def named(self, collection: str) -> tuple[Corpus, ...]:
        """Return the collection of a name, all for "" or an unknown name."""
        one = self._by_name.get(collection)
        return (one,) if one else self.all

    def candidates(self, what: str) -> Sequence[tuple[Corpus, str]]:
        """Return the collection that an id or a file names, and what it is called there; all of
        them where it names none.
        """
        name, _, inside = what.partition(":")
        if name and name in self._by_name:
            return [(self._by_name[name], inside)]
        return [(one, what) for one in self.all]

    def find(self, what: str) -> tuple[Corpus, str]:
        """Return the first of `candidates`."""
        return self.candidates(what)[0]

    def entry(self, what: str) -> Entry | None:
        """Return an entry, None for an unknown id."""
        one, inside = self.find(what)
        return one.entry(inside)

    def similar(self, what: str, k: int) -> list[Entry]:
        """Return the entries of its collection that are nearest to an entry."""
        one, inside = self.find(what)
        hits: list[Hit] = one.assistant.similar(inside, k) or []
        return [one.naming.outside(hit.entry) for hit in hits]

    def related(self, what: str, k: int) -> list[Entry]:
        """Return the entries of all collections that are nearest to an entry."""
        home, inside = self.find(what)
        assistants = {one.name: one.assistant for one in self.all}
        found = similar_in_all(assistants, home.name, inside, k)
        return [self._by_name[name].naming.outside(hit.entry) for name, hit in found]

    def lines(self, source: str) -> list[str] | None:
        """Return the lines of a note as they are now, None if it cannot be read."""
        one, inside = self.find(source)
        return one.lines(inside)
