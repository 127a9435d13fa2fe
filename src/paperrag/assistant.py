"""The whole program told on one screen: open, search, ask.

The index is brought up to date by `index.current`, searched by `search`; what a question becomes
after those before it, and how it is answered, is told by `conversation.answering`.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from paperrag.answer.judging import Judge
from paperrag.answer.strings import SO_FAR
from paperrag.config import Settings
from paperrag.config_files import load_settings
from paperrag.conversation.answering import Answering, with_notice
from paperrag.conversation.history import Past, as_exchange
from paperrag.encoders.contract import Encoder
from paperrag.errors import PaperRagError
from paperrag.index.current import IndexStatus
from paperrag.index.engine import Engine, Snapshot
from paperrag.index.manifest import Manifest
from paperrag.index.recipe import IndexRecipe
from paperrag.index.reporting import IndexReport
from paperrag.newest import NewestIndex
from paperrag.notes.lookup import NoteLines, QuoteVerifier, read_note
from paperrag.proof.saved import SavedAnswer
from paperrag.question.read import check_question
from paperrag.records import Answer, Entry, Hit, Language, Progress
from paperrag.search.filtering import Filters
from paperrag.search.found import SearchResult
from paperrag.search.retrieval import Retriever, check_k
from paperrag.search.similar import EntryVectors
from paperrag.text.language import detect_language
from paperrag.wiring.encoders import (
    answer_judge,
    choose_encoder,
    load_encoder,
    proof_encoder,
)
from paperrag.wiring.engines import make_recipe, open_engine
from paperrag.wiring.writers import llama_adapter, make_writer

if TYPE_CHECKING:
    from paperrag.llm.generator import ModelState, Stop
    from paperrag.llm.writing import Writer
    from paperrag.proof.verifying import Verification

log = logging.getLogger("paperrag")


class Assistant:
    """Answers questions about one corpus. Not tied to a thread, and not safe in two at once:
    a question may load or build the index. `newest`: what keeps the index as the notes are.
    """

    def __init__(
        self,
        settings: Settings,
        encoder: Encoder,
        store: Engine,
        recipe: IndexRecipe,
        make_writer: Callable[[], Writer | None] | None = None,
        judge: Judge | None = None,
    ) -> None:
        self.settings = settings
        self._judge = judge
        self._make_writer = make_writer
        self._writer: Writer | None = None
        self.newest = NewestIndex(settings, encoder, store, recipe)

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
        search. Raises ConfigError, EncoderError or MissingDependency; about an LLM that only the
        settings name, `ask` raises them.
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
        store = open_engine(settings)
        encoder = load_encoder(choose_encoder(settings, store), settings.download)
        return cls(
            settings,
            encoder,
            store,
            make_recipe(settings, encoder),
            partial(make_writer, settings, llm),
            answer_judge(),
        )

    @property
    def progress(self) -> Progress | None:
        """What is told of long work, such as indexing when the first question comes."""
        return self.newest.current.progress

    @progress.setter
    def progress(self, progress: Progress | None) -> None:
        self.newest.current.progress = progress

    @property
    def corpora(self) -> tuple[Path, ...]:
        """The folders that are answered from: one."""
        return (self.settings.corpus,)

    def writer(self) -> Writer | None:
        """Return the LLM that writes answers, made on first use; None without one. Raises
        ConfigError, MissingDependency.
        """
        make = self._make_writer
        if make is not None:
            self._writer = make()
            self._make_writer = None
        return self._writer

    def change_llm(self, settings: Settings, writer: Writer | None) -> None:
        """Let another LLM write answers from the next question on; None for none. settings: as
        before but for those of the LLM.
        """
        self.settings = settings
        self._make_writer, self._writer = None, writer

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
        took_ms, manifest = _since(start), retriever.data.manifest
        language = detect_language(query)
        if told := _so_far(manifest, language):
            log.warning("%s", told)
        return SearchResult(query, language, took_ms, tuple(hits), manifest)

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
        writer, retriever = self.writer(), self.retriever()
        start = time.perf_counter()
        verify = QuoteVerifier(self.settings.corpus)
        turn = Answering(self.settings, retriever, verify, writer, stop, self._judge)
        exchanges = [as_exchange(past) for past in history]
        for answer in turn.steps(question.strip(), exchanges, filters, k):
            told = _so_far(retriever.data.manifest, answer.language)
            yield with_notice(answer, told), _since(start)

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

    def near(self, other: Assistant, entry_id: str, k: int) -> list[Hit]:
        """Return the entries nearest to an entry of another corpus, twins first; none for an
        unknown id or where another encoder read it.
        """
        theirs = other.vectors()
        row = theirs.data.entries.row_of(entry_id)
        return [] if row is None else self.vectors().near(theirs, row, k)

    def same_paper(self, entry_id: str) -> tuple[Entry, ...]:
        """Return the abstracts of a note's papers, or the notes on an abstract's paper; () for an
        unknown id.
        """
        retriever = self.newest.as_it_is()
        row = retriever.data.entries.row_of(entry_id)
        return () if row is None else retriever.relations.entries(row)

    def vectors(self) -> EntryVectors:
        """Return the entry vectors of the newest index, made once for each generation.

        Rows are those of their own `data`: the next call of `data` may load a newer generation.
        """
        return self.newest.vectors()

    def entry(self, entry_id: str) -> Entry | None:
        """Return an entry by id, or None."""
        entries = self.data().entries
        row = entries.row_of(entry_id)
        return None if row is None else entries.get(row)

    def note(self, name: str, first: int = 1, last: int | None = None) -> NoteLines:
        """Return lines of the note that a name means, as it is now; see `read_note`."""
        return read_note(self.settings.corpus, name, first, last, self.settings.exclude)

    def verify(self, answer: SavedAnswer) -> Verification:
        """Return whether today's notes still bear out a saved answer; see `saved.read_answer`."""
        from paperrag.proof.verifying import verify_answer

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
        return self.newest.to_change().build(rebuild, progress, allow_empty)

    def status(self, check: bool = False) -> IndexStatus:
        """Return what is indexed and which files have changed since. Raises IndexCorrupt, or
        IndexMismatch for another format.

        check: read every byte of the index, which else is only read where it is used.
        """
        return self.newest.current.status(check)

    def model(self) -> ModelState | None:
        """Return the LLM that writes answers and what keeps it from it, None without one."""
        from paperrag.llm.generator import ModelState

        try:
            writer = self.writer()
        except PaperRagError as error:
            return ModelState(self.settings.llm, str(error))
        if writer is None:
            return None
        return ModelState(writer.generator.name, writer.generator.unreached())

    def retriever(self) -> Retriever:
        """Return a retriever over the newest index, built or brought up to date if that is
        quick.
        """
        return self.newest.retriever()

    def data(self) -> Snapshot:
        """Return the newest index as it is, built only if there is none: browsing takes in no
        changes.
        """
        return self.newest.data()


def _so_far(manifest: Manifest, language: Language) -> str | None:
    """Return the sentence that says how much of a first index there is, None once it is whole."""
    expected = manifest.expected_entries
    if expected is None:
        return None
    return SO_FAR[language].format(entries=manifest.entries, expected=expected)


def _since(start: float) -> float:
    return round((time.perf_counter() - start) * 1000, 2)
