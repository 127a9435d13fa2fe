"""Parts of an entry as HTML: title, badges, breadcrumb, buttons, links. Words of notes are escaped
here or in `prose`.
"""

from __future__ import annotations

import html
import html.entities
import re
from collections.abc import Sequence
from typing import Literal

from paperrag.answer.called import is_in_paper, label
from paperrag.page.prose import inline_html, link_html
from paperrag.page.strings import say
from paperrag.records import Entry, Kind, Language, Link
from paperrag.text.folding import fold, letters
from paperrag.text.front import front_matter_end
from paperrag.text.markup import plain_text, shorten, without_bars
from paperrag.text.patterns import lazy_pattern

_FRACTION = lazy_pattern(r"\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}")
_STYLED = lazy_pattern(r"\\(?:math[a-z]+|text[a-z]*|operatorname|boldsymbol)\{([^{}]*)\}")
_LAYOUT = lazy_pattern(r"\\(?:(?:left|right|big|Big)(?![A-Za-z])|[,;!] ?)")
_SCRIPT = lazy_pattern(r"([_^])\{([^{}\\]*)\}")
_COMMAND = lazy_pattern(r"\\([A-Za-z]+)(?![A-Za-z])")
_CRUMB_CHARS = 48


def esc(text: object) -> str:
    """Return text as HTML text and attribute content."""
    return html.escape(str(text))


def with_symbols(text: str) -> str:
    """Return text with LaTeX's letters, signs and fractions as characters: titles have lost their
    dollar signs.
    """
    if "\\" not in text and "_{" not in text and "^{" not in text:
        return text
    plain = _FRACTION.sub(r"(\1)/(\2)", _STYLED.sub(r"\1", _LAYOUT.sub("", text)))
    return _SCRIPT.sub(
        r"\1\2",
        _COMMAND.sub(lambda match: html.entities.html5.get(f"{match[1]};", match[0]), plain),
    )


def inline_title(entry: Entry) -> str:
    """Return an entry's title as HTML, without links that would take the click."""
    return esc(with_symbols(entry.title or entry.source))


def inline_label(entry: Entry) -> str:
    """Return what stands above an entry's text as HTML: its title, or its paper's name."""
    return esc(with_symbols(label(entry) or entry.source))


def card_label(entry: Entry) -> str:
    """Return what stands above an entry's text as HTML, the part of a paper apart from its name."""
    if not is_in_paper(entry) or entry.work is None or label(entry) == entry.work.name:
        return inline_label(entry)
    name, title = (esc(with_symbols(words)) for words in (entry.work.name, entry.title))
    return f'{name}<span class="pr-part"> — {title}</span>'


def about(entry: Entry) -> str:
    """Return the name of an entry's work, "" where its title says it."""
    name = entry.work.name if entry.work else ""
    return "" if letters(name) in letters(entry.title) else name


def named_button(entry: Entry) -> str:
    """Return the button that opens an entry, with what it is about."""
    words = about(entry)
    return open_button(entry, f"<small>{esc(words)}</small>" if words else "")


def open_button(entry: Entry, below: str = "") -> str:
    """Return an entry's title as a button that opens its page; below: HTML below the title."""
    words = f"{inline_title(entry)}{below}"
    return f'<button data-act="open" data-entry="{esc(entry.id)}">{words}</button>'


def own_text(entry: Entry) -> str:
    """Return an entry's text without the front matter of an abstract, which is for programs, or
    the bars of a table's row.
    """
    if entry.role == "row" and not entry.child_ids:
        return without_bars(entry.text)
    return (
        entry.text[front_matter_end(entry.text) :].lstrip("\n")
        if entry.kind == "abstract"
        else entry.text
    )


def below_label(entry: Entry, quote: str = "") -> str:
    """Return an entry's own text without a first line that says no more than the title that stands
    above it and its venue, unless a quote is from it.
    """
    text = own_text(entry)
    first, _, rest = text.partition("\n")
    return rest if _is_title(entry, first) and not (quote and quote in first) else text


def is_titled_by_quote(entry: Entry, quote: str) -> bool:
    """Whether a quote is from the line that an entry is called by, which then stands below it."""
    first = own_text(entry).partition("\n")[0]
    return quote in first and _is_title(entry, first)


def _is_title(entry: Entry, line: str) -> bool:
    return label(entry).endswith(entry.title) and not _says_more(entry, line)


def _says_more(entry: Entry, line: str) -> bool:
    if "$" in line or "\\" in line:  # a formula is drawn, in a title it is characters
        return True
    said, title = (letters(words).lstrip("0123456789") for words in (plain_text(line), entry.title))
    venue = entry.venue or ""
    known = {"", letters(venue), letters(venue[:-4] + venue[-2:])}
    return not title or title not in said or said.replace(title, "", 1) not in known


def kind_html(kind: Kind | Literal["model"], language: Language) -> str:
    """Return the badge of an evidence level; its hover text says what it means."""
    return f'<span class="pr-badge pr-{kind}" title="{say(language, f"about_{kind}")}">{say(language, f"kind_{kind}")}</span>'


def badge_html(entry: Entry, language: Language) -> str:
    """Return the venue of an entry, and its evidence level where it is not the reader's own
    words.
    """
    venue = f'<span class="pr-venue">{esc(entry.venue)}</span>' if entry.venue else ""
    return venue if entry.kind == "note" else f"{venue}{kind_html(entry.kind, language)}"


def shown_crumbs(entry: Entry) -> tuple[str, ...]:
    """Return where an entry stands, its collection first where there are several, without what only
    repeats the name of its file or folder.
    """
    collection, _, inside = entry.source.rsplit(".", 1)[0].rpartition(":")
    names = {fold(part).lower() for part in inside.split("/")}
    crumbs = entry.breadcrumb
    head = crumbs[:1] if collection and crumbs[:-1][:1] == (collection,) else ()
    above = (crumb for crumb in crumbs[len(head) : -1] if fold(crumb).lower() not in names)
    return (*head, *above, *crumbs[-1:])


def crumbs_html(entry: Entry) -> str:
    """Return where an entry stands, without its own or its work's name, which stands above its
    text.
    """
    work = letters(entry.work.name) if entry.work and is_in_paper(entry) else ""
    above = {work, letters(label(entry))}
    parts = "<i>›</i>".join(
        f"<span>{inline_html(shorten(with_symbols(part), _CRUMB_CHARS))}</span>"
        for part in shown_crumbs(entry)
        if letters(part) not in above
    )
    return f'<div class="pr-crumbs">{parts}</div>' if parts else ""


def line_range(entry: Entry) -> str:
    """Return an entry's lines, such as "3" or "3–5"."""
    first, last = entry.line_start, entry.line_end
    return str(first) if first == last else f"{first}–{last}"


def actions_html(entry: Entry, language: Language) -> str:
    """Return the buttons that lead from an entry to its page and its note."""
    where = f"{entry.source}:{entry.line_start}"
    return (
        f'<button data-act="open" data-entry="{esc(entry.id)}">{say(language, "open_entry")}</button>'
        f'<button data-act="note" data-entry="{esc(entry.id)}" title="{esc(where)}">'
        f"{say(language, 'open_note', line=entry.line_start)}</button>"
    )


def links_html(links: Sequence[Link]) -> str:
    """Return the papers and pages of an entry."""
    names = (
        (link.url, f"arXiv {link.arxiv_id}" if link.arxiv_id else _host(link.url)) for link in links
    )
    return "".join(
        f'<span class="pr-link">{link_html(_with_scheme(url), name)}</span>' for url, name in names
    )


def _host(url: str) -> str:
    return shorten(re.sub(r"^https?://(?:www\.)?", "", url), 40)


def _with_scheme(url: str) -> str:
    return url if re.match(r"[a-z][a-z0-9+.-]*:", url, re.IGNORECASE) else f"https://{url}"
