"""The whole program told on one screen: open, search, ask, refresh.

    with Settings:  open ─> refresh (take in changed notes) ─> search ─> SearchResult
                                                            └> ask    ─> Answer

Reading and writing of files stays in `corpus` and `store`, scoring in `retrieval`, wording in
`answering`.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import chain
from pathlib import Path
from typing import Any, Self

from paperrag.answer.extractive import Limits, answer_question
from paperrag.answer.saved import SavedAnswer
from paperrag.config import Settings, load_settings
from paperrag.conversation.standalone import (
    REWRITE_TIMEOUT_S,
    Exchange,
    Past,
    Standalone,
    as_exchange,
    standalone,
)
from paperrag.encoders.contract import Encoder
from paperrag.encoders.static import StaticEncoder
from paperrag.errors import (
    CorpusError,
    IndexCorrupt,
    IndexError_,
    IndexLocked,
    IndexMismatch,
    IndexMissing,
    IndexWriteError,
)
from paperrag.index.building import IndexRecipe, build_index, save_stamps
from paperrag.index.changes import Changes, find_changes
from paperrag.index.reporting import IndexReport
from paperrag.index.steps import EMBEDDED_BYTES_PER_S, READ_BYTES_PER_S, Progress
from paperrag.index.store import Store
from paperrag.index.tables import IndexData, Manifest
from paperrag.llm.generator import Stop
from paperrag.llm.writing import Writer, write_answer
from paperrag.notes.corpus import no_notes, read_lines
from paperrag.proof.verifying import Verification, verify_answer
from paperrag.question.read import check_question
from paperrag.records import Answer, Entry, Hit, Language
from paperrag.search.filtering import Filters
from paperrag.search.retrieval import Retriever, check_k
from paperrag.search.similar import EntryVectors
from paperrag.text.language import detect_language
from paperrag.wiring import (
    choose_encoder,
    llama_adapter,
    load_encoder,
    make_recipe,
    make_writer,
    open_store,
    proof_encoder,
)

WRITTEN_ENTRIES_PER_S = 30_000
"""Measured on two shared cores with 32 MB of notes."""

AMONG_SHARE = 0.75
"""Of `abstain_below`, for a question about entries that an answer cites: they cover its subject
already.
"""

LOOK_PAUSE = 10.0
"""Times as long as a look for changed files took, none is taken again: it costs each question of a
series a tenth of itself at most, and a person who edits and asks never meets it.
"""

log = logging.getLogger("paperrag")


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The hits of a query; `took_ms` covers the search, not the loading of the index."""

    query: str
    language: Language
    took_ms: float
    hits: tuple[Hit, ...]
    manifest: Manifest


@dataclass(frozen=True, slots=True)
class Status:
    """What is indexed and how far behind the notes it is; `manifest` is None without an index.

    `faults`: a sentence for each reason why the notes cannot be read or the index not be used with
    these settings.
    """

    settings: Settings
    manifest: Manifest | None
    disk_bytes: int
    changed_files: tuple[str, ...]
    removed_files: tuple[str, ...]
    faults: tuple[str, ...] = ()


class QuoteVerifier:
    """Checks quotes against the files as they are now, reading each file once."""

    def __init__(self, corpus: Path) -> None:
        self._read_lines = lru_cache(maxsize=64)(partial(read_lines, corpus))

    def __call__(self, entry: Entry, quote: str) -> bool:
        """Whether the entry's lines hold the quote now."""
        lines = self._read_lines(entry.source) or []
        return bool(quote.strip()) and quote in "\n".join(
            lines[entry.line_start - 1 : entry.line_end]
        )


class Assistant:
    """Answers questions about one corpus. Not tied to a thread: searching changes nothing but
    caches.

    `progress`, if set, is told of long work, such as indexing when the first question comes.
    """

    def __init__(
        self,
        settings: Settings,
        encoder: Encoder,
        store: Store,
        recipe: IndexRecipe,
        make_writer: Callable[[], Writer | None] | None = None,
    ) -> None:
        self.settings = settings
        self._make_writer = make_writer
        self._writer: Writer | None = None
        self._encoder = encoder
        self._store = store
        self._recipe = recipe
        self._retriever: Retriever | None = None
        self._checked: Manifest | None = None
        self._next_look = 0.0
        self.progress: Progress | None = None
        self._vectors: EntryVectors | None = None

    @classmethod
    def open(
        cls,
        corpus: str | Path | None = None,
        index: str | Path | None = None,
        llm: Any = None,
        **settings: Any,
    ) -> Self:
        """Return an assistant for a corpus and index folder; other settings as in `Settings`.

        llm: a text such as "ollama:qwen3:4b", or a LlamaIndex LLM. Nothing is read until the first
        search.
        Raises ConfigError, EncoderError or MissingDependency; about an LLM that only the settings
        name, `ask` raises them.
        """
        folders = {
            name: Path(value)
            for name, value in (("corpus", corpus), ("index", index))
            if value is not None
        }
        by_name = {"llm": llm} if isinstance(llm, str) else {}
        assistant = cls.from_settings(
            load_settings({**folders, **settings, **by_name}), None if by_name else llm
        )
        if llm is not None:
            assistant.writer()
        return assistant

    @classmethod
    def from_settings(cls, settings: Settings, llm: object | None = None) -> Self:
        """Return an assistant with ready-made settings; llm as in `open`, if it is no text."""
        store = open_store(settings.index)
        encoder = load_encoder(choose_encoder(settings, store), settings.download)
        return cls(
            settings,
            encoder,
            store,
            make_recipe(settings, encoder),
            partial(make_writer, settings, llm),
        )

    def writer(self) -> Writer | None:
        """Return the LLM that writes answers, made on first use; None without one. Raises
        ConfigError, MissingDependency.
        """
        make = self._make_writer
        if make is not None:
            self._writer = make()
            self._make_writer = None
        return self._writer

    def search(
        self, query: str, k: int | None = None, filters: Filters | None = None
    ) -> SearchResult:
        """Return the k best entries for a query. Raises QueryError for an unusable query, k or
        filter.
        """
        check_question(query)
        check_k(k)
        retriever = self.retriever()
        start = time.perf_counter()
        hits = retriever.search(query, self.settings.k if k is None else k, filters)
        return SearchResult(
            query, detect_language(query), _since(start), tuple(hits), retriever.data.manifest
        )

    def ask(
        self,
        question: str,
        filters: Filters | None = None,
        k: int | None = None,
        history: Sequence[Past] = (),
    ) -> tuple[Answer, float]:
        """Return the cited answer to a question, and the milliseconds it took.

        k: entries cited at most, None for all that belong. history: the answers before, oldest
        first, which the question may point at: as they were returned, or as `ask --json` has them.
        Raises QueryError as `search` does, AnswerFileError for a history that is none.
        """
        return deque(self.ask_stream(question, filters, k, history), maxlen=1).pop()

    def ask_stream(
        self,
        question: str,
        filters: Filters | None = None,
        k: int | None = None,
        history: Sequence[Past] = (),
        stop: Stop | None = None,
    ) -> Iterator[tuple[Answer, float]]:
        """Yield the answer as it grows, with the milliseconds so far; the last one is whole.

        Without an LLM the answer is whole at once; with one, what it will be written from comes
        first, without words. stop: ends what an LLM is asked.
        """
        check_question(question)
        check_k(k)
        writer = self.writer()
        retriever = self.retriever()
        start = time.perf_counter()
        question = question.strip()
        exchanges = [as_exchange(past) for past in history]
        alone = _standalone(question, exchanges, writer, stop)
        if alone.among is not None:
            filters = replace(filters or Filters(), among=frozenset(alone.among))
        asked = retriever.read(alone.query, detect_language(question))
        verify = QuoteVerifier(self.settings.corpus)
        limits = self._limits(alone, question, exchanges, k)
        for narrowed in _nearest_first(alone, filters, retriever):
            found = retriever.find(asked, narrowed)
            answer = answer_question(asked, found, retriever.encoder, verify, limits, alone.is_pick)
            if not answer.abstained:
                break
        steps = iter([answer])
        if writer is not None:
            is_list = asked.want == "list"
            steps = write_answer(
                alone.question, answer, found, retriever.encoder, verify, writer, is_list, stop
            )
            if not answer.abstained:
                sources = replace(answer, text="", mode="llm", model=writer.generator.name)
                steps = chain([sources], steps)
        rewritten = None if alone.question == question else alone.question
        for step in steps:
            yield replace(step, question=question, standalone=rewritten), _since(start)

    def _limits(
        self, alone: Standalone, question: str, history: Sequence[Exchange], most: int | None
    ) -> Limits:
        """Return when to abstain: sooner or later after an answer than on a first question."""
        low, weak = self.settings.abstain_below, self.settings.weak_below
        if alone.among is not None:
            low *= AMONG_SHARE
        elif alone.question != question and history[-1].answer.abstained:
            low = max(low, weak)  # more words on what the notes did not cover are no more evidence
        return Limits(low, weak, most)

    def as_retriever(self, k: int | None = None, filters: Filters | None = None) -> Any:
        """Return a LlamaIndex BaseRetriever over `search`. Raises MissingDependency."""
        return llama_adapter().PaperRetriever(self, k, filters)

    def as_query_engine(self, streaming: bool = False) -> Any:
        """Return a LlamaIndex BaseQueryEngine over `ask`. Raises MissingDependency."""
        return llama_adapter().PaperQueryEngine(self, streaming)

    def as_chat_engine(self) -> Any:
        """Return a LlamaIndex BaseChatEngine over `ask`. Raises MissingDependency."""
        return llama_adapter().PaperChatEngine(self)

    def similar(self, entry_id: str, k: int | None = None) -> list[Hit] | None:
        """Return the entries nearest to an entry, twins in the other language first; None for an
        unknown id.
        """
        check_k(k)
        vectors = self.vectors()
        row = vectors.data.entries.row_of(entry_id)
        return None if row is None else vectors.similar(row, self.settings.k if k is None else k)

    def same_paper(self, entry_id: str) -> tuple[Entry, ...]:
        """Return the abstracts of a note's papers, or the notes on an abstract's paper; () for an
        unknown id.
        """
        retriever = self._as_it_is()
        row = retriever.data.entries.row_of(entry_id)
        return () if row is None else retriever.relations.entries(row)

    def vectors(self) -> EntryVectors:
        """Return the entry vectors of the newest index, made once for each generation.

        Rows are those of their own `data`: the next call of `data` may load a newer generation.
        """
        data, vectors = self.data(), self._vectors
        if vectors is None or vectors.data is not data:
            self._vectors = vectors = EntryVectors(data)
        return vectors

    def entry(self, entry_id: str) -> Entry | None:
        """Return an entry by id, or None."""
        entries = self.data().entries
        row = entries.row_of(entry_id)
        return None if row is None else entries.get(row)

    def verify_quote(self, entry: Entry, quote: str) -> bool:
        """Whether the entry's lines hold the quote in the file as it is now."""
        return QuoteVerifier(self.settings.corpus)(entry, quote)

    def verify(self, answer: SavedAnswer) -> Verification:
        """Return whether today's notes still bear out a saved answer; see `saved.read_answer`."""
        return verify_answer(answer, self.retriever().data.entries, proof_encoder())

    def build(
        self,
        rebuild: bool = False,
        progress: Progress | None = None,
        allow_empty: bool = False,
    ) -> IndexReport:
        """Bring the index up to date; see `build_index`. `progress` goes before the assistant's
        own.
        """
        data, report = build_index(
            self.settings.corpus,
            self._store,
            self._recipe,
            rebuild,
            progress or self.progress,
            allow_empty,
        )
        self._use(data)
        return report

    def status(self) -> Status:
        """Return what is indexed and which files have changed since. Raises IndexCorrupt, or
        IndexMismatch for another format.
        """
        try:
            manifest: Manifest | None = self._store.manifest()
        except IndexMissing:
            manifest = None
        faults: list[str] = []
        try:
            changes = find_changes(self.settings.corpus, manifest)
            changed, removed = tuple(file.source for file in changes.fresh), changes.removed
        except CorpusError as error:
            changed, removed = (), tuple(manifest.files) if manifest else ()
            faults.append(str(error))
        try:
            if manifest is not None:
                self._check(manifest)
        except IndexMismatch as error:
            faults.append(str(error))
        size = self._store.disk_bytes() if manifest else 0
        return Status(self.settings, manifest, size, changed, removed, tuple(faults))

    def retriever(self) -> Retriever:
        """Return a retriever over the newest index, built or brought up to date if that is
        quick.
        """
        manifest = self._newest()
        if manifest is not None:
            self._refresh(manifest)
        assert self._retriever is not None  # _newest() sets it or raises
        if not self._retriever.data.manifest.files:
            log.warning("%s", no_notes(self.settings.corpus))
        return self._retriever

    def data(self) -> IndexData:
        """Return the newest index as it is, built only if there is none: browsing takes in no
        changes.
        """
        return self._as_it_is().data

    def _as_it_is(self) -> Retriever:
        self._newest()
        assert self._retriever is not None  # _newest() sets it or raises
        return self._retriever

    def _newest(self) -> Manifest | None:
        """Load the newest index if it is not loaded, and return its manifest; None if it was built
        just now.
        """
        try:
            manifest = self._store.manifest()
        except IndexMissing:
            self._take_in()
            return None
        if manifest is not self._checked:
            self._check(manifest)
            if self._retriever is None or not _is_of(self._retriever.data.manifest, manifest):
                self._use(self._store.load())
            self._checked = manifest
        return manifest

    def _refresh(self, manifest: Manifest) -> None:
        """Take in changed notes if they are small enough to take under a second; else say so."""
        start = time.monotonic()
        if start < self._next_look:
            return
        try:
            changes = find_changes(self.settings.corpus, manifest)
        except CorpusError as error:
            log.warning("%s; answering from the index as it was", error)
            return
        finally:
            end = time.monotonic()
            self._next_look = end + LOOK_PAUSE * (end - start)
        if not (changes.fresh or changes.removed):
            self._save_stamps(changes)
            return
        if changes.look_like_a_lost_folder:
            log.warning(
                "%d indexed files are gone from %s, %d are there; is a disk not mounted? Answering "
                "from the index as it was; if they are gone for good, run: paperrag index%s",
                len(changes.removed),
                self.settings.corpus,
                len(changes.kept) + len(changes.fresh),
                "" if changes.kept or changes.fresh else " --allow-empty",
            )
            return
        if self._refresh_time_s(changes, manifest) > self.settings.refresh_s:
            count = len(changes.fresh) + len(changes.removed)
            log.warning("%d changed files are not indexed yet; run: paperrag index", count)
            return
        try:
            self._take_in()
        except (IndexLocked, IndexWriteError, IndexCorrupt) as error:
            log.warning("%s; answering from the index as it was", error)

    def _save_stamps(self, changes: Changes) -> None:
        if changes.touched:
            try:
                save_stamps(self._store, changes)
            except IndexError_ as error:
                log.debug("%s; the files are looked at again next time", error)

    def _take_in(self) -> None:
        for trouble in self.build().failed:
            log.warning("%s", trouble)

    def _refresh_time_s(self, changes: Changes, manifest: Manifest) -> float:
        """Estimate the seconds of an update: reading what changed, embedding what grew, and
        writing all entries anew.
        """
        seconds = changes.fresh_bytes / READ_BYTES_PER_S + manifest.entries / WRITTEN_ENTRIES_PER_S
        return (
            seconds
            if isinstance(self._encoder, StaticEncoder)
            else seconds + changes.added_bytes / EMBEDDED_BYTES_PER_S
        )

    def _check(self, manifest: Manifest) -> None:
        manifest.corpus.check(self.settings.corpus, self._store.folder)
        self._recipe.check(manifest, self._store.folder)

    def _use(self, data: IndexData) -> None:
        self._retriever = Retriever(data, self._encoder)


def _is_of(loaded: Manifest, manifest: Manifest) -> bool:
    """Whether what is loaded is what a manifest names; one made anew may have an old number."""
    return (loaded.generation, loaded.artifacts) == (manifest.generation, manifest.artifacts)


def _nearest_first(
    alone: Standalone, filters: Filters | None, retriever: Retriever
) -> list[Filters | None]:
    """Return where to look, one after the other until something answers: in the works that the
    entries it is near to belong to, then everywhere.
    """
    if not alone.near:
        return [filters]
    entries = retriever.data.entries
    rows = [row for entry_id in alone.near if (row := entries.row_of(entry_id)) is not None]
    works = (row if (work := entries.work_row(row)) is None else work for row in rows)
    among = frozenset(entries.get(row).id for row in works)
    return [replace(filters or Filters(), among=among), filters]


def _standalone(
    question: str, history: Sequence[Exchange], writer: Writer | None, stop: Stop | None
) -> Standalone:
    if writer is None:
        return standalone(question, history)
    timeout_s = min(REWRITE_TIMEOUT_S, writer.timeout_s)
    return standalone(question, history, writer.generator, timeout_s, stop)


def _since(start: float) -> float:
    return round((time.perf_counter() - start) * 1000, 2)
