"""The text of an abstract file <-> the paper in it. Reads and writes no file.

Whoever keeps the file may write more into it: fields of their own, remarks below the abstract,
another layout. A change replaces the fields and the abstract that changed and leaves every other
character as it is.
"""

from __future__ import annotations

import json
import re
from typing import Any

from msgspec import Struct

from paperrag.errors import PaperFileError
from paperrag.notes.corpus import ABSTRACTS_FOLDER
from paperrag.notes.front_matter import Fields, read_front_matter, values_of
from paperrag.papers.ids import PAPER_SITES, make_id, sort_ids
from paperrag.papers.refs import Paper
from paperrag.papers.titles import clean_text
from paperrag.text.front import FrontMatter
from paperrag.text.patterns import lazy_pattern

_FRONT_MATTER = lazy_pattern(r"\A\ufeff?---\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_MARKUP = r"(?=[#>*+|~`-]|\d+[.)]\s)"
_HEADING = lazy_pattern(r"^ {0,3}#{1,6}[ \t]+([^\r\n]*?)[ \t#]*$", re.MULTILINE)
_ABSTRACT_HEADINGS = frozenset({"abstract", "摘要"})


class AbstractFile(Struct, frozen=True):
    """A paper with a file: its name in the folder, the ids of the note entries it belongs to, its
    BibTeX key.
    """

    name: str
    paper: Paper
    notes: tuple[str, ...]
    key: str

    @property
    def source(self) -> str:
        """The file's path relative to the corpus."""
        return f"{ABSTRACTS_FOLDER}/{self.name}"


def abstract_text(file: AbstractFile) -> str:
    """Return the Markdown of a paper. Every value is quoted, so no title can break the front
    matter.
    """
    body = _escaped(file.paper.abstract)
    return "\n".join(["---", *_fields(file).values(), "---", "", *([body, ""] if body else [])])


def parse_abstract(name: str, text: str) -> AbstractFile | None:
    """Return the paper of a file's text, None if the file has no front matter with a title and a
    key.

    The abstract is what stands before the first heading, or below one that says "Abstract" or is
    the title. Raises PaperFileError for front matter that is not YAML.
    """
    match = _FRONT_MATTER.match(text)
    values = _front_values(name, match[1].replace("\r\n", "\n")) if match else {}
    title, key = _words(values.get("title")), _words(values.get("key"))
    if match is None or not title or not key:
        return None
    start, end = _abstract_span(text, match.end(), title)
    abstract = re.sub(rf"^\\{_MARKUP}", "", clean_text(text[start:end]))
    notes = values_of(values.get("notes"))
    return AbstractFile(name, _paper(values, title, abstract), notes, key)


def _front_values(name: str, front: str) -> Fields:
    """Return the fields of front matter, as those of notes are read."""
    values, troubles = read_front_matter(FrontMatter(0, 0, front, "YAML"), name)
    if troubles:
        raise PaperFileError(troubles[0].message.partition(";")[0])
    return values


def _paper(values: Fields, title: str, abstract: str) -> Paper:
    ids = (make_id(site, value) for site in PAPER_SITES for value in values_of(values.get(site)))
    year = _words(values.get("year"))
    return Paper(
        title=title,
        authors=tuple(filter(None, map(_words, values_of(values.get("authors"))))),
        year=int(year) if year.isdecimal() else None,
        venue=_words(values.get("venue")) or None,
        abstract=abstract,
        ids=sort_ids(identifier for identifier in ids if identifier),
        url=_words(values.get("url")),
        source=_words(values.get("source")),
    )


def revised_text(text: str, before: AbstractFile, after: AbstractFile) -> str:
    """Return a file's text with what differs between two states of its paper changed, and nothing
    else.

    `before` is what `parse_abstract` reads in the text.
    """
    match = _FRONT_MATTER.match(text)
    if match is None or text == abstract_text(before):
        return abstract_text(after)
    end_of_line = "\r\n" if "\r\n" in match[0] else "\n"
    start, end = _abstract_span(text, match.end(), before.paper.title)
    body = text[match.end() :]
    if before.paper.abstract != after.paper.abstract:
        body = _with_abstract(
            text, match.end(), start, end, _escaped(after.paper.abstract), end_of_line
        )
    front = match[1]
    old, new = _fields(before), _fields(after)
    for name in dict.fromkeys([*old, *new]):
        if old.get(name) != new.get(name):
            front = _with_field(
                front, name, new.get(name, "").replace("\n", end_of_line), end_of_line
            )
    return text[: match.start(1)] + front + text[match.end(1) : match.end()] + body


def added_by_hand(text: str, file: AbstractFile) -> tuple[dict[str, str], str]:
    """Return what a file holds beyond its paper: fields of other names, as they are written, and
    what follows the abstract.
    """
    match = _FRONT_MATTER.match(text)
    if match is None:
        return {}, ""
    _, end = _abstract_span(text, match.end(), file.paper.title)
    known = {"title", "authors", "year", "venue", *PAPER_SITES, "url", "source", "key", "notes"}
    places = _places(match[1])
    return {
        name: match[1][slice(*place)] for name, place in places.items() if name not in known
    }, text[end:].strip()


def with_added(text: str, fields: dict[str, str], remarks: str) -> str:
    """Return a file's text with fields that it lacks and remarks added."""
    match = _FRONT_MATTER.match(text)
    if match is None:
        return text
    present = _places(match[1])
    lines = [field for name, field in fields.items() if name not in present]
    front = "\n".join([match[1], *lines])
    body = text[match.end() :] + (f"\n{remarks}\n" if remarks and remarks not in text else "")
    return text[: match.start(1)] + front + text[match.end(1) : match.end()] + body


def _fields(file: AbstractFile) -> dict[str, str]:
    """The lines of the front matter, by name; those without a value are left out."""
    paper = file.paper
    values: dict[str, Any] = {
        "title": paper.title,
        "authors": list(paper.authors),
        "year": paper.year,
        "venue": paper.venue,
    }
    for site in PAPER_SITES:
        known = [identifier.value for identifier in paper.ids if identifier.site == site]
        values[site] = known if len(known) > 1 else known[0] if known else None
    values |= {"url": paper.url or None, "source": paper.source or None, "key": file.key}
    fields = {
        name: f"{name}: {json.dumps(value, ensure_ascii=False)}"
        for name, value in values.items()
        if value
    }
    if file.notes:
        fields["notes"] = "\n".join(
            ["notes:", *(f"  - {json.dumps(note, ensure_ascii=False)}" for note in file.notes)]
        )
    return fields


def _with_field(front: str, name: str, field: str, end_of_line: str) -> str:
    """Front matter with one field written anew, added at the end, or away where `field` is ""."""
    place = _places(front).get(name)
    if place is None:
        return f"{front}{end_of_line}{field}"
    start, end = place
    if not field:
        line_end = front.find("\n", end)
        return (
            front[:start] + front[line_end + 1 :] if line_end >= 0 else front[:start].rstrip("\r\n")
        )
    return front[:start] + field + front[end:]


def _places(front: str) -> dict[str, tuple[int, int]]:
    """Where each field stands in front matter, without comments and blank lines behind it."""
    import yaml

    root = yaml.compose(front, yaml.BaseLoader)
    places = {}
    for key, value in root.value if isinstance(root, yaml.MappingNode) else ():
        lines = front[key.start_mark.index : value.end_mark.index].splitlines(keepends=True)
        while len(lines) > 1 and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
            lines.pop()
        places[str(key.value)] = (
            key.start_mark.index,
            key.start_mark.index + len("".join(lines).rstrip()),
        )
    return places


def _abstract_span(text: str, start: int, title: str) -> tuple[int, int]:
    """Where the abstract stands in a file's text; the span is empty where there is none."""
    headings = list(_HEADING.finditer(text, start))
    while headings and not text[start : headings[0].start()].strip():
        words = clean_text(headings[0][1]).casefold()
        if words not in _ABSTRACT_HEADINGS and words != title.casefold():
            return start, start
        start = headings.pop(0).end()
    span = text[start : headings[0].start() if headings else len(text)]
    stripped = span.strip()
    return (
        (start + span.index(stripped), start + span.index(stripped) + len(stripped))
        if stripped
        else (start, start)
    )


def _with_abstract(
    text: str, body_start: int, start: int, end: int, abstract: str, end_of_line: str
) -> str:
    """The body of a file's text with another abstract."""
    if start != end:
        return text[body_start:start] + abstract + text[end:]
    above, below = text[body_start:start], text[end:].lstrip("\r\n")
    opening = "" if text[:start].endswith("\n") else end_of_line
    return (
        f"{above}{opening}{end_of_line}{abstract}{end_of_line}{end_of_line if below else ''}{below}"
    )


def _escaped(abstract: str) -> str:
    """An abstract as a paragraph of Markdown: no sign at its start makes a heading or a list of
    it.
    """
    return re.sub(f"^{_MARKUP}", r"\\", abstract)


def _words(value: str | tuple[str, ...] | None) -> str:
    """A value as one line: the parts of a list with commas between them."""
    return ", ".join(filter(None, map(clean_text, values_of(value))))
