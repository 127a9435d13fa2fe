"""An entry and a question -> the words of the entry that answer it, verbatim."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from msgspec.structs import replace

from paperrag.answer.called import is_statement
from paperrag.answer.fitting import (
    answers_nothing,
    echoes,
    fit,
    gives_name,
    is_question,
    says_by_whom,
    says_new_name,
)
from paperrag.answer.judging import Judge, text_to_judge
from paperrag.answer.weights import FEWEST_JUDGED, MOST_JUDGED, SENTENCE_GAIN
from paperrag.encoders.contract import Encoder, FloatArray, TokenEncoder
from paperrag.index.late import LateInteraction, TokenLists
from paperrag.notes.boxes import begins_box
from paperrag.notes.bylines import tells_origin
from paperrag.notes.naming import only_points
from paperrag.question.answer_type import Wanted
from paperrag.records import Entry, Hit, Span
from paperrag.text.fields import words_of_field
from paperrag.text.folding import fold, letters
from paperrag.text.inline import plain_inline
from paperrag.text.language import sentence_spans
from paperrag.text.markers import ITEM
from paperrag.text.markup import TAGS_BEHIND, item_title, plain_text
from paperrag.text.patterns import lazy_pattern
from paperrag.text.readable import readable

QUOTE_CHARS = 600
"""Longest quote."""

SHORT_QUOTE_CHARS = 60
"""A quote shorter than this takes the next sentence of its line with it, or else the one before."""

ROOMY_QUOTE_CHARS = 240
"""The same where one sentence may not tell it."""

_MARKER = lazy_pattern(rf"^[\s>]*(?:(?:{ITEM}|#{{1,6}})[ \t]+)?(?:\[[ xX]\][ \t]+)?[\s>]*")

_TAIL = lazy_pattern(r"(?:\s*(?:\[\[[^\]\n]*\]\]\([^)\n]*\)|\(?https?://\S+|[,，;；|–—-]))+\s*$")

_ONLY_SHOWN = lazy_pattern(
    r"!\[[^\]\n]*\](?:\([^)\n]*\))?|^\W*\[[^\]\n]*\](?:\([^)\n]*\))?\W*$|<img\b[^>]*>"
)
"""A picture anywhere, a link with nothing beside it."""

_OF_ORIGIN = frozenset({"person", "date", "name"})
"""Types of answers that a byline may hold."""


class Quoter:
    """Picks the sentence of an entry that is nearest to the question and fits its type of answer.

    also: the question in other words, which count as much. wanted: what the answer should hold.
    judge: says of the nearest sentences how far they answer; without one, likeness decides.
    """

    def __init__(
        self,
        question: str,
        encoder: Encoder,
        also: str = "",
        wanted: Wanted | None = None,
        judge: Judge | None = None,
    ) -> None:
        self._encoder = encoder
        self._judge = judge
        self._asked = question
        self._questions = list(dict.fromkeys(fold(one) for one in (question, also) if one))
        self.wanted = wanted or Wanted()

    @cached_property
    def _queries(self) -> FloatArray:
        return np.asarray(self._encoder.encode_query(self._questions), dtype=np.float32)

    def fit(self, hit: Hit) -> float:
        """Return how well the best sentence of an entry fits the type of the answer."""
        return max(0.0, *(fit(sentence, self.wanted) for sentence in self._sentences(hit)))

    def tells(self, hit: Hit) -> bool:
        """Whether an entry says anything, if only a name: it is more than a question, a label, a
        picture or where a paper is from.
        """
        name = letters(hit.entry.title)
        return any(
            not answers_nothing(one) and (name in letters(one) or not self._is_off(one))
            for one in self._sentences(hit)
        )

    def only_echoes(self, hit: Hit) -> bool:
        """Whether an entry holds nothing but words of the question, as a label does."""
        return all(echoes(sentence, self.wanted) for sentence in self._sentences(hit))

    def only_asks(self, hit: Hit) -> bool:
        """Whether an entry holds nothing but questions."""
        sentences = self._sentences(hit)
        return bool(sentences) and all(map(is_question, sentences))

    def says_by_whom(self, hit: Hit) -> bool:
        """Whether an entry tells by whom something is."""
        return any(says_by_whom(sentence, self.wanted) for sentence in self._sentences(hit))

    def says_new_name(self, hit: Hit) -> bool:
        """Whether an entry says a name that the question does not say."""
        return any(says_new_name(sentence, self.wanted) for sentence in self._sentences(hit))

    def gives_name(self, hit: Hit) -> bool:
        """Whether an entry says what something is called."""
        return any(gives_name(sentence, self.wanted) for sentence in self._sentences(hit))

    def _sentences(self, hit: Hit) -> list[str]:
        text = readable(hit.entry.text)
        return [plain_text(text[start:end]) for start, end in self._spans(hit)]

    def _spans(self, hit: Hit) -> list[Span]:
        """Return the spans of the chunk that matched; of the whole entry where a judge tells what
        answers, or a number or a person is wanted and only another chunk gives one.
        """
        text = readable(hit.entry.text)
        near, every = (_quotable_spans(hit, within) for within in (hit.span, (0, len(text))))
        if self._judge is not None:
            return every
        if self.wanted.answer_type not in ("number", "person"):
            return near
        fits, others = (
            any(fit(plain_text(text[start:end]), self.wanted) > 0 for start, end in spans)
            for spans in (near, every)
        )
        return every if others and not fits else near

    def quote(self, hit: Hit) -> str:
        """Return a verbatim stretch of the entry's text: its best sentence, with its neighbours if
        it is short.
        """
        text, spans = readable(hit.entry.text), self._spans(hit)
        spans = [span for span in spans if not self._is_said(text[slice(*span)])] or spans
        spans = [span for span in spans if not only_points(hit.entry.text[slice(*span)])] or spans
        spans = [
            span for span in spans if self._may_answer(plain_text(text[slice(*span)]))
        ] or spans
        sentences = [plain_text(text[start:end]) for start, end in spans]
        first = last = self._best(hit.entry, sentences)
        least = self._least_chars(sentences[first])
        while spans[last][1] - spans[first][0] < least:
            if last + 1 < len(spans) and "\n" not in text[spans[last][1] : spans[last + 1][0]]:
                last += 1
            elif first > 0 and "\n" not in text[spans[first - 1][1] : spans[first][0]]:
                first -= 1
            else:
                break
        start, end = spans[first][0], spans[last][1]
        return up_to(hit.entry.text[start:end], QUOTE_CHARS)

    def _may_answer(self, sentence: str) -> bool:
        """Whether a sentence says something, other than where its paper is from unless that is
        asked.
        """
        return not (self._is_off(sentence) or answers_nothing(sentence))

    def _is_off(self, sentence: str) -> bool:
        """Whether a sentence says where its paper is from, and that is not asked."""
        return self.wanted.answer_type not in _OF_ORIGIN and tells_origin(sentence)

    def _is_said(self, sentence: str) -> bool:
        """Whether a sentence is no more than words of the question, as a label above the answer."""
        return letters(fold(item_title(sentence))) in letters(self._questions[0])

    def _least_chars(self, sentence: str) -> int:
        """Return how long a quote around a sentence is at least: a reason or a procedure seldom
        fits one short sentence, and a name may stand in the one before.
        """
        lacks_name = self.wanted.answer_type == "name" and not says_new_name(sentence, self.wanted)
        is_roomy = self.wanted.answer_type in ("reason", "procedure") or lacks_name
        return ROOMY_QUOTE_CHARS if is_roomy else SHORT_QUOTE_CHARS

    def _best(self, entry: Entry, sentences: Sequence[str]) -> int:
        if len(sentences) < 2:
            return 0
        scores = self._scores(list(map(fold, sentences)))
        return int(np.argmax(scores + self._answering(entry, sentences, scores)))

    def _answering(self, entry: Entry, sentences: Sequence[str], scores: FloatArray) -> FloatArray:
        """Return what is added to sentences for how far they answer, each beside its place; none
        but the nearest may be the best then.
        """
        if self._judge is None or len(sentences) < FEWEST_JUDGED:
            return np.zeros_like(scores)
        near = np.argsort(-scores, kind="stable")[:MOST_JUDGED]
        texts = [
            text_to_judge(replace(entry, text=sentences[at]), self._asked) for at in near.tolist()
        ]
        gains = np.full_like(scores, -np.inf)
        gains[near] = SENTENCE_GAIN * np.asarray(self._judge.logits(self._asked, texts))
        return gains

    def _scores(self, sentences: Sequence[str]) -> FloatArray:
        """Return cosines, where tokens have vectors also how many of the question's words are met,
        and what fits the type of the answer.
        """
        scores = (self._encoder.encode_document(sentences) @ self._queries.T).mean(axis=1)
        if isinstance(self._encoder, TokenEncoder):
            lists = TokenLists.of(self._encoder.token_ids(sentences), [()] * len(sentences))
            late = LateInteraction(self._encoder, lists)
            rows = np.arange(len(sentences))
            scores = scores + np.mean(
                [late.scores(one, rows)[0] for one in self._questions], axis=0
            )
        fits = [fit(sentence, self.wanted) for sentence in sentences]
        return np.asarray(scores + np.array(fits, dtype=np.float32), dtype=np.float32)


class Opening(Quoter):
    """Picks what an entry says first: for questions that say where to look and no more."""

    def _best(self, entry: Entry, sentences: Sequence[str]) -> int:
        return 0


def up_to(quote: str, limit: int) -> str:
    """The quote, or as much of it as fits the limit, up to a mark or a blank."""
    if len(quote) <= limit:
        return quote
    cut = max(quote.rfind(mark, limit // 2, limit) for mark in "。，；,; ")
    return quote[: cut + 1 if cut > 0 else limit].rstrip()


def _quotable_spans(hit: Hit, within: Span) -> list[Span]:
    """Return spans of sentences that say something beyond the title, within a span."""
    entry, (low, high) = hit.entry, within
    words = readable(entry.text)
    spans = [
        _trimmed(words, start, end) for start, end in sentence_spans(words) if low <= start < high
    ]
    spans = _with_first_cell(entry, spans)
    spans = [(start, end) for start, end in spans if letters(_ONLY_SHOWN.sub("", words[start:end]))]
    spans = [
        (start, end) for start, end in spans if words_of_field(_line_at(words, start))
    ] or spans
    spans = [
        (start, end) for start, end in spans if not begins_box(_line_at(entry.text, start))
    ] or spans
    if is_statement(entry):
        return spans or [_whole(entry)]
    title = letters(entry.title)
    telling = [
        (start, end) for start, end in spans if letters(plain_inline(words[start:end])) not in title
    ]
    without_title_line = [
        (start, end)
        for start, end in telling
        if start > entry.text.find("\n") >= 0 or not entry.links
    ]
    return without_title_line or telling or spans or [_whole(entry)]


def _with_first_cell(entry: Entry, spans: list[Span]) -> list[Span]:
    """Spans of a row, the first of which goes on behind the first cell: that says what the row is
    about, if only as a question.
    """
    bar = entry.text.find("|", 1 + entry.text.find("|")) if entry.role == "row" else -1
    inside = sum(end <= bar for _, end in spans)
    if not 0 < inside < len(spans):
        return spans
    return [(spans[0][0], spans[inside][1]), *spans[inside + 1 :]]


def _line_at(text: str, place: int) -> str:
    end = text.find("\n", place)
    return text[text.rfind("\n", 0, place) + 1 : end if end >= 0 else len(text)]


def _whole(entry: Entry) -> tuple[int, int]:
    """Of a text without words the title where it stands there, else its first line with letters."""
    start = entry.text.find(entry.title)
    if start >= 0:
        return start, start + len(entry.title)
    named = (span for span in sentence_spans(entry.text) if letters(entry.text[slice(*span)]))
    return next(named, (0, len(entry.text)))


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Leave list and quote markers, and links and tags behind, out of a span."""
    marker = _MARKER.match(text[start:end])
    start += marker.end() if marker else 0
    for behind in (_TAIL, TAGS_BEHIND):
        tail = behind.search(text[start:end])
        end = start + tail.start() if tail and tail.start() else end
    return start, end
