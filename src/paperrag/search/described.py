"""A question that says what a work does before it asks something of it -> what it asks.

"The one that turns a history into one token: with what error does it win?" asks for an error. A
clause that leads in describes a work if the note on the work says it first.
"""

from __future__ import annotations

import numpy as np
from msgspec.structs import replace

from paperrag.encoders.contract import Encoder, TokenEncoder
from paperrag.index.late import LateInteraction, TokenLists
from paperrag.index.lexical import tokenize
from paperrag.index.tables import EntryTable
from paperrag.question.record import Question
from paperrag.search.named import Inside
from paperrag.search.weights import LEAST_MET
from paperrag.text.folding import fold


class Descriptions:
    """Finds what questions ask of works that they describe, in one loaded index."""

    def __init__(self, entries: EntryTable, encoder: Encoder) -> None:
        self._entries = entries
        self._encoder = encoder

    def inside(self, question: Question, unit: int) -> Inside | None:
        """Return a question for one thing that describes the work of a row as what it asks of it;
        None without a description or anything behind it.
        """
        work = self._entries.get(unit).work
        if work is None:
            return None
        rest = self._behind_description(question, unit)
        if not tokenize(rest):
            return None
        names, unknown = (
            tuple(name for name in names if name in rest)
            for names in (question.names, question.unknown_names)
        )
        within = replace(question, raw=rest, asked=rest, names=names, unknown_names=unknown)
        return Inside(work.name, within, (unit,))

    def _behind_description(self, question: Question, unit: int) -> str:
        """Return what stands behind the clauses that describe a work, "" if none does."""
        behind = ""
        for clause, rest in question.leads:
            if self._share_said_first(clause, unit) < LEAST_MET:
                break
            behind = rest
        return behind

    def _share_said_first(self, clause: str, unit: int) -> float:
        """Return how much of a clause is met by a work's name and what its note says first."""
        if not isinstance(self._encoder, TokenEncoder):
            return 0.0
        entry = self._entries.get(unit)
        work = entry.work
        said = (entry.text, *((work.name, *work.aliases, work.statement) if work else ()))
        lists = TokenLists.of(self._encoder.token_ids([fold("\n".join(said))]), [()])
        late = LateInteraction(self._encoder, lists)
        return float(late.scores(clause, np.zeros(1, dtype=np.int64))[0][0])
