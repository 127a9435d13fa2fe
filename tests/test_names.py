"""One name a thing: no two public classes or functions of the package are called alike.

Functions of `commands` are named for the command that runs them.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "src" / "paperrag"


def defined(source: str) -> list[str]:
    """The names of the classes and functions that others may import."""
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    names = [node.name for node in ast.parse(source).body if isinstance(node, kinds)]
    return [name for name in names if not name.startswith("_")]


def test_no_two_things_are_called_alike():
    places = defaultdict(list)
    for path in sorted(PACKAGE.rglob("*.py")):
        module = path.relative_to(PACKAGE)
        if module.parts[0] != "commands":
            for name in defined(path.read_text(encoding="utf-8")):
                places[name].append(str(module))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_private_names_and_methods_are_nobodys_business():
    assert defined("class A:\n    def run(self): ...\ndef _b(): ...\nasync def c(): ...") == [
        "A",
        "c",
    ]
