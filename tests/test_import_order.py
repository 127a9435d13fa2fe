"""Imports go one way: a folder imports from those before it in ORDER, never from one behind it.

To add a folder or a module beside them, put its name behind everything that it imports. Inside a
folder any order will do, as long as there is no circle.
"""

from __future__ import annotations

import ast
import graphlib
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "src" / "paperrag"

ORDER = (
    ("errors", "files", "places"),
    ("config", "extras", "records"),
    ("config_files", "encoders", "evaluation", "text"),
    ("notes", "question"),
    ("index", "papers"),
    ("proof", "search"),
    ("answer",),
    ("llm",),
    ("conversation", "output"),
    ("llamaindex",),
    ("wiring",),
    ("newest",),
    ("assistant", "library"),
    ("together",),
    ("page",),
    ("commands",),
    ("cli",),
    ("__init__", "__main__"),
)
"""The folders and modules right under the package, low to high; those beside one another do not
import one another.
"""
RANK_OF = {name: rank for rank, names in enumerate(ORDER) for name in names}

ADAPTERS = {
    "faiss": {"index.faiss_index"},
    "sentence_transformers": {"encoders.sentence_transformers"},
    "onnxruntime": {"encoders.contextual"},
    "httpx": {"papers.apis.web", "llm.chats"},
    "llama_index": {"llm.llama_llms", "llamaindex.engines", "llamaindex.nodes"},
    "pymilvus": {"index.milvus.client", "index.milvus.connection"},
    **{name: {"index.milvus.connection"} for name in ("milvus_lite", "grpc")},
}
"""Foreign libraries that one module hides from the rest: no other module names them."""

BESIDE_ADAPTERS = {
    f"index.milvus.{part}"
    for part in "engine filter lease manifest push rows schema segment snapshot stamps".split()
}
"""Parts of an engine around an adapter, loaded with it and by none but `wiring`."""

PAPER_APIS = "papers.apis"
ADAPTER_MODULES = set().union(*ADAPTERS.values(), BESIDE_ADAPTERS)

CORE_THIRD_PARTY = {"numpy", "markdown_it", "mdit_py_plugins", "msgspec"}
"""All that modules may import when they are themselves imported, but for adapters and the page."""

LAZY_THIRD_PARTY = {
    "argcomplete",
    "bibtexparser",
    "defusedxml",
    "filelock",
    "opencc",
    "platformdirs",
    "pylatexenc",
    "rjieba",
    "tomlkit",
    "tqdm",
    "watchfiles",
    "pathspec",
    "yaml",
}
"""What other modules import inside the function that needs it."""

PAGE = {"gradio", "starlette", "uvicorn", "mcp", "latex2mathml"}
"""What the page is built of; only `page` knows it, and nothing but `serve` imports `page`."""


@dataclass(frozen=True)
class Import:
    module: str
    target: str
    line: int
    at_top: bool
    for_types_only: bool

    @property
    def ours(self) -> str | None:
        """The module of ours that is imported, such as "index.faiss_index"."""
        return (
            self.target.removeprefix("paperrag.") if self.target.startswith("paperrag.") else None
        )

    @property
    def library(self) -> str:
        return self.target.split(".")[0]

    def __str__(self) -> str:
        return f"{self.module}:{self.line} imports {self.target}"


def module_name(path: Path) -> str:
    name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
    return name.removesuffix(".__init__")


def folder_of(module: str) -> str:
    return module.split(".")[0]


def imports_of(source: str, module: str) -> Iterator[Import]:
    yield from _walk(ast.parse(source), module, at_top=True, for_types=False)


def _walk(node: ast.AST, module: str, at_top: bool, for_types: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (
                Import(module, alias.name, child.lineno, at_top, for_types) for alias in child.names
            )
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, f"{module}:{child.lineno}: imports are absolute"
            for target in _targets(child):
                yield Import(module, target, child.lineno, at_top, for_types)
        inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        guarded = isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"
        yield from _walk(child, module, at_top and not inside, for_types or guarded)


def _targets(statement: ast.ImportFrom) -> list[str]:
    """The modules that `from x import a, b` names: x, or x.a where a is a module."""
    base = statement.module or ""
    modules = [
        f"{base}.{alias.name}"
        for alias in statement.names
        if f"{base}.{alias.name}".removeprefix("paperrag.") in MODULES
    ]
    return modules if len(modules) == len(statement.names) else [base, *modules]


MODULES = {
    module_name(path): path.read_text(encoding="utf-8") for path in sorted(PACKAGE.rglob("*.py"))
}
IMPORTS = [found for module, source in MODULES.items() for found in imports_of(source, module)]
OURS = [found for found in IMPORTS if found.ours]
THIRD_PARTY = [
    found for found in IMPORTS if found.library not in {"paperrag", *sys.stdlib_module_names}
]


def broken(imports: Iterable[Import]) -> list[str]:
    """Imports of ours that leave their folder and do not go down."""
    return [
        str(found)
        for found in imports
        if found.ours
        and folder_of(found.ours) != folder_of(found.module)
        and RANK_OF[folder_of(found.ours)] >= RANK_OF[folder_of(found.module)]
    ]


def test_every_folder_and_module_has_its_place():
    assert set(RANK_OF) == {folder_of(module) for module in MODULES}


def test_imports_go_one_way():
    assert broken(IMPORTS) == []


@pytest.mark.parametrize(
    "source",
    [
        "from paperrag.cli import main",
        "def f():\n    import paperrag.answer.extractive",
        "from paperrag.assistant import Assistant",
    ],
)
def test_import_that_goes_up_is_found(source: str):
    assert len(broken(imports_of(source, "search.retrieval"))) == 1


def test_there_is_no_circle_inside_a_folder():
    below: dict[str, set[str]] = {module: set() for module in MODULES}
    for found in OURS:
        if not found.for_types_only:
            below[found.module].add(found.ours or "")
    graphlib.TopologicalSorter(below).prepare()  # raises CycleError with the circle


def kinds_of(source: str) -> Iterator[str]:
    """The public classes and types that a module makes."""
    for one in ast.parse(source).body:
        targets = one.targets if isinstance(one, ast.Assign) else [one]
        names = (getattr(target, "name", "") or getattr(target, "id", "") for target in targets)
        yield from (name for name in names if name[:1].isupper() and not name.isupper())


def test_no_two_things_have_one_name():
    made = Counter(name for source in MODULES.values() for name in kinds_of(source))
    assert [name for name, count in made.items() if count > 1] == []


def test_nothing_private_is_imported():
    own = (one for source in MODULES.values() for one in ast.walk(ast.parse(source)))
    taken = (alias.name for one in own if isinstance(one, ast.ImportFrom) for alias in one.names)
    assert [name for name in taken if name.startswith("_")] == []


def test_only_wiring_knows_which_engine_keeps_the_index():
    naming = {found.module for found in OURS if found.ours == "index.store"}
    assert naming == {"wiring.engines"}


def test_folders_hold_no_logic_in_their_init():
    inits = [module for module in MODULES if (PACKAGE / module.replace(".", "/")).is_dir()]
    assert (
        inits
        and [module for module in inits if module != "__init__" and MODULES[module].strip()] == []
    )


def test_no_module_imports_the_package_root():
    assert [str(found) for found in IMPORTS if found.target == "paperrag"] == []


def is_adapter(module: str) -> bool:
    return module in ADAPTER_MODULES or (
        module.startswith(f"{PAPER_APIS}.") and module != f"{PAPER_APIS}.web"
    )


def is_on_the_way_to_ask(module: str) -> bool:
    return not is_adapter(module) and folder_of(module) != "page"


def test_only_wiring_names_adapters_inside_functions():
    outside = [
        found for found in OURS if is_adapter(found.ours or "") and not is_adapter(found.module)
    ]
    assert {folder_of(found.module) for found in outside} == {"wiring"}
    loaded = [found for found in outside if found.at_top and not found.for_types_only]
    assert [str(found) for found in loaded] == []


def test_modules_import_little_at_once():
    core = [found for found in THIRD_PARTY if found.at_top and is_on_the_way_to_ask(found.module)]
    assert [str(found) for found in core if found.library not in CORE_THIRD_PARTY] == []


def test_other_libraries_are_imported_where_they_are_used():
    allowed = CORE_THIRD_PARTY | LAZY_THIRD_PARTY | ADAPTERS.keys() | PAGE
    assert [
        str(found)
        for found in THIRD_PARTY
        if found.library in PAGE and folder_of(found.module) != "page"
    ] == []
    assert [str(found) for found in THIRD_PARTY if found.library not in allowed] == []
    assert [
        str(found)
        for found in THIRD_PARTY
        if found.library in LAZY_THIRD_PARTY and found.at_top and is_on_the_way_to_ask(found.module)
    ] == []


def test_nothing_but_serve_loads_the_page():
    named = [
        found
        for found in OURS
        if folder_of(found.ours or "") == "page" and folder_of(found.module) != "page"
    ]
    assert {folder_of(found.module) for found in named} == {"commands"}
    assert [str(found) for found in named if found.at_top] == []


def test_libraries_with_an_adapter_stay_in_it():
    using = {
        library: {found.module for found in THIRD_PARTY if found.library == library}
        for library in ADAPTERS
    }
    assert using == ADAPTERS


def test_torch_is_not_loaded_with_its_adapter():
    at_top = {
        found.library
        for found in THIRD_PARTY
        if found.module == "encoders.sentence_transformers" and found.at_top
    }
    assert at_top == {"numpy"}
