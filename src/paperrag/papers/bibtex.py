"""Papers -> BibTeX, and BibTeX -> papers.

A paper with an abstract file has the key in that file. One that is only linked has its id for
key; once it is fetched that id stays valid as an alias (biblatex's `ids`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from paperrag.errors import PaperFileError
from paperrag.papers.abstract_format import AbstractFile
from paperrag.papers.refs import (
    Paper,
    PaperId,
    PaperRef,
    id_year,
    make_id,
    paper_ids_in,
    paper_url,
    sort_ids,
)
from paperrag.papers.shelf import Shelf
from paperrag.text.language import HAN_CHAR
from paperrag.text.links import venue_and_year

_SPECIAL = re.compile(r"([&%#_])|([~^\\{}])")
_ESCAPES = {
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
}
_MATH = re.compile(r"(\$[^$]+\$)")
_MEETING = re.compile(
    r"conference|proceedings|workshop|symposium|meeting|\bposter|\boral\b|spotlight", re.IGNORECASE
)
_ENTRY = re.compile(r"@\s*(\w+)\s*\{\s*([^,\s{}]*)\s*,")
_FIELD = re.compile(r"\s*([A-Za-z][\w-]*)\s*=\s*")
_COMMANDS = (
    (re.compile(r"\\(?:textasciitilde|textasciicircum|textbackslash)\s*(?:\{\})?"), ""),
    (
        re.compile(r"\\(?:emph|textbf|textit|textsc|texttt|mathrm|em|bf|it|sc|tt)(?![A-Za-z])\s*"),
        "",
    ),
    (re.compile(r"\\([&%#_${}])"), r"\1"),
)
_ACCENTS = {
    "'": "\u0301",
    "`": "\u0300",
    "^": "\u0302",
    '"': "\u0308",
    "~": "\u0303",
    "=": "\u0304",
    "c": "\u0327",
    "v": "\u030c",
}
_ACCENT = re.compile(r"\\(?:([\'`^\"~=])\s*|([cv])(?:\s+|(?=\{)))\{?\s*\\?([A-Za-z])\}?")
_JOURNALS = frozenset(
    "TMLR JMLR TACL TPAMI IJCV TIP TVCG TASLP RA-L NATURE SCIENCE CELL PNAS LANCET NEJM JAMA BMJ ELIFE JACS PRL PRX".split()
)
_FULL_STOP = re.compile("[。；！？]")
_TITLE_CHARS = 40
_NOT_PAPERS = frozenset({"comment", "string", "preamble"})


def bibtex(
    refs: Sequence[PaperRef], shelf: Shelf, files: Sequence[AbstractFile] = ()
) -> tuple[str, int]:
    """Return BibTeX of the papers of references and files, each once, sorted by key, and their
    number.

    What `left_out` returns is not among them.
    """
    known = {file.name: file for file in files}
    known.update({file.name: file for ref in refs if (file := shelf.find(ref))})
    entries = {file.key: _entry(file.key, file.paper) for file in known.values()}
    for ref in refs:
        if ref.ids and shelf.find(ref) is None:
            entries[id_alias(ref.ids[0])] = _entry(
                id_alias(ref.ids[0]), _bare_paper(ref), aliases=False
            )
    return "".join(f"{entries[key]}\n" for key in sorted(entries)), len(entries)


def left_out(refs: Sequence[PaperRef], shelf: Shelf) -> list[PaperRef]:
    """Return the references that BibTeX cannot hold: a name alone, without an id or a file, may be
    anything.
    """
    return [ref for ref in refs if not ref.ids and shelf.find(ref) is None]


def id_alias(identifier: PaperId) -> str:
    """Return the key that an id gives: "arxiv-2407.08454"."""
    return f"{identifier.site}-{re.sub(r'[^A-Za-z0-9.:-]+', '-', identifier.value)}"


def _bare_paper(ref: PaperRef) -> Paper:
    title = "" if _is_remark(ref.title) else ref.title
    authors = ref.authors or ((ref.author.title(), "others") if ref.author else ())
    return Paper(title, authors, ref.year, ref.venue, "", ref.ids, paper_url(ref.ids[0]))


def _is_remark(title: str) -> bool:
    """Whether it is a sentence of the reader's about the paper, and no title."""
    return bool(
        HAN_CHAR.search(title)
        and (_FULL_STOP.search(title) or (len(title) > _TITLE_CHARS and "，" in title))
    )


def _entry(key: str, paper: Paper, aliases: bool = True) -> str:
    kind, place = _kind(paper)
    by_site = {identifier.site: identifier.value for identifier in reversed(paper.ids)}
    fields = {
        "title": f"{{{_escape(paper.title)}}}" if paper.title else "",
        "author": " and ".join(_author(name) for name in paper.authors),
        "year": str(paper.year or next(filter(None, map(id_year, paper.ids)), "")),
        **place,
        "eprint": by_site.get("arxiv", ""),
        "archiveprefix": "arXiv" if "arxiv" in by_site else "",
        "doi": by_site.get("doi", ""),
        "url": re.sub(r"[{}\s\\]", "", paper.url or (paper_url(paper.ids[0]) if paper.ids else "")),
        "ids": ",".join(id_alias(identifier) for identifier in paper.ids) if aliases else "",
        "abstract": _escape(paper.abstract),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@{kind}{{{key},", *lines, "}", ""])


def _kind(paper: Paper) -> tuple[str, dict[str, str]]:
    if not paper.venue or paper.venue.lower().startswith("arxiv"):
        return "misc", {}
    known = [venue for venue, _ in venue_and_year(paper.venue)]
    if (known and known[0] not in _JOURNALS) or _MEETING.search(paper.venue):
        return "inproceedings", {"booktitle": _escape(paper.venue)}
    return "article", {"journal": _escape(paper.venue)}


def _author(name: str) -> str:
    """A name as BibTeX reads it; one of several words that holds " and " is kept together."""
    escaped = _escape(name)
    return f"{{{escaped}}}" if re.search(r"\band\b", name, re.IGNORECASE) else escaped


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


# --- reading ------------------------------------------------------------------------------------


def parse_bibtex(text: str, where: str) -> list[Paper]:
    """Return the papers of BibTeX text. Raises PaperFileError, naming the line, for an entry that
    does not end.
    """
    papers = []
    for match in _ENTRY.finditer(text):
        if match[1].lower() in _NOT_PAPERS:
            continue
        fields = _fields(text, match.end(), f"{where}:{text.count(chr(10), 0, match.start()) + 1}")
        if paper := _paper(fields):
            papers.append(paper)
    return papers


def _fields(text: str, position: int, where: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    while match := _FIELD.match(text, position):
        parts = []
        position = match.end()
        while True:
            value, position = _value(text, position, where)
            parts.append(value)
            joined = re.compile(r"\s*#\s*").match(text, position)
            if not joined:
                break
            position = joined.end()
        fields.setdefault(match[1].lower(), "".join(parts))
        separator = re.compile(r"\s*,?").match(text, position)
        position = separator.end() if separator else position
    return fields


def _value(text: str, position: int, where: str) -> tuple[str, int]:
    """Return a field's value, in braces, in quotes or bare, and the position behind it."""
    opening = text[position : position + 1]
    if opening not in ("{", '"'):
        match = re.compile(r"[^\s,{}#]+").match(text, position)
        if not match:
            raise PaperFileError(f"{where}: a BibTeX field has no value")
        return match[0], match.end()
    depth = 0
    for place in range(position + 1, len(text)):
        char = text[place]
        if text[place - 1] == "\\":
            continue
        if depth == 0 and char == ("}" if opening == "{" else '"'):
            return text[position + 1 : place], place + 1
        depth += {"{": 1, "}": -1}.get(char, 0)
    raise PaperFileError(f"{where}: a BibTeX value does not end; a brace or quote is missing")


def _paper(fields: dict[str, str]) -> Paper | None:
    plain = {name: _plain(value) for name, value in fields.items()}
    return Paper.of(
        title=plain.get("title"),
        authors=[_person(name) for name in _authors(plain)],
        year=plain.get("year") or plain.get("date"),
        venue=plain.get("booktitle") or plain.get("journal") or plain.get("journaltitle"),
        abstract=plain.get("abstract"),
        ids=sort_ids(_ids(plain)),
        url=plain.get("url", ""),
        source="BibTeX",
    )


def _authors(plain: dict[str, str]) -> list[str]:
    return [
        name
        for name in re.split(r"\s+and\s+", plain.get("author", ""))
        if name and name != "others"
    ]


def _person(name: str) -> str:
    last, _, first = name.partition(",")
    return f"{first.strip()} {last.strip()}" if first else name


def _ids(plain: dict[str, str]) -> Iterator[PaperId]:
    if make := make_id("doi", plain.get("doi")):
        yield make
    eprint = plain.get("eprint", "")
    if plain.get(
        "archiveprefix", plain.get("eprinttype", "arxiv")
    ).lower() == "arxiv" and re.search(r"\d{4}\.\d{4,5}|/\d{7}", eprint):
        yield PaperId("arxiv", (make_id("arxiv", eprint) or PaperId("arxiv", eprint)).value)
    yield from paper_ids_in(
        " ".join(plain.get(name, "") for name in ("url", "journal", "note", "howpublished"))
    )


def _plain(value: str) -> str:
    """Return a value without TeX markup; accents become letters, formulas keep their words."""
    value = _ACCENT.sub(
        lambda match: unicodedata.normalize("NFC", match[3] + _ACCENTS[match[1] or match[2]]), value
    )
    for pattern, replacement in _COMMANDS:
        value = pattern.sub(replacement, value)
    return re.sub(r"\s+", " ", re.sub(r"(?<!\\)[{}]", "", value)).strip()
