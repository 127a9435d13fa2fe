"""Print what thousands of abstracts beside the notes do to how well notes are found.

    python benchmarks/abstracts.py [--abstracts 2000]

The abstracts are made up, on the same subjects as the notes: the hard case. Figures are nDCG@10
of `search` on the notes that answer each question, and what `ask` cites.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from quality import HEADS, ROOT, SETS, measure

sys.path.insert(0, str(ROOT / "tests"))


def main() -> None:
    """Measure every set without and with abstracts and print a Markdown table."""
    from made_up_abstracts import write_abstracts

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--abstracts", type=int, default=2000)
    count = parser.parse_args().abstracts
    print(f"| notes and questions | abstracts | {' | '.join(HEADS)} |")
    print("|---|" + "---|" * (1 + len(HEADS)))
    for name, (corpus, questions) in SETS.items():
        with tempfile.TemporaryDirectory() as folder:
            both = Path(folder) / "corpus"
            shutil.copytree(corpus / "notes", both / "notes")
            for abstracts in (0, count):
                write_abstracts(both, abstracts)
                print(
                    f"| {name} | {abstracts} | "
                    + " | ".join(measure(both, questions, "bundled"))
                    + " |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
