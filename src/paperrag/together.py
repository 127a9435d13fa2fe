"""Several collections asked as one: each by its own index, what they say side by side.

Two collections may have files of one name: what their entries are called is a `Naming`'s to say.
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
from paperrag.conversation.history import Past, as_exchange
from paperrag.conversation.naming import (
    ByPath,
    Naming,
    answer_outside,
    exchange_inside,
    hit_outside,
    hits_outside,
)
from paperrag.errors import QueryError
from paperrag.index.current import IndexStatus
from paperrag.index.manifest import Manifest
from paperrag.llm.writing import Writer
from paperrag.notes.lookup import NoteLines
from paperrag.records import Answer, Entry, Hit, Progress
from paperrag.search.filtering import Filters
from paperrag.search.found import SearchResult
from paperrag.search.retrieval import check_k
from paperrag.search.similar import is_twin
from paperrag.search.weights import MOST_TWINS

if TYPE_CHECKING:
    from paperrag.llm.generator import Stop

_Given = TypeVar("_Given")


def by_path(name: str, assistant: Assistant) -> Naming:
    """Return the naming that programs and the command line meet."""
    return ByPath(assistant.settings.corpus)


class Together:
    """Assistants of several collections, by name. naming: what the entries of each are called."""

    def __init__(
        self,
        assistants: Mapping[str, Assistant],
        naming: Callable[[str, Assistant], Naming] = by_path,
    ) -> None:
        self._assistants = assistants
        self._naming = naming
        self._namings = {name: naming(name, one) for name, one in assistants.items()}
        self.progress: Progress | None = None

    @property
    def settings(self) -> Settings:
        """The settings of the first collection; whole paths lie outside of its corpus."""
        return next(iter(self._assistants.values())).settings

    def search(
        self, query: str, k: int | None = None, filters: Filters | None = None
    ) -> SearchResult:
        """Return the k best entries of all: scores are shares of one scale in every collection."""
        results = [
            replace(result, hits=hits_outside(result.hits, self._namings[name]))
            for name, result in self._each(lambda one: one.search(query, k, filters))
        ]
        hits = sorted((hit for one in results for hit in one.hits), key=lambda hit: -hit.score)
        best = hits[: k or self.settings.k]
        return replace(
            results[0],
            took_ms=round(sum(result.took_ms for result in results), 2),
            hits=tuple(replace(hit, rank=rank) for rank, hit in enumerate(best, 1)),
            manifest=_as_one([result.manifest for result in results]),
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
        for name, assistant in self._opened():
            naming = self._namings[name]
            known = [exchange_inside(as_exchange(past), naming) for past in history]
            try:
                for answer, took in assistant.ask_stream(question, filters, k, known, stop):
                    answers[name] = answer_outside(answer, naming)
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
        """Return the entries of all collections that are nearest to an entry, None for an unknown
        id.
        """
        homes = (name for name, one in self._opened() if one.entry(entry_id) is not None)
        home = next(homes, None)
        if home is None:
            return None
        wanted = self.settings.k if k is None else k
        found = similar_in_all(self._assistants, home, entry_id, wanted)
        return [hit_outside(hit, self._namings[name]) for name, hit in found]

    def entry(self, entry_id: str) -> Entry | None:
        """Return an entry by id, or None."""
        for name, assistant in self._opened():
            if (entry := assistant.entry(entry_id)) is not None:
                return self._namings[name].outside(entry)
        return None

    def note(self, name: str, first: int = 1, last: int | None = None) -> NoteLines:
        """Return lines of the one note that a whole path means, or the end of one. Raises
        QueryError.
        """

        def lines(one: Assistant) -> NoteLines:
            corpus = one.settings.corpus
            note = one.note(name.removeprefix(f"{corpus.as_posix()}/"), first, last)
            return replace(note, source=(corpus / note.source).as_posix())

        found = [note for _, note in self._each(lines)]
        if len(found) > 1:
            places = ", ".join(note.source for note in found)
            raise QueryError(f"{name!r} means several notes: {places}; name one of them")
        return found[0]

    def status(self) -> Mapping[str, IndexStatus]:
        """Return by collection what is indexed and which files have changed since."""
        return {name: assistant.status() for name, assistant in self._assistants.items()}

    def writer(self) -> Writer | None:
        """Return the LLM that writes answers about the first collection, once all have theirs."""
        first, *_ = [assistant.writer() for _, assistant in self._opened()]
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
        return Together({name: self.one(name) for name in names}, self._naming)

    @property
    def corpora(self) -> tuple[Path, ...]:
        """The folders that are answered from."""
        return tuple(one.settings.corpus for one in self._assistants.values())

    def _each(self, ask: Callable[[Assistant], _Given]) -> Iterator[tuple[str, _Given]]:
        """Yield by name what each collection gives; one where a filter or a name means nothing is
        passed over. Raises QueryError if all are that.
        """
        troubles: list[QueryError] = []
        for name, assistant in self._opened():
            try:
                given = ask(assistant)
            except QueryError as error:
                troubles.append(error)
            else:
                yield name, given
        if len(troubles) == len(self._assistants):
            raise troubles[0]

    def _opened(self) -> list[tuple[str, Assistant]]:
        for assistant in self._assistants.values():
            if self.progress is not None:
                assistant.progress = self.progress
        return list(self._assistants.items())


def _as_one(manifests: Sequence[Manifest]) -> Manifest:
    """Return the first manifest with the counts and the files of all."""
    return replace(
        manifests[0],
        entries=sum(one.entries for one in manifests),
        chunks=sum(one.chunks for one in manifests),
        files={
            f"{number}:{source}": record
            for number, one in enumerate(manifests)
            for source, record in one.files.items()
        },
    )


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


def similar_in_all(
    every: Mapping[str, Assistant], home: str, entry_id: str, k: int
) -> list[tuple[str, Hit]]:
    """Return the k entries nearest to one of the collection `home`, with the names of theirs: at
    most three twins in the other language first, then by score.
    """
    check_k(k)
    here = every[home]
    entry, own = here.entry(entry_id), here.similar(entry_id, k)
    if entry is None or own is None:
        return []
    found = [(home, hit) for hit in own]
    for name, other in every.items():
        if name != home:
            found += [(name, hit) for hit in other.near(here, entry_id, k)]
    found.sort(key=lambda one: -one[1].score)
    twins = [one for one in found if is_twin(one[1], entry)][:MOST_TWINS]
    chosen = [*twins, *(one for one in found if one not in twins)][:k]
    return [(name, replace(hit, rank=rank)) for rank, (name, hit) in enumerate(chosen, 1)]
