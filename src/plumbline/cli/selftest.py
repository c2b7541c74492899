"""`plumbline selftest MODEL [VERSION]`: how often verdicts alarm where nothing drifts, and what they would find."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable

from plumbline.cli.opening import opened
from plumbline.cli.person import signed_in
from plumbline.cli.progress import Progress
from plumbline.domain.errors import PlumblineError
from plumbline.domain.payload import to_plain
from plumbline.domain.self_test import Kept, SelfTest
from plumbline.services.self_test import DRAWN
from plumbline.services.self_test_run import newest_measured, of_stored, record
from plumbline.services.self_test_view import sentences
from plumbline.workflow.commands import RecordSelfTest

BROKEN = 1


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model")
    parser.add_argument("version", nargs="?", help="default: the one measured last")
    parser.add_argument("--windows", type=int, default=DRAWN, metavar="N", help=f"windows to draw ({DRAWN})")
    parser.add_argument("--seed", type=int, default=1, help="another seed draws other windows (1)")
    parser.add_argument("--dry-run", action="store_true", help="show, store nothing")


def run(args: argparse.Namespace) -> int:
    if args.windows < 1 or args.seed < 0:
        raise PlumblineError(
            "A self-test draws at least one window, by a seed that is not negative",
            where=f"--windows {args.windows} --seed {args.seed}",
            remedy="Name more.",
        )
    with opened(args) as ctx:
        # Asked first: nobody waits for a test that the person at the keyboard may not store.
        actor = None if args.dry_run else signed_in(ctx, RecordSelfTest)
        version = args.version or newest_measured(ctx, args.model)
        found = of_stored(ctx, args.model, version, drawn=args.windows, seed=args.seed, progress=_progress())
        if actor:
            record(ctx, actor, args.model, version, found)
    print(
        json.dumps(_answer(args.model, version, found)) if args.json else f"{args.model} {version} {sentences(found)}"
    )
    return BROKEN if found.kept is Kept.BROKEN else 0


def _progress() -> Callable[[int, int], None] | None:
    if not sys.stderr.isatty():
        return None
    bar = Progress("windows", "drawn and judged; now shifts are planted")
    return lambda done, total: bar(done, total, "drawn without drift")


def _answer(model: str, version: str, found: SelfTest) -> dict[str, object]:
    return {"model": model, "version": version, "budget": found.kept.value, **to_plain(found)}
