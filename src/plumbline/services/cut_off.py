"""What if the cut-off were another: decisions against outcomes from cumulative counts of the score."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from plumbline.domain.log_spec import LogSpec, Task
from plumbline.profiling.bins import Ints, NumericBins
from plumbline.profiling.edges import edges
from plumbline.profiling.profile import ALL, NEGATIVE, POSITIVE, UNKNOWN, Population
from plumbline.services import by_window, stored
from plumbline.services.context import Context
from plumbline.services.segment_sums import KNOWN
from plumbline.services.views import figures
from plumbline.services.views.by_window import MetricWords
from plumbline.services.views.cut_off import CutOffs, CutOffView, RateAt
from plumbline.services.views.performance import ConfusionView
from plumbline.stats.classification import Confusion, Confusions, Rate, share
from plumbline.stats.value import payoff_of

NO_CUT_OFF = "A cut-off is tried on one score a row with a yes-or-no outcome; this model gives {what}."
BY_WEIGHT = "The figures of this model are by weight, and a cut-off is tried on rows: the two would not agree."
SELECTED = (
    "Outcomes exist only for rows decided {decision} by the cut-off in use: elsewhere these figures describe those "
    "rows alone, not everybody whom another cut-off would decide upon."
)
NO_OUTCOME = "No outcome of this window is known yet, so recall, precision and value cannot be told."
FLAGGED = MetricWords(key="flagged", title="Flagged", unit="share")
_STEPS = 200  # places of the slider, besides the declared cut-off and the tenths


def cut_offs(ctx: Context, model_id: str, version: str, *, window: str) -> CutOffs | str:
    """Cumulative counts of a window at the places of a slider; or in words why there is none."""
    subject = stored.subject(ctx, model_id, version)
    spec, current = stored.log_spec(ctx, subject), stored.profile(ctx, subject, window)
    if spec is None or current is None:
        return stored.NOTHING_MEASURED
    if spec.task is not Task.BINARY:
        return NO_CUT_OFF.format(what="several" if spec.task is Task.MULTICLASS else "an amount")
    return BY_WEIGHT if spec.weight is not None else cumulative(current.populations[ALL], spec, window)


def cumulative(population: Population, spec: LogSpec, window: str) -> CutOffs:
    """Rows at or above places of the frozen grid, which are the same for every window.

    Places are lower edges of bins, so that no bin is cut through; of cells, as near as the engine rounds (`edges`).
    """
    bins = population.bins
    starts = _starts(bins, spec.threshold)
    above = _at_or_above(population, starts)
    return CutOffs(
        window=window,
        options=tuple(edges(bins)[starts].tolist()),
        others=tuple(above[:, NEGATIVE].tolist()),
        events=tuple(above[:, POSITIVE].tolist()),
        unknown=tuple(above[:, UNKNOWN].tolist()),
        total=(population.negatives, population.positives, population.rows - population.labelled),
        in_use=spec.threshold,
        favourable=spec.favourable,
        value=_value(spec),
        seen_when=spec.label_seen_when,
    )


def _starts(bins: NumericBins, threshold: float | None) -> Ints:
    """First bins at or above each place: evenly over the grid, which is finest where scores are, every split, and the
    cut-off in use, wherever the reference's scores lie.
    """
    lower = edges(bins)[:-1]
    every = np.flatnonzero(np.isfinite(lower) & np.append(True, lower[1:] > lower[:-1]))
    held = every[(lower[every] >= bins.minimum) & (lower[every] <= bins.maximum)]
    spread, exact = held[:: max(1, len(held) // _STEPS)], held[np.isin(lower[held], bins.splits)]
    in_use = every[lower[every] == threshold] if threshold is not None else every[:0]
    return np.union1d(np.union1d(spread, exact), in_use)


def _at_or_above(population: Population, starts: Ints) -> Ints:
    counts = np.asarray(population.counts, dtype=np.int64)
    below = np.concatenate([np.zeros((1, 3), dtype=np.int64), np.cumsum(counts, axis=0)])
    found: Ints = below[-1] - below[np.searchsorted(population.index, starts, side="left")]
    return found


def _value(spec: LogSpec) -> tuple[float, float, float, float] | None:
    if not isinstance(spec.value, dict):
        return None
    tp, fp, fn, tn = (spec.value[key] for key in ("tp", "fp", "fn", "tn"))
    return tp, fp, fn, tn


def at_cut_off(on: CutOffs, asked: float | None = None) -> CutOffView:
    """Decisions at the place nearest to what is asked for, beside those at the cut-off in use; pure arithmetic."""
    here = on.nearest(asked)
    made = _rates(on, here)
    in_use = {} if on.in_use is None else {each.metric.key: each.value for each in _rates(on, on.nearest(on.in_use))}
    table, sentence = _table(on, here), _sentence(on, here)
    selected = () if on.seen_when is None else (SELECTED.format(decision=on.seen_when),)
    return CutOffView(
        cut_off=here,
        sentence=sentence,
        confusion=_confusion(on, here, table, sentence) if table.n else None,
        rates=tuple(replace(each, in_use=in_use.get(each.metric.key)) for each in made),
        said=selected if table.n else (NO_OUTCOME, *selected),
    )


def _table(on: CutOffs, cut_off: float) -> Confusion:
    at = on.options.index(cut_off)
    fp, tp = on.others[at], on.events[at]
    return Confusion(tp=tp, fp=fp, fn=on.total[POSITIVE] - tp, tn=on.total[NEGATIVE] - fp)


def _flagged(on: CutOffs, cut_off: float) -> int:
    at = on.options.index(cut_off)
    return on.others[at] + on.events[at] + on.unknown[at]


def _rates(on: CutOffs, cut_off: float) -> list[RateAt]:
    """Shares with Wilson's limits; the value of all decided rows with a known outcome."""
    rows, flagged, table = sum(on.total), _flagged(on, cut_off), _table(on, cut_off)
    chosen = flagged if on.favourable else rows - flagged
    found = [] if on.favourable else [_rate_at(FLAGGED, share(flagged, rows), "rows")]
    found.append(_rate_at(by_window.metric_words("selection_rate"), share(chosen, rows), "rows"))
    for key, rate, of in (
        ("recall", table.recall, "rows with the event"),
        ("precision", table.precision, "rows flagged"),
        ("specificity", table.specificity, "rows without the event"),
        ("accuracy", table.accuracy, KNOWN),
    ):
        found.append(_rate_at(by_window.metric_words(key), rate, of))
    return [*found, _worth(on.value, table)] if on.value else found


def _rate_at(metric: MetricWords, rate: Rate | None, rows: str) -> RateAt:
    if rate is None:
        return RateAt(metric=metric, value=None, low=None, high=None, n=0, rows=rows, in_use=None)
    limits = rate.interval
    return RateAt(metric=metric, value=rate.value, low=limits.low, high=limits.high, n=rate.n, rows=rows, in_use=None)


def _worth(value: tuple[float, float, float, float], table: Confusion) -> RateAt:
    """As the figure of record: rows times the value of one and its limits."""
    metric, cells = by_window.metric_words("business_value_total"), (table.tp, table.fp, table.fn, table.tn)
    found = payoff_of(Confusions(*(np.array([rows]) for rows in cells)), value).one()
    if found is None:
        return RateAt(metric=metric, value=None, low=None, high=None, n=0, rows=KNOWN, in_use=None)
    total, low, high = (table.n * each for each in (found.value, found.interval.low, found.interval.high))
    return RateAt(metric=metric, value=total, low=low, high=high, n=table.n, rows=KNOWN, in_use=None)


def _confusion(on: CutOffs, cut_off: float, table: Confusion, sentence: str) -> ConfusionView:
    threshold = f"flagged from a score of {figures.significant(cut_off)}"
    return ConfusionView(on.window, threshold, table.tp, table.fp, table.fn, table.tn, sentence)


def _sentence(on: CutOffs, cut_off: float) -> str:
    rows, flagged, table = sum(on.total), _flagged(on, cut_off), _table(on, cut_off)
    said = [f"From a score of {figures.significant(cut_off)}, {figures.figure(flagged / rows, 'rate')} are flagged"]
    if table.recall:
        said.append(f"{figures.figure(table.recall.value, 'rate')} of events are caught")
    if table.precision:
        said.append(f"{figures.figure(table.precision.value, 'rate')} of flags are right")
    return ", ".join(said)
