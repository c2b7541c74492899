"""Drift: has the population moved since the reference, and which silent failures came with it?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from plumbline.domain.results import Level
from plumbline.domain.silent import SILENT_ORDER, SilentFailure
from plumbline.profiling.profile import LABEL
from plumbline.services import by_window, maturity, self_test_view, silent_view, stored
from plumbline.services.context import Context
from plumbline.services.distributions import distribution, noise_floor
from plumbline.services.domain_auc import DOMAIN_AUC
from plumbline.services.drifted_share import DRIFTED_SHARE
from plumbline.services.lateness import LATE
from plumbline.services.views import figures
from plumbline.services.views.by_window import Choice, Headline
from plumbline.services.views.drift import ColumnDrift, DriftView, FailureLine
from plumbline.store.measurements import Selection, Stored

METRICS = ("psi", "ks", "js_distance", "missing_rate", "unseen_rate")
OF_ALL = (DRIFTED_SHARE, DOMAIN_AUC)  # of all columns together
SILENT = ("missing_rate", "unseen_rate")
BUT = "But all of them at once have:"
ORDER = "Silent failures first, then by verdict, then by PSI."
ORDER_EXPLAINED = "Silent failures first, then by verdict, then by PSI times importance."
_PAST = (Level.AMBER, Level.RED)

Measured = Mapping[str, Stored]  # metric -> result of one column in one window


def drift_view(
    ctx: Context, model_id: str, version: str, *, window: str = "", column: str = "", metric: str = ""
) -> DriftView:
    """The page's view; empty choices mean the latest window, the worst column, and what is worst about it."""
    subject = stored.subject(ctx, model_id, version)
    if not subject.windows:
        return DriftView(headline=Headline(stored.NOTHING_MEASURED), windows=(), window="")
    chosen = window if window in subject.windows else subject.windows[-1]
    kinds = (*METRICS, *SilentFailure, *OF_ALL)
    wanted = Selection(metrics=kinds, windows=(chosen,), segment_by=(None,))
    latest = stored.results(ctx, subject, wanted)
    columns = _by_column(latest)
    importance = stored.importance_shares(ctx, model_id, version)
    ranked = ranking(columns, importance)
    name = column if column in columns else _first(ranked)
    together = of_all_columns(latest, DOMAIN_AUC)
    measures = columns.get(name, {}) | ({DOMAIN_AUC: together} if together else {})
    key = metric if metric in measures else _opening(ranked, columns.get(name, {}), together)
    reference, current = stored.profiles(ctx, subject, chosen)
    overlay = distribution(reference, current, name)
    of, words = (None, "all columns at once") if key == DOMAIN_AUC else (name, f"column {name}")
    one, floor = Selection(metrics=(key,), columns=(of,), segment_by=(None,)), noise_floor(overlay)
    trend = stored.trend(ctx, subject, one, key, words, noise_floor=floor if key == "psi" else None)
    late = silent_view.late(ctx, subject)
    failures = ((late,) if late else ()) + silent_view.failures(ctx, subject, chosen)
    return DriftView(
        headline=led_by(failures, headline(ranked, chosen, together), chosen),
        windows=by_window.window_choices(subject.windows),
        window=chosen,
        ranked=ranked,
        columns=tuple(Choice(one.column, one.column, one.level) for one in ranked),
        column=name,
        metrics=_choices(measures),
        trend=trend,
        status=maturity.status_line(ctx, subject, trend, chosen),
        distribution=overlay,
        failures=failures,
        looked="" if failures else silent_view.looked_for(ctx, subject, chosen),
        notes=silent_view.notes(ctx, subject),
        explained=bool(importance),
        order=_order(importance, latest, together),
        self_test=self_test_view.told(ctx, subject),
    )


def _order(importance: Mapping[str, float], results: Sequence[Stored], together: Stored | None) -> str:
    """What the list is ordered by, and what there is to say of all columns together."""
    by = ORDER_EXPLAINED if importance else ORDER
    return " ".join(said for said in (by, share_words(results), told_apart(together)) if said)


def _first(ranked: Sequence[ColumnDrift]) -> str:
    """The column to open on: the worst that was measured; labels still to come are no drift to look at."""
    return next((one.column for one in ranked if one.level is not Level.GREY), ranked[0].column if ranked else "")


def _by_column(results: Sequence[Stored]) -> dict[str, dict[str, Stored]]:
    columns: dict[str, dict[str, Stored]] = defaultdict(dict)
    for one in results:
        if (name := one.result.measurement.column) is not None:
            columns[name][one.result.measurement.metric] = one
    return dict(columns)


def ranking(columns: Mapping[str, Measured], importance: Mapping[str, float]) -> tuple[ColumnDrift, ...]:
    """Silent failures first, then by verdict, then by PSI weighed by what the model makes of the column.

    What nobody would notice must not stand at the bottom.
    """
    lines = [_line(name, measured, importance.get(name)) for name, measured in columns.items()]
    return tuple(sorted(lines, key=lambda one: (not one.silent, -one.level.rank, -_worry(one), one.column)))


def _worry(one: ColumnDrift) -> float:
    """PSI times importance; what no explanation speaks of, the score among it, counts in full."""
    return (one.psi or 0.0) * (1.0 if one.importance is None else one.importance)


def share_words(results: Sequence[Stored]) -> str:
    """How many of the columns have drifted; empty where an earlier release measured the window."""
    found = of_all_columns(results, DRIFTED_SHARE)
    if found is None:
        return ""
    m = found.result.measurement
    if m.estimate is None:
        return found.result.verdict.reason
    share = figures.figure(m.estimate, "share")
    return f"{m.events} of {m.n} columns judged ({share}) have a PSI past a limit and shown real."


def of_all_columns(results: Sequence[Stored], metric: str) -> Stored | None:
    """The figure of a window that no column has by itself; None where it was not measured."""
    return next((one for one in results if one.result.measurement.metric == metric), None)


def told_apart(together: Stored | None) -> str:
    """How well a classifier tells this window's rows from the reference's; empty where nobody asked."""
    if together is None:
        return ""
    m = together.result.measurement
    if m.estimate is None:
        return together.result.verdict.reason
    auc = f"{figures.figure(m.estimate)} ({figures.span(m.low, m.high)}; 0.5 is not at all)"
    return f"By all columns at once rows are told from the reference's with an AUC of {auc}."


def carried(past: Sequence[ColumnDrift]) -> str:
    """How much of the attribution rests on these columns; empty where no explanation speaks of them."""
    known = [one.importance for one in past if one.importance is not None]
    if not known:
        return ""
    subject = "It carries" if len(past) == 1 else "They carry"
    return f" {subject} {figures.figure(sum(known), 'share')} of the attribution."


def _line(name: str, measured: Measured, importance: float | None) -> ColumnDrift:
    missing, unseen, moved = measured.get("missing_rate"), measured.get("unseen_rate"), measured.get("psi")
    return ColumnDrift(
        column=name,
        level=max((one.result.verdict.level for one in measured.values()), key=lambda level: level.rank),
        finding=finding(measured),
        psi=_estimate(moved),
        psi_level=moved.result.verdict.level if moved else Level.GREY,
        missing_rate=_estimate(missing),
        missing_change=missing.result.measurement.effect if missing else None,
        unseen_rate=_estimate(unseen),
        n=max(one.result.measurement.n for one in measured.values()),
        silent=any(measured[key].result.verdict.level in _PAST for key in (*SilentFailure, *SILENT) if key in measured),
        importance=importance,
    )


def _estimate(one: Stored | None) -> float | None:
    return None if one is None else one.result.measurement.estimate


def finding(measured: Measured) -> str:
    """The worst thing about a column, in words with its figure; a silent failure before all."""
    failed = sorted((key for key in measured if key in SILENT_ORDER), key=lambda key: SILENT_ORDER[key])
    if failed:
        return measured[failed[0]].result.verdict.reason.rstrip(".")
    missing, unseen, moved = measured.get("missing_rate"), measured.get("unseen_rate"), measured.get("psi")
    if missing and missing.result.verdict.level in _PAST:
        m = missing.result.measurement
        return f"missing in {figures.figure(m.estimate, 'rate')} of rows, {figures.change(m.effect, 'rate')}"
    if unseen and unseen.result.verdict.level in _PAST:
        return (
            f"{figures.figure(unseen.result.measurement.estimate, 'rate')} of rows carry levels the reference never had"
        )
    if moved is None or moved.result.measurement.estimate is None:
        return moved.result.verdict.reason if moved else "no shift could be measured"
    value = figures.figure(moved.result.measurement.estimate)
    return {
        Level.RED: f"distribution moved far: PSI {value}",
        Level.AMBER: f"distribution moved: PSI {value}",
        Level.WATCH: f"a real but small shift: PSI {value}",
        Level.GREY: f"too little to judge: PSI {value}",
        Level.GREEN: f"no shift that matters: PSI {value}",
    }[moved.result.verdict.level]


def headline(ranked: Sequence[ColumnDrift], window: str, together: Stored | None = None) -> Headline:
    """How many columns moved, silent failures named first; where none did, whether all of them at once have."""
    when = figures.window_words(window)
    if not ranked:
        return Headline(f"No column was measured in {when}.")
    past = [one for one in ranked if one.level in _PAST]
    # The outcome drifts last: until its labels are in, its own grey must not hide what the inputs say.
    judged_now = [one for one in ranked if one.column != LABEL or one.level is not Level.GREY] or list(ranked)
    worst = max((one.level for one in judged_now), key=lambda level: level.rank)
    rows = figures.count(max(one.n for one in ranked))
    if not past:
        said = f"No column has drifted past a limit in {when} ({len(ranked)} looked at, n {rows}){_unjudged(ranked)}."
        if together and together.result.verdict.level in _PAST:
            return Headline(f"{said} {BUT} {together.result.verdict.reason}", together.result.verdict.level)
        return Headline(said, worst)
    silent = sum(1 for one in past if one.silent)
    said = f"{len(past)} of {len(ranked)} columns {'is' if len(past) == 1 else 'are'} past a drift limit in {when}"
    said += "" if not silent else ", silently" if silent == len(past) else f", {silent} of them silently"
    return Headline(f"{said}: {past[0].column}, {past[0].finding} (n {rows}).{carried(past)}", worst)


def led_by(failures: Sequence[FailureLine], after: Headline, window: str) -> Headline:
    """What is silent comes first: how many failures, and the first of them; then what has drifted."""
    if not failures:
        return after
    worst = max((one.level for one in failures), key=lambda level: level.rank)
    level = max(worst, after.level or worst, key=lambda level: level.rank)
    when = f", {figures.window_words(window)}" if failures[0].kind != LATE else ""
    more = "" if len(failures) == 1 else f" And {len(failures) - 1} more, below."
    return Headline(f"{failures[0].kind}{when}: {failures[0].says}{more}", level)


def _unjudged(ranked: Sequence[ColumnDrift]) -> str:
    grey = [one.column for one in ranked if one.level is Level.GREY]
    if not grey:
        return ""
    return f"; {grey[0]} cannot be judged" if len(grey) == 1 else f"; {len(grey)} cannot be judged"


def _opening(ranked: Sequence[ColumnDrift], measured: Measured, together: Stored | None) -> str:
    """What to open on: what no single column shows, where that is all there is to see."""
    alone = together is not None and together.result.verdict.level in _PAST
    return DOMAIN_AUC if alone and all(one.level not in _PAST for one in ranked) else _worst_metric(measured)


def _worst_metric(measured: Measured) -> str:
    if not measured:
        return "psi"
    for key in (*SILENT, "psi"):
        if key in measured and measured[key].result.verdict.level in _PAST:
            return key
    return "psi" if "psi" in measured else next(iter(measured))


def _choices(measured: Measured) -> tuple[Choice, ...]:
    return tuple(
        Choice(key, by_window.metric_words(key).title, measured[key].result.verdict.level)
        for key in (*METRICS, DOMAIN_AUC)
        if key in measured
    )
