"""An answer that an LLM writes -> a line on the terminal that shows how it grows.

What is printed for good is the whole answer, proved.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from paperrag.records import Answer

_CLEAR = "\r\x1b[K"


def watched(steps: Iterator[tuple[Answer, float]]) -> Iterator[tuple[Answer, float]]:
    """Yield the steps of an answer; where an LLM writes it and stderr is a terminal, show each
    there on one line, which is gone at the end.
    """
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield from steps
        return
    from paperrag.output.terminal import growing_line

    is_shown = False
    try:
        for answer, took_ms in steps:
            if answer.mode == "llm" and answer.usage is None:
                line = growing_line(answer, shutil.get_terminal_size().columns)
                print(_CLEAR + line, end="", file=sys.stderr, flush=True)
                is_shown = True
            yield answer, took_ms
    finally:
        if is_shown:
            print(_CLEAR, end="", file=sys.stderr, flush=True)
