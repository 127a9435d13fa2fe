"""Fields and tags that stand among the words of a note: `key:: value`, `#tag/sub`."""

from __future__ import annotations

import re

_KEY = r"[A-Za-z_][\w./-]*|[^\W\da-zA-Z_]{1,12}"
_FIELD = re.compile(
    rf"^[ \t>]*(?:[-*+][ \t]+)?\**(?P<key>{_KEY})\**::\**[ \t]+(?P<value>.*)|\[(?P<inner>{_KEY})::[ \t]+(?P<told>[^\n\]]*)\]",
    re.MULTILINE,
)
_HAS_FIELD = re.compile(r"::\**\s")
_NO_DATA = frozenset({"id", "collapsed"})
_TAG = re.compile(r"(?:^|(?<=[\s，。；、]))#([^\W\d_][\w/-]*)")
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|<[A-Za-z/][^<>]*>", re.DOTALL)
_LIST = re.compile(r"\[\[([^\[\]]*)\]\]")


def fields_in(text: str) -> dict[str, str]:
    """Return the fields of a text by name in lower case: `year:: 2024`, `[venue:: ICLR]`."""
    if not _HAS_FIELD.search(text):
        return {}
    found = {}
    for match in _FIELD.finditer(_CODE.sub("", text)):
        key = (match["key"] or match["inner"]).lower()
        value = _LIST.sub(r"\1", match["value"] or match["told"] or "").strip()
        if value and key not in _NO_DATA:
            found[key] = value
    return found


def tags_in(text: str) -> tuple[str, ...]:
    """Return the tags of a text without their sign, each once."""
    if "#" not in text:
        return ()
    return tuple(dict.fromkeys(_TAG.findall(_CODE.sub("", text))))
