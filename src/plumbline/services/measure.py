"""From profiles to every figure of their windows: measured, compared with the reference, corrected for multiplicity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plumbline.domain.log_spec import LogSpec, ScoreKind, Task
from plumbline.domain.results import Measurement, side_by_side
from plumbline.policy.load import Policy
from plumbline.profiling.profile import ALL, Profile, Slice
from plumbline.profiling.weights import weighed
from plumbline.services import measure_classes as classes_of
from plumbline.services import measure_performance as performance
from plumbline.services.measure_amounts import amounts
from plumbline.services.measure_compared import Compared, Line, Maturity, Rows, as_fields, compare, rows_of
from plumbline.services.measure_concept import concept_shifts
from plumbline.services.measure_drift import drift, duplicates, quality
from plumbline.services.measure_estimates import estimates, learn
from plumbline.services.measure_fairness import measure_fairness
from plumbline.services.measure_figures import NONE, Figures, Floats, Words, absent, chosen, joined, objects, words
from plumbline.services.measure_fine import probabilities, recalibration
from plumbline.services.measure_grades import of_grades
from plumbline.services.measure_history import with_history
from plumbline.services.measure_operating import sensitivity, worth
from plumbline.services.measure_selective import bounded, described, knowable, label_share
from plumbline.services.measure_tests import TESTS, calibration_tests
from plumbline.services.measure_weighted import by_weight
from plumbline.stats.multiplicity import by_family
from plumbline.stats.registry import METRICS
from plumbline.stats.special import CONFIDENCE

COUNTS = ("n", "events", "n_reference")
NUMBERS = (
    *("estimate", "low", "high", "label_share", "reference", "effect", "p_value", "p_adjusted", "error_bound"),
    *("null_expectation", "ordinary", "lowest", "highest"),
)


@dataclass(frozen=True, slots=True)
class Behind:
    """What of each population stands behind figures that need outcomes: the share of labels in, and whose they are."""

    label_share: Floats
    population: Words


def measure(spec: LogSpec, reference: Profile, current: Profile, policy: Policy) -> tuple[Measurement, ...]:
    """Every figure of one window, `p_adjusted` filled in; pass the reference as `current` for its own figures."""
    return measure_windows(spec, reference, [current], policy)[0]


def measure_windows(
    spec: LogSpec,
    reference: Profile,
    windows: Sequence[Profile],
    policy: Policy,
    *,
    history: Sequence[Profile] | None = None,
) -> list[tuple[Measurement, ...]]:
    """Every figure of each window, in the windows' order; all are measured at once, the reference among them.

    `history` holds all windows in order of time where `windows` are only some: those before one are the record of its
    estimates, and may say what is ordinary in it.
    """
    profiles = [reference, *(each for each in windows if each is not reference)]
    every = [reference, *(each for each in (windows if history is None else history) if each is not reference)]
    with np.errstate(divide="ignore", invalid="ignore"):
        fields = as_fields(_measured(spec, profiles, profiles, every, policy))
        if reference.weighted is not None:
            views = {id(each): weighed(each) for each in every}
            there, past = ([views[id(each)] for each in side] for side in (profiles, every))
            fields = by_weight(fields, as_fields(_measured(spec, there, profiles, past, policy)))
        found = finished(with_history(fields, profiles, every[1:], "" if spec.window_column else spec.window, policy))
    ends = np.searchsorted(fields["window"], np.arange(len(profiles) + 1)).tolist()
    parts = {id(profile): tuple(found[ends[at] : ends[at + 1]]) for at, profile in enumerate(profiles)}
    return [parts[id(each)] for each in windows]


def finished(fields: Mapping[str, NDArray[Any]]) -> list[Measurement]:
    """The measurements of these fields, `p_adjusted` filled in."""
    whole = {**fields, "p_adjusted": adjusted(fields)}
    columns: dict[str, Sequence[Any]] = {
        name: values.tolist() for name, values in whole.items() if name not in ("window", *NUMBERS, *COUNTS)
    }
    columns |= {name: _or_none(whole[name], np.isnan(whole[name])) for name in NUMBERS}
    columns |= {name: _or_none(whole[name], whole[name] == NONE) for name in COUNTS}
    columns["confidence"] = [None if low is None else CONFIDENCE for low in columns["low"]]
    return side_by_side(Measurement, columns)


def adjusted(fields: Mapping[str, NDArray[Any]]) -> Floats:
    """P-values corrected within one window and metric: Benjamini-Hochberg over columns (segments' columns a second
    family), Holm over segments and groups; a figure of all rows without a column stands alone.
    """
    tested = ~np.isnan(fields["p_value"])
    of_column, of_segment = (
        np.array([each is not None for each in fields[name][tested].tolist()], dtype=np.bool_)
        for name in ("column", "segment_by")
    )
    metrics = {metric: at for at, metric in enumerate(dict.fromkeys(fields["metric"].tolist()))}
    metric = np.array([metrics[each] for each in fields["metric"][tested].tolist()], dtype=np.int64)
    alike = (fields["window"][tested] * len(metrics) + metric) * 4 + 2 * of_column + of_segment
    present, family = np.unique(alike, return_inverse=True)
    result = fields["p_value"].copy()
    result[tested] = by_family(result[tested], family, present % 4 == 1)
    return result


def mature(spec: LogSpec, reference: Profile, current: Profile, policy: Policy) -> bool | None:
    """Whether a window's labels are in: by the declared maturity, else by the share that the reference had."""
    if current is reference:
        return True
    if current.mature is not None:
        return current.mature
    here, there = label_share(current, spec), label_share(reference, spec)
    return None if here is None or not there else here >= policy.thresholds.min_label_share * there


def _or_none(values: NDArray[Any], gone: NDArray[np.bool_]) -> list[Any]:
    if gone.all():
        return [None] * len(values)
    found = values.astype(object)
    found[gone] = None
    return list(found.tolist())


def _measured(
    spec: LogSpec,
    profiles: Sequence[Profile],
    in_rows: Sequence[Profile],
    history: Sequence[Profile],
    policy: Policy,
) -> Iterator[Compared]:
    """All figures of profiles, or of weighed views of those `in_rows`."""
    ripe, shares = (
        [mature(spec, profiles[0], each, policy) for each in profiles],
        [label_share(each, spec) for each in profiles],
    )
    maturity = Maturity(objects(ripe), np.array(shares, dtype=np.float64))
    yield from _performance(spec, profiles, history, maturity.mature, policy)
    if spec.id:
        yield duplicates(profiles)
    yield from quality(profiles)
    yield from drift(profiles, maturity)
    yield from measure_fairness(profiles, in_rows, spec, policy, maturity)


def _performance(
    spec: LogSpec, profiles: Sequence[Profile], history: Sequence[Profile], ripe: Words, policy: Policy
) -> Iterator[Compared]:
    slices = [(at, place, each) for at, profile in enumerate(profiles) for place, each in enumerate(_slices(profile))]
    first = {each: row for row, (at, _, each) in enumerate(slices) if at == 0}
    rows = rows_of([Line(at, 0, place, each, None, first.get(each, NONE)) for at, place, each in slices])
    figures, behind = _figures(spec, profiles, [(profiles[at], each) for at, _, each in slices])
    yield from _beside(spec, figures, rows, behind, ripe)
    whole = np.flatnonzero(rows.place == 0)
    of_all = rows_of([Line(at, 0, 0, ALL, None, 0) for at in range(len(profiles))])
    of_windows = Behind(behind.label_share[whole], behind.population[whole])
    more = _of_all_rows(spec, profiles)
    yield from _beside(spec, more, of_all, of_windows, ripe)
    yield from _by_class(spec, profiles, of_windows, ripe)
    if spec.label is not None:
        binary = spec.task is Task.BINARY
        learnt = learn(profiles[0]) if binary and spec.score_kind is ScoreKind.PROBABILITY else None
        truths = {**{key: chosen(figure, whole) for key, figure in figures.items()}, **more}
        realised, known = _realised(spec, profiles, history, truths, policy)
        yield from estimates(spec, profiles, history, realised, known, learnt, policy.thresholds.estimates)
        if binary:
            populations = [profiles[at].populations[each] for at, _, each in slices]
            calibrated = learnt.calibrated if learnt else None
            yield concept_shifts(
                spec, populations, rows, calibrated, behind.label_share, behind.population, ripe[rows.window]
            )
    here = {(at, each) for at, _, each in slices}
    gone = [
        Line(at, 1, row, each, None, row)
        for at in range(len(profiles)) for each, row in first.items() if (at, each) not in here
    ]  # fmt: skip
    if gone:
        nobody = performance.row_count(np.zeros(len(gone), dtype=np.int64))
        yield compare("row_count", nobody, rows_of(gone), before=figures["row_count"])


def _by_class(spec: LogSpec, profiles: Sequence[Profile], behind: Behind, ripe: Words) -> Iterator[Compared]:
    """Each class of a model of several against the others."""
    classes = [each.classes for each in profiles if each.classes is not None]
    if classes and spec.label is not None:
        lines, figures = classes_of.each_class(classes)
        rows = rows_of(lines)
        of = Behind(behind.label_share[rows.window], behind.population[rows.window])
        yield from _beside(spec, figures, rows, of, ripe)


def _realised(
    spec: LogSpec, profiles: Sequence[Profile], history: Sequence[Profile], measured: Figures, policy: Policy
) -> tuple[Figures, Words]:
    """(figures of all rows of each window of `history`, whether its labels are in); those `measured` are at hand."""
    held = {id(each) for each in profiles}
    others = [each for each in history if id(each) not in held]
    figures = measured
    if others:
        further = _whole(spec, others)
        figures = {key: joined([measured[key], figure]) for key, figure in further.items()}
    places = {id(each): at for at, each in enumerate([*profiles, *others])}
    order = [places[id(each)] for each in history]
    ripe = objects([mature(spec, history[0], each, policy) for each in history])
    return {key: chosen(figure, order) for key, figure in figures.items()}, ripe


def _whole(spec: LogSpec, profiles: Sequence[Profile]) -> Figures:
    """What estimates of all rows are held against."""
    classes = [each.classes for each in profiles if each.classes is not None]
    if not classes:
        return performance.figures_of(performance.side_by_side([each.populations[ALL] for each in profiles]), spec)
    labelled = np.array([each.labelled for each in profiles])
    tables = classes_of.of_tables(np.array([each.confusion[ALL] for each in classes]), spec)
    return {**tables, **classes_of.of_classes(classes, labelled, spec)}


def _beside(spec: LogSpec, figures: Figures, rows: Rows, behind: Behind, ripe: Words) -> Iterator[Compared]:
    directions = {metric.key: metric.direction for metric in spec.metrics}
    for metric, made in figures.items():
        needs_labels = metric in METRICS and METRICS[metric].needs_labels
        yield compare(
            metric,
            made,
            rows,
            label_share=behind.label_share if needs_labels else None,
            mature=ripe[rows.window] if needs_labels else None,
            population=behind.population if needs_labels else None,
            direction=directions.get(metric, ""),
        )


def _slices(profile: Profile) -> list[Slice]:
    """All rows first."""
    found = profile.populations if profile.classes is None else profile.classes.confusion
    return sorted(found, key=lambda each: each != ALL)


def _figures(spec: LogSpec, profiles: Sequence[Profile], of: Sequence[tuple[Profile, Slice]]) -> tuple[Figures, Behind]:
    """(figures of each slice, what of it stands behind them)."""
    if profiles[0].classes is not None:
        tables = np.array([profile.classes.confusion[each] for profile, each in of if profile.classes is not None])
        rows, labelled = tables.sum(axis=(-2, -1)), tables[:, :, :-1].sum(axis=(-2, -1))
        share = labelled / np.where(rows > 0, rows, np.nan)
        return classes_of.of_tables(tables, spec), Behind(share, words(None, len(of)))
    populations = performance.side_by_side([profile.populations[each] for profile, each in of])
    known = knowable(populations.decisions, spec)
    share = populations.labelled / np.where(known > 0, known, np.nan)
    behind = Behind(share, described(populations.decisions, spec))
    figures = {**performance.figures_of(populations, spec), **worth(populations, spec), **amounts(populations, spec)}
    if spec.label_seen_when is not None and spec.label is not None and spec.task is Task.BINARY:
        spans = [probabilities(profile, each) for profile, each in of]
        return bounded(figures, populations, spans, spec), behind
    return figures, behind


def _of_all_rows(spec: LogSpec, profiles: Sequence[Profile]) -> Figures:
    """What only all rows of a window have."""
    labelled = np.array([each.labelled for each in profiles])
    if profiles[0].classes is not None:
        return classes_of.of_classes([each.classes for each in profiles if each.classes], labelled, spec)
    if spec.task is not Task.BINARY or spec.label is None:
        return {}
    whole = [each.populations[ALL] for each in profiles]
    found = {**sensitivity(whole, spec), **of_grades(profiles, spec)}
    if spec.score_kind is ScoreKind.PROBABILITY:
        spans = [probabilities(each) for each in profiles]
        return {**found, **recalibration(profiles, spans), **calibration_tests(profiles, spans)}
    why = absent(performance.NEEDS_PROBABILITY, labelled, np.array([each.positives for each in whole]))
    return {**found, **dict.fromkeys(("calibration_slope", "calibration_intercept", *TESTS), why)}
