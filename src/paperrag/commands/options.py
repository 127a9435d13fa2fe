"""Options that several commands have."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from paperrag.commands.parsing import count

if TYPE_CHECKING:
    from paperrag.library import PaperForm

PAPER_FORMS: dict[PaperForm, str] = {"bib": "BibTeX", "csl": "CSL-JSON", "ris": "RIS"}
"""How papers are written, by the names of the options."""


def global_options(first: bool) -> argparse.ArgumentParser:
    """Return the options that stand before or after the command; after it they have no default of
    their own.
    """
    options = argparse.ArgumentParser(add_help=False)
    default = None if first else argparse.SUPPRESS
    off = False if first else argparse.SUPPRESS
    _add_corpus(options, first)
    options.add_argument(
        "--index", type=Path, metavar="DIR", default=default, help="folder of the index"
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
    options.add_argument("--json", action="store_true", default=off, help="print JSON")
    options.add_argument(
        "-v", "--verbose", action="store_true", default=off, help="log what is done"
    )
    return options


def _add_corpus(options: argparse.ArgumentParser, first: bool) -> None:
    default = None if first else argparse.SUPPRESS
    corpus = options.add_mutually_exclusive_group()
    corpus.add_argument(
        "--corpus", type=Path, metavar="DIR", default=default, help="folder of notes"
    )
    corpus.add_argument(
        "-c",
        "--collection",
        dest="collections_first" if first else "collections",
        action="append",
        metavar="NAME",
        default=default,
        help="notes that you named; search, ask, chat, get, serve and mcp take several",
    )
    corpus.add_argument(
        "--demo",
        action="store_true",
        default=False if first else argparse.SUPPRESS,
        help="the notes that come with the program",
    )


def add_filters(command: argparse.ArgumentParser, k: str) -> None:
    """Add what a search is restricted to; k: what the number is of."""
    command.add_argument("-k", type=count, metavar="N", help=k)
    command.add_argument(
        "--section", metavar="S", help="only under headings or parents that match S"
    )
    command.add_argument(
        "--file", metavar="F", help="only in files that match F, by path, name or alias"
    )
    add_tag(command, "entries")
    command.add_argument(
        "--kind", choices=("note", "abstract"), help="only notes, or only abstracts"
    )
    command.add_argument("--lang", choices=("zh", "en"), help="only entries in this language")


def add_tag(command: argparse.ArgumentParser, what: str) -> None:
    """Add the tags that entries must have; what: of what."""
    command.add_argument(
        "--tag",
        action="append",
        default=[],
        metavar="T",
        help=f"only {what} with this tag, front matter's too; a means a/b as well; several: all",
    )


def add_papers_of(command: argparse.ArgumentParser, what: str) -> None:
    """Add where papers are written to, in each form; what: which papers."""
    for form, name in PAPER_FORMS.items():
        command.add_argument(
            f"--{form}",
            type=Path,
            metavar="FILE",
            help=f"write {what} as {name}; '-': print that, not the result",
        )
