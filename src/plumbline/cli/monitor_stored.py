"""The runs of `plumbline monitor` that open a store: who may keep what was counted, and judging stored counts again."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Protocol

from plumbline.cli import server
from plumbline.cli.clock import now
from plumbline.cli.opening import opened
from plumbline.cli.person import signed_in
from plumbline.cli.summary import ALARMS
from plumbline.domain.chain import canonical_json
from plumbline.domain.model_file import ModelFile
from plumbline.domain.payload import to_plain
from plumbline.policy.load import Policy, load_policy
from plumbline.services import run_travel
from plumbline.services.context import Context
from plumbline.services.known_profiles import Asked, Held, asked, held, stored
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
        require_allowed(ctx, actor, model_file.model.id, model_file.version.id)
        done = _rederived(args, ctx, model_file, ctx.policy)
        record(ctx, actor, done)
        return done


def kept(args: argparse.Namespace, model_file: ModelFile, count: Count) -> MonitoringRun:
    """Count what is not known yet, and store it: here, or where PLUMBLINE_SERVER has the store."""
    if server.address():
        return _kept_there(args, model_file, count)
    # Asked first: nobody waits for a count that the person at the keyboard may not store.
    with opened(args, patience=PATIENCE) as ctx:
        actor, policy = signed_in(ctx, RecordMonitoring), ctx.policy
        require_allowed(ctx, actor, model_file.model.id, model_file.version.id)
        with ctx.store.read() as cursor:
            found = stored(cursor, _asked(args, model_file)) if _may_build_on(args) else None
    # The store is free for others while rows are counted.
    done = count(policy, held(found) if found else None)
    with opened(args, patience=PATIENCE) as ctx:
        record(ctx, actor, done, only_new=not args.recount)
        # A person reads what is red or amber; who wants JSON wants all.
        return filled(ctx, done, levels=None if _whole(args) else ALARMS)


def _kept_there(args: argparse.Namespace, model_file: ModelFile, count: Count) -> MonitoringRun:
    """Counted and judged here, under the policy that the server has too; kept there."""
    policy, ask = load_policy(), _asked(args, model_file)
    told = server.send("monitoring/known", canonical_json(to_plain(ask)).encode())
    found = run_travel.read_stored(told, policy)
    done = count(policy, held(found) if found and _may_build_on(args) else None)
    sent = run_travel.Sent(done, only_new=not args.recount, whole=_whole(args))
    results, unread = run_travel.read_filled(server.send("monitoring/runs", run_travel.pack(sent)))
    return replace(done, results=results, unmeasured=frozenset(), unread=unread)


def _may_build_on(args: argparse.Namespace) -> bool:
    """Of a table nobody can say that it is unchanged without reading it."""
    return not args.recount and args.engine == DUCKDB


def _asked(args: argparse.Namespace, model_file: ModelFile) -> Asked:
    return asked(model_file, [*args.log, *args.reference, *args.labels] if _may_build_on(args) else ())


def _whole(args: argparse.Namespace) -> bool:
    return bool(args.json or args.out)


def _rederived(args: argparse.Namespace, ctx: Context, model_file: ModelFile, policy: Policy) -> MonitoringRun:
    with ctx.store.read() as cursor:
        labels = args.reference_window
        return from_profiles(cursor, model_file, policy=policy, clock=now, reference_windows=labels, window=args.window)
