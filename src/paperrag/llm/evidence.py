"""Hits -> what an LLM is given to read: numbered entries within its context, most valuable
first.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from paperrag.index.surroundings import texts_below, whole_text
from paperrag.index.tables import EntryTable
from paperrag.llm.generator import estimate_tokens
from paperrag.records import Entry, Hit
from paperrag.text.markup import plain_text, shorten
from paperrag.text.patterns import lazy_pattern

_NUMBER_MARK = lazy_pattern(r"[\[【](\d[\d,，\s]*)[\]】]")


class Evidence(Struct, frozen=True):
    """An entry as an LLM reads it. `is_required`: it belongs to the answer of a list question by
    the program's judgement.

    `text` is what is shown; `whole` adds links and venue, for comparing claims.
    """

    id: int
    hit: Hit
    text: str
    whole: str
    is_required: bool


def gather_evidence(
    required: Sequence[Hit], others: Sequence[Hit], entries: EntryTable, budget_tokens: int
) -> tuple[Evidence, ...]:
    """Return the entries that fit into a budget, required ones first, numbered from 1.

    budget_tokens: by `estimate_tokens`. An entry longer than a quarter of it is shortened, visibly.
    """
    kept: list[Evidence] = []
    left = budget_tokens
    for hit, is_required in [*((hit, True) for hit in required), *((hit, False) for hit in others)]:
        text = _shown(hit.entry, entries, budget_tokens * 3 // 4)
        facts = [
            *hit.entry.breadcrumb,
            *(link.url for link in hit.entry.links[:3]),
            hit.entry.source,
        ]
        cost = estimate_tokens(text) + estimate_tokens(" › ".join(facts)) + 40
        if cost <= left:
            left -= cost
            kept.append(Evidence(0, hit, text, whole_text(hit.entry, entries), is_required))
    return tuple(replace(item, id=number) for number, item in enumerate(kept, 1))


def without_number_marks(text: str) -> str:
    """Return text with `[3]` as `(3)`: only the program's own numbers stand in square brackets."""
    return _NUMBER_MARK.sub(r"(\1)", text)


def without_numbers(text: str) -> str:
    """Return an answer without the numbers of what it cites."""
    return _NUMBER_MARK.sub("", text)


def _shown(entry: Entry, entries: EntryTable, longest_chars: int) -> str:
    text = "\n".join(
        [plain_text(entry.text), *(plain_text(part) for part in texts_below(entry, entries))]
    )
    return without_number_marks(shorten(text, max(200, longest_chars)))
