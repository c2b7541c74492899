"""Monitoring: count a log, measure each window against the reference, judge it by the policy, store what came out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from plumbline import __version__
from plumbline.domain.chain import sha256
from plumbline.domain.errors import NotAuthorised, PolicyError
from plumbline.domain.model_file import ModelFile
from plumbline.domain.people import Actor
from plumbline.domain.results import Level, Result, Window, iso
from plumbline.policy.judge import judge_window
from plumbline.policy.load import Policy
from plumbline.profiling.count import MEMORY, Counted, Progress, count
from plumbline.profiling.known import Known
from plumbline.profiling.profile import Profile
from plumbline.profiling.serial import digest, encode
from plumbline.services.context import Context
from plumbline.services.evidence import state_of
from plumbline.services.governance import handle, record_refusal
from plumbline.services.known_profiles import standing
from plumbline.services.measure import measure_windows
from plumbline.services.run_account import Account, account_of, rated
from plumbline.store import accounts, people, profiles, results
from plumbline.store.database import Cursor
from plumbline.store.result_digest import digest as digest_of_results
from plumbline.workflow.commands import RecordMonitoring
from plumbline.workflow.decide import decide
from plumbline.workflow.events import Recorded
from plumbline.workflow.situation import Situation


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoringRun:
    """One run: `run` says what was counted and under which policy; `contents` are the profiles as stored bytes.

    `account` is what a later run may build on.
    """

    model_id: str
    version_id: str
    run: dict[str, Any]
    profiles: tuple[Profile, ...]  # the reference first
    contents: tuple[bytes, ...]  # aligned with profiles
    results: tuple[Result, ...]
    account: Account

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
    known: Known | None = None,
) -> MonitoringRun:
    """Count, measure, judge. Touches no store; `memory` is DuckDB's part in megabytes.

    `known` is what an earlier run counted: of its windows, those whose sources are unchanged are not read again.

    Raises:
        LogError: the log cannot be trusted at all.
        PolicyError: the policy knows nothing of the model's family.
    """
    started = clock()
    require_family(model_file, policy)
    counted = count(
        model_file.log,
        model_id=model_file.model.id,
        version_id=model_file.version.id,
        log=log,
        reference=reference,
        labels=labels,
        memory=memory,
        progress=progress,
        known=known,
    )
    runs = known.runs if known else {}
    return judged(model_file, counted, policy, started, taken={label: runs[label] for label in sorted(counted.taken)})


def judged(
    model_file: ModelFile,
    counted: Counted,
    policy: Policy,
    started: datetime,
    *,
    engine: str = "duckdb",
    taken: Mapping[str, str] | None = None,
    reference_windows: tuple[str, ...] = (),
) -> MonitoringRun:
    """The run that these counts amount to, whoever counted them; `taken` names the run a window was taken over from.

    Raises:
        PolicyError: the policy knows nothing of the model's family.
    """
    found = (counted.reference, *counted.windows)
    contents = tuple(encode(profile) for profile in found)
    hashes = {profile.window.label: digest(content) for profile, content in zip(found, contents, strict=True)}
    account = account_of(
        model_file,
        policy,
        hashes,
        digest(contents[0]),
        files=counted.files,
        labels=counted.label_marks,
        reference_windows=reference_windows,
    )
    told = _told(model_file, counted, policy, started, tuple(hashes.values()))
    return MonitoringRun(
        model_id=model_file.model.id,
        version_id=model_file.version.id,
        run=told | {"engine": engine, "taken_over": dict(taken or {})},
        profiles=found,
        contents=contents,
        results=judge_profiles(model_file, found, policy),
        account=account,
    )


def require_allowed(ctx: Context, actor: Actor, model_file: ModelFile) -> None:
    """Refuse before anything is counted what `record` would refuse after it.

    Raises:
        NotFound: the model or version is not registered.
        NotAuthorised: the actor may not report for this model; the refusal is in the access log.
    """
    command = RecordMonitoring(
        model_id=model_file.model.id, version_id=model_file.version.id, run_id="", windows=(), results_sha256="",
        profile_hashes=(), policy_digest="", source="", rows=0, quarantined=0,
    )  # fmt: skip
    with ctx.store.read() as cursor:
        state = state_of(cursor, command.model_id)
        register = {person.user_id: person for person in people.people(cursor)}
    situation = Situation(actor=actor, now=ctx.clock(), new_id=ctx.new_id, policy=ctx.policy, people=register)
    try:
        decide(state, command, situation)
    except NotAuthorised as refusal:
        record_refusal(ctx, command, actor, refusal)
        raise


def record(ctx: Context, actor: Actor, done: MonitoringRun, *, only_new: bool = False) -> tuple[Recorded, ...]:
    """Store a run: its fingerprint as an event, its profiles, results and account beside it, in one transaction.

    `only_new` leaves out the windows that stand in the store with the same profile, judged under the same.

    Raises:
        NotFound: the model or version is not registered.
        NotAuthorised: the actor may not report for this model.
    """
    run_id = str(done.run["id"])
    with ctx.store.read() as cursor:
        stored, still = standing(cursor, done.model_id, done.version_id, done.account)
    still = still if only_new else frozenset()
    both = zip(done.profiles, done.contents, strict=True)
    # The same bytes are not kept twice, however often they are judged.
    fresh = [(each.window, content) for each, content in both if each.window.label not in stored]
    found = tuple(result for result in done.results if result.window.label not in still)

    def beside(cursor: Cursor, recorded: Recorded) -> None:
        profiles.insert_profiles(cursor, recorded, run_id=run_id, version_id=done.version_id, profiles=fresh)
        results.insert_results(cursor, recorded, run_id=run_id, version_id=done.version_id, results=found)
        accounts.insert_account(
            cursor, recorded, run_id=run_id, version_id=done.version_id, content=done.account.text()
        )

    command = RecordMonitoring(
        model_id=done.model_id,
        version_id=done.version_id,
        run_id=run_id,
        windows=tuple(label for label in done.account.windows if label not in still),
        results_sha256=digest_of_results(found),
        profile_hashes=tuple(digest(content) for _, content in fresh),
        policy_digest=done.run["policy"],
        source=done.run["source"],
        rows=done.run["rows"],
        quarantined=done.run["quarantined"],
        account_sha256=sha256(done.account.text()),
    )
    return handle(ctx, command, actor, beside=beside)


def judge_profiles(model_file: ModelFile, found: Sequence[Profile], policy: Policy) -> tuple[Result, ...]:
    """Every figure of each profile with its verdict; the first profile is the reference.

    Raises:
        PolicyError: the policy knows nothing of the model's family.
    """
    require_family(model_file, policy)
    model, at = model_file.model, rated(model_file, policy)
    measured = measure_windows(model_file.log, found[0], found, policy)
    return tuple(
        Result(profile.window, measurement, verdict)
        for profile, measurements in zip(found, measured, strict=True)
        for measurement, verdict in zip(
            measurements, judge_window(measurements, policy, family=model.family, tier=at), strict=True
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


def _told(
    model_file: ModelFile,
    counted: Counted,
    policy: Policy,
    started: datetime,
    hashes: Sequence[str],
) -> dict[str, Any]:
    """The run in words and digests."""
    source = sha256("\n".join(counted.sources))
    mark = sha256("\n".join([source, policy.digest, *hashes]))
    return {
        # Time and content: the same log judged again is a run of its own, and supersedes.
        "id": f"{started:%Y%m%dT%H%M%S%f}-{mark[:12]}",
        "model": model_file.model.id,
        "version": model_file.version.id,
        "started_at": iso(started),
        "app_version": __version__,
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
