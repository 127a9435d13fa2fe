"""The Ask tab: the conversation, the evidence beside it, filters, follow-ups and thumbs."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import gradio as gr

from paperrag.assistant import Assistant
from paperrag.conversation.standalone import Exchange, exchange
from paperrag.errors import PaperRagError
from paperrag.index.tables import IndexData
from paperrag.page.api import filters_of
from paperrag.page.feedback import save_vote
from paperrag.page.render import click_mark
from paperrag.page.shared import GROWING, LATEST, PRIVATE, Shared, as_language, in_words, live_html
from paperrag.page.strings import say
from paperrag.page.suggesting import follow_up_names, section_names
from paperrag.page.transcript import Turn, chips_html, evidence_html, transcript_html, welcome_html
from paperrag.question.read import MAX_QUERY_CHARS
from paperrag.records import Answer, Language
from paperrag.search.filtering import Filters
from paperrag.text.markup import shorten

EXAMPLES = 6
FOLLOW_UPS = 4
SETTLE_S = 0.3
KEPT_TURNS = 50
"""Questions of a conversation that are shown; older ones scroll away for good."""

Turns = tuple[Turn, ...]


def build_ask(shared: Shared) -> None:
    """Lay the tab out and wire it."""
    with gr.Row(elem_id="pr-ask", equal_height=False):
        with gr.Column(scale=3, min_width=320, elem_id="pr-chat"):
            welcome = live_html(
                "", ("ask",), "pr-welcome"
            )  # the style hides it once there is a conversation
            log = live_html("", ("ask", "vote", "evidence"), "pr-log")
            chips = live_html("", ("ask",), "pr-followups")
            with gr.Row(elem_id="pr-inputs", equal_height=True):
                box = gr.Textbox(
                    placeholder=say("en", "placeholder"), show_label=False, container=False, lines=1, max_lines=6, scale=8,
                    max_length=MAX_QUERY_CHARS, elem_id="pr-question", autofocus=True,
                )  # fmt: skip
                send = gr.Button(
                    say("en", "send"), variant="primary", scale=1, min_width=72, elem_id="pr-send"
                )
                stop = gr.Button(say("en", "stop"), scale=1, min_width=72, elem_id="pr-stop")
                clear = gr.Button(say("en", "clear"), scale=1, min_width=90, elem_id="pr-clear")
            with (
                gr.Accordion(say("en", "filters"), open=False, elem_id="pr-filters") as accordion,
                gr.Row(),
            ):
                filters = [
                    gr.Dropdown(
                        [],
                        label=say("en", name),
                        value=None,
                        min_width=140,
                        elem_id=f"pr-filter-{name}",
                    )
                    for name in ("section", "file", "kind", "language")
                ]
        with gr.Column(scale=2, min_width=320, elem_id="pr-side"):
            hint = gr.HTML("", elem_id="pr-hint", apply_default_css=False)
            evidence = live_html("", ("evidence", "open", "note"), "pr-evidence")

    shared.openers.append(evidence)
    tab = _AskTab(shared.assistant)
    view = [log, evidence, chips, shared.turns]
    state = [shared.turns, shared.language, *filters]
    asking = [
        gr.on([box.submit, send.click], tab.ask, [box, *state], [*view, box], **GROWING),
        *(
            part.ask(tab.ask_clicked, state, [*view, box], **GROWING)
            for part in (welcome, log, chips)
        ),
    ]
    stopped = stop.click(tab.stop, [shared.turns, shared.language], view, cancels=asking, **PRIVATE)
    stopped.then(tab.settle, [shared.turns, shared.language], view, **PRIVATE)
    clear.click(tab.clear, [shared.language], view, **PRIVATE)
    log.vote(tab.vote, [shared.turns, shared.language], [log, shared.turns], **PRIVATE)
    for part in (log, evidence):
        part.evidence(tab.show_evidence, [shared.turns, shared.language], evidence, **LATEST)
    shared.paint(tab.paint, filters, [welcome, hint, box, send, stop, clear, accordion, *filters])
    shared.translators.append((tab.translate, [shared.language, shared.turns], view))


class _AskTab:
    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def ask(
        self, question: str, turns: Turns, language: object, *chosen: str
    ) -> Iterator[tuple[Any, ...]]:
        """Answer a question, yielding the page's parts as the answer grows."""
        words = as_language(language)
        if not question.strip():
            yield *self._view(turns, words), ""
            return
        before = turns[-KEPT_TURNS + 1 :]
        turn = Turn(question.strip(), is_running=True)
        yield *self._view((*before, turn), words), ""
        for step in self._turn_steps(turn, filters_of(*chosen), _history(turns)):
            yield *self._view((*before, step), words), ""

    def ask_clicked(
        self, event: gr.EventData, turns: Turns, language: object, *chosen: str
    ) -> Iterator[tuple[Any, ...]]:
        """Answer the question on a button that was clicked."""
        yield from self.ask(str(event._data["question"]), turns, language, *chosen)

    def stop(self, turns: Turns, language: object) -> tuple[Any, ...]:
        """Show that the running question was stopped."""
        ended = tuple(
            replace(turn, is_running=False, is_stopped=True) if turn.is_running else turn
            for turn in turns
        )
        return self._view(ended, as_language(language))

    def settle(self, turns: Turns, language: object) -> tuple[Any, ...]:
        """Show it again a moment later: a step of the answer may have been on its way and come
        after the stop.
        """
        time.sleep(SETTLE_S)
        return self.stop(turns, language)

    def clear(self, language: object) -> tuple[Any, ...]:
        """Begin a new conversation."""
        return self._view((), as_language(language))

    def vote(self, turns: Turns, language: object, event: gr.EventData) -> tuple[Any, ...]:
        """Save a thumb and show it pressed."""
        number, vote = int(event._data["turn"]), "good" if event._data["vote"] == "good" else "bad"
        answer = turns[number].answer if number < len(turns) else None
        if answer is not None:
            try:
                save_vote(
                    self._assistant.settings.feedback, answer, "good" if vote == "good" else "bad"
                )
            except PaperRagError as error:
                raise gr.Error(in_words(error), print_exception=False) from error
            turns = (*turns[:number], replace(turns[number], vote=vote), *turns[number + 1 :])
        words = as_language(language)
        return transcript_html(turns, words), turns

    def show_evidence(self, turns: Turns, language: object, event: gr.EventData) -> str:
        """Show the cards of the answer whose number was clicked."""
        return click_mark(event._data.get("click")) + self._evidence(
            turns, as_language(language), int(event._data["turn"])
        )

    def translate(self, language: object, turns: Turns) -> tuple[Any, ...]:
        """Redraw the conversation in another language."""
        return self._view(turns, as_language(language))

    def paint(self, language: object, *chosen: str) -> tuple[Any, ...]:
        """Redraw everything but the conversation, the examples and filters from the newest index.

        The conversation is left alone: a question may be on its way while this is drawn.
        """
        words = as_language(language)
        labels = [gr.update(value=say(words, key)) for key in ("send", "stop", "clear")]
        return (
            welcome_html(self._examples(words), words),
            f'<p class="pr-faint">{say(words, "evidence_empty")}</p>',
            gr.update(placeholder=say(words, "placeholder")), *labels,
            gr.update(label=say(words, "filters")), *self._filter_updates(words, chosen),
        )  # fmt: skip

    # --- pieces ---------------------------------------------------------------------------------

    def _turn_steps(
        self, turn: Turn, filters: Filters, history: Sequence[Exchange]
    ) -> Iterator[Turn]:
        try:
            for answer, took_ms in self._assistant.ask_stream(
                turn.question, filters, history=history
            ):
                turn = replace(turn, answer=answer, took_ms=took_ms)
                if (
                    answer.mode == "llm" and answer.usage is None
                ):  # still growing; the whole one is shown once, below
                    yield turn
            yield replace(turn, is_running=False)
        except PaperRagError as error:
            yield replace(turn, error=in_words(error), is_running=False)

    def _view(self, turns: Turns, language: Language) -> tuple[Any, ...]:
        """Return log, evidence, follow-ups and the turns themselves."""
        chips = chips_html(self._follow_ups(turns, language), language)
        return (
            transcript_html(turns, language),
            self._evidence(turns, language, len(turns) - 1),
            chips,
            turns,
        )

    def _evidence(self, turns: Turns, language: Language, number: int) -> str:
        turn = turns[number] if 0 <= number < len(turns) else None
        return evidence_html(number, turn, self._assistant.settings.weak_below, language)

    def _examples(self, language: Language) -> list[str]:
        data = self._data()
        return (
            [say(language, "ask_section", name=name) for name in section_names(data, EXAMPLES)]
            if data
            else []
        )

    def _follow_ups(self, turns: Turns, language: Language) -> list[str]:
        if not turns or turns[-1].is_running or turns[-1].answer is None:
            return []
        answer = turns[-1].answer
        near = self._assistant.similar(_pivot(answer), 8 * FOLLOW_UPS) if _pivot(answer) else None
        names = follow_up_names(answer, [hit.entry for hit in near or ()], FOLLOW_UPS)
        return [say(language, "ask_entry", name=name) for name in names]

    def _filter_updates(self, language: Language, chosen: Sequence[str]) -> list[Any]:
        data = self._data()
        everything = (say(language, "all"), "")
        kinds = [(say(language, f"kind_{kind}"), kind) for kind in ("note", "abstract")]
        languages = [(say(language, f"lang_{code}"), code) for code in ("zh", "en")]
        choices: list[list[Any]] = [
            _section_choices(data) if data else [],
            sorted(data.manifest.files) if data else [],
        ]
        choices += [kinds, languages]
        names = ("section", "file", "kind", "language")
        return [
            gr.update(choices=[everything, *listed], label=say(language, name), value=value or "")
            for name, listed, value in zip(names, choices, chosen, strict=True)
        ]

    def _data(self) -> IndexData | None:
        try:
            return self._assistant.data()
        except PaperRagError:
            return None


def _pivot(answer: Answer) -> str:
    """The entry whose neighbours are asked about next."""
    if answer.citations:
        return answer.citations[0].entry.id
    return answer.nearest[0].entry.id if answer.nearest else ""


def _history(turns: Turns) -> list[Exchange]:
    """The answers that a question may follow up: whole ones."""
    whole = [turn for turn in turns if not (turn.is_running or turn.is_stopped or turn.error)]
    return [exchange(turn.answer) for turn in whole if turn.answer is not None]


def _section_choices(data: IndexData) -> list[tuple[str, str]]:
    """Sections as they are shown (the inner end of the path) and as the filter takes them (the
    name).
    """
    paths: Sequence[tuple[str, ...]] = [path for _, path in data.entries.section_list if path]
    names = {part: path[: depth + 1] for path in reversed(paths) for depth, part in enumerate(path)}
    return [
        (" › ".join(shorten(part, 40) for part in path[-2:]), name)
        for name, path in sorted(names.items(), key=_by_path)
    ]


def _by_path(item: tuple[str, tuple[str, ...]]) -> tuple[str, ...]:
    return item[1]
