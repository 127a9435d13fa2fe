"""Mind maps of Mermaid -> lists of Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from paperrag.notes.foreign.fences import Fence, fences_in
from paperrag.text.patterns import lazy_pattern

_NODE = lazy_pattern(
    r"(?P<indent>[ \t]*)[\w-]*(?P<open>[\[({)]{1,2})(?P<words>.+?)[\])}(]{1,2}[ \t]*"
)
"""A node that is drawn in a shape: root((Peat)), b[wet], c{{dry}}."""
_MARKUP = ("::", ":::", "%%")
_KEPT_IN_QUOTES = '"`'


def mind_maps(lines: Sequence[str]) -> dict[int, str]:
    """Return what stands for the lines of mind maps in blocks of code."""
    return {
        at: line
        for fence in fences_in(lines)
        if fence.language == "mermaid" and lines[fence.first + 1].strip() == "mindmap"
        for at, line in _items(lines, fence)
    }


def _items(lines: Sequence[str], fence: Fence) -> Iterator[tuple[int, str]]:
    yield fence.first, ""
    yield fence.first + 1, ""
    yield fence.last, ""
    for at in range(fence.first + 2, fence.last):
        line = lines[at]
        words = line.strip()
        shaped = _NODE.fullmatch(line)
        told = (shaped["words"] if shaped else words).strip(_KEPT_IN_QUOTES)
        indent = line[: len(line) - len(line.lstrip())]
        yield at, "" if not words or words.startswith(_MARKUP) else f"{indent}- {told}"
