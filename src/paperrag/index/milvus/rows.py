"""Rows of an index <-> rows of Milvus: chunks, the texts of entries and works, and all the rest.

    chunks   a row each: vector, words, scalars to filter by; its terms and tokens, packed
    parts    a row for each entry and work, readable by anyone; and, in pieces, one file of arrays
             with the columns, ids and titles, which readers keep on their own disk

Terms and tokens are packed in records of 9 and 3 bytes, so that the base64 of one row after another
is the base64 of them all. A CRC for each row, kept in the arrays, tells one that is not as written.
"""

from __future__ import annotations

import hashlib
import io
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import FloatArray
from paperrag.errors import IndexWriteError
from paperrag.index.arrays import offsets, write_arrays
from paperrag.index.late import TokenLists
from paperrag.index.lexical import Postings, length_norms, saturation
from paperrag.index.lines import read_section, read_work
from paperrag.index.milvus.schema import TEXT_BYTES, Row
from paperrag.index.rows import Rows
from paperrag.index.segment import arrays_of

TERM = np.dtype([("term", "<u8"), ("count", "u1")])
TERM_CHARS, TOKEN_CHARS = 12, 4
"""Length of one term and one token in base64."""

PIECE_CHARS = TEXT_BYTES // 4
"""A character takes 4 bytes at most."""

PIECE_BYTES = TEXT_BYTES // 4 * 3

MEAN_WORDS = 40.0
"""Length that the weights in Milvus take for the mean one: it must not change with the notes. Those
that it puts forward are weighed again, by the mean of the time."""

REMOTE_TEXTS = ("line", "work")
"""Texts that stay in Milvus and are read one by one: what entries and works say."""

_LEFT_OUT = {
    *("posting_row", "posting_count", "term_starts", "token", "token_starts"),
    *(f"{name}_{part}" for name in REMOTE_TEXTS for part in ("text", "blocks", "starts", "sample")),
}

_WORD_SPACE = 2**32 - 2
NO_WORD = 0
"""Stands in the words of a chunk that has none, for Milvus takes no empty ones."""


class Packed(NamedTuple):
    """What a chunk holds, as Milvus keeps it."""

    dense: FloatArray
    terms: str
    tokens: str
    own_tokens: int

    @property
    def crc(self) -> int:
        """What tells it from any other."""
        told = f"{self.terms} {self.tokens} {self.own_tokens}".encode()
        return zlib.crc32(np.ascontiguousarray(self.dense, "<f4").tobytes(), zlib.crc32(told))


def word_id(terms: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return the numbers of terms in Milvus's vectors of words, which are of 32 bits."""
    return (terms >> np.uint64(32)) % np.uint64(_WORD_SPACE) + np.uint64(1)


def packed_rows(rows: Rows) -> list[Packed]:
    """Return what each chunk holds."""
    terms = _packed_terms(rows.postings, len(rows.vectors))
    tokens, own = _packed_tokens(rows.tokens, len(rows.vectors))
    packed = zip(rows.vectors, terms, tokens, own, strict=True)
    return [Packed(*one) for one in packed]


def _packed_terms(postings: Postings, count: int) -> list[str]:
    order = np.argsort(postings.rows, kind="stable")
    records = np.empty(len(order), TERM)
    records["term"], records["count"] = postings.terms[order], postings.counts[order]
    starts = offsets(np.bincount(postings.rows, minlength=count))
    return _cut(b64encode(records.tobytes()).decode(), starts * TERM_CHARS)


def _packed_tokens(lists: TokenLists | None, count: int) -> tuple[list[str], list[int]]:
    if lists is None:
        return [""] * count, [0] * count
    data = lists.tokens.astype("<u4").view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    own = np.diff(lists.starts)[::2].tolist()
    return _cut(b64encode(data).decode(), lists.starts[::2] * TOKEN_CHARS), own


def _cut(text: str, starts: npt.NDArray[np.int64]) -> list[str]:
    return [text[start:end] for start, end in pairwise(starts.tolist())]


def unpacked_terms(packed: Sequence[str]) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
    """Return the (term, count) records of some chunks, and which of the chunks each is of."""
    records = np.frombuffer(b64decode("".join(packed)), TERM)
    lengths = [len(one) // TERM_CHARS for one in packed]
    return records, np.repeat(np.arange(len(packed)), lengths)


def unpacked_tokens(packed: Sequence[str], own: Sequence[int]) -> TokenLists:
    """Return the token lists of some chunks."""
    data = np.frombuffer(b64decode("".join(packed)), np.uint8).reshape(-1, 3)
    tokens = np.zeros((len(data), 4), np.uint8)
    tokens[:, :3] = data
    whole = np.array([len(one) // TOKEN_CHARS for one in packed], dtype=np.int64)
    of_own = np.array(own, dtype=np.int64)
    lengths = np.stack([of_own, whole - of_own], axis=1).ravel()
    return TokenLists(tokens.view("<u4").ravel().astype(np.int32), offsets(lengths))


# --- writing ------------------------------------------------------------------------------------


def chunk_rows(rows: Rows, packed: Sequence[Packed], segment: int) -> Iterator[Row]:
    """Yield the rows of chunks. Raises IndexWriteError for one that holds too much."""
    scalars = _scalars(rows)
    words = _words(rows)
    for chunk, (one, entry) in enumerate(
        zip(packed, rows.columns["chunk_entry"].tolist(), strict=True)
    ):
        if max(len(one.terms), len(one.tokens)) > TEXT_BYTES:
            raise IndexWriteError(
                f"{scalars['source'][entry]}: a passage of {len(one.terms) // TERM_CHARS} different "
                f"words is more than Milvus keeps in a row; shorten the fields of that entry"
            )
        yield {
            "id": f"{segment}/{chunk}",
            "segment": segment,
            "chunk": chunk,
            "entry": entry,
            **{name: values[entry] for name, values in scalars.items()},
            **{"dense": one.dense, "words": words[chunk]},
            **{"terms": one.terms, "tokens": one.tokens, "own_tokens": one.own_tokens},
        }


def _scalars(rows: Rows) -> dict[str, list[Any]]:
    """Return what chunks can be filtered by, by entry."""
    plain = ("kind", "language", "part", "year", "is_unread", "has_code", "is_awarded")
    scalars = {name: rows.columns[name].tolist() for name in plain}
    venues = [*rows.venues, ""]  # number -1 is the last
    scalars["venue"] = [venues[number] for number in rows.columns["work_venue"].tolist()]
    sources = [read_section(line)[0] for line in rows.texts["section"].all()]
    scalars["source"] = [sources[number] for number in rows.columns["section_number"].tolist()]
    return scalars


def _words(rows: Rows) -> list[dict[int, float]]:
    """Return the weights of each chunk's words."""
    postings = rows.postings
    order = np.argsort(postings.rows, kind="stable")
    of_rows = postings.rows[order]
    norms = length_norms(rows.columns["chunk_words"], MEAN_WORDS)[of_rows]
    weights = saturation(postings.counts[order], norms).tolist()
    ids = word_id(postings.terms[order]).tolist()
    starts = offsets(np.bincount(of_rows, minlength=len(rows.vectors))).tolist()
    return [
        dict(zip(ids[a:b], weights[a:b], strict=True)) or {NO_WORD: 1.0}
        for a, b in pairwise(starts)
    ]


def text_rows(rows: Rows, segment: int) -> Iterator[Row]:
    """Yield the rows of entries and works."""
    ids = rows.texts["id"].all()
    works = rows.texts["work"].all()
    names = {"line": ids, "work": [read_work(line, "").id for line in works]}
    for kind, texts in (("line", rows.texts["line"].all()), ("work", works)):
        for row, (name, text) in enumerate(zip(names[kind], texts, strict=True)):
            yield from part_rows(kind, segment, row, text, name)


def arrays_file(rows: Rows, packed: Sequence[Packed]) -> tuple[bytes, str]:
    """Return the file of all that is not a row of its own, and its seal."""
    arrays = arrays_of(rows)
    arrays["width"] = np.array([rows.vectors.shape[1]])
    arrays["term_rows"] = np.diff(rows.postings.vocabulary()[1])
    arrays["chunk_crc"] = np.array([one.crc for one in packed], dtype=np.uint32)
    for name in REMOTE_TEXTS:
        crcs = [zlib.crc32(text.encode()) for text in rows.texts[name].all()]
        arrays[f"{name}_crc"] = np.array(crcs, dtype=np.uint32)
    file = io.BytesIO()
    seal = write_arrays(file, {n: one for n, one in arrays.items() if n not in _LEFT_OUT})
    return file.getvalue(), seal


def array_rows(data: bytes, segment: int) -> Iterator[Row]:
    """Yield a file of arrays in pieces."""
    for row, start in enumerate(range(0, len(data), PIECE_BYTES)):
        piece = b64encode(data[start : start + PIECE_BYTES]).decode()
        yield from part_rows("arrays", segment, row, piece)


def array_ids(segment: int, count: int) -> list[str]:
    """Return the ids of the rows that a file of arrays of so many bytes is in."""
    return [f"arrays/{segment}/{row}/0" for row in range(-(-count // PIECE_BYTES))]


def part_rows(kind: str, segment: int, row: int, text: str, name: str = "") -> Iterator[Row]:
    """Yield a text in as many rows as it takes; name: what it is called, cut where too long."""
    step = TEXT_BYTES if text.isascii() else PIECE_CHARS
    for piece, start in enumerate(range(0, max(len(text), 1), step)):
        yield {
            "id": f"{kind}/{segment}/{row}/{piece}",
            **{"kind": kind, "segment": segment, "row": row, "piece": piece},
            "name": name[:PIECE_CHARS],
            "text": text[start : start + step],
            "unused": [0.0, 0.0],
        }


def whole_texts(found: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    """Return texts by row, put together from the rows of their pieces."""
    texts: dict[int, str] = {}
    for one in sorted(found, key=lambda one: (one["row"], one["piece"])):
        texts[one["row"]] = texts.get(one["row"], "") + one["text"]
    return texts


def array_bytes(found: Sequence[Mapping[str, Any]]) -> bytes:
    """Return the file of arrays that some rows hold."""
    return b"".join(b64decode(text) for _, text in sorted(whole_texts(found).items()))


def digest(text: str) -> str:
    """Return a short name for a text of any length."""
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
