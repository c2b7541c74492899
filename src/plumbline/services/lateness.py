"""Late data: the next window is overdue. No run can measure that: it comes about while nothing is run."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from plumbline.domain.models import Tier
from plumbline.policy.load import Policy
from plumbline.policy.signoff import monitoring_cadence
from plumbline.services.views.drift import FailureLine
from plumbline.workflow.approval import expiry

LATE = "Late data"
NEXT_STEP = "Ask the data's owner for the window that is due; until it comes nobody knows how the model does."
# Days after a cadence has run out before a run counts as late.
GRACE = timedelta(days=5)


def monitoring_due(monitored: datetime | None, tier: Tier, policy: Policy) -> date | None:
    """When the next window must have been measured; None where nothing has been yet."""
    if monitored is None:
        return None
    end = expiry(monitored, monitoring_cadence(tier, policy).months)
    return (end + GRACE).date() if end else None


def late_data(monitored: datetime | None, tier: Tier, today: date, policy: Policy) -> FailureLine | None:
    """The failure of a version in use whose newest window ended at `monitored`, where the next is overdue."""
    due = monitoring_due(monitored, tier, policy)
    if monitored is None or due is None or due >= today:
        return None
    late = (today - due).days
    last = monitored - timedelta(seconds=1)
    return FailureLine(
        level=policy.thresholds.silent.late,
        kind=LATE,
        column="",
        says=f"The newest window ended on {_words(last.date())}; by the cadence of tier {tier.value} the next was due "
        f"by {_words(due)}, {late} day{'' if late == 1 else 's'} ago.",
        since=_words(due),
        next_step=NEXT_STEP,
    )


def _words(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
