"""Papers -> BibTeX; `bibtex_reading` is the other way round.

A paper with an abstract file has the key in that file, one without the key that the notes give it.
One that is only linked has its id for key; once it is fetched that id stays valid as an alias
(biblatex's `ids`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from paperrag.papers.abstract_format import AbstractFile
from paperrag.papers.ids import PaperId, id_year, paper_url
from paperrag.papers.refs import Paper, PaperRef
from paperrag.papers.shelf import Shelf
from paperrag.papers.titles import without_braces
from paperrag.text.language import HAN_CHAR
from paperrag.text.patterns import any_of, lazy_pattern
from paperrag.text.venues import venue_and_year

_SPECIAL = lazy_pattern(r"([&%#_])|([~^\\{}])")
_ESCAPES = {
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
}
_MATH = lazy_pattern(r"(\$[^$]+\$)")
_MEETING = lazy_pattern(
    any_of("conference proceedings workshop symposium meeting".split()), re.IGNORECASE
)
_JOURNALS = frozenset(
    "TMLR JMLR TACL TPAMI IJCV TIP TVCG TASLP RA-L NATURE SCIENCE CELL PNAS LANCET NEJM JAMA BMJ ELIFE JACS PRL PRX".split()
)
_FULL_STOP = lazy_pattern("[。；！？]")
_TITLE_CHARS = 40


class Export(Struct, frozen=True):
    """BibTeX or CSL-JSON of `papers` papers, and those that notes only name: without a link, and no
    API knew them.
    """

    text: str
    papers: int
    left_out: tuple[PaperRef, ...]


def bibtex(
    refs: Sequence[PaperRef], shelf: Shelf, files: Sequence[AbstractFile] = ()
) -> tuple[str, int]:
    """Return BibTeX of the papers of references and files, each once, sorted by key, and their
    number.

    What `left_out` returns is not among them.
    """
    papers = keyed_papers(refs, shelf, files)
    texts = (_entry(key, papers[key]) for key in sorted(papers))
    return "".join(f"{text}\n" for text in texts), len(papers)


def keyed_papers(
    refs: Sequence[PaperRef], shelf: Shelf, files: Sequence[AbstractFile] = ()
) -> dict[str, Paper]:
    """Return the papers of references and files by their keys, each once."""
    known = {file.name: file for file in files}
    known.update({file.name: file for ref in refs if (file := shelf.find(ref))})
    papers = {file.key: file.paper for file in known.values()}
    for ref in refs:
        if shelf.find(ref) is None and (key := _key_of(ref)):
            papers[key] = _bare_paper(ref)
    return papers


def _key_of(ref: PaperRef) -> str:
    """Return the key of a paper that has no file: the notes' own, else its id; "" for a
    name alone.
    """
    return ref.key or (id_alias(ref.ids[0]) if ref.ids else "")


def left_out(refs: Sequence[PaperRef], shelf: Shelf) -> list[PaperRef]:
    """Return the references that BibTeX cannot hold: a name alone, without an id, a citation key or
    a file, may be anything.
    """
    return [ref for ref in refs if shelf.find(ref) is None and not _key_of(ref)]


def id_alias(identifier: PaperId) -> str:
    """Return the key that an id gives: "arxiv-2407.08454"."""
    return f"{identifier.site}-{re.sub(r'[^A-Za-z0-9.:-]+', '-', identifier.value)}"


def _bare_paper(ref: PaperRef) -> Paper:
    title = "" if _is_remark(ref.title) else ref.title
    authors = ref.authors or ((ref.author.title(), "others") if ref.author else ())
    url = paper_url(ref.ids[0]) if ref.ids else ""
    return Paper(title, authors, ref.year, ref.venue, "", ref.ids, url)


def _is_remark(title: str) -> bool:
    """Whether it is a sentence of the reader's about the paper, and no title."""
    return bool(
        HAN_CHAR.search(title)
        and (_FULL_STOP.search(title) or (len(title) > _TITLE_CHARS and "，" in title))
    )


def _entry(key: str, paper: Paper) -> str:
    aliases = [id_alias(identifier) for identifier in paper.ids]
    kind, place = _kind(paper)
    by_site = {identifier.site: identifier.value for identifier in reversed(paper.ids)}
    fields = {
        "title": f"{{{_escape(paper.title)}}}" if paper.title else "",
        "author": " and ".join(_author(name) for name in paper.authors),
        "year": str(year_of(paper) or ""),
        **place,
        "eprint": by_site.get("arxiv", ""),
        "archiveprefix": "arXiv" if "arxiv" in by_site else "",
        "doi": by_site.get("doi", ""),
        "url": re.sub(r"[{}\s\\]", "", url_of(paper)),
        "ids": "" if key in aliases else ",".join(aliases),
        "abstract": _escape(paper.abstract),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@{kind}{{{key},", *lines, "}", ""])


def url_of(paper: Paper) -> str:
    """Return where a paper is read, "" if nobody says."""
    return paper.url or (paper_url(paper.ids[0]) if paper.ids else "")


def year_of(paper: Paper) -> int | None:
    """Return the year of a paper, of its id where nobody says it."""
    return paper.year or next(filter(None, map(id_year, paper.ids)), None)


def kind_of(paper: Paper) -> str:
    """Return what BibTeX calls a paper: "article", "inproceedings" or "misc"."""
    return _kind(paper)[0]


def _kind(paper: Paper) -> tuple[str, dict[str, str]]:
    if not paper.venue or paper.venue.lower().startswith("arxiv"):
        return "misc", {}
    known = [venue for venue, _ in venue_and_year(paper.venue)]
    if (known and known[0] not in _JOURNALS) or _MEETING.search(paper.venue):
        return "inproceedings", {"booktitle": _escape(paper.venue)}
    return "article", {"journal": _escape(paper.venue)}


def _author(name: str) -> str:
    """A name as BibTeX reads it; an institute's, or one that holds " and ", is kept together."""
    whole = without_braces(name)
    escaped = _escape(name if whole is None else whole)
    is_kept = whole is not None or re.search(r"\band\b", name, re.IGNORECASE)
    return f"{{{escaped}}}" if is_kept else escaped


def _escape(text: str) -> str:
    """Return text with what TeX would act on escaped; formulas between dollars stay if their
    braces balance.
    """
    parts = _MATH.split(text)
    return "".join(
        part if _MATH.fullmatch(part) and _is_balanced(part) else _escape_plain(part)
        for part in parts
    )


def _escape_plain(text: str) -> str:
    escaped = _SPECIAL.sub(lambda match: f"\\{match[1]}" if match[1] else _ESCAPES[match[2]], text)
    escaped = escaped.replace("$", r"\$")
    return escaped if _is_balanced(escaped) else escaped.replace(r"\{", "(").replace(r"\}", ")")


def _is_balanced(text: str) -> bool:
    depth = 0
    for char in text:
        depth += {"{": 1, "}": -1}.get(char, 0)
        if depth < 0:
            return False
    return depth == 0
