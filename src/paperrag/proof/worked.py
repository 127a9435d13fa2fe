"""Formulas that a text tells (2f + 1, n-1, ⌈k/s⌉, 2^s), worked out -> the numbers of a claim that
stand for their letters and for what they come to: seven machines, of which three may fail.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from itertools import permutations

from paperrag.proof.bearing import Verdict, is_like, verdict
from paperrag.proof.quantities import ID, Quantity, quantities
from paperrag.text.patterns import lazy_pattern

_SIGNS: dict[str, Callable[[float, float], float]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "×": operator.mul, "/": operator.truediv, "^": operator.pow,
}  # fmt: skip
_TERM = r"(?:\d+|\d*[A-Za-z])"
_FORMULA = lazy_pattern(
    rf"(?<![\w.^*/+×-])(?P<set>=\s?)?(?P<up>⌈?)(?P<first>{_TERM})\s?(?P<sign>[-+*×/^])\s?"
    rf"(?P<second>{_TERM})(?![\w.%^*/+×-])"
)
"""Of two terms. One of more is none: which belong together would have to be known. A quotient is
one only where something is said to be it: b/w and I/O are words.
"""

MOST_NUMBERS = 6
"""Numbers of a claim that are tried. More would meet a formula by chance."""

MOST_POWER = 64.0
"""Of base and exponent."""


def verdicts(claim: str, text: str) -> list[tuple[Quantity, Verdict]]:
    """Return the quantities of a claim, each with whether a text bears it out or works it out."""
    said, held = quantities(claim), quantities(text)
    told = [verdict(one, held, text) for one in said]
    worked = worked_out(claim, text) if "missing" in told else set()
    return [
        (one, "met" if one.start in worked else told) for one, told in zip(said, told, strict=True)
    ]


def worked_out(claim: str, text: str) -> set[int]:
    """Return where the quantities of a claim start that together work out a formula of a text."""
    plain = [one for one in quantities(claim) if _stands_alone(one, claim)][:MOST_NUMBERS]
    found: set[int] = set()
    for match in _FORMULA.finditer(text) if len(plain) > 1 else ():
        letters = sorted({char for char in match["first"] + match["second"] if char.isalpha()})
        for given in permutations(plain, len(letters)):
            values = dict(zip(letters, (one.raw for one in given), strict=True))
            result = _result(match.groupdict(), values)
            comes_to = [one for one in plain if one not in given and is_like(one, one.raw, result)]
            if letters and result > 0 and comes_to:
                found |= {one.start for one in (*given, *comes_to)}
    return found


def _stands_alone(one: Quantity, claim: str) -> bool:
    """Whether a quantity may stand for a letter: one of a claim's own formula does not."""
    return one.kind != ID and not claim[: one.start].rstrip().endswith(tuple(_SIGNS))


def _result(formula: dict[str, str], values: dict[str, float]) -> float:
    """Return what a formula comes to, 0.0 for what nobody would work out."""
    first, second = (_value(formula[name], values) for name in ("first", "second"))
    sign = formula["sign"]
    is_told = bool(second and (formula["set"] or formula["up"]))
    if (sign == "/" and not is_told) or (sign == "^" and max(first, second) > MOST_POWER):
        return 0.0
    result = _SIGNS[sign](first, second)
    return float(math.ceil(result)) if formula["up"] else result


def _value(term: str, values: dict[str, float]) -> float:
    letter = term[-1]
    if letter in values:
        return float(term[:-1] or 1) * values[letter]
    return float(term)
