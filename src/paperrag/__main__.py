"""`python -m paperrag` is the command line."""

import sys

from paperrag.cli import main

sys.exit(main())
