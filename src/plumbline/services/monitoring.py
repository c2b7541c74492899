"""Monitoring: count a log, measure each window against the reference, judge it by the policy, store what came out."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from plumbline import __version__
from plumbline.domain.errors import PolicyError
from plumbline.domain.model_file import ModelFile
from plumbline.domain.people import Actor
from plumbline.domain.results import Level, Result, Window, iso
from plumbline.policy.judge import judge_window
from plumbline.policy.load import Policy
from plumbline.policy.tiering import tier
from plumbline.profiling.count import MEMORY, Counted, Progress, count
from plumbline.profiling.profile import Profile
from plumbline.profiling.serial import digest, encode
from plumbline.services.context import Context
from plumbline.services.governance import handle
from plumbline.services.measure import measure_windows
from plumbline.store import profiles, results
from plumbline.store.database import Cursor
from plumbline.store.result_digest import digest as digest_of_results
from plumbline.workflow.commands import RecordMonitoring
from plumbline.workflow.events import Recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoringRun:
    """One run: `run` says what was counted and under which policy; `contents` are the profiles as stored bytes."""

    model_id: str
    version_id: str
    run: dict[str, Any]
    profiles: tuple[Profile, ...]  # the reference first
    contents: tuple[bytes, ...]  # aligned with profiles
    results: tuple[Result, ...]

    def as_json(self) -> dict[str, Any]:
        """The results format: null where a figure could not be made, never NaN."""
        windows = {
            profile.window.label: {
                "sha256": digest(content),
                "rows": profile.rows,
                "quarantine": profile.quarantine,
                "label_share": profile.label_share,
                "mature": profile.mature,
            }
            for profile, content in zip(self.profiles, self.contents, strict=True)
        }
        return {
            "run": self.run,
            "profile": {"grid": self.profiles[0].grid.digest, "windows": windows},
            "results": [result.as_json() for result in self.results],
        }

    def verdicts(self) -> dict[Level, int]:
        """How many results of each level, the reference's own left out."""
        counted = Counter(r.verdict.level for r in self.results if r.window.label != self.profiles[0].window.label)
        return {level: counted.get(level, 0) for level in Level}


def run(
    model_file: ModelFile,
    *,
    log: Sequence[str | Path],
    reference: Sequence[str | Path] = (),
    labels: Sequence[str | Path] = (),
    policy: Policy,
    clock: Callable[[], datetime],
    memory: int = MEMORY,
    progress: Progress | None = None,
) -> MonitoringRun:
    """Count, measure, judge. Touches no store; `memory` is DuckDB's part in megabytes.

    Raises:
        LogError: the log cannot be trusted at all.
        PolicyError: the policy knows nothing of the model's family.
    """
    started = clock()
    counted = count(
        model_file.log,
        model_id=model_file.model.id,
        version_id=model_file.version.id,
        log=log,
        reference=reference,
        labels=labels,
        memory=memory,
        progress=progress,
    )
    found = (counted.reference, *counted.windows)
    contents = tuple(encode(profile) for profile in found)
    judged = _judged(model_file, found, policy)
    return MonitoringRun(
        model_id=model_file.model.id,
        version_id=model_file.version.id,
        run=_account(model_file, counted, contents, policy, started),
        profiles=found,
        contents=contents,
        results=judged,
    )


def record(ctx: Context, actor: Actor, done: MonitoringRun) -> tuple[Recorded, ...]:
    """Store a run: its fingerprint as an event, its profiles and results beside it, in one transaction.

    Raises:
        NotFound: the model or version is not registered.
        NotAuthorised: the actor may not report for this model.
    """
    run_id = str(done.run["id"])

    def beside(cursor: Cursor, recorded: Recorded) -> None:
        windows = [(profile.window, content) for profile, content in zip(done.profiles, done.contents, strict=True)]
        profiles.insert_profiles(cursor, recorded, run_id=run_id, version_id=done.version_id, profiles=windows)
        results.insert_results(cursor, recorded, run_id=run_id, version_id=done.version_id, results=done.results)

    command = RecordMonitoring(
        model_id=done.model_id,
        version_id=done.version_id,
        run_id=run_id,
        windows=tuple(profile.window.label for profile in done.profiles),
        results_sha256=digest_of_results(done.results),
        profile_hashes=tuple(digest(content) for content in done.contents),
        policy_digest=done.run["policy"],
        source=done.run["source"],
        rows=done.run["rows"],
        quarantined=done.run["quarantined"],
    )
    return handle(ctx, command, actor, beside=beside)


def _judged(model_file: ModelFile, found: Sequence[Profile], policy: Policy) -> tuple[Result, ...]:
    model = model_file.model
    require_family(model_file, policy)
    rated = tier(model.tier_inputs, policy, automation=model.automation, affects_people=model.affects_people).tier
    measured = measure_windows(model_file.log, found[0], found, policy)
    return tuple(
        Result(profile.window, measurement, verdict)
        for profile, measurements in zip(found, measured, strict=True)
        for measurement, verdict in zip(
            measurements, judge_window(measurements, policy, family=model.family, tier=rated), strict=True
        )
    )


def require_family(model_file: ModelFile, policy: Policy) -> None:
    """Refuse a model of a family that the policy has no word for.

    Raises:
        PolicyError: names the file and the families there are.
    """
    clauses = [clause for found in policy.thresholds.clauses.values() for clause in found]
    known = sorted({"general", *(family for clause in clauses for family in clause.families)})
    if model_file.model.family not in known:
        raise PolicyError(
            f"The policy has no thresholds for the family '{model_file.model.family}'",
            where=str(model_file.path),
            remedy=f"Use one of: {', '.join(known)}.",
        )


def _account(
    model_file: ModelFile,
    counted: Counted,
    contents: Sequence[bytes],
    policy: Policy,
    started: datetime,
) -> dict[str, Any]:
    """The run in words and digests."""
    source = hashlib.sha256("\n".join(counted.sources).encode()).hexdigest()
    mark = hashlib.sha256("\n".join([source, policy.digest, *map(digest, contents)]).encode()).hexdigest()
    return {
        # Time and content: the same log judged again is a run of its own, and supersedes.
        "id": f"{started:%Y%m%dT%H%M%S%f}-{mark[:12]}",
        "model": model_file.model.id,
        "version": model_file.version.id,
        "started_at": iso(started),
        "app_version": __version__,
        "engine": "duckdb",
        "model_file": model_file.sha256,
        "policy": policy.digest,
        "source": source,
        "sources": list(counted.sources),
        "rows_in": counted.rows_in,
        "rows": counted.reference.rows + sum(profile.rows for profile in counted.windows),
        "quarantined": sum(counted.quarantine.values()),
        "quarantine": counted.quarantine,
        "windows": [_window(profile.window) for profile in counted.windows],
        "notes": [*counted.notes, *_without_values(counted)],
    }


def _without_values(counted: Counted) -> list[str]:
    found = (counted.reference, *(profile for profile in counted.windows if profile.rows))
    names = [name for name in counted.reference.columns if not any(each.columns[name].n for each in found)]
    return [f"Without a single value: {', '.join(names)}."] if names else []


def _window(window: Window) -> dict[str, str | None]:
    return {"window": window.label, "window_start": iso(window.start), "window_end": iso(window.end)}
