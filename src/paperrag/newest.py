"""The newest index of a corpus, and what finds entries in it: made once for each generation, read
with the encoder that the index was built with.
"""

from __future__ import annotations

from paperrag.config import Settings
from paperrag.encoders.contract import Encoder
from paperrag.encoders.static import BUNDLED, BUNDLED_STATIC
from paperrag.errors import IndexOutdated, PaperRagError
from paperrag.index.current import CurrentIndex
from paperrag.index.engine import Engine, Snapshot
from paperrag.index.recipe import IndexRecipe
from paperrag.index.reporting import IndexReport
from paperrag.search.retrieval import Retriever
from paperrag.search.similar import EntryVectors
from paperrag.wiring.encoders import (
    can_grow,
    encoder_of_index,
    facet_reader,
    is_quick_at_first,
    load_encoder,
)
from paperrag.wiring.engines import make_recipe


class NewestIndex:
    """Finds entries in the index as it is now. Not safe in two threads at once."""

    def __init__(
        self, settings: Settings, encoder: Encoder, store: Engine, recipe: IndexRecipe
    ) -> None:
        self._settings, self._encoder, self.store = settings, encoder, store
        self.current = CurrentIndex(settings, encoder, store, recipe)
        self._retriever: Retriever | None = None
        self._vectors: EntryVectors | None = None

    def retriever(self) -> Retriever:
        """Return a retriever over the newest index, built or brought up to date if that is
        quick.
        """
        return self._over(self.to_change().refreshed())

    def as_it_is(self) -> Retriever:
        """Return a retriever over the newest index as it is."""
        return self._over(self.data())

    def data(self) -> Snapshot:
        """Return the newest index as it is, built only if there is none."""
        return self.to_change().as_it_is()

    def to_change(self) -> CurrentIndex:
        """Return what brings the index up to date, with the encoder that it was built with."""
        self._keep_to_encoder_of_index()
        return self.current

    def take_in(self) -> bool:
        """Take in what was written just now if that is quick; return whether all notes are
        searched now.
        """
        try:
            self._over(self.to_change().refreshed(is_changed=True))
            status = self.current.status()
        except PaperRagError:
            return False
        return not (status.changed_files or status.removed_files)

    def catch_up(self) -> IndexReport | None:
        """Take in all that changed, however long that takes; None if nothing did, or if it cannot
        be done now, which is said. An index of another version of the program is built anew.
        """
        return self.to_change().catch_up()

    def outdated(self) -> IndexOutdated | None:
        """Return what makes the index one of another version of the program, None if nothing
        does.
        """
        return self.current.outdated()

    def answer_from_outdated(self) -> None:
        """Answer from an index of older rules as it is, until it is built anew; else it is
        refused.
        """
        self.current.answers_outdated = True

    def is_quick_at_first(self) -> bool:
        """Return whether there is no index yet and the whole one should not be waited for."""
        return is_quick_at_first(self._settings, self.store)

    def can_grow(self) -> bool:
        """Return whether the index is such a quick one, which the whole one should follow."""
        return can_grow(self._settings, self.store)

    def vectors(self) -> EntryVectors:
        """Return the entry vectors of the newest index as it is."""
        data, vectors = self.data(), self._vectors
        if vectors is None or vectors.data is not data:
            self._vectors = vectors = EntryVectors(data)
        return vectors

    def _keep_to_encoder_of_index(self) -> None:
        """Go over to the other bundled encoder where a rebuild took it and the settings leave it
        open.
        """
        name = encoder_of_index(self._settings, self.store)
        is_bundled = self._encoder.name in (BUNDLED, BUNDLED_STATIC)
        if name is None or name == self._encoder.name or not is_bundled:
            return
        before, self._encoder = self.current, load_encoder(name)
        recipe = make_recipe(self._settings, self._encoder)
        self.current = CurrentIndex(self._settings, self._encoder, self.store, recipe)
        self.current.progress = before.progress
        self.current.answers_outdated = before.answers_outdated

    def _over(self, data: Snapshot) -> Retriever:
        if self._retriever is None or self._retriever.data is not data:
            self._retriever = Retriever(data, self._encoder, facet_reader().read)
        return self._retriever
