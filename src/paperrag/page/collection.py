"""What a reader collects: entries and answers with a star, kept in the file of the conversations,
each corpus its own. Knows no HTML.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Literal

from msgspec import Struct

from paperrag.page.conversations import corpora_key, open_kept

StarKind = Literal["entry", "answer"]

_TABLES = """
create table if not exists stars (
  corpus text not null, kind text not null, id text not null, title text not null,
  body text not null, added real not null, primary key (corpus, kind, id));
"""


class Star(Struct, frozen=True):
    """Something collected. `id`: an entry's, or CONVERSATION/TURN; `body`: what is kept of it, so
    that it stays when that is gone.
    """

    kind: StarKind
    id: str
    title: str
    body: str = ""


class Collection:
    """The stars of one corpus, or of several together. Every method raises HistoryError if the file
    cannot be used.
    """

    def __init__(self, file: Path, *corpora: Path) -> None:
        self._file = file
        self._corpus = corpora_key(corpora)

    def add(self, star: Star) -> None:
        """Collect something; what is collected already stays where it is."""
        row = (self._corpus, star.kind, star.id, star.title, star.body, time.time())
        with open_kept(self._file, _TABLES) as file:
            file.execute("insert or ignore into stars values (?, ?, ?, ?, ?, ?)", row)

    def remove(self, kind: str, star_id: str) -> None:
        """Take a star away."""
        query = "delete from stars where corpus = ? and kind = ? and id = ?"
        with open_kept(self._file, _TABLES) as file:
            file.execute(query, (self._corpus, kind, star_id))

    def all(self) -> list[Star]:
        """Return everything collected, the newest first."""
        query = "select kind, id, title, body from stars where corpus = ? order by added desc"
        with open_kept(self._file, _TABLES) as file:
            rows = file.execute(query, (self._corpus,)).fetchall()
        return [Star(*row) for row in rows]
