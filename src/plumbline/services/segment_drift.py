"""Why is a segment red? Its own columns, counted from the log on demand and kept as a fact about the version."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from plumbline.domain.chain import sha256
from plumbline.domain.errors import LogError
from plumbline.domain.log_spec import LogSpec
from plumbline.domain.model_file import ModelFile
from plumbline.domain.people import Actor
from plumbline.domain.results import Level, Result
from plumbline.domain.segment_drift import SegmentColumn, SegmentDrift, SegmentWindow
from plumbline.domain.silent import SilentFailure
from plumbline.policy.load import Policy
from plumbline.profiling.count import MEMORY, Counted, Progress, count
from plumbline.profiling.profile import OTHER, Profile
from plumbline.profiling.serial import digest, encode
from plumbline.services import drift
from plumbline.services.context import Context
from plumbline.services.governance import handle
from plumbline.services.judging import judged_results, require_known
from plumbline.services.run_account import rated
from plumbline.store import measurements
from plumbline.store.measurements import Selection, Stored
from plumbline.workflow.commands import RecordSegmentDrift
from plumbline.workflow.events import Recorded

METRICS = frozenset({*drift.METRICS, *SilentFailure})


def count_segment(
    model_file: ModelFile,
    by: str,
    segment: str,
    *,
    log: Sequence[str | Path],
    reference: Sequence[str | Path] = (),
    labels: Sequence[str | Path] = (),
    policy: Policy,
    clock: Callable[[], datetime],
    memory: int = MEMORY,
    progress: Progress | None = None,
) -> SegmentDrift:
    """The drift of the segment's columns in every window with rows of it, on bins of its own reference.

    Corrected for multiplicity among themselves: the columns of a segment are a family of their own.

    Raises:
        LogError: the model file declares no such segment, or the log cannot be trusted.
        PolicyError: the policy knows nothing of the model's family.
    """
    require_known(model_file, policy)
    columns = _columns(model_file, by, segment)
    spec = _alone(model_file.log)
    counted = count(
        spec,
        model_id=model_file.model.id,
        version_id=model_file.version.id,
        log=log,
        reference=reference,
        labels=labels,
        memory=memory,
        progress=progress,
        now=clock(),
        only=(columns, segment),
    )
    found = (counted.reference, *counted.windows)
    results = judged_results(spec, found, policy, family=model_file.model.family, tier=rated(model_file, policy))
    return _found(by, segment, counted, results, policy)


def _columns(model_file: ModelFile, by: str, segment: str) -> tuple[str, ...]:
    slices = model_file.log.slices
    if by not in slices:
        raise LogError(
            f"The model file declares no segment '{by}'",
            where=str(model_file.path),
            remedy=f"Declared are: {', '.join(slices) or 'none'}.",
        )
    if segment == OTHER:
        raise LogError(
            f"'{OTHER}' is no segment: it pools what is too rare to count on its own",
            where="--segment",
            remedy="Name one value.",
        )
    return slices[by]


def _alone(log: LogSpec) -> LogSpec:
    """The log without what is counted by segment or by row beside the columns, and without what is made of rows."""
    by_columns = replace(log, segments=(), groups=(), intersections=(), metrics=(), override=None, reference_group=None)
    return replace(by_columns, domain_rows=None)


def _found(by: str, segment: str, counted: Counted, results: Sequence[Result], policy: Policy) -> SegmentDrift:
    by_window: dict[str, dict[str, dict[str, Stored]]] = defaultdict(lambda: defaultdict(dict))
    for each in results:
        m = each.measurement
        if m.column is not None and m.metric in METRICS:
            by_window[each.window.label][m.column][m.metric] = Stored(each, "")
    return SegmentDrift(
        segment_by=by,
        segment=segment,
        reference_rows=counted.reference.rows,
        reference_sha256=digest(encode(counted.reference)),
        policy_digest=policy.digest,
        source=sha256("\n".join(counted.sources)),
        windows=tuple(_window(each, by_window[each.window.label]) for each in counted.windows if each.rows),
    )


def _window(profile: Profile, columns: dict[str, dict[str, Stored]]) -> SegmentWindow:
    ranked = drift.ranking(columns, {})
    psi = {name: found["psi"].result.measurement for name, found in columns.items() if "psi" in found}
    return SegmentWindow(
        window=profile.window.label,
        rows=profile.rows,
        profile_sha256=digest(encode(profile)),
        columns=tuple(
            SegmentColumn(
                column=one.column,
                level=one.level,
                finding=one.finding,
                psi=one.psi,
                low=psi[one.column].low if one.column in psi else None,
                high=psi[one.column].high if one.column in psi else None,
                n=one.n,
                silent=one.silent,
            )
            for one in ranked
        ),
    )


def red_windows(ctx: Context, model_id: str, version: str, by: str, segment: str) -> tuple[str, ...]:
    """The windows in which a figure of the segment is red, in order."""
    wanted = Selection(segment_by=(by,), segments=(segment,))
    with ctx.store.read() as cursor:
        found = measurements.current(cursor, model_id, version, wanted)
    return tuple(dict.fromkeys(one.result.window.label for one in found if one.result.verdict.level is Level.RED))


def kept(found: SegmentDrift, red: Collection[str]) -> SegmentDrift:
    """With the windows in which the segment carries a red alone; without any, with its newest."""
    windows = tuple(window for window in found.windows if window.window in red)
    return replace(found, windows=windows or found.windows[-1:])


def record(ctx: Context, actor: Actor, model_file: ModelFile, found: SegmentDrift) -> tuple[Recorded, ...]:
    """Store what was found; no event where the newest count of the segment found the same.

    Raises:
        NotFound: the model or version is not registered.
        NotAuthorised: the actor may not report for this model.
    """
    model, version = model_file.model.id, model_file.version.id
    return handle(ctx, RecordSegmentDrift(model_id=model, version_id=version, drift=found), actor)
