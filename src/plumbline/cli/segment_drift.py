"""`plumbline monitor --segment BY=VALUE`: the segment's own columns, counted from the log, told and kept."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator

from plumbline.cli.clock import now
from plumbline.cli.monitor_stored import PATIENCE
from plumbline.cli.opening import opened
from plumbline.cli.person import signed_in
from plumbline.cli.progress import Progress
from plumbline.domain.errors import LogError
from plumbline.domain.model_file import ModelFile
from plumbline.domain.payload import to_plain
from plumbline.domain.segment_drift import SegmentDrift, SegmentWindow
from plumbline.policy.load import Policy, load_policy
from plumbline.services.run_record import require_allowed
from plumbline.services.segment_drift import count_segment, kept, record, red_windows
from plumbline.workflow.commands import RecordSegmentDrift

SHOWN = 6


def run(args: argparse.Namespace, model_file: ModelFile) -> int:
    by, segment = _named(args.segment)
    found = _counted(args, model_file, by, segment, load_policy(args.policy)) if args.dry_run else None
    if found is None:
        with opened(args, patience=PATIENCE) as ctx:
            actor, policy = signed_in(ctx, RecordSegmentDrift), ctx.policy
            require_allowed(ctx, actor, model_file.model.id, model_file.version.id)
            red = red_windows(ctx, model_file.model.id, model_file.version.id, by, segment)
        # The store is free for others while rows are counted.
        found = kept(_counted(args, model_file, by, segment, policy), red)
        with opened(args, patience=PATIENCE) as ctx:
            record(ctx, actor, model_file, found)
    print(json.dumps(to_plain(found), ensure_ascii=False) if args.json else "\n".join(_lines(model_file, found)))
    return 0


def _named(text: str) -> tuple[str, str]:
    by, between, segment = text.partition("=")
    if not (by and between and segment):
        raise LogError(f"'{text}' names no segment", where="--segment", remedy="Write region=north.")
    return by, segment


def _counted(args: argparse.Namespace, model_file: ModelFile, by: str, segment: str, policy: Policy) -> SegmentDrift:
    return count_segment(
        model_file,
        by,
        segment,
        log=args.log,
        reference=args.reference,
        labels=args.labels,
        policy=policy,
        clock=now,
        memory=args.memory,
        progress=Progress() if sys.stderr.isatty() else None,
    )


def _lines(model_file: ModelFile, found: SegmentDrift) -> Iterator[str]:
    yield (
        f"{model_file.model.id} {model_file.version.id}, {found.name}: {found.reference_rows:,} rows of the reference, "
        f"{len(found.windows)} window{'' if len(found.windows) == 1 else 's'}."
    )
    for window in found.windows[: -SHOWN - 1 : -1]:
        yield from _of_window(window)
    if (rest := len(found.windows) - SHOWN) > 0:
        yield from ("", f"... and {rest} earlier windows; --json writes all.")


def _of_window(window: SegmentWindow) -> Iterator[str]:
    yield from ("", f"{window.window}, {window.rows:,} rows:")
    for one in window.columns[:SHOWN]:
        yield f"  {one.level.value:<5}  {one.column:<18} {one.finding}"
    if (rest := len(window.columns) - SHOWN) > 0:
        yield f"  ... and {rest} more; --json writes all."
