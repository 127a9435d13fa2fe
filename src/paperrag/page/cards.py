"""The cards of evidence beside an answer, as HTML: what it cites, or the nearest entries."""

from __future__ import annotations

from collections.abc import Sequence

from paperrag.page.collecting_html import star_button
from paperrag.page.fields_html import entry_html, quoted_fields_html
from paperrag.page.prose import block_html
from paperrag.page.render import (
    actions_html,
    badge_html,
    below_label,
    card_label,
    crumbs_html,
    esc,
    is_titled_by_quote,
    kind_html,
    links_html,
    open_button,
)
from paperrag.page.strings import say
from paperrag.page.turns import Turn
from paperrag.records import Answer, Citation, Entry, Hit, Language
from paperrag.text.front import front_matter_end
from paperrag.text.markup import one_line, plain_text, shorten, without_bars
from paperrag.text.patterns import CITED_NUMBER, lazy_pattern

OPEN_CARDS = 3
"""Cards of an answer that are open at first; the others open when their number is clicked."""

LEAD_CHARS = 110
"""How much of a near entry is read on its card while that is folded."""

_CITE = lazy_pattern(CITED_NUMBER)


def evidence_html(number: int, turn: Turn | None, weak_below: float, language: Language) -> str:
    """Return the cards of a turn: its citations, or the nearest entries when it abstained."""
    if turn is None or turn.answer is None:
        return ""
    answer = turn.answer
    if answer.abstained:
        flag = f'<span class="pr-badge pr-bad">{say(language, "not_covered")}</span>'
        nearest = f"{say(language, 'nearest')} " if answer.nearest else ""
        head = f"<h3>{nearest}{flag}</h3>"
        cards = [_nearest_card(number, hit, language) for hit in answer.nearest]
    else:
        words = _evidence_head(answer, language)
        weak = (
            f' <span class="pr-badge pr-warn">{say(language, "weak")}</span>'
            if answer.confidence < weak_below and answer.citations
            else ""
        )
        head = f"<h3>{words}{weak}</h3>"
        cards = [_citation_card(number, citation, language) for citation in answer.citations]
    return f'<div class="pr-evidence" data-turn="{number}">{head}{"".join(cards)}</div>'


def _evidence_head(answer: Answer, language: Language) -> str:
    """Return how many entries are cited, or were found where nothing is cited yet."""
    cited = {int(number) for number in _CITE.findall(answer.text)}
    is_cited = any(citation.n in cited for citation in answer.citations)
    key, count = "evidence_of" if is_cited else "evidence_found", len(answer.citations)
    if count == 0:
        return say(language, "evidence_none")
    return say(language, f"{key}_one") if count == 1 else say(language, key, count=count)


def _citation_card(turn: int, citation: Citation, language: Language) -> str:
    entry = citation.entry
    key, sign = ("verified", "✓") if citation.quote_verified else ("not_verified", "✗")
    mark = f'<span class="pr-{key}" title="{say(language, key)}">{sign}</span>'
    front = f'<span class="pr-n">{citation.n}</span>'
    body = _body_html(entry, citation.quote, language)
    return _card(turn, citation, body, language, front, mark, is_open=citation.n <= OPEN_CARDS)


def _nearest_card(turn: int, hit: Hit, language: Language) -> str:
    text = below_label(hit.entry)
    said = shorten(one_line(plain_text(text[front_matter_end(text) :])), LEAD_CHARS)
    lead = f'<span class="pr-lead">{esc(said)}</span>' if said else ""
    return _card(turn, hit, entry_html(hit.entry, language), language, lead=lead)


def _body_html(entry: Entry, quote: str, language: Language) -> str:
    """Return an entry's text with a quote marked; of front matter the fields that it is from."""
    text = below_label(entry, quote)
    front = front_matter_end(text)
    fields = quoted_fields_html(text[:front], quote, entry.source, language)
    return fields + block_html(text[front:], (without_bars(quote),))


def _card(
    turn: int,
    of: Citation | Hit,
    body: str,
    language: Language,
    front: str = "",
    marks: str = "",
    lead: str = "",
    is_open: bool = False,
) -> str:
    """Return an entry that opens; front, marks, lead: HTML before, behind and below its title,
    which gives way to where it stands once its text is open, if that begins with it.
    """
    entry, opened = of.entry, " open" if is_open else ""
    links = of.links if isinstance(of, Citation) else entry.links
    crumbs = crumbs_html(entry)
    is_told = bool(crumbs and isinstance(of, Citation) and is_titled_by_quote(entry, of.quote))
    told = " pr-told" if is_told else ""
    place = f'<span class="pr-place">{crumbs}</span>' if is_told else ""
    named = _id_of(turn, of)
    return (
        f'<details class="pr-card{told}" {named}{opened}><summary>{front}<span class="pr-title">{card_label(entry)}</span>{place}'
        f'<span class="pr-marks">{badge_html(entry, language)}{marks}</span>{lead}</summary><div class="pr-card-body">'
        f'{"" if is_told else crumbs}<div class="pr-prose">{body}</div>{_related_html(of.related, language)}'
        f'<div class="pr-actions">{star_button("entry", entry.id, language)}{actions_html(entry, language)}'
        f"{_why_button(turn, entry, language)}"
        f'{links_html(links)}</div><p class="pr-why" hidden></p></div></details>'
    )


def _id_of(turn: int, of: Citation | Hit) -> str:
    if isinstance(of, Hit):
        return f'id="near-{turn}-{of.rank}"'
    return f'id="src-{turn}-{of.n}" data-cited="{esc(of.entry.id)}"'


def _why_button(turn: int, entry: Entry, language: Language) -> str:
    data = f'data-turn="{turn}" data-entry="{esc(entry.id)}" aria-expanded="false"'
    return f'<button data-act="why" {data}>{say(language, "why")}</button>'


def _related_html(related: Sequence[Entry], language: Language) -> str:
    """Return the abstracts of a note's papers and the notes it links to, or the notes on an
    abstract's paper, each a click away.
    """
    items = "".join(
        f"<li>{kind_html(entry.kind, language)} {open_button(entry)}</li>" for entry in related
    )
    return (
        f'<ul class="pr-related" aria-label="{say(language, "related")}">{items}</ul>'
        if items
        else ""
    )
