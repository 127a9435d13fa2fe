"""The command line: parse, call, print, exit code.

Results go to stdout, progress and logs to stderr. Exit codes: 0 done (abstaining is done), 1
failed with one sentence, 2 wrong usage. argparse, because it is there at once: `--help` and
`ask` load nothing that they do not use.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import paperrag.commands as commands
from paperrag.errors import PaperRagError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    if sys.stderr is None:  # closed, as by 2>&-
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  # for the whole run
    if sys.stdout is None:
        print(
            "paperrag: standard output is closed, so nothing can be printed; send it to a file or "
            "/dev/null",
            file=sys.stderr,
        )
        return 1
    try:
        try:
            return _run(arguments)
        finally:
            sys.stdout.flush()  # a closed pipe must be met here, not when Python ends
    except BrokenPipeError:
        _let_go_of_stdout()  # `| head` is no failure
        return 0
    except OSError as error:
        if _can_print():
            raise
        print(
            f"paperrag: cannot print the result ({error.strerror}); send it to another place",
            file=sys.stderr,
        )
        _let_go_of_stdout()
        return 1


def _can_print() -> bool:
    try:
        sys.stdout.flush()
    except OSError:
        return False
    return True


def _let_go_of_stdout() -> None:
    """Send what is still to be printed nowhere: Python prints it when it ends, and would fail once
    more.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(arguments: Sequence[str] | None) -> int:
    parser = _parser()
    options, rest = parser.parse_known_args(arguments)
    if rest:
        is_question = options.run in (commands.search, commands.ask) and not rest[0].startswith("-")
        hint = "; put the question in quotes" if is_question else ""
        parser.error(f"unrecognized arguments: {' '.join(rest)}{hint}")
    _use_utf8()
    logging.basicConfig(
        level=logging.DEBUG if options.verbose else logging.WARNING,
        format="paperrag: %(message)s",
        stream=sys.stderr,
    )
    try:
        return int(options.run(options))
    except PaperRagError as error:
        print(f"paperrag: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("paperrag: stopped; the index is as it was", file=sys.stderr)
        return 130


def _use_utf8() -> None:
    """Print Chinese also where the terminal's encoding is another one (Windows, C locale)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


class _Parser(argparse.ArgumentParser):
    """Says what to do where a question begins like an option."""

    def error(self, message: str) -> NoReturn:
        if "ignored explicit argument" in message:
            message += "; in front of a question that begins with a dash, put --"
        super().error(message)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="paperrag",
        description="Ask your own paper notes, in Chinese or English, and get answers that cite them.",
        epilog="Settings: flags, then PAPERRAG_* variables, then paperrag.toml, then defaults.",
        parents=[_global_options(first=True)],
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    parsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    shared = _global_options(first=False)

    index = _command(
        parsers,
        "index",
        commands.index,
        "read the corpus, embed what changed, swap the new index in",
        shared,
    )
    index.add_argument(
        "--rebuild", action="store_true", help="forget the old index and embed everything"
    )
    index.add_argument(
        "--allow-empty",
        action="store_true",
        help="empty the index if no note is left (a disk that is not mounted looks the same)",
    )
    _add_questions(parsers, shared)
    _add_papers(parsers, shared)
    _add_checks(parsers, shared)
    return parser


def _add_questions(parsers: Any, shared: argparse.ArgumentParser) -> None:
    search = _command(parsers, "search", commands.search, "ranked entries for a query", shared)
    search.add_argument("query", nargs="+", action=_Joined)
    search.add_argument("--explain", action="store_true", help="say why each entry was found")

    ask = _command(
        parsers,
        "ask",
        commands.ask,
        "a cited answer, or an honest 'your notes do not cover this'",
        shared,
    )
    ask.add_argument("question", nargs="+", action=_Joined)
    ask.add_argument(
        "--after",
        type=Path,
        metavar="ANSWER.json",
        help="a saved 'ask --json' that the question follows up",
    )
    ask.add_argument(
        "--bib", type=Path, metavar="FILE", help="write the papers that the answer cites as BibTeX"
    )
    ask.add_argument(
        "--llm",
        metavar="SPEC",
        help="who writes the answer: 'none' (default) quotes the notes, ollama:MODEL, openai:MODEL, openai-like:MODEL",
    )

    for command in (search, ask):
        what = (
            "entries to return (default: 10)"
            if command is search
            else "entries to cite at most (default: all that belong)"
        )
        command.add_argument("-k", type=_count, metavar="N", help=what)
        command.add_argument(
            "--section", metavar="S", help="only under headings or parents that match S"
        )
        command.add_argument("--file", metavar="F", help="only in files that match F")
        command.add_argument(
            "--kind", choices=("note", "abstract"), help="only notes, or only abstracts"
        )
        command.add_argument("--lang", choices=("zh", "en"), help="only entries in this language")


def _add_papers(parsers: Any, shared: argparse.ArgumentParser) -> None:
    fetch = _command(
        parsers,
        "fetch",
        commands.fetch,
        "abstracts of the papers behind the notes, into corpus/abstracts",
        shared,
    )
    which = fetch.add_mutually_exclusive_group()
    which.add_argument(
        "--missing", action="store_true", help="papers that have no abstract yet (default)"
    )
    which.add_argument("--all", action="store_true", help="ask again for all papers")
    fetch.add_argument("--limit", type=_count, metavar="N", help="ask for at most N papers")
    fetch.add_argument(
        "--dry-run", action="store_true", help="print what would be asked, ask nothing"
    )
    how = fetch.add_mutually_exclusive_group()
    how.add_argument(
        "--offline", action="store_true", help="use only what was answered in earlier runs"
    )
    how.add_argument(
        "--from",
        dest="from_file",
        type=Path,
        metavar="FILE",
        help="take papers from arXiv Atom or JSON, Semantic Scholar JSON or .bib",
    )

    lint = _command(
        parsers,
        "lint",
        commands.lint,
        "what looks wrong: dead and wrong links, doubles, garbled text",
        shared,
    )
    lint.add_argument("--strict", action="store_true", help="exit with 1 if something is found")

    export = _command(
        parsers, "export", commands.export, "all papers behind the notes as BibTeX", shared
    )
    export.add_argument("--bib", type=Path, metavar="FILE", required=True, help="file to write")


def _add_checks(parsers: Any, shared: argparse.ArgumentParser) -> None:
    serving = _command(
        parsers, "serve", commands.serve, "the page: ask, see the evidence, browse, rebuild", shared
    )
    serving.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to serve on (default: 127.0.0.1, this machine only)",
    )
    serving.add_argument(
        "--port", type=int, metavar="P", help="port (default: the first free from 7860)"
    )
    serving.add_argument("--llm", metavar="SPEC", help="who writes answers, as in ask")
    serving.add_argument(
        "--auth", metavar="USER:PASSWORD", help="who may open the page; needed on any other host"
    )

    verify = _command(
        parsers,
        "verify",
        commands.verify,
        "check a saved answer (ask --json) against today's notes",
        shared,
    )
    verify.add_argument("file", type=Path, metavar="ANSWER.json")

    evaluate = _command(
        parsers,
        "eval",
        commands.evaluate,
        "retrieval, citation and abstention metrics on questions",
        shared,
    )
    evaluate.add_argument("file", type=Path, metavar="FILE.jsonl")

    _command(
        parsers,
        "status",
        commands.status,
        "what is indexed, with what encoder, how stale, how large",
        shared,
    )


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, got {text!r}")
    return int(text)


def _command(
    parsers: Any,
    name: str,
    run: Callable[[argparse.Namespace], int],
    summary: str,
    shared: argparse.ArgumentParser,
) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = parsers.add_parser(
        name, help=summary, description=summary, parents=[shared]
    )
    command.set_defaults(run=run)
    return command


def _global_options(first: bool) -> argparse.ArgumentParser:
    """Options that stand before or after the command; after it they have no default of their
    own.
    """
    options = argparse.ArgumentParser(add_help=False)
    default = None if first else argparse.SUPPRESS
    options.add_argument(
        "--corpus",
        type=Path,
        metavar="DIR",
        default=default,
        help="folder of notes (default: corpus)",
    )
    options.add_argument(
        "--index",
        type=Path,
        metavar="DIR",
        default=default,
        help="folder of the index (default: index)",
    )
    options.add_argument(
        "--encoder",
        metavar="NAME",
        default=default,
        help="'bundled', 'bundled-static', a folder or a model's name",
    )
    options.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        default=default,
        help="settings file (default: paperrag.toml)",
    )
    options.add_argument(
        "--json",
        action="store_true",
        default=False if first else argparse.SUPPRESS,
        help="print JSON",
    )
    options.add_argument(
        "-v",
        "--verbose",
        action="store_true",
        default=False if first else argparse.SUPPRESS,
        help="log what is done",
    )
    return options


class _Joined(argparse.Action):
    """Several words are one question: quotes are easily forgotten."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        *_: object,
    ) -> None:
        setattr(namespace, self.dest, " ".join(values))


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
