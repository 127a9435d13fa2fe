"""Conversations kept on this machine: one SQLite file in the user's data folder, in which each
corpus has its own, and so has each set of corpora.

Every call opens the file anew, so any thread may call. Knows turns, no HTML.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

from msgspec import Struct

from paperrag.errors import HistoryError
from paperrag.page.turns import Turn, from_json, to_json
from paperrag.text.folding import fold
from paperrag.text.markup import shorten

TITLE_CHARS = 80
FILE_NAME = "conversations.sqlite"
WAIT_S = 5.0
"""How long a write waits for another process that writes."""

_TABLES = """
create table if not exists conversations (
  id text primary key, corpus text not null, title text not null, changed real not null,
  words text not null);
create table if not exists turns (
  conversation text not null references conversations (id) on delete cascade,
  number integer not null, words text not null, body text not null,
  primary key (conversation, number));
create index if not exists by_time on conversations (corpus, changed);
"""


class Summary(Struct, frozen=True):
    """A conversation in a list; `changed` in seconds since 1970."""

    id: str
    title: str
    changed: float


class Conversations:
    """The conversations about one corpus, or about several together. Every method raises
    HistoryError if the file cannot be used.
    """

    def __init__(self, file: Path, *corpora: Path) -> None:
        self.file = file
        self._corpus = corpora_key(corpora)

    def find(self, words: str = "", limit: int = 200) -> list[Summary]:
        """Return conversations, the newest first, in which every word stands."""
        wanted = _folded(words).split()
        said = "(select group_concat(words, ' ') from turns where conversation = id)"
        clauses = f" and instr(words || ' ' || {said}, ?)" * len(wanted)
        query = (
            f"select id, title, changed from conversations where corpus = ?{clauses}"
            " order by changed desc limit ?"
        )
        with self._open() as file:
            rows = file.execute(query, (self._corpus, *wanted, limit)).fetchall()
        return [Summary(*row) for row in rows]

    def title(self, conversation: str) -> str | None:
        """Return the title of a conversation, None if there is none of this id."""
        query = "select title from conversations where id = ? and corpus = ?"
        with self._open() as file:
            row = file.execute(query, (conversation, self._corpus)).fetchone()
        return row[0] if row else None

    def turns(self, conversation: str) -> tuple[Turn, ...]:
        """Return the turns of a conversation, () for an unknown id."""
        query = (
            "select body from turns join conversations on id = conversation"
            " where conversation = ? and corpus = ? order by number"
        )
        with self._open() as file:
            rows = file.execute(query, (conversation, self._corpus)).fetchall()
        try:
            return tuple(from_json(body) for (body,) in rows)
        except ValueError as error:
            raise HistoryError(
                f"the conversation {conversation} in {self.file} cannot be read; delete it"
            ) from error

    def append(self, conversation: str, turn: Turn) -> int:
        """Add a turn at the end, the first one with the conversation itself; return its number
        from 0.
        """
        title = shorten(turn.question, TITLE_CHARS)
        row = (conversation, self._corpus, title, time.time(), _folded(title))
        last = "select coalesce(max(number), -1) + 1 from turns where conversation = ?"
        with self._open() as file:
            file.execute("insert or ignore into conversations values (?, ?, ?, ?, ?)", row)
            if not self._is_here(file, conversation):
                raise HistoryError(
                    f"the conversation {conversation} is about other notes; begin a new one"
                )
            number = int(file.execute(last, (conversation,)).fetchone()[0])
            self._put(file, conversation, number, turn)
        return number

    def replace(self, conversation: str, number: int, turn: Turn) -> None:
        """Put another turn in the place of one; nothing happens if the conversation is gone."""
        query = "select 1 from turns where conversation = ? and number = ?"
        with self._open() as file:
            is_kept = file.execute(query, (conversation, number)).fetchone()
            if is_kept and self._is_here(file, conversation):
                self._put(file, conversation, number, turn)

    def rename(self, conversation: str, title: str) -> None:
        """Give a conversation another title; an empty one changes nothing."""
        short = shorten(title.strip(), TITLE_CHARS)
        if short:
            query = "update conversations set title = ?, words = ? where id = ? and corpus = ?"
            with self._open() as file:
                file.execute(query, (short, _folded(short), conversation, self._corpus))

    def delete(self, conversation: str) -> None:
        """Delete a conversation for good."""
        with self._open() as file:
            query = "delete from conversations where id = ? and corpus = ?"
            file.execute(query, (conversation, self._corpus))

    def _is_here(self, file: sqlite3.Connection, conversation: str) -> bool:
        """Whether a conversation is about this corpus."""
        query = "select 1 from conversations where id = ? and corpus = ?"
        return file.execute(query, (conversation, self._corpus)).fetchone() is not None

    def _put(self, file: sqlite3.Connection, conversation: str, number: int, turn: Turn) -> None:
        said = turn.answer.text if turn.answer else ""
        row = (conversation, number, _folded(f"{turn.question}\n{said}"), to_json(turn))
        file.execute("insert or replace into turns values (?, ?, ?, ?)", row)
        when = "update conversations set changed = ? where id = ?"
        file.execute(when, (time.time(), conversation))

    def _open(self) -> AbstractContextManager[sqlite3.Connection]:
        return open_kept(self.file, _TABLES)


@contextmanager
def open_kept(path: Path, tables: str) -> Iterator[sqlite3.Connection]:
    """Open the file of what a reader keeps for one transaction, written at its end.

    tables: made if they are not there. Raises HistoryError if the file cannot be used.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path, timeout=WAIT_S)) as file, file:
            file.executescript(tables)
            file.execute("pragma foreign_keys = on")
            file.execute("begin immediate")
            yield file
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise HistoryError(
            f"nothing can be kept in {path} ({reason}); pass another file as PAPERRAG_CONVERSATIONS"
        ) from error


def corpora_key(corpora: Sequence[Path]) -> str:
    """Return what says which corpora something is kept for, in whatever order they are named."""
    return "\n".join(sorted(str(corpus.resolve()) for corpus in corpora))


def _folded(text: str) -> str:
    return fold(text).lower()


def conversations_file(wanted: str) -> Path:
    """Return where conversations are kept: a path, or "auto" for the user's data folder."""
    if wanted != "auto":
        return Path(wanted).expanduser()
    from platformdirs import user_data_path

    return user_data_path("paperrag", appauthor=False) / FILE_NAME
