"""Papers told in lines or paragraphs without bullets: where most of them, and three at least, begin
with the name of a paper, each of those is an item.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from paperrag.notes.bylines import read_byline, split_byline
from paperrag.notes.naming import head, is_strong_name
from paperrag.notes.pasted import HEADING, Pasted
from paperrag.text.markers import BLOCK, marker_of
from paperrag.text.patterns import lazy_pattern

_FEWEST, _SHARE = 3, 0.6
"""Lines that begin with names, and their share of all, from which these are items. By hand."""
_LEAD_CHARS = 120
"""How much of a line tells that it begins with a name."""
_AUTHORS = lazy_pattern(r"([^:：—–(（]{4,80})(?:[(（][^()（）]{4,40}[)）]|(?=[:：—–]))")
"""What a line begins with that cites a paper: its authors, before a mark or with a bracket."""
_BOLD_LEAD = lazy_pattern(r"\*\*([^*\n]+)\*\*")
_OPENS_BLOCK = lazy_pattern(rf"[ \t#\[!-]|{BLOCK}")

Paragraph = range
"""The lines of one."""


def named_lines(lines: Sequence[str]) -> tuple[dict[int, Pasted], set[int]]:
    """The lines that begin with a paper's name among such, and the lines that belong to them."""
    starts: dict[int, Pasted] = {}
    below: set[int] = set()
    for paragraphs in _sections(lines):
        apart = [at for paragraph in paragraphs for at in _on_lines(lines, paragraph)]
        first = _named(lines, [paragraph.start for paragraph in paragraphs])
        for paragraph in paragraphs:
            own = [at for at in (apart or first) if at in paragraph]
            if own:
                starts |= {at: Pasted(lines[at], 0, (), 0) for at in own}
                below.update(range(own[0], paragraph.stop))
    return starts, below - starts.keys()


def _sections(lines: Sequence[str]) -> Iterator[list[Paragraph]]:
    """The paragraphs of plain text below each heading."""
    paragraphs: list[Paragraph] = []
    start, is_plain = 0, True
    for number, line in enumerate([*lines, ""]):
        is_heading = bool(HEADING.match(line))
        if not line.strip() or is_heading:
            if start < number and is_plain:
                paragraphs.append(range(start, number))
            start, is_plain = number + 1, True
        elif _OPENS_BLOCK.match(line) or marker_of(line):
            is_plain = False
        if is_heading:
            yield paragraphs
            paragraphs = []
    yield paragraphs


def _on_lines(lines: Sequence[str], paragraph: Paragraph) -> list[int]:
    """The lines of a paragraph that begin with names, with those that begin no small letter."""
    named = _named(lines, paragraph)
    return [at for at in paragraph if at in named or not lines[at][0].islower()] if named else []


def _named(lines: Sequence[str], numbers: Sequence[int]) -> list[int]:
    """Those of some lines that begin with a name, if most do and the names do more than count."""
    if len(numbers) < _FEWEST:
        return []
    names = {at: name for at in numbers if (name := _name_in(lines[at][:_LEAD_CHARS]))}
    kinds = {name.rstrip("0123456789.") for name in names.values()}
    are_many = len(names) >= max(_FEWEST, _SHARE * len(numbers))
    return list(names) if are_many and 2 * len(kinds) > len(names) else []


def _name_in(line: str) -> str:
    """The name of a paper with which a line begins that says something of it, "" for none."""
    bold = _BOLD_LEAD.match(line)
    lead = bold[1] if bold else line
    if is_strong_name(lead):
        name = head(lead)
        return name if any(map(str.isalpha, line.replace(name, "", 1))) else ""
    authors = _AUTHORS.match(line)
    if authors and (cited := read_byline(authors[0])) and cited.year:
        return authors[1]
    name, byline = split_byline(line)
    return name if byline else ""
