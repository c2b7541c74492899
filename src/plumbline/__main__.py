"""`python -m plumbline` is the command line."""

import sys

from plumbline.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
