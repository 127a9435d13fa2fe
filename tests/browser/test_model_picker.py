"""The model is seen, chosen, tried and remembered in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app_corpus import PETS
from browser.conftest import Served, Visit, ask, screenshot, start_server, stop_server
from llm_server import serving

Open = Callable[..., Visit]


def _choose(page: Page, kind: str, **fields: str) -> None:
    page.locator("#pr-model-open").click()
    page.locator("#pr-model-menu select").select_option(kind)
    for name, value in fields.items():
        page.locator(f"#pr-model-menu [name={name}]").fill(value)
    page.keyboard.press("Enter")


def _try_until_it_answers(page: Page, address: str) -> None:
    page.locator("#pr-model-open").click()
    for kind, knows_keys in (("ollama", False), ("openai-like", True)):
        page.locator("#pr-model-menu select").select_option(kind)
        expect(page.locator(".pr-model-keys")).to_be_visible(visible=knows_keys)
    page.keyboard.press("Escape")
    _choose(page, "openai-like", model="tiny", address="http://127.0.0.1:9")
    expect(page.locator("#pr-model")).to_have_attribute("data-state", "failing")
    expect(page.locator(".pr-model-said")).to_contain_text("unreachable")
    page.locator("#pr-model-menu [name=address]").fill(address)
    page.locator("#pr-model-menu [name=llm_context]").fill("few")
    page.locator("#pr-model-menu .pr-go").click()
    expect(page.locator(".pr-model-said")).to_contain_text("expected a number")
    page.locator("#pr-model-menu [name=llm_context]").fill("4096")
    page.locator("#pr-model-menu .pr-go").click()
    expect(page.locator(".pr-model-said")).to_have_attribute("data-state", "connected")


def test_model_is_chosen_tried_used_and_remembered(
    visit: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_BASE_URL", "OLLAMA_HOST", "PAPERRAG_LLM"):
        monkeypatch.delenv(name, raising=False)
    notes = tmp_path / "corpus" / "notes"
    notes.mkdir(parents=True)
    (notes / "pets.md").write_text(PETS, encoding="utf-8")
    with serving("Siamese cats are talkative [1].") as model:
        served = start_server(tmp_path, ["-m", "paperrag", "serve"])
        try:
            page = visit(served.url).page
            expect(page.locator("#pr-model")).to_have_attribute("data-state", "none")
            _try_until_it_answers(page, model.openai)
            screenshot(page, "model-en")
            page.keyboard.press("Escape")
            expect(page.locator("#pr-model-menu")).to_be_hidden()
            ask(page, "which cats are talkative?")
            expect(page.locator(".pr-tools")).to_contain_text("written by openai-like:tiny")
            page.goto("about:blank")
        finally:
            stop_server(served)
        again = start_server(tmp_path, ["-m", "paperrag", "serve"])
        try:
            page = visit(again.url).page
            expect(page.locator("#pr-model")).to_have_attribute("data-state", "untried")
            expect(page.locator("#pr-model-open")).to_have_text("tiny")
            page.goto("about:blank")
        finally:
            stop_server(again)
        assert "model openai-like:tiny" in (tmp_path / "server.log").read_text()


@pytest.mark.parametrize(
    ("locale", "said"),
    [("en-US", "Who writes answers, No model"), ("zh-CN", "由谁撰写回答，不用模型")],
)
def test_what_writes_answers_is_read_out_once(
    served: Served, visit: Open, locale: str, said: str
) -> None:
    page = visit(served.url, locale=locale).page
    expect(page.locator("#pr-model-open")).to_have_attribute("aria-label", said)
