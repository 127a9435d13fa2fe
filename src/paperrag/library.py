"""The papers behind the notes, told on one screen: fetch, import, lint, export.

    notes ─read_refs→ PaperRef ─┬ fetch  (paper APIs) ┐
                                └ import (a file)     ┴→ Shelf: corpus/abstracts/*.md
                                                           └→ lint, BibTeX

Nothing here runs by itself: only `fetch` asks the network, and only when it is called.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Literal

from paperrag.config import Settings
from paperrag.errors import CorpusError, FetchError, PaperFileError, QueryError
from paperrag.notes.corpus import ABSTRACTS_FOLDER, Scanned, no_notes, read_source, scan_corpus
from paperrag.notes.tags import tagged
from paperrag.papers.bibtex import Export, bibtex, left_out
from paperrag.papers.cache import Answers
from paperrag.papers.citekeys import citing
from paperrag.papers.csl import csl
from paperrag.papers.fetcher import Fetcher, FetchPlan, FetchReport, choose, link_notes, plan
from paperrag.papers.ids import PaperId
from paperrag.papers.imports import read_papers, take_papers
from paperrag.papers.lint import Finding, NoteFile, lint_notes
from paperrag.papers.refs import PaperRef, read_refs
from paperrag.papers.resolvers import Resolver
from paperrag.papers.ris import ris
from paperrag.papers.shelf import Shelf
from paperrag.records import Entry, Progress, Trouble
from paperrag.wiring.paper_apis import make_resolvers

PaperForm = Literal["bib", "csl", "ris"]
"""How papers are written for other programs: BibTeX, CSL-JSON, RIS."""

_WRITERS = {"bib": bibtex, "csl": csl, "ris": ris}

ANSWERS_FOLDER = "answers"
"""Below the index folder: what the paper APIs answered. Can be deleted; then they are asked
again.
"""


class Library:
    """The papers of one corpus."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.shelf = Shelf(settings.corpus)
        self._answers = Answers(settings.index / ANSWERS_FOLDER, settings.fetch_cache_days)

    @cached_property
    def notes(self) -> list[NoteFile]:
        """The note files as they are now. Raises CorpusError, also if there is none."""
        files = self._scan[0]
        if not files:
            raise CorpusError(no_notes(self.settings.corpus))
        return [
            NoteFile(file.source, file.path, read_source(file)[1])
            for file in files
            if file.kind == "note"
        ]

    @property
    def troubles(self) -> list[str]:
        """What of the corpus could not be read, so that nothing here speaks of it. Raises
        CorpusError.
        """
        unseen = [trouble for trouble in self._scan[1] if not _is_told_elsewhere(trouble)]
        unread = [
            trouble for note in self.notes for trouble in note.parsed.troubles if trouble.fatal
        ]
        return [*map(str, (*unseen, *unread)), *self.shelf.unreadable]

    @cached_property
    def refs(self) -> list[PaperRef]:
        """The papers that the notes name."""
        return read_refs(self._entries, {file.key: file.paper for file in self.shelf.files()})

    @cached_property
    def resolvers(self) -> Sequence[Resolver]:
        """The paper APIs, in the order in which they are asked."""
        return make_resolvers(self.settings)

    def plan(self, everything: bool = False, limit: int | None = None) -> FetchPlan:
        """Return what `fetch` would ask, without asking. Raises CorpusError, ConfigError."""
        wanted, present = choose(self.refs, self.shelf, self._was_asked, everything, limit)
        calls = plan(wanted, self.resolvers, None if everything else self._answers)
        return FetchPlan(len(self.refs), present, len(wanted), tuple(calls))

    def fetch(
        self,
        everything: bool = False,
        limit: int | None = None,
        offline: bool = False,
        progress: Progress | None = None,
    ) -> FetchReport:
        """Ask for the papers that have no abstract yet and write what is found.

        everything: also those that have one. limit: papers at most. offline: use only what was
        answered in earlier runs. Raises CorpusError, ConfigError, PaperFileError; what APIs do
        wrong is in the report.
        """
        with self._alone():
            wanted, present = choose(self.refs, self.shelf, self._was_asked, everything, limit)
            fetcher = Fetcher(
                self.resolvers,
                self._answers,
                self.shelf,
                progress,
                offline,
                everything and not offline,
            )
            report = fetcher.run(wanted)
            report.present = present
            report.linked = link_notes(self.refs, self.shelf)
        return report

    def take(self, path: Path) -> FetchReport:
        """Write the papers of a file that the notes name. Raises PaperFileError, CorpusError."""
        with self._alone():
            cited = citing(self._entries)
            report = take_papers(read_papers(path), self.refs, self.shelf, cited)
            report.linked = link_notes(self.refs, self.shelf)
        return report

    def lint(self) -> list[Finding]:
        """Return what looks wrong in the notes; asks no network. Raises CorpusError."""
        return lint_notes(
            self.notes, self.refs, self.shelf, self._denied, self.settings.corpus, date.today()
        )

    def export(self, form: PaperForm = "bib", tags: Sequence[str] = ()) -> Export:
        """Return all papers, or those of entries with some tags, in a form.

        Raises CorpusError, QueryError for tags that no entry has.
        """
        refs = self._refs_tagged(tags) if tags else self.refs
        text, count = _WRITERS[form](refs, self.shelf)
        return Export(text, count, tuple(left_out(refs, self.shelf)))

    def _refs_tagged(self, tags: Sequence[str]) -> list[PaperRef]:
        ids = tagged(self._entries, tags)
        if not ids:
            raise QueryError(f"no entry has the tags {', '.join(tags)}; nothing to export")
        return [ref for ref in self.refs if ids.intersection(ref.notes)]

    def export_cited(
        self, entries: Sequence[Entry], ids: Sequence[PaperId], form: PaperForm = "bib"
    ) -> tuple[str, int]:
        """Return the papers of some entries and ids in a form, each once, and how many:
        those linked, those of the work that an entry belongs to, those cited by their keys.
        """
        sources, wanted = {entry.source for entry in entries}, set(ids)
        named = {entry.id for entry in entries} | {e.work.id for e in entries if e.work}
        heads = {e.id for e in self._entries if e.role == "document" and e.source in named}
        refs = [
            ref
            for ref in self.refs
            if wanted.intersection(ref.ids)
            or heads.intersection(ref.notes)
            or named.intersection(ref.cited_by if ref.ids else (*ref.cited_by, *ref.notes))
        ]
        files = [file for file in self.shelf.files() if file.source in sources]
        return _WRITERS[form](refs, self.shelf, files)

    @cached_property
    def _entries(self) -> list[Entry]:
        return [entry for note in self.notes for entry in note.parsed.entries]

    @cached_property
    def _scan(self) -> Scanned:
        return scan_corpus(self.settings.corpus, self.settings.exclude)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One writer of abstracts at a time. Raises FetchError if there is another, PaperFileError
        if the folder is read-only.
        """
        from filelock import FileLock, Timeout

        folder = self.settings.index / ANSWERS_FOLDER
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with FileLock(folder / ".lock", timeout=0):
                yield
        except Timeout as error:
            raise FetchError(
                f"another paperrag fetch is at work in {folder}; wait until it is done"
            ) from error
        except OSError as error:
            raise PaperFileError(
                f"cannot write into {folder} ({error.strerror}); check its permissions"
            ) from error

    def _was_asked(self, ref: PaperRef) -> bool:
        keys = ((resolver.name, resolver.key(ref)) for resolver in self.resolvers)
        return any(
            key is not None and self._answers.get(name, key) is not None for name, key in keys
        )

    def _denied(self, ref: PaperRef) -> bool:
        """Whether every API that could know a paper by its id was asked and did not."""
        keys = [
            (resolver.name, key)
            for resolver in self.resolvers
            if not resolver.by_title and (key := resolver.key(ref))
        ]
        return bool(keys) and all(self._answers.get(name, key) == () for name, key in keys)


def _is_told_elsewhere(trouble: Trouble) -> bool:
    """Whether a trouble is about a file that the shelf reads, and tells of, itself, or about what
    was left out on purpose, which the report of an index run says.
    """
    folder, _, name = trouble.source.rpartition("/")
    is_on_shelf = folder == ABSTRACTS_FOLDER and name.endswith(".md")
    return is_on_shelf or (trouble.source == "." and not trouble.fatal)
