"""Fields and tags among the words of a note: `key:: value`, `#tag/sub`, Org's drawers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from paperrag.text.folding import fold
from paperrag.text.language import HAN_CHAR
from paperrag.text.markers import ITEM
from paperrag.text.patterns import lazy_pattern

_KEY = r"[A-Za-z_][\w./-]*|[^\W\da-zA-Z_]{1,12}"
_FIELD = lazy_pattern(
    rf"^[ \t>]*(?:[-*+][ \t]+)?\**(?P<key>{_KEY})\**::\**[ \t]+(?P<value>.*)|[\[(](?P<inner>{_KEY})::[ \t]+(?P<told>[^\n\])]*)[\])]",
    re.MULTILINE,
)
_HAS_FIELD = lazy_pattern(r"::\**\s")
_OF_ORG = lazy_pattern(r"^[ \t]*(?:#\+([A-Za-z_]+):|:([\w-]+):)(?:[ \t]+(.*))?$")
_HEADLINE_TAGS = lazy_pattern(r"^\*+[ \t].*?[ \t]:((?:[\w@%-]+:)+)[ \t]*$", re.MULTILINE)
_NO_DATA = frozenset({"id", "fn", "collapsed", "caption", "name", "results", "options", "startup"})
_TAG = lazy_pattern(
    r"#(?<![^\s，。；、]#)(?!(?=[a-fA-F]*\d)(?:[0-9a-fA-F]{3}){1,2}(?:[0-9a-fA-F]{2})?\b)([^\W\d_][\w/-]*(?:[ \w/-]*\w\w(?=\#(?!\w)))?)"
)
"""A tag, in Bear of several words up to another sign; a colour is none."""
_CODE = lazy_pattern(r"```.*?(?:```|\Z)|`[^`\n]*`|<[A-Za-z/][^<>]*>", re.DOTALL)
_LABELS = {
    "title": "title|paper title|full title|标题|题目|论文标题|论文题目|论文名称|论文名|论文",
    "authors": "authors|author|creators|作者|著者",
    "affiliation": "affiliation|affiliations|institution|institutions|organization|organisation|org|机构|单位",
    "year": "year|年份|发表年份",
    "venue": "venue|conference|journal|会议|期刊|发表会议|发表期刊|发表于",
    "status": "status|状态|阅读状态",
    "rating": "rating|stars|评分|打分|评级|推荐指数",
    "recommended": "recommended|recommended by|recommended_by|recommended-by|recommender|推荐人|推荐者|推荐",
    "rerun": "rerun|reran|re-run|re-ran|reproduced|reproduction|重跑|复现|跑过|跑了|跑通",
    "date": "date|published|日期|发表日期|发表时间",
    "tags": "tags|tag|document tags|keywords|标签|关键词|关键字",
    "url": "url|link|paper|论文链接|原文链接|链接",
    "doi": "doi",
    "arxiv": "arxiv",
    "code": "code|github|代码",
}
"""What the fields of a paper are called in lists of them."""
BYLINE = "byline"
"""What the fields are called that say who wrote a paper, and where, without a label."""
_FIELD_OF_LABEL = {label: name for name, labels in _LABELS.items() for label in labels.split("|")}
_NAMED = frozenset({"title", "authors", "venue"})
"""Fields whose value is a name and no sentence."""
_SUMMARIES = frozenset("abstract tldr tl;dr 摘要 总结".split())
"""Fields of a paper whose value is words."""
_OTHERS_OF_PAPER = frozenset("pdf links urls uid project repo keyword citekey".split()) | {
    "project page",
    "cite key",
    "date added",
    "item type",
    "topics",
    "category",
}
_ENDINGS_OF_PAPER = (
    *_SUMMARIES,
    *"链接 地址 作者 代码 机构 单位 论文 标题 题目 原文 发表 会议 期刊 出处 来源 日期 时间 年份 主页 项目 关键词 标签".split(),
)
"""How fields of a paper are called, in Chinese with up to four characters before: 代码链接."""
_MOST_BEFORE = 4
_HEADS_FIELDS = frozenset(
    "metadata info information properties 论文信息 基本信息 文献信息 元数据 元信息 信息".split()
)
_OF_PROGRAMS = frozenset(
    "alias aliases type public icon template template-including-parent filters file file-path exclude-from-graph-view"
    " background-color heading collapsed card-last-interval card-repeats card-ease-factor card-next-schedule"
    " card-last-reviewed card-last-score ls-type hl-page hl-color hl-type hl-stamp created created-at updated updated-at"
    " query-table query-properties cssclass cssclasses class id item-type library-catalog".split()
)
"""Fields that Logseq, Obsidian and Zotero write for themselves."""
_NO_WORDS = lazy_pattern(
    r"\[\[[^\[\]]*\]\]|\[[^\[\]]*\]\([^()]*\)|\S*://\S*|#\S+|\d[\d\W]*|[^\w\s]+"
)
_FEWEST_WORDS = 2
_NAME_OF_FIELD = lazy_pattern(r"[^\W\d_][\w\s/?-]*(?<!https)")
_ENDS_SENTENCE = ("。", "；", "！", "？")
FACT_CHARS = 60
"""Longest value of a field that is data rather than words."""

_LABELLED = lazy_pattern(
    rf"[ \t>]*+(?P<bullet>{ITEM}[ \t]+)?\**:?(?P<label>[^\s:：*][^\n:：*]{{0,19}}?)[ \t]*\**(?:::?|：)(?!(?<=\d:)\d)"
    r"\**[ \t]*(?P<value>[^\n]*)"
)
_LINK_ALONE = lazy_pattern(r"\[[^\[\]\n]*\]\([^()\n]*\)\s*")
_LIST = lazy_pattern(r"\[\[([^\[\]]*)\]\]")


def fields_in(text: str) -> dict[str, str]:
    """Return the fields of a text by name in lower case: `year:: 2024`, `[venue:: ICLR]`, what
    Org's drawers and `#+KEY:` lines say.
    """
    found = dict(_fields_of_org(text)) if ":PROPERTIES:" in text or "#+" in text else {}
    if not _HAS_FIELD.search(text):
        return found
    for match in _FIELD.finditer(_CODE.sub("", text)):
        key = (match["key"] or match["inner"]).lower()
        value = _LIST.sub(r"\1", match["value"] or match["told"] or "").strip()
        if value and key not in _NO_DATA:
            found[key] = value
    return found


def _fields_of_org(text: str) -> Iterator[tuple[str, str]]:
    in_drawer = False
    for line in text.split("\n"):
        match = _OF_ORG.match(line)
        key = (match[1] or match[2]).lower() if match else ""
        if key in ("properties", "end"):
            in_drawer = key == "properties"
        elif match and match[3] and (in_drawer or match[1]) and key not in _NO_DATA:
            is_tags = key == "filetags"
            value = match[3].strip()
            yield ("tags", value.strip(":").replace(":", " ")) if is_tags else (key, value)


def labelled_fields(text: str) -> dict[str, str]:
    """Return what the lines and items `Label: value` of a text say of a paper, by the fields' own
    names.
    """
    found: dict[str, str] = {}
    for line in text.split("\n"):
        match = _labelled(line)
        name = field_of_label(match["label"]) if match else None
        value = _value(match).strip(" \t\\") if match else ""
        if match and name == "url" and match["label"].lower() == "paper" and not _links(value):
            name = "title"
        is_said = name in _NAMED and value.endswith("。")  # 作者：会，已注明。
        if name and value and not is_said:
            found.setdefault(name, _LIST.sub(r"\1", value))
    return found


def _links(value: str) -> bool:
    """Whether an address, or a link, stands in a value."""
    return "://" in value or "](" in value or "[[" in value or "www." in value


def _labelled(line: str) -> re.Match[str] | None:
    """The label and value of a line; a row of a table has them where its first cell of two is what
    a field of a paper is called.
    """
    if line.startswith("|"):
        cells = line.strip("| \t").split("|")
        is_field = len(cells) == 2 and is_of_paper(cells[0].strip("*:： "))
        return _LABELLED.match(":".join(cells)) if is_field else None
    if line.startswith("【"):
        line = line[1:].replace("】", "：", 1)
    return _LABELLED.match(line) if ":" in line or "：" in line else None


def any_fields(text: str) -> Iterator[tuple[str, str]]:
    """Yield what lines and items `Label: value` of a text say, whatever they call it, labels in
    lower case.
    """
    for line in text.split("\n"):
        field = None if line.startswith("#") else label_and_value(line)
        if field and field[1].strip("/ ") and _NAME_OF_FIELD.fullmatch(field[0]):
            yield field[0].strip().lower(), _LIST.sub(r"\1", field[1].strip())


def label_and_value(line: str) -> tuple[str, str] | None:
    """Return the label of a line or item `Label: value`, and what stands behind it on the line."""
    match = _labelled(line)
    return (match["label"], _value(match)) if match else None


def _value(match: re.Match[str]) -> str:
    """The value of a field, without the sign that ends what is bold with its label."""
    value = match["value"]
    return value.rstrip().removesuffix("**") if value.count("**") % 2 else value


def is_of_paper(label: str) -> bool:
    """Whether a label is that of a field of a paper: Authors, 代码链接, TL;DR."""
    label = label.lower()
    if label in _FIELD_OF_LABEL or label in _OTHERS_OF_PAPER or label in _SUMMARIES:
        return True
    ending = next((end for end in _ENDINGS_OF_PAPER if label.endswith(end)), "")
    return bool(ending) and label.isalpha() and len(label) <= len(ending) + _MOST_BEFORE


def is_of_program(label: str) -> bool:
    """Whether a field is one that a program writes for itself: id, cssclass, ls-type."""
    return label.lower() in _OF_PROGRAMS


def holds_words(label: str, value: str) -> bool:
    """Whether a field holds words of its writer: it is none of a paper or a program, and called by
    several words or says more than addresses, names of notes, tags, figures and a single word.
    """
    if is_of_program(label) or (is_of_paper(label) and not is_summary(label)):
        return False
    words = _NO_WORDS.sub(" ", value)
    return " " in label or len(words.split()) + len(HAN_CHAR.findall(words)) // 2 >= _FEWEST_WORDS


def is_summary(label: str) -> bool:
    """Whether a label is that of a field whose value is words: TL;DR, 摘要."""
    return any(map(label.lower().endswith, _SUMMARIES))


def heads_fields(heading: str) -> bool:
    """Whether a heading says that fields of a paper stand below it: Metadata, 论文信息."""
    return heading.strip(" \t#*:：").lower() in _HEADS_FIELDS


def words_of_field(text: str) -> str:
    """Return what a text says to a reader: of `TL;DR: …` what stands behind it, of any other field
    of a paper, or one that only links, nothing, all of what is no field. The value of a field is no
    sentence of Chinese.
    """
    field = label_and_value(text)
    if field is None or not (is_of_paper(field[0]) or _LINK_ALONE.fullmatch(field[1])):
        return text
    label, value = field
    if is_summary(label):
        return text[text.index(value, len(label)) :]
    return text if value.rstrip().endswith(_ENDS_SENTENCE) else ""


def leading_fields(text: str) -> dict[str, str]:
    """Return what the first paragraph of a text says of a paper, if it is nothing but lines
    `Label: value`, filled in or not, and some label is known, or of a table; {} for any other.
    """
    paragraph = text.strip("\n").partition("\n\n")[0]
    lines = paragraph.split("\n")
    is_table = all(line.startswith("|") for line in lines)
    found = list(map(_labelled, lines))
    labels = [field["label"] for field in found if field and not field["bullet"]]
    is_all = len(set(labels)) == len(lines)  # of several papers if it says Title: twice
    return labelled_fields(paragraph) if is_table or is_all else {}


@lru_cache(maxsize=512)
def field_of_label(label: str) -> str | None:
    """Return the field that a label names in either language, None if it names none."""
    label = label.strip(" \t*").lower()
    return _FIELD_OF_LABEL.get(label) or (
        None if label.isascii() else _FIELD_OF_LABEL.get(fold(label))
    )


def labels_of(field: str) -> list[str]:
    """Return what a field of a paper is called in either language."""
    return _LABELS[field].split("|")


def tags_in(text: str) -> tuple[str, ...]:
    """Return the tags of a text without their sign, each once."""
    if "#" not in text:
        return ()
    return tuple(dict.fromkeys(_TAG.findall(_CODE.sub("", text))))


def headline_tags(text: str) -> tuple[str, ...]:
    """Return the tags of an Org headline that a text begins with."""
    headline = _HEADLINE_TAGS.match(text) if text.startswith("*") else None
    return tuple(headline[1].strip(":").split(":")) if headline else ()


def without_headline_tags(text: str) -> str:
    """Return a text with blanks in place of the tags of an Org headline that it begins with."""
    headline = _HEADLINE_TAGS.match(text) if text.startswith("*") else None
    if headline is None:
        return text
    start, end = headline.start(1) - 1, headline.end(1)
    return f"{text[:start]}{' ' * (end - start)}{text[end:]}"
