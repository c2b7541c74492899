"""Is this version approved for this use at this moment? Computed when read, so no job has to run for it to end."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from plumbline.domain.models import Stage
from plumbline.domain.signoff import CaseStatus
from plumbline.workflow.manifest import binding_hash
from plumbline.workflow.state import CaseState, ModelState

DEAD = (Stage.SUSPENDED, Stage.RETIRED, Stage.REJECTED, Stage.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Approval:
    """`effective` exactly when `reasons` is empty; each reason is a sentence."""

    effective: bool
    reasons: tuple[str, ...]
    case_id: str = ""
    expires_at: datetime | None = None


def approval(state: ModelState, version_id: str, now: datetime, *, use_id: str | None = None) -> Approval:
    """The latest grant for this version (and use), and why it does not hold, if it does not."""
    version = state.versions.get(version_id)
    granted = [
        case
        for case in state.cases_of(version_id)
        if case.status is CaseStatus.GRANTED and use_id in (None, case.use_id)
    ]
    if version is None or not granted:
        asked = f" for use {use_id}" if use_id else ""
        return Approval(False, (f"Version {version_id} has never been approved{asked}.",))
    case = max(granted, key=lambda c: c.decided_at or c.opened_at)
    reasons = [f"The version is {version.stage.replace('_', ' ')}."] if version.stage in DEAD else []
    reasons += _lapses(state, case, now)
    return Approval(not reasons, tuple(reasons), case.id, case.expires_at)


def _lapses(state: ModelState, case: CaseState, now: datetime) -> list[str]:
    reasons = []
    if case.expires_at is not None and now >= case.expires_at:
        reasons.append(f"The approval expired on {case.expires_at:%d %b %Y at %H:%M} UTC.")
    if binding_hash(state, case) != case.binding_hash:
        reasons.append("The artefact, the use, its limits, the tier or the report changed after the approval.")
    reasons += [
        f"The blocking condition '{held.condition.text}' was due on {held.condition.due:%d %b %Y} and is not verified."
        for held in case.conditions
        if held.condition.blocking and held.verified_at is None and now >= _end_of(held.condition.due)
    ]
    return reasons


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=UTC)


def expiry(start: datetime, months: int | None) -> datetime | None:
    """The last second of the day `months` later; the last day of a shorter month.

    >>> expiry(datetime(2026, 8, 31, 10, tzinfo=UTC), 6).isoformat()
    '2027-02-28T23:59:59+00:00'
    """
    if months is None:
        return None
    years, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month + 1
    day = min(start.day, monthrange(year, month)[1])
    return datetime(year, month, day, 23, 59, 59, tzinfo=UTC)
