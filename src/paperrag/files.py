"""A file written whole or not at all."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def write_whole(path: Path, data: bytes | memoryview) -> None:
    """Write a file in the place of what is there, by one rename; its folder is made if need be.

    A reader sees the old bytes or the new ones, also after a kill; a link stays one, and so do
    permissions. Raises OSError, and leaves the old file as it was.
    """
    path = path.resolve()
    temporary = path.with_name(f".{path.name}.new")  # one name: what a kill left is written over
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(data)
        if path.exists():
            shutil.copymode(path, temporary)
        os.replace(temporary, path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
