"""The index, brought up to date: loaded on first use, built if there is none, and changed notes
taken in where that is quick.

Which files changed is told by `index.changes`, what becomes of them by `index.building`; here is
decided whether to wait for it.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from msgspec import Struct
from msgspec.structs import replace

from paperrag.config import Settings
from paperrag.encoders.contract import Encoder
from paperrag.encoders.static import StaticEncoder
from paperrag.errors import (
    CorpusError,
    IndexCorrupt,
    IndexError_,
    IndexLocked,
    IndexMismatch,
    IndexMissing,
    IndexOutdated,
    IndexUnreachable,
    IndexWriteError,
    PaperRagError,
    RulesOutdated,
)
from paperrag.index.changes import Changes, find_changes
from paperrag.index.engine import Engine, Snapshot
from paperrag.index.manifest import Manifest
from paperrag.index.merging import QUICK_CHUNKS
from paperrag.index.recipe import IndexRecipe
from paperrag.index.reporting import IndexReport
from paperrag.index.steps import EMBEDDED_BYTES_PER_S, READ_BYTES_PER_S
from paperrag.notes.corpus import no_notes
from paperrag.records import Progress

_LOOK_AGAIN_S = 0.2
"""Pause between two looks at whether another process has made the first index. By hand."""

LOOK_PAUSE = 20.0
"""Times as long as a look for changed files took, none is taken again: it costs each question of a
series a twentieth of itself at most, and a person who edits and asks never meets it.
"""

log = logging.getLogger("paperrag")


class IndexStatus(Struct, frozen=True):
    """What is indexed and how far behind the notes it is; `manifest` is None without an index.

    `store`: what keeps the index. `faults`: a sentence for each reason why the notes cannot be
    read or the index not be used with these settings; `is_unreachable`: whether what keeps it does
    not answer. `checked`: whether every byte of it was read and is as it was written. `rebuilding`:
    what there is so far of an index that is put together beside it.
    """

    settings: Settings
    manifest: Manifest | None
    disk_bytes: int
    changed_files: tuple[str, ...]
    removed_files: tuple[str, ...]
    store: str
    faults: tuple[str, ...] = ()
    checked: bool = False
    is_unreachable: bool = False
    rebuilding: Manifest | None = None


class CurrentIndex:
    """The newest index of one corpus. `progress`, if set, is told of long work."""

    def __init__(
        self, settings: Settings, encoder: Encoder, store: Engine, recipe: IndexRecipe
    ) -> None:
        self._settings = settings
        self._encoder = encoder
        self._store = store
        self._recipe = recipe
        self._data: Snapshot | None = None
        self._checked: Manifest | None = None
        self._is_outdated = False
        self._next_look = 0.0
        self.progress: Progress | None = None
        self.answers_outdated = False  # by an index of older rules, as it is

    def as_it_is(self) -> Snapshot:
        """Return the newest index, built only if there is none."""
        self._newest()
        assert self._data is not None  # _newest() sets it or raises
        return self._data

    def refreshed(self, is_changed: bool = False) -> Snapshot:
        """Return the newest index, with changed notes taken in if that takes under `refresh_s`.

        is_changed: a note was written just now, so looked for however short ago one looked.
        """
        if is_changed:
            self._next_look = 0.0
        manifest = self._newest()
        if manifest is not None:
            self._refresh(manifest)
        assert self._data is not None  # _newest() sets it or raises
        if not self._data.manifest.files:
            log.warning("%s", no_notes(self._settings.corpus))
        return self._data

    def catch_up(self) -> IndexReport | None:
        """Take in all that changed, however long that takes; None if nothing did, or if it cannot
        be done now, which is said. An index that is not there is built, one of another version of
        the program anew.
        """
        is_outdated, changes = self.outdated() is not None, None
        try:
            if not is_outdated:
                changes = self._to_take_in(self._store.manifest())
                if changes is None:
                    return None
        except IndexMissing:
            pass
        try:
            return self.build(rebuild=is_outdated, changes=changes)
        except (IndexLocked, IndexWriteError, CorpusError) as error:
            log.warning("%s; tried again at the next change, or in half a minute", error)
            return None

    def build(
        self,
        rebuild: bool = False,
        progress: Progress | None = None,
        allow_empty: bool = False,
        merged_chunks: float = math.inf,
        changes: Changes | None = None,
    ) -> IndexReport:
        """Bring the index up to date, or make it anew; see `build_index` and `rebuild_index`.
        `progress` goes before our own. changes: those that were found just now.
        """
        from paperrag.index.building import build_index  # loads the parser of notes
        from paperrag.index.rebuilding import rebuild_index

        given = (self._settings.corpus, self._store, self._recipe)
        told = progress or self.progress
        if rebuild:
            self._data, report = rebuild_index(*given, told, allow_empty)
        else:
            scanned = changes.scanned if changes else None
            self._data, report = build_index(
                *given, False, told, allow_empty, merged_chunks, scanned
            )
        return report

    def outdated(self) -> IndexOutdated | None:
        """Return what makes the index one of another version of the program, None if nothing
        does.
        """
        try:
            self._recipe.check(self._store.manifest(), self._store.name)
        except IndexOutdated as error:
            return error
        except IndexError_:  # said when it is used
            return None
        return None

    def status(self, check: bool = False) -> IndexStatus:
        """Return what is indexed and which files have changed since. Raises IndexCorrupt, or
        IndexMismatch for another format.

        check: read every byte of the index, which else is only read where it is used.
        """
        manifest, changes = None, None
        faults: list[str] = []
        with _noted(faults, IndexUnreachable), suppress(IndexMissing):
            manifest = self._store.manifest()
        is_unreachable = bool(faults)
        with _noted(faults, CorpusError):
            changes = find_changes(self._settings.corpus, manifest, self._settings.exclude)
        if manifest is not None:
            with _noted(faults, IndexMismatch):
                self._check(manifest)
            if check:
                self._store.check()
        return IndexStatus(
            self._settings,
            manifest,
            disk_bytes=self._store.disk_bytes() if manifest else 0,
            changed_files=tuple(file.source for file in changes.fresh) if changes else (),
            removed_files=changes.removed if changes else tuple(manifest.files if manifest else ()),
            store=self._store.name,
            faults=tuple(faults),
            checked=check and manifest is not None,
            is_unreachable=is_unreachable,
            rebuilding=self._rebuilding(),
        )

    def _rebuilding(self) -> Manifest | None:
        try:
            beside = self._store.beside()
            return beside.manifest() if beside else None
        except IndexError_:
            return None

    def _newest(self) -> Manifest | None:
        """Load the newest index if it is not loaded, and return its manifest; None if it was built
        just now.
        """
        try:
            manifest = self._store.manifest()
        except IndexMissing:
            self._make_first()
            return None
        if manifest is not self._checked:
            self._check(manifest)
            if self._data is None or not _is_of(self._data.manifest, manifest):
                self._data = self._store.load()
            self._checked = manifest
        return manifest

    def _make_first(self) -> None:
        """Build the index; while another process does, wait for that."""
        is_told = False
        while True:
            try:
                return self._take_in()
            except IndexLocked as error:
                if not is_told:
                    log.warning("%s; this goes on then", error)
                is_told = True
                time.sleep(_LOOK_AGAIN_S)

    def _refresh(self, manifest: Manifest) -> None:
        """Take in changed notes if they are small enough to take under a second; else say so."""
        is_to_look = not self._is_outdated and time.monotonic() >= self._next_look
        changes = self._to_take_in(manifest) if is_to_look else None
        if changes is None:
            return
        if self._refresh_time_s(changes) >= self._settings.refresh_s:
            count = len(changes.fresh) + len(changes.removed)
            if manifest.expected_entries is None:  # else said with what is found
                log.warning("%d changed files are not indexed yet; run: paperrag index", count)
            return
        try:
            self._take_in(changes)
        except (IndexLocked, IndexWriteError, IndexCorrupt) as error:
            log.warning("%s; answering from the index as it was", error)

    def _to_take_in(self, manifest: Manifest) -> Changes | None:
        """Return how the notes differ from the index, None if they do not or should not."""
        start = time.monotonic()
        try:
            changes = find_changes(self._settings.corpus, manifest, self._settings.exclude)
        except CorpusError as error:
            log.warning("%s; answering from the index as it was", error)
            return None
        finally:
            end = time.monotonic()
            self._next_look = end + LOOK_PAUSE * (end - start)
        if not (changes.fresh or changes.removed):
            self._save_stamps(changes)
            return None
        if changes.look_like_a_lost_folder:
            log.warning(
                "%d indexed files are gone from %s, %d are there; is a disk not mounted? Answering "
                "from the index as it was; if they are gone for good, run: paperrag index%s",
                len(changes.removed),
                self._settings.corpus,
                len(changes.kept) + len(changes.fresh),
                "" if changes.kept or changes.fresh else " --allow-empty",
            )
            return None
        return changes

    def _save_stamps(self, changes: Changes) -> None:
        if changes.touched:
            try:
                with self._store.lock():
                    manifest = self._store.manifest()
                    if manifest.files.keys() == changes.kept.keys():
                        self._store.commit(replace(manifest, files=changes.kept))
            except IndexError_ as error:
                log.debug("%s; the files are looked at again next time", error)

    def _take_in(self, changes: Changes | None = None) -> None:
        for trouble in self.build(merged_chunks=QUICK_CHUNKS, changes=changes).failed:
            log.warning("%s", trouble)

    def _refresh_time_s(self, changes: Changes) -> float:
        """Estimate the seconds of an update: reading what changed, and embedding what grew."""
        seconds = changes.fresh_bytes / READ_BYTES_PER_S
        return (
            seconds
            if isinstance(self._encoder, StaticEncoder)
            else seconds + changes.added_bytes / EMBEDDED_BYTES_PER_S
        )

    def _check(self, manifest: Manifest) -> None:
        manifest.corpus.check(self._store.place_of(self._settings.corpus), self._store.name)
        self._is_outdated = False
        try:
            self._recipe.check(manifest, self._store.name)
        except RulesOutdated:
            if not self.answers_outdated:
                raise
            self._is_outdated = True


@contextmanager
def _noted(faults: list[str], kind: type[PaperRagError]) -> Iterator[None]:
    """Add what an error of a kind says to the faults instead of raising it."""
    try:
        yield
    except kind as error:
        faults.append(str(error))


def _is_of(loaded: Manifest, manifest: Manifest) -> bool:
    """Whether what is loaded is what a manifest names; one made anew may have an old number."""
    return (loaded.made, loaded.generation) == (manifest.made, manifest.generation)
