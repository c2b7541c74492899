"""`plumbline restore FILE`: a backup in the store's place, once it has proven itself."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from plumbline.cli.clock import now
from plumbline.cli.opening import new_id, store_path
from plumbline.cli.person import signed_in
from plumbline.policy.load import load_policy
from plumbline.services.backup import restore
from plumbline.services.context import Context
from plumbline.store.database import Store


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="what plumbline backup has written")


def run(args: argparse.Namespace) -> int:
    policy = load_policy()
    done = restore(
        args.file,
        store_path(args),
        opened=lambda path: Context(Store.open(path, clock=now), now, new_id, policy),
        prove=signed_in,
    )
    if args.json:
        body = {"store": str(store_path(args)), "seq": done.seq, "head": done.head}
        print(json.dumps(body | {"before": str(done.before) if done.before else None}))
        return 0
    print(f"{store_path(args)} stands as of event {done.seq}; every proof of the backup held.")
    if done.before:
        print(f"What stood before is kept as {done.before}.")
    print(f"head    {done.seq} {done.head}")
    return 0
