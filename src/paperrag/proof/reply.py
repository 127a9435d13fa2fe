"""An LLM's reply -> an answer in which every `[n]` is checked. Knows evidence, no models.

Unknown numbers are removed and counted, citations renumbered by first appearance, each sentence
held against the entries it cites, and lines that a list question needs and the model left out are
put in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import field
from typing import Literal

from paperrag.frozen import dataclass
from paperrag.proof.strings import UNSUPPORTED_MARK, WHY
from paperrag.proof.support import CLEARLY, SUPPORTED, Support, SupportScorer
from paperrag.records import Claim, Language, Report
from paperrag.text.language import sentence_spans
from paperrag.text.patterns import lazy_pattern

_IDS = lazy_pattern(r"\s*[\[【［]\s*\^?\d{1,4}(?:\s*[-–,，、;；]\s*\^?\d{1,4})*\s*[\]】］]")
_OPEN_ID = lazy_pattern(r"\s*[\[【［][\d\s,，、;；^–-]*$")
_SET_ASIDE = lazy_pattern(r"^[\s*•-]*((?:[\[【]\d+[\]】]\s*)+)[:：]?\s*[-–—]+\s*[.。]?\s*$")
_BULLET = lazy_pattern(r"^\s*(?:[-*+•]|\d{1,3}[.)、]|(?:>\s*)+)\s+")
_ROW = lazy_pattern(r"^\s*\|.*\|\s*$")
_PLAIN_LINE = lazy_pattern(r"^\s*(?:#{1,6}\s.*|\|[\s:|-]+\||(?:-{3,}|\*{3,}|\$\$.*))?\s*$")
"""Lines that say nothing to be proved: blank ones, headings, rules, the line under a table's head,
formulas."""

_FENCE = lazy_pattern(r"^\s*(?:```|~~~)")
_REFERENCES = lazy_pattern(
    r"^[\s#*_]*(?:references|sources|citations|bibliography|参考文献|参考资料|来源|引用)[\s*_]*[:：]?[\s*_]*$",
    re.IGNORECASE,
)
_FRAME_END = lazy_pattern(r"[:：]\s*$")
_MARKS = lazy_pattern(re.escape(UNSUPPORTED_MARK) + r"(?: \([^\n]*?\)(?=\s|$))?")
_LONGEST_RANGE = 30


@dataclass(slots=True)
class _Sentence:
    """A sentence without its marks, its line, and the evidence that it cites; `row`: the line as it
    is written, of a table.
    """

    text: str
    ids: list[int]
    line: int
    was_cited: bool
    support: Support | None = None
    row: str = ""


@dataclass(slots=True)
class ParsedReply:
    """A reply taken apart: sentences by line, what opens their lines, lines that are kept as they
    are, and the evidence set aside by the model.
    """

    sentences: list[_Sentence] = field(default_factory=list)
    bullets: dict[int, str] = field(default_factory=dict)
    kept: dict[int, str] = field(default_factory=dict)
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


def parse_reply(reply: str, known: int) -> ParsedReply:
    """Return a reply taken apart; evidence ids are 1 to `known`, others are removed and counted."""
    parsed = ParsedReply()
    is_code = False
    for number, line in enumerate(reply.splitlines()):
        fence = _FENCE.match(line)
        if is_code or fence:
            parsed.kept[number] = line
            is_code = is_code != bool(fence)
        elif _REFERENCES.match(line) and parsed.sentences:
            break  # the program lists the sources itself
        elif aside := _SET_ASIDE.match(line):
            ids, unknown = _known_ids(aside.group(1), known)
            parsed.set_aside += ids
            parsed.unknown_ids += unknown
        elif _PLAIN_LINE.match(line):
            parsed.kept[number] = line
        elif _ROW.match(line):
            _parse_row(line, number, known, parsed)
        else:
            bullet = _BULLET.match(line)
            if bullet:
                parsed.bullets[number] = bullet.group()
            _parse_line(line[bullet.end() if bullet else 0 :].strip(), number, known, parsed)
    return parsed


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


def _judge(sentence: _Sentence, parsed: ParsedReply, scorer: SupportScorer) -> bool:
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


def _parse_row(line: str, number: int, known: int, parsed: ParsedReply) -> None:
    """Take a table's row as one sentence, whose marks stay in their cells."""
    ids, unknown = _known_ids(line, known)
    parsed.unknown_ids += unknown
    text = " ".join(_IDS.sub("", line).replace("|", " ").split())
    if ids and re.search(r"\w", text):
        parsed.sentences.append(_Sentence(text, ids, number, True, row=line.strip()))
    else:
        parsed.kept[number] = _IDS.sub("", line)


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
) -> Iterator[tuple[str, _Sentence | None]]:
    """Yield pieces of text, with the sentence where it is one."""
    by_line: dict[int, list[_Sentence]] = {}
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


def _numbered(sentence: _Sentence, order: Sequence[int]) -> str:
    """Return a sentence with the answer's own numbers: behind it, in a table's row in place."""

    def told(ids: Sequence[int]) -> str:
        return "".join(f"[{order.index(number) + 1}]" for number in ids if number in order)

    if sentence.row:
        return _IDS.sub(lambda mark: " " + told(_known_ids(mark[0], max(order))[0]), sentence.row)
    marks = told(sentence.ids)
    return f"{sentence.text}{' ' if marks else ''}{marks}"


def _mark(sentence: _Sentence, language: Language) -> str:
    """Return what stands behind a sentence that is not borne out, "" for one that is."""
    if _status(sentence) == "supported":
        return ""
    why = _why(sentence, language)
    return f"{UNSUPPORTED_MARK} ({why})" if why else UNSUPPORTED_MARK


def _why(sentence: _Sentence, language: Language) -> str:
    if sentence.support is None or not sentence.support.reasons:
        return ""
    first = sentence.support.reasons[0]
    return WHY[first.kind][language].format(said=first.said, held=first.held)


def _status(
    sentence: _Sentence,
) -> Literal["supported", "contradicted", "unsupported", "uncited"]:
    if not sentence.ids or sentence.support is None:
        return "uncited"
    if sentence.support.is_supported:
        return "supported"
    return "contradicted" if sentence.support.is_contradicted else "unsupported"
