"""`plumbline monitor`: count a prediction log, judge it under the policy, store the results and write them out."""

from __future__ import annotations

import argparse
import json
import sys
from itertools import chain
from pathlib import Path

from plumbline.cli.opening import now, opened
from plumbline.cli.person import signed_in
from plumbline.cli.summary import summary
from plumbline.domain.errors import LogError
from plumbline.domain.model_file import ModelFile, read_model_file
from plumbline.domain.results import Level
from plumbline.policy.load import Policy, load_policy
from plumbline.profiling.count import MEMORY
from plumbline.services.monitoring import MonitoringRun, record
from plumbline.services.monitoring import run as monitor
from plumbline.workflow.commands import RecordMonitoring

FAILED = 1
WIDTH = 30
_FAILS = {"red": (Level.RED,), "amber": (Level.RED, Level.AMBER)}


def configure(parser: argparse.ArgumentParser) -> None:
    def files(name: str, *, required: bool = False, told: str) -> None:
        parser.add_argument(name, action="append", nargs="+", metavar="FILE", required=required, help=told)

    parser.add_argument("file", type=Path, metavar="MODEL.toml", help="the model file")
    files("--log", required=True, told="the prediction log: Parquet or CSV files, globs, folders")
    files("--reference", told="the reference's rows, where the model file does not mark them")
    files("--labels", told="outcomes that came later, joined by the log's id")
    parser.add_argument("--engine", default="duckdb", help="where the rows are counted (now: duckdb)")
    parser.add_argument("--out", type=Path, metavar="FILE.json", help="write the results as JSON")
    parser.add_argument("--dry-run", action="store_true", help="count and judge without a store")
    parser.add_argument("--memory", type=int, default=MEMORY, metavar="MB", help=f"DuckDB's part (default {MEMORY})")
    parser.add_argument(
        "--fail-on", choices=tuple(_FAILS), help="exit with 1 when the newest window has such a verdict"
    )


def run(args: argparse.Namespace) -> int:
    if args.engine != "duckdb":
        raise LogError(
            f"The engine '{args.engine}' is not there yet",
            where="--engine",
            remedy="Leave it out: DuckDB counts the files in place.",
        )
    model_file = read_model_file(args.file)
    if args.dry_run:
        done = _monitored(args, model_file, load_policy())
    else:
        # Asked first: nobody waits for a count that the person at the keyboard may not store.
        with opened(args) as ctx:
            actor, policy = signed_in(ctx, RecordMonitoring), ctx.policy
        # The store is free for others while rows are counted.
        done = _monitored(args, model_file, policy)
        with opened(args) as ctx:
            record(ctx, actor, done)
    _tell(args, done)
    return FAILED if _fails(args.fail_on, done) else 0


def _monitored(args: argparse.Namespace, model_file: ModelFile, policy: Policy) -> MonitoringRun:
    return monitor(
        model_file,
        log=_flat(args.log),
        reference=_flat(args.reference),
        labels=_flat(args.labels),
        policy=policy,
        clock=now,
        memory=args.memory,
        progress=_progress if sys.stderr.isatty() else None,
    )


def _flat(given: list[list[str]] | None) -> tuple[str, ...]:
    return tuple(chain.from_iterable(given or ()))


def _progress(done: int, total: int, what: str) -> None:
    """One line on a terminal, drawn over at each step; the judging that follows says so too."""
    filled = WIDTH * done // total
    told = f"counting {what}" if done < total else "counted; now judged"
    line = f"[{'#' * filled}{'.' * (WIDTH - filled)}] {100 * done // total:3d} %  {told}"
    print(f"\r\x1b[2K{line}", end="\n" if done == total else "", file=sys.stderr, flush=True)


def _tell(args: argparse.Namespace, done: MonitoringRun) -> None:
    if args.out or args.json:
        text = json.dumps(done.as_json(), allow_nan=False, ensure_ascii=False)
        if args.out:
            _write(args.out, text)
        if args.json:
            print(text)
            return
    print("\n".join(summary(done)))


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise LogError(
            f"The results cannot be written: {error.strerror}", where=str(path), remedy="Choose another --out."
        ) from None


def _fails(level: str | None, done: MonitoringRun) -> bool:
    """Whether the newest window with rows has a verdict that the caller asked to fail on."""
    filled = [profile.window.label for profile in done.profiles[1:] if profile.rows]
    if level is None or not filled:
        return False
    return any(r.verdict.level in _FAILS[level] and r.window.label == filled[-1] for r in done.results)
