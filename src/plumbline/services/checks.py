"""From verdicts to checks: which metric speaks for which check, and what the latest judged window says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from plumbline.domain.results import Level
from plumbline.domain.silent import SILENT_ORDER
from plumbline.policy.alarms import AT_ONCE, Alarm
from plumbline.services.by_window import metric_words
from plumbline.services.context import Context
from plumbline.services.divergence import DIVERGENCE
from plumbline.services.views.drift import FailureLine
from plumbline.services.views.figures import window_words
from plumbline.services.views.standing import Check, CheckState
from plumbline.services.views.status import WORDS
from plumbline.store.database import Cursor
from plumbline.store.standing import Gathered, gathered

METRICS: dict[Check, frozenset[str]] = {
    Check.DATA: frozenset(
        {*SILENT_ORDER, "row_count", "duplicate_rate", "missing_rate", "unseen_rate", "out_of_range_rate"}
        | {"non_finite_rate"}
    ),
    Check.DRIFT: frozenset(
        {"psi", "ks", "js_distance", "hellinger", "wasserstein", "wasserstein_std", "chi_square", "total_variation"}
        | {"l_infinity", "drifted_share", "domain_auc", "base_rate", "mean_score", "selection_rate"}
    ),
    Check.CALIBRATION: frozenset(
        {"ece", "observed_expected", "calibration_intercept", "calibration_slope", "hosmer_lemeshow"}
        | {"spiegelhalter_z", "jeffreys", "binomial", "actual_expected", "mean_error", "brier_score", "log_loss"}
        | {"traffic_light", "concept_shift"}
    ),
    Check.FAIRNESS: frozenset(
        {"impact_ratio", "selection_rate_difference", "equal_opportunity_difference"}
        | {"equalized_odds_difference", "predictive_parity_difference", "calibration_gap"}
    ),
}
# How many windows a verdict stays news while younger ones wait for their labels.
REMEMBERED = 12


def check_of(metric: str) -> Check:
    """The check that a metric belongs to; what no other claims, a house's own figure included, is performance."""
    return next((check for check, keys in METRICS.items() if metric in keys), Check.PERFORMANCE)


def counted_verdicts(ctx: Context, model_id: str | None = None) -> tuple[Gathered, ...]:
    """Every judged metric of every window, by what its verdicts count as; of one model or of all."""
    rule = ctx.policy.thresholds.alarm

    def read(cursor: Cursor) -> tuple[Gathered, ...]:
        return gathered(cursor, model_id, windows=rule.windows, of=rule.of, at_once=SILENT_ORDER)

    return ctx.store.kept(("counted verdicts", model_id, rule), read)


def measured_checks(found: Iterable[Gathered], alarm: Alarm = AT_ONCE) -> tuple[CheckState, ...]:
    """The five checks that monitoring makes, for one version; `found` in order of window."""
    by_check: dict[Check, list[Gathered]] = defaultdict(list)
    for one in found:
        by_check[check_of(one.metric)].append(one)
    return tuple(_state(check, by_check[check], alarm) for check in Check if check.measured)


def with_late_data(checks: Sequence[CheckState], late: FailureLine | None) -> tuple[CheckState, ...]:
    """The checks where a window is overdue: the data check leads with that, unless something worse was found in it."""
    if late is None:
        return tuple(checks)
    return tuple(_overdue(state, late) if state.check is Check.DATA else state for state in checks)


def _overdue(state: CheckState, late: FailureLine) -> CheckState:
    if state.level.rank > late.level.rank:
        return replace(state, reason=f"{state.reason} {late.says}")
    return replace(state, level=late.level, words=late.kind.lower(), reason=f"{late.says} {state.reason}")


def level_of(found: Sequence[Gathered]) -> Level:
    """The worst verdict of a window; more grey than judged is grey, unless something is past a limit.

    Splits by segment count only where they are past a limit: most are too thin to say anything.
    """
    whole = [one for one in found if not one.split] or list(found)
    worst = next((level for level in (Level.RED, Level.AMBER) if any(one.count(level) for one in found)), None)
    if worst:
        return worst
    grey, judged = _total(whole, Level.GREY), _total(whole, Level.GREEN) + _total(whole, Level.WATCH)
    if judged == 0 or grey > judged:
        return Level.GREY
    return Level.WATCH if _total(whole, Level.WATCH) else Level.GREEN


def windows_of(found: Iterable[Gathered]) -> dict[str, list[Gathered]]:
    """The same, by window, in order."""
    windows: dict[str, list[Gathered]] = defaultdict(list)
    for one in found:
        windows[one.window].append(one)
    return dict(windows)


def _state(check: Check, found: Sequence[Gathered], alarm: Alarm) -> CheckState:
    windows = windows_of(found)
    if not windows:
        return CheckState(check, Level.GREY, WORDS[Level.GREY], f"No {check} figure with a limit has been measured.")
    labels = list(windows)[-REMEMBERED:]
    judged = [label for label in labels if level_of(windows[label]) is not Level.GREY]
    label = judged[-1] if judged else labels[-1]
    level = level_of(windows[label])
    telling = _telling(windows[label], level)
    said = f"{_reason(telling, windows[label], level, label, labels[-1])}{_not_yet(telling, level, alarm)}"
    diverges, worst = _divergence(windows, labels)
    standing = _past(worst) if worst else Level.GREEN
    said = f"{diverges} {said}".strip()
    if worst and standing.rank > level.rank:
        return CheckState(check, standing, WORDS[standing], said, label, worst.result_id)
    held_back = any(one.judged is not None for one in windows[label])
    return CheckState(check, level, _words(windows[label], level), said, label, telling.result_id, held_back)


def _divergence(windows: Mapping[str, Sequence[Gathered]], labels: Sequence[str]) -> tuple[str, Gathered | None]:
    """(the divergence that stands, in words, and its figure): a window in which it cannot be judged neither makes nor
    ends one; empty and None where none stands.
    """
    run = list[tuple[str, Gathered]]()
    for label in reversed(labels):
        found = [one for one in windows[label] if one.metric == DIVERGENCE]
        worst = max(found, key=lambda one: (_past(one).rank, one.split), default=None)
        if worst and _past(worst) is not Level.GREEN:
            run.append((label, worst))
        elif not _total(found, Level.GREY):
            break
    if not run:
        return "", None
    (label, told), since = run[0], run[-1][0]
    begun = "" if since == label else f" Since {window_words(since)}."
    return f"{window_words(label)}, {metric_words(DIVERGENCE).title}: {told.reason}{begun}", told


def _past(one: Gathered) -> Level:
    """The limit that a metric's worst figure is past; green for none."""
    return next((level for level in (Level.RED, Level.AMBER) if one.count(level)), Level.GREEN)


def _words(found: Sequence[Gathered], level: Level) -> str:
    """A silent failure by its name, anything else by how much of it there is."""
    named = _telling(found, level).metric
    if level in (Level.RED, Level.AMBER) and named in SILENT_ORDER:
        return metric_words(named).title.lower()
    past = _total(found, level)
    return f"{past} in {WORDS[level]}" if level is Level.RED and past > 1 else WORDS[level]


def _reason(telling: Gathered, found: Sequence[Gathered], level: Level, label: str, newest: str) -> str:
    place = telling.column or (f"{telling.segment_by}: {telling.segment}" if telling.split else "all rows")
    waiting = "" if label == newest else f" Later windows up to {window_words(newest)} cannot be judged yet."
    said = f"{window_words(label)}, {metric_words(telling.metric).title} ({place}): {telling.reason}"
    return f"{said}{_unjudged(found, level)}{waiting}"


def _not_yet(told: Gathered, level: Level, alarm: Alarm) -> str:
    """Why a figure past a limit counts for less; empty where it counts as it was judged."""
    if told.judged is None:
        return ""
    seen = f"as bad in {told.times} of its last {alarm.of} judged windows"
    return f" Judged {told.judged}, it counts as {level}: {seen}, and the policy asks for {alarm.windows}."


def _telling(found: Sequence[Gathered], level: Level) -> Gathered:
    """What a verdict is told by: what was judged past a limit before what was not, all rows before segments, silent
    failures first; a divergence has words of its own."""
    last = len(SILENT_ORDER)
    others = [one for one in found if one.metric != DIVERGENCE] or list(found)
    in_order = sorted(others, key=lambda one: (one.judged is None, one.split, SILENT_ORDER.get(one.metric, last)))
    return next((one for one in in_order if one.count(level)), in_order[0])


def _unjudged(found: Sequence[Gathered], level: Level) -> str:
    """A check that is well says how much of it nobody could judge."""
    whole = [one for one in found if not one.split] or list(found)
    grey, every = _total(whole, Level.GREY), sum(_total(whole, each) for each in Level)
    if level not in (Level.GREEN, Level.WATCH) or not grey:
        return ""
    return f" {grey} of {every} figures could not be judged."


def _total(found: Iterable[Gathered], level: Level) -> int:
    return sum(one.count(level) for one in found)
