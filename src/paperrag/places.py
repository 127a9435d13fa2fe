"""Where things of a user lie: their settings, and what the program keeps of each of their
corpora.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

LOCAL_CORPUS = Path("corpus")
LOCAL_INDEX = Path("index")
LOCAL_FEEDBACK = Path("feedback.jsonl")
"""What a folder with notes of its own, such as a checkout, is answered from and keeps."""

SETTINGS_FILE = "paperrag.toml"
_SLUG_CHARS = 40


def user_settings() -> Path:
    """Return the file of the user's settings, there or not; `paperrag init` writes it."""
    from platformdirs import user_config_path

    return user_config_path("paperrag", appauthor=False) / SETTINGS_FILE


def home_of(corpus: Path) -> Path:
    """Return the folder in which the index and the feedback of a corpus are kept, there or not.

    It is named for the corpus's real path, so two names of one folder share it.
    """
    from platformdirs import user_data_path

    path = os.path.realpath(corpus.expanduser())
    slug = re.sub(r"[^\w-]+", "-", Path(path).name).strip("-")[:_SLUG_CHARS] or "notes"
    digest = hashlib.sha256(path.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return user_data_path("paperrag", appauthor=False) / "corpora" / f"{slug}-{digest}"


def is_local(corpus: Path) -> bool:
    """Whether a corpus is the one of the folder that one stands in."""
    return os.path.realpath(corpus) == os.path.realpath(LOCAL_CORPUS)


def has_local_notes() -> bool:
    """Whether the folder that one stands in has a corpus of its own, as a checkout has."""
    return os.path.isdir(LOCAL_CORPUS / "notes")  # noqa: PTH112  # False where it may not be seen


def demo_corpus() -> Path:
    """Return the notes that ship with the program; a checkout has them as its corpus."""
    package = Path(__file__).resolve().parent
    shipped = package / "demo"
    return shipped if shipped.is_dir() else package.parent.parent / LOCAL_CORPUS
