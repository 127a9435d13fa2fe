from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import paperrag
from paperrag.notes.tree import parse_note
from paperrag.records import Answer, Citation, Explanation, Hit

FRESH = """
import sys, paperrag
assert not {"numpy", "faiss", "torch", "tokenizers"} & sys.modules.keys(), sorted(sys.modules)
"""


def run_fresh(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )


def test_exports_are_pinned():
    assert paperrag.__all__ == ["Assistant", "Exchange", "__version__", "load_encoder"]


def test_exports_are_the_real_things():
    from paperrag.assistant import Assistant
    from paperrag.conversation.history import Exchange
    from paperrag.wiring.encoders import load_encoder

    assert (paperrag.Assistant, paperrag.Exchange) == (Assistant, Exchange)
    assert paperrag.load_encoder is load_encoder
    assert paperrag.__version__ == version("paperrag")


def test_type_checkers_are_told_that_the_package_is_typed():
    assert (Path(paperrag.__file__).parent / "py.typed").is_file()


def test_unknown_export_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'paperrag' has no attribute 'Retriever'"):
        _ = paperrag.Retriever


def test_importing_the_package_imports_nothing_heavy():
    done = run_fresh(FRESH)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_searching_imports_no_torch(tmp_path):
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "a.md").write_text("- KV 缓存 merging\n", encoding="utf-8")
    code = f"""
import sys
from paperrag import Assistant
assistant = Assistant.open(corpus={str(tmp_path / "corpus")!r}, index={str(tmp_path / "index")!r})
assert assistant.search("KV 缓存").hits and assistant.ask("KV 缓存")
heavy = {{"torch", "sentence_transformers", "transformers", "llama_index", "gradio", "scipy", "sklearn"}}
assert not heavy & sys.modules.keys(), heavy & sys.modules.keys()
"""
    done = run_fresh(code)
    assert done.returncode == 0, done.stderr


def test_notebooks_show_answers_and_hits_and_run_nothing_of_a_note():
    [entry] = parse_note("- Tabby: fur <script>x</script>\n", "notes/cats.md").entries
    hit = Hit(entry, 0.5, 1, (0, len(entry.text)), Explanation())
    assert hit._repr_markdown_() == (
        "\\[1\\] **Tabby: fur** `notes/cats.md:1` (0.50)\n\n> - Tabby: fur &lt;script>x&lt;/script>\n"
    )
    citation = Citation(1, entry, "Tabby:\nfur", True, (), 0.5)
    answer = Answer("fur?", "en", "extractive", None, False, "Fur <b> [1]", (citation,))
    text = answer._repr_markdown_()
    assert text.startswith("Fur &lt;b> [1]\n\n\\[1\\] **Tabby")
    assert text.endswith("`notes/cats.md:1`\n\n> Tabby: fur\n")
