"""What somebody typed -> Question: everything the program knows of it, read once.

What notes hold comes in through `Vocabulary`, so that this folder knows no index.
"""

from __future__ import annotations

import re

from msgspec.structs import replace

from paperrag.errors import QueryError
from paperrag.question.answer_type import wanted_of
from paperrag.question.classifier import Likely, classifier
from paperrag.question.faceted import faceted
from paperrag.question.facets import AskedFacet, ReadFacet
from paperrag.question.intent import (
    Want,
    asks_of_paper,
    asks_when,
    asks_who,
    compared,
    is_of_one_paper,
    names_works,
    subject_of,
    wanted,
    without_asking_notes,
)
from paperrag.question.names import (
    misspellable,
    name_of_paper,
    numbered,
    required_names,
)
from paperrag.question.nouns import GIST_EN, GIST_ZH
from paperrag.question.parts import leads_of, parts_of
from paperrag.question.record import Question, QuestionPart
from paperrag.question.scope import Scope, only_asks, only_where, read_scope
from paperrag.question.thresholds import (
    ASKS_BY_FACET,
    BOTH_SAY,
    LISTS_BY_FACET,
    MAYBE_WORKS,
    NAMES_BY_FACET,
    PROBABLY_WORKS,
    SEVERAL_NOT_TOPIC,
    SHOUTED_WORDS,
    SURELY_NO_FACET,
    SURELY_ONE,
    SURELY_SEVERAL,
)
from paperrag.question.venues import with_short_venues
from paperrag.question.vocabulary import Vocabulary
from paperrag.question.years import with_years_in_figures
from paperrag.records import Language
from paperrag.text.dates import with_months_spelt
from paperrag.text.folding import fold
from paperrag.text.language import detect_language
from paperrag.text.links import find_paper_ids
from paperrag.text.names import proper_names, squeezed, without_name
from paperrag.text.patterns import any_of, lazy_pattern

_GIST = lazy_pattern(rf"\b{any_of(GIST_EN)}\b|{any_of(GIST_ZH)}", re.IGNORECASE)

MAX_QUERY_CHARS = 4000
"""Longest question that is read; longer ones are refused, not cut."""


def no_facet(_: str) -> AskedFacet:
    """Return that a question asks by no facet."""
    return AskedFacet()


def read_question(
    text: str,
    notes: Vocabulary,
    language: Language | None = None,
    read_facet: ReadFacet = no_facet,
) -> Question:
    """Return what a text asks; language: of the answer, None for the question's own. read_facet:
    tells by which facet it asks for papers.

    Raises QueryError if it is empty or too long.
    """
    raw = check_question(text)
    language = language or detect_language(raw)
    whole = _read_whole(raw, language, notes, read_facet)
    return replace(whole, parts=_read_parts(raw, notes, language, read_facet))


def _read_whole(raw: str, language: Language, notes: Vocabulary, read_facet: ReadFacet) -> Question:
    """Return what a text asks, its parts aside."""
    folded = _folded(raw, notes)
    likely = classifier().read(folded)
    want, scope = _wanted_where(folded, likely, notes, read_facet)
    sides, for_works = compared(folded), is_for_works(folded, likely)
    who, when = asks_who(folded), asks_when(folded)
    asked = _as_in_notes(scope.rest, notes)
    read = Question(
        raw=raw,
        asked=asked,
        language=language,
        want=want,
        names_works=names_works(folded),
        scope=scope,
        compared=sides,
        asks_date=when or likely.answer_type == "date",
        wanted=wanted_of(raw, "person" if who else likely.answer_type, for_works),
        counts=likely.counts,
        asks_inside=not for_works,
        points_back=likely.points_back,
        subject=subject_of(folded),
        leads=leads_of(asked) if want == "one" and not sides else (),
        asks_of_paper=asks_of_paper(asked),
        asks_field=who or when,
    )
    return _with_names(read, notes)


def _with_names(question: Question, notes: Vocabulary) -> Question:
    """Return a question with the names and ids that it says, and which of these the notes hold."""
    asked = question.asked
    others = _other_versions(asked, notes)
    said = (*proper_names(f"of {question.subject}"), *proper_names(asked))
    names = (*dict.fromkeys(said), *others)
    return replace(
        question,
        names=names,
        unknown_names=tuple(name for name in names if name in others or not _is_known(name, notes)),
        required_names=() if question.want == "one" else required_names(asked, notes.writes),
        name_of_paper=name_of_paper(asked, names),
        paper_ids=tuple(find_paper_ids(asked)),
    )


def _other_versions(asked: str, notes: Vocabulary) -> tuple[str, ...]:
    """Return the names with a number behind them of which notes write other numbers alone."""
    found = (
        (name, number, notes.numbers_behind(name))
        for name, number in numbered(asked)
        if notes.holds(name)
    )
    return tuple(f"{name} {number}" for name, number, told in found if told and number not in told)


def _folded(raw: str, notes: Vocabulary) -> str:
    """Return a question as rules and classifier read it."""
    folded = with_years_in_figures(with_months_spelt(without_shouting(fold(raw))))
    return without_asking_notes(with_short_venues(folded, notes.venues()))


def _read_parts(
    raw: str, notes: Vocabulary, language: Language, read_facet: ReadFacet
) -> tuple[QuestionPart, ...]:
    """Return the questions that a question is made of."""
    parts = [
        QuestionPart(said, read_question(said, notes, language, read_facet))
        for said in parts_of(raw)
    ]
    named = parts[0].question.names[:1] if parts else ()
    for at, part in enumerate(parts):
        if named and not part.question.names:
            of_head = read_question(f"{named[0]}: {part.said}", notes, language, read_facet)
            parts[at] = QuestionPart(part.said, of_head, is_of_head=True)
    return tuple(parts)


def within_work(question: Question, name: str) -> Question:
    """Return a question as one about a work of a name: without the name, which all of the work is
    about.
    """
    key, asked = squeezed(name), without_name(question.asked, name)
    return replace(
        question,
        asked=asked,
        names=tuple(one for one in question.names if squeezed(one) not in key),
        required_names=tuple(
            one for one in question.required_names if squeezed(one.name) not in key
        ),
        asks_inside=True,
        names_works=False,
        only_names=not question.asks_field and only_asks(asked),
        asks_gist=not question.asks_field and only_asks(_GIST.sub(" ", asked)),
    )


def without_shouting(text: str) -> str:
    """Return English without a small letter in small letters: its capitals say nothing. Few words
    may be names, and stay.
    """
    is_shouted = text.isascii() and text == text.upper() and len(text.split()) >= SHOUTED_WORDS
    return text.lower() if is_shouted else text


def _wanted_where(
    folded: str, likely: Likely, notes: Vocabulary, read_facet: ReadFacet
) -> tuple[Want, Scope]:
    """Return what a question wants, and where: all that is there if it says nothing else."""
    want = _wanted(folded, likely)
    is_of_one = want == "one" and likely.shares["want"]["one"] >= SURELY_NO_FACET
    asked = AskedFacet() if is_of_one else read_facet(folded)
    if want == "one" and (asked.facets[0] == "none" or asked.sureness < ASKS_BY_FACET):
        return _one_or_where(folded, notes)
    by_rules = read_scope(folded, notes)
    if asked.sureness >= _least_by_facet(want, folded, asked, by_rules):
        told = faceted(folded, asked, by_rules, notes)
        if told is not None and not (told.lacking and by_rules.restricts):
            return "list", told
    return (want, by_rules) if want != "one" else _one_or_where(folded, notes)


def _one_or_where(folded: str, notes: Vocabulary) -> tuple[Want, Scope]:
    """Return that one thing is wanted, or all that is where a question says if it says no more."""
    where = only_where(folded, notes)
    return ("one", Scope(folded)) if where is None else ("list", where)


def _least_by_facet(want: Want, folded: str, asked: AskedFacet, by_rules: Scope) -> float:
    """Return the share from which a question is taken to ask by a facet; a topic that says papers
    may well be a list, and one that asks about nothing besides.
    """
    if want == "one":
        return ASKS_BY_FACET
    if by_rules.asks_by(asked.facets[0]):
        return BOTH_SAY
    if want == "list" or names_works(folded):
        return LISTS_BY_FACET
    return NAMES_BY_FACET if asked.contents else ASKS_BY_FACET


def _wanted(folded: str, likely: Likely) -> Want:
    by_rule = wanted(folded)
    is_one = is_of_one_paper(folded) or likely.shares["want"]["one"] >= SURELY_ONE
    if is_one:
        return "one"
    least = SURELY_SEVERAL if by_rule == "one" else SEVERAL_NOT_TOPIC
    return "list" if likely.several >= least else by_rule


def is_for_works(folded: str, likely: Likely) -> bool:
    """Whether papers or methods are asked for rather than what is said in them."""
    surely, maybe = likely.works >= PROBABLY_WORKS, likely.works >= MAYBE_WORKS
    return surely or (maybe and names_works(folded))


def check_question(text: str) -> str:
    """Return the question without surrounding blanks. Raises QueryError if it is empty or too
    long.
    """
    stripped = text.strip()
    if not any(char.isalnum() for char in stripped):
        raise QueryError(
            "the question is empty; ask something, such as: which methods merge KV cache?"
        )
    if len(stripped) > MAX_QUERY_CHARS:
        raise QueryError(
            f"the question has {len(stripped)} characters, at most {MAX_QUERY_CHARS} are read; "
            "ask with fewer words"
        )
    return stripped


def _as_in_notes(text: str, notes: Vocabulary) -> str:
    """Return the text; a paper's id gives way to its name where more is said, a name that the notes
    do not hold to one spelt nearly so, "Tacotron 2" to the Tacotron2 of the notes.
    """
    for identifier in find_paper_ids(text):
        name = notes.called(identifier)
        said = rf"(?:arxiv\s+)?[!-~]*{re.escape(identifier)}[!-~]*"
        named = re.sub(said, f" {name} ", text, flags=re.IGNORECASE).strip()
        text = named if name and named != name else text
    for name, number in numbered(text):
        joined = f"{name}{number}"
        text = text.replace(f"{name} {number}", joined) if notes.writes(joined) else text
    for name in misspellable(text):
        if not notes.holds(name):
            text = text.replace(name, notes.spelt(name))
    return text


def _is_known(name: str, notes: Vocabulary) -> bool:
    """Whether the notes hold a name, or the part of it that a word in small letters is joined to:
    for DPO-ranked and multi-DPO, DPO; for Flash-3, Flash-3; for ARC-AGI, ARC-AGI.
    """
    head, _, tail = name.partition("-")
    told = tail if head.islower() else head if tail.isalpha() and tail.islower() else name
    return notes.holds(name) or notes.holds(told)
