"""The commands that stay and serve: the page, and the notes as tools."""

from __future__ import annotations

import argparse

from paperrag.commands.shared import open_assistant


def mcp(options: argparse.Namespace) -> int:
    """Serve the notes as tools over standard input and output, until the assistant hangs up."""
    from paperrag.page.stdio import serve_stdio

    assistant = open_assistant(options)
    assistant.writer()  # a key that is missing is said now, not at the first question
    serve_stdio(assistant)
    return 0


def serve(options: argparse.Namespace) -> int:
    """Serve the page until interrupted."""
    from paperrag.page.serving import ServeOptions, credentials, serve

    where = ServeOptions(options.host, options.port, options.auth, options.llm is not None)
    credentials(where)  # before anything is loaded
    assistant = open_assistant(options)
    assistant.writer()  # a key that is missing is said now, not at the first question
    serve(assistant, where, announce=lambda words: print(f"paperrag: {words}", flush=True))
    return 0
