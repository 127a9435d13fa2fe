"""Text -> language and sentences, for Chinese, English and mixtures. Knows no Markdown and no
files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from paperrag.records import Language
from paperrag.text.patterns import SCHEME, any_of, lazy_pattern

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f"
HAN_MARKS = "，。！？；：、（）《》“”「」【】"
HAN_CHAR = lazy_pattern(f"[{HAN}]")
_HAN_RUN = lazy_pattern(f"[{HAN}][{HAN}]*")
_LATIN_WORD = lazy_pattern(r"[A-Za-z][A-Za-z'’-]*")
_URL = lazy_pattern(rf"{SCHEME}[^\s，。；）)>\]]+")

_MARKS_BEHIND = r"(?:\[\^[^\[\]\s]{1,40}\])*(?:\[\d[\d,–-]{0,11}\](?!\())*"
"""Of footnotes and references, right behind a stop."""
_SENTENCE_END = lazy_pattern(
    rf"""[。！？；!?;.\n](?:  # one class first: the rest is tried at few places
        (?<=[。！？；])[!?;]*(?:[。！？；][!?;]*)*[”’"'）)\]】」』]*{_MARKS_BEHIND}  # full stops of Chinese, with closing quotes
      | (?<=[!?;])[!?;]*[”’"'）)\]】」』]*{_MARKS_BEHIND}(?=\s|$|[{HAN}])  # those of English behind a word: not forum?id=1, a != b
      | (?<=\.)(?<!\.\.)[”’"')\]]*{_MARKS_BEHIND}(?=\s|$|[{HAN}])      # a dot that ends a word
      | (?<=\n)\n*                                     # a line of its own
    )""",
    re.VERBOSE,
)
_SHORT_FORMS = "et al,e.g,i.e,cf,vs,etc,resp,fig,figs,eq,eqs,sec,tab,ref,no,dr,prof,approx,w.r.t,pp,vol,chap".split(
    ","
)
_ABBREVIATION = lazy_pattern(
    rf"(?:\b{any_of(_SHORT_FORMS)}|(?:^|[\s(\[])[A-Z]|(?:^|\n)[ \t>]*\d+)$",
    re.IGNORECASE,
)


def has_han(text: str) -> bool:
    """Whether a text holds a Chinese character."""
    return not text.isascii() and HAN_CHAR.search(text) is not None


def detect_language(text: str) -> Language:
    """Return "zh" if Chinese characters outnumber (or equal) Latin words, else "en".

    A Chinese word is about two characters, so a text that is one third Chinese by words counts
    as Chinese: that is how mixed notes read. URLs do not count; text without either is "en".
    """
    if text.isascii():
        return "en"
    text = _URL.sub(" ", text) if "://" in text or "www." in text else text
    han = len("".join(_HAN_RUN.findall(text)))
    return "zh" if han and han >= len(_LATIN_WORD.findall(text)) else "en"


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Return the (start, end) of each sentence, in order, without surrounding blanks.

    Sentences end at 。！？；, at !?; or a dot that ends a word (not after "et al", "e.g" or a
    list number), and at line ends. Every non-blank character lies in exactly one span.
    """
    return list(_sentences(text))


def first_sentence(text: str) -> str:
    """Return the first sentence of a text, without surrounding blanks; "" of blanks."""
    start, end = next(_sentences(text), (0, 0))
    return text[start:end]


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for end in _sentence_ends(text):
        piece = text[start:end]
        if stripped := piece.strip():
            first = start + piece.index(stripped)
            yield first, first + len(stripped)
        start = end


def _sentence_ends(text: str) -> Iterator[int]:
    for match in _SENTENCE_END.finditer(text):
        start = match.start()
        may_shorten = text[start] == "." and text[start - 1 : start].isalnum()
        if may_shorten and _ABBREVIATION.search(text, max(0, start - 12), start):
            continue
        yield match.end()
    yield len(text)
