"""Question -> ranked hits: dense vectors, words and late interaction, fused over the note tree.

    score = (LATE · late + DENSE · dense + LEXICAL · lexical) / (sum of the weights in use)

Each part lies in 0–1 and is near 0 when it has nothing to say, so a silent part cannot drag
another down (rank fusion does exactly that). The note tree enters three times: breadcrumbs are
part of what is compared, an item that only labels a group stands behind its members, and the
share of a score that came from headings and parents is reported as `structure`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, reduce

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import Encoder, FloatArray, TokenEncoder
from paperrag.errors import QueryError
from paperrag.index.late import LateInteraction
from paperrag.index.lexical import LexicalIndex, tokenize
from paperrag.index.tables import KINDS, LANGUAGES, IndexData
from paperrag.question.intent import wanted
from paperrag.question.names import Speller, names_in, proper_names, says_name
from paperrag.question.scope import Scope, read_scope
from paperrag.records import Explanation, Hit
from paperrag.search.filtering import EntryFilter, Filters
from paperrag.search.same_paper import Relations
from paperrag.text.folding import fold
from paperrag.text.links import find_paper_ids

MAX_QUERY_CHARS = 4000
"""Longest question that is read; longer ones are refused, not cut."""

LATE, DENSE, LEXICAL = 1.0, 0.8, 0.1
"""Weights with an encoder whose tokens have vectors. The plateau is wide: on six sets of
questions the mean nDCG@10 moves by less than 0.01 between DENSE 0.4 and 1.4 and LEXICAL 0.1 and
0.2."""

DENSE_ALONE, LEXICAL_BESIDE = 1.0, 0.3
"""Weights with any other encoder, which has no token vectors to compare."""

LABEL_PENALTY = 0.1
"""Taken off items that only name a group; their members are what is asked for."""

SIBLING_SHARE = 0.2
"""List questions: how far an entry is raised towards the mean of the two best entries beside it.
Lists are asked for by what their members share, and not every member says it."""

CERTAIN = 1.0
"""Score of entries whose links hold a paper id that the question gives."""

NAMED_GAIN, MOST_NAMED = 0.05, 8
"""Questions for one thing: added to entries titled by a name that the question says, and to those
below them, so that "How does H2O decide?" is not answered with what another paper says of it. A
name that heads more entries than that tells nothing. No figure of eight sets of questions moves by
more than 0.003; 0.1 costs 0.01 of nDCG on two of them."""

MOST_SAYING = 300
"""Chunks; a name that more of them hold is a word of the field, and reading all their entries
would take a second.
"""

ABSTRACT_PRIOR = 0.15
"""Taken off abstracts: they lead only where they are clearly nearer than the reader's own words."""

ABSTRACT_SHARE = 1 / 3
"""Share of the first hits that abstracts may take while there are notes. With 2,000 abstracts on
the notes' own subjects beside them, nDCG@10 on notes falls by 0.01 at most; with the prior alone
by 0.02."""

FEW_CHUNKS, SAMPLED_CHUNKS = 20, 1000
"""That mean counts half among so few chunks; it is taken over at most so many."""

CANDIDATES = 1000
"""Chunks that each of the dense and the lexical list puts forward; below this, all are scored."""


def check_question(question: str) -> str:
    """Return the question without surrounding blanks. Raises QueryError if it is empty or too
    long.
    """
    stripped = question.strip()
    if not any(char.isalnum() for char in stripped):
        raise QueryError(
            "the question is empty; ask something, such as: which methods merge KV cache?"
        )
    if len(stripped) > MAX_QUERY_CHARS:
        raise QueryError(
            f"the question has {len(stripped)} characters, at most {MAX_QUERY_CHARS} are read; ask "
            f"with fewer words"
        )
    return stripped


def check_k(k: int | None) -> None:
    """Raise QueryError if k is given and less than 1."""
    if k is not None and k < 1:
        raise QueryError(f"k must be at least 1, got {k}")


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of chunk rows `rows` (r,), each part (r,) in 0–1; `matched` holds rows per query word.

    common: the question's mean cosine with the notes, above what texts have that have nothing to
    do with each other.
    """

    rows: npt.NDArray[np.int64]
    total: FloatArray
    dense: FloatArray
    lexical: FloatArray
    late: FloatArray
    structure: FloatArray
    matched: Mapping[str, npt.NDArray[np.int32]]
    common: float = 0.0


@dataclass(frozen=True, slots=True)
class EntryScores:
    """Every scored entry, best first: entry rows, their scores, and the position of the best chunk
    in `chunks`.

    is_whole: whether the question only says where to look, so that all of them answer it.
    """

    rows: npt.NDArray[np.int64]
    scores: FloatArray
    best: npt.NDArray[np.int64]
    chunks: Scores
    is_whole: bool = False


class Retriever:
    """Finds entries for questions in one loaded index."""

    def __init__(self, data: IndexData, encoder: Encoder) -> None:
        self.data = data
        self.encoder = encoder

    def search(self, question: str, k: int, filters: Filters | None = None) -> list[Hit]:
        """Return the k best entries, best first. Raises QueryError for an unusable question, k or
        filter.
        """
        check_k(k)
        return self.hits(self.score_entries(question, filters), k)

    def score_entries(self, question: str, filters: Filters | None = None) -> EntryScores:
        """Return the scores of every candidate entry, best first, ties in corpus order."""
        scope = self.scope(check_question(question))
        question = self.as_in_notes(scope.rest)
        allowed = self._filter.allowed(filters, scope)
        chunks = self._score_chunks(question, allowed)
        entry_of = self.data.chunks.entry[chunks.rows].astype(np.int64)
        order = np.lexsort((chunks.rows, -chunks.total))
        rows, first = np.unique(entry_of[order], return_index=True)
        best = order[first]
        columns = self.data.entries.columns
        is_label = columns["is_label"][rows]
        scores = chunks.total[best] - LABEL_PENALTY * is_label
        if wanted(question) == "list":
            scores = np.where(is_label, scores, self._carried_by_siblings(rows, scores - is_label))
        if filters is None or filters.kind is None:
            scores = scores - ABSTRACT_PRIOR * (columns["kind"][rows] == KINDS.index("abstract"))
        if wanted(question) == "one":
            scores = scores + NAMED_GAIN * np.isin(rows, self._rows_about_named(question))
        ranking = np.lexsort((rows, -scores))
        is_narrowed = scope.restricts or (
            filters is not None and filters.any and filters.among is None
        )
        return EntryScores(
            rows[ranking],
            np.clip(scores[ranking], 0.0, 1.0),
            best[ranking],
            chunks,
            scope.is_bare and is_narrowed,
        )

    def _carried_by_siblings(self, rows: npt.NDArray[np.int64], scores: FloatArray) -> FloatArray:
        """Return scores raised towards the mean of the two best in the same section, never
        lowered.
        """
        sections = self.data.entries.columns["section_number"][rows]
        order = np.lexsort((-scores, sections))
        first = np.flatnonzero(np.diff(sections[order], prepend=-1))
        second = np.minimum(first + 1, len(order) - 1)
        has_second = sections[order[second]] == sections[order[first]]
        best_two = (scores[order[first]] + scores[order[np.where(has_second, second, first)]]) / 2
        target = best_two[np.searchsorted(sections[order[first]], sections)]
        return np.maximum(scores, (1 - SIBLING_SHARE) * scores + SIBLING_SHARE * target)

    def hits(self, scored: EntryScores, k: int) -> list[Hit]:
        """Return the first k scored entries as hits; a paper's note and abstract are one hit, the
        better of them.

        Of the first n hits abstracts take ABSTRACT_SHARE, rounded up, as long as there are notes.
        """
        positions: list[int] = []
        waiting: list[int] = []
        shown: set[int] = set()
        abstracts = 0
        for position, row in enumerate(scored.rows.tolist()):
            if len(positions) == k:
                break
            if row in shown:
                continue
            if self.data.entries.is_abstract(row):
                if abstracts >= ABSTRACT_SHARE * (len(positions) + 1):
                    waiting.append(position)
                    continue
                abstracts += 1
            positions.append(position)
            shown.update(self.relations.rows(row))
        positions += [position for position in waiting if int(scored.rows[position]) not in shown][
            : k - len(positions)
        ]
        return [self.hit(scored, position, rank) for rank, position in enumerate(positions, 1)]

    def hit(self, scored: EntryScores, position: int, rank: int) -> Hit:
        """Return the entry at a position of the scores as a hit, with its reasons."""
        chunks, best = scored.chunks, int(scored.best[position])
        row = int(chunks.rows[best])
        entry = self.data.entries.get(int(scored.rows[position]))
        words = tuple(word for word, rows in chunks.matched.items() if _contains(rows, row))
        return Hit(
            entry=entry,
            score=round(float(scored.scores[position]), 4),
            rank=rank,
            span=(int(self.data.chunks.start[row]), int(self.data.chunks.end[row])),
            explanation=Explanation(
                dense=round(float(chunks.dense[best]), 4),
                lexical=round(float(chunks.lexical[best]), 4),
                late=round(float(chunks.late[best]), 4),
                structure=round(float(chunks.structure[best]), 4),
                matched_words=words,
            ),
            related=self.relations.entries(int(scored.rows[position])),
        )

    def asked(self, question: str) -> str:
        """Return what of a question is compared with entries: without where to look, in the
        spelling of the notes.
        """
        return self.as_in_notes(self.scope(question).rest)

    def scope(self, question: str) -> Scope:
        """Return where a question says to look, and what is left of it then."""
        return read_scope(question, self._filter.has_section)

    def unknown_names(self, question: str) -> list[str]:
        """Return the names that a question says and that occur nowhere in the notes, however they
        are spelt.
        """
        return [
            name
            for name in dict.fromkeys(proper_names(self.asked(question)))
            if not self._knows(name)
        ]

    def _knows(self, name: str) -> bool:
        """Whether the notes hold a name, or its head where no figure follows: for DPO-ranked, DPO;
        for Flash-3, Flash-3.
        """
        head, _, tail = name.partition("-")
        said = [name] if any(char.isdigit() for char in tail) else [name, head]
        return any(
            (words := tokenize(one)) and all(len(self._lexical.rows_with(word)) for word in words)
            for one in said
        )

    def rows_below(self, row: int) -> list[int]:
        """Return the rows of the entries below an entry, in order."""
        return [other for other in self._filter.with_all_below([row]) if other != row]

    def _rows_about_named(self, question: str) -> list[int]:
        """Return the rows of the entries that are titled by a name in the question, and of all
        below them.
        """
        names = [
            name
            for name in proper_names(question)
            if len(self._rows_with_words(name)) <= MOST_SAYING
        ]
        titled = [row for name in names for row in self._rows_titled(name)]
        return self._filter.with_all_below(titled) if len(titled) <= MOST_NAMED else []

    def _rows_titled(self, name: str) -> list[int]:
        return [
            row
            for row in self._entry_rows_with_id(name)
            if says_name(name, self.data.entries.get(row).title)
        ]

    def rows_naming(self, name: str) -> list[int]:
        """Return the rows of the entries whose titles begin with a name, or of all that hold it if
        none does.
        """
        return self._rows_titled(name) or self._entry_rows_with_id(name)

    def as_in_notes(self, question: str) -> str:
        """Return the question folded; a name that the notes do not hold gives way to one that is
        spelt nearly so.
        """
        folded = fold(question)
        for name in names_in(folded):
            if not all(len(self._lexical.rows_with(word)) for word in tokenize(name)):
                folded = folded.replace(name, self._speller.spelt(name))
        return folded

    @cached_property
    def _filter(self) -> EntryFilter:
        return EntryFilter(self.data.entries, self.relations)

    @cached_property
    def _speller(self) -> Speller:
        return Speller(map(fold, self.data.entries.titles()))

    @cached_property
    def relations(self) -> Relations:
        """Which notes and abstracts belong together."""
        return Relations(self.data.entries, self._entry_rows_with_id)

    def _entry_rows_with_id(self, identifier: str) -> list[int]:
        return sorted(set(self.data.chunks.entry[self._rows_with_id(identifier)].tolist()))

    # --- parts of a score ---------------------------------------------------------------------

    def _score_chunks(self, question: str, allowed: npt.NDArray[np.bool_] | None) -> Scores:
        query = self.encoder.encode_query([question])
        lexical, matched = self._lexical.scores(question)
        rows, cosines = self._candidates(query, lexical, allowed)
        baseline = self.data.manifest.dense_baseline
        dense = np.clip((cosines - baseline) / (1 - baseline), 0.0, 1.0).astype(np.float32)
        if self._late is None:
            late = own = np.zeros(len(rows), dtype=np.float32)
            total = (DENSE_ALONE * dense + LEXICAL_BESIDE * lexical[rows]) / (
                DENSE_ALONE + LEXICAL_BESIDE
            )
        else:
            late, own = self._late.scores(question, rows)
            total = (LATE * late + DENSE * dense + LEXICAL * lexical[rows]) / (
                LATE + DENSE + LEXICAL
            )
        total = np.where(np.isin(rows, self._rows_naming(question)), CERTAIN, total)
        structure = np.maximum(late - own, 0)
        return Scores(
            rows,
            total.astype(np.float32),
            dense,
            lexical[rows],
            late,
            structure,
            matched,
            self._common(query[0]),
        )

    def _common(self, query: FloatArray) -> float:
        count = len(self.data.chunks)
        return (
            (float(query @ self._centre) - self.data.manifest.dense_baseline)
            * count
            / (count + FEW_CHUNKS)
        )

    @cached_property
    def _centre(self) -> FloatArray:
        """(d,) the mean vector of chunks, every n-th in corpus order where there are many."""
        ids = self.data.chunks.vector_id
        if not len(ids):
            return np.zeros(self.data.manifest.dimension, dtype=np.float32)
        sample = ids[:: -(-len(ids) // SAMPLED_CHUNKS)]
        return np.asarray(self.data.vectors.vectors(sample).mean(axis=0), dtype=np.float32)

    def _rows_naming(self, question: str) -> npt.NDArray[np.int32]:
        """Return the chunk rows whose entries give a paper id that the question gives."""
        found = [self._rows_with_id(identifier) for identifier in find_paper_ids(question)]
        return np.concatenate(found) if found else np.empty(0, dtype=np.int32)

    def _rows_with_id(self, identifier: str) -> npt.NDArray[np.int32]:
        """Return the chunk rows that hold every word of an id, in entries that hold it as it is,
        case aside.
        """
        rows = self._rows_with_words(identifier).tolist()
        texts = [self.data.entries.get(int(self.data.chunks.entry[row])).text for row in rows]
        holding = [
            row for row, text in zip(rows, texts, strict=True) if identifier.lower() in text.lower()
        ]
        return np.array(holding, dtype=np.int32)

    def _rows_with_words(self, text: str) -> npt.NDArray[np.int32]:
        """Return the chunk rows that hold every word of a text."""
        rows_of_words = [self._lexical.rows_with(word) for word in dict.fromkeys(tokenize(text))]
        return (
            reduce(np.intersect1d, rows_of_words) if rows_of_words else np.empty(0, dtype=np.int32)
        )

    def _candidates(
        self, query: FloatArray, lexical: FloatArray, allowed: npt.NDArray[np.bool_] | None
    ) -> tuple[npt.NDArray[np.int64], FloatArray]:
        """Return the chunk rows worth scoring in full, and their cosines.

        In a large index each language, and notes and abstracts apart, puts forward its own nearest
        chunks: many of one must not crowd out the others.
        """
        chunk_allowed = (
            np.ones(len(self.data.chunks), dtype=bool)
            if allowed is None
            else allowed[self.data.chunks.entry]
        )
        pools = [np.flatnonzero(chunk_allowed)]
        if len(pools[0]) > CANDIDATES:
            columns = self.data.entries.columns
            groups = (columns["language"] + len(LANGUAGES) * columns["kind"])[
                self.data.chunks.entry
            ]
            pools = [
                np.flatnonzero(chunk_allowed & (groups == code))
                for code in range(len(LANGUAGES) * len(KINDS))
            ]
            best_words = np.argsort(-lexical * chunk_allowed, kind="stable")[:CANDIDATES]
            pools.append(best_words[(lexical * chunk_allowed)[best_words] > 0])
        cosine_of: dict[int, float] = {}
        for pool in pools:
            if len(pool):
                whole = len(pool) == len(self.data.chunks)
                ids, cosines = self.data.vectors.search(
                    query, CANDIDATES, None if whole else self.data.chunks.vector_id[pool]
                )
                cosine_of.update(
                    zip(self._rows_of(ids[0]).tolist(), cosines[0].tolist(), strict=True)
                )
        rows = np.array(sorted(cosine_of), dtype=np.int64)
        return rows, np.array([cosine_of[row] for row in rows.tolist()], dtype=np.float32)

    def _rows_of(self, ids: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the chunk rows of vector ids."""
        sorted_ids, rows = self._row_by_id
        return rows[np.searchsorted(sorted_ids, ids)]

    @cached_property
    def _row_by_id(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        order = np.argsort(self.data.chunks.vector_id, kind="stable")
        return self.data.chunks.vector_id[order], order

    @cached_property
    def _lexical(self) -> LexicalIndex:
        return LexicalIndex(self.data.postings, len(self.data.chunks))

    @cached_property
    def _late(self) -> LateInteraction | None:
        if self.data.tokens is None or not isinstance(self.encoder, TokenEncoder):
            return None
        return LateInteraction(self.encoder, self.data.tokens)


def _contains(rows: npt.NDArray[np.int32], row: int) -> bool:
    position = int(np.searchsorted(rows, row))
    return position < len(rows) and int(rows[position]) == row
