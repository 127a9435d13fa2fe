"""Milvus that is damaged, away, comes back or is not to be used as asked; each says what to do."""

from __future__ import annotations

import re
import socket
import subprocess
import sys

import pytest

from milvus_engines import ONE, TWO, milvus_in
from paperrag.config import Settings
from paperrag.errors import (
    ConfigError,
    IndexCorrupt,
    IndexUnreachable,
    MissingDependency,
)
from paperrag.index.milvus import client, connection
from paperrag.index.milvus.client import MilvusTables
from paperrag.index.milvus.engine import MilvusEngine
from paperrag.wiring.engines import open_engine
from test_engine import found, texts, write
from workbench import environment

pytest.importorskip("pymilvus", reason="Milvus needs pymilvus")

MILVUS = {"store": "milvus", "milvus_uri": "lite.db"}


@pytest.mark.slow
def test_rows_that_were_altered_are_noticed(milvus, tmp_path):
    write(milvus, ONE)
    milvus.check()
    (row,) = milvus.tables.rows("chunks", "chunk == 0", ["*"])
    row.pop("corpus")
    altered = {**row, "id": "1/0", "terms": row["terms"][::-1]}
    milvus.tables.upsert("chunks", [altered])
    with pytest.raises(IndexCorrupt, match="chunk 0 is not as written; run: paperrag index"):
        found(milvus_in(tmp_path).load(), "one", 3)
    with pytest.raises(IndexCorrupt, match="chunk 0 is not as written"):
        milvus.check()


def test_a_server_that_is_not_there_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(connection, "RETRY_PAUSES_S", (0.01, 0.01))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = Settings(
        corpus=tmp_path,
        index=tmp_path,
        store="milvus",
        milvus_uri=f"http://a:secret@127.0.0.1:{port}",
    )
    with pytest.raises(IndexUnreachable) as caught:
        open_engine(settings).manifest()
    told = str(caught.value)
    assert told.startswith(f"Milvus at http://127.0.0.1:{port} gave an error or no answer (Fail")
    assert "secret" not in told and told.endswith("then run the same again")


@pytest.mark.slow
def test_a_server_that_comes_back_is_found_again(tmp_path, monkeypatch):
    from milvus_lite.server_manager import ServerManager

    servers, folder = ServerManager(), str(tmp_path / "lite.db")
    tables = MilvusTables(str(servers.start_and_get_uri(folder)), "", "notes", "made up")
    tables.is_embedded = True  # as to what it can do
    one = tables._connection
    monkeypatch.setattr(one, "_address", lambda: one.uri)
    tables.create()
    pauses: list[float] = []

    def waits(pause: float) -> None:
        pauses.append(pause)
        monkeypatch.setattr(one, "uri", str(servers.start_and_get_uri(folder)))

    monkeypatch.setattr("paperrag.index.milvus.connection.time.sleep", waits)
    servers.release_all()
    assert tables.rows("parts", "row == 0", ["id"]) == []
    assert pauses == [0.25]
    tables.close()
    servers.release_all()


@pytest.mark.slow
def test_a_server_that_goes_while_it_is_written_to_leaves_the_old_index(tmp_path, monkeypatch):
    from milvus_lite.server_manager import ServerManager

    servers, folder = ServerManager(), str(tmp_path / "lite.db")
    monkeypatch.setattr(connection, "RETRY_PAUSES_S", (0.01,))
    monkeypatch.setitem(client._PATIENT, "timeout", 1.0)
    served = MilvusTables(str(servers.start_and_get_uri(folder)), "", "notes", "made up")
    served.is_embedded = True  # as to what it can do
    one = served._connection
    monkeypatch.setattr(one, "_address", lambda: one.uri)
    milvus = MilvusEngine(tmp_path / "index", served)
    write(milvus, ONE)
    upsert = served.upsert

    def goes(table: str, rows: list) -> None:
        if table == "chunks":
            servers.release_all()
        upsert(table, rows)

    monkeypatch.setattr(served, "upsert", goes)
    with pytest.raises(IndexUnreachable, match="what is there is as it was"):
        write(milvus, TWO)
    monkeypatch.setattr(served, "upsert", upsert)
    served.close()
    one.uri = str(servers.start_and_get_uri(folder))
    assert texts(milvus.load()) == ["- 甲 one"]
    write(milvus, TWO)
    assert texts(milvus.load()) == ["- 甲 one", "- 乙 two"]
    assert served.count("chunks", "segment >= 0") == 2
    served.close()
    servers.release_all()


def test_milvus_that_is_not_installed_is_named_with_what_to_run(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    with pytest.raises(MissingDependency, match=r"pip install .*\[milvus\]"):
        milvus_in(tmp_path).manifest()


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"store": "cloud"}, "store: expected 'local' or 'milvus', got 'cloud'"),
        ({"store": "milvus"}, "milvus_uri: store = 'milvus' needs to know where Milvus is"),
        ({**MILVUS, "milvus_collection": "my-notes"}, "milvus_collection: expected up to 200 of"),
        (
            {**MILVUS, "milvus_corpus": "甲" * 67},
            "milvus_corpus: expected 200 bytes at most, got 201",
        ),
        ({**MILVUS, "milvus_uri": "lite"}, "milvus_uri: expected http://HOST:PORT, or a folder"),
    ],
)
def test_settings_that_cannot_be_used_are_named(settings, told):
    with pytest.raises(ConfigError, match=re.escape(told)):
        open_engine(Settings(**settings)).manifest()


BESIDE = """
import subprocess, sys
from paperrag.index.milvus.client import MilvusTables
tables = MilvusTables(sys.argv[1], "", "notes", "made up")
tables.create()
for _ in range(9):
    subprocess.run([sys.executable, "-c", ""], check=True, preexec_fn=lambda: None)
tables.close()
"""


@pytest.mark.slow
def test_programs_that_are_started_beside_milvus_hear_nothing_of_grpc(tmp_path):
    unset = environment()
    unset.pop("GRPC_ENABLE_FORK_SUPPORT")
    started = subprocess.run(
        [sys.executable, "-c", BESIDE, str(tmp_path / "lite.db")],
        env=unset, capture_output=True, encoding="utf-8", timeout=120,
    )  # fmt: skip
    assert (started.returncode, started.stderr) == (0, "")
