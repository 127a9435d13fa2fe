"""A formula in LaTeX -> MathML that holds nothing but a formula, or its source. The one file that
knows latex2mathml.
"""

from __future__ import annotations

import html
from functools import lru_cache
from xml.etree import ElementTree

from paperrag.text.patterns import lazy_pattern

_MATH_TAGS = frozenset(
    "math mrow mi mn mo ms mtext mspace msup msub msubsup mfrac msqrt mroot mover munder "
    "munderover mtable mtr mtd mstyle"
    " mpadded mphantom menclose mmultiscripts mprescripts none".split()
)
_MATH_ATTRIBUTES = frozenset(
    "display mathvariant stretchy fence separator linethickness columnalign rowspacing "
    "columnspacing displaystyle scriptlevel"
    " accent movablelimits form lspace rspace width height depth minsize maxsize notation symmetric".split()
)
_MAX_FORMULA_CHARS = 2000
_NUMBERS = lazy_pattern(r"\\([NRZ])(?![A-Za-z])")
"""What editors of notes take for the sets of numbers, and the converter does not know."""


@lru_cache(maxsize=2048)
def formula_html(latex: str, display: bool = False) -> str:
    """Return a formula as MathML, or its source where it cannot be read."""
    source = latex.strip()
    try:
        if not source or len(source) > _MAX_FORMULA_CHARS:
            raise ValueError("not a formula")
        return ElementTree.tostring(
            _clean(_mathml(source, display)), encoding="unicode", short_empty_elements=False
        )
    except (
        Exception
    ):  # for broken LaTeX the converter raises its own errors and IndexError, KeyError
        return f'<code class="formula">{html.escape(source)}</code>'


def _mathml(source: str, display: bool) -> ElementTree.Element:
    from latex2mathml.converter import convert_to_element

    source = _NUMBERS.sub(r"\\mathbb{\1}", source)
    root = convert_to_element(source, display="block" if display else "inline")
    root.attrib.pop("xmlns", None)
    return root


def _clean(element: ElementTree.Element) -> ElementTree.Element:
    """Return the element with known tags and attributes only. Raises ValueError for any other
    tag.
    """
    if element.tag not in _MATH_TAGS:
        raise ValueError(f"unexpected element {element.tag}")
    # the converter writes symbols as entities
    element.text = html.unescape(element.text) if element.text else None
    element.attrib = {
        name: value for name, value in element.attrib.items() if name in _MATH_ATTRIBUTES
    }
    for child in element:
        _clean(child)
    return element
