"""The pipeline that made the bundled encoder, on tiny made-up data."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sentence_transformers import SentenceTransformer

ROOT = Path(__file__).resolve().parent.parent


def test_every_step_of_training_fits_the_next(tmp_path: Path):
    run = [sys.executable, "-m", "training.smoke", str(tmp_path)]
    outcome = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert outcome.returncode == 0, outcome.stderr[-2000:]
    models = [path.parent for path in tmp_path.rglob("modules.json")]
    assert models
    for model in models:
        assert SentenceTransformer(str(model)).encode(["cache merging 缓存合并"]).shape[0] == 1
