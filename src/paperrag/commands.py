"""What each command does: call, print, exit code. Imports inside functions: a command loads what
it uses and no more.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from paperrag.assistant import Assistant
    from paperrag.config import Settings
    from paperrag.index.vector_pool import Progress
    from paperrag.library import Library
    from paperrag.records import Answer
    from paperrag.search.filtering import Filters

_PROGRESS_AFTER_S = 0.5
_NAMED = 5


def index(options: argparse.Namespace) -> int:
    """Bring the index up to date."""
    from paperrag.output.json_shapes import report_json
    from paperrag.output.terminal import report_text

    start = time.perf_counter()
    assistant = _assistant(options)
    with _progress_bar() as assistant.progress:
        report = assistant.build(options.rebuild, allow_empty=options.allow_empty)
    took_ms = round((time.perf_counter() - start) * 1000, 1)
    _print(options, lambda: report_json(report, took_ms), lambda: report_text(report, took_ms))
    if report.failed:
        names = ", ".join(trouble.source for trouble in report.failed[:_NAMED])
        more = ", ..." if len(report.failed) > _NAMED else ""
        print(
            f"paperrag: {len(report.failed)} could not be read: {names}{more}; the report says why",
            file=sys.stderr,
        )
    return 1 if report.failed else 0


def search(options: argparse.Namespace) -> int:
    """Print ranked entries."""
    from paperrag.output.json_shapes import search_json
    from paperrag.output.terminal import search_text

    assistant = _assistant(options)
    with _progress_bar() as assistant.progress:
        result = assistant.search(options.query, options.k, _filters(options))
    _print(options, lambda: search_json(result), lambda: search_text(result, options.explain))
    return 0


def ask(options: argparse.Namespace) -> int:
    """Print an answer with its citations."""
    from paperrag.answer.saved import read_answer
    from paperrag.conversation.standalone import exchange_of
    from paperrag.output.json_shapes import ask_json
    from paperrag.output.terminal import answer_text

    history = [exchange_of(read_answer(options.after))] if options.after else []
    assistant = _assistant(options)
    with _progress_bar() as assistant.progress:
        answer, took_ms = assistant.ask(options.question, _filters(options), options.k, history)
    _print(options, lambda: ask_json(answer, took_ms), lambda: answer_text(answer))
    if options.bib:
        _export_cited(options, answer)
    return 0


def verify(options: argparse.Namespace) -> int:
    """Check a saved answer against today's notes."""
    from paperrag.answer.saved import read_answer
    from paperrag.output.json_shapes import verification_json
    from paperrag.output.terminal import verification_text

    answer = read_answer(options.file)
    assistant = _assistant(options)
    with _progress_bar() as assistant.progress:
        found = assistant.verify(answer)
    _print(options, lambda: verification_json(found), lambda: verification_text(found))
    if not found.holds:
        print(
            "paperrag: the notes no longer bear out all of this answer; ask again", file=sys.stderr
        )
    return 0 if found.holds else 1


def evaluate(options: argparse.Namespace) -> int:
    """Print metrics on a question file."""
    from paperrag.evaluation import CUTOFF, read_questions, summary
    from paperrag.evaluation import evaluate as measure

    questions = read_questions(options.file)
    assistant = _assistant(options)
    outcomes = measure(
        questions,
        search=lambda question: [hit.entry for hit in assistant.search(question, CUTOFF).hits],
        ask=lambda question: _cited(assistant, question),
    )
    groups = summary(outcomes)
    _print(options, lambda: {"file": str(options.file), "groups": groups}, lambda: _table(groups))
    return 0


def serve(options: argparse.Namespace) -> int:
    """Serve the page until interrupted."""
    from paperrag.page.serving import ServeOptions, credentials, serve

    where = ServeOptions(options.host, options.port, options.auth)
    credentials(where)  # before anything is loaded
    assistant = _assistant(options)
    assistant.writer()  # a key that is missing is said now, not at the first question
    serve(assistant, where, announce=lambda words: print(f"paperrag: {words}", flush=True))
    return 0


def status(options: argparse.Namespace) -> int:
    """Print what is indexed."""
    from paperrag.output.json_shapes import status_json
    from paperrag.output.terminal import status_text

    status = _assistant(options).status()
    _print(options, lambda: status_json(status), lambda: status_text(status))
    return 0


def fetch(options: argparse.Namespace) -> int:
    """Fetch abstracts of the papers behind the notes."""
    from paperrag.output.json_shapes import fetch_json, plan_json
    from paperrag.output.terminal import fetch_text, plan_text

    library = _library(options)
    if options.dry_run:
        plan = library.plan(options.all, options.limit)
        _print(options, lambda: plan_json(plan), lambda: plan_text(plan))
        _print_troubles(library)
        return 0
    with _progress_bar() as progress:
        if options.from_file:
            report = library.take(options.from_file)
        else:
            report = library.fetch(options.all, options.limit, options.offline, progress)
    _print(options, lambda: fetch_json(report), lambda: fetch_text(report))
    _print_troubles(library)
    if report.new or report.updated:
        print("paperrag: to search them at once, run: paperrag index", file=sys.stderr)
    if report.failures:
        print(
            f"paperrag: what was found is kept, run it again for what failed "
            f"({len(report.failures)})",
            file=sys.stderr,
        )
    return 1 if report.failures else 0


def lint(options: argparse.Namespace) -> int:
    """Print what looks wrong in the notes."""
    from paperrag.output.json_shapes import lint_json
    from paperrag.output.terminal import lint_text

    library = _library(options)
    findings = library.lint()
    _print(options, lambda: lint_json(findings), lambda: lint_text(findings))
    _print_troubles(library)
    return 1 if findings and options.strict else 0


def export(options: argparse.Namespace) -> int:
    """Write all papers as BibTeX."""
    from paperrag.output.json_shapes import export_json

    library = _library(options)
    made = library.export()
    _write(options.bib, made.text)
    if options.json:
        _print(options, lambda: export_json(made, options.bib), str)
    print(f"paperrag: {made.papers} papers in {options.bib}", file=sys.stderr)
    if made.left_out:
        names = ", ".join(ref.name for ref in made.left_out[:_NAMED]) + (
            ", …" if len(made.left_out) > _NAMED else ""
        )
        print(
            f"paperrag: left out: {len(made.left_out)} that the notes only name, without a link "
            f"({names}); "
            "link them, or look them up with: paperrag fetch",
            file=sys.stderr,
        )
    _print_troubles(library)
    return 0


def _print_troubles(library: Library) -> None:
    """Say which files could not be read, so that what is missing is no riddle."""
    for trouble in library.troubles:
        print(f"paperrag: {trouble}", file=sys.stderr)


def _write(path: Path, text: str) -> None:
    from paperrag.errors import PaperFileError

    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise PaperFileError(
            f"cannot write {path} ({error.strerror}); choose another file"
        ) from error


def _export_cited(options: argparse.Namespace, answer: Answer) -> None:
    """Write the papers that an answer cites as BibTeX."""
    from paperrag.papers.refs import cited_ids

    entries = [citation.entry for citation in answer.citations]
    text, count = _library(options).export_cited(entries, cited_ids(answer.citations))
    _write(options.bib, text)
    print(f"paperrag: {count} papers in {options.bib}", file=sys.stderr)


def _cited(assistant: Assistant, question: str) -> tuple[bool, list[Any]]:
    answer, _ = assistant.ask(question)
    return answer.abstained, [citation.entry for citation in answer.citations]


# --- what commands share ------------------------------------------------------------------------


def _assistant(options: argparse.Namespace) -> Assistant:
    from paperrag.assistant import Assistant

    return Assistant.from_settings(_settings(options))


def _library(options: argparse.Namespace) -> Library:
    from paperrag.library import Library

    return Library(_settings(options))


def _settings(options: argparse.Namespace) -> Settings:
    from paperrag.config import load_settings

    flags = {name: getattr(options, name, None) for name in ("corpus", "index", "encoder", "llm")}
    return load_settings(flags, config=options.config)


def _filters(options: argparse.Namespace) -> Filters:
    from paperrag.search.filtering import Filters

    return Filters(options.section, options.file, options.kind, options.lang)


def _print(
    options: argparse.Namespace, as_json: Callable[[], dict[str, Any]], as_text: Callable[[], str]
) -> None:
    print(json.dumps(as_json(), ensure_ascii=False, indent=2) if options.json else as_text())


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


class _progress_bar:
    """tqdm bars on stderr, one for each kind of work, shown once the work is long enough to wait
    for.
    """

    def __enter__(self) -> Progress:
        self._bar: Any = None
        self._what = ""
        return self._update

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def _update(self, what: str, done: int, total: int) -> None:
        if what != self._what:
            from tqdm import tqdm

            self.__exit__()
            self._what = what
            self._bar = tqdm(
                total=total,
                desc=what,
                file=sys.stderr,
                delay=_PROGRESS_AFTER_S,
                disable=None,
                leave=False,
            )
        self._bar.update(done - self._bar.n)
