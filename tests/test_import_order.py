"""Imports go one way: a module imports from tiers below its own, never beside or above it.

The tiers stand from low to high, a little finer than ARCHITECTURE.md tells them. To add a module,
put it in the lowest tier that is above everything it imports.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "src" / "paperrag"

PAPER_APIS = ("arxiv", "crossref", "neurips", "openalex", "openreview", "semantic_scholar")

TIERS: tuple[tuple[str, ...], ...] = (
    ("errors", "records", "questions", "indents", "spelling"),
    ("saved", "config", "language", "links", "strings", "encoding", "evaluation"),
    ("scoping", "folding", "markup", "decoding", "generating", "late", "vectors"),
    ("lexical", "chunking", "followups", "front_matter", "ideas"),
    ("notes",),
    ("corpus", "index", "support", "fetching", "fetching.titles"),
    ("evidence", "proof", "segments", "store", "fetching.papers"),
    ("adding", "browsing", "feedback", "prompts", "related", "verifying"),
    ("conversation", "relations", "fetching.abstract_format", "fetching.answers", "fetching.formats", "fetching.resolvers"),
    ("filtering", "fetching.abstract_files", "fetching.local_links"),
    ("retrieval", "fetching.bibtex", "fetching.fetcher", "fetching.lint"),
    ("fetching.imports",),
    ("changes", "vector_pool", "selection", "confidence"),
    ("indexing",),
    ("answering",),
    ("suggesting", "writing"),
    ("adapters", "adapters.faiss_index", "adapters.llama_llms", "adapters.llama_nodes", "adapters.onnx_encoder"),
    ("adapters.st_encoder", "adapters.web"),
    tuple(f"adapters.{api}" for api in PAPER_APIS),
    ("wiring",),
    ("assistant", "library"),
    ("contract", "rendering"),
    ("ui", "ui.strings", "ui.guard", "ui.prose", "ui.shared"),
    ("ui.render", "ui.api"),
    ("ui.transcript", "ui.notes_html"),
    ("ui.ask", "ui.library", "ui.map", "ui.notes", "ui.viewer", "ui.tools"),
    ("ui.page",),
    ("ui.serving",),
    ("commands",),
    ("cli",),
    ("__init__", "__main__"),
)
TIER_OF = {module: number for number, tier in enumerate(TIERS) for module in tier}
FIRST_EDGE = TIER_OF["adapters"]
"""Modules below this tier are the core."""

CORE_THIRD_PARTY = {"numpy", "markdown_it", "mdit_py_plugins"}
"""All that core modules may import when they are themselves imported."""

LAZY_THIRD_PARTY = {"yaml", "opencc", "rjieba", "tokenizers", "filelock", "tqdm", "defusedxml"}
"""What other modules import inside the function that needs it."""

ADAPTED = {
    "faiss": {"adapters.faiss_index"},
    "sentence_transformers": {"adapters.st_encoder"},
    "onnxruntime": {"adapters.onnx_encoder"},
    "httpx": {"adapters.web", "adapters.llama_llms"},
    "llama_index": {"adapters.llama_llms", "adapters.llama_nodes"},
    "openai": {"adapters.llama_llms"},
    "ollama": {"adapters.llama_llms"},
}
"""Foreign libraries with adapters: no other module names them."""

PAGE = {"gradio", "plotly", "starlette", "mcp", "latex2mathml"}
"""What the page is built of; only `ui` knows it, and nothing but `serve` imports `ui`."""


@dataclass(frozen=True)
class Import:
    module: str
    target: str
    line: int
    at_top: bool
    for_types_only: bool

    @property
    def ours(self) -> str | None:
        """The module of ours that is imported, such as "adapters.faiss_index"."""
        return self.target.removeprefix("paperrag.") if self.target.startswith("paperrag.") else None

    @property
    def library(self) -> str:
        return self.target.split(".")[0]

    def __str__(self) -> str:
        return f"{self.module}:{self.line} imports {self.target}"


def module_name(path: Path) -> str:
    name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
    return name.removesuffix(".__init__")


def imports_of(source: str, module: str) -> Iterator[Import]:
    yield from _walk(ast.parse(source), module, at_top=True, for_types=False)


def _walk(node: ast.AST, module: str, at_top: bool, for_types: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(module, alias.name, child.lineno, at_top, for_types) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, f"{module}:{child.lineno}: imports are absolute"
            yield Import(module, child.module or "", child.lineno, at_top, for_types)
        inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        guarded = isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"
        yield from _walk(child, module, at_top and not inside, for_types or guarded)


MODULES = {module_name(path): path.read_text(encoding="utf-8") for path in sorted(PACKAGE.rglob("*.py"))}
IMPORTS = [found for module, source in MODULES.items() for found in imports_of(source, module)]
THIRD_PARTY = [found for found in IMPORTS if found.library not in {"paperrag", *sys.stdlib_module_names}]


def broken(imports: list[Import]) -> list[str]:
    """Imports of ours that do not go down."""
    return [
        str(found)
        for found in imports
        if found.ours and not found.for_types_only and TIER_OF[found.ours] >= TIER_OF[found.module]
    ]


def test_every_module_has_its_tier():
    assert sorted(TIER_OF) == sorted(MODULES)


def test_imports_go_one_way():
    assert broken(IMPORTS) == []


@pytest.mark.parametrize(
    "source",
    ["from paperrag.cli import main", "def f():\n    import paperrag.answering", "from paperrag.retrieval import Retriever"],
)
def test_import_that_goes_up_or_sideways_is_found(source: str):
    assert len(broken(list(imports_of(source, "retrieval")))) == 1


def test_no_module_imports_the_package_root():
    assert [str(found) for found in IMPORTS if found.target == "paperrag"] == []


def test_only_wiring_names_adapters():
    named = {found.module for found in IMPORTS if found.ours and found.ours.startswith("adapters")}
    assert named == {"wiring"}


def test_wiring_imports_adapters_inside_functions():
    assert [str(found) for found in IMPORTS if found.ours and found.ours.startswith("adapters") and found.at_top] == []


def test_core_imports_little_at_once():
    core = [found for found in THIRD_PARTY if TIER_OF[found.module] < FIRST_EDGE and found.at_top]
    assert [str(found) for found in core if found.library not in CORE_THIRD_PARTY] == []


def test_other_libraries_are_imported_where_they_are_used():
    allowed = CORE_THIRD_PARTY | LAZY_THIRD_PARTY | ADAPTED.keys() | PAGE
    assert [str(found) for found in THIRD_PARTY if found.library in PAGE and not found.module.startswith("ui.")] == []
    assert [
        str(found)
        for found in IMPORTS
        if (found.ours or "").startswith("ui.") and found.module in ("cli", "commands") and found.at_top
    ] == []
    assert [str(found) for found in THIRD_PARTY if found.library not in allowed] == []
    assert [str(found) for found in THIRD_PARTY if found.library in LAZY_THIRD_PARTY and found.at_top] == []


def test_libraries_with_an_adapter_stay_in_it():
    using = {library: {found.module for found in THIRD_PARTY if found.library == library} for library in ADAPTED}
    assert using == ADAPTED


def test_torch_is_not_loaded_with_its_adapter():
    at_top = {found.library for found in THIRD_PARTY if found.module == "adapters.st_encoder" and found.at_top}
    assert at_top == {"numpy"}
