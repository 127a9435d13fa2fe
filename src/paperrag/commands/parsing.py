"""What argparse lacks: to say what was probably meant, words that are one question, and numbers
within bounds.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, NoReturn

from paperrag.text.patterns import lazy_pattern

_CHOICE = lazy_pattern(r"invalid choice: '(?P<given>.*?)' \(choose from (?P<known>.*)\)", re.DOTALL)

_ALIKE = 0.6
"""Share of characters in common, but for dashes, from which a word is taken for a slip of another:
aks for ask, not --yes for --files."""


class Parser(argparse.ArgumentParser):
    """Says what was probably meant."""

    def error(self, message: str) -> NoReturn:
        """Print the usage and what is wrong, and exit with 2."""
        if "ignored explicit argument" in message:
            message += "; in front of a question that begins with a dash, put --"
        if found := _CHOICE.search(message):
            message += _meant(found["given"], re.findall(r"[\w-]+", found["known"]))
        super().error(message)

    def refuse(self, rest: Sequence[str], is_question: bool) -> NoReturn:
        """Say that there are words too many, and exit with 2."""
        message = f"unrecognized arguments: {' '.join(rest)}"
        if is_question and not rest[0].startswith("-"):
            message += "; put the question in quotes"
        given = rest[0].partition("=")[0]
        takers = [name for name, options in self._options().items() if given in options]
        if takers:
            self.error(f"{message}; {given} is an option of: {', '.join(takers)}")
        known = [option for options in self._options().values() for option in options]
        self.error(message + _near(given, known))

    def _options(self) -> dict[str, list[str]]:
        """Return the options of each command."""
        commands = (one for one in self._actions if isinstance(one, argparse._SubParsersAction))
        choices = [pair for one in commands for pair in one.choices.items()]
        return {name: list(command._option_string_actions) for name, command in choices}


class Joined(argparse.Action):
    """Several words are one question: quotes are easily forgotten."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        *_: object,
    ) -> None:
        """Keep the words as one."""
        setattr(namespace, self.dest, " ".join(values))


class PrintVersion(argparse.Action):
    """Prints the version and exits."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        """Print and exit."""
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"paperrag {version('paperrag')}")
        except PackageNotFoundError:
            print("paperrag (run from a source tree)")
        parser.exit()


def count(text: str) -> int:
    """Return a whole number from 1."""
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, got {text!r}")
    return int(text)


def share(text: str) -> float:
    """Return a number from 0 to 1."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 1, got {text!r}")
    return value


def _meant(given: str, known: Sequence[str]) -> str:
    if " " in given or not given.isascii():
        return f'; to ask your notes, run: paperrag ask "{given}"'
    return _near(given, known)


def _near(given: str, known: Sequence[str]) -> str:
    words = {one.strip("-"): one for one in known}
    near = get_close_matches(given.strip("-"), words, 1, _ALIKE)
    return f"; did you mean {words[near[0]]}?" if near else ""
