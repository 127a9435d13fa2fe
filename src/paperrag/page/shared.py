"""What all tabs share: the assistant, the page's language, the entry drawer, and how they are
wired.

`Shared` is made once for the page; what belongs to one visitor lives in Gradio states.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import gradio as gr

from paperrag.assistant import Assistant
from paperrag.errors import PaperRagError
from paperrag.records import Language

PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "queue": False}
"""Page handlers are neither API endpoints nor tools, and never grey out what they will replace.

They answer the request itself. Gradio's queue answers over one stream for all events of a page,
which it closes when none is waiting: now and then an event that comes at that moment is lost.
"""

LATEST: dict[str, Any] = {**PRIVATE, "trigger_mode": "always_last"}
"""Handlers of clicks and keys where the newest counts: Gradio drops an event while the one before
is on its way.
"""

GROWING: dict[str, Any] = {**PRIVATE, "queue": True}
"""Handlers that answer in steps and can be stopped need the queue."""


@dataclass
class Shared:
    """The parts of the page that tabs use. `painters` redraw a tab in a language from the newest
    index,
    `translators` redraw what a visitor has made, which only another language changes,
    `openers` are the HTML components with buttons that lead to an entry or its note, `selected`
    what runs
    when a tab is opened.
    """

    assistant: Assistant
    language: gr.BrowserState
    generation: gr.Textbox
    turns: gr.State
    viewer: gr.HTML
    openers: list[Any] = field(default_factory=list)
    selected: dict[str, tuple[Callable[..., Any], list[Any], list[Any]]] = field(
        default_factory=dict
    )
    painters: list[tuple[Callable[..., Any], list[Any], list[Any]]] = field(default_factory=list)
    translators: list[tuple[Callable[..., Any], list[Any], list[Any]]] = field(default_factory=list)

    def stamp(self) -> str:
        """Return what a page shows of the index: its generation, and how many files have changed
        since.
        """
        try:
            status = self.assistant.status()
        except PaperRagError:
            return "none"
        if status.manifest is None:
            return "none"
        return (
            f"{status.manifest.generation} {len(status.changed_files) + len(status.removed_files)}"
        )

    def paint(self, function: Callable[..., Any], inputs: list[Any], outputs: list[Any]) -> None:
        """Register what redraws a tab; the language comes as the first argument."""
        self.painters.append((function, [self.language, *inputs], outputs))


def live_html(value: str, events: tuple[str, ...], elem_id: str, **options: Any) -> Any:
    """Return an HTML component whose `data-act` clicks become Gradio events of the given names.

    Typed Any: its events are attributes that Gradio makes from the names in the script.
    """
    names = "[" + ", ".join(f"'{name}'" for name in events) + "]"
    script = f"paperrag.bind(element, trigger, {names}); watch('value', () => paperrag.painted(element)); paperrag.painted(element);"
    return gr.HTML(value, elem_id=elem_id, js_on_load=script, apply_default_css=False, **options)


def as_language(value: object) -> Language:
    """Return the page's language from what the browser remembered."""
    return "zh" if value == "zh" else "en"


def in_words(error: PaperRagError) -> str:
    """Return an error as the sentence that the page shows."""
    return str(error)
