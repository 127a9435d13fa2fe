"""A saved answer -> whether today's notes still bear it out: each quote, and each sentence against
the entries it cites.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from paperrag.encoders.contract import StateEncoder
from paperrag.index.surroundings import whole_text
from paperrag.index.tables import EntryTable
from paperrag.proof.proving import without_marks
from paperrag.proof.reply import parse_reply
from paperrag.proof.saved import SavedAnswer, SavedCitation
from paperrag.proof.strings import UNSUPPORTED_NOTE, WHY
from paperrag.proof.support import SUPPORTED, SupportScorer
from paperrag.records import Entry
from paperrag.text.language import detect_language
from paperrag.text.patterns import lazy_pattern

_CUT_WORD = lazy_pattern("[A-Za-z][A-Za-z-]*…")
"""What is left of a word where an answer shortened a name or a quote."""


class CitationCheck(Struct, frozen=True):
    """What became of a citation; `entry` is where the quote stands now, None if it stands nowhere.

    "moved": the quote stands in another entry; "changed": the entry is there and says something
    else.
    """

    n: int
    status: Literal["verified", "moved", "changed", "gone"]
    quote: str
    entry: Entry | None


class ClaimCheck(Struct, frozen=True):
    """A sentence that cites entries, the probability in 0–1 that they say so today, and what they
    do not bear out.
    """

    text: str
    citations: tuple[int, ...]
    support: float
    why: str = ""

    @property
    def is_supported(self) -> bool:
        """Whether the entries say so."""
        return self.support >= SUPPORTED


class Verification(Struct, frozen=True):
    """What checking a saved answer found."""

    answer: SavedAnswer
    citations: tuple[CitationCheck, ...]
    claims: tuple[ClaimCheck, ...]

    @property
    def holds(self) -> bool:
        """Whether every quote still stands in the notes and every cited sentence is supported."""
        return all(check.status in ("verified", "moved") for check in self.citations) and all(
            claim.is_supported for claim in self.claims
        )


def verify_answer(answer: SavedAnswer, entries: EntryTable, encoder: StateEncoder) -> Verification:
    """Return what today's entries say to a saved answer."""
    checks = tuple(_check(citation, entries) for citation in answer.citations)
    texts = {check.n: whole_text(check.entry, entries) if check.entry else "" for check in checks}
    return Verification(answer, checks, tuple(_claims(answer.text, texts, encoder)))


def _check(citation: SavedCitation, entries: EntryTable) -> CitationCheck:
    row = entries.row_of(citation.entry_id)
    entry = None if row is None else entries.get(row)
    if entry is not None and citation.quote and citation.quote in entry.text:
        return CitationCheck(citation.n, "verified", citation.quote, entry)
    elsewhere = next(
        (
            one
            for one in map(entries.get, range(len(entries)))
            if citation.quote and citation.quote in one.text
        ),
        None,
    )
    if elsewhere is not None:
        return CitationCheck(citation.n, "moved", citation.quote, elsewhere)
    return CitationCheck(citation.n, "changed" if entry else "gone", citation.quote, entry)


def _claims(text: str, texts: dict[int, str], encoder: StateEncoder) -> Sequence[ClaimCheck]:
    for note in UNSUPPORTED_NOTE.values():
        text = text.replace(note, "")
    sentences = parse_reply(without_marks(text), max(texts, default=0)).sentences
    numbers = list(texts)
    scorer = SupportScorer(encoder, list(texts.values())) if texts else None
    checks = []
    for sentence in sentences:
        places = [numbers.index(number) for number in sentence.ids if number in texts]
        if scorer and places:
            found = scorer.judge(_CUT_WORD.sub("…", sentence.text), places)
            language = detect_language(sentence.text)
            why = "; ".join(
                WHY[one.kind][language].format(said=one.said, held=one.held)
                for one in found.reasons
            )
            checks.append(ClaimCheck(sentence.text, tuple(sentence.ids), found.chance, why))
    return checks
