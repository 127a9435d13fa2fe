"""The bundled encoder: a small transformer beside the static encoder. The one file that knows
onnxruntime.

The static encoder knows what a text is about, the transformer also reads its tokens in order.
A text's vector is both vectors side by side, weighted so that a cosine is
(1 - CONTEXT_SHARE) * static cosine + CONTEXT_SHARE * contextual cosine.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import FloatArray, Layers, Near
from paperrag.encoders.model_files import folder_fingerprint, folder_stamp, open_rows
from paperrag.encoders.static import TOKENIZER_FILE, WEIGHTS_FILE, StaticEncoder
from paperrag.errors import EncoderError, MissingDependency
from paperrag.records import Span

ROWS_FILE, LAYERS_FILE = "contextual.safetensors", "contextual.onnx"

_STATES = "states"
"""What the third of the six layers gives, (1, tokens with marks, width): there words still say what
they are, and not only what the text is about.
"""

_VECTOR = "vector"

_FILES = (TOKENIZER_FILE, WEIGHTS_FILE, ROWS_FILE, LAYERS_FILE)

KEPT_TEXTS = 1024
"""How many texts' vectors are kept: a question is searched for, quoted for and followed up, and
entries are quoted again.
"""

CONTEXT_SHARE = 0.6
"""Of a cosine. Over 26 tasks of `benchmarks/encoders.py` 0.5, 0.6 and 0.7 have means within 0.004
of each other.
"""


class ContextualEncoder:
    """A model folder with static and contextual weights; see `paperrag.encoders.static.Encoder`.

    folder: a StaticEncoder's, and in it contextual.safetensors (a row for each token and for the
    two marks around a text) and contextual.onnx (the rows of a text -> its vector). static: of the
    same folder, where it is open already. Raises EncoderError if a file is missing,
    MissingDependency without onnxruntime. The layers are opened by a thread while the caller opens
    its index; that they are broken is said when they are first used.
    """

    max_tokens = StaticEncoder.max_tokens

    def __init__(self, folder: Path, name: str, static: StaticEncoder | None = None) -> None:
        self.name = name
        self.folder = folder
        self._static = static or StaticEncoder(folder, name)
        self._layers = _Layers(folder)
        self._read = lru_cache(KEPT_TEXTS)(self._layers.vector)
        self._opened = lru_cache(_open_session)

    @cached_property
    def dimension(self) -> int:
        """Width d of its vectors: the static one's and the layers'. Raises EncoderError if the
        layers are broken.
        """
        return self._static.dimension + self._layers.dimension

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(os.cpu_count() or 1)

    @cached_property
    def fingerprint(self) -> str:
        """sha256 over the digests of all four files; raises EncoderError as `folder_fingerprint`
        does.
        """
        return folder_fingerprint(self.folder, _FILES)

    @property
    def stamp(self) -> str:
        """Changes when its files do; found without reading them."""
        return folder_stamp(self.folder, _FILES)

    def encode_query(self, texts: Sequence[str]) -> FloatArray:
        """Return (n, d) float32 unit rows; questions are read as any other text."""
        return self.encode_document(texts)

    def encode_document(self, texts: Sequence[str]) -> FloatArray:
        """Return (n, d) float32 unit rows; a text without tokens gives a zero row.

        Each text is read alone, by one thread: its vector depends on nothing beside it.
        """
        tokens = self._static.tokenize(texts)
        static = self._static.encode_tokens(tokens)
        contextual = np.zeros((len(texts), self._layers.dimension), dtype=np.float32)
        readable = {
            row: known
            for row, ids in enumerate(tokens)
            if (known := tuple(token for token in ids if token))
        }
        for row, vector in zip(readable, self._read_all(list(readable.values())), strict=True):
            contextual[row] = vector
        return np.hstack(
            [
                static * np.float32((1 - CONTEXT_SHARE) ** 0.5),
                contextual * np.float32(CONTEXT_SHARE**0.5),
            ]
        )

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has."""
        return self._static.count_tokens(texts)

    def token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return each text's token ids, unknown tokens left out."""
        return self._static.token_ids(texts)

    def token_vectors(self, ids: Sequence[int] | npt.NDArray[np.integer]) -> FloatArray:
        """Return the (n, d) float32 static rows of tokens."""
        return self._static.token_vectors(ids)

    def near_tokens(self, ids: Sequence[int], least: float) -> list[Near] | None:
        """Return the tokens near to each of some, None if the folder does not list them."""
        return self._static.near_tokens(ids, least)

    def token_spans(self, text: str) -> tuple[list[int], list[Span]]:
        """Return a text's token ids, unknown tokens left out, and the (start, end) of each."""
        return self._static.token_spans(text)

    def token_states(self, ids: Sequence[int]) -> FloatArray:
        """Return the (t + 2, width) states of one text's tokens, of at most `max_tokens`, in
        context, and of the marks around them.
        """
        return self._layers.states(ids)

    def open_layers(self, path: Path) -> Layers:
        """Return the layers of an ONNX file, opened once. Raises EncoderError if they cannot be
        read.
        """
        layers: Layers = self._opened(path)
        return layers

    def _read_all(self, texts: Sequence[tuple[int, ...]]) -> list[FloatArray]:
        return (
            [self._read(texts[0])] if len(texts) == 1 else list(self._pool.map(self._read, texts))
        )


class _Layers:
    """The layers of a model folder; one text's tokens are read between an opening and a closing
    mark.
    """

    def __init__(self, folder: Path) -> None:
        self._rows = open_rows(folder / ROWS_FILE)
        self._opening = _open_soon(folder / LAYERS_FILE)

    @cached_property
    def dimension(self) -> int:
        """Width of the vectors. Raises EncoderError if the layers are broken."""
        return int(self._opening.result().get_outputs()[0].shape[0])

    def vector(self, tokens: tuple[int, ...]) -> FloatArray:
        """Return the (d,) unit vector of one text."""
        return np.asarray(self._run(tokens, _VECTOR), dtype=np.float32)

    def states(self, tokens: Sequence[int]) -> FloatArray:
        """Return the (t + 2, width) states of one text's tokens and of the marks around them."""
        return np.asarray(self._run(tokens, _STATES)[0], dtype=np.float32)

    def _run(self, tokens: Sequence[int], output: str) -> Any:
        opening, closing = len(self._rows.matrix) - 2, len(self._rows.matrix) - 1
        read = tokens[: StaticEncoder.max_tokens]
        rows = self._rows.take(np.array([opening, *read, closing]))
        session = self._opening.result()
        return session.run([output], {"rows": rows}, _up_to_output())[0]


@lru_cache(maxsize=1)
def _up_to_output() -> Any:
    """Return what keeps a session from layers above the output that is asked for."""
    import onnxruntime

    options = onnxruntime.RunOptions()
    options.only_execute_path_to_fetches = True
    return options


def _open_soon(path: Path) -> Future[Any]:
    """Return a session that a thread is opening. Raises at once what can be told at once."""
    if "onnxruntime" not in sys.modules and find_spec("onnxruntime") is None:
        raise MissingDependency(
            "the bundled encoder needs onnxruntime; run: pip install onnxruntime, or choose "
            "--encoder bundled-static"
        )
    if not path.is_file():
        raise EncoderError(f"cannot read {path}: it is missing; reinstall paperrag")
    pool = ThreadPoolExecutor(1)
    opening = pool.submit(_open_session, path, is_lean=True)
    pool.shutdown(wait=False)
    return opening


def _open_session(path: Path, is_lean: bool = False) -> Any:
    """Return an onnxruntime session that runs a text on one thread. Telemetry is off before the
    library is imported. is_lean: whether a file is run as it stands (`training.lean_layers`).
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    if is_lean:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    try:
        model = path.read_bytes()
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except OSError as error:
        raise EncoderError(f"cannot read {path}: {error.strerror}; reinstall paperrag") from error
    except Exception as error:  # onnxruntime's errors share no base of their own
        told = str(error).strip()
        raise EncoderError(f"cannot read {path}: {told}; reinstall paperrag") from error
