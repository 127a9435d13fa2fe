"""What is quoted of a note -> what it says later, where it corrects that: 更正，应为 30 米."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from paperrag.answer.evidence import QuotedHit
from paperrag.answer.quoting import QUOTE_CHARS
from paperrag.index.lexical import tokenize
from paperrag.index.tables import EntryTable
from paperrag.proof.quantities import Quantity, quantities
from paperrag.records import Hit, Span
from paperrag.text.closed import NEGATING_EN, NEGATING_ZH
from paperrag.text.folding import fold
from paperrag.text.language import sentence_spans
from paperrag.text.patterns import any_of, lazy_pattern

_SIGNS = (
    lazy_pattern(any_of("更正 勘误 订正 看错 读错 记错 写错 抄错 算错 误读 误看 误记".split())),
    lazy_pattern(rf"(?i)\b{any_of('correction corrected erratum corrigendum'.split())}\b[^:\n]*:"),
    lazy_pattern(
        rf"(?i)\b{any_of('I that this it'.split())}\b[^.:\n]*\b{any_of('wrong misread'.split())}\b"
    ),
    lazy_pattern(r"(?i):\s*wrong\b"),
)
"""How somebody says that what was written before is not so, each a way of its own."""

_DENIED = lazy_pattern(
    rf"(?i)(?<![a-z]){any_of([*NEGATING_EN, *NEGATING_ZH])}是?\s*(?P<figure>\d[\d.,]*)"
)
"""A figure that is denied: not 92, 不是 92."""

_MOST_TIMES = 10
"""A corrected figure is of about the size of the wrong one. By hand."""


def as_corrected(hit: Hit, quote: str, entries: EntryTable) -> QuotedHit:
    """Return a hit with its quote, or what corrects a figure of the quote later in its work."""
    own = quantities(fold(quote))
    row = entries.row_of(hit.entry.id)
    if not own or row is None or corrects(quote):
        return hit, quote
    words = _words(quote)
    corrected = hit, quote
    for at in entries.unit_rows(row).tolist():
        entry = entries.get(at)
        behind = entry.text.find(quote) + len(quote) if at == row else 0
        for start, end in _corrections(entry.text, behind if at >= row else len(entry.text), own):
            told = entry.text[start:end]
            if _is_of_same(own, quantities(fold(told)), bool(words & _words(told))):
                corrected = replace(hit, entry=entry, span=(start, end)), told
    return corrected


def corrects(text: str) -> bool:
    """Whether a text says that something written before is not so."""
    return any(sign.search(text) for sign in _SIGNS)


def _denies(text: str, own: Sequence[Quantity]) -> bool:
    """Whether a text says of one of some figures that it is not so."""
    figures = {one["figure"].rstrip(".,").replace(",", "") for one in _DENIED.finditer(text)}
    return not figures.isdisjoint(f"{one.raw:.15g}" for one in own)


def _corrections(text: str, start: int, own: Sequence[Quantity]) -> Iterator[Span]:
    """Yield where lines of a text correct something, or deny one of some figures, from the sentence
    that says so on.
    """
    for line in text[start:].split("\n"):
        spans = sentence_spans(line) if corrects(line) or _denies(line, own) else []
        said = (line[slice(*span)] for span in spans)
        at = next((at for at, one in enumerate(said) if corrects(one) or _denies(one, own)), None)
        if at is not None:
            first, last = spans[at][0], spans[-1][1]
            yield start + first, start + min(last, first + QUOTE_CHARS)
        start += len(line) + 1


def _is_of_same(own: Sequence[Quantity], others: Sequence[Quantity], shares_words: bool) -> bool:
    """Whether a figure may stand in place of another: it has its unit, or is as bare and of what
    shares words, and has about its size.
    """
    return any(
        one.kind == other.kind
        and (shares_words or one.kind not in ("", "%"))
        and abs(one.value) <= _MOST_TIMES * abs(other.value)
        and abs(other.value) <= _MOST_TIMES * abs(one.value)
        for one in own
        for other in others
    )


def _words(text: str) -> set[str]:
    return {word for word in tokenize(text) if not any(map(str.isdigit, word))}
