"""How fast the page is: ready, first load, answer after Enter, many users at once; then, over many
files of made-up notes, load, the first key in the library, a filter, the map.

    PYTHONPATH=src python benchmarks/page.py [--users 20] [--seconds 60] [--files 5000]
        [--keep FOLDER]

Runs `paperrag serve` on this machine over corpus/ with an index of its own, drives Debian's
Chromium through playwright, prints a table. Sends nothing anywhere else.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from make_corpus import make_corpus

REPOSITORY = Path(__file__).parent.parent
QUESTIONS = (
    "which methods merge KV cache?",
    "有哪些方法合并 KV cache？",
    "what is PRM-800k?",
    "LoRA 有什么改进",
    "how to cook rice?",
)
FILES = 5000
"""Files of about ten entries each, indexed by single words' vectors."""
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update"
    " --disable-sync"
).split()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--files", type=int, default=FILES)
    parser.add_argument("--keep", help="folder in which the large corpus and its index stay")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(_command(folder, "index"), check=True, capture_output=True)
        process, url, ready_s = _serve(folder)
        try:
            print(f"server ready        {ready_s:6.2f} s   (goal 6)")
            _measure_page(url)
            _measure_load(url, process.pid, options.users, options.seconds)
        finally:
            process.terminate()
            process.wait(20)
    if options.keep:
        _measure_large(options.keep, options.files)
        return
    with tempfile.TemporaryDirectory() as folder:
        _measure_large(folder, options.files)


def _command(folder: str, *arguments: str, corpus: Path = REPOSITORY / "corpus") -> list[str]:
    places = ["--corpus", str(corpus), "--index", f"{folder}/index"]
    return [sys.executable, "-m", "paperrag", *places, *arguments]


def _serve(
    folder: str, corpus: Path = REPOSITORY / "corpus"
) -> tuple[subprocess.Popen[bytes], str, float]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    start = time.perf_counter()
    own = {"PAPERRAG_FEEDBACK": "feedback.jsonl", "PAPERRAG_CONVERSATIONS": "conversations.sqlite"}
    environment = {**os.environ, **{name: f"{folder}/{file}" for name, file in own.items()}}
    process = subprocess.Popen(
        _command(folder, "serve", "--port", str(port), corpus=corpus),
        stdout=subprocess.PIPE,
        env=environment,
    )
    assert process.stdout is not None
    while b"open http" not in process.stdout.readline():  # said once requests are answered
        pass
    return process, f"http://127.0.0.1:{port}/", time.perf_counter() - start


def _measure_page(url: str) -> None:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        page = browser.new_page(viewport={"width": 1360, "height": 860})
        start = time.perf_counter()
        page.goto(url)
        page.locator(".pr-examples button").first.wait_for()
        print(f"first page load     {time.perf_counter() - start:6.2f} s   (goal 2)")
        took = []
        for number in range(20):
            page.locator("#pr-question textarea").fill(QUESTIONS[number % len(QUESTIONS)])
            start = time.perf_counter()
            page.keyboard.press("Enter")
            page.locator(".pr-turn").nth(number).locator(".pr-answer:not(.pr-running)").wait_for()
            took.append(time.perf_counter() - start)
        print(
            f"answer after Enter  {statistics.median(took):6.3f} s   median of 20, worst "
            f"{max(took):.3f} (goal 0.5)"
        )
        browser.close()


def _measure_large(folder: str, files: int) -> None:
    """Time what a reader of many notes waits for, each from the click or key until it is seen."""
    corpus = Path(folder) / "corpus"
    static = ("--encoder", "bundled-static")
    if not corpus.exists():
        make_corpus(corpus, files=files, bytes_per_file=1500, seed=0)
    subprocess.run(
        _command(folder, "index", *static, corpus=corpus), check=True, capture_output=True
    )
    process, url, ready_s = _serve(folder, corpus)
    try:
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
            page = browser.new_page(viewport={"width": 1360, "height": 860})
            page.set_default_timeout(120_000)
            print(f"{files} files: ready  {ready_s:6.2f} s")
            _print_large(page, url)
            browser.close()
    finally:
        process.terminate()
        process.wait(20)


def _print_large(page: Page, url: str) -> None:
    tab, count = "button[role=tab]", "#pr-list p[role=status]"
    listed = page.locator(count)

    def timed(
        what: str, goal: float, act: Callable[[], object], seen: Callable[[], object]
    ) -> None:
        start = time.perf_counter()
        act()
        seen()
        print(f"{what:<20}{time.perf_counter() - start:6.2f} s   (goal {goal})")

    def changes(act: Callable[[], object]) -> Callable[[], object]:
        def run() -> None:
            before = listed.inner_text()
            act()
            page.wait_for_function(
                f"before => document.querySelector('{count}').innerText !== before", arg=before
            )

        return run

    nothing = lambda: None  # noqa: E731  # what is waited for is in the act
    timed("load", 4, lambda: page.goto(url), page.locator(".pr-examples button").first.wait_for)
    timed("library", 1, page.locator(tab).nth(1).click, page.locator(".pr-list tr").nth(1).wait_for)
    field = page.locator("#pr-words input")
    timed("first key", 0.3, changes(lambda: field.press_sequentially("7")), nothing)
    timed("next keys", 0.3, changes(lambda: field.press_sequentially("42")), nothing)
    timed(
        "a filter",
        0.3,
        changes(lambda: page.locator("#pr-list-language").select_option("zh")),
        nothing,
    )
    page.locator(tab).nth(0).click()
    scopes = page.locator(".pr-scope-list button").first
    timed("scopes", 0.3, page.locator("[data-act=scope]").click, scopes.wait_for)
    page.keyboard.press("Escape")
    drawn = page.locator(".pr-map[data-drawn]")
    timed("map", 6, page.locator(tab).nth(2).click, drawn.wait_for)
    print(f"                    {drawn.get_attribute('data-drawn')} points")


def _measure_load(url: str, pid: int, users: int, seconds: float) -> None:
    took: list[float] = []
    faults: list[str] = []
    memory = [_memory_mb(pid)]
    until = time.perf_counter() + seconds

    def use(number: int) -> None:
        while (start := time.perf_counter()) < until:
            try:
                _ask(url, QUESTIONS[number % len(QUESTIONS)])
                took.append(time.perf_counter() - start)
            except OSError as error:
                faults.append(repr(error))

    threads = [threading.Thread(target=use, args=(number,)) for number in range(users)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        time.sleep(min(seconds / 6, 10))
        memory.append(_memory_mb(pid))
    p95 = statistics.quantiles(took, n=20)[-1]
    print(
        f"{users} users, {seconds:.0f} s     {p95:6.3f} s   p95 of {len(took)} answers, "
        f"{len(faults)} errors (goal 1, 0)"
    )
    print(
        f"memory              {memory[0]:6.0f} MB  at first, then {', '.join(f'{mb:.0f}' for mb in memory[1:])}"
    )


def _ask(url: str, question: str) -> None:
    body = json.dumps({"question": question}).encode()
    request = urllib.request.Request(f"{url}ask", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as reply:
        reply.read()


def _memory_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
