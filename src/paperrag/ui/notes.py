"""The Notes tab: add notes, bring the index up to date with progress, cancel, and a report per file."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any

import gradio as gr

from paperrag.adding import Added, NewNote, Refusal, add_notes, notes_of_upload
from paperrag.assistant import Assistant, Status
from paperrag.errors import BuildCancelled, PaperRagError
from paperrag.indexing import FileChange, IndexReport
from paperrag.records import Language, Trouble
from paperrag.ui.render import esc
from paperrag.ui.shared import GROWING, PRIVATE, Shared, as_language, in_words
from paperrag.ui.strings import say

UPDATE_EVERY_S = 0.15
_UNITS = ("added", "changed", "moved", "removed")

Waiting = tuple[NewNote, ...]
"""Notes that wait for an answer to "replace them?"."""


def build_notes(shared: Shared) -> None:
    """Lay the tab out and wire it."""
    tab = _NotesTab(shared.assistant)
    with gr.Row(elem_id="pr-notes", equal_height=False):
        with gr.Column(scale=1, min_width=320):
            add_head = gr.HTML(_head("en", "add_title"), apply_default_css=False)
            name = gr.Textbox(label=say("en", "note_name"), max_lines=1, max_length=300, elem_id="pr-note-name")
            body = gr.Textbox(label=say("en", "note_body"), lines=9, max_lines=24, elem_id="pr-note-body")
            upload = gr.File(
                label=say("en", "upload"), file_count="multiple", file_types=[".md", ".markdown", ".mdown", ".zip"],
                height=110, elem_id="pr-upload",
            )  # fmt: skip
            with gr.Row():
                add = gr.Button(say("en", "add"), elem_id="pr-add", elem_classes="pr-go")
                replace = gr.Button(say("en", "replace"), visible=False, elem_id="pr-replace", variant="stop")
            added = gr.HTML("", elem_id="pr-added", apply_default_css=False)
        with gr.Column(scale=1, min_width=320):
            index_head = gr.HTML(_head("en", "index_title"), apply_default_css=False)
            facts = gr.HTML("", elem_id="pr-facts", apply_default_css=False)
            with gr.Row():
                update = gr.Button(say("en", "update"), elem_id="pr-update", elem_classes="pr-go")
                rebuild = gr.Button(say("en", "rebuild"), elem_id="pr-rebuild")
                cancel = gr.Button(say("en", "cancel"), elem_id="pr-cancel")
            report = gr.HTML("", elem_id="pr-report", apply_default_css=False)
    waiting = gr.State(())
    adding = [added, replace, waiting, name, body, upload]
    add.click(tab.add, [shared.language, name, body, upload], adding, **PRIVATE).then(
        shared.stamp, None, shared.generation, **PRIVATE
    )
    replace.click(tab.replace, [shared.language, waiting], adding, **PRIVATE).then(
        shared.stamp, None, shared.generation, **PRIVATE
    )
    for button, function in ((update, tab.update), (rebuild, tab.rebuild)):
        built = button.click(function, [shared.language], report, concurrency_limit=2, concurrency_id="build", **GROWING)
        built.then(shared.stamp, None, shared.generation, **PRIVATE)
    cancel.click(tab.cancel, None, None, **PRIVATE)
    labelled = [name, body, upload, add, replace, update, rebuild, cancel]
    shared.paint(tab.paint, [], [add_head, index_head, facts, *labelled])


@dataclass
class _Build:
    """A run of the index in a thread of its own; one at a time, the index's lock sees to that."""

    done: int = 0
    total: int = 0
    report: IndexReport | None = None
    error: PaperRagError | None = None
    cancelled: Event = field(default_factory=Event)
    started: float = field(default_factory=time.perf_counter)

    def run(self, assistant: Assistant, rebuild: bool) -> None:
        """Build to the end, or until cancelled."""
        try:
            self.report = assistant.build(rebuild, self._tell)
        except PaperRagError as error:
            self.error = error

    def _tell(self, what: str, done: int, total: int) -> None:
        self.done, self.total = done, total
        if self.cancelled.is_set():
            raise BuildCancelled("building was cancelled")


class _NotesTab:
    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._builds: list[_Build] = []

    # --- adding ---------------------------------------------------------------------------------

    def add(self, language: object, name: str, body: str, uploads: Sequence[str] | None) -> tuple[Any, ...]:
        """Add what was pasted and uploaded, or ask before replacing."""
        notes = _pasted(name or "", body or "")
        refused: list[Refusal] = []
        for path in uploads or ():
            found, left_out = notes_of_upload(Path(path).name, Path(path).read_bytes())
            notes, refused = [*notes, *found], [*refused, *left_out]
        if not notes and not refused:
            return _message(say(as_language(language), "nothing_to_add")), *_unchanged(5)
        return self._write(as_language(language), tuple(notes), False, refused)

    def replace(self, language: object, waiting: Waiting) -> tuple[Any, ...]:
        """Add the notes that waited, over the files that exist."""
        return self._write(as_language(language), waiting, True, [])

    def _write(self, language: Language, notes: Waiting, replace: bool, refused: Sequence[Refusal]) -> tuple[Any, ...]:
        try:
            result = add_notes(self._assistant.settings.corpus, notes, replace)
        except PaperRagError as error:
            return _message(in_words(error)), *_unchanged(5)
        page = _added_html(result, refused, language)
        if result.conflicts:
            return page, gr.update(visible=True), notes, *_unchanged(3)
        wrote = bool(result.added or result.replaced)
        cleared = ("", "", None) if wrote else _unchanged(3)
        return page, gr.update(visible=False), (), *cleared

    # --- building -------------------------------------------------------------------------------

    def update(self, language: object) -> Iterator[str]:
        """Take in what changed, showing progress, then the report."""
        yield from self._build(as_language(language), False)

    def rebuild(self, language: object) -> Iterator[str]:
        """Build from nothing, showing progress, then the report."""
        yield from self._build(as_language(language), True)

    def cancel(self) -> None:
        """End the build that is running; the old index stays whole."""
        for build in self._builds:
            build.cancelled.set()

    def _build(self, language: Language, rebuild: bool) -> Iterator[str]:
        build = _Build()
        self._builds.append(build)
        thread = Thread(target=build.run, args=(self._assistant, rebuild), daemon=True)
        thread.start()
        yield _progress_html(build, language)
        while thread.is_alive():
            thread.join(UPDATE_EVERY_S)
            yield _progress_html(build, language)
        self._builds.remove(build)
        yield _outcome_html(build, language)

    # --- the rest -------------------------------------------------------------------------------

    def paint(self, language: object) -> tuple[Any, ...]:
        """Redraw the tab in a language, its facts from the index as it is."""
        words = as_language(language)
        labels = [gr.update(label=say(words, key)) for key in ("note_name", "note_body", "upload")]
        values = [gr.update(value=say(words, key)) for key in ("add", "replace", "update", "rebuild", "cancel")]
        return _head(words, "add_title"), _head(words, "index_title"), self._facts(words), *labels, *values

    def _facts(self, language: Language) -> str:
        try:
            return _facts_html(self._assistant.status(), language)
        except PaperRagError as error:
            return _message(in_words(error))


def _pasted(name: str, body: str) -> list[NewNote]:
    if not body.strip():
        return []
    stem = name.strip()
    return [NewNote(stem if "." in stem.rsplit("/", 1)[-1] or not stem else f"{stem}.md", body.encode())]


def _unchanged(count: int) -> list[Any]:
    return [gr.skip() for _ in range(count)]


# --- HTML ---------------------------------------------------------------------------------------


def _head(language: Language, key: str) -> str:
    return f'<h2 class="pr-head">{say(language, key)}</h2>'


def _message(sentence: str) -> str:
    return f'<div class="pr-error" role="alert">{esc(sentence)}</div>'


def _added_html(result: Added, refused: Sequence[Refusal], language: Language) -> str:
    pieces = []
    if result.conflicts:
        pieces.append(f'<p class="pr-weak">{say(language, "conflicts")}</p>{_list(result.conflicts)}')
    for key, sources in (("added_files", result.added), ("replaced_files", result.replaced)):
        if sources:
            pieces.append(f"<p>{say(language, key)}</p>{_list(sources)}")
    left_out = [*refused, *result.refused]
    if left_out:
        reasons = [f"{refusal.name or '—'}: {refusal.reason}" for refusal in left_out]
        pieces.append(f'<p class="pr-weak">{say(language, "refused_files")}</p>{_list(reasons)}')
    return f'<div class="pr-report" role="status">{"".join(pieces)}</div>'


def _list(items: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{esc(item)}</li>" for item in items) + "</ul>"


def _progress_html(build: _Build, language: Language) -> str:
    words = say(language, "building", done=build.done, total=build.total) if build.total else say(language, "starting")
    share = 100 * build.done / build.total if build.total else 0
    return (
        f'<div class="pr-progress" role="progressbar" aria-valuenow="{share:.0f}" aria-valuemin="0" aria-valuemax="100">'
        f'<div style="width:{share:.1f}%"></div></div><p class="pr-faint">{words}</p>'
    )


def _outcome_html(build: _Build, language: Language) -> str:
    if isinstance(build.error, BuildCancelled):
        return f'<div class="pr-report" role="status"><p class="pr-weak">{say(language, "cancelled")}</p></div>'
    if build.error is not None or build.report is None:
        return _message(in_words(build.error) if build.error else "")
    took = say(language, "built", seconds=f"{time.perf_counter() - build.started:.1f}")
    report = build.report
    totals = "".join(
        f"<td><b>{getattr(report, unit)}</b> {say(language, f'report_{unit}')}</td>" for unit in (*_UNITS, "unchanged")
    )
    return (
        f'<div class="pr-report" role="status"><p>{took}</p><table class="pr-totals"><tr>{totals}</tr></table>'
        f"{_files_html(report.by_file, language)}{_troubles_html(report.troubles, language)}</div>"
    )


def _files_html(changes: Sequence[FileChange], language: Language) -> str:
    if not changes:
        return f'<p class="pr-faint">{say(language, "no_file_changed")}</p>'
    head = "".join(f"<th>{say(language, f'report_{unit}')}</th>" for unit in _UNITS)
    rows = "".join(
        f"<tr><td>{esc(change.source)}</td>" + "".join(f"<td>{getattr(change, unit) or '·'}</td>" for unit in _UNITS) + "</tr>"
        for change in changes
    )
    return f'<table class="pr-table"><thead><tr><th>{say(language, "file")}</th>{head}</tr></thead><tbody>{rows}</tbody></table>'


def _troubles_html(troubles: Sequence[Trouble], language: Language) -> str:
    if not troubles:
        return ""
    return f'<p class="pr-weak">{say(language, "report_trouble")}</p>{_list([str(trouble) for trouble in troubles])}'


def _facts_html(status: Status, language: Language) -> str:
    manifest = status.manifest
    rows = [("fact_corpus", str(status.settings.corpus)), ("fact_index", str(status.settings.index))]
    if manifest:
        files = len(manifest.files)
        counts = say(language, "indexed_one" if files == 1 else "indexed", entries=manifest.entries, files=files)
        changed = len(status.changed_files) + len(status.removed_files)
        state = say(language, "stale_one" if changed == 1 else "stale", count=changed) if changed else say(language, "fresh")
        rows[0] = ("fact_corpus", f"{status.settings.corpus} · {counts}")
        rows[1] = ("fact_index", f"{status.settings.index} · {say(language, 'generation', number=manifest.generation)}")
        rows += [("fact_encoder", manifest.encoder), ("fact_size", f"{status.disk_bytes / 1e6:.1f} MB"), ("fact_state", state)]
    else:
        rows.append(("fact_state", say(language, "no_index")))
    return (
        '<dl class="pr-facts">' + "".join(f"<dt>{say(language, key)}</dt><dd>{esc(value)}</dd>" for key, value in rows) + "</dl>"
    )
