"""Question -> what it finds in one loaded index: every candidate entry, ranked, and the works that
these belong to where several are asked for.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from paperrag.encoders.contract import Encoder
from paperrag.errors import QueryError
from paperrag.index.arrays import holds, ranked
from paperrag.index.engine import Snapshot
from paperrag.question.facets import ReadFacet
from paperrag.question.read import no_facet, read_question
from paperrag.question.record import Question
from paperrag.records import Hit, Language
from paperrag.search.described import Descriptions
from paperrag.search.filtering import EntryFilter, Filters
from paperrag.search.found import Found
from paperrag.search.named import NamedWorks
from paperrag.search.occurrences import Occurrences
from paperrag.search.same_paper import Relations
from paperrag.search.same_work import LOOKED_AT, SameWorks
from paperrag.search.scores import EntryScores, Scores
from paperrag.search.scoring import ChunkScorer
from paperrag.search.sides import Sides
from paperrag.search.tree_scores import behind_notes, best_chunks, in_the_tree
from paperrag.search.twins import Twins
from paperrag.search.vocabulary import NotesVocabulary
from paperrag.search.weights import A_WORK
from paperrag.search.wordings import Wordings
from paperrag.search.works import RankedWorks, WorkMeans, ranked_works


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
        self._occurrences = Occurrences(data)

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
        scored = self._score_entries(question, filters)
        found = Found(scored, self.data.entries, self.data.chunks, self.relations, self.twins)
        return found if question.want == "one" else self._by_works(question, found)

    def _by_works(self, question: Question, found: Found) -> Found:
        """Return what was found in the order of the works that it belongs to, with these."""
        entries, count, is_topic = found.entries, len(found.chunks), question.want == "topic"
        scored, works = ranked_works(found.scored, entries, count, self._work_means, is_topic)
        naming = self._rows_naming(question, works)
        works = works.given(holds(np.sort(entries.units[naming]), works.units))
        return replace(found, scored=scored, works=works, naming=naming, a_work=A_WORK)

    def _rows_naming(self, question: Question, works: RankedWorks) -> list[int]:
        """Return the rows of works that hold one of the names that a question requires, or a short
        form of one.
        """
        required, units = question.required_names, np.sort(works.units)
        says = self._occurrences.entries_of
        rows = [row for one in required for row in says(units, one.name)]
        shorts = {short for one in required for short in one.short_forms}
        text = self.data.entries.text
        return rows + [row for name in shorts for row in says(units, name) if name in text(row)]

    def _score_entries(self, question: Question, filters: Filters | None) -> EntryScores:
        allowed = self.twins.without(self._filter.allowed(filters, question.scope))
        chunks = self._scores(question, allowed)
        rows, best = best_chunks(self.data.chunks.entry[chunks.rows], chunks.total)
        is_list = question.want == "list"
        scores = in_the_tree(rows, chunks.total[best], self.data.entries, is_list)
        if filters is None or filters.kind is None:
            scores = behind_notes(rows, scores, self.data.entries)
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

    def _scores(self, question: Question, allowed: npt.NDArray[np.bool_] | None) -> Scores:
        """Return the scores of chunks, each by the wording of the question that it meets best."""
        scores = self._scorer.scores(question, allowed)
        for other in self._wordings.of(question.asked):
            scores = scores.or_better(self._scorer.scores(replace(question, asked=other), allowed))
        return scores

    @cached_property
    def _wordings(self) -> Wordings:
        return Wordings(self.data, self.encoder)

    @cached_property
    def _same_works(self) -> SameWorks:
        return SameWorks(self.data.entries)

    @cached_property
    def _work_means(self) -> WorkMeans:
        return WorkMeans(self.data)

    @cached_property
    def named(self) -> NamedWorks:
        """Which works a name means."""
        return NamedWorks(self.data.entries, self._occurrences.entries_with)

    @cached_property
    def descriptions(self) -> Descriptions:
        """What questions ask of works that they describe."""
        return Descriptions(self.data.entries, self.encoder)

    @cached_property
    def sides(self) -> Sides:
        """Which entries tell of two things that are compared."""
        return Sides(self.data.entries, self.named, self._occurrences.entries_saying)

    @cached_property
    def relations(self) -> Relations:
        """Which notes and abstracts belong together."""
        return Relations(self.data.entries, self._occurrences.entries_with)

    @cached_property
    def twins(self) -> Twins:
        """Which entries of several files say the same."""
        return Twins(self.data.entries)

    @cached_property
    def _filter(self) -> EntryFilter:
        return EntryFilter(self.data.entries, self.relations, self._occurrences.entries_saying)

    @cached_property
    def _vocabulary(self) -> NotesVocabulary:
        return NotesVocabulary(self.data, self._occurrences.entries_saying)
