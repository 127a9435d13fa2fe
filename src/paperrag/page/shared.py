"""What all tabs share: the collections, the page's language, and how parts are redrawn.

`Shared` is made once for the page; what belongs to one visitor lives in Gradio states or in the
page's script.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import gradio as gr

from paperrag.errors import PaperRagError
from paperrag.index.current import IndexStatus
from paperrag.page.corpora import Corpora, Corpus

PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "queue": False}
"""Page handlers are neither API endpoints nor tools, and never grey out what they will replace.

They answer the request itself. Gradio's queue answers over one stream for all events of a page,
which it closes when none is waiting: now and then an event that comes at that moment is lost.
"""

GROWING: dict[str, Any] = {**PRIVATE, "queue": True}
"""Handlers that answer in steps and can be stopped need the queue."""


@dataclass
class Shared:
    """The parts of the page that tabs use. `painters` redraw a tab in a language from the newest
    index.
    """

    corpora: Corpora
    language: gr.BrowserState
    generation: gr.Textbox
    painters: list[tuple[Callable[..., Any], list[Any], list[Any]]] = field(default_factory=list)

    def stamp(self) -> str:
        """Return what a page shows of the index: its generation, and how many files have changed
        since.
        """
        return ", ".join(map(_stamp, self.statuses()))

    def statuses(self) -> list[IndexStatus | None]:
        """Return what is indexed of each collection, None where that cannot be read."""
        return [_status(one) for one in self.corpora.all]

    def paint(self, function: Callable[..., Any], inputs: list[Any], outputs: list[Any]) -> None:
        """Register what redraws a tab; the language comes as the first argument."""
        self.painters.append((function, [self.language, *inputs], outputs))


def _status(one: Corpus) -> IndexStatus | None:
    try:
        return one.assistant.status()
    except PaperRagError:
        return None


def _stamp(status: IndexStatus | None) -> str:
    if status is None or status.manifest is None:
        return "none"
    return f"{status.manifest.generation} {len(status.changed_files) + len(status.removed_files)}"


def scripted(part: str) -> gr.HTML:
    """Return the place of a part that the page's script draws and fills."""
    return gr.HTML(
        f'<div data-part="{part}"></div>',
        js_on_load=f"paperrag.mount('{part}', element);",
        apply_default_css=False,
        elem_id=f"pr-part-{part}",
    )
