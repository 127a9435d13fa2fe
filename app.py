"""Opens the page over corpus/ and index/, settings from the environment and paperrag.toml: the
same as `paperrag serve`.
"""

import sys

from paperrag.cli import main

if __name__ == "__main__":
    sys.exit(main(["serve", *sys.argv[1:]]))
