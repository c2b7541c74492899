"""A monitoring run into the store: allowed or refused before the work, kept in one transaction after it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial

from plumbline.domain.chain import sha256
from plumbline.domain.errors import NotAuthorised, StaleRevision
from plumbline.domain.people import Actor
from plumbline.domain.results import REFERENCE, Level, Result
from plumbline.domain.silent import SILENT_ORDER
from plumbline.profiling.serial import digest
from plumbline.services.context import Context
from plumbline.services.evidence import state_of
from plumbline.services.governance import handle, record_refusal
from plumbline.services.known_profiles import standing
from plumbline.services.monitoring import MonitoringRun
from plumbline.store import accounts, people, profiles, results
from plumbline.store.database import Cursor
from plumbline.store.result_digest import digest as digest_of_results
from plumbline.workflow.commands import RecordMonitoring
from plumbline.workflow.decide import decide
from plumbline.workflow.events import Recorded
from plumbline.workflow.situation import Situation


def require_allowed(ctx: Context, actor: Actor, model_id: str, version_id: str) -> None:
    """Refuse before anything is counted what `record` would refuse after it.

    Raises:
        NotFound: the model or version is not registered.
        NotAuthorised: the actor may not report for this model; the refusal is in the access log.
    """
    command = RecordMonitoring(
        model_id=model_id, version_id=version_id, run_id="", windows=(), results_sha256="",
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
        StaleRevision: another run stored windows that this one took to be standing.
    """
    run_id = str(done.run["id"])
    with ctx.store.read() as cursor:
        stored, still = standing(cursor, done.model_id, done.version_id, done.account)
    if not done.unmeasured <= still:
        raise StaleRevision(
            f"Another run has stored {', '.join(sorted(done.unmeasured - still))} meanwhile, so nothing was changed",
            remedy="Run it again.",
        )
    still = still - _told_otherwise(ctx, done, still - done.unmeasured) if only_new else done.unmeasured
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


def _told_otherwise(ctx: Context, done: MonitoringRun, windows: Collection[str]) -> set[str]:
    """Those of the windows whose silent failures are others than the store says: they hang on other windows too."""
    if not windows:
        return set()
    with ctx.store.read() as cursor:
        stored = results.current(
            cursor,
            model_id=done.model_id,
            version_id=done.version_id,
            windows=sorted(windows),
            metrics=tuple(SILENT_ORDER),
        )
    held = {_as_told(each.result) for each in stored}
    here = {_as_told(each) for each in done.results if each.measurement.metric in SILENT_ORDER}
    return {label for label, *_ in held ^ here if label in windows}


def _as_told(result: Result) -> tuple[str, str, str, str]:
    measured, verdict = result.measurement, result.verdict
    return result.window.label, measured.metric, measured.column or "", verdict.reason


def filled(ctx: Context, done: MonitoringRun, *, levels: Sequence[Level] | None = None) -> MonitoringRun:
    """The run with the results of all its windows, those that stand in the store read from there.

    With `levels` only those results are read of the windows before the newest; the others are counted as `unread`.
    """
    if not done.unmeasured:
        return done
    newest = {done.newest.window.label} if done.newest and levels is not None else set[str]()
    model, version, unread = done.model_id, done.version_id, dict[Level, int]()
    with ctx.store.read() as cursor:
        read = partial(results.current, cursor, model_id=model, version_id=version)
        stored = [*read(windows=sorted(done.unmeasured & newest))]
        stored += read(windows=sorted(done.unmeasured - newest), levels=levels)
        if levels is not None:
            windows = sorted(done.unmeasured - newest - {REFERENCE})
            counted = results.current_levels(cursor, model, version, windows)
            unread = {level: count for level, count in counted.items() if level not in levels}
    place = {profile.window.label: at for at, profile in enumerate(done.profiles)}
    both = sorted((*done.results, *(each.result for each in stored)), key=lambda result: place[result.window.label])
    return replace(done, results=tuple(both), unmeasured=frozenset(), unread=unread)
