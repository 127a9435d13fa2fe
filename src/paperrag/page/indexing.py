"""What is indexed, and an index that is built for the page: with progress, until it is cancelled,
and a report per file.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from threading import Event, Thread

from msgspec import Struct, field

from paperrag.errors import BuildCancelled, PaperRagError
from paperrag.index.reporting import IndexReport
from paperrag.page.corpora import Corpora, Corpus
from paperrag.page.notes_html import (
    collection_html,
    facts_html,
    message,
    outcome_html,
    progress_html,
)
from paperrag.page.refusals import in_words
from paperrag.records import Language

UPDATE_EVERY_S = 0.15

log = logging.getLogger("paperrag")


class Build(Struct):
    """A run of the index in a thread of its own; one at a time, the index's lock sees to that."""

    files: tuple[int, int] = (0, 0)
    texts: tuple[int, int] = (0, 0)
    collection: str = ""
    reports: dict[str, IndexReport] = field(default_factory=dict)
    error: Exception | None = None
    cancelled: Event = field(default_factory=Event)
    started: float = field(default_factory=time.perf_counter)

    def run(self, corpora: Corpora, rebuild: bool) -> None:
        """Build the collections after one another to the end, or until cancelled."""
        try:
            for one in corpora.all:
                self.collection, self.files, self.texts = one.name, (0, 0), (0, 0)
                self.reports[one.name] = one.assistant.build(rebuild, self.tell)
        except PaperRagError as error:
            self.error = error
        except Exception as error:  # the page must say that it ended, whatever ended it
            log.exception("building the index failed")
            self.error = error

    def tell(self, what: str, done: int, total: int) -> None:
        """Take in how far it is. Raises BuildCancelled once nobody wants it."""
        if what == "embedding":  # told between files, of the texts of some of them
            self.texts = (done, total)
        else:
            self.files = (max(done, self.files[0]), total)
        if self.cancelled.is_set():
            raise BuildCancelled("building was cancelled")


class IndexDesk:
    """Builds the index where the page asks for it; any thread may call."""

    def __init__(self, corpora: Corpora) -> None:
        self._corpora = corpora
        self.builds: list[Build] = []

    def facts(self, language: Language) -> str:
        """Return what is indexed of each collection, from where, how stale."""
        return "".join(_facts(one, language) for one in self._corpora.all)

    def build(self, rebuild: bool, language: Language) -> Iterator[str]:
        """Take in what changed, or build from nothing: yield how far it is, then the report."""
        build = Build()
        self.builds.append(build)
        thread = Thread(target=self._run, args=(build, rebuild), daemon=True)
        thread.start()
        yield progress_html(build.files, build.texts, language, build.collection)
        while thread.is_alive():
            thread.join(UPDATE_EVERY_S)
            yield progress_html(build.files, build.texts, language, build.collection)
        took_s = time.perf_counter() - build.started
        yield outcome_html(build.reports, build.error, took_s, language)

    def cancel(self) -> None:
        """End what is being built; the old index stays whole."""
        for build in tuple(self.builds):
            build.cancelled.set()

    def _run(self, build: Build, rebuild: bool) -> None:
        """Run a build that can be cancelled until it ends, even if the page that asked for it is
        closed before.
        """
        try:
            build.run(self._corpora, rebuild)
        finally:
            self.builds.remove(build)


def _facts(one: Corpus, language: Language) -> str:
    try:
        return collection_html(one.name) + facts_html(one.assistant.status(), language)
    except PaperRagError as error:
        return message(in_words(error, language))
