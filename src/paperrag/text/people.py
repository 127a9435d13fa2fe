"""Authors in text -> their names, one by one; a name -> what stands for it in the other script."""

from __future__ import annotations

import re
from collections.abc import Iterator

from paperrag.text.language import HAN, has_han
from paperrag.text.patterns import lazy_pattern

_BETWEEN = lazy_pattern(r"\s*[;；、，]\s*|\s+(?:and|&)\s+")


def authors_in(text: str) -> tuple[str, ...]:
    """Return names with "and", semicolons or commas between them; "Surname, A. and Surname, B."
    too.
    """
    names = _BETWEEN.split(text)
    if any(name.count(",") != 1 for name in names) or len(names) == 1:
        names = [part for name in names for part in name.split(",")]
    return tuple(name.strip() for name in names if name.strip())


def beside_name(name: str, text: str) -> Iterator[str]:
    """Yield what stands right beside a name in a text, in the other script: 老魏 of "Lao Wei 老魏",
    Xiao Hu of "小胡 (Xiao Hu)".
    """
    other = r"[A-Z][\w.-]*(?: [A-Z][\w.-]*)*" if has_han(name) else rf"[{HAN}]{{2,8}}"
    edge = "" if has_han(name) else r"\b"
    own = rf"{edge}{re.escape(name)}{edge}"
    for behind, before in re.findall(rf"{own}\s*[(（]?({other})|({other})\s*[(（]?{own}", text):
        yield behind or before
