"""Papers that follow each other in a note without headings: a bold line, or the first line behind a
rule, with the link to the paper below, or a line behind an arXiv id in brackets. Such a line begins
an item that goes on to the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from paperrag.notes.pasted import ENDS_SENTENCE, HEADING, Pasted
from paperrag.text.links import find_links
from paperrag.text.markers import BLOCK
from paperrag.text.patterns import lazy_pattern

_FEWEST = 2
_TITLE_CHARS = 150
_BOLD = lazy_pattern(r"\*\*[^*\n]+\*\*[ \t]*")
_ID = lazy_pattern(r"[*\[]{0,2}(?i:arXiv:)?\d{4}\.\d{4,5}(?:v\d+)?[^\w\n]{2,}\S")
_BULLETS = ("- ", "* ", "+ ")
_RULE = lazy_pattern(r"[ \t]*(?:[-*_=][ \t]*){3,}")
_OPENS_BLOCK = lazy_pattern(rf"[ \t#*+-]|{BLOCK}")


def paper_blocks(lines: Sequence[str]) -> tuple[dict[int, Pasted], set[int]]:
    """The lines with which papers begin, if there are several, and the lines that belong to
    them.
    """
    if not any("://" in line or _ID.match(line) for line in lines):
        return {}, set()
    starts = [
        number
        for number in _starts(lines)
        if _ID.match(lines[number]) or _links_to_paper(lines[number + 1])
    ]
    if len(starts) < _FEWEST:
        return {}, set()
    below: set[int] = set()
    for first, following in zip(starts, [*starts[1:], len(lines)], strict=True):
        ends = (at for at in range(first + 1, following) if _ends_block(lines[at]))
        below.update(range(first + 1, next(ends, following)))
    return {first: Pasted(lines[first].strip(), 0, (), 0) for first in starts}, below


def _starts(lines: Sequence[str]) -> Iterator[int]:
    """Lines that may be titles: bold ones behind a blank line, those behind a rule or all else."""
    has_rules = any(map(_RULE.fullmatch, lines)) and not any(map(HEADING.match, lines))
    above = "---"
    for number, line in enumerate(lines[:-1]):
        is_first = has_rules and _RULE.fullmatch(above) and not _OPENS_BLOCK.match(line)
        is_named = not lines[number - 1].strip() and (_BOLD.fullmatch(line) or _ID.match(line))
        is_title = 0 < len(line) <= _TITLE_CHARS and not line.rstrip().endswith(ENDS_SENTENCE)
        if (is_first or is_named) and is_title and "://" not in line:
            yield number
        above = line if line.strip() else above


def _links_to_paper(line: str) -> bool:
    return "://" in line and any(link.identifier for link in find_links(line))


def _ends_block(line: str) -> bool:
    is_paper = line.startswith(_BULLETS) and _ID.match(line[2:])
    return bool(is_paper or HEADING.match(line) or _RULE.fullmatch(line))
