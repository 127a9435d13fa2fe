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
    from paperrag.indexing import Progress
    from paperrag.retrieval import Filters

_PROGRESS_AFTER_S = 0.5


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
    with _progress_bar() as progress:
        report = _assistant(options).build(options.rebuild, progress)
    took_ms = round((time.perf_counter() - start) * 1000, 1)
    _print(options, lambda: report_json(report, took_ms), lambda: report_text(report, took_ms))
    if report.failed:
        print(
            f"paperrag: {len(report.failed)} of {report.files_total} files could not be read; they are named above",
            file=sys.stderr,
        )
    return 1 if report.failed else 0


def _search(options: argparse.Namespace) -> int:
    from paperrag.contract import search_json
    from paperrag.rendering import search_text

    result = _assistant(options).search(options.query, options.k, _filters(options))
    _print(options, lambda: search_json(result), lambda: search_text(result, options.explain))
    return 0


def _ask(options: argparse.Namespace) -> int:
    from paperrag.contract import ask_json
    from paperrag.rendering import answer_text

    answer, took_ms = _assistant(options).ask(options.question, _filters(options), options.k)
    _print(options, lambda: ask_json(answer, took_ms), lambda: answer_text(answer))
    return 0


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


def _cited(assistant: Assistant, question: str) -> tuple[bool, list[Any]]:
    answer, _ = assistant.ask(question)
    return answer.abstained, [citation.entry for citation in answer.citations]


# --- what commands share ------------------------------------------------------------------------


def _assistant(options: argparse.Namespace) -> Assistant:
    from paperrag.assistant import Assistant
    from paperrag.config import load_settings

    flags = {name: getattr(options, name, None) for name in ("corpus", "index", "encoder")}
    return Assistant.from_settings(load_settings(flags, config=options.config))


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

    for command in (search, ask):
        what = "entries to return (default: 10)" if command is search else "entries to cite at most (default: all that belong)"
        command.add_argument("-k", type=int, metavar="N", help=what)
        command.add_argument("--section", metavar="S", help="only under headings or parents that match S")
        command.add_argument("--file", metavar="F", help="only in files that match F")
        command.add_argument("--kind", choices=("note", "abstract"), help="only notes, or only abstracts")
        command.add_argument("--lang", choices=("zh", "en"), help="only entries in this language")

    serving = _command(commands, "serve", _serve, "the page: ask, see the evidence, browse, rebuild", shared)
    serving.add_argument("--host", default="127.0.0.1", help="address to serve on (default: 127.0.0.1, this machine only)")
    serving.add_argument("--port", type=int, metavar="P", help="port (default: the first free from 7860)")
    serving.add_argument("--auth", metavar="USER:PASSWORD", help="who may open the page; needed on any other host")

    evaluate = _command(commands, "eval", _eval, "retrieval, citation and abstention metrics on a question file", shared)
    evaluate.add_argument("file", type=Path, metavar="FILE.jsonl")

    _command(commands, "status", _status, "what is indexed, with what encoder, how stale, how large", shared)
    return parser


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
