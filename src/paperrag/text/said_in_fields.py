"""Front matter -> what its fields say in sentences or in fields of their own, with blanks in place
of all else.

`main: Posts with holes held nests.` is data of no paper and words of its reader; so is `results:
{coco: 41.2}`, each figure behind what it is called.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from paperrag.text.blobs import blank
from paperrag.text.fields import is_of_paper, is_of_program, is_summary
from paperrag.text.language import HAN_CHAR
from paperrag.text.patterns import lazy_pattern
from paperrag.text.wraps import WRAP

_FIELD = lazy_pattern(
    r"(?P<key>[^\W\d_][\w -]{0,30}):[ \t]+(?P<mark>[|>][+-]?[ \t]*$|[\"']?)(?P<said>.*?)(?P<end>[\"']?[ \t]*)"
)
_HEAD = lazy_pattern(
    r"(?P<key>[^\W\d_][\w -]{0,30}):[ \t]*(?P<value>.*)|\[+(?P<table>[\w. -]+)\]+[ \t]*"
)
"""The first line of a field, or of a table of TOML."""
_OWN_FIELD = lazy_pattern(r"[ \t]*(?:-[ \t]+)?[^\s:=#][^:=]{0,40}(?::|[ \t]=)[ \t]+\S.*")
_ITEM_OF_LIST = lazy_pattern(r"^[ \t]*-[ \t]")
_NO_SENTENCE = lazy_pattern(r"://|^[\[{&*!]")
_LEAST_WORDS = 5
"""Words of a sentence at least; two Chinese characters say as much as one."""


def with_sentences_only(block: str) -> str:
    """Return a block of front matter as long as it was, only with the sentences in its fields."""
    return "\n".join(_fields(block.split("\n")))


def _fields(lines: Sequence[str]) -> Iterator[str]:
    """Yield what is said in each field; what is indented below it goes on with it."""
    at, is_toml = 0, lines[0].startswith("+")
    while at < len(lines):
        end = at + 1
        is_table = is_toml and lines[at].startswith("[")
        while end < len(lines) and _goes_on(lines[end], is_table):
            end += 1
        yield _said(lines[at], lines[at + 1 : end])
        at = end


def _goes_on(line: str, is_table: bool) -> bool:
    if is_table:
        return not line.startswith(("[", "+"))
    return line[:1] in (" ", "\t") or line.startswith("- ")


def _said(line: str, below: Sequence[str]) -> str:
    head = _HEAD.fullmatch(line)
    key, value = (head["key"] or head["table"], head["value"] or "") if head else ("", "")
    if not key or is_of_program(key) or (is_of_paper(key) and not is_summary(key)):
        return "\n".join(map(blank, (line, *below)))
    if value.startswith(("{", "[{")) or any(map(_OWN_FIELD.fullmatch, below)):
        return _own_fields(line, below)
    return _sentence(line, below)


def _own_fields(line: str, below: Sequence[str]) -> str:
    """A field that holds fields: in one sentence, or one for each of a list."""
    said = line
    for number, one in enumerate(below):
        is_next = number > 0 and _ITEM_OF_LIST.match(one)
        said += f"\n{one}" if is_next else f"{WRAP}{_ITEM_OF_LIST.sub(_blank, one, count=1)}"
    return said


def _blank(match: re.Match[str]) -> str:
    return blank(match[0])


def _sentence(line: str, below: Sequence[str]) -> str:
    field = _FIELD.fullmatch(line)
    if field is None:
        items = (one if _is_sentence(one) else blank(one) for one in below)
        return "\n".join([blank(line), *items])
    if not _is_sentence(" ".join([field["said"], *below])):
        return "\n".join(map(blank, (line, *below)))
    first = f"{blank(line[: field.start('said')])}{field['said']}{blank(field['end'])}"
    return WRAP.join([first, *below])


def _is_sentence(text: str) -> bool:
    words = len(text.split()) + len(HAN_CHAR.findall(text)) // 2
    return words >= _LEAST_WORDS and not _NO_SENTENCE.search(text.strip())
