"""The model of the page, without a browser: chosen, and heard and stopped over HTTP."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import pytest

pytest.importorskip("gradio", reason="the page needs gradio")
from starlette.applications import Starlette

from app_corpus import open_pets
from app_server import at_address
from llm_server import LlmServer, Reply, serving
from paperrag.config import Settings
from paperrag.errors import ConfigError, QueryError
from paperrag.page.corpora import Corpora
from paperrag.page.given import Given
from paperrag.page.library import LibraryPage
from paperrag.page.model import ModelChoice, ModelDesk
from paperrag.page.serving import _own_routes


@pytest.fixture
def model() -> Iterator[LlmServer]:
    with serving(lambda messages: Reply("Siamese cats are talkative [1].")) as server:
        yield server


def test_page_has_every_option_of_the_command_line() -> None:
    options = {one.name for one in fields(Settings) if one.name.startswith("llm")}
    assert options == {name for name in ModelChoice.__struct_fields__ if name.startswith("llm")}
    script = files("paperrag.page").joinpath("assets/model.js").read_text(encoding="utf-8")
    assert all(f'"{name}"' in script for name in options - {"llm"})


def _desk(folder: Path, is_at_home: bool = True) -> ModelDesk:
    return ModelDesk(Corpora(open_pets(folder)), folder / "kept.sqlite", is_at_home)


@pytest.mark.slow
def test_chosen_model_answers_and_is_taken_again_by_the_next_page(
    tmp_path: Path, model: LlmServer
) -> None:
    desk = _desk(tmp_path / "one")
    assert desk.shown()["state"] == "none"
    given = {"kind": "ollama", "model": "tiny:1b", "address": model.ollama, "llm_context": "4096"}
    shown = desk.choose(Given(given))
    assert (shown["state"], shown["llm"], shown["llm_context"]) == (
        "connected",
        "ollama:tiny:1b",
        4096,
    )
    answer, _ = desk._corpora.asked().ask("which cats are talkative?")
    assert (answer.mode, answer.model) == ("llm", "ollama:tiny:1b")
    assert model.asked[-1]["options"]["num_ctx"] == 4096
    later = ModelDesk(Corpora(open_pets(tmp_path / "two")), tmp_path / "one" / "kept.sqlite", True)
    later.restore()
    assert (later.shown()["llm"], later.shown()["state"]) == ("ollama:tiny:1b", "untried")
    assert later._corpora.settings.llm_context == 4096
    assert later.choose(Given({"kind": "none"}))["state"] == "none"
    assert later._corpora.asked().ask("which cats are talkative?")[0].mode == "extractive"


def test_model_that_does_not_answer_says_why(tmp_path: Path) -> None:
    shown = _desk(tmp_path).choose(
        Given(
            {
                "kind": "openai-like",
                "model": "x",
                "address": "http://127.0.0.1:9/v1",
                "llm_timeout_s": "2",
            }
        )
    )
    assert shown["state"] == "failing"
    assert shown["fault"].startswith("unreachable")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"kind": "ollama", "model": ""}, "expected 'none'"),
        ({"kind": "ollama", "model": "x", "llm_context": "many"}, "llm_context: expected a number"),
        ({"kind": "ollama", "model": "x", "llm_context": "10"}, "llm_context: expected 2048"),
        ({"kind": "ollama", "model": "x", "address": "http://a b"}, "OLLAMA_HOST"),
        ({"kind": "wizard", "model": "x"}, "expected 'none'"),
    ],
)
def test_options_that_the_command_line_refuses_are_refused(
    tmp_path: Path, given: dict[str, str], words: str
) -> None:
    desk = _desk(tmp_path)
    with pytest.raises(ConfigError, match=words):
        desk.choose(Given(given))
    assert desk.shown()["state"] == "none"


def test_model_of_a_shared_page_is_not_changed_from_it(tmp_path: Path) -> None:
    desk = _desk(tmp_path, is_at_home=False)
    with pytest.raises(QueryError, match="who started paperrag"):
        desk.choose(Given({"kind": "ollama", "model": "x"}))
    assert desk.shown()["may_change"] is False


def test_choice_that_cannot_be_read_is_left(tmp_path: Path) -> None:
    (tmp_path / "kept.sqlite").write_text("no database " * 100, encoding="utf-8")
    desk = _desk(tmp_path)
    desk.restore()
    assert desk.shown()["state"] == "none"


# --- as it is heard ------------------------------------------------------------------------------

SOON_S = 0.1
"""Longest between a model's first word and the page's."""

ENDED_S = 0.5
"""Longest that a model may go on writing after Stop."""

Events = Iterator[dict[str, Any]]


@contextmanager
def page_over(folder: Path, model: LlmServer, spec: str) -> Iterator[httpx.Client]:
    """A client of what the page's script fetches, with a model that writes its answers."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in model.environment().items():
            patch.setenv(name, value)
        corpora = Corpora(open_pets(folder, llm=spec))
        desk = ModelDesk(corpora, folder / "kept.sqlite", True)
        routes = _own_routes(corpora, LibraryPage(corpora), desk, True)
        with (
            at_address(Starlette(routes=routes)) as address,
            httpx.Client(base_url=f"{address}/paperrag", timeout=30) as client,
        ):
            yield client


def steps_of(client: httpx.Client, run: str, question: str) -> Events:
    """What the page is told as an answer to a question grows."""
    body = {"question": question, "id": "c", "run": run, "language": "en"}
    with client.stream("POST", "/ask", json=body) as response:
        yield from (json.loads(line) for line in response.iter_lines() if line.strip())


def until(steps: Events, is_it: Callable[[str], bool]) -> float:
    """When the first step came whose words are looked for."""
    return next(time.time() for step in steps if is_it(step["html"]))


@pytest.mark.timed
@pytest.mark.slow
@pytest.mark.parametrize("spec", ["ollama:tiny", "openai-like:tiny"])
def test_first_words_of_a_model_are_told_within_a_tenth_of_a_second(
    tmp_path: Path, spec: str
) -> None:
    said = "Siamese cats are talkative [1]. " * 9
    with (
        serving(lambda messages: Reply(said, pause_s=0.2)) as model,
        page_over(tmp_path, model, spec) as client,
    ):
        delays = []
        for run in range(4):  # the first one loads what a model's words are read with
            steps = steps_of(client, str(run), "which cats are talkative?")
            told = until(steps, lambda html: "Siamese cats" in html.split("pr-answer")[-1])
            delays.append(told - model.first_sent[-1])
            steps.close()
    assert min(delays[1:]) < SOON_S, delays
    assert max(delays) < 10 * SOON_S, delays


@pytest.mark.slow
def test_thoughts_are_folded_while_they_come_and_after(tmp_path: Path) -> None:
    said = Reply(
        "Siamese cats are talkative [1].", thinking="<think>dogs [2]?</think>", pause_s=0.1
    )
    with (
        serving(lambda messages: said) as model,
        page_over(tmp_path, model, "ollama:tiny") as client,
    ):
        steps = list(steps_of(client, "run", "which cats are talkative?"))
    folded = '<details class="pr-faint pr-thought"><summary>thinking …</summary>'
    first = next(step["html"] for step in steps if "dogs" in step["html"])
    assert folded in first and "Siamese cats are" not in first.split("pr-thought")[1]
    assert f"{folded}dogs [2]?</details>" in steps[-1]["html"]
    assert "1 of 1 claims supported" in steps[-1]["html"]


@pytest.mark.timed
@pytest.mark.slow
@pytest.mark.parametrize("spec", ["ollama:tiny", "openai-like:tiny"])
@pytest.mark.parametrize("leaves", [False, True])
def test_stop_on_the_page_ends_the_request_at_the_models_server(
    tmp_path: Path, spec: str, leaves: bool
) -> None:
    said = "Siamese cats are talkative [1]. " * 400
    with (
        serving(lambda messages: Reply(said, pause_s=0.05)) as model,
        page_over(tmp_path, model, spec) as client,
    ):
        steps = steps_of(client, "run", "which cats are talkative?")
        until(steps, lambda html: "Siamese cats" in html.split("pr-answer")[-1])
        start = time.monotonic()
        if leaves:
            steps.close()
        else:
            client.post("/stop", json={"run": "run"})
        assert model.gone.wait(10 * ENDED_S)
        took_s = time.monotonic() - start
        assert took_s < (2 if leaves else 1) * ENDED_S
        assert leaves or "Stopped." in list(steps)[-1]["html"]
