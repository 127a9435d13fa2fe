"""A real server and a real browser. Every request of the browser is logged; none may leave this
machine.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app_corpus import PETS
from paperrag.papers.ids import PaperId
from paperrag.papers.refs import Paper
from paperrag.papers.shelf import Shelf

REPOSITORY = Path(__file__).parent.parent.parent
SCREENSHOTS = REPOSITORY / "build" / "screenshots"
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update"
    " --disable-sync --lang=en-US"
).split()

PATIENCE_MS = 90_000
"""How long a test waits for what should be there at once: CI has two cores and other work."""

START_S = 300
"""How long a server that lives may take to answer: four seconds of work, which many share."""

pytest.importorskip("gradio", reason="the page needs gradio")
playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright")
if not CHROMIUM.exists():
    pytest.skip(
        "browser tests need /usr/bin/chromium (Debian: apt-get install chromium)",
        allow_module_level=True,
    )


playwright.expect.set_options(timeout=PATIENCE_MS)


@dataclass
class Served:
    """A running page: where it is, what it reads, how much work it took to be ready."""

    url: str
    corpus: Path
    index: Path
    feedback: Path
    ready_cpu_s: float
    process: subprocess.Popen[str]


@dataclass
class Visit:
    """A browser page with what it asked for and what it complained about."""

    page: playwright.Page
    requests: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_server(
    folder: Path, command: list[str], *options: str, environment: Mapping[str, str] = {}
) -> Served:
    """Start a server over folder/corpus and wait until it answers. environment: variables in place
    of those that name the corpus.
    """
    port = free_port()
    corpus, index, feedback = folder / "corpus", folder / "index", folder / "feedback.jsonl"
    own = environment or {"PAPERRAG_CORPUS": str(corpus), "PAPERRAG_INDEX": str(index)}
    variables = {
        **os.environ,
        **own,
        "PYTHONPATH": str(REPOSITORY / "src"),
        "PAPERRAG_FEEDBACK": str(feedback),
        "PAPERRAG_CONVERSATIONS": str(folder / "conversations.sqlite"),
    }
    start = time.perf_counter()
    log = (folder / "server.log").open("w")
    process = subprocess.Popen(
        [sys.executable, *command, "--port", str(port), *options],
        env=variables,
        stdout=log,
        stderr=log,
        text=True,
        cwd=folder,
    )
    log.close()
    url = f"http://127.0.0.1:{port}/"
    while time.perf_counter() - start < START_S:
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(url, timeout=START_S).close()
        except urllib.error.HTTPError:
            pass
        except OSError:
            time.sleep(0.05)
            continue
        return Served(url, corpus, index, feedback, cpu_s(process), process)
    process.kill()
    process.wait()
    raise AssertionError(f"the server did not start:\n{(folder / 'server.log').read_text()}")


def cpu_s(process: subprocess.Popen[str]) -> float:
    """Return the processor time of a server so far, which other work does not change."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def stop_server(served: Served) -> None:
    served.process.terminate()
    try:
        served.process.wait(15)
    except subprocess.TimeoutExpired:
        served.process.kill()


def copy_corpus(folder: Path) -> None:
    shutil.copytree(REPOSITORY / "corpus", folder / "corpus")
    shutil.copy(Path(__file__).with_name("hostile.md"), folder / "corpus" / "notes" / "hostile.md")


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The page over the real notes and a hostile one."""
    folder = tmp_path_factory.mktemp("served")
    copy_corpus(folder)
    running = start_server(folder, ["-m", "paperrag", "serve"])
    yield running
    stop_server(running)


@pytest.fixture(scope="session")
def with_abstract(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The page over a note about pets and the abstract of a paper that it links to."""
    folder = tmp_path_factory.mktemp("with_abstract")
    (folder / "corpus" / "notes").mkdir(parents=True)
    (folder / "corpus" / "notes" / "pets.md").write_text(PETS, encoding="utf-8")
    identifier = PaperId("arxiv", "2401.00001")
    text = (
        "We watch collies herd sheep on forty farms. Dogs that stare move the flock twice as fast."
    )
    paper = Paper(
        "On Herding",
        ("A. Shepherd",),
        2024,
        None,
        text,
        (identifier,),
        "https://arxiv.org/abs/2401.00001",
        "arXiv",
    )
    Shelf(folder / "corpus").put(paper, ())
    running = start_server(folder, ["-m", "paperrag", "serve"])
    yield running
    stop_server(running)


@pytest.fixture(scope="session")
def browser() -> Iterator[playwright.Browser]:
    """One headless Chromium."""
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: playwright.Browser) -> Iterator[Callable[..., Visit]]:
    """Opens pages; at the end no page may have asked another host, opened a dialog or run into an
    error.
    """
    visits: list[Visit] = []

    def open_page(url: str, **options: object) -> Visit:
        settings = {
            "viewport": {"width": 1360, "height": 860},
            "locale": "en-US",
            "reduced_motion": "reduce",
            **options,
        }
        page = browser.new_context(**settings).new_page()
        page.set_default_timeout(PATIENCE_MS)
        seen = Visit(page)
        visits.append(seen)
        page.on("request", lambda request: seen.requests.append(request.url))
        page.on("pageerror", lambda error: seen.faults.append(f"error: {error}"))
        page.on(
            "dialog",
            lambda dialog: (seen.faults.append(f"dialog: {dialog.message}"), dialog.dismiss()),
        )
        page.on(
            "console",
            lambda message: (
                seen.faults.append(f"console: {message.text}") if message.type == "error" else None
            ),
        )
        page.goto(url)
        return seen

    yield open_page
    for seen in visits:
        seen.page.context.close()
    assert [url for seen in visits for url in seen.requests if not _is_local(url)] == []
    assert [fault for seen in visits for fault in seen.faults] == []


def _is_local(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("data", "blob") or parts.hostname == "127.0.0.1"


def ask(page: playwright.Page, question: str) -> None:
    """Ask and wait for the answer."""
    before = page.locator(".pr-turn").count()
    page.locator("#pr-question textarea").fill(question)
    page.keyboard.press("Enter")
    page.locator(".pr-turn").nth(before).locator(
        ".pr-answer:not(.pr-running), .pr-error"
    ).wait_for()


def screenshot(page: playwright.Page, name: str) -> None:
    """Write a picture of the page for people to look at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", animations="disabled")
