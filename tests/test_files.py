from __future__ import annotations

import os
from pathlib import Path

import pytest

from paperrag.files import write_whole


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_file_and_folder_are_made_and_replaced(tmp_path: Path):
    path = tmp_path / "笔记" / "a.md"
    write_whole(path, "一".encode())
    write_whole(path, b"two")
    assert (path.read_bytes(), names(path.parent)) == (b"two", ["a.md"])


def test_a_link_stays_a_link(tmp_path: Path):
    (tmp_path / "kept.toml").write_bytes(b"old")
    (tmp_path / "linked.toml").symlink_to("kept.toml")
    write_whole(tmp_path / "linked.toml", b"new")
    assert (tmp_path / "linked.toml").is_symlink()
    assert (tmp_path / "kept.toml").read_bytes() == b"new"


def test_what_a_killed_run_left_is_written_over_and_permissions_stay(tmp_path: Path):
    path = tmp_path / "a.md"
    path.write_bytes(b"old")
    path.chmod(0o640)
    (tmp_path / ".a.md.new").write_bytes(b"half")
    write_whole(path, b"new")
    assert (path.read_bytes(), names(tmp_path)) == (b"new", ["a.md"])
    assert path.stat().st_mode & 0o777 == 0o640


def test_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch):
    path = tmp_path / "a.md"
    write_whole(path, b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, b"new")
    assert (path.read_bytes(), names(tmp_path)) == (b"old", ["a.md"])
