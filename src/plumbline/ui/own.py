"""A segment's own columns on its page: which of them moved, from which source, and who else reads from it."""

from __future__ import annotations

from plumbline.services.views import figures
from plumbline.services.views.segments import OwnColumn, SegmentsView
from plumbline.services.views.status import marked
from plumbline.ui import components, tables


def columns(view: SegmentsView, model: str) -> None:
    """The ranked list, or what would count it; nothing where nobody has a reason to ask."""
    if view.own is None:
        return
    components.section(f"Columns of {view.segment}", view.own.sentence if view.own.columns else "")
    if not view.own.columns:
        components.empty(view.own.sentence, view.own.remedy)
        return
    rows = [_row(one) for one in view.own.columns]
    tables.wrapped(rows, name="own-columns", alt=f"Columns of {view.segment}, by what needs attention; {model}")


def _row(one: OwnColumn) -> dict[str, str]:
    return {
        "Status": marked(one.level),
        "Column": one.column,
        "Importance": "" if one.importance is None else figures.figure(one.importance, "share"),
        "What happened": one.finding,
        "PSI": figures.figure(one.psi),
        "Interval": figures.span(one.low, one.high) if one.low is not None else "",
        "n": figures.count(one.n),
        "Source": one.source,
        "Also read by": ", ".join(one.shared_with),
    }
