"""A script with remarks in its comments -> its comments as text, its code as code."""

from __future__ import annotations

from collections.abc import Sequence

from paperrag.text.patterns import lazy_pattern

_BEHIND = lazy_pattern(r"(?P<code>[^\s#'\"][^#'\"]*?)\s+#\s*(?P<said>\S.*)")
_QUOTES = ('"""', "'''")


def comments_of_code(lines: Sequence[str]) -> dict[int, str]:
    """Return what stands for the lines of a file that begins with `#!`: a comment behind code says
    something of what is called there.
    """
    if not lines[0].startswith("#!"):
        return {}
    meant = {0: ""}
    in_text = False
    for at, line in enumerate(lines[1:], 1):
        words = line.strip()
        if words.startswith(_QUOTES):
            in_text ^= not (len(words) > 3 and words.endswith(_QUOTES))
            meant[at] = words.strip("\"'")
        elif words.startswith("#"):
            meant[at] = words.lstrip("# ")
        elif words and not in_text:
            behind = _BEHIND.fullmatch(words)
            name = behind["code"].partition("=")[0].strip().lower() if behind else ""
            meant[at] = f"- {name}: {behind['said']}" if behind else f"`{words}`"
    return meant
