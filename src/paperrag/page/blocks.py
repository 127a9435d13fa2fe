"""The whole page: header, tabs, the entry drawer, language and freshness."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import gradio as gr
from gradio.events import api as named_endpoint

from paperrag.index.current import IndexStatus
from paperrag.page.api import ENDPOINTS, Api, endpoint
from paperrag.page.corpora import Corpora
from paperrag.page.given import as_language
from paperrag.page.notes import build_notes
from paperrag.page.render import esc
from paperrag.page.shared import PRIVATE, Shared, scripted
from paperrag.page.strings import STRINGS, say
from paperrag.question.read import MAX_QUERY_CHARS
from paperrag.records import Language

ASSETS = Path(__file__).parent / "assets"
POLL_S = 4.0
"""How often an open page looks whether the index was rebuilt elsewhere."""

STYLES = ("page.css", "ask.css", "library.css")
SCRIPTS = (
    "page.js",
    "drawer.js",
    "model.js",
    "chat.js",
    "past.js",
    "library.js",
    "scatter.js",
    "map.js",
    "notes.js",
    "collect.js",
)
"""In the order in which they must run: what all use comes first."""

TABS: dict[str, Callable[[Shared], object]] = {
    "ask": lambda _: scripted("ask"),
    "library": lambda _: scripted("library"),
    "map": lambda _: scripted("map"),
    "collect": lambda _: scripted("collect"),
    "notes": build_notes,
}

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


def build_page(corpora: Corpora, api: Api) -> gr.Blocks:
    """Return the page as Gradio blocks, not yet served."""
    with gr.Blocks(title="paperrag", analytics_enabled=False, fill_width=True) as page:
        _add_endpoints(api)  # first: handlers of the same name must not take an endpoint's
        shared = Shared(
            corpora=corpora,
            language=gr.BrowserState(None, storage_key="paperrag-language", secret="paperrag"),
            generation=gr.Textbox(
                "", visible="hidden", show_label=False, container=False, elem_id="pr-generation"
            ),
        )
        with gr.Row(elem_id="pr-header"):
            status = gr.HTML(
                _brand_html("", "en", ""), elem_id="pr-status", apply_default_css=False,
                js_on_load="watch('value', () => paperrag.painted(element)); paperrag.painted(element);",
            )  # fmt: skip
            switch = gr.Button(
                say("en", "other_language"), size="sm", scale=0, min_width=72, elem_id="pr-language"
            )
            theme = gr.Button(
                say("en", "theme"), size="sm", scale=0, min_width=40, elem_id="pr-theme"
            )
        with gr.Tabs(elem_id="pr-tabs"):
            tabs = []
            for name, build in TABS.items():
                with gr.Tab(say("en", f"tab_{name}"), id=name, elem_id=f"pr-tab-{name}") as tab:
                    build(shared)
                tabs.append(tab)
        scripted("drawer")
        frame = _Frame(shared)
        shared.paint(frame.paint, [shared.generation], [status, switch, theme, *tabs])
        theme.click(None, js="() => paperrag.toggleTheme()")
        _wire(page, shared, frame, switch)
    return cast(gr.Blocks, page)


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
        f"window.paperragCollections = {names};\n{script}</script>"
    )
    return {"theme": theme, "head": head}


def _in_script(value: object) -> str:
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")


def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


def _wire(page: gr.Blocks, shared: Shared, frame: _Frame, switch: gr.Button) -> None:
    # The script knows the language at once; what Python redraws is told of it each time.
    switched = switch.click(None, None, [shared.language], js="() => paperrag.switchLanguage()")
    page.load(None, None, [shared.language], js="() => paperrag.language")
    for paint, inputs, outputs in shared.painters:
        for event in (switched.then, shared.generation.change):
            event(paint, inputs, outputs, js=_IN_LANGUAGE, **PRIVATE)
    page.load(shared.stamp, None, [shared.generation], **PRIVATE)
    gr.Timer(POLL_S).tick(frame.poll, [shared.generation], [shared.generation], **PRIVATE)


_IN_LANGUAGE = "(language, ...others) => [paperrag.language, ...others]"


def _add_endpoints(api: Api) -> None:
    """Name the endpoints that programs call; errors reach them as sentences."""
    for name in ENDPOINTS:
        named_endpoint(endpoint(api, name), api_name=name, queue=False)


class _Frame:
    def __init__(self, shared: Shared) -> None:
        self._shared = shared

    def poll(self, shown: str | None) -> Any:
        """Return the state of the index if it is another than the one that is shown."""
        stamp = self._shared.stamp()
        return gr.skip() if stamp == shown else stamp

    def paint(self, language: object, stamp: str) -> tuple[Any, ...]:
        """Redraw the header and the names of the tabs; the header tells the script of both."""
        words = as_language(language)
        tabs = [gr.update(label=say(words, f"tab_{name}")) for name in TABS]
        buttons = [gr.update(value=say(words, key)) for key in ("other_language", "theme")]
        return _header_html(self._shared.statuses(), words, stamp), *buttons, *tabs


def _header_html(statuses: Sequence[IndexStatus | None], language: Language, stamp: str) -> str:
    facts = f'<span class="pr-faint">{say(language, "no_index")}</span>'
    known = [status for status in statuses if status]
    manifests = [status.manifest for status in known if status.manifest]
    if manifests:
        files = sum(len(one.files) for one in manifests)
        counts = say(
            language,
            "indexed_one" if files == 1 else "indexed",
            entries=sum(one.entries for one in manifests),
            files=files,
        )
        changed = sum(len(one.changed_files) + len(one.removed_files) for one in known)
        folders = "\n".join(str(one.settings.corpus) for one in known)
        stale = (
            f' · <b class="pr-stale">{say(language, "stale_one" if changed == 1 else "stale", count=changed)}</b>'
            if changed
            else ""
        )
        facts = f'<span class="pr-faint" title="{esc(folders)}">{counts}{stale}</span>'
    return _brand_html(facts, language, stamp)


def _brand_html(facts: str, language: Language, stamp: str) -> str:
    code = "zh-CN" if language == "zh" else "en"
    return f'<div class="pr-brand" lang="{code}" data-stamp="{esc(stamp)}"><h1>paperrag</h1>{facts}</div>'
