"""What the tests promise: the quick ones load nothing heavy, and no clock decides one that is not
marked.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parent
CLOCKS = {"time.monotonic", "time.perf_counter", "time.time"}

HEAVY = {"onnxruntime", "torch", "hypothesis", "gradio", "llama_index", "sentence_transformers"}


def test_conftest_loads_nothing_heavy():
    code = f"import sys, conftest; print(*sorted({HEAVY!r} & sys.modules.keys()))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent,
        check=True,
    )
    assert done.stdout.strip() == ""


def clocked(source: str) -> list[str]:
    """The tests that assert how long something took, and are not marked as timed."""
    tree = ast.parse(source)
    marked = re.search(r"^pytestmark = .*timed", source, re.MULTILINE)
    return [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith("test_")
        and not marked
        and not any("timed" in ast.unparse(one) for one in node.decorator_list)
        and any(map(_reads_clock, filter(_is_assert, ast.walk(node))))
    ]


def _is_assert(node: ast.AST) -> bool:
    return isinstance(node, ast.Assert)


def _reads_clock(node: ast.AST) -> bool:
    calls = (one for one in ast.walk(node) if isinstance(one, ast.Call))
    return any(ast.unparse(one.func) in CLOCKS for one in calls)


def test_no_clock_decides_a_test_that_is_not_marked():
    found = {path.name: clocked(path.read_text("utf-8")) for path in TESTS.glob("test_*.py")}
    assert {name: tests for name, tests in found.items() if tests} == {}


def test_clock_in_a_test_is_found():
    assert clocked("def test_a():\n    assert time.monotonic() - start < 2\n") == ["test_a"]
    assert clocked("def until():\n    assert time.time() < end\n") == []  # only gives up some time
    assert clocked("@pytest.mark.timed\ndef test_a():\n    assert time.time() < 2\n") == []
