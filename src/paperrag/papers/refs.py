"""Note entries -> the papers they are about, by link or by title. Asks no network, reads no file.

A *reference* is a paper as the notes name it; a *paper* is what an API or a file says of it.
References to the same id are one, whatever version or page their links point at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from paperrag.notes.naming import is_coined, is_title, name_of
from paperrag.papers.citekeys import citing, own_key
from paperrag.papers.ids import PaperId, ids_of_work, paper_id, paper_ids, sort_ids
from paperrag.papers.titles import clean_text, same_title, surname, title_head, title_key
from paperrag.records import Entry
from paperrag.text.citations import dated_citation
from paperrag.text.fields import labels_of
from paperrag.text.language import HAN_CHAR
from paperrag.text.links import make_link
from paperrag.text.markup import plain_text
from paperrag.text.patterns import any_of, lazy_pattern
from paperrag.text.people import authors_in
from paperrag.text.venues import find_venue, read_year

_LINK_WORDS = (*labels_of("url"), *"see here pdf arxiv abs 见 论文 原文".split())
"""What people write in place of the name of what they link to."""

_BARE_LINK = lazy_pattern(
    r"arXiv[ :：]\s*\S+|(?:https?://)?[\w-]+(?:\.[\w-]+)+/\S*|\d{4}\.\d{4,5}(?:v\d+)?"
    rf"|(?i:{any_of(_LINK_WORDS)})"
)
_LABEL = lazy_pattern(r"\[((?:[^\[\]\n]|\[[^\[\]\n]*\])+)\]\(\s*<?([^\s()<>]+)")
_SUBTITLE = lazy_pattern(r"[:：]\s*[A-Z][\x20-\x7e]{8,160}(?<![.;:])")
_LEAST_NAME_CHARS, _NAME_WORDS = 3, 6
_LABEL_WORDS, _NICKNAME_WORDS = 3, 3

NO_TITLE = "this has no title and is left out: %s"
"""What is said of a record of a file of papers."""


class PaperRef(Struct, frozen=True):
    """A paper as the notes name it: by ids, or by title alone when `ids` is empty.

    `notes` are the ids of the entries that name it, `place` is where it stands first, such as
    "notes/a.md:12". `year`, `author` (a surname), `venue` and `authors` are what the notes say, if
    they say it. `key` is the citation key that the notes give it; `cited_by` are the entries that
    cite it by that key.
    """

    ids: tuple[PaperId, ...]
    title: str
    notes: tuple[str, ...]
    place: str
    year: int | None = None
    author: str | None = None
    venue: str | None = None
    authors: tuple[str, ...] = ()
    key: str = ""
    cited_by: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """How messages call it: the id, or the title in quotes."""
        return str(self.ids[0]) if self.ids else f"“{self.title}”"


class Paper(Struct, frozen=True):
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
    def of(  # noqa: PLR0913  # the fields of a record, by name
        *,
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
        told = (read_year(year), clean_text(venue) or None, clean_text(abstract))
        return Paper(words, names, *told, known, url, source, key)


def read_refs(entries: Sequence[Entry], known: Mapping[str, Paper] | None = None) -> list[PaperRef]:
    """Return the papers that notes name, in the order of the notes, each once, with what any of
    them says of it.

    known: papers by their citation keys; those that a note cites by key are named too.
    """
    by_key: dict[PaperId | str, PaperRef] = {}
    for ref in _all_refs(entries):
        key = ref.ids[0] if ref.ids else title_key(ref.title)
        by_key[key] = _merge_refs(by_key[key], ref) if key in by_key else ref
    return _with_citations(list(by_key.values()), entries, known or {})


def _with_citations(
    refs: list[PaperRef], entries: Sequence[Entry], known: Mapping[str, Paper]
) -> list[PaperRef]:
    """Return references with the entries that cite them by key, and those known by their key
    alone.
    """
    by_key = {ref.key: place for place, ref in enumerate(refs) if ref.key}
    by_id = {identifier: place for place, ref in enumerate(refs) for identifier in ref.ids}
    for key, notes in citing(entries).items():
        if key not in by_key and key in known:
            paper = known[key]
            by_key[key] = next((by_id[one] for one in paper.ids if one in by_id), len(refs))
            if by_key[key] == len(refs):
                place = f"{notes[0].source}:{notes[0].line_start}"
                refs.append(PaperRef(paper.ids, paper.title, (), place, paper.year))
        if key in by_key:
            ref = refs[by_key[key]]
            refs[by_key[key]] = replace(ref, key=key, cited_by=tuple(note.id for note in notes))
    return refs


def _merge_refs(first: PaperRef, second: PaperRef) -> PaperRef:
    return replace(
        first,
        title=next(filter(is_title, (first.title, second.title)), first.title or second.title),
        notes=tuple(dict.fromkeys((*first.notes, *second.notes))),
        year=first.year or second.year,
        author=first.author or second.author,
        venue=first.venue or second.venue,
        authors=first.authors or second.authors,
        key=first.key or second.key,
    )


def _all_refs(entries: Sequence[Entry]) -> Iterator[PaperRef]:
    for entry in entries:
        if entry.kind != "note":
            continue
        ids = paper_ids(entry) or (ids_of_work(entry) if entry.part == "work" else [])
        title, year, author = named_work(entry)
        place = f"{entry.source}:{entry.line_start}"
        if len(ids) > 1:
            for identifier in ids:
                yield PaperRef(
                    (identifier,), _label(entry, identifier), (entry.id,), place, year, author
                )
        elif ids or names_unlinked_work(entry) or _is_described(entry):
            names = map(clean_text, _names(_fields(entry, "authors", "author")))
            authors = tuple(map(_in_speech, filter(None, names)))
            key = own_key(entry) if entry.role == "document" else ""
            year = year or read_year(" ".join(_fields(entry, "year")))
            venue = entry.venue or find_venue(entry.text)
            own = _without_nickname(title, _label(entry, ids[0])) if ids else title
            yield PaperRef(tuple(ids), own, (entry.id,), place, year, author, venue, authors, key)


def _is_described(entry: Entry) -> bool:
    """Whether a file says in its head what paper it is on: who wrote it, or its citation key."""
    if entry.role != "document" or entry.part != "work" or not _fields(entry, "title"):
        return False
    return bool(_fields(entry, "authors", "author") or own_key(entry))


def _in_speech(name: str) -> str:
    """A name as people say it: "Okafor, A." is A. Okafor."""
    family, comma, given = name.partition(", ")
    return f"{given} {family}" if comma and "," not in given else name


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


def _names(values: Sequence[str]) -> tuple[str, ...]:
    """Authors in a field: a list, or names with commas, semicolons or "and" between them."""
    return authors_in(values[0]) if len(values) == 1 else tuple(values)


def named_work(entry: Entry) -> tuple[str, int | None, str | None]:
    """Return (title, year, first author's surname) as an entry gives them, None for what it does
    not.

    "Scissorhands (Liu et al., 2023b)" -> ("Scissorhands", 2023, "liu"). The year comes from a
    citation or a venue tag, never from an arXiv id.
    """
    if cited := dated_citation(entry.title):
        return cited.rest.rstrip("…"), cited.year, surname(cited.author)
    title = "" if _BARE_LINK.fullmatch(entry.title) else name_of(_with_subtitle(entry))
    year = read_year(entry.venue or find_venue(entry.text))
    return title.rstrip("…"), year, None


def _with_subtitle(entry: Entry) -> str:
    """The title, with what follows its colon if that reads like a title too."""
    title, first_line = entry.title, plain_text(entry.text).split("\n", 1)[0]
    is_longer = (
        title and first_line.startswith(title) and _SUBTITLE.fullmatch(first_line[len(title) :])
    )
    return first_line if is_longer else title


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
    is_dated = dated_citation(entry.title) is not None and len(name.split()) <= _NAME_WORDS
    return is_dated or is_coined(name) or (not entry.child_ids and is_title(title))


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
