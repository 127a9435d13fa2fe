"""Fixtures shared by all tests: the real notes, the sample corpora, the two encoders."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fakes import NgramEncoder
from paper_server import PaperServer, running
from paperrag.encoders.static import BUNDLED, BUNDLED_FOLDER, BUNDLED_STATIC, StaticEncoder
from paperrag.notes.tree import ParsedNote, parse_note
from paperrag.text.decoding import decode

if TYPE_CHECKING:
    from paperrag.assistant import Assistant
    from paperrag.encoders.contextual import ContextualEncoder
    from paperrag.index.milvus.engine import MilvusEngine

REPOSITORY = Path(__file__).parent.parent
REAL_NOTES = REPOSITORY / "corpus" / "notes" / "paper-reading.md"
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "false")  # read when a test first starts a server
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in jobs in the background
SAMPLE_NOTES = sorted((REPOSITORY / "tests" / "data" / "corpora").glob("*/notes/**/*.md"))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not even import a module that is slow as a whole, where slow tests are left out: it may
    load torch or LlamaIndex, which takes longer than all the quick tests of a worker.
    """
    is_left_out = "not slow" in config.option.markexpr and collection_path.suffix == ".py"
    if is_left_out and "\npytestmark = pytest.mark.slow\n" in collection_path.read_text("utf-8"):
        return True
    return None


@pytest.fixture(scope="session", autouse=True)
def no_settings_of_the_developer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A user without settings, indexes and feedback of their own."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
            patch.setenv(name, str(tmp_path_factory.mktemp("user") / name.lower()))
        yield


@pytest.fixture(scope="session")
def real_text() -> str:
    """The real notes, decoded."""
    decoded = decode(REAL_NOTES.read_bytes())
    assert decoded is not None
    return decoded.text


@pytest.fixture(scope="session")
def real_note(real_text: str) -> ParsedNote:
    """The real notes, parsed."""
    return parse_note(real_text, "notes/paper-reading.md")


@pytest.fixture(scope="session")
def real_assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    """An assistant over the real notes, without an LLM."""
    from paperrag.assistant import Assistant

    index = tmp_path_factory.mktemp("real") / "index"
    return Assistant.open(corpus=REPOSITORY / "corpus", index=index)


@pytest.fixture(scope="session")
def bundled_encoder() -> ContextualEncoder:
    """The encoder that ships in the package."""
    from paperrag.encoders.contextual import ContextualEncoder

    return ContextualEncoder(BUNDLED_FOLDER, BUNDLED)


@pytest.fixture(scope="session")
def static_encoder() -> StaticEncoder:
    """Its static part alone."""
    return StaticEncoder(BUNDLED_FOLDER, BUNDLED_STATIC)


@pytest.fixture
def fake_encoder() -> NgramEncoder:
    """The encoder that counts character n-grams."""
    return NgramEncoder()


@pytest.fixture
def lite_uri(tmp_path: Path) -> Iterator[str]:
    """A folder for Milvus Lite, whose server ends with the test and not with the process."""
    yield str(tmp_path / "lite.db")
    from milvus_lite.server_manager import server_manager_instance

    server_manager_instance.release_all()


@pytest.fixture
def milvus(tmp_path: Path, lite_uri: str) -> Iterator[MilvusEngine]:
    """An engine that keeps its index in Milvus Lite."""
    from milvus_engines import milvus_in

    engine = milvus_in(tmp_path)
    yield engine
    engine.tables.close()


@pytest.fixture
def papers() -> Iterator[PaperServer]:
    """A server on this machine that speaks the paper APIs and knows no paper yet."""
    with running([]) as server:
        yield server


@pytest.fixture(autouse=True)
def _every_question_looks_for_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests edit and ask within milliseconds, which no person does."""
    monkeypatch.setattr("paperrag.index.current.LOOK_PAUSE", 0.0)
