"""What the quick tests promise: they load nothing heavy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

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
