"""The commands that stay and serve: the page, and the notes as tools."""

from __future__ import annotations

import argparse
import json
import sys
from threading import Event
from typing import TYPE_CHECKING

from paperrag.commands.growing import open_asked, open_growing
from paperrag.commands.shared import ProgressBar, known_notes

if TYPE_CHECKING:
    from paperrag.assistant import Assistant
    from paperrag.index.reporting import IndexReport
    from paperrag.together import Together


def mcp(options: argparse.Namespace) -> int:
    """Serve the notes as tools over standard input and output, until the assistant hangs up."""
    from paperrag.page.stdio import serve_stdio

    assistant = open_asked(options)
    assistant.writer()  # a key that is missing is said now, not at the first question
    serve_stdio(assistant)
    return 0


def serve_page(options: argparse.Namespace) -> int:
    """Serve the page until interrupted, over one collection or several."""
    from paperrag.page.serving import ServeOptions, credentials, serve

    where = ServeOptions(options.host, options.port, options.auth, options.llm is not None)
    credentials(where)  # before anything is loaded
    asked = open_asked(options)
    asked.writer()  # a key that is missing is said now, not at the first question
    if options.watch:
        from paperrag.commands.watching import follow_beside

        for one in _each(asked):
            follow_beside(one)
    serve(asked, where, announce=_announce)
    return 0


def _each(asked: Assistant | Together) -> list[Assistant]:
    from paperrag.together import Together

    return [asked.one(name) for name in asked.names] if isinstance(asked, Together) else [asked]


def _announce(words: str) -> None:
    print(f"paperrag: {words}", flush=True)


def watch(options: argparse.Namespace) -> int:
    """Keep the index up to date until interrupted, and print each time what was taken in."""
    from paperrag.commands.watching import follow
    from paperrag.output.as_json import report_json
    from paperrag.output.reports import report_text

    def told(report: IndexReport, took_ms: float) -> None:
        is_json = options.json
        line = json.dumps(report_json(report, took_ms)) if is_json else report_text(report, took_ms)
        print(line, flush=True)

    assistant = open_growing(known_notes(options), options.config)
    with ProgressBar() as assistant.progress:
        assistant.build()
        print(f"paperrag: watching {assistant.settings.corpus}; Ctrl-C stops", file=sys.stderr)
        follow(assistant, told, Event())
    return 0
