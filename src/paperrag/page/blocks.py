"""The whole page: header, tabs, the entry drawer, language and freshness."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import gradio as gr
from gradio.events import api as named_endpoint

from paperrag.assistant import Assistant, Status
from paperrag.errors import PaperRagError
from paperrag.page.api import ENDPOINTS, Api, endpoint
from paperrag.page.ask import build_ask
from paperrag.page.library import build_library
from paperrag.page.map import build_map
from paperrag.page.notes import build_notes
from paperrag.page.render import esc
from paperrag.page.shared import LATEST, PRIVATE, Shared, as_language, live_html
from paperrag.page.strings import say
from paperrag.page.viewer import Viewer
from paperrag.records import Language

ASSETS = Path(__file__).parent / "assets"
POLL_S = 4.0
"""How often an open page looks whether the index was rebuilt elsewhere."""

TABS = {"ask": build_ask, "library": build_library, "map": build_map, "notes": build_notes}

_FONT = [
    "system-ui",
    "-apple-system",
    "Segoe UI",
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "Noto Sans CJK SC",
]
_MONO = [
    "ui-monospace",
    "SF Mono",
    "Cascadia Mono",
    "Menlo",
    "Consolas",
    "Noto Sans Mono CJK SC",
    "monospace",
]


def build_page(assistant: Assistant, api: Api) -> gr.Blocks:
    """Return the page as Gradio blocks, not yet served."""
    with gr.Blocks(title="paperrag", analytics_enabled=False, fill_width=True) as page:
        _add_endpoints(api)  # first: handlers of the same name must not take an endpoint's
        shared = Shared(
            assistant=assistant,
            language=gr.BrowserState(None, storage_key="paperrag-language", secret="paperrag"),
            generation=gr.Textbox(
                "", visible="hidden", show_label=False, container=False, elem_id="pr-generation"
            ),
            turns=gr.State(()),
            viewer=live_html("", ("open", "note"), "pr-viewer", render=False),
        )
        with gr.Row(elem_id="pr-header"):
            status = gr.HTML(_brand_html("", "en"), elem_id="pr-status", apply_default_css=False)
            switch = gr.Button(
                say("en", "other_language"), size="sm", scale=0, min_width=72, elem_id="pr-language"
            )
            theme = gr.Button(
                say("en", "theme"), size="sm", scale=0, min_width=40, elem_id="pr-theme"
            )
        with gr.Tabs(elem_id="pr-tabs"):
            tabs = {}
            for name, build in TABS.items():
                with gr.Tab(say("en", f"tab_{name}"), id=name, elem_id=f"pr-tab-{name}") as tabs[
                    name
                ]:
                    build(shared)
        shared.viewer.render()  # type: ignore[no-untyped-call]
        frame = _Frame(shared)
        shared.paint(frame.paint, [], [status, switch, theme, *tabs.values()])
        for name, (function, inputs, outputs) in shared.selected.items():
            tabs[name].select(function, inputs, outputs, **PRIVATE)
        theme.click(None, js="() => paperrag.toggleTheme()")
        _wire(page, shared, frame, switch)
    return cast(gr.Blocks, page)


def page_assets() -> dict[str, Any]:
    """Return theme, style and script as `launch` takes them."""
    theme = gr.themes.Base(
        font=_FONT,
        font_mono=_MONO,
        primary_hue="teal",
        neutral_hue="slate",
        spacing_size="sm",
        text_size="md",
    )
    script, style = (
        (ASSETS / name).read_text(encoding="utf-8") for name in ("page.js", "page.css")
    )
    # The style goes into the head as it is: Gradio would rewrite the selectors of its `css`.
    head = f'<meta name="referrer" content="no-referrer"><style>{style}</style><script>{script}</script>'
    return {"theme": theme, "head": head}


def _wire(page: gr.Blocks, shared: Shared, frame: _Frame, switch: gr.Button) -> None:
    viewer = Viewer(shared.assistant)
    for part in (*shared.openers, shared.viewer):
        part.open(viewer.open, [shared.language], shared.viewer, **LATEST)
        part.note(viewer.note, [shared.language], shared.viewer, **LATEST)
    switched = switch.click(frame.switch, [shared.language], [shared.language], **PRIVATE)
    for paint, inputs, outputs in shared.painters:
        switched.then(paint, inputs, outputs, **PRIVATE)
        shared.generation.change(paint, inputs, outputs, **PRIVATE)
    for translate, inputs, outputs in shared.translators:
        switched.then(translate, inputs, outputs, **PRIVATE)
    page.load(frame.load, [shared.language], [shared.language, shared.generation], **PRIVATE)
    gr.Timer(POLL_S).tick(frame.poll, [shared.generation], [shared.generation], **PRIVATE)


def _add_endpoints(api: Api) -> None:
    """Name the endpoints that programs call; errors reach them as sentences."""
    for name in ENDPOINTS:
        named_endpoint(endpoint(api, name), api_name=name, queue=False)


class _Frame:
    def __init__(self, shared: Shared) -> None:
        self._shared = shared

    def load(self, language: object, request: gr.Request) -> tuple[str, str]:
        """Return the remembered language, else the browser's, and which index is shown."""
        preferred = str(request.headers.get("accept-language", ""))
        first: Language = "zh" if preferred.lower().startswith("zh") else "en"
        return str(language or first), self._shared.stamp()

    def poll(self, shown: str | None) -> Any:
        """Return the state of the index if it is another than the one that is shown."""
        stamp = self._shared.stamp()
        return gr.skip() if stamp == shown else stamp

    def switch(self, language: object) -> str:
        """Return the other language."""
        return "en" if as_language(language) == "zh" else "zh"

    def paint(self, language: object) -> tuple[Any, ...]:
        """Redraw the header and the names of the tabs."""
        words = as_language(language)
        tabs = [gr.update(label=say(words, f"tab_{name}")) for name in TABS]
        buttons = [gr.update(value=say(words, key)) for key in ("other_language", "theme")]
        return _header_html(self._status(), words), *buttons, *tabs

    def _status(self) -> Status | None:
        try:
            return self._shared.assistant.status()
        except PaperRagError:
            return None


def _header_html(status: Status | None, language: Language) -> str:
    facts = f'<span class="pr-faint">{say(language, "no_index")}</span>'
    if status and status.manifest:
        files = len(status.manifest.files)
        counts = say(
            language,
            "indexed_one" if files == 1 else "indexed",
            entries=status.manifest.entries,
            files=files,
        )
        changed = len(status.changed_files) + len(status.removed_files)
        stale = (
            f' · <b class="pr-stale">{say(language, "stale_one" if changed == 1 else "stale", count=changed)}</b>'
            if changed
            else ""
        )
        facts = (
            f'<span class="pr-faint" title="{esc(status.settings.corpus)}">{counts}{stale}</span>'
        )
    return _brand_html(facts, language)


def _brand_html(facts: str, language: Language) -> str:
    return f'<div class="pr-brand" lang="{"zh-CN" if language == "zh" else "en"}"><h1>paperrag</h1>{facts}</div>'
