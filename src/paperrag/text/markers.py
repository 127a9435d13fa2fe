"""How lists begin that are no Markdown: signs and ordinals pasted from Word, WeChat or a PDF."""

from __future__ import annotations

import re

_FIGURES = "一二三四五六七八九十"

SIGN = re.compile(
    r"(?:[•●○▪▫►▶◆◇■□➢➤‣⁃∙][^\S\n]*|[·＊－–—][^\S\n]+|－(?=\S)(?!－))(?=[^\s•●○·＊－–—])"
)
"""A bullet, with the blanks behind it."""

ORDINAL = re.compile(
    rf"(?:\d{{1,2}}[、）]|[（(](?:\d{{1,2}}|[a-zA-Z]|[ivx]{{1,4}}|[{_FIGURES}]{{1,3}})[）)]|[①-⑳⑴-⒇]"
    rf"|[{_FIGURES}]{{1,3}}、|第[{_FIGURES}]{{1,3}}[，,、：:])[^\S\n]*(?=\S)"
)
"""A number of any kind, with the blanks behind it."""
