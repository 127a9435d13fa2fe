"""Paragraphs of LaTeX with a name, `\\paragraph{Name.} Text`, -> items; comments are nothing."""

from __future__ import annotations

from collections.abc import Sequence

from paperrag.text.patterns import lazy_pattern

_PARAGRAPH = lazy_pattern(
    r"\\(?:sub)?paragraph\*?\{(?P<name>[^{}]*(?:\{[^{}]*\}[^{}]*)*)\}[ \t]*(?P<text>.*)"
)
_LABEL = lazy_pattern(r"\\label\{[^{}]*\}")
_COMMENT = lazy_pattern(r"(?<!\\)%.*")


def latex_paragraphs(lines: Sequence[str]) -> dict[int, str]:
    """Return what stands for named paragraphs, and for all lines with comments or labels beside."""
    told = {at: _COMMENT.sub("", _LABEL.sub("", line)).rstrip() for at, line in enumerate(lines)}
    named = {at: found for at, line in told.items() if (found := _PARAGRAPH.fullmatch(line))}
    items = {at: _item(found["name"], found["text"]) for at, found in named.items()}
    return {at: line for at, line in told.items() if line != lines[at]} | items if items else {}


def _item(name: str, text: str) -> str:
    return f"- **{name}** {text}" if text else f"- {name}"
