"""What machines wrote in a note, minified scripts and lines of base64 -> blanks, as many."""

from __future__ import annotations

import re

from paperrag.text.patterns import lazy_pattern

MOST_WORD_CHARS = 200
MINIFIED_CHARS = 1000
_MINIFIED = lazy_pattern(rf"[!-~]{{{MINIFIED_CHARS},}}")
_ENCODED_CHARS = 56
_ENCODED = lazy_pattern(
    rf"^(?:[ \t>]*[A-Za-z0-9+/]{{{_ENCODED_CHARS},}}={{0,2}}[ \t]*\n){{3,}}"
    r"(?:[ \t>]*[A-Za-z0-9+/]*={0,2}[ \t]*$)?",
    re.MULTILINE,
)
"""What machines wrote: runs without a blank, and lines of base64."""
_DEFINES = ("]:", "]: ")
_NOT_BLANK = lazy_pattern(r"[^\s]")

_LEAST_BLOB, _LEAST_ENCODED_LINES = 180, 3


def has_run(text: str, chars: int) -> bool:
    """Whether so many characters stand in a row without a blank; most are stepped over."""
    start = 0
    while start + chars <= len(text):
        blank = text.rfind(" ", start, start + chars)
        if blank < 0:
            window = text[start : start + chars]
            last = "" if window[-1].isspace() else window.split()[-1]
            if len(last) == chars:
                return True
            blank = start + chars - len(last) - 1
        start = blank + 1
    return False


def without_blobs(text: str) -> str:
    """Return the text with blanks in place of what machines wrote: minified and encoded runs."""
    if len(text) < _LEAST_BLOB:
        return text
    if text.count("\n") >= _LEAST_ENCODED_LINES and has_run(text, _ENCODED_CHARS):
        text = _ENCODED.sub(lambda match: blank(match[0]), text)
    if has_run(text, MINIFIED_CHARS):
        text = _MINIFIED.sub(_without_run, text)
    return text


def _without_run(match: re.Match[str]) -> str:
    """Blanks for a run, but for the label of a link and its brackets, or those of a definition."""
    run: str = match[0]
    defined, colon, _ = run[:MOST_WORD_CHARS].partition("]:")
    if match.string.endswith(_DEFINES, 0, match.start()):
        return "<".ljust(len(run) - 1) + ">"
    if colon and "](" not in defined:
        return f"{defined}]:<".ljust(len(run) - 1) + ">"
    label, brackets, _ = run.partition("](")
    if not brackets:
        return blank(run)
    return f"{label}](".ljust(len(run) - 1) + (")" if run.endswith(")") else " ")


def blank(text: str) -> str:
    """Return a text as long, with blanks in place of all but line ends."""
    return _NOT_BLANK.sub(" ", text)
