"""Commands of LaTeX among plain words -> the signs that they stand for: × for \\times, C for
\\mathrm{C}. What is more than a sign, such as a fraction, stays as it is written.
"""

from __future__ import annotations

import unicodedata

from paperrag.text.patterns import any_of, lazy_pattern

_SIGNS = {
    "AA": "Å", "approx": "≈", "cdot": "·", "dots": "…", "ell": "ℓ", "ge": "≥", "geq": "≥", "gg": "≫",
    "in": "∈", "infty": "∞", "lambda": "λ", "Lambda": "Λ", "ldots": "…", "le": "≤", "leftarrow": "←",
    "leq": "≤", "ll": "≪", "mu": "μ", "nabla": "∇", "ne": "≠", "neq": "≠", "partial": "∂", "pm": "±",
    "prod": "∏", "propto": "∝", "rightarrow": "→", "sim": "∼", "sum": "∑", "times": "×", "to": "→",
}  # fmt: skip
_TYPES = "mathrm mathbf mathit mathsf mathcal mathbb text operatorname boldsymbol bm".split()

_TYPE = lazy_pattern(rf"\\{any_of(_TYPES)}\s*\{{([^{{}}]*)\}}")
_COMMAND = lazy_pattern(r"\\([A-Za-z]+)")
_ESCAPED = lazy_pattern(r"\\([%&#_$])")
_SCRIPT = lazy_pattern(r"([_^])\{(\w+)\}")


def with_signs(text: str) -> str:
    """Return plain words with signs in place of the commands of LaTeX for them."""
    if "\\" not in text and "{" not in text:
        return text
    text = _TYPE.sub(r"\1", text)
    text = _COMMAND.sub(lambda match: _sign(match[1]) or match[0], text)
    return _SCRIPT.sub(r"\1\2", _ESCAPED.sub(r"\1", text))


def _sign(command: str) -> str:
    """Return the sign that a command stands for, "" for others."""
    return _SIGNS.get(command) or _greek(command)


def _greek(command: str) -> str:
    """Return a Greek letter by its name, which Unicode knows: α of alpha, Σ of Sigma."""
    name = command.removeprefix("var")
    size = "CAPITAL" if name[:1].isupper() else "SMALL"
    try:
        return unicodedata.lookup(f"GREEK {size} LETTER {name.upper()}")
    except KeyError:
        return ""
