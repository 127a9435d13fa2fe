"""Text -> language and sentences, for Chinese, English and mixtures. Knows no Markdown and no
files.
"""

from __future__ import annotations

import re

from paperrag.records import Language
from paperrag.text.patterns import lazy_pattern

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f"
HAN_MARKS = "，。！？；：、（）《》“”「」【】"
HAN_CHAR = lazy_pattern(f"[{HAN}]")
_LATIN_WORD = lazy_pattern(r"[A-Za-z][A-Za-z'’-]*")
_URL = lazy_pattern(r"(?:https?://|www\.)[^\s，。；）)>\]]+")

_SENTENCE_END = lazy_pattern(
    rf"""[。！？；!?;.\n](?:  # one class first: the rest is tried at few places
        (?<=[。！？；])[!?;]*(?:[。！？；][!?;]*)*[”’"'）)\]】」』]*  # full stops of Chinese, with closing quotes
      | (?<=[!?;])[!?;]*[”’"'）)\]】」』]*(?=\s|$|[{HAN}])  # those of English at the end of a word: not forum?id=1, ![[image]], a != b
      | (?<=\.)(?<!\.\.)[”’"')\]]*(?=\s|$|[{HAN}])      # a dot that ends a word
      | (?<=\n)\n*                                     # a line of its own
    )""",
    re.VERBOSE,
)
_ABBREVIATION = lazy_pattern(
    r"(?:\b(?:et al|e\.g|i\.e|cf|vs|etc|resp|Fig|Figs|Eq|Eqs|Sec|Tab|Ref|No|Dr|Prof|approx|w\.r\.t)|(?:^|\s|\()[A-Z]"
    r"|(?:^|\n)[ \t>]*\d+)$",
    re.IGNORECASE,
)


def detect_language(text: str) -> Language:
    """Return "zh" if Chinese characters outnumber (or equal) Latin words, else "en".

    A Chinese word is about two characters, so a text that is one third Chinese by words counts
    as Chinese: that is how mixed notes read. URLs do not count; text without either is "en".
    """
    text = _URL.sub(" ", text)
    han = len(HAN_CHAR.findall(text))
    return "zh" if han and han >= len(_LATIN_WORD.findall(text)) else "en"


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Return the (start, end) of each sentence, in order, without surrounding blanks.

    Sentences end at 。！？；, at !?; or a dot that ends a word (not after "et al", "e.g" or a
    list number), and at line ends. Every non-blank character lies in exactly one span.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for end in _sentence_ends(text):
        piece = text[start:end]
        stripped = piece.strip()
        if stripped:
            first = start + piece.index(stripped)
            spans.append((first, first + len(stripped)))
        start = end
    return spans


def _sentence_ends(text: str) -> list[int]:
    ends = [
        match.end()
        for match in _SENTENCE_END.finditer(text)
        if not (
            match.group().startswith(".")
            and _ABBREVIATION.search(text, max(0, match.start() - 12), match.start())
        )
    ]
    return [*ends, len(text)]
