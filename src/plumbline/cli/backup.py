"""`plumbline backup FILE`: the whole store as one file, also while the app runs."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from plumbline.cli import server
from plumbline.cli.opening import opened
from plumbline.services.backup import Copied, backup, check_came, check_new


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="a file that is not there yet")


def run(args: argparse.Namespace) -> int:
    done = _of_server(args.file) if server.address() else _of_store(args)
    if args.json:
        body = {"file": str(done.path), "bytes": done.size, "sha256": done.sha256, "seq": done.seq, "head": done.head}
        print(json.dumps(body))
        return 0
    print(f"{done.path} holds the store up to event {done.seq} ({done.size / 1e6:.1f} MB).")
    print(f"sha256  {done.sha256}\nhead    {done.seq} {done.head}")
    return 0


def _of_store(args: argparse.Namespace) -> Copied:
    with opened(args) as ctx:
        return backup(ctx, args.file)


def _of_server(file: Path) -> Copied:
    check_new(file)
    headers = server.fetch("backup", file)
    seq, _, head = headers["plumbline-head"].partition(" ")
    return check_came(Copied(file, file.stat().st_size, headers["plumbline-sha256"], int(seq), head))
