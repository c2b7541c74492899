"""What a person at the terminal reads after a run: rows, silent failures, the model's own figures, then the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from plumbline.domain.results import REFERENCE, Level, Result
from plumbline.domain.silent import SILENT_FAILURES, SILENT_ORDER
from plumbline.services.domain_auc import DOMAIN_AUC
from plumbline.services.drifted_share import DRIFTED_SHARE
from plumbline.services.monitoring import FROM_PROFILES, MonitoringRun

SHOWN = 10
NAMED = 6
# The field's first questions to a model of each task, in this order.
HEADLINES = (
    *("roc_auc", "observed_expected", "brier_score", "base_rate"),
    *("actual_expected", "rmse", "mean_error", "accuracy"),
)
HEADLINES_SHOWN = 5
ALARMS = (Level.RED, Level.AMBER)

Subject = tuple[str, str | None, str | None, str | None]


def summary(done: MonitoringRun) -> list[str]:
    """The lines of the answer, the most telling first."""
    return [*_rows(done), *_silent(done), *_newest(done), *_alarms(done)]


def _rows(done: MonitoringRun) -> list[str]:
    told = done.run
    labels = [window["window"] for window in told["windows"]]
    span = f" ({labels[0]} to {labels[-1]})" if len(labels) > 1 else f" ({labels[0]})"
    counted = f"{told['rows']:,} rows counted, {told['quarantined']:,} set aside, {_many(len(labels), 'window')}{span}"
    empty = [profile.window.label for profile in done.profiles[1:] if not profile.rows]
    return [
        f"{done.model_id} {done.version_id}: {counted}.",
        *_taken(told["taken_over"], told["engine"] == FROM_PROFILES),
        *(f"  set aside: {count:,} {reason}" for reason, count in told["quarantine"].items()),
        *([f"  no rows in {_some(empty)}; nothing is judged there."] if empty else []),
        *(f"  note: {note}" for note in told["notes"]),
    ]


def _taken(runs: Mapping[str, str], rederived: bool) -> list[str]:
    if rederived:
        return ["  nothing was read: judged again from the stored profiles."]
    labels = [label for label in runs if label != REFERENCE]
    if not runs:
        return []
    what = ["the reference"] if REFERENCE in runs else []
    what += [f"{_many(len(labels), 'window')} ({_some(labels)})"] if labels else []
    return [f"  not read again, since their sources are unchanged: {' and '.join(what)}; --recount reads them."]


def _newest(done: MonitoringRun) -> list[str]:
    """The model's own figures in the newest window that has rows."""
    if done.newest is None:
        return []
    window, rows = done.newest.window.label, done.newest.rows
    found = [r for r in done.results if r.window.label == window and _place(r) <= 1]
    first = [r for key in HEADLINES for r in found if r.measurement.metric == key][: HEADLINES_SHOWN - 1]
    drift = [r for r in found if r.measurement.metric == "psi" and r.measurement.column == "score"]
    if not first and not drift:
        return []
    told = next((f"  Needing outcomes: {r.measurement.population}." for r in first if r.measurement.population), "")
    head = ["", f"Newest window, {window}, {_many(rows, 'row')}:", *filter(None, [told])]
    return [*head, *map(_figure, [*first, *drift])]


def _figure(result: Result) -> str:
    m = result.measurement
    if m.estimate is None:
        value = "-"
    else:
        interval = f" [{m.low:.3g}, {m.high:.3g}]" if m.low is not None and m.high is not None else ""
        value = f"{m.estimate:.3g}{interval}"
    if m.lowest is not None and m.highest is not None:
        value += f", over all rows {m.lowest:.3g} to {m.highest:.3g}"
    return f"  {result.verdict.level.value:<5}  {_subject(result):<18} {value:<24} {result.verdict.reason}"


def _silent(done: MonitoringRun) -> list[str]:
    """Failures of the data, each once: what they touch makes every figure below doubtful."""
    groups = [group for group in _past(done) if group[0].measurement.metric in SILENT_ORDER]
    named = [group for group in groups if group[0].measurement.metric != SILENT_FAILURES]
    if not named:
        return []
    place = _places(done)
    named.sort(key=lambda group: (-place[group[0].window.label], SILENT_ORDER[group[0].measurement.metric]))
    shown = [_alarm(group) for group in named[:SHOWN]]
    rest = [f"  ... and {len(named) - SHOWN:,} more; --out FILE.json writes all."] if len(named) > SHOWN else []
    return ["", "Silent failures, to be settled before anything below is believed:", *shown, *rest]


def _alarms(done: MonitoringRun) -> list[str]:
    """Every figure that is red or amber somewhere, once, by its worst and newest window; silent failures aside."""
    place, past = _places(done), _past(done)
    total = done.verdicts()
    counts = "  ".join(f"{level.value} {total[level]:,}" for level in reversed(Level))
    lines = ["", f"All windows, columns and segments: {counts}"]
    groups = [group for group in past if group[0].measurement.metric not in SILENT_ORDER]
    if not groups:
        return [*lines, f"Nothing {'else ' if past else ''}is red or amber."]

    def order(group: Sequence[Result]) -> tuple[int, int, int]:
        return _place(group[0]), -max(r.verdict.level.rank for r in group), -place[group[0].window.label]

    groups.sort(key=order)
    shown = [_alarm(group) for group in groups[:SHOWN]]
    return [*lines, "Red or amber, the model before its columns, columns before segments:", *shown, *_hidden(groups)]


def _places(done: MonitoringRun) -> dict[str, int]:
    return {profile.window.label: at for at, profile in enumerate(done.profiles)}


def _past(done: MonitoringRun) -> list[list[Result]]:
    """What is red or amber, by figure, the newest window of each first."""
    place = _places(done)
    by_subject: dict[Subject, list[Result]] = {}
    for r in done.results:
        if r.verdict.level in ALARMS and r.window.label != REFERENCE:
            m = r.measurement
            by_subject.setdefault((m.metric, m.column, m.segment_by, m.segment), []).append(r)
    return [sorted(group, key=lambda r: -place[r.window.label]) for group in by_subject.values()]


def _alarm(newest_first: Sequence[Result]) -> str:
    last, first = newest_first[0], newest_first[-1]
    when = last.window.label
    if last is not first:
        when = f"{len(newest_first)} windows, {first.window.label} to {last.window.label}"
    return f"  {last.verdict.level.value:<5}  {_subject(last)} ({when}): {last.verdict.reason}"


def _hidden(groups: Sequence[Sequence[Result]]) -> list[str]:
    rest = groups[SHOWN:]
    if not rest:
        return []
    segments = sum(group[0].measurement.segment_by is not None for group in rest)
    return [f"  ... and {len(rest):,} more figures, {segments:,} of them of segments; --out FILE.json writes all."]


def _place(result: Result) -> int:
    """0 the model, 1 its score's and label's drift, 2 its columns and all of them at once, 3 segments and groups."""
    m = result.measurement
    if m.segment_by is not None:
        return 3
    if m.metric in (DOMAIN_AUC, DRIFTED_SHARE):
        return 2
    return 0 if m.column is None else 1 if m.column in ("score", "label") else 2


def _subject(result: Result) -> str:
    m = result.measurement
    column = f" of {m.column}" if m.column else ""
    segment = f", {m.segment_by} = {m.segment}" if m.segment_by else ""
    return f"{m.metric}{column}{segment}"


def _some(labels: Sequence[str]) -> str:
    more = f" and {len(labels) - NAMED} more" if len(labels) > NAMED else ""
    return f"{', '.join(labels[:NAMED])}{more}"


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
