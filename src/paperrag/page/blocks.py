"""The whole page: header, tabs and the entry drawer, which the page's script draws, in Gradio's
frame.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import gradio as gr
from gradio.events import api as named_endpoint

from paperrag.notes.folders import SUFFIXES
from paperrag.page.api import ENDPOINTS, Api, endpoint
from paperrag.page.given import as_language
from paperrag.page.strings import STRINGS, say
from paperrag.question.read import MAX_QUERY_CHARS

ASSETS = Path(__file__).parent / "assets"
STYLES = ("page.css", "ask.css", "library.css")
SCRIPTS = (
    "page.js",
    "header.js",
    "drawer.js",
    "model.js",
    "chat.js",
    "past.js",
    "library.js",
    "scatter.js",
    "map.js",
    "notes.js",
    "adding.js",
    "files.js",
    "collect.js",
)
"""In the order in which they must run: what all use comes first."""

TABS = ("ask", "library", "map", "collect", "notes")

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
    "Liberation Mono",
    "DejaVu Sans Mono",
    "Noto Sans Mono CJK SC",
    "monospace",
]


def build_page(api: Api) -> gr.Blocks:
    """Return the page as Gradio blocks, not yet served."""
    with gr.Blocks(title="paperrag", analytics_enabled=False, fill_width=True) as page:
        _add_endpoints(api)  # first: handlers of the same name must not take an endpoint's
        language = gr.BrowserState(None, storage_key="paperrag-language", secret="paperrag")
        with gr.Row(elem_id="pr-header"):
            _scripted("header")
            switch = gr.Button(
                say("en", "other_language"), size="sm", scale=0, min_width=72, elem_id="pr-language"
            )
            theme = gr.Button(
                say("en", "theme"), size="sm", scale=0, min_width=40, elem_id="pr-theme"
            )
        with gr.Tabs(elem_id="pr-tabs"):
            tabs = []
            for name in TABS:
                with gr.Tab(say("en", f"tab_{name}"), id=name, elem_id=f"pr-tab-{name}") as tab:
                    _scripted(name)
                tabs.append(tab)
        _scripted("drawer")
        theme.click(None, js="() => paperrag.toggleTheme()")
        # The script knows the language at once; the words that Gradio shows follow it.
        for event, told in (
            (page.load, "paperrag.language"),
            (switch.click, "paperrag.switchLanguage()"),
        ):
            event(_named, [language], [switch, theme, *tabs], js=f"() => [{told}]", **_PRIVATE)
    return cast(gr.Blocks, page)


_PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "queue": False}
"""Handlers of the page are neither endpoints nor tools, and never grey out what they will replace.

They answer the request itself. Gradio's queue answers over one stream for all events of a page,
which it closes when none is waiting: now and then an event that comes at that moment is lost.
"""


def _scripted(part: str) -> None:
    """Add the place of a part that the page's script draws and fills."""
    gr.HTML(
        f'<div data-part="{part}"></div>',
        js_on_load=f"paperrag.mount('{part}', element);",
        apply_default_css=False,
        elem_id=f"pr-part-{part}",
    )


def _named(language: object) -> list[Any]:
    """Return the words of the header's buttons and of the tabs in a language."""
    words = as_language(language)
    buttons = [gr.update(value=say(words, key)) for key in ("other_language", "theme")]
    return [*buttons, *(gr.update(label=say(words, f"tab_{name}")) for name in TABS)]


def page_assets(collections: Sequence[str] = ()) -> dict[str, Any]:
    """Return theme, style and script as `launch` takes them. collections: the names that one may
    choose from.
    """
    theme = gr.themes.Base(
        font=_FONT,
        font_mono=_MONO,
        primary_hue="teal",
        neutral_hue="slate",
        spacing_size="sm",
        text_size="md",
    )
    style = "\n".join(_asset(name) for name in STYLES)
    script = "\n".join(_asset(name) for name in SCRIPTS)
    words, names = _in_script(STRINGS), _in_script(list(collections))
    # The style goes into the head as it is: Gradio would rewrite the selectors of its `css`.
    head = (
        '<meta name="referrer" content="no-referrer">'
        f"<style>{style}</style><script>window.paperragWords = {words};\n"
        f"window.paperragQuestionChars = {MAX_QUERY_CHARS};\n"
        f"window.paperragNoteFiles = {_in_script(','.join((*SUFFIXES, '.zip')))};\n"
        f"window.paperragCollections = {names};\n{script}</script>"
    )
    return {"theme": theme, "head": head}


def _in_script(value: object) -> str:
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")


def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


def _add_endpoints(api: Api) -> None:
    """Name the endpoints that programs call; errors reach them as sentences."""
    for name in ENDPOINTS:
        named_endpoint(endpoint(api, name), api_name=name, queue=False)
