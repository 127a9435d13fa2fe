"""What is known of a question once it is read, as a record: search, selection, confidence, wording
and writing take it; none of them reads the text again.
"""

from __future__ import annotations

from msgspec import Struct

from paperrag.question.answer_type import Wanted
from paperrag.question.intent import Want
from paperrag.question.names import RequiredName
from paperrag.question.scope import Scope
from paperrag.records import Language


class Question(Struct, frozen=True):
    """A question as it was understood.

    raw: as it was typed, without blanks around. asked: what of it is compared with entries: folded,
    without where to look, names in the spelling of the notes. language: of the answer. want: every
    entry that fits, what a topic suggests, or the one that answers. counts: whether the number of
    entries is asked for. names_works: whether it says papers, methods or the like. asks_inside:
    whether what one of them says is asked for rather than these. wanted: what an answer should
    hold. asks_date: whether that is when or where something was published. names: what is written
    as a name in `asked`; unknown_names: those that the notes nowhere hold; required_names: those
    that what is asked for must hold, where several are. compared: the two things that are held
    against each other. asks_of_paper: whether it surely asks who wrote a paper that it describes,
    or when or where that was published; asks_field: whether its words ask so of any paper. parts:
    the questions that it is made of, () for one. paper_ids: ids such as "2407.08454" in `asked`.
    points_back: whether it seems to need what was said before; picks: whether it picks some of what
    an answer cited. subject: what it says before a colon. leads: of one for one thing, the clauses
    of `asked` before it asks, each with what stands behind it. only_names, asks_gist: of one about
    a work, whether it asks for no more, or for no more than what that proposes. name_of_paper: the
    one of `names` that it calls a paper.
    """

    raw: str
    asked: str
    language: Language
    want: Want
    names_works: bool
    scope: Scope
    names: tuple[str, ...] = ()
    unknown_names: tuple[str, ...] = ()
    required_names: tuple[RequiredName, ...] = ()
    compared: tuple[str, str] | None = None
    asks_date: bool = False
    paper_ids: tuple[str, ...] = ()
    wanted: Wanted = Wanted()
    counts: bool = False
    asks_inside: bool = False
    parts: tuple[QuestionPart, ...] = ()
    points_back: bool = False
    picks: bool = False
    subject: str = ""
    leads: tuple[tuple[str, str], ...] = ()
    asks_of_paper: bool = False
    asks_field: bool = False
    only_names: bool = False
    asks_gist: bool = False
    name_of_paper: str = ""


class QuestionPart(Struct, frozen=True):
    """One of the questions that a question is made of, as it was said and as it was understood.
    is_of_head: whether it says no name and is asked of what the first one names.
    """

    said: str
    question: Question
    is_of_head: bool = False
