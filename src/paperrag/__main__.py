"""`python -m paperrag` is the command line."""

import sys

from paperrag.cli import run

sys.exit(run())
