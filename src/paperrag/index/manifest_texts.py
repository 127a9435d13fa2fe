"""Manifest <-> JSON: a text of the index itself, one of each file and one of each segment.

A seal over all of them tells whether some were altered, or belong to another version. Knows no
place where they are kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from itertools import chain
from typing import Any

from msgspec import Struct
from msgspec.json import Decoder, encode
from msgspec.structs import replace

from paperrag.index.manifest import FileRecord, Manifest, SegmentRecord

_MANIFEST, _FILE, _SEGMENT = Decoder(Manifest), Decoder(FileRecord), Decoder(SegmentRecord)


class ManifestTexts(Struct, frozen=True):
    """What a manifest says, in JSON: of the index, of its files by source, its segments by
    number.
    """

    about: str
    files: Mapping[str, str]
    segments: Mapping[int, str]

    @classmethod
    def of(cls, manifest: Manifest) -> ManifestTexts:
        """Return the texts of a manifest."""
        return cls(
            _text(replace(manifest, files={}, segments={})),
            {source: _text(record) for source, record in manifest.files.items()},
            {number: _text(record) for number, record in manifest.segments.items()},
        )

    @property
    def seal(self) -> str:
        """What tells these texts from any others."""
        segments = ((str(number), text) for number, text in sorted(self.segments.items()))
        said = (self.about, *chain(*sorted(self.files.items()), *segments))
        return hashlib.sha256("\0".join(said).encode()).hexdigest()  # none of them holds a NUL

    def manifest(self, seal: str) -> Manifest:
        """Return the manifest. Raises ValueError for texts that were not sealed so."""
        if seal != self.seal:
            raise ValueError("its seal does not fit")
        return replace(
            _MANIFEST.decode(self.about),
            files={source: _FILE.decode(text) for source, text in self.files.items()},
            segments={number: _SEGMENT.decode(text) for number, text in self.segments.items()},
        )


def _text(record: Any) -> str:
    return encode(record).decode()
