"""Patterns that are compiled when they are first used behave as others do."""

from __future__ import annotations

import ast
import copy
import re
import subprocess
import sys
from pathlib import Path

import paperrag
from paperrag.text.patterns import lazy_pattern
from workbench import environment

SHORT_CHARS = 14
"""Shorter patterns say little that could change."""

TEXT = "量化 KV-cache，缓存 kv"


def test_it_behaves_as_a_compiled_one():
    lazy, ready = (make(r"(k)(?P<v>v)|缓存", re.IGNORECASE) for make in (lazy_pattern, re.compile))
    assert [match[0] for match in lazy.finditer(TEXT)] == ["KV", "缓存", "kv"]
    assert lazy.sub("_", TEXT) == ready.sub("_", TEXT) == "量化 _-cache，_ _"
    assert lazy.fullmatch("kV")["v"] == "V"
    assert (lazy.pattern, lazy.flags, lazy.groupindex) == (
        *(ready.pattern, ready.flags),
        ready.groupindex,
    )
    assert copy.copy(lazy).findall("kv") == lazy.findall("kv") == [("k", "v")]


def test_it_is_compiled_when_it_is_used():
    broken = lazy_pattern("(")
    try:
        broken.match("x")
    except re.error as error:
        assert "unterminated" in str(error)
    else:
        raise AssertionError("a broken pattern was not told")


def test_a_question_compiles_few_patterns_at_import():
    """They took an eighth of its time."""
    program = (
        "import re; real = re._compiler.compile; count = [0]\n"
        "def counted(*given): count[0] += 1; return real(*given)\n"
        "re._compiler.compile = counted\n"
        "import paperrag.assistant, paperrag.commands.notes; print(count[0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env=environment(),
    )
    assert int(done.stdout) < 60  # of other libraries, and those that are composed of others


def test_a_pattern_stands_in_one_module():
    """What is told in two places is changed in one of them."""
    homes: dict[str, set[str]] = {}
    for file in Path(paperrag.__file__).parent.rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "lazy_pattern":
                given = ast.unparse(call.args[0])
                if not given.isidentifier() and len(given) > SHORT_CHARS:
                    homes.setdefault(given, set()).add(file.stem)
    assert {given for given, files in homes.items() if len(files) > 1} == set()
