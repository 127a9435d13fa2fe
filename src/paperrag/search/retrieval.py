"""Question -> ranked entries. The note tree counts: breadcrumbs are part of what is compared, an
item that only labels a group stands behind its members, those of a list carry one another, and the
share of a score that came from headings and parents is reported as `structure`.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import Encoder, FloatArray
from paperrag.errors import QueryError
from paperrag.index.arrays import distinct, holds, places_of_distinct, ranked, ranked_in_groups
from paperrag.index.engine import Snapshot
from paperrag.question.facets import ReadFacet
from paperrag.question.read import Question, no_facet, read_question
from paperrag.records import Hit, Language
from paperrag.search.described import Descriptions
from paperrag.search.filtering import EntryFilter, Filters
from paperrag.search.found import Found
from paperrag.search.named import NamedWorks
from paperrag.search.same_paper import Relations
from paperrag.search.same_work import LOOKED_AT, SameWorks
from paperrag.search.scoring import ChunkScorer, EntryScores
from paperrag.search.sides import Sides
from paperrag.search.subject import rows_of_subject
from paperrag.search.twins import Twins
from paperrag.search.vocabulary import NotesVocabulary
from paperrag.search.weights import (
    A_WORK,
    ABSTRACT_PRIOR,
    LABEL_PENALTY,
    POINTER_PENALTY,
    SIBLING_SHARE,
)
from paperrag.search.works import RankedWorks, WorkMeans, ranked_works

MOST_READ = 2000
"""Entries that are read for a name that is compared."""


def check_k(k: int | None) -> None:
    """Raise QueryError if k is given and less than 1."""
    if k is not None and k < 1:
        raise QueryError(f"k must be at least 1, got {k}")


class Retriever:
    """Finds entries for questions in one loaded index."""

    def __init__(self, data: Snapshot, encoder: Encoder, read_facet: ReadFacet = no_facet) -> None:
        self.data = data
        self.encoder = encoder
        self._read_facet = read_facet
        self._scorer = ChunkScorer(data, encoder)

    def read(self, text: str, language: Language | None = None) -> Question:
        """Return a question as these notes let it be understood; see `read_question`."""
        return read_question(text, self._vocabulary, language, self._read_facet)

    def search(self, text: str, k: int, filters: Filters | None = None) -> list[Hit]:
        """Return the k best entries, best first. Raises QueryError for an unusable question, k or
        filter.
        """
        check_k(k)
        return self.find(self.read(text), filters).hits(k)

    def find(self, question: Question, filters: Filters | None = None) -> Found:
        """Return every candidate entry, best first, ties in corpus order."""
        scored, works, a_work = self._score_entries(question, filters), None, None
        entries, chunks = self.data.entries, self.data.chunks
        naming: list[int] = []
        if question.want != "one":
            is_topic, a_work = question.want == "topic", A_WORK
            scored, works = ranked_works(scored, entries, len(chunks), self._work_means, is_topic)
            naming = self._rows_naming(question, works)
            works = works.given(holds(np.sort(entries.units[naming]), works.units))
            works = works.narrowed() if question.scope.is_of_works else works
        relations, twins = self.relations, self.twins
        return Found(scored, entries, chunks, relations, twins, a_work, works, naming=naming)

    def _rows_naming(self, question: Question, works: RankedWorks) -> list[int]:
        """Return the rows of works that hold one of the names that a question requires, or a short
        form of one.
        """
        required, units = question.required_names, np.sort(works.units)
        rows = [row for one in required for row in self._rows_that_say(one.name, units)]
        shorts = {short for one in required for short in one.short_forms}
        text = self.data.entries.text
        return rows + [
            row for name in shorts for row in self._rows_that_say(name, units) if name in text(row)
        ]

    def _rows_that_say(self, name: str, units: npt.NDArray[np.int64]) -> list[int]:
        """Return the rows of some units that hold a name, none of one that too many hold to tell
        anything.
        """
        rows = self._scorer.rows_with_words(name)
        if len(rows) > MOST_READ:
            return []
        entries = self.data.chunks.entry[rows]
        return self._scorer.entries_with(
            name, entries[holds(units, self.data.entries.units[entries])]
        )

    def _score_entries(self, question: Question, filters: Filters | None) -> EntryScores:
        allowed = self.twins.without(self._filter.allowed(filters, question.scope))
        if allowed is not None and question.scope.subject:
            allowed = self._of_subject(question.scope.subject, allowed)
        chunks = self._scorer.scores(question, allowed)
        rows, best = best_chunks(self.data.chunks.entry[chunks.rows], chunks.total)
        scores = self._in_the_tree(question, rows, chunks.total[best])
        if filters is None or filters.kind is None:
            is_abstract = self.data.entries.are_abstracts(rows)
            scores = np.where(is_abstract, scores - np.float32(ABSTRACT_PRIOR), scores)
        ranking = ranked(scores)
        same, echoes = self._same_works.among(rows[ranking[:LOOKED_AT]])
        if echoes:
            ranking = ranking[~np.isin(rows[ranking], list(echoes))]
        is_narrowed = question.scope.restricts or (
            filters is not None and filters.any and filters.among is None
        )
        return EntryScores(
            rows[ranking],
            np.clip(scores[ranking], 0.0, 1.0),
            best[ranking],
            chunks,
            is_whole=question.scope.is_bare and is_narrowed,
            same=same,
        )

    def _of_subject(self, subject: str, allowed: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Return which of the entries that are allowed stand for works of a subject."""
        vector = self.encoder.encode_query([subject])[0]
        rows = np.flatnonzero(allowed)
        within = np.zeros_like(allowed)
        within[rows_of_subject(vector, rows, self.data.entries, self._work_means)] = True
        return within

    def _in_the_tree(
        self, question: Question, rows: npt.NDArray[np.int64], scores: FloatArray
    ) -> FloatArray:
        """Return scores of entries by where they stand in their notes."""
        is_pointer = self.data.entries.are_part(rows, "pointer")
        scores = np.where(is_pointer, scores - np.float32(POINTER_PENALTY), scores)
        is_label = self.data.entries.are_part(rows, "label")
        told = scores
        if question.want == "list":
            told = self._carried_by_siblings(rows, np.where(is_label, 0, scores))
        return np.where(is_label, scores - np.float32(LABEL_PENALTY), told)

    def _carried_by_siblings(self, rows: npt.NDArray[np.int64], scores: FloatArray) -> FloatArray:
        """Return scores raised towards the mean of the two best in the same section, never
        lowered.
        """
        sections = self.data.entries.columns["section_number"][rows]
        order = ranked_in_groups(sections, scores)
        first = np.flatnonzero(np.diff(sections[order], prepend=-1))
        second = np.minimum(first + 1, len(order) - 1)
        has_second = sections[order[second]] == sections[order[first]]
        best_two = (scores[order[first]] + scores[order[np.where(has_second, second, first)]]) / 2
        target = best_two[np.searchsorted(sections[order[first]], sections)]
        return np.maximum(scores, (1 - SIBLING_SHARE) * scores + SIBLING_SHARE * target)

    def _rows_saying(self, name: str) -> list[int]:
        """Return the rows that hold a name; of one that very many hold, those that name a work or
        say what it does.
        """
        rows = distinct(self.data.chunks.entry[self._scorer.rows_with_words(name)])
        among = rows[self.data.entries.stands_for_unit[rows]] if len(rows) > MOST_READ else rows
        return self._scorer.entries_with(name, among)

    @cached_property
    def _same_works(self) -> SameWorks:
        return SameWorks(self.data.entries)

    @cached_property
    def _work_means(self) -> WorkMeans:
        return WorkMeans(self.data)

    @cached_property
    def named(self) -> NamedWorks:
        """Which works a name means."""
        return NamedWorks(self.data.entries, self._scorer.entries_with)

    @cached_property
    def descriptions(self) -> Descriptions:
        """What questions ask of works that they describe."""
        return Descriptions(self.data.entries, self.encoder)

    @cached_property
    def sides(self) -> Sides:
        """Which entries tell of two things that are compared."""
        return Sides(self.data.entries, self.named, self._rows_saying)

    @cached_property
    def relations(self) -> Relations:
        """Which notes and abstracts belong together."""
        return Relations(self.data.entries, self._scorer.entries_with)

    @cached_property
    def twins(self) -> Twins:
        """Which entries of several files say the same."""
        return Twins(self.data.entries)

    @cached_property
    def _filter(self) -> EntryFilter:
        return EntryFilter(self.data.entries, self.relations, self._rows_saying)

    @cached_property
    def _vocabulary(self) -> NotesVocabulary:
        return NotesVocabulary(self.data, self._rows_saying)


def best_chunks(
    entry_of: npt.NDArray[np.integer], scores: FloatArray
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the entries of chunks, ascending as their chunks are, and the first best of each."""
    entries, heads, number = places_of_distinct(entry_of)
    if not len(heads):
        return heads, heads
    best = np.flatnonzero(scores == np.maximum.reduceat(scores, heads)[number])
    return entries.astype(np.int64), best[best.searchsorted(heads)]
