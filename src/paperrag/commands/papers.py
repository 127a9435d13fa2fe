"""The commands about the papers behind the notes. Imports inside functions: a command loads what it
uses and no more.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from paperrag.commands.saving import files_of_papers
from paperrag.commands.shared import (
    NAMED,
    STDIO,
    ProgressBar,
    open_library,
    place_of,
    show,
    write_text,
)

if TYPE_CHECKING:
    from paperrag.library import Library


def fetch(options: argparse.Namespace) -> int:
    """Fetch abstracts of the papers behind the notes."""
    from paperrag.output.reports import fetch_text, plan_text

    library = open_library(options)
    if options.dry_run:
        plan = library.plan(options.all, options.limit)
        show(options, lambda to: to.plan_json(plan), lambda: plan_text(plan))
        _print_troubles(library)
        return 0
    with ProgressBar() as progress:
        if options.from_file:
            report = library.take(options.from_file)
        else:
            report = library.fetch(options.all, options.limit, options.offline, progress)
    show(options, lambda to: to.fetch_json(report), lambda: fetch_text(report))
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
    from paperrag.output.reports import lint_text

    library = open_library(options)
    findings = library.lint()
    show(options, lambda to: to.lint_json(findings), lambda: lint_text(findings))
    _print_troubles(library)
    return 1 if findings and options.strict else 0


def export(options: argparse.Namespace) -> int:
    """Write all papers as BibTeX, CSL-JSON or RIS."""
    from paperrag.output.counts import counted

    library = open_library(options)
    form, file = next(files_of_papers(options))
    made = library.export(form, options.tag)
    write_text(file, made.text)
    if options.json and file != STDIO:
        show(options, lambda to: to.export_json(made, file), str)
    print(f"paperrag: {counted(made.papers, 'paper')}{place_of(file)}", file=sys.stderr)
    if made.left_out:
        names = ", ".join(ref.name for ref in made.left_out[:NAMED]) + (
            ", …" if len(made.left_out) > NAMED else ""
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
