"""Several collections asked as one: each by its own index, what they say side by side.

Sources are then whole paths, for two collections may have files of one name.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace

from paperrag.answer.side_by_side import under_names
from paperrag.answer.strings import SILENT
from paperrag.assistant import Assistant
from paperrag.config import Settings
from paperrag.conversation.history import Past
from paperrag.errors import QueryError
from paperrag.index.current import Status
from paperrag.llm.writing import Writer
from paperrag.notes.lookup import NoteLines
from paperrag.records import Answer, Entry, Hit, Progress
from paperrag.search.filtering import Filters
from paperrag.search.found import SearchResult

if TYPE_CHECKING:
    from paperrag.llm.generator import Stop

Given = TypeVar("Given")


class Together:
    """Assistants of several collections, by name."""

    def __init__(self, assistants: Mapping[str, Assistant]) -> None:
        self._assistants = assistants
        self.progress: Progress | None = None

    @property
    def settings(self) -> Settings:
        """The settings of the first collection; whole paths lie outside of its corpus."""
        return next(iter(self._assistants.values())).settings

    def search(
        self, query: str, k: int | None = None, filters: Filters | None = None
    ) -> SearchResult:
        """Return the k best entries of all: scores are shares of one scale in every collection."""
        results = list(self._of_each(lambda one: _found(one, query, k, filters)).values())
        hits = sorted((hit for one in results for hit in one.hits), key=lambda hit: -hit.score)
        manifests = [result.manifest for result in results]
        return replace(
            results[0],
            took_ms=round(sum(result.took_ms for result in results), 2),
            hits=tuple(
                replace(hit, rank=rank) for rank, hit in enumerate(hits[: k or self.settings.k], 1)
            ),
            manifest=replace(
                manifests[0],
                entries=sum(one.entries for one in manifests),
                chunks=sum(one.chunks for one in manifests),
                files={
                    f"{n}:{name}": one
                    for n, m in enumerate(manifests)
                    for name, one in m.files.items()
                },
            ),
        )

    def ask(
        self,
        question: str,
        filters: Filters | None = None,
        k: int | None = None,
        history: Sequence[Past] = (),
    ) -> tuple[Answer, float]:
        """Return what each collection answers under its name, or the refusal that was nearest to
        an answer. The notice names those that hold nothing on it.
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
        """Yield the answer as it grows, one collection after the other; the last one is whole.

        Until then it has no `usage`, and a collection that holds nothing on it is not named.
        """
        answers: dict[str, Answer] = {}
        took_before = took_ms = 0.0
        troubles: list[QueryError] = []
        for name, assistant in zip(self._assistants, self._opened(), strict=True):
            try:
                for answer, took in assistant.ask_stream(question, filters, k, history, stop):
                    answers[name] = _with_paths(answer, assistant)
                    took_ms = round(took_before + took, 2)
                    if told := _told(answers):
                        yield replace(under_names(told), usage=None), took_ms
            except QueryError as error:  # as where a filter names nothing here
                troubles.append(error)
            took_before = took_ms
        if not answers:
            raise troubles[0]
        yield _joined(answers), took_ms

    def similar(self, entry_id: str, k: int | None = None) -> list[Hit] | None:
        """Return the entries of its collection that are nearest to an entry, None for an unknown
        id.
        """
        for assistant in self._opened():
            if (hits := assistant.similar(entry_id, k)) is not None:
                return list(_abroad(hits, assistant))
        return None

    def entry(self, entry_id: str) -> Entry | None:
        """Return an entry by id, or None."""
        for assistant in self._opened():
            if (entry := assistant.entry(entry_id)) is not None:
                return _placed(entry, assistant)
        return None

    def note(self, name: str, first: int = 1, last: int | None = None) -> NoteLines:
        """Return lines of the one note that a whole path means, or the end of one. Raises
        QueryError.
        """
        found, troubles = [], []
        for assistant in self._opened():
            corpus = assistant.settings.corpus
            inside = name.removeprefix(f"{corpus.as_posix()}/")
            try:
                note = assistant.note(inside, first, last)
            except QueryError as error:
                troubles.append(error)
                continue
            found.append(replace(note, source=(corpus / note.source).as_posix()))
        if not found:
            raise troubles[0]
        if len(found) > 1:
            places = ", ".join(note.source for note in found)
            raise QueryError(f"{name!r} means several notes: {places}; name one of them")
        return found[0]

    def status(self) -> Mapping[str, Status]:
        """Return by collection what is indexed and which files have changed since."""
        return {name: assistant.status() for name, assistant in self._assistants.items()}

    def writer(self) -> Writer | None:
        """Return the LLM that writes answers about the first collection, once all have theirs."""
        first, *_ = [assistant.writer() for assistant in self._opened()]
        return first

    @property
    def names(self) -> tuple[str, ...]:
        """What the collections are called."""
        return tuple(self._assistants)

    def one(self, name: str) -> Assistant:
        """Return who answers about one collection. Raises QueryError for an unknown name."""
        if name not in self._assistants:
            known = ", ".join(self._assistants)
            raise QueryError(f"no collection {name!r} is asked here; there are: {known}")
        return self._assistants[name]

    def of(self, names: Sequence[str]) -> Together:
        """Return some of the collections, asked as one. Raises QueryError for an unknown name."""
        return Together({name: self.one(name) for name in names})

    @property
    def corpora(self) -> tuple[Path, ...]:
        """The folders that are answered from."""
        return tuple(one.settings.corpus for one in self._assistants.values())

    def _of_each(self, ask: Callable[[Assistant], Given]) -> dict[str, Given]:
        """Return by name what each collection gives; one where a filter names nothing gives
        nothing. Raises QueryError if all are that.
        """
        given: dict[str, Given] = {}
        troubles: list[QueryError] = []
        for name, assistant in zip(self._assistants, self._opened(), strict=True):
            try:
                given[name] = ask(assistant)
            except QueryError as error:
                troubles.append(error)
        if not given:
            raise troubles[0]
        return given

    def _opened(self) -> list[Assistant]:
        for assistant in self._assistants.values():
            if self.progress is not None:
                assistant.progress = self.progress
        return list(self._assistants.values())


def _told(answers: Mapping[str, Answer]) -> dict[str, Answer]:
    return {name: answer for name, answer in answers.items() if not answer.abstained}


def _joined(answers: Mapping[str, Answer]) -> Answer:
    told = _told(answers)
    if not told:
        return max(answers.values(), key=lambda answer: answer.confidence)
    answer, silent = under_names(told), [name for name in answers if name not in told]
    if not silent:
        return answer
    said = SILENT[answer.language].format(names=", ".join(silent))
    return replace(answer, notice="\n".join(filter(None, [said, answer.notice])))


def _found(
    assistant: Assistant, query: str, k: int | None, filters: Filters | None
) -> SearchResult:
    result = assistant.search(query, k, filters)
    return replace(result, hits=_abroad(result.hits, assistant))


def _with_paths(answer: Answer, assistant: Assistant) -> Answer:
    citations = tuple(
        replace(
            one, entry=_placed(one.entry, assistant), related=_all_placed(one.related, assistant)
        )
        for one in answer.citations
    )
    return replace(answer, citations=citations, nearest=_abroad(answer.nearest, assistant))


def _abroad(hits: Sequence[Hit], assistant: Assistant) -> tuple[Hit, ...]:
    return tuple(
        replace(
            hit, entry=_placed(hit.entry, assistant), related=_all_placed(hit.related, assistant)
        )
        for hit in hits
    )


def _all_placed(entries: Sequence[Entry], assistant: Assistant) -> tuple[Entry, ...]:
    return tuple(_placed(entry, assistant) for entry in entries)


def _placed(entry: Entry, assistant: Assistant) -> Entry:
    return replace(entry, source=(assistant.settings.corpus / entry.source).as_posix())
