"""A conversation as HTML: questions, and answers with their marks. The cards of evidence beside
them: `cards.py`.

Clicks are announced by `data-act` (see assets/page.js); notes cannot forge one, since their HTML
is shown as text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterator, Sequence
from itertools import groupby
from typing import Literal

from paperrag.answer.called import dated_name, label, short_title
from paperrag.answer.citing import quoted_words
from paperrag.answer.strings import WEAK
from paperrag.output.terminal import llm_line
from paperrag.page.collecting_html import star_button
from paperrag.page.copies import turn_markdown
from paperrag.page.prose import block_html
from paperrag.page.render import (
    esc,
    kind_html,
    with_symbols,
)
from paperrag.page.strings import say
from paperrag.page.turns import NAMED_PARTS, SearchScope, Turn
from paperrag.records import Answer, Citation, Language
from paperrag.text.markup import shorten
from paperrag.text.patterns import CITED

LONG_QUESTION, LONG_LINES = 400, 6
"""Characters and lines from which on a question is folded: its answer must be in view."""

QUOTE_CHARS = 320
"""Longest quote shown beside its number; the card has it whole."""

_ICONS = {
    "good": "M7 11v9H4v-9zM9 20V11l4-8c1.4 0 2.2 1 2 2.4L14.3 9H19c1.2 0 2.1 1.1 1.8 2.3l-1.7 7c-.2 1-1 1.7-2 1.7z",
    "bad": "M7 13V4H4v9zM9 4v9l4 8c1.4 0 2.2-1 2-2.4L14.3 15H19c1.2 0 2.1-1.1 1.8-2.3l-1.7-7c-.2-1-1-1.7-2-1.7z",
}
"""Outlines of thumbs; a character would need an emoji font."""


def turn_html(number: int, turn: Turn, language: Language) -> str:
    """Return a question and what came of it."""
    head = _question_html(turn.question, language) + _scope_html(turn.scope, language)
    reply = _reply_html(number, turn, language)
    return f'<section class="pr-turn" data-turn="{number}">{head}{reply}</section>'


def chips_html(questions: Sequence[str], language: Language) -> str:
    """Return questions that a click asks."""
    chips = "".join(
        f'<button class="pr-chip" data-act="ask" data-question="{esc(q)}">{esc(q)}</button>'
        for q in questions
    )
    return (
        f'<div class="pr-chips"><span class="pr-faint">{say(language, "go_on")}</span>{chips}</div>'
        if chips
        else ""
    )


def welcome_html(examples: Sequence[str], language: Language, is_empty: bool = False) -> str:
    """Return what stands in place of a conversation, with example questions that a click asks.

    is_empty: there are no notes to ask.
    """
    if is_empty:
        head, more = say(language, "no_notes"), say(language, "no_notes_more")
        return f'<div class="pr-welcome"><h2>{head}</h2><p>{more}</p></div>'
    items = "".join(
        f'<li><button data-act="ask" data-question="{esc(q)}">{esc(q)}</button></li>'
        for q in examples
    )
    listed = (
        f'<p class="pr-faint">{say(language, "try")}</p><ul class="pr-examples">{items}</ul>'
        if items
        else ""
    )
    return f'<div class="pr-welcome"><h2>{say(language, "welcome")}</h2><p>{say(language, "welcome_more")}</p>{listed}</div>'


def _question_html(question: str, language: Language) -> str:
    """Return a question; of a long one only the start is open."""
    text = f'<h2 class="pr-question">{esc(question)}</h2>'
    if len(question) <= LONG_QUESTION and question.count("\n") < LONG_LINES:
        return text
    more = f'<button class="pr-plain" data-act="unfold">{say(language, "whole_question")}</button>'
    return f'<div class="pr-long">{text}{more}</div>'


def _scope_html(scope: SearchScope, language: Language) -> str:
    """Return the line that says where a question was looked for, "" for everywhere."""
    parts = scope_words(scope, language)
    return f'<p class="pr-scoped">{esc(" · ".join(parts))}</p>' if parts else ""


def scope_words(scope: SearchScope, language: Language) -> list[str]:
    """Return the parts of a scope in words, such as "in LoRA"."""
    return [
        say(language, f"scope_{part}", name=value)
        if part in NAMED_PARTS
        else say(language, f"scope_{part}_{value}")
        for part, value in scope.parts.items()
    ]


def _reply_html(number: int, turn: Turn, language: Language) -> str:
    if turn.error is not None:
        return f'<div class="pr-error" role="alert">{esc(turn.error)}</div>'
    if turn.answer is None:
        key, state = ("searching", " pr-running") if turn.is_running else ("stopped", "")
        return f'<div class="pr-pending{state}" role="status">{say(language, key)}</div>'
    if turn.is_running and not turn.answer.text:
        writing = esc(say(language, "writing", model=turn.answer.model))
        return f'<div class="pr-pending pr-running" role="status">{writing}</div>'
    classes = (
        "pr-answer" + " pr-abstained" * turn.answer.abstained + " pr-running" * turn.is_running
    )
    stopped = f'<p class="pr-faint">{say(language, "stopped")}</p>' if turn.is_stopped else ""
    tools = "" if turn.is_running else _tools_html(number, turn, language)
    notice = f'<p class="pr-weak">{esc(turn.answer.notice)}</p>' if turn.answer.notice else ""
    cost = f'<p class="pr-faint pr-cost">{esc(line)}</p>' if (line := llm_line(turn.answer)) else ""
    words = (
        _understood_html(turn.answer, language)
        + _thought_html(turn.answer, language)
        + notice
        + answer_html(number, turn.answer, language)
        + (_refused_html(number, turn.scope, language) if turn.answer.abstained else "")
    )
    return f'<div class="{classes}">{words}{cost}{stopped}</div>{tools}'


def _refused_html(number: int, scope: SearchScope, language: Language) -> str:
    """Return where a refused question was looked for, and the way out of there."""
    parts = scope_words(scope, language)
    if not parts:
        return ""
    where = esc(say(language, "only_searched", where=" · ".join(parts)))
    button = f'<button class="pr-chip" data-act="everywhere" data-turn="{number}">{say(language, "everywhere")}</button>'
    return f'<p class="pr-weak">{where} {button}</p>'


def _understood_html(answer: Answer, language: Language) -> str:
    """Return the line that says how a follow-up question was understood, "" for any other."""
    if answer.standalone is None:
        return ""
    return f'<p class="pr-faint pr-understood">{esc(say(language, "understood", question=answer.standalone))}</p>'


def _thought_html(answer: Answer, language: Language) -> str:
    """Return what a model thought aloud, folded, "" for none."""
    if not answer.thought:
        return ""
    return (
        f'<details class="pr-faint pr-thought"><summary>{say(language, "thinking")}</summary>'
        f"{esc(answer.thought)}</details>"
    )


def answer_html(turn: int, answer: Answer, language: Language) -> str:
    """Return the words of an answer, every `[n]` that is cited a link to its card, unsupported
    sentences marked.
    """
    known = {citation.n: citation for citation in answer.citations}
    text = answer.text.split("\n")
    if answer.abstained:
        text = text[:1]  # the nearest entries stand in the evidence panel
    if answer.mode == "llm":
        # Else the first bullet of an answer would be left out, as that of an entry is.
        shown = f"\n{answer.text}"
        body = block_html(
            shown,
            answer.unsupported,
            f'class="pr-unsupported" title="{say(language, "unsupported")}"',
        )
    else:
        body = _lines_html(text, answer)

    def linked(match: re.Match[str]) -> str:
        cited = known.get(int(match[1]))
        if cited is None:
            return match[0]
        blank = "&nbsp;" * match[0].startswith(" ")  # a number never begins a line
        return blank + _cite_html(turn, cited)

    return CITED.sub(linked, body)


LineForm = Literal["collection", "item", "row", "text"]
"""What a line of an answer is: the name of a collection, an item of a list, a row of a table, or
neither.
"""


def _lines_html(lines: Sequence[str], answer: Answer) -> str:
    collections = {one.entry.id.partition(":")[0] for one in answer.citations}
    groups = groupby(_formed(lines, collections), key=lambda pair: pair[0])
    return "".join(_group_html(form, [line for _, line in group], answer) for form, group in groups)


def _formed(lines: Sequence[str], collections: Container[str]) -> Iterator[tuple[LineForm, str]]:
    """Yield lines with their forms; a collection's name stands before what it says."""
    for line in lines:
        name, _, rest = line.partition(": ")
        is_named = bool(rest) and name in collections
        if is_named:
            yield "collection", name
        said = rest if is_named else line
        yield "item" if said.startswith("- ") else "row" if said.startswith("|") else "text", said


def _group_html(form: LineForm, lines: Sequence[str], answer: Answer) -> str:
    """Return lines of one form that follow one another."""
    if form == "collection":
        return "".join(f'<h3 class="pr-collection">{esc(line)}</h3>' for line in lines)
    if form == "item":
        items = "".join(f"<li>{_item_html(line[2:], answer)}</li>" for line in lines)
        return f"<ul>{items}</ul>"
    if form == "row":
        return block_html("\n" + "\n".join(lines))
    return "".join(
        f'<p class="pr-weak">{esc(line)}</p>'
        if line == WEAK[answer.language]
        else f"<p>{esc(with_symbols(line))}</p>"
        for line in lines
    )


def _item_html(line: str, answer: Answer) -> str:
    """Return an item of a list, the name that it begins with in bold."""
    shown = with_symbols(line)
    numbers = {int(number) for number in CITED.findall(line)}
    cited = next((one.entry for one in answer.citations if one.n in numbers), None)
    named = (f"{name} — " for name in (dated_name(cited), short_title(cited))) if cited else ()
    begin = next((name for name in map(with_symbols, named) if shown.startswith(name)), " — ")
    name, rest = begin.removesuffix(" — "), shown[len(begin) :]
    return f"<b>{esc(name)}</b> — {esc(rest)}" if name else esc(shown)


def _cite_html(turn: int, citation: Citation) -> str:
    """Return the number of a citation; its quote stands ready for whoever points at it."""
    n, entry = citation.n, citation.entry
    quote = shorten(quoted_words(citation), QUOTE_CHARS)
    data = f'data-turn="{turn}" data-n="{n}" data-title="{esc(with_symbols(label(entry)))}" data-quote="{esc(quote)}"'
    return f'<a class="pr-cite" href="#src-{turn}-{n}" data-act="cite" {data}>{n}</a>'


def _tools_html(number: int, turn: Turn, language: Language) -> str:
    answer = turn.answer
    assert answer is not None  # the caller looked
    took = say(language, "took", ms=round(turn.took_ms))
    facts = f'<span class="pr-faint">{_mode_html(answer, language)}{took}</span>'
    seen = "show_evidence" if answer.citations else "show_nearest"
    count = len(answer.citations) or len(answer.nearest)
    buttons = (
        f'<button data-act="evidence" data-turn="{number}">{say(language, seen)} {count or ""}</button>'
        f'<button data-act="copy" data-text="{esc(turn_markdown(turn))}" data-done="{say(language, "copied")}"'
        f' title="{say(language, "about_copy")}">{say(language, "copy")}</button>'
        f"{_bibtex_button(number, answer, language)}"
        f"{_link_button(turn, language)}"
        f'<button data-act="edit" data-question="{esc(turn.question)}">{say(language, "edit")}</button>'
        f'<button data-act="again" data-question="{esc(turn.question)}">{say(language, "again")}</button>'
    )
    votes = "".join(
        f'<button data-act="vote" data-turn="{number}" data-vote="{vote}" title="{say(language, vote)}"'
        f' aria-label="{say(language, vote)}" aria-pressed="{str(turn.vote == vote).lower()}"><svg viewBox="0 0 24 24"'
        f' width="15" height="15" fill="none" stroke="currentColor" stroke-width="1.7"><path d="{outline}"/></svg></button>'
        for vote, outline in _ICONS.items()
    )
    star = star_button("answer", str(number), language)
    return (
        f'<div class="pr-tools">{buttons}<span class="pr-icons">{star}{votes}</span>{facts}</div>'
    )


def _mode_html(answer: Answer, language: Language) -> str:
    """Return who worded an answer, "" for a refusal, which quotes nothing."""
    if answer.mode == "llm":
        written = esc(say(language, "mode_llm", model=answer.model))
        return f"{kind_html('model', language)} {written} · "
    return "" if answer.abstained else f"{say(language, 'mode_extractive')} · "


def _link_button(turn: Turn, language: Language) -> str:
    """Return what copies the address that asks the question again, where it was looked for."""
    data = f'data-question="{esc(turn.question)}" data-scope="{esc(json.dumps(turn.scope.parts))}"'
    return f'<button data-act="link" {data} data-done="{say(language, "copied")}">{say(language, "copy_link")}</button>'


def _bibtex_button(number: int, answer: Answer, language: Language) -> str:
    if not any(citation.links for citation in answer.citations):
        return ""
    done = say(language, "copied")
    return f'<button data-act="bibtex" data-turn="{number}" data-done="{done}">BibTeX</button>'
