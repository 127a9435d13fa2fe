from __future__ import annotations

import gc
import subprocess
import sys

import pytest

from paperrag.cli import main
from paperrag.errors import ServeError
from paperrag.ui.serving import ServeOptions, _no_garbage, credentials, is_loopback


@pytest.mark.parametrize(("host", "expected"), [("127.0.0.1", True), ("127.1.2.3", True), ("::1", True), ("localhost", True)])
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


def test_command_line_refuses_an_open_host_before_anything_is_loaded(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--host", "0.0.0.0"]) == 1
    assert "add --auth USER:PASSWORD" in capsys.readouterr().err


def test_what_the_start_makes_is_never_searched_for_garbage() -> None:
    before = gc.get_freeze_count()
    try:
        with _no_garbage():
            assert not gc.isenabled()
        assert gc.isenabled()
        assert gc.get_freeze_count() > before
    finally:
        gc.unfreeze()


def test_only_serve_imports_gradio() -> None:
    code = (
        "import sys, paperrag.cli\n"
        "try: paperrag.cli.main(['--help'])\nexcept SystemExit: pass\n"
        "import paperrag.assistant, paperrag.contract, paperrag.rendering, paperrag.ui.serving, paperrag.ui.guard\n"
        "heavy = {'gradio', 'mcp', 'pandas', 'plotly', 'torch', 'llama_index', 'starlette'} & set(sys.modules)\n"
        "sys.exit(f'imported: {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
