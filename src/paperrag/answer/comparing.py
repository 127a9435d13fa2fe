"""What was found of two things that are compared -> an answer with both sides.

An entry that names both leads. Each side is told by an entry of its own works; where both are
works with files of their own, and their notes have headings in common, as a table. A thing that
the notes only mention is said to be only mentioned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from msgspec import Struct

from paperrag.answer.citing import Citer
from paperrag.answer.quoting import Quoter
from paperrag.answer.strings import BOTH_HEAD, IN_SHORT, OF_SIDE, ONLY_MENTIONED
from paperrag.answer.weights import ASPECT_LETTERS, MOST_ASPECTS
from paperrag.answer.wording import list_line, marked_quote, quoted_answer, table_row
from paperrag.question.record import Question
from paperrag.records import Answer, Citation, Entry, Hit
from paperrag.search.found import Found
from paperrag.search.sides import ComparedSide
from paperrag.text.folding import letters


def answer_both(
    question: Question,
    sides: Sequence[ComparedSide],
    found: Found,
    citer: Citer,
    sureness: float,
    as_table: bool = False,
) -> Answer | None:
    """Return an answer with both sides, None where nothing of one was found.

    sides: first the entries that name both; found: among the entries of all. as_table: also where
    the notes have no heading in common.
    """
    telling = _Telling(found, citer.quoter)
    both, *parts = sides
    told = [telling.best_of(side) for side in parts]
    if None in told:
        return None
    lead = telling.best_of(both)
    picked = [_Line(parts[at].name, [hit], parts[at]) for at, hit in enumerate(told) if hit]
    aspects = [_Line(name, hits) for name, hits in telling.aspects(parts, told)]
    lines = [*([_Line("", [lead])] if lead else []), *picked, *aspects]
    cited = _Cited(citer)
    text = _text(question, lines, cited, as_table)
    return quoted_answer(question, text, cited.all, sureness)


class _Line(Struct, frozen=True):
    """What is told under a name, and of which side, if of one."""

    name: str
    hits: list[Hit]
    side: ComparedSide | None = None


class _Cited:
    """Citations in the order in which their hits were first told; each entry is cited once."""

    def __init__(self, citer: Citer) -> None:
        self._citer = citer
        self.all: list[Citation] = []

    def of(self, hit: Hit) -> Citation:
        known = (one for one in self.all if one.entry.id == hit.entry.id)
        if (found := next(known, None)) is None:
            found = self._citer.cite(len(self.all) + 1, hit, stands_for_work=True)
            self.all.append(found)
        return found


class _Telling:
    """What of the scored entries tells of a side."""

    def __init__(self, found: Found, quoter: Quoter) -> None:
        self._found = found
        silent = found.entries.are_part(found.scored.rows, "label", "field")
        self._place_of = {
            row: at
            for at, row in enumerate(found.scored.rows.tolist())
            if not silent[at] and quoter.tells(found.hit(at, 1))
        }

    def best_of(self, side: ComparedSide) -> Hit | None:
        """Return the best entry of a side; of works what says what they do, if that was scored."""
        places = sorted(self._place_of[row] for row in side.rows if row in self._place_of)
        if not places:
            return None
        best = self._found.hit(places[0], 1)
        if not side.is_work:
            return best
        row = self._found.entry_row(places[0])
        stated = (self._place_of.get(one) for one in self._found.entries.statement_rows(row))
        first = min((at for at in stated if at is not None), default=None)
        return best if first is None else self._found.hit(first, 1)

    def aspects(
        self, sides: Sequence[ComparedSide], told: Sequence[Hit | None]
    ) -> Iterator[tuple[str, list[Hit]]]:
        """Yield the headings that the notes of both works have, each with its best entry of both,
        the best first.
        """
        works = [hit.entry.work for hit in told if hit is not None]
        ids = {work.id for work in works if work is not None and work.id == work.source}
        if len(ids) < len(sides) or not all(side.is_work for side in sides):
            return
        sources = [work.source for work in works if work is not None]
        taken = {hit.entry.id for hit in told if hit is not None}
        first, second = (self._by_heading(source, taken) for source in sources)
        common = [key for key in first if key in second]
        common.sort(key=lambda key: -(first[key].score + second[key].score))
        for key in common[:MOST_ASPECTS]:
            yield _heading(first[key].entry), [first[key], second[key]]

    def _by_heading(self, source: str, taken: set[str]) -> Mapping[str, Hit]:
        """Return the best entry under each heading of a file, by the letters of the heading."""
        found: dict[str, Hit] = {}
        for at in self._place_of.values():
            hit = self._found.hit(at, 1)
            entry, key = hit.entry, letters(_heading(hit.entry))
            tells = entry.part != "pointer" and len(letters(entry.text)) >= ASPECT_LETTERS
            if entry.source == source and key and tells and entry.id not in taken:
                found.setdefault(key, hit)
        return found


def _heading(entry: Entry) -> str:
    """Return the innermost heading over an entry, its own title where it is one."""
    name = entry.title if entry.role == "heading" else (entry.breadcrumb or ("",))[-1]
    is_name = entry.work is not None and name == entry.work.name
    is_folder = name in PurePosixPath(entry.source).parts
    return "" if is_name or is_folder or entry.part == "work" else name.lstrip("0123456789. ")


def _text(question: Question, lines: Sequence[_Line], cited: _Cited, as_table: bool) -> str:
    language = question.language
    told = [BOTH_HEAD[language]]
    sides = [line for line in lines if line.side]
    aspects = [line for line in lines if len(line.hits) > 1]
    told += [_line(line, cited, question) for line in lines if line not in [*sides, *aspects]]
    if not (aspects or as_table):
        lead = {one.entry.id for one in cited.all}
        apart = {line.hits[0].entry.id: line for line in sides}
        told += [_line(line, cited, question) for key, line in apart.items() if key not in lead]
        return "\n".join(told)
    told += table_row("", *(line.name for line in sides)), table_row(*["---"] * 3)
    rows = [(IN_SHORT[language], [line.hits[0] for line in sides])]
    rows += [(line.name, line.hits) for line in aspects]
    told += [
        table_row(name, *(marked_quote(cited.of(hit), language) for hit in hits))
        for name, hits in rows
    ]
    return "\n".join(told)


def _line(line: _Line, cited: _Cited, question: Question) -> str:
    citation = cited.of(line.hits[0])
    named = ""
    if line.side is not None and not line.side.is_work:
        frame = ONLY_MENTIONED if line.side.is_mention else OF_SIDE
        named = frame[question.language].format(name=line.name)
    return f"- {named}{list_line(citation)} [{citation.n}]"
