"""Silent failures of a window as lists show them: what happened, since when, what to do; late data among them."""

from __future__ import annotations

from collections.abc import Sequence

from plumbline.domain.silent import SILENT_FAILURES, SILENT_ORDER, SilentFailure
from plumbline.policy.judge import next_step
from plumbline.policy.load import Policy
from plumbline.services import stored
from plumbline.services.by_window import metric_words
from plumbline.services.clock import today
from plumbline.services.context import Context
from plumbline.services.evidence import state_of
from plumbline.services.known_profiles import LOOKED_AT
from plumbline.services.lateness import late_data
from plumbline.services.run_account import read_account
from plumbline.services.stored import Subject
from plumbline.services.views.drift import FailureLine
from plumbline.services.views.figures import window_words
from plumbline.store import accounts
from plumbline.store.measurements import Selection, Stored


def failures(ctx: Context, subject: Subject, window: str) -> tuple[FailureLine, ...]:
    """Those of the window, in the order of lists."""
    found = stored.results(ctx, subject, Selection(metrics=tuple(SilentFailure), segment_by=(None,)))
    here = [one for one in found if one.result.window.label == window]
    here.sort(key=lambda one: (SILENT_ORDER[one.result.measurement.metric], one.result.measurement.column or ""))
    return tuple(_line(one, _since(one, found, subject.windows), ctx.policy) for one in here)


def looked_for(ctx: Context, subject: Subject, window: str) -> str:
    """What was looked for in a window, or why nothing could be; empty where an earlier release measured it."""
    selection = Selection(metrics=(SILENT_FAILURES,), windows=(window,), segment_by=(None,))
    found = stored.results(ctx, subject, selection)
    return found[0].result.verdict.reason if found else ""


def notes(ctx: Context, subject: Subject) -> tuple[str, ...]:
    """What the newest run over a log told about it: for information, no finding."""
    with ctx.store.read() as cursor:
        told = accounts.newest(cursor, subject.model_id, subject.version, LOOKED_AT)
    read = (read_account(one.content) for one in told)
    return next((account.notes for account in read if account.files), ())


def late(ctx: Context, subject: Subject) -> FailureLine | None:
    """The next window of a version in use is overdue by the app's calendar."""
    newest = Selection(metrics=("row_count",), windows=subject.windows[-1:], columns=(None,), segment_by=(None,))
    found = stored.results(ctx, subject, newest)
    with ctx.store.read() as cursor:
        held = state_of(cursor, subject.model_id).versions.get(subject.version)
    if not found or held is None or not held.stage.active:
        return None
    return late_data(found[0].result.window.end, subject.tier, today(ctx).now.date(), ctx.policy)


def _line(one: Stored, since: str, policy: Policy) -> FailureLine:
    measured, verdict = one.result.measurement, one.result.verdict
    return FailureLine(
        level=verdict.level,
        kind=metric_words(measured.metric).title,
        column=measured.column or "",
        says=verdict.reason,
        since=window_words(since),
        next_step=next_step(measured.metric, policy),
    )


def _since(one: Stored, found: Sequence[Stored], windows: Sequence[str]) -> str:
    """The first window of the unbroken run of this failure that ends here."""
    key = one.result.measurement.metric, one.result.measurement.column
    there = {
        each.result.window.label
        for each in found
        if (each.result.measurement.metric, each.result.measurement.column) == key
    }
    at = windows.index(one.result.window.label)
    while at and windows[at - 1] in there:
        at -= 1
    return windows[at]
