"""`plumbline monitor`: count a prediction log, judge it under the policy, store the results and write them out."""

from __future__ import annotations

import argparse
import json
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from plumbline.cli.clock import now
from plumbline.cli.progress import Progress
from plumbline.cli.summary import summary
from plumbline.domain.errors import LogError
from plumbline.domain.log_spec import CALENDAR
from plumbline.domain.model_file import ModelFile, read_model_file
from plumbline.domain.results import Level
from plumbline.policy.load import Policy, load_policy
from plumbline.profiling.count import MEMORY
from plumbline.profiling.warehouse import is_url
from plumbline.services.monitoring import DUCKDB, MonitoringRun
from plumbline.services.monitoring import run as monitor

if TYPE_CHECKING:
    from plumbline.services.known_profiles import Held

FAILED = 1
LEAST_MEMORY = 16  # MB; with less it does not open a file
_FAILS = {"red": (Level.RED,), "amber": (Level.RED, Level.AMBER)}


def configure(parser: argparse.ArgumentParser) -> None:
    def files(name: str, metavar: str, told: str) -> None:
        parser.add_argument(name, action="extend", nargs="+", default=[], metavar=metavar, help=told)

    parser.add_argument("file", type=Path, metavar="MODEL.toml", help="the model file")
    files("--log", "FILE", "the prediction log: Parquet or CSV files, globs, folders")
    files("--reference", "FILE", "the reference's rows, where the model file does not mark them")
    files("--labels", "FILE", "outcomes that came later, joined by the log's id")
    parser.add_argument("--recount", action="store_true", help="read every file again, also those that look unchanged")
    parser.add_argument("--from-profiles", action="store_true", help="judge the stored counts again, without the log")
    files("--reference-window", "LABEL", "with --from-profiles: stored windows that are added up to be the reference")
    parser.add_argument(
        "--window", choices=CALENDAR[1:], help="with --from-profiles --dry-run: merge short windows into longer ones"
    )
    parser.add_argument(
        "--policy", type=Path, metavar="FOLDER", help="with --dry-run: judge under these packs, not those in force"
    )
    parser.add_argument(
        "--engine",
        default=DUCKDB,
        metavar="duckdb|URL",
        help="a warehouse's URL: --log, --reference, --labels are tables",
    )
    parser.add_argument("--segment", metavar="BY=VALUE", help="count the columns of this segment alone: why is it red?")
    parser.add_argument("--out", type=Path, metavar="FILE.json", help="write the results as JSON")
    parser.add_argument("--dry-run", action="store_true", help="judge without writing to a store")
    parser.add_argument("--memory", type=int, default=MEMORY, metavar="MB", help=f"DuckDB's part (default {MEMORY})")
    parser.add_argument(
        "--fail-on", choices=tuple(_FAILS), help="exit with 1 when the newest window has such a verdict"
    )


def run(args: argparse.Namespace) -> int:
    _require_sense(args)
    model_file = read_model_file(args.file)
    if args.segment:
        from plumbline.cli import segment_drift

        return segment_drift.run(args, model_file)
    done = _judged(args, model_file)
    _tell(args, done)
    return FAILED if _fails(args.fail_on, done) else 0


def _require_sense(args: argparse.Namespace) -> None:
    """Refuse what does not go together, before anything is opened."""
    if args.engine != DUCKDB and not is_url(args.engine):
        raise LogError(
            f"There is no engine '{args.engine}'",
            where="--engine",
            remedy="Leave it out for files, or give a warehouse's URL, such as postgres://user@host/base.",
        )
    if args.memory < LEAST_MEMORY:
        raise LogError(
            f"DuckDB cannot count within {args.memory} MB", where="--memory", remedy=f"Give it {LEAST_MEMORY} or more."
        )
    if args.out and not args.out.parent.is_dir():
        raise LogError(
            "There is no such folder", where=str(args.out.parent), remedy="Make it, or choose another --out."
        )
    if args.from_profiles == bool(args.log):
        raise LogError("Nothing says what to judge" if not args.log else "A log is counted, or stored profiles are",
                       where="--log, --from-profiles", remedy="Give one of the two.")  # fmt: skip
    if (args.reference_window or args.window) and not args.from_profiles:
        where = "--reference-window, --window"
        raise LogError("Only stored windows add up", where=where, remedy="Put --from-profiles in the place of --log.")
    if args.segment and (args.from_profiles or args.out or args.fail_on or args.engine != DUCKDB):
        where = "--segment"
        raise LogError(
            "A segment's own columns are counted from files and shown", where=where,
            remedy="Leave out --from-profiles, --out, --fail-on and --engine; --json writes all.",
        )  # fmt: skip
    if args.window and not args.dry_run:
        # Days and their months in one store would be two series of the same rows.
        raise LogError("Merged windows are shown, not stored", where="--window", remedy="Add --dry-run.")
    if args.policy and not args.dry_run:
        raise LogError("What is stored is judged under the policy in force", where="--policy", remedy="Add --dry-run.")


def _judged(args: argparse.Namespace, model_file: ModelFile) -> MonitoringRun:
    if args.dry_run and not args.from_profiles:
        return _counted(args, model_file, load_policy(args.policy))
    # Signing in and writing take a third of a second to import; a dry run of a log does neither.
    from plumbline.cli import monitor_stored

    if args.from_profiles:
        return monitor_stored.again(args, model_file)
    return monitor_stored.kept(args, model_file, partial(_counted, args, model_file))


def _counted(
    args: argparse.Namespace, model_file: ModelFile, policy: Policy, known: Held | None = None
) -> MonitoringRun:
    return monitor(
        model_file,
        log=args.log,
        reference=args.reference,
        labels=args.labels,
        policy=policy,
        clock=now,
        memory=args.memory,
        progress=Progress() if sys.stderr.isatty() else None,
        held=known,
        engine=args.engine,
        kept=not args.dry_run or _written(args),
    )


def _written(args: argparse.Namespace) -> bool:
    """Whether all results are asked for, not the summary that a person reads."""
    return bool(args.out or args.json)


def _tell(args: argparse.Namespace, done: MonitoringRun) -> None:
    if _written(args):
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
    if level is None or done.newest is None:
        return False
    newest = done.newest.window.label
    return any(r.verdict.level in _FAILS[level] and r.window.label == newest for r in done.results)
