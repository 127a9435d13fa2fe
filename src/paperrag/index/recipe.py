"""What decides, apart from the corpus, what an index holds. Loads no parser of notes."""

from __future__ import annotations

from msgspec import Struct

from paperrag.encoders.contract import Encoder
from paperrag.encoders.static import BUNDLED, BUNDLED_STATIC
from paperrag.errors import IndexMismatch, IndexOutdated, RulesOutdated
from paperrag.index.lexical import TOKENIZER
from paperrag.index.manifest import Manifest
from paperrag.notes.chunking import CHUNKING
from paperrag.notes.rules import NOTE_RULES


class IndexRecipe(Struct, frozen=True):
    """Everything that decides what an index holds, apart from the corpus."""

    encoder: Encoder
    chunk_tokens: int
    exclude: tuple[str, ...] = ()

    def check(self, manifest: Manifest, index: str) -> None:
        """Raise IndexMismatch, naming both values, if the manifest was made by another recipe;
        IndexOutdated or RulesOutdated if it was by another version of the program.
        """
        is_ours = self.encoder.name in (BUNDLED, BUNDLED_STATIC)
        content = IndexOutdated if is_ours else IndexMismatch
        built_with, ours = manifest.encoder_fingerprint[:12], self._fingerprint(manifest)
        pairs: tuple[tuple[type[IndexMismatch], str, object, object], ...] = (
            (IndexMismatch, "encoder", manifest.encoder, self.encoder.name),
            (content, "encoder content", built_with, ours),
            (IndexMismatch, "dimension", manifest.dimension, self.encoder.dimension),
            (IndexMismatch, "chunk_tokens", manifest.chunk_tokens, self.chunk_tokens),
            (RulesOutdated, "note rules", manifest.note_rules, NOTE_RULES),
            (RulesOutdated, "chunking", manifest.chunking, CHUNKING),
            (RulesOutdated, "word rules", manifest.tokenizer, TOKENIZER),
        )
        for kind, what, built, wanted in pairs:
            if built != wanted:
                raise kind(
                    f"{index} was built with {what} {built!r}, settings ask for {wanted!r}; run: "
                    f"paperrag index --rebuild"
                )

    @property
    def encoder_stamp(self) -> str:
        """The stamp of the encoder's files, "" if it has none."""
        return str(getattr(self.encoder, "stamp", ""))

    def _fingerprint(self, manifest: Manifest) -> str:
        """Return the head of the encoder's fingerprint; its files are read only if they are not
        those that the index was built with.
        """
        is_same = manifest.encoder_stamp and manifest.encoder_stamp == self.encoder_stamp
        return (manifest.encoder_fingerprint if is_same else self.encoder.fingerprint)[:12]


def package_version() -> str:
    """Return the installed version of paperrag, or "0+source" when run from a source tree."""
    from importlib.metadata import PackageNotFoundError, version  # 0.02 s that a question needs not

    try:
        return version("paperrag")
    except PackageNotFoundError:
        return "0+source"
