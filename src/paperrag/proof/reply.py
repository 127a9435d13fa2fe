"""An LLM's reply -> an answer in which every `[n]` is checked. Knows evidence, no models.

Unknown numbers are removed and counted, citations renumbered by first appearance, each sentence
held against the entries it cites, and lines that a list question needs and the model left out are
put in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from paperrag.answer.strings import UNSUPPORTED_MARK
from paperrag.proof.support import CLEARLY, SUPPORTED, SupportScorer
from paperrag.records import Claim, Report
from paperrag.text.language import sentence_spans

_IDS = re.compile(r"\s*[\[【［]\s*\^?\d{1,4}(?:\s*[-–,，、;；]\s*\^?\d{1,4})*\s*[\]】］]")
_OPEN_ID = re.compile(r"\s*[\[【［][\d\s,，、;；^–-]*$")
_THINKING = re.compile(r"<think>.*?(?:</think>|\Z)\s*", re.DOTALL | re.IGNORECASE)
_SET_ASIDE = re.compile(r"^[\s*•-]*((?:[\[【]\d+[\]】]\s*)+)[:：]?\s*[-–—]+\s*[.。]?\s*$")
_BULLET = re.compile(r"^\s*(?:[-*•]|\d{1,3}[.)、])\s+")
_FRAME_END = re.compile(r"[:：]\s*$")
_LONGEST_RANGE = 30


@dataclass(slots=True)
class _Sentence:
    """A sentence without its marks, its line, and the evidence that it cites."""

    text: str
    ids: list[int]
    line: int
    was_cited: bool
    support: float | None = None


@dataclass(slots=True)
class ParsedReply:
    """A reply taken apart: sentences by line, bullets, and the evidence set aside by the model."""

    sentences: list[_Sentence] = field(default_factory=list)
    bullets: dict[int, str] = field(default_factory=dict)
    set_aside: list[int] = field(default_factory=list)
    unknown_ids: int = 0

    @property
    def cited(self) -> list[int]:
        """Evidence ids by first appearance."""
        return list(dict.fromkeys(number for sentence in self.sentences for number in sentence.ids))


@dataclass(frozen=True, slots=True)
class Proved:
    """An answer's text with its own numbers, the evidence ids they stand for (n is position + 1),
    and what was found.
    """

    text: str
    cited: tuple[int, ...]
    claims: tuple[Claim, ...]
    report: Report


def spoken(reply: str) -> str:
    """Return a reply without what the model thought aloud."""
    return _THINKING.sub("", reply).strip()


def so_far(reply: str, known: int) -> tuple[str, list[int]]:
    """Return the text of a reply that is still growing, renumbered, and the evidence ids that it
    cites.

    A number that is still being written is held back.
    """
    parsed = parse_reply(_OPEN_ID.sub("", spoken(reply)), known)
    order = parsed.cited
    return "".join(text for text, _ in _compose(parsed, order, marked=False)), order


def parse_reply(reply: str, known: int) -> ParsedReply:
    """Return a reply taken apart; evidence ids are 1 to `known`, others are removed and counted."""
    parsed = ParsedReply()
    for number, line in enumerate(reply.splitlines()):
        if aside := _SET_ASIDE.match(line):
            ids, unknown = _known_ids(aside.group(1), known)
            parsed.set_aside += ids
            parsed.unknown_ids += unknown
        elif line.strip():
            bullet = _BULLET.match(line)
            if bullet:
                parsed.bullets[number] = "- "
            _parse_line(line[bullet.end() if bullet else 0 :].strip(), number, known, parsed)
    return parsed


def prove(
    parsed: ParsedReply,
    scorer: SupportScorer,
    required: Sequence[int],
    line_of: Callable[[int], str],
    also: str,
) -> Proved:
    """Return the proved answer.

    scorer: over the evidence texts, id n at position n − 1. required: ids that a list answer must
    not miss;
    those neither cited nor set aside get `line_of(id)`, under the heading `also`.
    """
    added_citations = 0
    for sentence in parsed.sentences:
        if not _is_claim(sentence):
            continue
        added_citations += _cite_if_clear(sentence, parsed, scorer)
        sentence.support = (
            scorer.score(sentence.text, [number - 1 for number in sentence.ids])
            if sentence.ids
            else None
        )
    order = parsed.cited
    missing = [
        number for number in required if number not in order and number not in parsed.set_aside
    ]
    text, claims = _assemble(parsed, order)
    order = [*order, *missing]
    if missing:
        lines = [f"- {line_of(number)} [{order.index(number) + 1}]" for number in missing]
        text = "\n".join([*([text, "", also] if parsed.sentences else []), *lines])
    statuses = [claim.status for claim in claims]
    report = Report(
        claims=len(claims),
        supported=statuses.count("supported"),
        unsupported=statuses.count("unsupported"),
        uncited=statuses.count("uncited"),
        unknown_ids=parsed.unknown_ids,
        added_citations=added_citations,
        added_lines=len(missing),
        set_aside=len(set(parsed.set_aside)),
    )
    return Proved(text, tuple(order), tuple(claims), report)


def _parse_line(line: str, number: int, known: int, parsed: ParsedReply) -> None:
    for start, end in _with_trailing_ids(line):
        piece = line[start:end]
        ids, unknown = _known_ids(piece, known)
        text = re.sub(r"\s+([。.!?！？，,；;])", r"\1", _IDS.sub("", piece)).strip()
        parsed.unknown_ids += unknown
        if re.search(r"\w", text):
            parsed.sentences.append(_Sentence(text, ids, number, bool(ids)))
        elif ids and parsed.sentences and parsed.sentences[-1].line == number:
            parsed.sentences[-1].ids += [one for one in ids if one not in parsed.sentences[-1].ids]


def _with_trailing_ids(line: str) -> Iterator[tuple[int, int]]:
    """Yield sentence spans; `[n]` behind a full stop belong to the sentence before them."""
    position = 0
    for _, end in sentence_spans(line):
        if end <= position:
            continue
        while trailing := _IDS.match(line, end):
            end = trailing.end()
        yield position, end
        position = end
    if line[position:].strip():
        yield position, len(line)


def _known_ids(text: str, known: int) -> tuple[list[int], int]:
    """Return the distinct known ids in marks of a text, and how many others there are."""
    found: list[int] = []
    for mark in _IDS.findall(text):
        for part in re.split(r"[,，、;；]", mark.strip().strip("[]【】［］")):
            ends = [int(one) for one in re.findall(r"\d+", part)]
            is_range = len(ends) == 2 and ends[0] < ends[1] <= ends[0] + _LONGEST_RANGE
            found += range(ends[0], ends[1] + 1) if is_range else ends
    distinct = list(dict.fromkeys(found))
    return [one for one in distinct if 1 <= one <= known], sum(
        not 1 <= one <= known for one in distinct
    )


def _is_claim(sentence: _Sentence) -> bool:
    """Whether a sentence says something: one that only leads to a list does not."""
    return bool(sentence.ids) or not (
        _FRAME_END.search(sentence.text) or sentence.text.startswith("#")
    )


def _cite_if_clear(sentence: _Sentence, parsed: ParsedReply, scorer: SupportScorer) -> bool:
    """Give a sentence without a citation the one that clearly supports it: its line's own, or the
    best of all.
    """
    if sentence.ids:
        return False
    of_line = [
        number
        for other in parsed.sentences
        if other.line == sentence.line and other.was_cited
        for number in other.ids
    ]
    for ids, needed in (
        (list(dict.fromkeys(of_line)), SUPPORTED),
        ([scorer.best(sentence.text) + 1], CLEARLY),
    ):
        if ids and scorer.score(sentence.text, [number - 1 for number in ids]) >= needed:
            sentence.ids = ids
            return True
    return False


def _assemble(parsed: ParsedReply, order: Sequence[int]) -> tuple[str, list[Claim]]:
    text, claims = "", []
    for piece, sentence in _compose(parsed, order, marked=True):
        start = len(text)
        text += piece
        if sentence is not None and _is_claim(sentence):
            numbers = tuple(order.index(number) + 1 for number in sentence.ids)
            claims.append(
                Claim(
                    start,
                    start + len(piece.removesuffix(UNSUPPORTED_MARK)),
                    numbers,
                    sentence.support,
                    _status(sentence),
                )
            )
    return text, claims


def _compose(
    parsed: ParsedReply, order: Sequence[int], marked: bool
) -> Iterator[tuple[str, _Sentence | None]]:
    """Yield pieces of text, with the sentence where it is one."""
    before: int | None = None
    for sentence in parsed.sentences:
        if sentence.line != before:
            yield ("" if before is None else "\n") + parsed.bullets.get(sentence.line, ""), None
        else:
            yield " ", None
        before = sentence.line
        marks = "".join(f"[{order.index(number) + 1}]" for number in sentence.ids)
        mark = (
            UNSUPPORTED_MARK
            if marked and _is_claim(sentence) and _status(sentence) != "supported"
            else ""
        )
        yield f"{sentence.text}{' ' if marks else ''}{marks}{mark}", sentence


def _status(sentence: _Sentence) -> Literal["supported", "unsupported", "uncited"]:
    if not sentence.ids:
        return "uncited"
    return (
        "supported"
        if sentence.support is not None and sentence.support >= SUPPORTED
        else "unsupported"
    )
