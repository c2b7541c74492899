"""`plumbline verify [FILE]`: proof of the store, or offline of an exported log."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from plumbline.cli.opening import opened
from plumbline.cli.progress import Progress
from plumbline.domain.errors import ChainBroken
from plumbline.services import integrity
from plumbline.services.integrity import Check, Verification

BROKEN = 1


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="an exported log (JSON); default: the store")


def run(args: argparse.Namespace) -> int:
    found = integrity.verify_export(args.file) if args.file else _of_store(args)
    if args.json:
        body = {"holds": found.holds, "seq": found.seq, "head": found.head}
        print(json.dumps(body | {"checks": [asdict(check) for check in found.checks]}))
    else:
        for check in found.checks:
            print(f"{'holds ' if check.holds else 'BROKEN'}  {check.name:<13} {check.found}")
        print(f"head    {found.seq} {found.head}")
    return 0 if found.holds else BROKEN


def _of_store(args: argparse.Namespace) -> Verification:
    try:
        with opened(args) as ctx:
            bar = Progress("proofs", "looked at all", even=False) if sys.stderr.isatty() else None
            found = integrity.verify(ctx, progress=bar)
            if found.holds:
                integrity.anchor(ctx, "verify")
            return found
    except ChainBroken as broken:
        # A file too damaged to be read is the clearest "no" there is, not a request that cannot be served.
        return Verification((Check("file", False, str(broken)),), 0, "")
