"""Evidence of a case: what is pinned when it opens, and what has changed since, then and now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from plumbline.domain.errors import NotFound
from plumbline.domain.payload import to_plain
from plumbline.domain.results import Level, Result
from plumbline.domain.signoff import CaseStatus, Manifest, ManifestItem
from plumbline.policy.load import Policy
from plumbline.services.context import Context
from plumbline.store import log, manifests, profiles, results
from plumbline.store.database import Cursor
from plumbline.store.results import StoredResult
from plumbline.workflow.evolve import fold
from plumbline.workflow.manifest import governance_items, item, pin, read_content
from plumbline.workflow.situation import Change
from plumbline.workflow.state import CaseState, ModelState

# Enough to judge by, few enough to read: the newest windows whole, and the headline figures of every window.
NEWEST_WINDOWS, MOST_RESULTS, LEAST_RECENT = 2, 550, 200
HEADLINES = frozenset(
    {"roc_auc", "gini", "ks_separation", "brier_score", "observed_expected", "actual_expected", "rmse", "accuracy"}
    | {"base_rate", "mean_score", "row_count", "impact_ratio", "psi"}
)
# What may be added later without touching what was read: new counts and new explanations.
NEVER_STALE = frozenset({"profile", "explanation"})


def build_manifest(cursor: Cursor, policy: Policy, state: ModelState, case: CaseState, pinned_at: datetime) -> Manifest:
    """Everything that a signature in this case will bind to, as it stands now."""
    evidence = (
        *governance_items(state, case),
        *_result_items(_chosen(cursor, state, case)),
        *_profile_items(cursor, state, case, pinned_at),
        *_policy_items(policy, state, pinned_at),
        *_explanation_items(state, case),
    )
    return pin(case.id, pinned_at, evidence)


def changed(ctx: Context, case_id: str) -> tuple[Change, ...]:
    """What differs now from the evidence that the case has pinned; empty when nothing does."""
    with ctx.store.read() as cursor:
        state = state_of_case(cursor, case_id)
        return changes(cursor, ctx.policy, state, state.cases[case_id])


def changes(cursor: Cursor, policy: Policy, state: ModelState, case: CaseState) -> tuple[Change, ...]:
    """As `changed`, on a cursor of the caller's."""
    pinned = manifests.items(cursor, case.id, case.manifest_hash)
    now = {(i.kind, i.id): i.content for i in _now(cursor, policy, state, case, pinned)}
    # A validator at work raises findings all the time; they count from the moment the report is signed.
    quiet = NEVER_STALE | ({"finding"} if case.status is CaseStatus.VALIDATION else frozenset())
    then = {(i.kind, i.id): i for i in pinned if i.kind not in quiet}
    found = [
        Change(kind, identity, was.content, now.get((kind, identity), ""), was.binding)
        for (kind, identity), was in then.items()
        if now.get((kind, identity), "") != was.content
    ]
    added = [key for key in now if key[0] in {"finding", "document"} - quiet and key not in then]
    return tuple(found + [Change(kind, identity, "", now[kind, identity]) for kind, identity in added])


def manifest_of(ctx: Context, case_id: str, manifest_hash: str | None = None) -> Manifest:
    """A manifest as it was pinned: the case's present one, or the one of that hash."""
    with ctx.store.read() as cursor:
        case = state_of_case(cursor, case_id).cases[case_id]
        wanted = manifest_hash or case.manifest_hash
        found = manifests.items(cursor, case_id, wanted)
    if not found:
        raise NotFound(f"Case {case_id} has no manifest {wanted[:12]}")
    return Manifest(wanted, case_id, case.manifest_pinned_at or case.opened_at, found)


def state_of_case(cursor: Cursor, case_id: str) -> ModelState:
    """The model that a case belongs to; NotFound if there is no such case."""
    row = cursor.execute("select model_id from sign_off_case where case_id = ?", [case_id]).fetchone()
    if row is None:
        raise NotFound(f"There is no case {case_id}", remedy="Open it from the approvals page.")
    return state_of(cursor, str(row[0]))


def state_of(cursor: Cursor, model_id: str) -> ModelState:
    """One model, folded from its events; empty if it was never registered.

    What was folded is kept under the hash of its last event, which stands for the whole log up to there: what
    follows in this very log is folded on, whatever store and transaction it is read in.
    """
    kept = _folded.get(model_id)
    history = list(log.events(cursor, "model", model_id, since=kept.seq if kept else 0))
    if kept and (not history or history[0].hash != kept.hash):
        kept, history = None, list(log.events(cursor, "model", model_id))
    state = fold(kept.state if kept else ModelState(id=model_id), history[1:] if kept else history)
    if history:
        _keep(_Folded(history[-1].seq, history[-1].hash, state))
    return state


@dataclass(frozen=True, slots=True)
class _Folded:
    seq: int
    hash: str
    state: ModelState


_folded: dict[str, _Folded] = {}
KEPT = 1_000  # models whose state is kept


def _keep(folded: _Folded) -> None:
    if len(_folded) >= KEPT:
        _folded.clear()
    _folded[folded.state.id] = folded


def _now(
    cursor: Cursor, policy: Policy, state: ModelState, case: CaseState, pinned: Sequence[ManifestItem]
) -> Iterable[ManifestItem]:
    yield from governance_items(state, case)
    yield from _policy_items(policy, state, case.opened_at)
    yield from _figures_now(cursor, state, case, [i for i in pinned if i.kind == "result"])


def _figures_now(
    cursor: Cursor, state: ModelState, case: CaseState, pinned: Sequence[ManifestItem]
) -> Iterable[ManifestItem]:
    # Results are only ever added, so a figure can differ only where another run speaks for its window now.
    speaking = results.current_runs(cursor, state.id, case.version_id)
    windows = {i.id: read_content(i)["window"] for i in pinned}
    yield from (i for i in pinned if speaking.get(windows[i.id]) == i.version)
    superseded = {windows[i.id] for i in pinned if speaking.get(windows[i.id]) != i.version}
    if superseded:
        found = results.current(cursor, model_id=state.id, version_id=case.version_id, windows=sorted(superseded))
        yield from _result_items(r for r in found if identity(r.result) in windows)


def _chosen(cursor: Cursor, state: ModelState, case: CaseState) -> list[StoredResult]:
    windows = [window.label for window in results.windows(cursor, state.id, case.version_id)]
    newest = windows[-NEWEST_WINDOWS:]
    recent = list(results.current(cursor, model_id=state.id, version_id=case.version_id, windows=newest))
    series = [
        r
        for r in results.current(
            cursor,
            model_id=state.id,
            version_id=case.version_id,
            metrics=sorted(HEADLINES),
            columns=["score"],
            overall=True,
        )
        if r.result.window.label not in newest
    ]
    # Should the newest windows be too many figures to read, those that ask for attention stay.
    recent.sort(key=lambda r: (-_severity(r.result), r.result.measurement.segment_by is not None))
    return recent[: max(LEAST_RECENT, MOST_RESULTS - len(series))] + series


def _severity(result: Result) -> int:
    level = result.verdict.level
    return 0 if level is Level.GREEN else level.rank


def _result_items(found: Iterable[StoredResult]) -> list[ManifestItem]:
    return [
        item("result", identity(r.result), r.result.as_json(), recorded_at=r.recorded_at, version=r.run_id)
        for r in found
    ]


def identity(result: Result) -> str:
    """What a figure is called, whichever run measured it."""
    m = result.measurement
    parts = (result.window.label, m.metric, m.column, m.segment_by, m.segment)
    return "/".join("-" if part is None else part.replace("/", "%2F") for part in parts)


def _profile_items(cursor: Cursor, state: ModelState, case: CaseState, at: datetime) -> list[ManifestItem]:
    return [
        item("profile", window, {"sha256": sha256, "run": run_id}, recorded_at=at, version=run_id)
        for window, run_id, sha256 in profiles.current_hashes(cursor, state.id, case.version_id)
    ]


def _policy_items(policy: Policy, state: ModelState, at: datetime) -> list[ManifestItem]:
    packs = [item("policy", pack.name, pack, recorded_at=at, version=pack.version) for pack in policy.packs]
    rules: dict[str, Any] = {"digest": policy.digest, "tier": to_plain(policy.signoff.tiers[state.tier])}
    return [*packs, item("policy", "in force", rules, recorded_at=at)]


def _explanation_items(state: ModelState, case: CaseState) -> list[ManifestItem]:
    return [
        item("explanation", found.fact.explanation_id, found.fact, recorded_at=found.recorded_at)
        for found in state.explanations
        if found.fact.version_id == case.version_id
    ][-1:]
