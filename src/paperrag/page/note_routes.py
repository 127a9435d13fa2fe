"""What the page's script asks of note files: to read one to be edited, save, rename, delete and
restore it, to add notes, and to show the vault's pictures.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response

from paperrag.errors import PaperRagError
from paperrag.notes.adding import add_notes, name_of_note
from paperrag.notes.uploads import NewNote, notes_of_upload
from paperrag.page.corpora import Corpora, Corpus
from paperrag.page.editing import NoteChanged, NoteFiles
from paperrag.page.given import Given
from paperrag.page.note_names import PICTURES, Pictures
from paperrag.page.notes_html import added_html, searched_html
from paperrag.page.refusals import in_words
from paperrag.page.render import esc
from paperrag.page.strings import say
from paperrag.records import Language

NEVER_KEPT = {"Cache-Control": "no-store"}

_PICTURE_HEADERS = {
    "Cache-Control": "private, max-age=60",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
}
"""A picture opened by itself runs nothing, also where it is an SVG with scripts."""


class NoteDesk:
    """Changes of note files as the page shows them. Every method raises PaperRagError."""

    def __init__(self, corpora: Corpora) -> None:
        self._corpora = corpora

    def source(self, given: Given) -> dict[str, Any]:
        """Return a note to be edited."""
        one, source = self._corpora.find(given.text("source"))
        note = NoteFiles(one.assistant).read(source)
        return {"text": note.text, "stamp": note.stamp}

    def save(self, given: Given) -> dict[str, Any]:
        """Save a note; one that was changed meanwhile comes back as it is on disk now."""
        one, source = self._corpora.find(given.text("source"))
        files = NoteFiles(one.assistant)
        try:
            note = files.save(source, given.text("text"), given.text("stamp"))
        except NoteChanged:
            theirs = files.read(source)
            return {"conflict": True, "text": theirs.text, "stamp": theirs.stamp}
        return {"stamp": note.stamp, "said": _said(one, "note_saved", "", given.language)}

    def rename(self, given: Given) -> dict[str, Any]:
        """Rename a note; it stays in its collection."""
        one, source = self._corpora.find(given.text("source"))
        wanted = given.text("name").removeprefix(one.naming.called(""))
        name = one.naming.called(NoteFiles(one.assistant).rename(source, wanted))
        return {"source": name, "said": _said(one, "note_renamed", name, given.language)}

    def delete(self, given: Given) -> dict[str, Any]:
        """Move a note into the trash; what it says can take it back."""
        source = given.text("source")
        one, inside = self._corpora.find(source)
        lying = NoteFiles(one.assistant).trash(inside)
        undo = (
            f'<button class="pr-quiet" data-act="restore-note" data-source="{esc(source)}"'
            f' data-lying="{esc(lying)}">{say(given.language, "undo")}</button>'
        )
        return {"said": _said(one, "note_deleted", source, given.language) + undo}

    def restore(self, given: Given) -> dict[str, Any]:
        """Take a note out of the trash."""
        source = given.text("source")
        one, inside = self._corpora.find(source)
        NoteFiles(one.assistant).restore(given.text("lying"), inside)
        return {"source": source, "said": _said(one, "note_restored", source, given.language)}

    def add(self, given: Given, data: bytes) -> dict[str, Any]:
        """Add a note that was pasted, or a file, Markdown or a zip of it, to the collection that is
        given, else to the first.
        """
        one = self._corpora.named(given.text("collection"))[0]
        name = given.text("name")
        is_pasted = given.holds("pasted")
        notes, refused = ([_pasted(name, data)], []) if is_pasted else notes_of_upload(name, data)
        result = add_notes(one.folder, notes, replace=given.text("replace") == "yes")
        html = added_html(result, refused, given.language, one.naming.called)
        is_written = bool(result.added or result.replaced)
        if is_written:
            html += searched_html(one.assistant.newest.take_in(), given.language)
        return {"html": html, "written": is_written, "conflict": bool(result.conflicts)}


def _pasted(name: str, data: bytes) -> NewNote:
    stem = name.strip() or name_of_note(data.decode(errors="replace"))
    return NewNote(stem if "." in stem.rsplit("/", 1)[-1] else f"{stem}.md", data)


def _said(one: Corpus, key: str, name: str, language: Language) -> str:
    return f"{esc(say(language, key, name=name))} {searched_html(one.assistant.newest.take_in(), language)}"


def adding(desk: NoteDesk) -> Callable[[Request], Any]:
    """Return what takes a file as the body of a request."""

    async def answer(request: Request) -> Response:
        given, data = Given(request.query_params), await request.body()
        try:
            added = await run_in_threadpool(desk.add, given, data)
        except PaperRagError as error:
            return refused(error, given.language)
        return JSONResponse(added, headers=NEVER_KEPT)

    return answer


def refused(error: PaperRagError, language: Language) -> Response:
    """Return a refusal as the page's script reads it: an answer like others, for browsers log what
    has the status of an error as a fault of the page.
    """
    return JSONResponse({"refused": in_words(error, language)}, headers=NEVER_KEPT)


def pictures(corpora: Corpora) -> Callable[[Request], Response]:
    """Return what shows a picture of the vault, and nothing else."""

    def answer(request: Request) -> Response:
        given = Given(request.query_params)
        one, note = corpora.find(given.text("note"))
        path = Pictures(one.folder, note).find(given.text("path"))
        if path is None:
            return PlainTextResponse("the notes hold no such picture", 404)
        kind = PICTURES[path.suffix.lower()]
        return FileResponse(path, media_type=kind, headers=_PICTURE_HEADERS)

    return answer
