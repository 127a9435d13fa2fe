"""Several collections asked as one: each by its own index, what they say side by side.

Sources are then whole paths, for two collections may have files of one name.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from paperrag.commands.shared import collections_of, open_assistant, settings_of
from paperrag.commands.side_by_side import joined
from paperrag.errors import ConfigError

if TYPE_CHECKING:
    from paperrag.assistant import Assistant, SearchResult
    from paperrag.config import Settings
    from paperrag.conversation.history import Past
    from paperrag.records import Answer, Entry, Hit, Progress
    from paperrag.search.filtering import Filters


def open_asked(options: argparse.Namespace) -> Assistant | Together:
    """Return who answers: the assistant of the options, or those of several collections."""
    names = collections_of(options)
    if len(names) < 2:
        return open_assistant(options)
    from paperrag.assistant import Assistant

    if options.index is not None:
        raise ConfigError(f"--index names one index, -c {len(names)} collections; leave it out")
    settings = {name: settings_of(options, name) for name in names}
    return Together({name: Assistant.from_settings(one) for name, one in settings.items()})


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
        results = []
        for assistant in self._opened():
            result = assistant.search(query, k, filters)
            results.append(replace(result, hits=_abroad(result.hits, assistant)))
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
        an answer. Those that hold nothing on it are named on standard error.
        """
        answers: dict[str, Answer] = {}
        took_ms = 0.0
        for name, assistant in zip(self._assistants, self._opened(), strict=True):
            answer, took = assistant.ask(question, filters, k, history)
            answers[name] = _with_paths(answer, assistant)
            took_ms += took
        told = {name: answer for name, answer in answers.items() if not answer.abstained}
        if not told:
            return max(answers.values(), key=lambda answer: answer.confidence), took_ms
        if silent := [name for name in answers if name not in told]:
            print(f"paperrag: nothing on this in: {', '.join(silent)}", file=sys.stderr)
        return joined(told), round(took_ms, 2)

    def _opened(self) -> list[Assistant]:
        for assistant in self._assistants.values():
            assistant.progress = self.progress
        return list(self._assistants.values())


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
