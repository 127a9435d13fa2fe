"""Scored entries -> an answer with citations, without an LLM.

Too little evidence abstains. A list question gets a line for every entry that belongs to it, a
single question the sentence that answers it. Frames are in the question's language, quotes
stand verbatim in their own. Each `[n]` is checked against the file by the caller's `verify`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from functools import cached_property

import numpy as np

from paperrag.answer.confidence import confidence
from paperrag.answer.selection import (
    Selection,
    select_all,
    select_near,
    select_one,
    select_whole,
    work_row,
)
from paperrag.answer.strings import (
    ABSTRACT_ADDS,
    ABSTRACT_HEAD,
    ABSTRACT_TAG,
    ALSO,
    DATED,
    LIST_HEAD,
    LIST_HEAD_ABSTRACTS,
    LIST_HEAD_MIXED,
    LIST_HEAD_ONE,
    LIST_SECTION,
    MORE,
    NEAREST,
    NONE_DATED,
    NOT_COVERED,
    NOT_NAMED,
    ONE_HEAD,
    ONE_SECTION,
    ONLY_NAMED,
    STATED,
    WEAK,
)
from paperrag.encoders.contract import Encoder, FloatArray, TokenEncoder
from paperrag.index.late import LateInteraction, TokenLists
from paperrag.question.intent import asks_when_or_where, compared, wanted
from paperrag.records import Answer, Citation, Entry, Hit, Language, Link
from paperrag.search.retrieval import EntryScores, Retriever
from paperrag.text.folding import fold
from paperrag.text.language import detect_language, sentence_spans
from paperrag.text.markup import front_matter_end, plain_inline, plain_text, shorten, without_bars

REMARK_CHARS = 220
"""Longest remark in a line of an answer; the citation holds the whole quote."""

SHORT_QUOTE_CHARS = 60
"""A quote shorter than this takes the next sentence of its line with it, or else the one before."""

NEAREST_ENTRIES = 3

WHOLE_ENTRIES = 50
"""How many entries are shown at most where all of a section or a year was asked for."""

_NAME_CHARS = 60
_WORK_CHARS = 60
_SEPARATORS = " :：,，.。;；–—-"
_ADDED_LETTERS = 12
"""What a quote adds to the title it repeats: fewer letters are a venue tag or a year."""

_ASIDE = re.compile(r"\s*(?:（[^）]*）|\([^)]*\))\s*$")
_SENTENCE_MARK = re.compile(r"[:：，。；]|, ")

_MARKER = re.compile(r"^[\s>]*(?:(?:[-*+]|\d{1,9}[.)]|#{1,6})[ \t]+)?(?:\[[ xX]\][ \t]+)?[\s>]*")
_TAIL = re.compile(r"(?:\s*(?:\[\[[^\]\n]*\]\]\([^)\n]*\)|\(?https?://\S+|[,，;；|–—-]))+\s*$")

Verify = Callable[[Entry, str], bool]
"""Whether an entry's file holds a quote on the entry's lines today."""


def answer_question(
    question: str,
    scored: EntryScores,
    retriever: Retriever,
    verify: Verify,
    abstain_below: float,
    weak_below: float,
    most: int | None = None,
    language: Language | None = None,
    is_pick: bool = False,
) -> Answer:
    """Return the extractive answer to a question from its scored entries.

    abstain_below, weak_below: confidences in 0–1; under the first the answer is that the notes do
    not cover it, under the second it says that the match is weak. most: entries cited at most;
    the answer says how many more there are. language: that of the answer, None for the question's.
    is_pick: whether the entries were found before and the question picks some of them.
    """
    language = language or detect_language(question)
    sides = _sides(question, scored, retriever)
    best_title = retriever.data.entries.get(int(scored.rows[0])).title if len(scored.rows) else ""
    unknown = retriever.unknown_names(question)
    sureness = confidence(
        retriever.asked(question), scored, retriever.encoder, best_title, bool(unknown)
    )
    selection = Selection(sides) if sides else _selected(question, scored, retriever, is_pick)
    if not selection.positions or (sureness < abstain_below and not sides):
        return _abstain(
            question,
            language,
            sureness,
            retriever.hits(scored, NEAREST_ENTRIES),
            _reason(question, unknown, scored, retriever, language),
        )
    is_list = (
        bool(sides)
        or wanted(question) == "list"
        or (wanted(question) == "topic" and len(selection.positions) > 1)
    )
    selection = selection.limited(most or (WHOLE_ENTRIES if scored.is_whole else None))
    hits = [
        retriever.hit(scored, position, rank)
        for rank, position in enumerate(selection.positions, 1)
    ]
    quoter = (
        Opening(question, retriever.encoder)
        if scored.is_whole
        else Quoter(question, retriever.encoder)
    )
    if not is_list and _only_names(hits[0].entry):
        hits = _telling(hits[0], scored, retriever) or hits
    citations = tuple(
        cite(number, hit, quoter, retriever, verify) for number, hit in enumerate(hits, 1)
    )
    lines = (
        _list_lines(citations, selection, language)
        if is_list
        else _single_lines(citations, language)
    )
    if asks_when_or_where(question) and (venue := citations[0].entry.venue) and not is_list:
        lines.append(f"{DATED[language].format(venue=venue)} [{citations[0].n}]")
    if sureness < weak_below:
        lines.append(WEAK[language])
    return Answer(
        question, language, "extractive", None, False, "\n".join(lines), citations, (), sureness
    )


def _sides(question: str, scored: EntryScores, retriever: Retriever) -> tuple[int, ...]:
    """Return the positions of the entries about the two things that a question compares, () if the
    notes do not name both.

    An entry that is nearest to the question and names both comes first.
    """
    names = compared(question)
    if names is None:
        return ()
    place_of = {row: place for place, row in enumerate(scored.rows.tolist())}
    naming = [
        sorted(place_of[row] for row in retriever.rows_naming(name) if row in place_of)
        for name in names
    ]
    if not all(naming):
        return ()
    both = [0] if all(0 in places for places in naming) else []
    return tuple(dict.fromkeys([*both, *(places[0] for places in naming)]))


def _selected(question: str, scored: EntryScores, retriever: Retriever, is_pick: bool) -> Selection:
    entries, related = retriever.data.entries, retriever.relations.rows
    want = wanted(question)
    if scored.is_whole:
        return select_whole(question, scored, entries, related)
    if want == "list":
        return select_all(question, scored, entries, related, with_groups=not is_pick)
    return (
        select_near(question, scored, entries, related)
        if want == "topic"
        else select_one(scored, related)
    )


def _only_names(entry: Entry) -> bool:
    """Whether a note gives a paper's name and says no more about it."""
    words, title = _letters(plain_text(entry.text)), _letters(entry.title.rstrip("…"))
    return entry.kind == "note" and len(words.replace(title, "")) <= _ADDED_LETTERS


def _telling(hit: Hit, scored: EntryScores, retriever: Retriever) -> list[Hit]:
    """Return a hit that only names a paper with the best abstract of it, or the best remark below
    it instead, or nothing.
    """
    row_of = retriever.data.entries.row_of
    if abstract := _best_of({row_of(entry.id) for entry in hit.related}, scored, retriever):
        return [hit, abstract]
    row = row_of(hit.entry.id)
    remark = None if row is None else _best_of(set(retriever.rows_below(row)), scored, retriever)
    return [remark] if remark else []


def _best_of(rows: Collection[int | None], scored: EntryScores, retriever: Retriever) -> Hit | None:
    """Return the best scored of some entries as a hit, None if none was scored."""
    position = next((place for place, row in enumerate(scored.rows.tolist()) if row in rows), None)
    return None if position is None else retriever.hit(scored, position, 2)


def _reason(
    question: str,
    unknown: Sequence[str],
    scored: EntryScores,
    retriever: Retriever,
    language: Language,
) -> str:
    """Say what the notes hold nothing of: the date or the names in the question; "" if neither is
    why.
    """
    dates = retriever.scope(question).dated
    if dates and not len(scored.rows):
        return NONE_DATED[language].format(dates=dates)
    return NOT_NAMED[language].format(names=", ".join(unknown)) if unknown else ""


def _abstain(
    question: str, language: Language, sureness: float, nearest: Sequence[Hit], reason: str = ""
) -> Answer:
    lines = [NOT_COVERED[language], *([reason] if reason else [])]
    if nearest:
        lines += [
            NEAREST[language],
            *(
                f"- {hit.entry.title}{_kind_tag(hit.entry, language)} ({_place(hit.entry)})"
                for hit in nearest
            ),
        ]
    return Answer(
        question, language, "extractive", None, True, "\n".join(lines), (), tuple(nearest), sureness
    )


# --- wording ------------------------------------------------------------------------------------


def _list_lines(
    citations: Sequence[Citation], selection: Selection, language: Language
) -> list[str]:
    count = len(citations) + selection.left_out
    abstracts = sum(citation.entry.kind == "abstract" for citation in citations)
    of_notes = LIST_HEAD_ONE if count == 1 else LIST_HEAD
    head = (
        of_notes
        if not abstracts
        else LIST_HEAD_ABSTRACTS
        if abstracts == len(citations)
        else LIST_HEAD_MIXED
    )
    section = (
        LIST_SECTION[language].format(section=_path(selection.section)) if selection.section else ""
    )
    lines = [head[language].format(count=count, section=section)]
    lines += [
        f"- {list_line(citation)}{_kind_tag(citation.entry, language)} [{citation.n}]"
        for citation in citations
    ]
    return lines + ([MORE[language].format(count=selection.left_out)] if selection.left_out else [])


def _single_lines(citations: Sequence[Citation], language: Language) -> list[str]:
    first, *others = citations
    section = (
        ONE_SECTION[language].format(section=_path(first.entry.breadcrumb))
        if first.entry.breadcrumb
        else ""
    )
    mark = f"{_kind_tag(first.entry, language)} [{first.n}]"
    if first.entry.kind == "abstract":
        lines = [
            ABSTRACT_HEAD[language].format(title=_name(first.entry)),
            _shown(first.quote) + mark,
        ]
    elif is_statement(first.entry) or (not _remark(first) and not _names_paper(first.entry)):
        lines = [STATED[language].format(section=section), _shown(first.quote) + mark]
    elif _remark(first):
        lines = [
            ONE_HEAD[language].format(title=_name(first.entry), section=section),
            _remark(first) + mark,
        ]
    elif first.work or not _only_names(first.entry):
        lines = [STATED[language].format(section=section), _shown(first.quote) + mark]
    else:
        lines = [ONLY_NAMED[language].format(section=section), _name(first.entry) + mark]
    if others and others[0].entry in first.related:
        lines += [
            ABSTRACT_ADDS[language],
            f"{_shown(others[0].quote)}{_kind_tag(others[0].entry, language)} [{others[0].n}]",
        ]
    elif others:
        lines += [
            ALSO[language],
            *(
                f"- {list_line(other)}{_kind_tag(other.entry, language)} [{other.n}]"
                for other in others
            ),
        ]
    return lines


def is_statement(entry: Entry) -> bool:
    """Whether an entry is a sentence of the reader's rather than the name of something."""
    if entry.links or entry.role in ("document", "heading"):
        return False
    return _reads_as_sentence(entry.title)


def _names_paper(entry: Entry) -> bool:
    """Whether the title is the label of a link, or short enough to be a name."""
    return (
        not _reads_as_sentence(entry.title)
        or f"[{entry.title}" in entry.text
        or entry.venue is not None
    )


def _reads_as_sentence(title: str) -> bool:
    return len(title) > _NAME_CHARS or bool(_SENTENCE_MARK.search(_ASIDE.sub("", title)))


def list_line(citation: Citation) -> str:
    """Return work, title and remark; without the title where the remark begins with it."""
    work = f"{shorten(citation.work, _WORK_CHARS)} — " if citation.work else ""
    name, remark = _name(citation.entry), _remark(citation)
    if is_statement(citation.entry):
        return work + _shown(citation.quote)
    if not remark:
        return work + name
    starts_alike = _letters(remark).startswith(_letters(citation.entry.title.rstrip("…"))[:40])
    return work + (remark if starts_alike else f"{name} — {remark}")


def _name(entry: Entry) -> str:
    return shorten(entry.title, 110)


def _remark(citation: Citation) -> str:
    """The quote as it is shown, "" if it says no more than the title."""
    shown = _shown(citation.quote)
    title, words = _letters(citation.entry.title.rstrip("…")), _letters(shown)
    says_more = words not in title and (
        title not in words or len(words) - len(title) > _ADDED_LETTERS
    )
    if not says_more:
        return ""
    _, found, after = shown.partition(citation.entry.title)
    return (
        after.lstrip(_SEPARATORS)
        if found and citation.entry.links and len(after) > _ADDED_LETTERS
        else shown
    )


def _shown(quote: str) -> str:
    return shorten(re.sub(r"\s+", " ", plain_inline(without_bars(quote))).strip(), REMARK_CHARS)


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()


def _kind_tag(entry: Entry, language: Language) -> str:
    return ABSTRACT_TAG[language] if entry.kind == "abstract" else ""


def _path(breadcrumb: Sequence[str]) -> str:
    """The inner end of a breadcrumb, as people name places: "KV-Cache › KV Cache Merging"."""
    return " › ".join(shorten(_ASIDE.sub("", part) or part, 48) for part in breadcrumb[-2:])


def _place(entry: Entry) -> str:
    return f"{entry.source}:{entry.line_start}"


# --- citations ----------------------------------------------------------------------------------


def cite(number: int, hit: Hit, quoter: Quoter, retriever: Retriever, verify: Verify) -> Citation:
    """Return a hit as citation [n], with the quote that is nearest to what the quoter was made
    for.
    """
    quote = quoter.quote(hit)
    return Citation(
        n=number,
        entry=hit.entry,
        quote=quote,
        quote_verified=verify(hit.entry, quote),
        links=paper_links(hit.entry, retriever),
        score=hit.score,
        work=_work_title(hit.entry, retriever),
        related=hit.related,
    )


def _work_title(entry: Entry, retriever: Retriever) -> str | None:
    entries = retriever.data.entries
    row = entries.row_of(entry.id)
    work = None if row is None else work_row(row, entries)
    return None if work is None or work == row else entries.get(work).title


def paper_links(entry: Entry, retriever: Retriever) -> tuple[Link, ...]:
    """Return the entry's links, or those of the nearest entry above that has some."""
    entries = retriever.data.entries
    while (
        not entry.links and entry.parent_id and (row := entries.row_of(entry.parent_id)) is not None
    ):
        entry = entries.get(row)
    return entry.links


class Quoter:
    """Picks the sentence of an entry that is nearest to the question."""

    def __init__(self, question: str, encoder: Encoder) -> None:
        self._encoder = encoder
        self._question = fold(question)

    @cached_property
    def _query(self) -> FloatArray:
        return np.asarray(self._encoder.encode_query([self._question])[0], dtype=np.float32)

    def quote(self, hit: Hit) -> str:
        """Return a verbatim stretch of the entry's text: its best sentence, with its neighbours if
        it is short.
        """
        text, spans = hit.entry.text, _quotable_spans(hit)
        first = last = self._nearest([fold(plain_text(text[start:end])) for start, end in spans])
        while spans[last][1] - spans[first][0] < SHORT_QUOTE_CHARS:
            if last + 1 < len(spans) and "\n" not in text[spans[last][1] : spans[last + 1][0]]:
                last += 1
            elif first > 0 and "\n" not in text[spans[first - 1][1] : spans[first][0]]:
                first -= 1
            else:
                break
        return text[spans[first][0] : spans[last][1]]

    def _nearest(self, sentences: Sequence[str]) -> int:
        return int(np.argmax(self._scores(sentences))) if len(sentences) > 1 else 0

    def _scores(self, sentences: Sequence[str]) -> FloatArray:
        """Return cosines, and where tokens have vectors also how many of the question's words are
        met.
        """
        scores = self._encoder.encode_document(sentences) @ self._query
        if isinstance(self._encoder, TokenEncoder):
            lists = TokenLists.of(self._encoder.token_ids(sentences), [()] * len(sentences))
            scores = (
                scores
                + LateInteraction(self._encoder, lists).scores(
                    self._question, np.arange(len(sentences))
                )[0]
            )
        return np.asarray(scores, dtype=np.float32)


class Opening(Quoter):
    """Picks what an entry says first: for questions that say where to look and no more."""

    def _nearest(self, sentences: Sequence[str]) -> int:
        return 0


def _quotable_spans(hit: Hit) -> list[tuple[int, int]]:
    """Return spans of sentences that say something beyond the title, within the chunk that
    matched.
    """
    entry, (low, high) = hit.entry, hit.span
    spans = [
        _trimmed(entry.text, start, end)
        for start, end in sentence_spans(entry.text)
        if low <= start < high
    ]
    spans = [(start, end) for start, end in spans if _letters(entry.text[start:end])]
    if entry.role == "document":
        spans = [
            (start, end) for start, end in spans if start >= front_matter_end(entry.text)
        ] or spans
    if is_statement(entry):
        return spans or [(0, len(entry.text))]
    title = _letters(entry.title)
    telling = [
        (start, end)
        for start, end in spans
        if _letters(plain_inline(entry.text[start:end])) not in title
    ]
    without_title_line = [
        (start, end)
        for start, end in telling
        if start > entry.text.find("\n") >= 0 or not entry.links
    ]
    return without_title_line or telling or spans or [(0, len(entry.text))]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Leave list and quote markers, and trailing links, out of a span."""
    marker = _MARKER.match(text[start:end])
    start += marker.end() if marker else 0
    tail = _TAIL.search(text[start:end])
    return (start, start + tail.start()) if tail and tail.start() else (start, end)
