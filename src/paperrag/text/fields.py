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
_LABELS = {
    "title": "title|paper title|标题|题目|论文标题|论文题目|论文名称|论文",
    "authors": "authors|author|作者",
    "year": "year|年份|发表年份",
    "venue": "venue|conference|journal|会议|期刊|发表会议|发表期刊|发表于",
    "status": "status|状态|阅读状态",
}
"""What the fields of a paper are called in lists of them."""
_FIELD_OF_LABEL = {label: name for name, labels in _LABELS.items() for label in labels.split("|")}
_LABELLED = re.compile(
    r"^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?\**([^\n:：*]{1,20}?)\**[:：]\**[ \t]*(\S.*)$",
    re.MULTILINE,
)
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


def labelled_fields(text: str) -> dict[str, str]:
    """Return what the lines `Label: value` of a text say of a paper, by the fields' own names."""
    found: dict[str, str] = {}
    for label, value in _LABELLED.findall(text):
        if name := field_of_label(label):
            found.setdefault(name, value.strip())
    return found


def field_of_label(label: str) -> str | None:
    """Return the field that a label names in either language, None if it names none."""
    return _FIELD_OF_LABEL.get(label.strip(" \t*").lower())


def tags_in(text: str) -> tuple[str, ...]:
    """Return the tags of a text without their sign, each once."""
    if "#" not in text:
        return ()
    return tuple(dict.fromkeys(_TAG.findall(_CODE.sub("", text))))
