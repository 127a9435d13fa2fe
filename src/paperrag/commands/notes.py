"""The commands about the notes: index, ask, look, check. Imports inside functions: a command loads
what it uses and no more.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from paperrag.commands.growing import open_asked
from paperrag.commands.live import watched
from paperrag.commands.opening import remember, typed_before
from paperrag.commands.saving import save_note, save_papers, takes_stdout
from paperrag.commands.shared import (
    NAMED,
    STDIO,
    ProgressBar,
    filters_of,
    open_assistant,
    read_stdin,
    show,
    show_notes,
)

if TYPE_CHECKING:
    from paperrag.assistant import Assistant
    from paperrag.config import Settings
    from paperrag.conversation.history import Exchange
    from paperrag.records import Answer
    from paperrag.search.found import SearchResult

CHAT_ENDS = frozenset(["", "exit", "quit", "退出"])
"""What is typed to leave a chat."""

ASKS_FOR_HELP = frozenset(["help", "帮助"])
CHAT_HELP = (
    'ask a question; of the last answer: "show more", "the second one", "and its year?", '
    '"compare 1 and 2", "用中文"; an empty line or quit ends'
)
"""What can be typed in a chat."""

_ALL = 1_000_000
"""More entries than there are."""

A_WORK = 12
"""Entries that are looked at for each work that `search --works` prints."""


def index(options: argparse.Namespace) -> int:
    """Bring the index up to date."""
    from paperrag.output.reports import report_text

    start = time.perf_counter()
    assistant = open_assistant(options)
    with ProgressBar() as assistant.progress:
        report = assistant.build(options.rebuild, allow_empty=options.allow_empty)
    took_ms = round((time.perf_counter() - start) * 1000, 1)
    show(
        options,
        lambda to: to.report_json(report, took_ms),
        lambda: report_text(report, took_ms),
    )
    if report.failed:
        names = ", ".join(trouble.source for trouble in report.failed[:NAMED])
        more = ", ..." if len(report.failed) > NAMED else ""
        print(
            f"paperrag: {len(report.failed)} could not be read: {names}{more}; the report says why",
            file=sys.stderr,
        )
    return 1 if report.failed else 0


def search(options: argparse.Namespace) -> int:
    """Print ranked entries."""
    from paperrag.output.terminal import best_of_works
    from paperrag.papers.ids import ids_behind

    query = _typed_or_piped(options.query, "the query")
    assistant = open_asked(options)
    with ProgressBar() as assistant.progress:
        most = assistant.settings.k if options.k is None else options.k
        looked_at = _ALL if options.all else most * A_WORK if options.works else most
        result = assistant.search(query, looked_at, filters_of(options))
    if options.works:
        result = replace(result, hits=best_of_works(result.hits, looked_at // A_WORK))
    if options.min_score is not None:
        hits = tuple(hit for hit in result.hits if hit.score >= options.min_score)
        result = replace(result, hits=hits)
    remember(assistant.settings, {hit.rank: hit.entry for hit in result.hits})
    entries = [hit.entry for hit in result.hits]
    save_papers(options, entries, [one for entry in entries for one in ids_behind(entry)])
    if not takes_stdout(options):
        _show_hits(options, assistant.settings, result)
    return 0


def _show_hits(options: argparse.Namespace, settings: Settings, result: SearchResult) -> None:
    from paperrag.output.terminal import search_text, works_text

    if options.files:
        for source in dict.fromkeys(hit.entry.source for hit in result.hits):
            print(settings.corpus / source)
    elif options.jsonl:
        from paperrag.output.as_json import hit_json

        for hit in result.hits:
            print(json.dumps(hit_json(hit), ensure_ascii=False))
    else:
        show_notes(
            options,
            settings,
            lambda to: to.search_json(result),
            lambda look: (
                works_text(result, look)
                if options.works
                else search_text(result, options.explain, look)
            ),
        )


def ask(options: argparse.Namespace) -> int:
    """Print an answer with its citations."""
    from paperrag.conversation.history import exchange_of
    from paperrag.papers.ids import cited_ids
    from paperrag.proof.saved import read_answer

    history = [exchange_of(read_answer(options.after))] if options.after else []
    assistant = open_asked(options)
    with ProgressBar() as assistant.progress:
        question = _typed_or_piped(options.question, "the question")
        steps = assistant.ask_stream(question, filters_of(options), options.k, history)
        shown = _told(steps) if options.jsonl else watched(steps)
        answer, took_ms = deque(shown, maxlen=1).pop()
    if not (options.jsonl or takes_stdout(options)):
        _show_answer(options, assistant.settings, answer, took_ms)
    save_papers(options, [one.entry for one in answer.citations], cited_ids(answer.citations))
    save_note(options, assistant.settings, answer)
    return 0


def _told(steps: Iterator[tuple[Answer, float]]) -> Iterator[tuple[Answer, float]]:
    """Print each step of an answer, as a program reads it, when it comes."""
    from paperrag.output.as_json import ask_json

    for answer, took_ms in steps:
        print(json.dumps(ask_json(answer, took_ms), ensure_ascii=False), flush=True)
        yield answer, took_ms


def chat(options: argparse.Namespace) -> int:
    """Ask question after question, until an empty line, `quit`, Ctrl-D or Ctrl-C; while one is
    answered Ctrl-C ends that answer alone.
    """
    from paperrag.conversation.history import exchange
    from paperrag.errors import QueryError

    assistant = open_asked(options)
    history: list[Exchange] = []
    with typed_before(), ProgressBar() as assistant.progress, suppress(EOFError, KeyboardInterrupt):
        for question in _typed():
            try:
                steps = assistant.ask_stream(question, filters_of(options), options.k, history)
                answer, took_ms = deque(watched(steps), maxlen=1).pop()
            except KeyboardInterrupt:
                print("paperrag: stopped", file=sys.stderr)
                continue
            except QueryError as error:
                print(f"paperrag: {error}", file=sys.stderr)
                continue
            _show_answer(options, assistant.settings, answer, took_ms)
            print()
            history.append(exchange(answer))
    return 0


def _typed() -> Iterator[str]:
    """Yield what is typed until a word ends the chat; one asks what can be typed."""
    while (said := input("? ").strip()).lower() not in CHAT_ENDS:
        if said.lower() in ASKS_FOR_HELP:
            print(f"paperrag: {CHAT_HELP}", file=sys.stderr)
        else:
            yield said


def get(options: argparse.Namespace) -> int:
    """Print an entry, or lines of a note."""
    from paperrag.notes.lookup import named_place
    from paperrag.output.terminal import entry_text

    assistant = open_asked(options)
    with ProgressBar() as assistant.progress:
        entry = assistant.entry(options.what)
    if entry is not None:
        show_notes(
            options,
            assistant.settings,
            lambda to: to.entry_json(entry),
            lambda look: entry_text(entry, look),
        )
        return 0
    note = assistant.note(*named_place(options.what))
    show(options, lambda to: to.note_json(note), lambda: note.text)
    return 0


def verify(options: argparse.Namespace) -> int:
    """Check a saved answer against today's notes."""
    from paperrag.output.terminal import verification_text
    from paperrag.proof.saved import parse_answer, read_answer

    is_piped = options.file == STDIO
    answer = (
        parse_answer(read_stdin("an answer"), "standard input")
        if is_piped
        else read_answer(options.file)
    )
    assistant = open_assistant(options)
    with ProgressBar() as assistant.progress:
        found = assistant.verify(answer)
    show(options, lambda to: to.verification_json(found), lambda: verification_text(found))
    if not found.holds:
        print(
            "paperrag: the notes no longer bear out all of this answer; ask again", file=sys.stderr
        )
    return 0 if found.holds else 1


def measure(options: argparse.Namespace) -> int:
    """Print metrics on a question file."""
    from paperrag.evaluation import CUTOFF, evaluate, read_questions, summary

    questions = read_questions(options.file)
    assistant = open_assistant(options)
    outcomes = evaluate(
        questions,
        search=lambda question: [hit.entry for hit in assistant.search(question, CUTOFF).hits],
        ask=lambda question: _cited(assistant, question),
    )
    groups = summary(outcomes)
    show(options, lambda to: to.eval_json(options.file, groups), lambda: _table(groups))
    return 0


def status(options: argparse.Namespace) -> int:
    """Print what is indexed."""
    from paperrag.output.reports import status_text

    assistant = open_assistant(options)
    status, model = assistant.status(options.check), assistant.model()
    show(
        options,
        lambda to: to.status_json(status, model),
        lambda: status_text(status, model),
    )
    return 0


def _show_answer(
    options: argparse.Namespace, settings: Settings, answer: Answer, took_ms: float
) -> None:
    from paperrag.output.terminal import answer_text

    shown = {hit.rank: hit.entry for hit in answer.nearest} if answer.abstained else {}
    remember(settings, shown or {one.n: one.entry for one in answer.citations})
    show_notes(
        options,
        settings,
        lambda to: to.ask_json(answer, took_ms),
        lambda look: answer_text(answer, look),
    )


def _typed_or_piped(text: str, what: str) -> str:
    return read_stdin(what).strip() if text == str(STDIO) else text


def _cited(assistant: Assistant, question: str) -> tuple[bool, list[Any]]:
    answer, _ = assistant.ask(question)
    return answer.abstained, [citation.entry for citation in answer.citations]


def _table(groups: dict[str, dict[str, Any]]) -> str:
    columns = list(next(iter(groups.values())))
    width = max(map(len, groups)) + 2
    rows = ["".ljust(width) + "  ".join(columns)]
    for name, metrics in groups.items():
        cells = [
            "-" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)
            for value in metrics.values()
        ]
        rows.append(
            name.ljust(width)
            + "  ".join(
                cell.rjust(len(column)) for cell, column in zip(cells, columns, strict=True)
            )
        )
    return "\n".join(rows)
