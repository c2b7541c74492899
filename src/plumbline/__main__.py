"""`python -m plumbline` is the command line."""

from plumbline.cli.main import leave, main

if __name__ == "__main__":
    leave(main())
