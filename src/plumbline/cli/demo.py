"""`plumbline demo`: the sample estate, in a store of its own."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from plumbline.cli.opening import store_path

WIDTH = 30


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--logs",
        type=Path,
        metavar="DIR",
        help="also write all raw logs, model files and artefacts there",
    )


def run(args: argparse.Namespace) -> int:
    # Training libraries take seconds to import, and only this verb needs them.
    from plumbline.demo.estate import build
    from plumbline.demo.people import DOORS, PASSWORD

    store = store_path(args)
    build(store, logs=args.logs, progress=bar if sys.stderr.isatty() else None)
    if args.json:
        print(json.dumps({"store": str(store), "logs": args.logs and str(args.logs), "accounts": DOORS}))
        return 0
    print(f"The sample estate stands in {store}: thirteen models, 24 months to 31 Oct 2026.")
    print(f"Accounts such as {', '.join(DOORS)}; the password of each is {PASSWORD}")
    if args.logs:
        print(f"Raw logs and model files are in {args.logs}, a folder for each model.")
    return 0


def bar(done: int, total: int, what: str) -> None:
    """One line on a terminal, drawn over at each step and closed at the last."""
    filled = WIDTH * done // total
    line = f"[{'#' * filled}{'.' * (WIDTH - filled)}] {100 * done // total:3d} %  {what:<34.34}"
    print(f"\r{line}", end="\n" if done == total else "", file=sys.stderr, flush=True)
