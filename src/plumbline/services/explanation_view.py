"""Explanations as they are read: what the model weighs on the whole, and why one row scored as it did."""

from __future__ import annotations

from collections.abc import Sequence

from plumbline.domain.explanations import ColumnAttribution, Explanation, Perturbation, Scale, StoredExplanation
from plumbline.services import reach
from plumbline.services.context import Context
from plumbline.services.views import figures
from plumbline.services.views.by_window import Choice, Headline
from plumbline.services.views.explanations import ExplanationsView, Importance, Provenance, Step, Swarm, Waterfall
from plumbline.store import explanations as store
from plumbline.store import measurements

NOTHING_EXPLAINED = "No explanation is stored for this version yet."
EXPLAIN = "Run `plumbline explain` with its model file and a log."
NO_ARTEFACT = "It is registered without an artefact, as a supplier's score is, so its reasons cannot be computed here."
_PERTURBATION = {
    Perturbation.INTERVENTIONAL: "absent columns are drawn from the background (interventional)",
    Perturbation.PATH_DEPENDENT: "absent columns follow the trees' own cover (path-dependent)",
    Perturbation.INDEPENDENT: "absent columns are taken as independent",
    Perturbation.SAMPLED: "absent columns are sampled, so figures carry sampling error",
}
_PROBABILITY = ("on the probability", "probability", "Probability")
# What the margin is, by task: the words, the unit of an attribution, the axis of a row's way to its prediction.
_MARGIN = {
    "binary": ("on the log-odds of the outcome", "log-odds", "Log-odds of the outcome (not the probability)"),
    "regression": ("on the raw prediction, before any link", "raw prediction", "Raw prediction, before any link"),
    "multiclass": ("on the margin of the class predicted", "margin", "Margin of the class predicted for the row"),
}
_ANY_MARGIN = ("on the model's margin (log-odds, or the raw prediction)", "margin", "The model's margin")
_MOST_COLUMNS = 12
_MOST_MARKS = 1800  # under the house's 2,000 a figure
_MOST_STEPS = 9
_MOST_ROWS = 200


def explanations_view(ctx: Context, model_id: str, version: str, *, row: str = "") -> ExplanationsView:
    """The page's view; an empty row means the highest score."""
    with ctx.store.read() as cursor:
        reach.check(ctx, cursor, model_id)
        stored = store.latest(cursor, model_id, version)
        registered = measurements.registered(cursor, model_id, version)
    if stored is None or not stored.explanation.rows:
        remedy = EXPLAIN if registered is None or registered.has_artefact else NO_ARTEFACT
        return ExplanationsView(headline=Headline(NOTHING_EXPLAINED), remedy=remedy)
    explanation = stored.explanation
    order = sorted(range(explanation.rows), key=lambda at: -explanation.predictions[at])
    chosen = explanation.row_ids.index(row) if row in explanation.row_ids else order[0]
    ranked = importances(explanation)
    return ExplanationsView(
        headline=headline(ranked, explanation),
        provenance=provenance(stored, registered.task if registered else ""),
        importances=ranked[:_MOST_COLUMNS],
        swarms=swarms(explanation),
        rows=_rows(explanation, order, chosen),
        row=explanation.row_ids[chosen],
        waterfall=waterfall(explanation, chosen),
    )


def provenance(stored: StoredExplanation, task: str = "") -> Provenance:
    """What every chart of an explanation says of itself."""
    e = stored.explanation
    drawn = f"sampled of {figures.count(e.rows_available)} rows (seed {e.seed})"
    scale, unit, axis = _PROBABILITY if e.scale is Scale.PROBABILITY else _MARGIN.get(task, _ANY_MARGIN)
    return Provenance(
        n=e.rows,
        sample=drawn if e.rows < e.rows_available else "all rows of the log",
        perturbation=_PERTURBATION[e.perturbation],
        scale=scale,
        unit=unit,
        axis=axis,
        background=f"background of {figures.count(e.background_rows)} rows"
        if e.background_rows
        else "no background rows",
    )


def importances(explanation: Explanation) -> tuple[Importance, ...]:
    """All columns, largest first, each with its share of the whole."""
    total = sum(one.mean_absolute for one in explanation.importance) or 1.0
    return tuple(
        Importance(one.column, one.mean_absolute, one.low, one.high, one.mean_absolute / total)
        for one in explanation.importance
    )


def importance_shares(explanation: Explanation) -> dict[str, float]:
    return {one.column: one.share for one in importances(explanation)}


def headline(ranked: Sequence[Importance], explanation: Explanation) -> Headline:
    """Which columns carry the score."""
    if not ranked:
        return Headline(NOTHING_EXPLAINED)
    first = ranked[0]
    half = _columns_for_half(ranked)
    said = f"{first.column} weighs most: {figures.figure(first.share, 'rate')} of all attribution"
    carried = "it alone carries" if half == 1 else f"the first {half} of {len(ranked)} columns carry"
    return Headline(f"{said}; {carried} half of it (n {figures.count(explanation.rows)} rows).")


def _columns_for_half(ranked: Sequence[Importance]) -> int:
    carried = 0.0
    for number, one in enumerate(ranked, start=1):
        carried += one.share
        if carried >= 0.5:
            return number
    return len(ranked)


def swarms(explanation: Explanation) -> tuple[Swarm, ...]:
    """The heaviest columns, on an evenly spaced part of the rows so that the picture stays under 2,000 marks."""
    columns = {column.column: column for column in explanation.columns}
    shown = [one.column for one in explanation.importance[:_MOST_COLUMNS]]
    step = max(1, -(-explanation.rows * len(shown) // _MOST_MARKS))
    return tuple(_swarm(columns[name], explanation.row_ids, step) for name in shown)


def _swarm(column: ColumnAttribution, rows: Sequence[str], step: int) -> Swarm:
    return Swarm(
        column.column,
        tuple(column.attributions[::step]),
        tuple(_positions(column.values)[::step]),
        tuple("missing" if value is None else value for value in column.values[::step]),
        tuple(rows[::step]),
    )


def _positions(values: Sequence[str | None]) -> list[float | None]:
    """Rank of each value in its column, 0 low to 1 high; None where the column is not a number."""
    numbers = [_number(value) for value in values]
    if any(number is None and value is not None for number, value in zip(numbers, values, strict=True)):
        return [None] * len(values)
    distinct = sorted({number for number in numbers if number is not None})
    rank = {number: at / max(1, len(distinct) - 1) for at, number in enumerate(distinct)}
    return [None if number is None else rank[number] for number in numbers]


def _number(value: str | None) -> float | None:
    try:
        return None if value is None else float(value)
    except ValueError:
        return None


def _rows(explanation: Explanation, order: Sequence[int], chosen: int) -> tuple[Choice, ...]:
    """Rows to choose from, highest score first; the chosen one is always among them."""
    listed = list(order[:_MOST_ROWS])
    if chosen not in listed:
        listed.append(chosen)
    return tuple(
        Choice(
            explanation.row_ids[at], f"{explanation.row_ids[at]} · {figures.significant(explanation.predictions[at])}"
        )
        for at in listed
    )


def waterfall(explanation: Explanation, at: int) -> Waterfall:
    """From the base value to the prediction, the largest steps first, the small ones summed."""
    steps = [
        Step(name, "missing" if value is None else value, phi) for name, value, phi in explanation.contributions(at)
    ]
    shown, rest = steps[:_MOST_STEPS], steps[_MOST_STEPS:]
    if rest:
        shown.append(Step(f"{len(rest)} other columns", "", sum(step.attribution for step in rest)))
    return Waterfall(
        explanation.row_ids[at],
        explanation.base_values[at],
        explanation.predictions[at],
        tuple(shown),
        _sentence(explanation.row_ids[at], steps),
    )


def _sentence(row: str, steps: Sequence[Step]) -> str:
    """The two columns that raised the score most and the one that lowered it most."""
    raised = [step for step in steps if step.attribution > 0][:2]
    lowered = [step for step in steps if step.attribution < 0][:1]
    parts = []
    if raised:
        parts.append("raised most by " + " and ".join(f"{step.column} = {step.value}" for step in raised))
    if lowered:
        parts.append(f"lowered most by {lowered[0].column} = {lowered[0].value}")
    return f"Row {row}: {', '.join(parts)}." if parts else f"Row {row}: no column moved the score."
