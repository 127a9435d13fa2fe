"""The Notes tab: add notes, bring the index up to date with progress, cancel, and a report per
file.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any

import gradio as gr

from paperrag.errors import BuildCancelled, PaperRagError
from paperrag.index.reporting import IndexReport
from paperrag.notes.adding import add_notes, name_of_note
from paperrag.notes.folders import SUFFIXES
from paperrag.notes.uploads import NewNote, Refusal, notes_of_upload
from paperrag.page.corpora import Corpora, Corpus
from paperrag.page.given import as_language
from paperrag.page.notes_html import (
    added_html,
    collection_html,
    facts_html,
    head_html,
    message,
    outcome_html,
    progress_html,
    searched_html,
)
from paperrag.page.refusals import in_words
from paperrag.page.shared import GROWING, PRIVATE, Shared, scripted
from paperrag.page.strings import say
from paperrag.records import Language

UPDATE_EVERY_S = 0.15

log = logging.getLogger("paperrag")

Waiting = tuple[str, tuple[NewNote, ...]]
"""A collection, and notes for it that wait for an answer to "replace them?"."""


def build_notes(shared: Shared) -> None:
    """Lay the tab out and wire it."""
    tab = _NotesTab(shared.corpora)
    with gr.Row(elem_id="pr-notes", equal_height=False):
        with gr.Column(scale=1, min_width=320):
            scripted("files")
        with gr.Column(scale=1, min_width=320):
            add_head = gr.HTML(head_html("en", "add_title"), apply_default_css=False)
            adding = _build_adding(shared, tab)
            index_head = gr.HTML(head_html("en", "index_title"), apply_default_css=False)
            facts = gr.HTML("", elem_id="pr-facts", apply_default_css=False)
            building = _build_building(shared, tab)
    shared.paint(tab.paint, [], [add_head, index_head, facts, *adding, *building])


def _build_adding(shared: Shared, tab: _NotesTab) -> list[Any]:
    """Lay out what notes are added by; return the parts whose words `_NotesTab.paint` changes."""
    names = shared.corpora.names
    into = gr.Dropdown(
        names, value=next(iter(names), None), label=say("en", "collection"), visible=len(names) > 1,
        elem_id="pr-add-into",
    )  # fmt: skip
    name = gr.Textbox(
        label=say("en", "note_name"), max_lines=1, max_length=300, elem_id="pr-note-name"
    )
    body = gr.Textbox(label=say("en", "note_body"), lines=9, max_lines=24, elem_id="pr-note-body")
    upload = gr.File(
        label=say("en", "upload"), file_count="multiple", file_types=[*SUFFIXES, ".zip"],
        height=130, elem_id="pr-upload",
    )  # fmt: skip
    with gr.Row():
        add = gr.Button(say("en", "add"), elem_id="pr-add", elem_classes="pr-go")
        replace = gr.Button(
            say("en", "replace"), visible=False, elem_id="pr-replace", variant="stop"
        )
    added = gr.HTML("", elem_id="pr-added", apply_default_css=False)
    waiting = gr.State(("", ()))
    changed = [added, replace, waiting, name, body, upload]
    for event, function, given in (
        (add.click, tab.add, [into, name, body, upload]),
        (replace.click, tab.replace, [waiting]),
    ):
        done = event(function, [shared.language, *given], changed, **PRIVATE)
        done.then(shared.stamp, None, shared.generation, **PRIVATE)
    return [into, name, body, upload, add, replace]


def _build_building(shared: Shared, tab: _NotesTab) -> list[Any]:
    """Lay out what the index is built by; return the parts whose words `_NotesTab.paint`
    changes.
    """
    with gr.Row():
        update = gr.Button(say("en", "update"), elem_id="pr-update")
        rebuild = gr.Button(say("en", "rebuild"), elem_id="pr-rebuild")
        cancel = gr.Button(say("en", "cancel"), elem_id="pr-cancel")
    report = gr.HTML("", elem_id="pr-report", apply_default_css=False)
    one_queue: dict[str, Any] = {"concurrency_limit": 2, "concurrency_id": "build", **GROWING}
    for button, function in ((update, tab.update), (rebuild, tab.rebuild)):
        built = button.click(function, [shared.language], report, **one_queue)
        built.then(shared.stamp, None, shared.generation, **PRIVATE)
    cancel.click(tab.cancel, None, None, **PRIVATE)
    return [update, rebuild, cancel]


@dataclass
class _Build:
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
                self.reports[one.name] = one.assistant.build(rebuild, self._tell)
        except PaperRagError as error:
            self.error = error
        except Exception as error:  # the page must say that it ended, whatever ended it
            log.exception("building the index failed")
            self.error = error

    def _tell(self, what: str, done: int, total: int) -> None:
        if what == "embedding":  # told between files, of the texts of some of them
            self.texts = (done, total)
        else:
            self.files = (max(done, self.files[0]), total)
        if self.cancelled.is_set():
            raise BuildCancelled("building was cancelled")


class _NotesTab:
    def __init__(self, corpora: Corpora) -> None:
        self._corpora = corpora
        self._builds: list[_Build] = []

    # --- adding ---------------------------------------------------------------------------------

    def add(
        self,
        language: object,
        into: str | None,
        name: str,
        body: str,
        uploads: Sequence[str] | None,
    ) -> tuple[Any, ...]:
        """Add what was pasted and uploaded to a collection, or ask before replacing."""
        notes = _pasted(name or "", body or "")
        refused: list[Refusal] = []
        for path in uploads or ():
            found, left_out = notes_of_upload(Path(path).name, Path(path).read_bytes())
            notes, refused = [*notes, *found], [*refused, *left_out]
        if not notes and not refused:
            return message(say(as_language(language), "nothing_to_add")), *_unchanged(5)
        return self._write(as_language(language), (into or "", tuple(notes)), False, refused)

    def replace(self, language: object, waiting: Waiting) -> tuple[Any, ...]:
        """Add the notes that waited, over the files that exist."""
        return self._write(as_language(language), waiting, True, [])

    def _write(
        self, language: Language, waiting: Waiting, replace: bool, refused: Sequence[Refusal]
    ) -> tuple[Any, ...]:
        into, notes = waiting
        one = self._corpora.named(into)[0]
        try:
            result = add_notes(one.folder, notes, replace)
        except PaperRagError as error:
            return message(in_words(error, language)), *_unchanged(5)
        page = added_html(result, refused, language, one.naming.called)
        if result.conflicts:
            return page, gr.update(visible=True), waiting, *_unchanged(3)
        wrote = bool(result.added or result.replaced)
        if wrote:
            page += searched_html(one.assistant.take_in(), language)
        cleared = ("", "", None) if wrote else _unchanged(3)
        return page, gr.update(visible=False), ("", ()), *cleared

    # --- building -------------------------------------------------------------------------------

    def update(self, language: object) -> Iterator[str]:
        """Take in what changed, showing progress, then the report."""
        yield from self._build(as_language(language), False)

    def rebuild(self, language: object) -> Iterator[str]:
        """Build from nothing, showing progress, then the report."""
        yield from self._build(as_language(language), True)

    def cancel(self) -> None:
        """End the build that is running; the old index stays whole."""
        for build in tuple(self._builds):
            build.cancelled.set()

    def _build(self, language: Language, rebuild: bool) -> Iterator[str]:
        build = _Build()
        self._builds.append(build)
        thread = Thread(target=self._run, args=(build, rebuild), daemon=True)
        thread.start()
        yield progress_html(build.files, build.texts, language, build.collection)
        while thread.is_alive():
            thread.join(UPDATE_EVERY_S)
            yield progress_html(build.files, build.texts, language, build.collection)
        took_s = time.perf_counter() - build.started
        yield outcome_html(build.reports, build.error, took_s, language)

    def _run(self, build: _Build, rebuild: bool) -> None:
        """Run a build that can be cancelled until it ends, even if the page that asked for it is
        closed before.
        """
        try:
            build.run(self._corpora, rebuild)
        finally:
            self._builds.remove(build)

    # --- the rest -------------------------------------------------------------------------------

    def paint(self, language: object) -> tuple[Any, ...]:
        """Redraw the tab in a language, its facts from the index as it is."""
        words = as_language(language)
        keys = ("collection", "note_name", "note_body", "upload")
        labels = [gr.update(label=say(words, key)) for key in keys]
        values = [
            gr.update(value=say(words, key))
            for key in ("add", "replace", "update", "rebuild", "cancel")
        ]
        return (
            head_html(words, "add_title"),
            head_html(words, "index_title"),
            self._facts(words),
            *labels,
            *values,
        )

    def _facts(self, language: Language) -> str:
        return "".join(_facts(one, language) for one in self._corpora.all)


def _facts(one: Corpus, language: Language) -> str:
    try:
        return collection_html(one.name) + facts_html(one.assistant.status(), language)
    except PaperRagError as error:
        return message(in_words(error, language))


def _pasted(name: str, body: str) -> list[NewNote]:
    if not body.strip():
        return []
    stem = name.strip() or name_of_note(body)
    return [NewNote(stem if "." in stem.rsplit("/", 1)[-1] else f"{stem}.md", body.encode())]


def _unchanged(count: int) -> list[Any]:
    return [gr.skip() for _ in range(count)]
