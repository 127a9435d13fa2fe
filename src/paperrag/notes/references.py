"""The list of references at the end of a note: the lines that begin one, and where a text points at
them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from paperrag.text.links import REFERENCES
from paperrag.text.patterns import lazy_pattern

REFERENCE = lazy_pattern(r"[ \t*+-]*\[?(?P<number>\d{1,3})[\].)]:?\s+(?=\S)")
"""The number of a reference, before its words."""
_USE = lazy_pattern(r"(?:<sup)?[\[>](\d{1,3}(?:[\s,，;、–—-]+\d{1,3})*)[\]<](?![(\[:])")
"""`[3]`, `[1, 4-6]`, `<sup>2</sup>`."""
_NUMBERS = lazy_pattern(r"(\d+)(?:\s*[–—-]\s*(\d+))?")
_MOST_AT_ONCE = 20
"""References from one number to another; more are years or pages."""


def find_references(lines: Sequence[str]) -> dict[int, int]:
    """Return the number of each reference by the line that begins it.

    References count on from 1 below a heading such as References, or in brackets to the end of the
    note, and the text above points at one of them.
    """
    first = next((at for at in reversed(range(len(lines))) if _number(lines[at]) == 1), None)
    if first is None:
        return {}
    found = _counted(lines, first)
    used = {number for line in lines[:first] for number, _ in references_used(line)}
    is_list = _is_headed(lines, first) or _ends_note(lines, found)
    return found if is_list and not used.isdisjoint(found.values()) else {}


def references_used(text: str) -> Iterator[tuple[int, int]]:
    """Yield the numbers of references that a text points at, and where."""
    for match in _USE.finditer(text):
        for first, last in _NUMBERS.findall(match[1]):
            end = int(last or first)
            for number in range(int(first), min(end, int(first) + _MOST_AT_ONCE) + 1):
                yield number, match.start()


def _number(line: str) -> int:
    found = REFERENCE.match(line)
    return int(found["number"]) if found else 0


def _counted(lines: Sequence[str], first: int) -> dict[int, int]:
    """The references of a list by their lines; those go on until something else stands apart."""
    found = {first: 1}
    for above, at in pairwise(range(first, len(lines))):
        number = _number(lines[at])
        if number == len(found) + 1:
            found[at] = number
        elif lines[at].strip() and not lines[above].strip() and not lines[at][0].isspace():
            break
    return found


def _is_headed(lines: Sequence[str], first: int) -> bool:
    above = next((line for line in reversed(lines[:first]) if line.strip()), "")
    return above.strip(" #*_:：=【】").lower() in REFERENCES


def _ends_note(lines: Sequence[str], found: dict[int, int]) -> bool:
    """Whether all references are in brackets, on lines of their own, and nothing stands below."""
    last = max(found)
    is_bracketed = all(lines[at].lstrip(" \t*+-").startswith("[") for at in found)
    return len(found) > 1 and is_bracketed and not any(map(str.strip, lines[last + 2 :]))
