"""The commands and their options. argparse, because it is there at once: `--help` and `ask` load
nothing that they do not use.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from paperrag.commands import notes, opening, papers, push, serving, starting
from paperrag.commands.options import (
    PAPER_FORMS,
    add_filters,
    add_papers_of,
    add_tag,
    global_options,
)
from paperrag.commands.parsing import Joined, Parser, PrintVersion, count, share

RunCommand = Callable[[argparse.Namespace], int]


def make_parser() -> Parser:
    """Return the parser of all commands; `run` is the function of the chosen one, or None."""
    parser = Parser(
        prog="paperrag",
        description="Ask your own paper notes, in Chinese or English, and get answers that cite them.",
        epilog="Settings: flags, then PAPERRAG_* variables, then paperrag.toml here, then the one that "
        "`paperrag init` writes, then defaults.",
        parents=[global_options(first=True)],
    )
    parser.set_defaults(run=None)
    parser.add_argument(
        "--version", action=PrintVersion, nargs=0, help="print the version and exit"
    )
    parsers = parser.add_subparsers(title="commands", metavar="COMMAND")
    add = _Adder(parsers, global_options(first=False))
    for adding in _IN_ORDER:
        adding(add)
    return parser


class _Adder:
    """Adds commands that take the options of all."""

    def __init__(self, parsers: Any, shared: argparse.ArgumentParser) -> None:
        self._parsers = parsers
        self.shared = shared

    def __call__(self, name: str, run: RunCommand, summary: str) -> argparse.ArgumentParser:
        command: argparse.ArgumentParser = self._parsers.add_parser(
            name, help=summary, description=summary, parents=[self.shared]
        )
        command.set_defaults(run=run)
        return command


def _add_start(add: _Adder) -> None:
    init = add("init", starting.init, "remember a folder of notes as yours, and index it")
    init.add_argument("folder", nargs="?", type=Path, metavar="FOLDER", help="default: you choose")


def _add_ask(add: _Adder) -> None:
    ask = add("ask", notes.ask, "a cited answer, or an honest 'your notes do not cover this'")
    ask.add_argument("question", nargs="+", action=Joined, help="'-' reads it from standard input")
    ask.add_argument(
        "--after",
        type=Path,
        metavar="ANSWER.json",
        help="a saved 'ask --json' that the question follows up",
    )
    ask.add_argument(
        "--jsonl", action="store_true", help="print the answer as it grows, one JSON object a line"
    )
    add_papers_of(ask, "the papers that the answer cites")
    ask.add_argument(
        "--note",
        type=Path,
        metavar="FILE",
        help="write the answer as a note with wiki-links and footnotes, into a file or a folder",
    )
    ask.add_argument(
        "--llm",
        metavar="SPEC",
        help="who writes the answer: 'none' (default) quotes the notes, ollama:MODEL, openai:MODEL, openai-like:MODEL",
    )
    add_filters(ask, "entries to cite at most (default: all that belong)")


def _add_search(add: _Adder) -> None:
    search = add("search", notes.search, "ranked entries for a query")
    search.add_argument("query", nargs="+", action=Joined, help="'-' reads it from standard input")
    search.add_argument("--explain", action="store_true", help="say why each entry was found")
    search.add_argument("--all", action="store_true", help="all entries, not the best 10")
    search.add_argument(
        "--min-score", type=share, metavar="X", help="only entries that score X (0 to 1) or more"
    )
    how = search.add_mutually_exclusive_group()
    how.add_argument("--files", action="store_true", help="print only their files, each once")
    how.add_argument(
        "--works", action="store_true", help="a line for each paper or method: name, what it does"
    )
    how.add_argument("--jsonl", action="store_true", help="print one JSON object a line for each")
    add_papers_of(search, "the papers of what is found")
    add_filters(search, "entries to return (default: 10)")


def _add_reading(add: _Adder) -> None:
    chat = add("chat", notes.chat, "ask one question after another; each may point at those before")
    chat.add_argument("--llm", metavar="SPEC", help="who writes answers, as in ask")
    add_filters(chat, "entries to cite at most (default: all that belong)")

    open_note = add("open", opening.open_note, "a note in your editor, at the line of an entry")
    open_note.add_argument(
        "what", metavar="N|ID|FILE[:LINE]", help="N: as the last answer or search numbered it"
    )
    open_note.add_argument("--paper", action="store_true", help="the paper linked there instead")
    open_note.add_argument("--print", action="store_true", help="print the address, open nothing")

    get = add("get", notes.get, "an entry by its id, or a note, whole or some lines")
    get.add_argument("what", metavar="ID|FILE[:LINE[-LINE]]")


def _add_servers(add: _Adder) -> None:
    serve = add("serve", serving.serve_page, "the page: ask, see the evidence, browse, rebuild")
    serve.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to serve on (default: 127.0.0.1, this machine only)",
    )
    serve.add_argument(
        "--port", type=int, metavar="P", help="port (default: the first free from 7860)"
    )
    serve.add_argument("--llm", metavar="SPEC", help="who writes answers, as in ask")
    serve.add_argument(
        "--auth", metavar="USER:PASSWORD", help="who may open the page; needed on any other host"
    )
    serve.add_argument(
        "--watch", action="store_true", help="take in changed notes at once, however many"
    )

    mcp = add(
        "mcp", serving.mcp, "the notes as tools for an assistant, over standard input and output"
    )
    mcp.add_argument("--llm", metavar="SPEC", help="who writes answers, as in ask")


def _add_collection(add: _Adder) -> None:
    collection = add("collection", starting.collection, "names for folders of notes: see -c NAME")
    actions = collection.add_subparsers(metavar="ACTION")
    collection.set_defaults(action="list")
    adding = actions.add_parser("add", help="name a folder of notes", parents=[add.shared])
    adding.add_argument("folder", type=Path, metavar="FOLDER")
    adding.add_argument("--name", metavar="NAME", help="default: the folder's own")
    adding.add_argument("--context", metavar="TEXT", help="one line on what the notes are about")
    adding.set_defaults(action="add")
    removing = actions.add_parser(
        "remove", help="forget a name; notes and index stay", parents=[add.shared]
    )
    removing.add_argument("name", metavar="NAME")
    removing.set_defaults(action="remove")
    listing = actions.add_parser("list", help="all names and their folders", parents=[add.shared])
    listing.set_defaults(action="list")


def _add_upkeep(add: _Adder) -> None:
    index = add("index", notes.index, "read the corpus, embed what changed, swap the new index in")
    index.add_argument(
        "--rebuild", action="store_true", help="forget the old index and embed everything"
    )
    index.add_argument(
        "--allow-empty",
        action="store_true",
        help="empty the index if no note is left (a disk that is not mounted looks the same)",
    )

    add("watch", serving.watch, "keep the index up to date with the notes until Ctrl-C")


def _add_checks(add: _Adder) -> None:
    status = add("status", notes.status, "what is indexed, with what encoder, how stale, how large")
    status.add_argument(
        "--check", action="store_true", help="read every byte of the index: is it as it was written"
    )

    doctor = add(
        "doctor", starting.doctor, "is all in order: settings, notes, index, model, extras"
    )
    doctor.add_argument("--llm", metavar="SPEC", help="the model to try, as in ask")

    lint = add("lint", papers.lint, "what looks wrong: dead and wrong links, doubles, garbled text")
    lint.add_argument("--strict", action="store_true", help="exit with 1 if something is found")


def _add_papers(add: _Adder) -> None:
    fetch = add(
        "fetch", papers.fetch, "abstracts of the papers behind the notes, into corpus/abstracts"
    )
    which = fetch.add_mutually_exclusive_group()
    which.add_argument(
        "--missing", action="store_true", help="papers that have no abstract yet (default)"
    )
    which.add_argument("--all", action="store_true", help="ask again for all papers")
    fetch.add_argument("--limit", type=count, metavar="N", help="ask for at most N papers")
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
        help="take papers from arXiv Atom or JSON, Semantic Scholar JSON, CSL-JSON, .ris or .bib",
    )

    _add_export(add)


def _add_export(add: _Adder) -> None:
    export = add("export", papers.export, "all papers behind the notes as BibTeX, CSL-JSON or RIS")
    add_tag(export, "papers of entries")
    forms = export.add_mutually_exclusive_group(required=True)
    for form, name in PAPER_FORMS.items():
        forms.add_argument(
            f"--{form}", type=Path, metavar="FILE", help=f"write {name}; '-': standard output"
        )


def _add_rest(add: _Adder) -> None:
    verify = add("verify", notes.verify, "check a saved answer (ask --json) against today's notes")
    verify.add_argument("file", type=Path, metavar="ANSWER.json", help="'-': standard input")

    evaluate = add("eval", notes.measure, "retrieval, citation and abstention metrics on questions")
    evaluate.add_argument("file", type=Path, metavar="FILE.jsonl")

    copy = add("push", push.copy_index, "copy the index to Milvus, where many machines search it")
    copy.add_argument("--to", metavar="URI", help="default: the setting milvus_uri")
    copy.add_argument(
        "--questions",
        type=count,
        default=push.QUESTIONS,
        metavar="N",
        help=f"asked of both to see that they find the same (default: {push.QUESTIONS})",
    )

    completion = add(
        "completion", starting.completion, "print what makes a shell complete commands"
    )
    completion.add_argument("shell", choices=("bash", "zsh", "fish"))


_IN_ORDER = (
    _add_start,
    _add_ask,
    _add_search,
    _add_reading,
    _add_servers,
    _add_collection,
    _add_upkeep,
    _add_checks,
    _add_papers,
    _add_rest,
)
"""What adds commands, in the order of `--help`: first what one types first."""
