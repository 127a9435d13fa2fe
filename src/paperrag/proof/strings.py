"""What is said of sentences that the notes do not bear out, in English and Chinese."""

from __future__ import annotations

from paperrag.records import Language

UNSUPPORTED_MARK = " ⚠"
"""Stands behind a sentence of an LLM's that the cited entries do not support."""

WHY: dict[str, dict[Language, str]] = {
    "other": {"en": "the notes say {held}, not {said}", "zh": "笔记写的是 {held}，不是 {said}"},
    "no_source": {"en": "no source for {said}", "zh": "{said} 没有出处"},
    "instead": {"en": "the notes say “{held}”", "zh": "笔记写的是“{held}”"},
}
"""What is not borne out; stands behind the mark."""

UNSUPPORTED_NOTE: dict[Language, str] = {
    "en": "⚠ Not supported by the cited entries; check it.",
    "zh": "⚠ 所引条目不支持该句，请核对。",
}
