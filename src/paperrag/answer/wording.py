"""Citations -> the lines of an answer, in the language of the question around verbatim quotes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from paperrag.answer.called import (
    NAME_CHARS,
    PLACE_CHARS,
    asked_tags,
    breadcrumb_end,
    dated_name,
    file_and_line,
    is_file_of_paper,
    is_in_paper,
    is_statement,
    is_surely_name,
    kind_tag,
    name_behind_work,
    place_in_paper,
    short_title,
    without_aside,
)
from paperrag.answer.cells import named_cells
from paperrag.answer.citing import quoted_words
from paperrag.answer.quoting import QUOTE_CHARS
from paperrag.answer.selection import Selection
from paperrag.answer.strings import (
    ABSTRACT_ADDS,
    ABSTRACT_HEAD,
    ALSO,
    LIST_HEAD,
    LIST_HEAD_ABSTRACTS,
    LIST_HEAD_MIXED,
    LIST_HEAD_ONE,
    LIST_HEAD_PAPERS,
    LIST_SECTION,
    MORE,
    NEAREST,
    NOT_COVERED,
    OF_YEAR,
    ONE_HEAD,
    ONE_SECTION,
    ONLY_LISTED,
    ONLY_NAMED,
    PERHAPS,
    POINTED_AT,
    STATED,
    UNDATED,
)
from paperrag.notes.entry_shapes import is_reference
from paperrag.notes.naming import BARE_LETTERS
from paperrag.question.record import Question
from paperrag.records import Answer, Citation, Entry, Hit, Language, Work
from paperrag.text.folding import letters
from paperrag.text.markup import shorten

REMARK_CHARS = 320
"""Longest remark in a line of a list; the citation holds the whole quote."""

_SEPARATORS = " :：,，.。;；–—-"


def quoted_answer(
    question: Question,
    text: str,
    citations: Sequence[Citation],
    sureness: float,
    nearest: Sequence[Hit] = (),
) -> Answer:
    """Return an answer in quotes; nearest: what came closest, of a refusal, which cites nothing."""
    return Answer(
        question=question.raw,
        language=question.language,
        mode="extractive",
        model=None,
        abstained=not citations,
        text=text,
        citations=tuple(citations),
        nearest=tuple(nearest),
        confidence=sureness,
    )


def list_lines(
    citations: Sequence[Citation],
    selection: Selection,
    language: Language,
    years: Mapping[int, int] | None = None,
    perhaps: Sequence[Entry] = (),
    listed: Sequence[Entry] = (),
    asked: str = "",
) -> list[str]:
    """Return the head of a list with its count, a line for each citation, and apart those that may
    belong and those that are only listed somewhere; years: how many there are of each, where they
    are told year by year; asked: by which tags works are told of, too.
    """
    count = len(citations) + selection.left_out
    head = _list_head(citations, count)
    place = _shared_place(citations, selection)
    section = LIST_SECTION[language].format(section=place) if place else ""
    lines = [head[language].format(count=count, section=section)]
    if years:
        for year, number in years.items():
            lines.append(OF_YEAR[language].format(year=year or UNDATED[language], count=number))
            lines += _told(citations, language, asked, year)
    else:
        lines += _told(citations, language, asked)
    lines += [MORE[language].format(count=selection.left_out)] if selection.left_out else []
    return [*lines, *_apart(PERHAPS[language], perhaps), *_apart(ONLY_LISTED[language], listed)]


def _apart(head: str, entries: Sequence[Entry]) -> list[str]:
    """Return the lines that name entries under a head, none without entries."""
    return (
        [head, *(f"- {dated_name(one)} ({file_and_line(one)})" for one in entries)]
        if entries
        else []
    )


def _list_head(citations: Sequence[Citation], count: int) -> dict[Language, str]:
    abstracts = sum(citation.entry.kind == "abstract" for citation in citations)
    if abstracts:
        return LIST_HEAD_ABSTRACTS if abstracts == len(citations) else LIST_HEAD_MIXED
    if count == 1:
        return LIST_HEAD_ONE
    papers = {one.entry.source for one in citations if _is_of_paper(one.entry)}
    return LIST_HEAD_PAPERS if len(papers) == len(citations) else LIST_HEAD


def _shared_place(citations: Sequence[Citation], selection: Selection) -> str:
    """Return where all of a list stands: the paper that all of it is from, else a section; "" if
    nowhere.
    """
    paper = _only_paper(citations)
    return shorten(paper.name, NAME_CHARS) if paper else breadcrumb_end(selection.section or ())


def _only_paper(citations: Sequence[Citation]) -> Work | None:
    """Return the paper whose file several citations are from, None if there is none."""
    first = citations[0].entry
    is_one = all(one.entry.source == first.source for one in citations[1:])
    return first.work if is_one and len(citations) > 1 and is_in_paper(first) else None


def _is_of_paper(entry: Entry) -> bool:
    """Whether an entry stands for the published work that its file is about."""
    work = entry.work
    if work is None or work.id != entry.source:
        return False
    return bool(work.year or work.venue or work.authors or work.links)


def _told(
    citations: Sequence[Citation], language: Language, asked: str = "", year: int | None = None
) -> list[str]:
    """Return a line for each citation, of works of a year if one is given; without the name of the
    paper that all are from.
    """
    shown = [replace(one, work=None) for one in citations] if _only_paper(citations) else citations
    return [
        f"- {list_line(one, asked)}{_mark(one, language)}"
        for one in shown
        if year is None or year == ((one.entry.work.year if one.entry.work else None) or 0)
    ]


def single_lines(citations: Sequence[Citation], language: Language, asked: str = "") -> list[str]:
    """Return where the best entry stands and what it says, then what else was cited, and the
    references that these point at; asked: what is asked, which may name columns of a table.
    """
    pointed = [one for one in citations[1:] if is_reference(one.entry)]
    lines = _lines_of_entries([one for one in citations if one not in pointed], language, asked)
    sources = [f"- {_quoted(one, language)}" for one in pointed]
    return [*lines, POINTED_AT[language], *sources] if sources else lines


def _lines_of_entries(citations: Sequence[Citation], language: Language, asked: str) -> list[str]:
    first, *others = citations
    lines = _first_lines(first, language, asked)
    if not others:
        return lines
    second = others[0].entry
    if second.kind != first.entry.kind and second in first.related:
        return [
            *lines,
            ABSTRACT_ADDS[language],
            _quoted(others[0], language),
        ]
    if all(_stand_together(first.entry, one.entry) for one in others):
        together = [f"- {_row_or_quote(one, language, asked)}" for one in citations]
        if first.work:
            return [lines[0], *together]
        if len(others) > 1:
            section = _section(first.entry, language)
            return [STATED[language].format(section=section), *together]
    return [*lines, ALSO[language], *_told(others, language)]


def _row_or_quote(citation: Citation, language: Language, asked: str) -> str:
    """Return the cells of a row below the names of their columns, any other quote as it is."""
    cells = named_cells(citation.entry, citation.quote, asked)
    return cells + _mark(citation, language) if cells else _quoted(citation, language)


def _section(entry: Entry, language: Language) -> str:
    """Return the place of an entry in brackets, "" if it stands nowhere."""
    place = breadcrumb_end([part for part in entry.breadcrumb if not is_file_of_paper(part, entry)])
    return ONE_SECTION[language].format(section=place) if place else ""


def _stand_together(first: Entry, second: Entry) -> bool:
    """Whether two entries stand in one place of a note, so that it is told once."""
    return (first.source, first.breadcrumb) == (second.source, second.breadcrumb)


def _quoted(citation: Citation, language: Language) -> str:
    return _shown(citation, QUOTE_CHARS) + _mark(citation, language)


def marked_quote(citation: Citation, language: Language) -> str:
    """Return a quote as a line shows it, with its number."""
    return _shown(citation) + _mark(citation, language)


def table_row(*cells: str) -> str:
    """Return a row of a Markdown table."""
    return f"| {' | '.join(cell.replace('|', '｜') for cell in cells)} |"


def _first_lines(first: Citation, language: Language, asked: str) -> list[str]:
    """Return where an entry stands and what it says."""
    entry, mark = first.entry, _mark(first, language)
    cells = named_cells(entry, first.quote, asked)
    remark = cells or _remark(first, QUOTE_CHARS)
    title, quote = short_title(entry), _row_or_quote(first, language, asked)
    section = _section(entry, language)
    if entry.kind == "abstract":
        return [ABSTRACT_HEAD[language].format(title=title), quote]
    if entry.work and entry.work.id == entry.source and entry.part != "work":
        place = shorten(without_aside(place_in_paper(entry)), PLACE_CHARS)
        section = ONE_SECTION[language].format(section=place) if place else ""
        name = shorten(entry.work.name, NAME_CHARS)
        return [ONE_HEAD[language].format(title=name, section=section), quote]
    if remark and not (is_in_paper(entry) or is_statement(entry)):
        return [ONE_HEAD[language].format(title=title, section=section), remark + mark]
    if is_surely_name(entry) and not (remark or first.work):
        return [ONLY_NAMED[language].format(section=section), title + mark]
    return [STATED[language].format(section=section), quote]


def list_line(citation: Citation, asked: str = "") -> str:
    """Return work, title and remark; without the title where the remark begins with it."""
    entry, remark = citation.entry, _remark(citation)
    dated = dated_name(entry, asked_tags(entry, asked, citation.quote))
    work = f"{dated} — " if citation.work else ""
    is_of_file = entry.work is not None and entry.work.id == entry.source
    name = dated if is_of_file and entry.part == "work" else short_title(entry)
    if is_statement(entry) or (is_in_paper(entry) and remark):
        return work + _shown(citation)
    if not remark:
        return work + name
    starts_alike = letters(remark).startswith(letters(entry.title.rstrip("…"))[:40])
    return work + (remark if starts_alike else f"{name} — {remark}")


def _remark(citation: Citation, most: int = REMARK_CHARS) -> str:
    """The quote as it is shown, "" if it says no more than the title."""
    shown = _shown(citation, most)
    title, words = letters(citation.entry.title.rstrip("…")), letters(shown)
    least = 0 if citation.entry.role == "row" else BARE_LETTERS  # a cell may be one figure
    says_more = words not in title and (title not in words or len(words) - len(title) > least)
    if not says_more:
        return ""
    before, found, after = shown.partition(citation.entry.title)
    leads = found and citation.entry.links and not any(map(str.isalpha, before))
    return after.lstrip(_SEPARATORS) if leads and len(after) > BARE_LETTERS else shown


def _shown(citation: Citation, most: int = REMARK_CHARS) -> str:
    return shorten(quoted_words(citation), most)


def _mark(citation: Citation, language: Language) -> str:
    return f"{kind_tag(citation.entry, language)} [{citation.n}]"


def refusal_lines(nearest: Sequence[Hit], reason: str, language: Language) -> list[str]:
    """Return the lines that say that the notes do not cover a question, why, and what is
    nearest.
    """
    lines = [NOT_COVERED[language], *([reason] if reason else [])]
    if nearest:
        lines += [
            NEAREST[language],
            *(
                f"{hit.rank}. {name_behind_work(hit.entry)}{kind_tag(hit.entry, language)} ({file_and_line(hit.entry)})"
                for hit in nearest
            ),
        ]
    return lines
