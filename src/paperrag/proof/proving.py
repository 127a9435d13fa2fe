"""A reply taken apart -> an answer in which every `[n]` is checked. Knows evidence, no models.

Citations are renumbered by first appearance, each sentence held against the entries it cites, and
lines that a list question needs and the model left out are put in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from msgspec import Struct

from paperrag.proof.reply import IDS, ParsedReply, Sentence, known_ids, parse_reply
from paperrag.proof.strings import UNSUPPORTED_MARK, WHY
from paperrag.proof.support import CLEARLY, SUPPORTED, SupportScorer
from paperrag.records import Claim, Language, Report
from paperrag.text.patterns import lazy_pattern

_OPEN_ID = lazy_pattern(r"\s*[\[【［][\d\s,，、;；^–-]*$")
_FRAME_END = lazy_pattern(r"[:：]\s*$")
_MARKS = lazy_pattern(re.escape(UNSUPPORTED_MARK) + r"(?: \([^\n]*?\)(?=\s|$))?")


class Proved(Struct, frozen=True):
    """An answer's text with its own numbers, the evidence ids they stand for (n is position + 1),
    and what was found.
    """

    text: str
    cited: tuple[int, ...]
    claims: tuple[Claim, ...]
    report: Report


def without_marks(text: str) -> str:
    """Return a proved answer's text without the marks behind sentences."""
    return _MARKS.sub("", text)


def so_far(reply: str, known: int) -> tuple[str, list[int]]:
    """Return the text of a reply that is still growing, renumbered, and the evidence ids that it
    cites.

    A number that is still being written is held back.
    """
    parsed = parse_reply(_OPEN_ID.sub("", reply), known)
    order = parsed.cited
    return "".join(text for text, _ in _compose(parsed, order, marked=False)).rstrip(), order


def prove(
    parsed: ParsedReply,
    scorer: SupportScorer,
    required: Sequence[int],
    line_of: Callable[[int], str],
    also: str,
    language: Language = "en",
) -> Proved:
    """Return the proved answer.

    scorer: over the evidence texts, id n at position n − 1. required: ids that a list answer must
    not miss; those neither cited nor set aside get `line_of(id)`, under the heading `also`.
    language: of what is said of claims.
    """
    added_citations = sum(_judge(one, parsed, scorer) for one in parsed.sentences if _is_claim(one))
    order = parsed.cited
    text, claims = _assemble(parsed, order, language)
    missing = [one for one in required if one not in order and one not in parsed.set_aside]
    order = [*order, *missing]
    if missing:
        lines = [f"- {line_of(number)} [{order.index(number) + 1}]" for number in missing]
        text = "\n".join([*([text.rstrip(), "", also] if parsed.sentences else []), *lines])
    report = _report(parsed, claims, added_citations, len(missing))
    return Proved(text.rstrip(), tuple(order), tuple(claims), report)


def _judge(sentence: Sentence, parsed: ParsedReply, scorer: SupportScorer) -> bool:
    """Hold a claim against what it cites; return whether it was given a citation for it."""
    was_given = _cite_if_clear(sentence, parsed, scorer)
    if sentence.ids:
        sentence.support = scorer.judge(sentence.text, [number - 1 for number in sentence.ids])
    return was_given


def _report(
    parsed: ParsedReply, claims: Sequence[Claim], added_citations: int, added_lines: int
) -> Report:
    count = Counter(claim.status for claim in claims)
    return Report(
        claims=len(claims),
        supported=count["supported"],
        unsupported=count["unsupported"],
        uncited=count["uncited"],
        unknown_ids=parsed.unknown_ids,
        added_citations=added_citations,
        added_lines=added_lines,
        set_aside=len(set(parsed.set_aside)),
        contradicted=count["contradicted"],
    )


def _is_claim(sentence: Sentence) -> bool:
    """Whether a sentence says something: one that only leads to a list does not."""
    return bool(sentence.ids) or not (
        _FRAME_END.search(sentence.text) or sentence.text.startswith("#")
    )


def _cite_if_clear(sentence: Sentence, parsed: ParsedReply, scorer: SupportScorer) -> bool:
    """Give a sentence without a citation the one that clearly supports it: the best of its line, or
    of all.
    """
    if sentence.ids:
        return False
    of_line = dict.fromkeys(
        number
        for other in parsed.sentences
        if other.line == sentence.line and other.was_cited
        for number in other.ids
    )
    for ids, needed in ((list(of_line), SUPPORTED), ([scorer.best(sentence.text) + 1], CLEARLY)):
        chances = [scorer.score(sentence.text, [number - 1]) for number in ids]
        if ids and max(chances) >= needed:
            sentence.ids = [ids[chances.index(max(chances))]]
            return True
    return False


def _assemble(
    parsed: ParsedReply, order: Sequence[int], language: Language
) -> tuple[str, list[Claim]]:
    text, claims = "", []
    for piece, sentence in _compose(parsed, order, marked=True, language=language):
        start = len(text)
        text += piece
        if sentence is not None and _is_claim(sentence):
            numbers = tuple(order.index(number) + 1 for number in sentence.ids)
            claims.append(
                Claim(
                    start,
                    start + len(piece.removesuffix(_mark(sentence, language))),
                    numbers,
                    sentence.support.chance if sentence.support else None,
                    _status(sentence),
                    _why(sentence, language),
                )
            )
    return text, claims


def _compose(
    parsed: ParsedReply, order: Sequence[int], marked: bool, language: Language = "en"
) -> Iterator[tuple[str, Sentence | None]]:
    """Yield pieces of text, with the sentence where it is one."""
    by_line: dict[int, list[Sentence]] = {}
    for sentence in parsed.sentences:
        by_line.setdefault(sentence.line, []).append(sentence)
    lines = sorted({*by_line, *parsed.kept})
    while lines and not by_line.get(lines[0]) and not parsed.kept[lines[0]].strip():
        lines.pop(0)
    for place, line in enumerate(lines):
        yield (
            ("\n" if place else "") + parsed.bullets.get(line, "") + parsed.kept.get(line, ""),
            None,
        )
        for number, sentence in enumerate(by_line.get(line, [])):
            if number:
                yield " ", None
            mark = _mark(sentence, language) if marked and _is_claim(sentence) else ""
            yield f"{_numbered(sentence, order)}{mark}", sentence


def _numbered(sentence: Sentence, order: Sequence[int]) -> str:
    """Return a sentence with the answer's own numbers: behind it, in a table's row in place."""

    def told(ids: Sequence[int]) -> str:
        return "".join(f"[{order.index(number) + 1}]" for number in ids if number in order)

    if sentence.row:
        return IDS.sub(lambda mark: " " + told(known_ids(mark[0], max(order))[0]), sentence.row)
    marks = told(sentence.ids)
    return f"{sentence.text}{' ' if marks else ''}{marks}"


def _mark(sentence: Sentence, language: Language) -> str:
    """Return what stands behind a sentence that is not borne out, "" for one that is."""
    if _status(sentence) == "supported":
        return ""
    why = _why(sentence, language)
    return f"{UNSUPPORTED_MARK} ({why})" if why else UNSUPPORTED_MARK


def _why(sentence: Sentence, language: Language) -> str:
    if sentence.support is None or not sentence.support.reasons:
        return ""
    first = sentence.support.reasons[0]
    return WHY[first.kind][language].format(said=first.said, held=first.held)


def _status(
    sentence: Sentence,
) -> Literal["supported", "contradicted", "unsupported", "uncited"]:
    if not sentence.ids or sentence.support is None:
        return "uncited"
    if sentence.support.is_supported:
        return "supported"
    return "contradicted" if sentence.support.is_contradicted else "unsupported"
