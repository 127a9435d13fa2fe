"""Front matter -> the sentences that its fields say, with blanks in place of all else.

`main: Posts with holes held nests.` is data of no paper and words of its reader.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from paperrag.text.blobs import blank
from paperrag.text.fields import is_of_paper, is_summary
from paperrag.text.language import HAN_CHAR
from paperrag.text.patterns import lazy_pattern
from paperrag.text.wraps import WRAP

_FIELD = lazy_pattern(
    r"(?P<key>[^\W\d_][\w -]{0,30}):[ \t]+(?P<mark>[|>][+-]?[ \t]*$|[\"']?)(?P<said>.*?)(?P<end>[\"']?[ \t]*)"
)
_NO_SENTENCE = lazy_pattern(r"://|^[\[{&*!]")
_LEAST_WORDS = 5
"""Words of a sentence at least; two Chinese characters say as much as one."""


def with_sentences_only(block: str) -> str:
    """Return a block of front matter as long as it was, only with the sentences in its fields."""
    return "\n".join(_fields(block.split("\n")))


def _fields(lines: Sequence[str]) -> Iterator[str]:
    """Yield what is said in each field; what is indented below it goes on with it."""
    at = 0
    while at < len(lines):
        end = at + 1
        while end < len(lines) and lines[end][:1] in (" ", "\t"):
            end += 1
        yield _said(lines[at], lines[at + 1 : end])
        at = end


def _said(line: str, below: Sequence[str]) -> str:
    field = _FIELD.fullmatch(line)
    is_words = field is not None and (is_summary(field["key"]) or not is_of_paper(field["key"]))
    if field is None or not is_words or not _is_sentence(" ".join([field["said"], *below])):
        return "\n".join(map(blank, (line, *below)))
    first = f"{blank(line[: field.start('said')])}{field['said']}{blank(field['end'])}"
    return WRAP.join([first, *below])


def _is_sentence(text: str) -> bool:
    words = len(text.split()) + len(HAN_CHAR.findall(text)) // 2
    return words >= _LEAST_WORDS and not _NO_SENTENCE.search(text.strip())
