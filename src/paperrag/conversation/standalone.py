"""A question and what was asked before -> a question that stands alone, and the entries that it is
about.

    self-contained? left as it is, no LLM is asked
    "which of them …" ─> searched for among the entries that the last answer cites, and below them
    "what is the success rate" ─> asked of the one cited work by its name; of several, looked for in
    them first, then in all notes
    "who published it" ─> the name of the cited entry, or the last question, takes the pronoun's
    place

An LLM, if there is one, words the question; rules say what is a follow-up and what it is about,
and word it when the LLM fails. Rules of the two languages only; no word of any corpus is in them.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from paperrag.answer.strings import NO_SUCH_PLACE, OF_ANSWERS_TO, ON_QUESTION
from paperrag.conversation.followups import Said, is_generic
from paperrag.conversation.history import Exchange
from paperrag.conversation.pointing import ENDS_NE, PLACED_EN, content_words
from paperrag.conversation.rewriting import Rewriter
from paperrag.errors import GenerationError
from paperrag.question.record import Question
from paperrag.records import Citation, Entry
from paperrag.text.language import HAN_CHAR
from paperrag.text.markup import shorten
from paperrag.text.names import proper_names
from paperrag.text.patterns import lazy_pattern

Read = Callable[[str], Question]
"""How a text is read as a question."""

_NAME_CHARS = 150
_TOPIC_CHARS = 200

_BEFORE_MARK = lazy_pattern(r" (?=[?!.'’])")

log = logging.getLogger("paperrag")


class Standalone(Struct, frozen=True):
    """A question as it stands alone; `query`: what of it is compared with entries; `among`: ids of
    the entries it is about.

    `among` is None for a question about all notes. `is_pick`: whether some of these entries are
    asked for, not all. `near`: ids of entries whose works are looked at first when nothing in the
    question says which are meant; all notes are, where these do not answer. `of_each`: whether it
    is asked of each of several entries. `notice`: what is said above its answer.
    """

    question: str
    query: str
    among: tuple[str, ...] | None = None
    is_pick: bool = False
    near: tuple[str, ...] = ()
    of_each: bool = False
    notice: str | None = None


def standalone(
    question: Question,
    history: Sequence[Exchange],
    read: Read,
    rewriter: Rewriter | None = None,
) -> Standalone:
    """Return a question as it stands alone after a history, oldest exchange first.

    read: how questions before it are read. The rewriter, if any, words a follow-up; rules word it
    if that fails.
    """
    if not history or not (said := Said.of(question)).follows_up:
        return Standalone(question.raw, question.raw)
    by_rules = replace(_by_rules(said, history, read), notice=_no_such_place(said, history))
    if rewriter is None:
        return by_rules
    try:
        written = rewriter.rewritten(question, history)
    except GenerationError as error:
        name = rewriter.generator.name
        log.info("follow-up question worded by rules, not by %s: %s", name, error)
        return by_rules
    return replace(by_rules, question=written, query=by_rules.query if by_rules.among else written)


def _found(history: Sequence[Exchange], least: int) -> Exchange | None:
    """Return the newest exchange that found at least so many entries, if those after it only
    followed it up.
    """
    for one in reversed(history):
        if len(one.answer.citations) >= least:
            return one
        if one.answer.standalone is None:
            break
    return None


def _by_rules(said: Said, history: Sequence[Exchange], read: Read) -> Standalone:
    if pointed := _at_place(said, history) or _among(said, history):
        return pointed
    own = said.own
    last = _found(history, 1) or history[-1]
    citations, topic = last.answer.citations, _topic(last.question)
    name = ""
    if len(set(map(_work_of, citations))) == 1:
        is_list = read(last.question).want == "list"
        name = _name(citations[0], "" if is_list else topic)
    named = said.asks_about()
    if named and name and is_generic(named):  # "and the year?" is asked of that work
        return Standalone(f"{name}: {own}", f"{name}: {own}")
    if named:
        return _about(named, topic, name, ON_QUESTION[said.rules])
    if replaced := _placed(own, topic) or _renamed(said, name):
        return Standalone(replaced, replaced)
    near = tuple(citation.entry.id for citation in citations)
    whole = own + ON_QUESTION[said.question.language].format(topic=topic)
    if not content_words(own):
        return Standalone(whole, topic)
    if not citations:
        return Standalone(whole, f"{own} {topic}")
    return Standalone(whole, f"{name}: {own}" if name else own, near=near, of_each=len(near) > 1)


def _has_file(entry: Entry) -> bool:
    return entry.work is not None and entry.work.id == entry.source


def _work_of(citation: Citation) -> str:
    """Return the id of the work that is cited, of an entry without one its own."""
    entry = citation.entry
    return entry.work.id if entry.work else entry.id


def _renamed(said: Said, name: str) -> str:
    """Return a question with a name in place of its pronoun, "" if it has none."""
    replaced = said.with_name(name) if name else said.own
    return "" if replaced == said.own else replaced


def _among(said: Said, history: Sequence[Exchange]) -> Standalone | None:
    """Return a question about the entries that were found, or that picks some of them, as one about
    these; None if it is neither.
    """
    is_pick = said.selects()
    last = (_found(history, 2) if is_pick else None) or _found(history, 1) or history[-1]
    citations = last.answer.citations
    if not citations or not (is_pick or (len(citations) > 1 and said.means_several())):
        return None
    query, topic = said.without_reference(), _topic(last.question)
    whole = query + OF_ANSWERS_TO[said.question.language].format(topic=topic)
    ids = tuple(citation.entry.id for citation in citations)
    is_about_all = is_generic(query)
    return Standalone(
        whole,
        topic if is_about_all else query,
        ids,
        is_pick=not is_about_all,
        of_each=not (is_about_all or said.selects()),
    )


def _at_place(said: Said, history: Sequence[Exchange]) -> Standalone | None:
    """Return a question about one of the entries shown, told by its place, as one about that
    entry; None if it tells none.
    """
    named, last = said.place(), _found(history, 1)
    if named is None or last is None or not -1 <= named[1] < len(last.answer.citations):
        return None
    citation = last.answer.citations[named[1]]
    name, rest = _name(citation, ""), said.own.replace(named[0], " ")
    if is_generic(ENDS_NE.sub("", rest)) and _has_file(citation.entry):
        return Standalone(name, name)
    spaced = " ".join(said.own.replace(named[0], f" {name} ").split())
    replaced = _BEFORE_MARK.sub("", spaced)
    return Standalone(replaced, replaced, (citation.entry.id,))


def _no_such_place(said: Said, history: Sequence[Exchange]) -> str | None:
    """Return the sentence that says that the entries shown are fewer than is pointed at, None
    where they are not.
    """
    named, last = said.place(), _found(history, 1)
    if named is None or last is None or named[1] < (count := len(last.answer.citations)):
        return None
    return NO_SUCH_PLACE[said.question.language].format(count=count, number=named[1] + 1)


def _about(named: str, topic: str, name: str, frame: str) -> Standalone:
    """Return the last question with another thing in place of the one that it was about.

    Where that one cannot be told, the new thing is said twice: what is asked for now outweighs
    what was asked before.
    """
    if name and name in topic:
        replaced = topic.replace(name, named)
        return Standalone(replaced, replaced)
    whole = named + frame.format(topic=topic)
    return Standalone(whole, named if proper_names(named) else f"{named}: {named}? {topic}")


def _placed(own: str, topic: str) -> str:
    """Return the last question with another thing behind a preposition that it has, too: "on X?"
    after "how well does A do on Y?"; "" if it has none.
    """
    found = PLACED_EN.match(own)
    behind = rf"\b{found[1]}\s+[\w-]+" if found else ""
    if not behind or len(re.findall(behind, topic, re.IGNORECASE)) != 1:
        return ""
    return re.sub(behind, own.strip(" ?.!"), topic, flags=re.IGNORECASE)


def _topic(question: str) -> str:
    """Return what a question is about at its widest: what stands behind it, if rules worded it."""
    for frame in (*OF_ANSWERS_TO.values(), *ON_QUESTION.values()):
        before, after = frame.split("{topic}")
        if before in question and question.endswith(after):
            own, _, topic = question.removesuffix(after).partition(before)
            keeps_own = frame in ON_QUESTION.values() and not is_generic(own)
            question = (
                f"{own}{'：' if HAN_CHAR.search(own) else ': '}{topic}" if keeps_own else topic
            )
    return shorten(question, _TOPIC_CHARS)


def _title(citation: Citation) -> str:
    return citation.work or citation.entry.title


def _name(citation: Citation, topic: str) -> str:
    """Return what people call a cited entry: the name that the question has for it, or the head of
    its title.
    """
    title = _title(citation).rstrip("…").strip()
    head = re.split(r"[:：]", title, maxsplit=1)[0].strip()
    first = head.split(" ", 1)[0].rstrip(",，")
    if proper_names(first):
        return first
    if head and head.lower() in topic.lower():
        return shorten(head, _NAME_CHARS)
    told = f"{title} {' '.join(citation.entry.breadcrumb)} {citation.quote}"
    known = [
        name
        for name in proper_names(topic)
        if re.search(rf"\b{re.escape(name)}\b", told, re.IGNORECASE)
    ]
    if known:
        return known[0]
    return shorten(head or title, _NAME_CHARS)
