"""What is kept of an answer or a search: its papers, or the answer as a note."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from paperrag.commands.options import PAPER_FORMS
from paperrag.commands.shared import STDIO, open_library, place_of, write_text
from paperrag.errors import PaperFileError

if TYPE_CHECKING:
    from paperrag.config import Settings
    from paperrag.library import PaperForm
    from paperrag.papers.ids import PaperId
    from paperrag.records import Answer, Entry


def takes_stdout(options: argparse.Namespace) -> bool:
    """Whether something else than the result itself goes to standard output."""
    files = [file for _, file in files_of_papers(options)]
    return STDIO in (*files, getattr(options, "note", None))


def files_of_papers(options: argparse.Namespace) -> Iterator[tuple[PaperForm, Path]]:
    """Yield the forms in which papers are asked for, each with its file."""
    for form in PAPER_FORMS:
        if (file := getattr(options, form)) is not None:
            yield form, file


def save_papers(
    options: argparse.Namespace, entries: Sequence[Entry], ids: Sequence[PaperId]
) -> None:
    """Write the papers of entries in each form that is asked for."""
    from paperrag.output.counts import counted

    for form, file in files_of_papers(options):
        text, count = open_library(options).export_cited(entries, ids, form)
        write_text(file, text)
        print(f"paperrag: {counted(count, 'paper')}{place_of(file)}", file=sys.stderr)


def save_note(options: argparse.Namespace, settings: Settings, answer: Answer) -> None:
    """Write an answer as a note, where that is asked for; a file that is there is not replaced.

    Raises PaperFileError.
    """
    from paperrag.output.as_note import answer_note, note_name

    file: Path | None = options.note
    if file is None:
        return
    if file != STDIO and file.is_dir():
        file = file / note_name(answer)
    if file != STDIO and file.exists():
        raise PaperFileError(f"{file} is there already; name another file, or move it away")
    write_text(file, answer_note(answer, settings.corpus))
    if file != STDIO:
        inside = file.resolve().is_relative_to(settings.corpus.resolve())
        warning = "; it lies among your notes and is searched with them: see the setting exclude"
        print(f"paperrag: note{place_of(file)}{warning if inside else ''}", file=sys.stderr)
