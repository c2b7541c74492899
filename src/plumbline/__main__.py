"""`python -m plumbline` is the command line."""

from plumbline.cli.main import process

if __name__ == "__main__":
    process()
