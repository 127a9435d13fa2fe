"""The command line: parse, call, print, exit code.

Results go to stdout, progress and logs to stderr. Exit codes: 0 done (abstaining is done), 1
failed with one sentence, 2 wrong usage. argparse, because it is there at once: `--help` and
`ask` load nothing that they do not use.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paperrag.errors import PaperRagError

if TYPE_CHECKING:
    from paperrag.assistant import Assistant
    from paperrag.config import Settings
    from paperrag.indexing import Progress
    from paperrag.library import Library
    from paperrag.records import Answer
    from paperrag.retrieval import Filters

_PROGRESS_AFTER_S = 0.5
_NAMED_FILES = 5


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    try:
        try:
            return _run(arguments)
        finally:
            sys.stdout.flush()  # a closed pipe must be met here, not when Python ends
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # `| head` is no failure
        return 0


def _run(arguments: Sequence[str] | None) -> int:
    options = _parser().parse_args(arguments)
    _use_utf8()
    logging.basicConfig(
        level=logging.DEBUG if options.verbose else logging.WARNING, format="paperrag: %(message)s", stream=sys.stderr
    )
    try:
        return int(options.run(options))
    except PaperRagError as error:
        print(f"paperrag: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("paperrag: stopped; the index is as it was", file=sys.stderr)
        return 130


# --- commands -----------------------------------------------------------------------------------


def _index(options: argparse.Namespace) -> int:
    from paperrag.contract import report_json
    from paperrag.rendering import report_text

    start = time.perf_counter()
    assistant = _assistant(options)
    with _progress_bar() as assistant.progress:
        report = assistant.build(options.rebuild)
    took_ms = round((time.perf_counter() - start) * 1000, 1)
    _print(options, lambda: report_json(report, took_ms), lambda: report_text(report, took_ms))
    if report.failed:
        names = ", ".join(trouble.source for trouble in report.failed[:_NAMED_FILES])
        more = ", ..." if len(report.failed) > _NAMED_FILES else ""
        print(f"paperrag: {len(report.failed)} could not be read: {names}{more}; the report says why", file=sys.stderr)
    return 1 if report.failed else 0


def _search(options: argparse.Namespace) -> int:
    from paperrag.contract import search_json
    from paperrag.rendering import search_text

    assistant = _assistant(options)
    with _progress_bar() as assistant.progress:
        result = assistant.search(options.query, options.k, _filters(options))
    _print(options, lambda: search_json(result), lambda: search_text(result, options.explain))
    return 0


def _ask(options: argparse.Namespace) -> int:
    from paperrag.contract import ask_json
    from paperrag.conversation import read_exchange
    from paperrag.rendering import answer_text

    history = [read_exchange(options.after)] if options.after else []
    assistant = _assistant(options)
    with _progress_bar() as assistant.progress:
        answer, took_ms = assistant.ask(options.question, _filters(options), options.k, history)
    _print(options, lambda: ask_json(answer, took_ms), lambda: answer_text(answer))
    if options.bib:
        _export_cited(options, answer)
    return 0


def _verify(options: argparse.Namespace) -> int:
    from paperrag.contract import verification_json
    from paperrag.rendering import verification_text
    from paperrag.verifying import read_answer

    answer = read_answer(options.file)
    assistant = _assistant(options)
    with _progress_bar() as assistant.progress:
        found = assistant.verify(answer)
    _print(options, lambda: verification_json(found), lambda: verification_text(found))
    if not found.holds:
        print("paperrag: the notes no longer bear out all of this answer; ask again", file=sys.stderr)
    return 0 if found.holds else 1


def _eval(options: argparse.Namespace) -> int:
    from paperrag.evaluation import CUTOFF, evaluate, read_questions, summary

    questions = read_questions(options.file)
    assistant = _assistant(options)
    outcomes = evaluate(
        questions,
        search=lambda question: [hit.entry for hit in assistant.search(question, CUTOFF).hits],
        ask=lambda question: _cited(assistant, question),
    )
    groups = summary(outcomes)
    _print(options, lambda: {"file": str(options.file), "groups": groups}, lambda: _table(groups))
    return 0


def _serve(options: argparse.Namespace) -> int:
    from paperrag.ui.serving import ServeOptions, credentials, serve

    where = ServeOptions(options.host, options.port, options.auth)
    credentials(where)  # before anything is loaded
    serve(_assistant(options), where, announce=lambda words: print(f"paperrag: {words}", flush=True))
    return 0


def _status(options: argparse.Namespace) -> int:
    from paperrag.contract import status_json
    from paperrag.rendering import status_text

    status = _assistant(options).status()
    _print(options, lambda: status_json(status), lambda: status_text(status))
    return 0


def _fetch(options: argparse.Namespace) -> int:
    from paperrag.contract import fetch_json, plan_json
    from paperrag.rendering import fetch_text, plan_text

    library = _library(options)
    if options.dry_run:
        plan = library.plan(options.all, options.limit)
        _print(options, lambda: plan_json(plan), lambda: plan_text(plan))
        return 0
    with _progress_bar() as progress:
        if options.from_file:
            report = library.take(options.from_file)
        else:
            report = library.fetch(options.all, options.limit, options.offline, progress)
    _print(options, lambda: fetch_json(report), lambda: fetch_text(report))
    for trouble in library.shelf.unreadable:
        print(f"paperrag: {trouble}", file=sys.stderr)
    if report.new or report.updated:
        print("paperrag: to search them at once, run: paperrag index", file=sys.stderr)
    if report.failures:
        print(f"paperrag: what was found is kept, run it again for what failed ({len(report.failures)})", file=sys.stderr)
    return 1 if report.failures else 0


def _lint(options: argparse.Namespace) -> int:
    from paperrag.contract import lint_json
    from paperrag.rendering import lint_text

    findings = _library(options).lint()
    _print(options, lambda: lint_json(findings), lambda: lint_text(findings))
    return 1 if findings and options.strict else 0


def _export(options: argparse.Namespace) -> int:
    text, count = _library(options).export()
    _write(options.bib, text)
    print(f"paperrag: {count} papers in {options.bib}", file=sys.stderr)
    return 0


def _write(path: Path, text: str) -> None:
    from paperrag.errors import PaperFileError

    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise PaperFileError(f"cannot write {path} ({error.strerror}); choose another file") from error


def _export_cited(options: argparse.Namespace, answer: Answer) -> None:
    """Write the papers that an answer cites as BibTeX."""
    from paperrag.fetching.papers import cited_ids

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
    from paperrag.retrieval import Filters

    return Filters(options.section, options.file, options.kind, options.lang)


def _print(options: argparse.Namespace, as_json: Callable[[], dict[str, Any]], as_text: Callable[[], str]) -> None:
    print(json.dumps(as_json(), ensure_ascii=False, indent=2) if options.json else as_text())


def _table(groups: dict[str, dict[str, Any]]) -> str:
    columns = list(next(iter(groups.values())))
    width = max(map(len, groups)) + 2
    rows = ["".ljust(width) + "  ".join(columns)]
    for name, metrics in groups.items():
        cells = [
            "-" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value) for value in metrics.values()
        ]
        rows.append(name.ljust(width) + "  ".join(cell.rjust(len(column)) for cell, column in zip(cells, columns, strict=True)))
    return "\n".join(rows)


class _progress_bar:
    """tqdm bars on stderr, one for each kind of work, shown once the work is long enough to wait for."""

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
            self._bar = tqdm(total=total, desc=what, file=sys.stderr, delay=_PROGRESS_AFTER_S, disable=None, leave=False)
        self._bar.update(done - self._bar.n)


def _use_utf8() -> None:
    """Print Chinese also where the terminal's encoding is another one (Windows, C locale)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


# --- options ------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="paperrag",
        description="Ask your own paper notes, in Chinese or English, and get answers that cite them.",
        epilog="Settings: flags, then PAPERRAG_* variables, then paperrag.toml, then defaults.",
        parents=[_global_options(first=True)],
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    shared = _global_options(first=False)

    index = _command(commands, "index", _index, "read the corpus, embed what changed, swap the new index in", shared)
    index.add_argument("--rebuild", action="store_true", help="forget the old index and embed everything")

    search = _command(commands, "search", _search, "ranked entries for a query", shared)
    search.add_argument("query")
    search.add_argument("--explain", action="store_true", help="say why each entry was found")

    ask = _command(commands, "ask", _ask, "a cited answer, or an honest 'your notes do not cover this'", shared)
    ask.add_argument("question")
    ask.add_argument("--after", type=Path, metavar="ANSWER.json", help="a saved 'ask --json' that the question follows up")
    ask.add_argument("--bib", type=Path, metavar="FILE", help="write the papers that the answer cites as BibTeX")
    ask.add_argument(
        "--llm",
        metavar="SPEC",
        help="who writes the answer: 'none' (default) quotes the notes, ollama:MODEL, openai:MODEL, openai-like:MODEL",
    )

    for command in (search, ask):
        what = "entries to return (default: 10)" if command is search else "entries to cite at most (default: all that belong)"
        command.add_argument("-k", type=int, metavar="N", help=what)
        command.add_argument("--section", metavar="S", help="only under headings or parents that match S")
        command.add_argument("--file", metavar="F", help="only in files that match F")
        command.add_argument("--kind", choices=("note", "abstract"), help="only notes, or only abstracts")
        command.add_argument("--lang", choices=("zh", "en"), help="only entries in this language")

    fetch = _command(commands, "fetch", _fetch, "abstracts of the papers behind the notes, into corpus/abstracts", shared)
    which = fetch.add_mutually_exclusive_group()
    which.add_argument("--missing", action="store_true", help="papers that have no abstract yet (default)")
    which.add_argument("--all", action="store_true", help="ask again for all papers")
    fetch.add_argument("--limit", type=_count, metavar="N", help="ask for at most N papers")
    fetch.add_argument("--dry-run", action="store_true", help="print what would be asked, ask nothing")
    how = fetch.add_mutually_exclusive_group()
    how.add_argument("--offline", action="store_true", help="use only what was answered in earlier runs")
    how.add_argument(
        "--from",
        dest="from_file",
        type=Path,
        metavar="FILE",
        help="take papers from arXiv Atom or JSON, Semantic Scholar JSON or .bib",
    )

    lint = _command(commands, "lint", _lint, "what looks wrong in the notes: dead and wrong links, doubles, garbled text", shared)
    lint.add_argument("--strict", action="store_true", help="exit with 1 if something is found")

    export = _command(commands, "export", _export, "all papers behind the notes as BibTeX", shared)
    export.add_argument("--bib", type=Path, metavar="FILE", required=True, help="file to write")
    serving = _command(commands, "serve", _serve, "the page: ask, see the evidence, browse, rebuild", shared)
    serving.add_argument("--host", default="127.0.0.1", help="address to serve on (default: 127.0.0.1, this machine only)")
    serving.add_argument("--port", type=int, metavar="P", help="port (default: the first free from 7860)")
    serving.add_argument("--llm", metavar="SPEC", help="who writes answers, as in ask")
    serving.add_argument("--auth", metavar="USER:PASSWORD", help="who may open the page; needed on any other host")

    verify = _command(commands, "verify", _verify, "check a saved answer (ask --json) against today's notes", shared)
    verify.add_argument("file", type=Path, metavar="ANSWER.json")

    evaluate = _command(commands, "eval", _eval, "retrieval, citation and abstention metrics on a question file", shared)
    evaluate.add_argument("file", type=Path, metavar="FILE.jsonl")

    _command(commands, "status", _status, "what is indexed, with what encoder, how stale, how large", shared)
    return parser


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, got {text!r}")
    return int(text)


def _command(
    commands: Any, name: str, run: Callable[[argparse.Namespace], int], summary: str, shared: argparse.ArgumentParser
) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=summary, description=summary, parents=[shared])
    command.set_defaults(run=run)
    return command


def _global_options(first: bool) -> argparse.ArgumentParser:
    """Options that stand before or after the command; after it they have no default of their own."""
    options = argparse.ArgumentParser(add_help=False)
    default = None if first else argparse.SUPPRESS
    options.add_argument("--corpus", type=Path, metavar="DIR", default=default, help="folder of notes (default: corpus)")
    options.add_argument("--index", type=Path, metavar="DIR", default=default, help="folder of the index (default: index)")
    options.add_argument("--encoder", metavar="NAME", default=default, help="'bundled', a folder or a sentence-transformers name")
    options.add_argument("--config", type=Path, metavar="FILE", default=default, help="settings file (default: paperrag.toml)")
    options.add_argument("--json", action="store_true", default=False if first else argparse.SUPPRESS, help="print JSON")
    options.add_argument(
        "-v", "--verbose", action="store_true", default=False if first else argparse.SUPPRESS, help="log what is done"
    )
    return options


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"paperrag {version('paperrag')}")
        except PackageNotFoundError:
            print("paperrag (run from a source tree)")
        parser.exit()


if __name__ == "__main__":
    sys.exit(main())
