"""An LLM's reply -> its sentences with the evidence that each cites. Unknown numbers are removed
and counted. Knows no evidence and no models.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct, field

from paperrag.proof.support import Support
from paperrag.text.language import sentence_spans
from paperrag.text.links import REFERENCES
from paperrag.text.markers import FENCE
from paperrag.text.patterns import any_of, lazy_pattern

IDS = lazy_pattern(r"\s*[\[【［]\s*\^?\d{1,4}(?:\s*[-–,，、;；]\s*\^?\d{1,4})*\s*[\]】］]")
_SET_ASIDE = lazy_pattern(r"^[\s*•-]*((?:[\[【]\d+[\]】]\s*)+)[:：]?\s*[-–—]+\s*[.。]?\s*$")
_BULLET = lazy_pattern(r"^\s*(?:[-*+•]|\d{1,3}[.)、]|(?:>\s*)+)\s+")
_ROW = lazy_pattern(r"^\s*\|.*\|\s*$")
_PLAIN_LINE = lazy_pattern(r"^\s*(?:#{1,6}\s.*|\|[\s:|-]+\||(?:-{3,}|\*{3,}))?\s*$")
"""Lines that say nothing to be proved: blank ones, headings, rules, the line under a table's
head."""

_FORMULAS = {"$$": "$$", "\\[": "\\]"}
"""What opens a formula of its own lines, and what closes it."""

_FENCE = lazy_pattern(rf"^\s*{FENCE}")
_REFERENCES = lazy_pattern(
    rf"^[\s#*_]*{any_of(REFERENCES)}[\s*_]*[:：]?[\s*_]*$",
    re.IGNORECASE,
)
_LONGEST_RANGE = 30


class Sentence(Struct):
    """A sentence without its marks, its line, and the evidence that it cites; `row`: the line as it
    is written, of a table.
    """

    text: str
    ids: list[int]
    line: int
    was_cited: bool
    support: Support | None = None
    row: str = ""


class ParsedReply(Struct):
    """A reply taken apart: sentences by line, what opens their lines, lines that are kept as they
    are, and the evidence set aside by the model.
    """

    sentences: list[Sentence] = field(default_factory=list)
    bullets: dict[int, str] = field(default_factory=dict)
    kept: dict[int, str] = field(default_factory=dict)
    set_aside: list[int] = field(default_factory=list)
    unknown_ids: int = 0

    @property
    def cited(self) -> list[int]:
        """Evidence ids by first appearance."""
        return list(dict.fromkeys(number for sentence in self.sentences for number in sentence.ids))


def parse_reply(reply: str, known: int) -> ParsedReply:
    """Return a reply taken apart; evidence ids are 1 to `known`, others are removed and counted."""
    parsed = ParsedReply()
    is_code = False
    lines = reply.splitlines()
    formulas = _formula_lines(lines)
    for number, line in enumerate(lines):
        fence = _FENCE.match(line)
        if is_code or fence:
            parsed.kept[number] = line
            is_code = is_code != bool(fence)
        elif _REFERENCES.match(line) and parsed.sentences:
            break  # the program lists the sources itself
        elif aside := _SET_ASIDE.match(line):
            ids, unknown = known_ids(aside.group(1), known)
            parsed.set_aside += ids
            parsed.unknown_ids += unknown
        elif number in formulas or _PLAIN_LINE.match(line):
            parsed.kept[number] = line
        elif _ROW.match(line):
            _parse_row(line, number, known, parsed)
        else:
            bullet = _BULLET.match(line)
            if bullet:
                parsed.bullets[number] = bullet.group()
            _parse_line(line[bullet.end() if bullet else 0 :].strip(), number, known, parsed)
    return parsed


def _formula_lines(lines: Sequence[str]) -> set[int]:
    """Return the lines that are formulas, whole ones or parts."""
    found = set[int]()
    for number, line in enumerate(lines):
        opening = line.strip()[:2]
        if number in found or opening not in _FORMULAS:
            continue
        closing = _FORMULAS[opening]
        rests = [line.strip()[2:], *lines[number + 1 :]]
        length = next((at for at, rest in enumerate(rests, 1) if closing in rest), 0)
        found.update(range(number, number + length))
    return found


def _parse_line(line: str, number: int, known: int, parsed: ParsedReply) -> None:
    for start, end in _with_trailing_ids(line):
        piece = line[start:end]
        ids, unknown = known_ids(piece, known)
        text = re.sub(r"\s+([。.!?！？，,；;])", r"\1", IDS.sub("", piece)).strip()
        parsed.unknown_ids += unknown
        if re.search(r"\w", text):
            parsed.sentences.append(Sentence(text, ids, number, bool(ids)))
        elif ids and parsed.sentences and parsed.sentences[-1].line == number:
            parsed.sentences[-1].ids += [one for one in ids if one not in parsed.sentences[-1].ids]


def _parse_row(line: str, number: int, known: int, parsed: ParsedReply) -> None:
    """Take a table's row as one sentence, whose marks stay in their cells."""
    ids, unknown = known_ids(line, known)
    parsed.unknown_ids += unknown
    text = " ".join(IDS.sub("", line).replace("|", " ").split())
    if ids and re.search(r"\w", text):
        parsed.sentences.append(Sentence(text, ids, number, True, row=line.strip()))
    else:
        parsed.kept[number] = IDS.sub("", line)


def _with_trailing_ids(line: str) -> Iterator[tuple[int, int]]:
    """Yield sentence spans; `[n]` behind a full stop belong to the sentence before them."""
    position = 0
    for _, end in sentence_spans(line):
        if end <= position:
            continue
        while trailing := IDS.match(line, end):
            end = trailing.end()
        yield position, end
        position = end
    if line[position:].strip():
        yield position, len(line)


def known_ids(text: str, known: int) -> tuple[list[int], int]:
    """Return the distinct known ids in marks of a text, and how many others there are."""
    found: list[int] = []
    for mark in IDS.findall(text):
        for part in re.split(r"[,，、;；]", mark.strip().strip("[]【】［］")):
            ends = [int(one) for one in re.findall(r"\d+", part)]
            is_range = len(ends) == 2 and ends[0] < ends[1] <= ends[0] + _LONGEST_RANGE
            found += range(ends[0], ends[1] + 1) if is_range else ends
    distinct = list(dict.fromkeys(found))
    return [one for one in distinct if 1 <= one <= known], sum(
        not 1 <= one <= known for one in distinct
    )
