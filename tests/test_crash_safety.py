"""Real kills of real processes: at every step of writing, at random times, and by Ctrl-C."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from workbench import REPOSITORY, Bench, environment, paperrag

pytestmark = pytest.mark.slow

OLD = "# 笔记\n- 旧 old KV cache merging\n- 旧 old 低秩分解\n"
NEW = "# 笔记\n- 新 new KV cache merging\n- 新 new 低秩分解\n- 新 new 量化\n"

# Forks a child for each step of writing an index; the child kills itself just before that step.
KILL_AT_EVERY_STEP = """
import json, os, shutil, signal, sqlite3, sys
from pathlib import Path
from paperrag.index import catalogue
from workbench import Bench, write_file

STEPS = ((os, "fsync"), (os, "replace"), (os, "mkdir"), (os, "rmdir"), (os, "unlink"), (os, "open"),
    (sqlite3, "connect"), (catalogue, "_replace"), (catalogue, "_delete"))

def die_at(step):
    def counted(real):
        def call(*arguments, **options):
            nonlocal step
            step -= 1
            if step == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **options)
        return call
    for module, name in STEPS:
        setattr(module, name, counted(getattr(module, name)))

root, old, new = Path(sys.argv[1]), *json.loads(sys.argv[2])
first = Bench(root / "first")
for number in range(3):
    first.write(a=old + f"- {number}\\n" * (number < 2))
    first.build()
results = []
for step in range(1, 1000):
    bench = Bench(root / "killed")
    shutil.rmtree(root / "killed", ignore_errors=True)
    shutil.copytree(root / "first", root / "killed")
    bench.write(a=new)
    child = os.fork()
    if child == 0:
        die_at(step)
        bench.build()
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    after = bench.texts()
    bench.build()
    results.append([status, after, bench.texts(), bench.names()])
    if status == 0:
        break
print(json.dumps(results))
"""


QUICK = ("--encoder", "bundled-static")
"""Embedding is not what is killed here."""


def lines_of(text: str) -> list[str]:
    return text.splitlines()[1:]


def test_kill_at_any_step_leaves_the_old_or_the_new_index_whole(tmp_path):
    finished = subprocess.run(
        [sys.executable, "-c", KILL_AT_EVERY_STEP, str(tmp_path), json.dumps([OLD, NEW])],
        env=environment(),
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    results = json.loads(finished.stdout)
    statuses = [status for status, *_ in results]
    assert len(results) > 15
    assert statuses == [signal.SIGKILL] * (len(results) - 1) + [0]
    answers = [after for _, after, _, _ in results]
    switched = answers.index(lines_of(NEW))
    assert answers == [lines_of(OLD)] * switched + [lines_of(NEW)] * (len(results) - switched)
    for _, _, mended, names in results:
        assert mended == lines_of(NEW)
        assert [name for name in names if not name.startswith("segment-")] == [
            "catalogue.sqlite",
            "lock",
        ]
        assert len(names) == 3


@pytest.fixture
def big_corpus(tmp_path) -> Bench:
    """A corpus that takes over a second to index, with an index of an old version of its first
    file.
    """
    bench = Bench(tmp_path)
    bench.write(n000=OLD)
    assert paperrag("index", *QUICK, cwd=tmp_path).returncode == 0
    generator = random.Random(0)
    words = "KV cache merging 低秩分解 量化 attention 解码 speculative 稀疏 prompt 压缩 路由 expert".split()
    for number in range(150):
        points = "".join(
            f"- {' '.join(generator.choices(words, k=30))} {number}-{row}\n" for row in range(30)
        )
        bench.write(**{f"n{number:03}": f"# 第 {number} 篇\n{points}"})
    return bench


def answer_from(index: Path, cwd: Path) -> set[str]:
    """What a reader that takes in no changes finds, in a process of its own."""
    found = paperrag(
        *(
            "search",
            "KV cache merging",
            "-k",
            "3",
            "--json",
            "--index",
            index,
            "--corpus",
            cwd / "corpus",
        ),
        cwd=cwd,
        env=environment(PAPERRAG_REFRESH_S="0"),
    )
    assert found.returncode == 0, found.stderr
    return {hit["text"] for hit in json.loads(found.stdout)["hits"]}


def start_index(cwd: Path, **options) -> subprocess.Popen[str]:
    """Start `paperrag index` and wait until it works."""
    process = subprocess.Popen(
        [sys.executable, "-m", "paperrag", "index", *QUICK],
        cwd=cwd,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )
    deadline = time.monotonic() + 20
    while not (cwd / "index" / "lock.owner").exists() and time.monotonic() < deadline:
        time.sleep(0.005)
    return process


def test_kill_at_random_times_leaves_the_old_index_answering(big_corpus, tmp_path):
    generator = random.Random(1)
    for _ in range(4):
        with start_index(tmp_path) as process:
            time.sleep(generator.uniform(0, 0.4))  # before the first step is saved
            process.kill()
        assert big_corpus.texts() == lines_of(OLD)
    assert answer_from(tmp_path / "index", tmp_path) == set(lines_of(OLD))
    assert paperrag("index", *QUICK, cwd=tmp_path).returncode == 0
    assert len(big_corpus.store.load().entries) == 150 * 30
    manifest = big_corpus.store.manifest()
    assert [name for name in big_corpus.names() if "segment" in name] == [
        f"segment-{number:06d}.arrays" for number in manifest.segments
    ]


def test_ctrl_c_leaves_the_old_index_whole(big_corpus, tmp_path):
    with start_index(
        tmp_path, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
    ) as process:
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=20)
    assert (process.returncode, out) == (130, "")
    assert error == "paperrag: stopped; the index is as it was last saved\n"
    assert big_corpus.names() == ["catalogue.sqlite", "lock", "segment-000001.arrays"]
    assert answer_from(tmp_path / "index", tmp_path) == set(lines_of(OLD))


# Rewrites an index as fast as it can, every entry of a version carrying its number.
WRITE_ON_AND_ON = """
import sys, time
from pathlib import Path
from workbench import Bench
bench, end, version = Bench(Path(sys.argv[1])), time.monotonic() + float(sys.argv[2]), 0
while time.monotonic() < end:
    version += 1
    bench.write(**{name: f"# 笔记\\n" + "".join(f"- 第 {version} 版 KV {row}\\n" for row in range(40)) for name in "abc"})
    bench.build(rebuild=version % 3 == 0)
print(version)
"""


def test_reader_sees_whole_generations_while_a_writer_swaps_them(tmp_path):
    from paperrag.search.retrieval import Retriever

    bench = Bench(tmp_path)
    bench.write(
        **{
            name: "# 笔记\n" + "".join(f"- 第 0 版 KV {row}\n" for row in range(40))
            for name in "abc"
        }
    )
    bench.build()
    seen = []
    with subprocess.Popen(
        [sys.executable, "-c", WRITE_ON_AND_ON, str(tmp_path), "4"],
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    ) as writer:
        while writer.poll() is None:
            data = bench.store.load()
            versions = {data.entries.get(row).text.split()[2] for row in range(len(data.entries))}
            hits = Retriever(data, bench.encoder).search("第 KV 版", 5)
            assert (len(data.entries), len(hits), len(versions)) == (120, 5, 1)
            seen.append(int(versions.pop()))
        assert writer.returncode == 0
        written = int(writer.stdout.read())
    assert seen == sorted(seen)
    assert len(set(seen)) > 1 and seen[-1] <= written  # a busy machine swaps slowly
