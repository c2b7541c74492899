"""`plumbline monitor`: count a prediction log, judge it under the policy, store the results and write them out."""

from __future__ import annotations

import argparse
import json
import sys
from itertools import chain
from pathlib import Path

from plumbline.cli.opening import now, opened
from plumbline.cli.person import signed_in
from plumbline.cli.progress import Progress
from plumbline.cli.summary import summary
from plumbline.domain.errors import LogError
from plumbline.domain.log_spec import CALENDAR
from plumbline.domain.model_file import ModelFile, read_model_file
from plumbline.domain.results import Level
from plumbline.policy.load import Policy, load_policy
from plumbline.profiling.count import MEMORY
from plumbline.profiling.warehouse import is_url
from plumbline.services.context import Context
from plumbline.services.known_profiles import Held, held
from plumbline.services.monitoring import DUCKDB, MonitoringRun
from plumbline.services.monitoring import run as monitor
from plumbline.services.rederiving import from_profiles
from plumbline.services.run_record import filled, record, require_allowed
from plumbline.workflow.commands import RecordMonitoring

FAILED = 1
PATIENCE = 10.0  # seconds: another run may be writing its results just now
_FAILS = {"red": (Level.RED,), "amber": (Level.RED, Level.AMBER)}


def configure(parser: argparse.ArgumentParser) -> None:
    def files(name: str, metavar: str, told: str) -> None:
        parser.add_argument(name, action="append", nargs="+", metavar=metavar, help=told)

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
    parser.add_argument("--out", type=Path, metavar="FILE.json", help="write the results as JSON")
    parser.add_argument("--dry-run", action="store_true", help="judge without writing to a store")
    parser.add_argument("--memory", type=int, default=MEMORY, metavar="MB", help=f"DuckDB's part (default {MEMORY})")
    parser.add_argument(
        "--fail-on", choices=tuple(_FAILS), help="exit with 1 when the newest window has such a verdict"
    )


def run(args: argparse.Namespace) -> int:
    _require_sense(args)
    model_file = read_model_file(args.file)
    if args.from_profiles:
        done = _again(args, model_file)
    elif args.dry_run:
        done = _counted(args, model_file, load_policy(args.policy))
    else:
        done = _kept(args, model_file)
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
    if args.from_profiles == bool(args.log):
        raise LogError("Nothing says what to judge" if not args.log else "A log is counted, or stored profiles are",
                       where="--log, --from-profiles", remedy="Give one of the two.")  # fmt: skip
    if (args.reference_window or args.window) and not args.from_profiles:
        where = "--reference-window, --window"
        raise LogError("Only stored windows add up", where=where, remedy="Add --from-profiles.")
    if args.window and not args.dry_run:
        # Days and their months in one store would be two series of the same rows.
        raise LogError("Merged windows are shown, not stored", where="--window", remedy="Add --dry-run.")
    if args.policy and not args.dry_run:
        raise LogError("What is stored is judged under the policy in force", where="--policy", remedy="Add --dry-run.")


def _again(args: argparse.Namespace, model_file: ModelFile) -> MonitoringRun:
    with opened(args, patience=PATIENCE) as ctx:
        if args.dry_run:
            return _rederived(args, ctx, model_file, load_policy(args.policy))
        actor = signed_in(ctx, RecordMonitoring)
        require_allowed(ctx, actor, model_file)
        done = _rederived(args, ctx, model_file, ctx.policy)
        record(ctx, actor, done)
        return done


def _rederived(args: argparse.Namespace, ctx: Context, model_file: ModelFile, policy: Policy) -> MonitoringRun:
    with ctx.store.read() as cursor:
        labels = _flat(args.reference_window)
        return from_profiles(cursor, model_file, policy=policy, clock=now, reference_windows=labels, window=args.window)


def _kept(args: argparse.Namespace, model_file: ModelFile) -> MonitoringRun:
    # Asked first: nobody waits for a count that the person at the keyboard may not store.
    with opened(args, patience=PATIENCE) as ctx:
        actor, policy = signed_in(ctx, RecordMonitoring), ctx.policy
        require_allowed(ctx, actor, model_file)
        # Of a table nobody can say that it is unchanged without reading it.
        known = None if args.recount or args.engine != DUCKDB else _held(args, ctx, model_file)
    # The store is free for others while rows are counted.
    done = _counted(args, model_file, policy, known)
    with opened(args, patience=PATIENCE) as ctx:
        record(ctx, actor, done, only_new=not args.recount)
        return filled(ctx, done)


def _held(args: argparse.Namespace, ctx: Context, model_file: ModelFile) -> Held | None:
    with ctx.store.read() as cursor:
        return held(cursor, model_file, [*_flat(args.log), *_flat(args.reference), *_flat(args.labels)])


def _counted(
    args: argparse.Namespace, model_file: ModelFile, policy: Policy, known: Held | None = None
) -> MonitoringRun:
    return monitor(
        model_file,
        log=_flat(args.log),
        reference=_flat(args.reference),
        labels=_flat(args.labels),
        policy=policy,
        clock=now,
        memory=args.memory,
        progress=Progress() if sys.stderr.isatty() else None,
        held=known,
        engine=args.engine,
    )


def _flat(given: list[list[str]] | None) -> tuple[str, ...]:
    return tuple(chain.from_iterable(given or ()))


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
