"""A segment's own columns on its page: as they were last counted, with their sources and who else reads from them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from plumbline.domain.results import Level
from plumbline.domain.segment_drift import SegmentColumn, SegmentDrift, SegmentWindow
from plumbline.profiling.profile import LABEL, OTHER, SCORE
from plumbline.services import stored
from plumbline.services.context import Context
from plumbline.services.evidence import state_of
from plumbline.services.views import figures
from plumbline.services.views.segments import OwnColumn, OwnColumns
from plumbline.store import inventory, measurements
from plumbline.store.database import Cursor
from plumbline.store.inventory import Fed
from plumbline.store.measurements import Selection

UNDECLARED = "not declared"
_PAST = (Level.AMBER, Level.RED)


def own_columns(ctx: Context, subject: stored.Subject, window: str, by: str, segment: str) -> OwnColumns | None:
    """The newest count of the segment's columns in that window; None where nobody has a reason to ask for one."""
    with ctx.store.read() as cursor:
        counted = state_of(cursor, subject.model_id).segment_drift(subject.version, by, segment)
        feeds, sources = inventory.fed(cursor), _declared(cursor, subject)
    found = next(((each, at) for each in reversed(counted) for at in each.windows if at.window == window), None)
    if found is None:
        return _not_counted(ctx, subject, window, by, segment)
    drift, columns = found
    places = _Places(subject.model_id, feeds, sources)
    importance = stored.importance_shares(ctx, subject.model_id, subject.version)
    return OwnColumns(
        sentence=sentence(drift, columns),
        columns=tuple(_line(one, importance.get(one.column), places) for one in columns.columns),
    )


def _not_counted(ctx: Context, subject: stored.Subject, window: str, by: str, segment: str) -> OwnColumns | None:
    wanted = Selection(windows=(window,), segment_by=(by,), segments=(segment,))
    red = any(one.result.verdict.level is Level.RED for one in stored.results(ctx, subject, wanted))
    if not red or segment in ("", OTHER):
        return None
    return OwnColumns(
        sentence="This segment carries a red, and its own columns have not been counted in this window.",
        remedy=f"Run plumbline monitor with --segment '{by}={segment}' on the log.",
    )


class _Places:
    """Where columns come from, and which other models read from there."""

    def __init__(self, model_id: str, feeds: Sequence[Fed], declared: Mapping[str, str]) -> None:
        own = next((each.data_sources for each in feeds if each.model_id == model_id), ())
        # A model of one source need not say what each column comes from.
        self.only = own[0] if len(own) == 1 else ""
        self.declared, self.others = declared, [each for each in feeds if each.model_id != model_id]

    def of(self, column: str) -> str:
        return "" if column in (SCORE, LABEL) else self.declared.get(column) or self.only or UNDECLARED

    def shared(self, source: str) -> tuple[str, ...]:
        return tuple(each.name for each in self.others if source in each.data_sources)


def _declared(cursor: Cursor, subject: stored.Subject) -> dict[str, str]:
    """Column -> source, as the model file says."""
    found = measurements.registered(cursor, subject.model_id, subject.version)
    told = json.loads(found.spec_json or "{}").get("sources", {}) if found else {}
    return {column: source for source, columns in told.items() for column in columns}


def _line(one: SegmentColumn, importance: float | None, places: _Places) -> OwnColumn:
    source = places.of(one.column)
    return OwnColumn(
        level=one.level,
        column=one.column,
        finding=one.finding,
        psi=one.psi,
        low=one.low,
        high=one.high,
        n=one.n,
        importance=importance,
        source=source,
        shared_with=places.shared(source),
    )


def sentence(drift: SegmentDrift, window: SegmentWindow) -> str:
    """How many of the columns are past a limit, and the first of them."""
    rows = f"n {figures.count(window.rows)}, reference {figures.count(drift.reference_rows)}"
    past = [one for one in window.columns if one.level in _PAST]
    within, when = f"Within {drift.name}", figures.window_words(window.window)
    if not past:
        return f"{within} no column is past a limit in {when} ({rows}): what is red here has another cause."
    verb = "is" if len(past) == 1 else "are"
    first = f"{past[0].column}, {past[0].finding}"
    return f"{within} {len(past)} of {len(window.columns)} columns {verb} past a limit in {when} ({rows}): {first}."
