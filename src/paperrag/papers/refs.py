"""Note entries -> the papers they are about, by link or by title. Asks no network, reads no file.

A *reference* is a paper as the notes name it; a *paper* is what an API or a file says of it.
References to the same id are one, whatever version or page their links point at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from paperrag.papers.titles import clean_text, same_title, surname, title_head, title_key
from paperrag.records import Citation, Entry, Link
from paperrag.text.language import HAN_CHAR
from paperrag.text.links import find_links, find_venue, make_link
from paperrag.text.markup import plain_text

PaperSite = Literal["arxiv", "doi", "openreview", "acl", "neurips"]
"""Where papers have ids, the steadiest first: a paper's first id names its file."""

PAPER_SITES: tuple[PaperSite, ...] = get_args(PaperSite)

_NEURIPS = re.compile(
    r"(?:proceedings\.neurips\.cc|papers\.n(?:eur)?ips\.cc)/paper(?:_files/paper)?/(\d{4})/(?:file|hash)/([0-9a-f]{32})"
    r"-(?:Paper|Abstract|Supplemental|Metadata)((?:-[A-Za-z_]+)?)"
)
_PREPRINT_DOI = re.compile(r"10\.48550/arxiv\.(.+)", re.IGNORECASE)
_CITED = re.compile(
    r"\(?\s*([A-Z][\w'’.-]*(?:\s+[A-Z][\w'’.-]*)*)\s+(?:et al\.?|and "
    r"colleagues)\s*[,(]?\s*((?:19|20)\d{2})[a-z]?\s*\)?"
)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
_VENUE_TAG = re.compile(r"\s*\[[^\]]*\d\]\s*")
_BARE_LINK = re.compile(
    r"arXiv[ :：]\s*\S+|(?:https?://)?[\w-]+(?:\.[\w-]+)+/\S*|\d{4}\.\d{4,5}(?:v\d+)?|(?i:see|here|link|url|paper|pdf|arxiv|abs)"
    "|论文|链接|原文|见"
)
_LABEL = re.compile(r"\[((?:[^\[\]\n]|\[[^\[\]\n]*\])+)\]\(\s*<?([^\s()<>]+)")
_DASHES = ("-", "–", "—")
_HEAD = re.compile(r"(.+?)\s*(?:[:：]\s|：|\s[-–—]\s|$)")
_SUBTITLE = re.compile(r"[:：]\s*[A-Z][\x20-\x7e]{8,160}(?<![.;:])")
_COINED_WORD = re.compile(
    r"(?=[\w.+-]*[A-Z])[A-Za-z]+[\w.+-]*(?:[a-z-][A-Z]|[A-Z][a-z]*[A-Z])[\w.+-]*|[A-Z]\w*\+\w*"
)
_LEAST_NAME_CHARS, _NAME_WORDS = 3, 6
_SHORT_WORD_CHARS, _TITLE_WORDS, _TITLE_CASE = 3, 4, 0.8
_LABEL_WORDS, _NICKNAME_WORDS = 3, 3
_FIRST_ACL_YEAR = 65


@dataclass(frozen=True, slots=True, order=True)
class PaperId:
    """A paper's id at a site; DOIs and NeurIPS hashes in lower case. Reads as
    "arxiv:2407.08454".
    """

    site: PaperSite
    value: str

    def __str__(self) -> str:
        return f"{self.site}:{self.value}"


@dataclass(frozen=True, slots=True)
class PaperRef:
    """A paper as the notes name it: by ids, or by title alone when `ids` is empty.

    `notes` are the ids of the entries that name it, `place` is where it stands first, such as
    "notes/a.md:12". `year`, `author` (a surname), `venue` and `authors` are what the notes say, if
    they say it.
    """

    ids: tuple[PaperId, ...]
    title: str
    notes: tuple[str, ...]
    place: str
    year: int | None = None
    author: str | None = None
    venue: str | None = None
    authors: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """How messages call it: the id, or the title in quotes."""
        return str(self.ids[0]) if self.ids else f"“{self.title}”"


@dataclass(frozen=True, slots=True)
class Paper:
    """What is known of a paper; `abstract` is "" if nobody had it, `source` says who told, `key` is
    the BibTeX key that the user's own file gives it, "" without one.
    """

    title: str
    authors: tuple[str, ...] = ()
    year: int | None = None
    venue: str | None = None
    abstract: str = ""
    ids: tuple[PaperId, ...] = ()
    url: str = ""
    source: str = ""
    key: str = ""

    @staticmethod
    def of(
        title: object,
        authors: Iterable[object],
        year: object,
        venue: object,
        abstract: object,
        ids: Iterable[PaperId | None],
        url: str,
        source: str,
        key: str = "",
    ) -> Paper | None:
        """Return a paper from values of unknown form, cleaned; None if it has no title."""
        words = clean_text(title)
        if not words:
            return None
        names = tuple(name for name in (clean_text(author) for author in authors) if name)
        known = sort_ids(paper_id for paper_id in ids if paper_id)
        return Paper(
            words,
            names,
            read_year(year),
            clean_text(venue) or None,
            clean_text(abstract),
            known,
            url,
            source,
            key,
        )


def make_id(site: PaperSite, value: object) -> PaperId | None:
    """Return the id of a paper in its one form, None for an empty value. A preprint's DOI is its
    arXiv id.
    """
    text = str(value or "").strip()
    if site == "doi":
        text = (
            re.sub(r"^(?:https?://(?:dx\.)?doi\.org/|doi:)", "", text, flags=re.IGNORECASE)
            .lower()
            .rstrip(".")
        )
        if preprint := _PREPRINT_DOI.fullmatch(text):
            return make_id("arxiv", preprint[1])
    if site == "arxiv":
        text = re.sub(
            r"^(?:https?://(?:www\.|export\.)?arxiv\.org/(?:abs|pdf)/|arxiv:)",
            "",
            text,
            flags=re.IGNORECASE,
        )
        text = re.sub(r"(?:\.pdf)?$|v\d+(?:\.pdf)?$", "", text)
    return PaperId(site, text) if text else None


def sort_ids(ids: Iterable[PaperId]) -> tuple[PaperId, ...]:
    """Return ids each once, the steadiest site first."""
    return tuple(
        sorted(set(ids), key=lambda paper_id: (PAPER_SITES.index(paper_id.site), paper_id.value))
    )


def paper_id(link: Link) -> PaperId | None:
    """Return the id of the paper that a link points at, None if it points at no known paper
    site.
    """
    if link.site in ("arxiv", "doi", "openreview", "acl"):
        return make_id(link.site, link.identifier)
    if match := _NEURIPS.search(link.url):
        return PaperId("neurips", f"{match[1]}/{match[2]}{match[3]}")
    return None


def paper_ids_in(text: str) -> list[PaperId]:
    """Return the ids of the papers that a text links to or names, in order."""
    return _ids_of(find_links(text))


def paper_ids(entry: Entry) -> list[PaperId]:
    """Return the ids of the papers that an entry links to, in order."""
    return _ids_of(entry.links)


def cited_ids(citations: Sequence[Citation]) -> list[PaperId]:
    """Return the ids of the papers that citations link to, in order."""
    return _ids_of(link for citation in citations for link in citation.links)


def _ids_of(links: Iterable[Link]) -> list[PaperId]:
    return list(dict.fromkeys(filter(None, map(paper_id, links))))


def read_refs(entries: Sequence[Entry]) -> list[PaperRef]:
    """Return the papers that notes name, in the order of the notes, each once, with what any of
    them says of it.
    """
    by_key: dict[PaperId | str, PaperRef] = {}
    for ref in _all_refs(entries):
        key = ref.ids[0] if ref.ids else title_key(ref.title)
        by_key[key] = _merge_refs(by_key[key], ref) if key in by_key else ref
    return list(by_key.values())


def _merge_refs(first: PaperRef, second: PaperRef) -> PaperRef:
    return replace(
        first,
        title=first.title or second.title,
        notes=tuple(dict.fromkeys((*first.notes, *second.notes))),
        year=first.year or second.year,
        author=first.author or second.author,
        venue=first.venue or second.venue,
        authors=first.authors or second.authors,
    )


def _all_refs(entries: Sequence[Entry]) -> Iterator[PaperRef]:
    for entry in entries:
        if entry.kind != "note":
            continue
        ids = paper_ids(entry)
        title, year, author = named_work(entry)
        place = f"{entry.source}:{entry.line_start}"
        if len(ids) > 1:
            for identifier in ids:
                yield PaperRef(
                    (identifier,), _label(entry, identifier), (entry.id,), place, year, author
                )
        elif ids or names_unlinked_work(entry):
            names = map(clean_text, _names(_fields(entry, "authors", "author")))
            authors = tuple(filter(None, names))
            year = year or read_year(" ".join(_fields(entry, "year")))
            venue = entry.venue or find_venue(entry.text)
            own = _without_nickname(title, _label(entry, ids[0])) if ids else title
            yield PaperRef(tuple(ids), own, (entry.id,), place, year, author, venue, authors)


def _label(entry: Entry, identifier: PaperId) -> str:
    """The label of the link to a paper, "" if it has none or one too short for a title."""
    for label, target in _LABEL.findall(entry.text):
        if paper_id(make_link(target)) == identifier:
            words = clean_text(plain_text(label))
            return (
                words
                if len(words.split()) >= _LABEL_WORDS and not _BARE_LINK.fullmatch(words)
                else ""
            )
    return ""


def _without_nickname(title: str, label: str) -> str:
    """A title without the name in front of its link: "FastGen [Model Tells You …](…)"; a name with
    a colon is part of it.
    """
    nickname = title.removesuffix(label).rstrip() if label and title.endswith(label) else ""
    is_nickname = (
        nickname and len(nickname.split()) <= _NICKNAME_WORDS and nickname[-1] not in ":：-–—"
    )
    return label if is_nickname else title


def other_names(entry: Entry) -> list[str]:
    """Return the names that the front matter of a note gives it: its title and aliases."""
    return [clean_text(name) for name in _fields(entry, "title", "aliases", "alias")]


def _fields(entry: Entry, *names: str) -> list[str]:
    """The values of an entry's fields of these names."""
    return [value for name, value in entry.fields if name in names]


def _names(values: Sequence[str]) -> list[str]:
    """Authors in a field: a list, or names with commas, semicolons or "and" between them."""
    if len(values) != 1:
        return list(values)
    return re.split(r"\s*[;；、,，]\s*|\s+and\s+", values[0])


def named_work(entry: Entry) -> tuple[str, int | None, str | None]:
    """Return (title, year, first author's surname) as an entry gives them, None for what it does
    not.

    "Scissorhands (Liu et al., 2023b)" -> ("Scissorhands", 2023, "liu"). The year comes from a
    citation, a venue tag or the front matter, never from an arXiv id.
    """
    cited = _CITED.search(entry.title)
    title = _CITED.sub("", entry.title).strip(" ,，.。()（）-") if cited else _whole_title(entry)
    venue_year = _YEAR.search(entry.venue or find_venue(entry.text) or "")
    year = int(cited[2]) if cited else int(venue_year[1]) if venue_year else None
    return title.rstrip("…"), year, surname(cited[1]) if cited else None


def _whole_title(entry: Entry) -> str:
    """The title without tags and remarks, "" if a bare link stands for it.

    What follows its colon belongs to it if that reads like a title too.
    """
    first_line = plain_text(entry.text).split("\n", 1)[0]
    if (
        entry.title
        and first_line.startswith(entry.title)
        and _SUBTITLE.fullmatch(first_line[len(entry.title) :])
    ):
        return first_line
    if _BARE_LINK.fullmatch(entry.title):
        return ""
    title = _VENUE_TAG.sub("", entry.title)
    head = _HEAD.match(title)
    is_remark = head and (
        HAN_CHAR.search(title[head.end() :]) or title[head.end(1) :].lstrip().startswith(_DASHES)
    )
    return head[1] if head and is_remark else title


def names_unlinked_work(entry: Entry) -> bool:
    """Whether an entry without a link to a paper is a work and begins with its name, such as
    "Instruction-Mining" or "LoRA+: …".
    """
    if entry.part != "work" or any(link.site == "github" for link in entry.links):
        return False
    return entry.role in ("item", "row", "heading") and _has_work_name(entry)


def _has_work_name(entry: Entry) -> bool:
    title = named_work(entry)[0]
    name = title_head(title)
    if len(name) < _LEAST_NAME_CHARS or HAN_CHAR.search(title):
        return False
    is_dated = bool(_CITED.search(entry.title)) and len(name.split()) <= _NAME_WORDS
    return (
        is_dated
        or bool(_COINED_WORD.fullmatch(name))
        or (not entry.child_ids and _is_title_case(title))
    )


def _is_title_case(title: str) -> bool:
    """Whether most longer words are capitalised, as in titles of papers and not in sentences."""
    words = [
        word for word in re.findall(r"[^\W\d_][\w'’-]*", title) if len(word) > _SHORT_WORD_CHARS
    ]
    return len(words) >= _TITLE_WORDS and sum(
        word[0].isupper() for word in words
    ) >= _TITLE_CASE * len(words)


def same_paper(first: Paper, second: Paper) -> bool:
    """Whether two records are one paper: an id in common, or the same title by a common author.

    Where either names no author the years may differ by one, as for a preprint and its conference.
    """
    if set(first.ids) & set(second.ids):
        return True
    if not same_title(first.title, second.title):
        return False
    if first.authors and second.authors:
        return bool(
            {surname(name) for name in first.authors} & {surname(name) for name in second.authors}
        )
    return first.year is None or second.year is None or abs(first.year - second.year) <= 1


def merge_papers(first: Paper, second: Paper) -> Paper:
    """Return one record of one paper: the first's values, the second's where the first has none."""
    return Paper(
        title=first.title,
        authors=first.authors or second.authors,
        year=first.year or second.year,
        venue=first.venue or second.venue,
        abstract=first.abstract or second.abstract,
        ids=sort_ids((*first.ids, *second.ids)),
        url=first.url or second.url,
        source=first.source if first.abstract or not second.abstract else second.source,
    )


def paper_url(identifier: PaperId) -> str:
    """Return the page that people read for an id."""
    if identifier.site == "neurips":
        year, name = identifier.value.split("/", 1)
        digest, _, track = name.partition("-")
        return f"https://proceedings.neurips.cc/paper_files/paper/{year}/hash/{digest}-Abstract{'-' + track if track else ''}.html"
    if identifier.site == "openreview" and is_pdf_hash(identifier):
        return f"https://openreview.net/pdf/{identifier.value}.pdf"
    pages = {
        "arxiv": "https://arxiv.org/abs/{}",
        "doi": "https://doi.org/{}",
        "openreview": "https://openreview.net/forum?id={}",
        "acl": "https://aclanthology.org/{}/",
    }
    return pages[identifier.site].format(identifier.value)


def id_year(identifier: PaperId) -> int | None:
    """Return the year in which an id was given, None if it does not say: arXiv, ACL and NeurIPS
    ids begin with it.
    """
    patterns = {
        "arxiv": r"(?:[a-z-]+(?:\.[A-Z]{2})?/)?(\d\d)(?:0[1-9]|1[0-2])(?:\.\d|\d{3})",
        "acl": r"(\d{4})\.|[A-Z](\d\d)-",
        "neurips": r"(\d{4})/",
    }
    match = re.match(patterns.get(identifier.site, "(?!)"), identifier.value)
    if match is None:
        return None
    figures = next(filter(None, match.groups()))
    return (
        int(figures)
        if len(figures) == 4
        else int(figures) + (2000 if int(figures) < _FIRST_ACL_YEAR else 1900)
    )


def is_pdf_hash(identifier: PaperId) -> bool:
    """Whether an OpenReview id is the hash of a PDF rather than the id of a forum."""
    return identifier.site == "openreview" and bool(re.fullmatch(r"[0-9a-f]{40}", identifier.value))


def read_year(value: object) -> int | None:
    """Return the first year (1900-2099) in a value, None if there is none."""
    match = _YEAR.search(str(value or ""))
    return int(match[1]) if match else None
