"""How far a window's labels have come, held against what earlier runs saw of earlier windows at the same age."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from plumbline.domain.results import REFERENCE
from plumbline.services import by_window, stored
from plumbline.services.context import Context
from plumbline.services.views.by_window import Point, StatusLine, Trend
from plumbline.services.views.maturity import LabelsIn
from plumbline.store import measurements
from plumbline.store.measurements import LabelShare

FINALS = 6  # as many of the last mature windows say what comes in the end
ALIKE = 0.25  # of a window's length: ages that differ by no more are the same age


def status_line(ctx: Context, subject: stored.Subject, trend: Trend, window: str) -> StatusLine | None:
    """What stands beside the main chart; of a window that waits for labels also how far they have come."""
    now = by_window.at(trend, window)
    labels = labels_in(ctx, subject, now) if now is not None and now.waits else None
    return by_window.status_line(trend, window, labels)


def labels_in(ctx: Context, subject: stored.Subject, point: Point) -> LabelsIn | None:
    """Shares of labels by cohort for one point; None where the store has no run that saw the window."""
    with ctx.store.read() as cursor:
        seen = measurements.label_shares(cursor, subject.model_id, subject.version)
        spec = stored.registered_log(cursor, subject.model_id, subject.version)
    return held_against(seen, point, spec.label_maturity_days if spec else None, ctx.policy.thresholds.min_label_share)


def held_against(seen: Sequence[LabelShare], point: Point, maturity_days: int | None, least: float) -> LabelsIn | None:
    """The labels of a point's window beside those of earlier windows; `least` is of the reference's share.

    `seen` is what every run saw of every window, in the order of the runs.
    """
    latest = {one.window: one for one in seen}
    own, reference = latest.get(point.window), latest.get(REFERENCE)
    if own is None or point.label_share is None:
        return None
    needed = None if maturity_days is not None or reference is None else least * reference.share
    finals = _finals([one for one in latest.values() if _before(one, own)], maturity_days, needed)
    peers = _at_age([one for one in seen if _before(one, own) and one.window in {each.window for each in finals}], own)
    last = finals[-FINALS:]
    return LabelsIn(
        share=point.label_share,
        age_days=None if own.age is None else own.age.days,
        expected=_mean([one.share for one in last]) if last else reference.share if reference else None,
        finals=len(last),
        at_this_age=_mean([one.share for one in peers]) if peers else None,
        cohorts=len(peers),
        due=own.end.date() + timedelta(days=maturity_days) if own.end and maturity_days is not None else None,
        maturity_days=maturity_days,
        needed=needed,
    )


def _before(one: LabelShare, own: LabelShare) -> bool:
    return one.window != REFERENCE and one.end is not None and own.end is not None and one.end < own.end


def _finals(found: Sequence[LabelShare], maturity_days: int | None, needed: float | None) -> list[LabelShare]:
    """Windows whose labels are in, in their order."""

    def final(one: LabelShare) -> bool:
        if maturity_days is None:
            return needed is not None and one.share >= needed
        return one.share >= 1 or (one.age is not None and one.age >= timedelta(days=maturity_days))

    return sorted(filter(final, found), key=lambda one: (one.end is not None, one.end))


def _at_age(seen: Sequence[LabelShare], own: LabelShare) -> list[LabelShare]:
    """What was seen of earlier windows when they were as old as this one is now, once for each window."""
    if own.age is None or own.start is None or own.end is None:
        return []
    room, age = ALIKE * (own.end - own.start), own.age
    near = [one for one in seen if one.age is not None and abs(one.age - age) <= room]
    return list({one.window: one for one in near}.values())


def _mean(shares: Sequence[float]) -> float:
    return sum(shares) / len(shares)
