from __future__ import annotations

import gc
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from app_corpus import open_pets
from paperrag.assistant import Assistant
from paperrag.cli import main
from paperrag.errors import MissingDependency, ServeError
from paperrag.llm.servers import is_loopback
from paperrag.page.serving import (
    ServeOptions,
    _no_garbage,
    cannot_serve,
    credentials,
    first_port,
    serve,
    what_is_served,
)


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("127.1.2.3", True), ("::1", True), ("localhost", True)],
)
def test_loopback_hosts(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "lab.example", ""])
def test_other_hosts_demand_a_password(host: str) -> None:
    assert not is_loopback(host)
    with pytest.raises(ServeError, match="--auth USER:PASSWORD"):
        credentials(ServeOptions(host=host))


def test_password_opens_other_hosts() -> None:
    assert credentials(ServeOptions(host="0.0.0.0", auth="lab:a:b")) == ("lab", "a:b")
    assert credentials(ServeOptions()) is None


@pytest.mark.parametrize("auth", ["lab", "lab:", ":secret", ""])
def test_half_a_password_is_refused(auth: str) -> None:
    with pytest.raises(ServeError, match="USER:PASSWORD"):
        credentials(ServeOptions(auth=auth))


def test_command_line_refuses_an_open_host_before_anything_is_loaded(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["serve", "--host", "0.0.0.0"]) == 1
    assert "add --auth USER:PASSWORD" in capsys.readouterr().err


@pytest.mark.parametrize("port", [0, -1, 99999])
def test_a_port_that_cannot_be_is_refused_with_its_value(port: int) -> None:
    with pytest.raises(
        ServeError, match=f"--port must be a number from 1 to 65535, not '{port}'; pass another"
    ):
        serve(None, ServeOptions(port=port), print)  # type: ignore[arg-type]  # refused before it is looked at


@pytest.mark.parametrize(
    "value",
    ["abc", "", "70000", "²", 5000 * "9"],
    ids=["word", "empty", "high", "superscript", "digits"],
)
def test_a_port_of_the_environment_is_refused_with_its_name(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADIO_SERVER_PORT", value)
    with pytest.raises(
        ServeError,
        match=f"GRADIO_SERVER_PORT must be a number from 1 to 65535, not '{value}'; change or unset it",
    ):
        serve(None, ServeOptions(port=7900), print)  # type: ignore[arg-type]  # refused before it is looked at


def test_a_port_goes_before_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_SERVER_PORT", "7900")
    assert (first_port(ServeOptions()), first_port(ServeOptions(port=8000))) == (7900, 8000)


@pytest.mark.slow
def test_a_taken_port_is_named_with_what_to_do(tmp_path: Path) -> None:
    pytest.importorskip("gradio", reason="the page needs gradio")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.md").write_text("- cats purr\n", encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        folders = [
            "--corpus",
            tmp_path,
            "--index",
            tmp_path / "index",
            "--encoder",
            "bundled-static",
        ]
        command = [sys.executable, "-m", "paperrag", "serve", *folders, "--port", str(port)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    sentence = f"cannot serve on 127.0.0.1:{port}: the port is taken, or is not for you to use; pass another --port"
    assert (ended.returncode, ended.stderr.strip().rpartition("\n")[2]) == (
        1,
        f"paperrag: {sentence}",
    )


def test_when_no_port_is_free_those_that_were_tried_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "no port from 7860 to 7959 is free; pass a free one by --port" in cannot_serve(
        ServeOptions()
    )
    monkeypatch.setenv("GRADIO_SERVER_PORT", "65500")
    assert "no port from 65500 to 65535 is free" in cannot_serve(ServeOptions())


def test_what_the_start_makes_is_never_searched_for_garbage() -> None:
    before = gc.get_freeze_count()
    try:
        with _no_garbage():
            assert not gc.isenabled()
        assert gc.isenabled()
        assert gc.get_freeze_count() > before
    finally:
        gc.unfreeze()


@pytest.mark.slow
def test_only_serve_imports_gradio() -> None:
    code = (
        "import sys, paperrag.cli\n"
        "try: paperrag.cli.main(['--help'])\nexcept SystemExit: pass\n"
        "import paperrag.assistant, paperrag.output.as_json, paperrag.output.terminal\n"
        "import paperrag.page.serving, paperrag.page.guard\n"
        "heavy = {'gradio', 'mcp', 'pandas', 'torch', 'llama_index', 'starlette'} & "
        "set(sys.modules)\n"
        "sys.exit(f'imported: {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_what_is_served_is_said_first(tmp_path: Path) -> None:
    assistant = open_pets(tmp_path)
    corpus = tmp_path / "corpus"
    assert what_is_served(assistant) == (
        f"indexing {corpus} for the first time, then serving it; model none; Ctrl-C stops"
    )
    assistant.retriever()
    entries = len(assistant.data().entries)
    assert what_is_served(assistant) == (
        f"serving {entries} entries of {corpus}; model none; Ctrl-C stops"
    )


def test_a_page_that_is_not_installed_is_told_before_anything_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("paperrag.page.serving.find_spec", lambda name: None)
    said: list[str] = []
    with pytest.raises(MissingDependency, match="the page is not installed"):
        serve(Assistant.open(tmp_path, tmp_path / "index"), ServeOptions(), said.append)
    assert said == []
