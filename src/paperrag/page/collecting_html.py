"""The Saved tab as HTML, and its table as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from paperrag.page.collection import Star
from paperrag.page.reading_list import Group, ReadingList
from paperrag.page.render import (
    about,
    badge_html,
    esc,
    line_range,
    links_html,
    named_button,
    own_text,
)
from paperrag.page.strings import say
from paperrag.page.turns import from_json
from paperrag.records import Entry, Language
from paperrag.text.front import front_matter_end
from paperrag.text.markup import plain_text, shorten
from paperrag.text.patterns import CITED

SAID_CHARS, ANSWER_CHARS = 280, 140
GROUPS = 40
IN_GROUP = 200
"""Entries of a group that are listed; the library has the others."""

_STAR = "M12 3.6l2.6 5.3 5.8.8-4.2 4.1 1 5.8-5.2-2.8-5.2 2.8 1-5.8-4.2-4.1 5.8-.8z"


def star_button(kind: str, star_id: str, language: Language) -> str:
    """Return the star of an entry or answer; the script fills it where one is given."""
    label = say(language, "star")
    return (
        f'<button class="pr-star" data-act="star" data-kind="{kind}" data-id="{esc(star_id)}" aria-pressed="false"'
        f' title="{label}" aria-label="{label}"><svg viewBox="0 0 24 24" width="15" height="15" fill="none"'
        f' stroke="currentColor" stroke-width="1.7"><path d="{_STAR}"/></svg></button>'
    )


def saved_html(
    kept: Sequence[tuple[Star, Entry | None]], listed: ReadingList, language: Language
) -> str:
    """Return the tab: stars at the left, the reading list below them."""
    entries = [(star, entry) for star, entry in kept if star.kind == "entry"]
    answers = [star for star, _ in kept if star.kind == "answer"]
    return "".join(
        (
            _section("saved_entries", "".join(_kept_item(*one, language) for one in entries), language),
            _section("saved_answers", "".join(_answer_item(star, language) for star in answers), language),
            _section("reading_tasks", _items(listed.tasks), language) if listed.tasks.entries else "",
            _groups_html("reading_states", listed.states, language),
            _groups_html("reading_tags", listed.tags, language),
        )
    )  # fmt: skip


Remarks = Mapping[str, Sequence[Entry]]
"""The entries right below an entry, by its id."""


def compared_html(entries: Sequence[Entry], below: Remarks, language: Language) -> str:
    """Return entries beside one another, a row each."""
    cells: dict[str, Callable[[Entry], str]] = {
        "column_title": named_button,
        "column_venue": lambda one: f"{badge_html(one, language)} {esc(_year(one))}",
        "column_said": lambda one: esc(_said(one, below[one.id])),
        "column_tags": lambda one: esc(_tags(one)),
        "column_links": lambda one: links_html(one.links),
        "column_lines": lambda one: esc(_where(one)),
    }
    columns = _columns(entries)
    head = "".join(f'<th class="pr-{key}">{say(language, key)}</th>' for key in columns)
    rows = (
        "".join(f'<td class="pr-{key}">{cells[key](entry)}</td>' for key in columns)
        for entry in entries
    )
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f'<table class="pr-table pr-list pr-compared"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def compared_markdown(entries: Sequence[Entry], below: Remarks, language: Language) -> str:
    """Return the table as Markdown."""
    cells: dict[str, Callable[[Entry], str]] = {
        "column_title": _name,
        "column_venue": _venue,
        "column_said": lambda one: _said(one, below[one.id]),
        "column_tags": _tags,
        "column_links": _links,
        "column_lines": lambda one: f"`{_where(one)}`",
    }
    columns = _columns(entries)
    head = "| " + " | ".join(say(language, key) for key in columns) + " |"
    rows = (
        "| " + " | ".join(cells[key](entry).replace("|", "\\|") for key in columns) + " |"
        for entry in entries
    )
    return "\n".join((head, "|" + " --- |" * len(columns), *rows)) + "\n"


def _columns(entries: Sequence[Entry]) -> list[str]:
    """Return the columns of the table, without those in which no entry says anything."""
    spare: dict[str, Callable[[Entry], str]] = {
        "column_venue": _venue,
        "column_tags": _tags,
        "column_links": _links,
    }
    return [key for key in _COLUMNS if key not in spare or any(map(spare[key], entries))]


_COLUMNS = (
    "column_title",
    "column_venue",
    "column_said",
    "column_tags",
    "column_links",
    "column_lines",
)


def _section(key: str, items: str, language: Language) -> str:
    body = (
        f'<ul class="pr-entries">{items}</ul>'
        if items
        else f'<p class="pr-faint">{say(language, f"{key}_none")}</p>'
    )
    return f'<h2 class="pr-head">{say(language, key)}</h2>{body}'


def _kept_item(star: Star, entry: Entry | None, language: Language) -> str:
    if entry is None:
        title = f'<span class="pr-faint">{esc(star.title)} · {say(language, "gone")}</span>'
        return f"<li>{title}{star_button('entry', star.id, language)}</li>"
    marks = f"{badge_html(entry, language)}{star_button('entry', star.id, language)}"
    return f"<li>{_choice(entry)}{named_button(entry)}{marks}</li>"


def _answer_item(star: Star, language: Language) -> str:
    conversation = star.id.rpartition("/")[0]
    title = f'<button data-act="past" data-id="{esc(conversation)}">{esc(star.title)}</button>'
    answer = from_json(star.body).answer
    words = " ".join(CITED.sub("", answer.text).split()) if answer else ""
    said = f'<p class="pr-faint">{esc(shorten(words, ANSWER_CHARS))}</p>'
    return f"<li><div>{title}{said}</div>{star_button('answer', star.id, language)}</li>"


def _items(group: Group) -> str:
    return "".join(
        f"<li>{_choice(entry)}{named_button(entry)}</li>" for entry in group.entries[:IN_GROUP]
    )


def _groups_html(key: str, groups: Sequence[Group], language: Language) -> str:
    if not groups:
        return ""
    folded = "".join(
        f'<details class="pr-group"><summary>{esc(group.name)} <i>{len(group.entries)}</i></summary>'
        f'<ul class="pr-entries">{_items(group)}</ul></details>'
        for group in groups[:GROUPS]
    )
    return f'<h2 class="pr-head">{say(language, key)}</h2>{folded}'


def _choice(entry: Entry) -> str:
    label = esc(entry.title or entry.source)
    box = f'<input type="checkbox" class="pr-choice" value="{esc(entry.id)}" aria-label="{label}">'
    return f'<label class="pr-tick">{box}</label>'


def _name(entry: Entry) -> str:
    return " — ".join(filter(None, (entry.title or entry.source, about(entry))))


def _where(entry: Entry) -> str:
    return f"{entry.source}:{line_range(entry)}"


def _venue(entry: Entry) -> str:
    return f"{entry.venue or ''} {_year(entry)}".strip()


def _links(entry: Entry) -> str:
    return " ".join(f"<{link.url}>" for link in entry.links)


def _said(entry: Entry, below: Sequence[Entry]) -> str:
    """Return what is said of an entry: its words below its title, else what stands below it, else
    the sentence that says what its work does.
    """
    own = own_text(entry)
    first, _, rest = own[front_matter_end(own) :].partition("\n")
    said = rest if rest.strip() or first.strip(" #*-") != entry.title else ""
    if not said.strip():
        said = "; ".join(one.title for one in below)
    if not said.strip() and entry.work and entry.part == "work":
        said = entry.work.statement
    return shorten(" ".join(plain_text(said or first).split()), SAID_CHARS)


def _year(entry: Entry) -> str:
    year = entry.work.year if entry.work else None
    return "" if year is None or str(year) in (entry.venue or "") else str(year)


def _tags(entry: Entry) -> str:
    tags = entry.tags or (entry.work.tags if entry.work else ())
    return " ".join(f"#{tag}" for tag in tags)
