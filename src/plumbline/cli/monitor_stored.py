"""The runs of `plumbline monitor` that open a store: who may keep what was counted, and judging stored counts again."""

from __future__ import annotations

import argparse
from typing import Protocol

from plumbline.cli.clock import now
from plumbline.cli.opening import opened
from plumbline.cli.person import signed_in
from plumbline.cli.summary import ALARMS
from plumbline.domain.model_file import ModelFile
from plumbline.policy.load import Policy, load_policy
from plumbline.services.context import Context
from plumbline.services.known_profiles import Held, held
from plumbline.services.monitoring import DUCKDB, MonitoringRun
from plumbline.services.rederiving import from_profiles
from plumbline.services.run_record import filled, record, require_allowed
from plumbline.workflow.commands import RecordMonitoring

PATIENCE = 10.0  # seconds: another run may be writing its results just now


class Count(Protocol):
    """Counts the log of the arguments and judges it."""

    def __call__(self, policy: Policy, known: Held | None) -> MonitoringRun: ...


def again(args: argparse.Namespace, model_file: ModelFile) -> MonitoringRun:
    """Judge the stored counts again; stored, too, unless it is a dry run."""
    with opened(args, patience=PATIENCE) as ctx:
        if args.dry_run:
            return _rederived(args, ctx, model_file, load_policy(args.policy))
        actor = signed_in(ctx, RecordMonitoring)
        require_allowed(ctx, actor, model_file)
        done = _rederived(args, ctx, model_file, ctx.policy)
        record(ctx, actor, done)
        return done


def kept(args: argparse.Namespace, model_file: ModelFile, count: Count) -> MonitoringRun:
    """Count what is not known yet, and store it."""
    # Asked first: nobody waits for a count that the person at the keyboard may not store.
    with opened(args, patience=PATIENCE) as ctx:
        actor, policy = signed_in(ctx, RecordMonitoring), ctx.policy
        require_allowed(ctx, actor, model_file)
        # Of a table nobody can say that it is unchanged without reading it.
        known = None if args.recount or args.engine != DUCKDB else _held(args, ctx, model_file)
    # The store is free for others while rows are counted.
    done = count(policy, known)
    with opened(args, patience=PATIENCE) as ctx:
        record(ctx, actor, done, only_new=not args.recount)
        # A person reads what is red or amber; who wants JSON wants all.
        return filled(ctx, done, levels=None if args.json or args.out else ALARMS)


def _rederived(args: argparse.Namespace, ctx: Context, model_file: ModelFile, policy: Policy) -> MonitoringRun:
    with ctx.store.read() as cursor:
        labels = args.reference_window
        return from_profiles(cursor, model_file, policy=policy, clock=now, reference_windows=labels, window=args.window)


def _held(args: argparse.Namespace, ctx: Context, model_file: ModelFile) -> Held | None:
    with ctx.store.read() as cursor:
        return held(cursor, model_file, [*args.log, *args.reference, *args.labels])
