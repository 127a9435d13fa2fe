"""The command line: parse, call, print, exit code.

Results go to stdout, progress and logs to stderr. Exit codes: 0 done (abstaining is done), 1
failed with one sentence, 2 wrong usage.
"""

from __future__ import annotations

# PYTHON_ARGCOMPLETE_OK
import gc
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from paperrag.commands import notes
from paperrag.commands.arguments import make_parser
from paperrag.commands.parsing import Parser
from paperrag.errors import PaperRagError

_AT_ONCE = (notes.search, notes.ask)
"""Commands that are given a question and end with its answer."""

_GARBAGE_AFTER = 100_000
"""Objects that such a command makes before it looks for garbage; Python looks after 700."""

_BLAS_THREADS = "1"
"""For products of matrices, which are small: more take .05 s to start and wait for one another by
running on. Over 11,517 chunks a question takes 8.7 ms with one, beside other work 37 with two.
"""


def run() -> int:
    """Run the command that this process was started for and return its exit code."""
    try:
        return main()
    finally:
        gc.freeze()  # it goes with the process: looking through it took .05 s


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
            if not sys.stdout.closed:  # as `mcp` leaves it
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
    _use_utf8()
    parser = make_parser()
    _complete(parser)
    options, rest = parser.parse_known_args(arguments)
    if rest:
        parser.refuse(rest, options.run in _AT_ONCE)
    if options.run is None:
        parser.print_help()
        return 0
    if arguments is None:  # this process is for nothing else
        os.environ.setdefault("OPENBLAS_NUM_THREADS", _BLAS_THREADS)
        if options.run in _AT_ONCE:
            gc.set_threshold(_GARBAGE_AFTER)
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
        print("paperrag: stopped; the index is as it was last saved", file=sys.stderr)
        return 130


def _complete(parser: Parser) -> None:
    """Answer a shell that asks how a line goes on; see `paperrag completion`."""
    if "_ARGCOMPLETE" in os.environ:
        from argcomplete import autocomplete

        autocomplete(parser)


def _use_utf8() -> None:
    """Print Chinese also where the terminal's encoding is another one (Windows, C locale)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


if __name__ == "__main__":
    sys.exit(run())
