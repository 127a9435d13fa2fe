"""Fixtures shared by all tests: the real notes, the sample corpora, the two encoders."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from fakes import NgramEncoder
from paper_server import PaperServer, running
from paperrag.encoders.contextual import ContextualEncoder
from paperrag.encoders.static import BUNDLED, BUNDLED_FOLDER, BUNDLED_STATIC, StaticEncoder
from paperrag.notes.tree import ParsedNote, parse_note
from paperrag.text.decoding import decode

REPOSITORY = Path(__file__).parent.parent
REAL_NOTES = REPOSITORY / "corpus" / "notes" / "paper-reading.md"
SAMPLE_NOTES = sorted((REPOSITORY / "tests" / "data" / "corpora").glob("*/notes/**/*.md"))

# The same examples in every run: a failure is somebody's change, never luck.
settings.register_profile(
    "paperrag",
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("paperrag")


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
def bundled_encoder() -> ContextualEncoder:
    """The encoder that ships in the package."""
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
def papers() -> Iterator[PaperServer]:
    """A server on this machine that speaks the paper APIs and knows no paper yet."""
    with running([]) as server:
        yield server
