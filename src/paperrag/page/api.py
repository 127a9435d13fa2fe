"""The notes for programs: endpoints `search`, `ask`, `entry`, `similar`, `status` with the JSON
shapes of `contract`.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator, Mapping
from functools import wraps
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, TypeVar

from paperrag.assistant import Assistant
from paperrag.conversation.history import Exchange, exchange_of
from paperrag.errors import PaperRagError, QueryError
from paperrag.output.as_json import (
    ask_json,
    entry_json,
    note_json,
    search_json,
    similar_json,
    status_json,
)
from paperrag.proof.saved import parse_answer
from paperrag.records import Entry
from paperrag.search.filtering import Filters
from paperrag.together import Together

_One = TypeVar("_One")

ENDPOINTS = ("search", "ask", "entry", "similar", "status")

AT_ONCE = 2
"""Calls that compute side by side. More only take the interpreter from one another: with 20 users
asking at once, the slowest waited longer, and no more were answered."""

MAX_K = 500
"""Most entries that one call returns."""


class Api:
    """What programs may call. Empty texts mean "not given", since not every client can say
    nothing. collection: which of several collections is asked, several between commas, "" for all.
    """

    def __init__(self, assistant: Assistant | Together) -> None:
        self._assistant = assistant
        self.turn = BoundedSemaphore(AT_ONCE)

    @property
    def corpora(self) -> tuple[Path, ...]:
        """The folders that are answered from."""
        return self._assistant.corpora

    @property
    def collections(self) -> tuple[str, ...]:
        """The names by which a call may choose whom it asks, () where there is nothing to
        choose.
        """
        return self._assistant.names if isinstance(self._assistant, Together) else ()

    def of(self, collection: str) -> Assistant | Together:
        """Return who answers about a collection, or several between commas; all for "". Raises
        QueryError for an unknown one.
        """
        names = list(dict.fromkeys(_named(collection)))
        if not names:
            return self._assistant
        if isinstance(self._assistant, Together):
            return self._assistant.of(names)
        raise QueryError(
            f"collection {collection!r}: only one folder is asked here, without a name; leave it "
            "out, or start paperrag with -c for each collection"
        )

    def search(
        self,
        query: str,
        k: int | None = None,
        section: str = "",
        file: str = "",
        kind: str = "",
        lang: str = "",
        tag: str = "",
        collection: str = "",
    ) -> dict[str, Any]:
        """Find the entries nearest to a query, best first; the same as `paperrag search --json`."""
        filters = filters_from(section, file, kind, lang, tag)
        return search_json(self.of(collection).search(query, _bounded(k), filters))

    def ask(  # noqa: PLR0913  # Gradio's clients know the parameters by these names
        self,
        question: str,
        k: int | None = None,
        section: str = "",
        file: str = "",
        kind: str = "",
        lang: str = "",
        after: str | dict[str, Any] = "",
        tag: str = "",
        collection: str = "",
    ) -> dict[str, Any]:
        """Answer a question with citations; the same as `paperrag ask --json`. after: the answer
        that it follows up, as it was returned or its JSON.
        """
        choices = {"section": section, "file": file, "kind": kind, "lang": lang, "tag": tag}
        steps = self.ask_steps(question, k, after, collection, **choices)
        return deque(steps, maxlen=1).pop()

    def ask_steps(
        self,
        question: str,
        k: int | None = None,
        after: str | dict[str, Any] = "",
        collection: str = "",
        **choices: str,
    ) -> Iterator[dict[str, Any]]:
        """Yield the answer as it grows; the last one is that of `ask`. choices: its filters."""
        asked, history = self.of(collection), history_of(after)
        filters = filters_from(**choices)
        for answer, took_ms in asked.ask_stream(question, filters, _bounded(k), history):
            yield ask_json(answer, took_ms)

    def entry(self, entry_id: str, collection: str = "") -> dict[str, Any]:
        """Return one entry whole."""
        return entry_json(_entry(self.of(collection), entry_id))

    def note(
        self,
        source: str,
        line_start: int = 1,
        line_end: int | None = None,
        collection: str = "",
    ) -> dict[str, Any]:
        """Return lines of a note file as it is now."""
        return note_json(self.of(collection).note(source, line_start, line_end))

    def note_names(self) -> list[str]:
        """Return the note files that are indexed, as `note` takes them: of several collections by
        their whole paths.
        """
        status = self._assistant.status()
        if not isinstance(status, Mapping):
            return list(status.manifest.files) if status.manifest else []
        return [
            (one.settings.corpus / source).as_posix()
            for one in status.values()
            for source in (one.manifest.files if one.manifest else ())
        ]

    def similar(self, entry_id: str, k: int | None = None, collection: str = "") -> dict[str, Any]:
        """Return the entries nearest to an entry, twins in the other language first."""
        asked = self.of(collection)
        _entry(asked, entry_id)
        return similar_json(entry_id, asked.similar(entry_id, _bounded(k)) or [])

    def status(self, collection: str = "") -> dict[str, Any]:
        """Return what is indexed and how stale it is; the same as `paperrag status --json`. Of
        several collections: that of each, by name below `collections`.
        """
        status = self.of(collection).status()
        if isinstance(status, Mapping):
            return {"collections": {name: status_json(one) for name, one in status.items()}}
        return status_json(status)

    def in_turn(self, steps: Iterator[_One]) -> Iterator[_One]:
        """Yield the steps of an answer, holding a turn while one is computed, not while it is
        sent.
        """
        while True:
            with self.turn:
                step = next(steps, None)
            if step is None:
                return
            yield step


def history_of(after: str | dict[str, Any]) -> list[Exchange]:
    """Return the answer that a question follows up as history. Raises AnswerFileError."""
    text = after if isinstance(after, str) else json.dumps(after)
    return [exchange_of(parse_answer(text, "`after`"))] if after else []


def endpoint(api: Api, name: str) -> Any:
    """Return a method of the API as Gradio serves it: an error in words reaches the client."""
    import gradio

    method = getattr(api, name)

    @wraps(method)
    def call(*arguments: Any) -> dict[str, Any]:
        try:
            with api.turn:
                result: dict[str, Any] = method(*arguments)
            return result
        except PaperRagError as error:
            raise gradio.Error(str(error), print_exception=False) from error

    return call


def _entry(asked: Assistant | Together, entry_id: str) -> Entry:
    entry = asked.entry(entry_id)
    if entry is None:
        raise QueryError(f"no entry has the id {entry_id!r}; ids come from search and ask")
    return entry


def _bounded(k: int | None) -> int | None:
    return None if k is None else min(int(k), MAX_K)


def filters_from(
    section: str | None,
    file: str | None,
    kind: str | None,
    lang: str | None,
    tag: str | None = None,
) -> Filters:
    """Return filters as a program or the page gives them; an empty text filters nothing. tag: one,
    or several between commas, which must all fit.
    """
    tags = tuple(_named(tag or ""))
    return Filters(section or None, file or None, kind or None, lang or None, tags=tags)  # type: ignore[arg-type]  # checked there


def _named(text: str) -> list[str]:
    """Return the names between commas."""
    return [name.strip() for name in re.split("[,，]", text) if name.strip()]
