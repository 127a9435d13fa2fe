"""What an answer is quoted with, whatever it is about."""

from __future__ import annotations

from msgspec import Struct

from paperrag.answer.citing import Verify
from paperrag.answer.judging import Judge
from paperrag.answer.quoting import Opening, Quoter
from paperrag.encoders.contract import Encoder
from paperrag.question.record import Question


class Quotes(Struct, frozen=True):
    """The encoder that says which sentences are near, what checks a quote against its file, and a
    judge, if there is one, that says which sentence answers one thing.
    """

    encoder: Encoder
    verify: Verify
    judge: Judge | None = None

    def quoter(self, question: Question, is_whole: bool = False) -> Quoter:
        """Return what picks the sentences that answer a question; is_whole: whether it only says
        where to look.
        """
        make = Opening if is_whole else Quoter
        judge = self.judge if question.want == "one" else None
        return make(question.raw, self.encoder, question.asked, question.wanted, judge)
