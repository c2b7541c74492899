"""Performance of all rows estimated without their labels, and how earlier estimates compared with the truth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from plumbline.domain.log_spec import LogSpec, ScoreKind, Task
from plumbline.domain.results import Record
from plumbline.policy.estimates import Estimates
from plumbline.profiling.edges import single
from plumbline.profiling.profile import ALL, NEGATIVE, POSITIVE, Population, Profile
from plumbline.services.measure_class_estimates import class_estimates
from plumbline.services.measure_compared import Compared, Line, compare, rows_of
from plumbline.services.measure_error_estimates import error_estimates
from plumbline.services.measure_expected import NO_ROWS, Seen, as_estimate, probabilities
from plumbline.services.measure_figures import (
    Figures,
    Flags,
    Floats,
    Ints,
    Made,
    Words,
    absent,
    as_gini,
    chosen,
    objects,
    of_figures,
    of_rates,
)
from plumbline.services.measure_performance import NEEDS_PROBABILITY
from plumbline.stats import calibration, discrimination, estimation
from plumbline.stats.classification import Confusions, Rates
from plumbline.stats.estimation import Calibrated, Loss, unequal_shares
from plumbline.stats.metrics_of_estimates import OF_CLASSES, OF_DECISIONS, OF_ERRORS, OF_SCORES, OWN_UNIT, PREFIX

UNLEARNT = "The reference does not know both outcomes, so nothing says how often the event comes at a score."
ONLY_SEEN = "Outcomes exist only after one decision; of the other rows nothing says what comes."
DECIDED_ELSEWHERE = "The decision is logged and not a threshold of the score: the score does not foretell its outcomes."


@dataclass(frozen=True, slots=True)
class Learnt:
    """What the reference teaches: event rates by score bin, the losses they lead one to expect, rows behind it."""

    calibrated: Calibrated
    log_loss: Loss
    brier: Loss
    labelled: float


def learn(reference: Profile) -> Learnt | None:
    """From scores that are probabilities; None where the reference does not know both outcomes."""
    rows = reference.populations[ALL]
    low, high = probabilities(rows.bins)
    negatives, positives = rows.counts[:, NEGATIVE], rows.counts[:, POSITIVE]
    found = estimation.calibrate(rows.index, negatives, positives, (low + high) / 2)
    if found is None:
        return None
    return Learnt(
        found,
        estimation.log_loss(found.rates, low, high),
        estimation.brier(found.rates, low, high),
        float(rows.labelled),
    )


def estimates(
    spec: LogSpec,
    profiles: Sequence[Profile],
    history: Sequence[Profile],
    realised: Figures,
    mature: Words,
    learnt: Learnt | None,
    policy: Estimates,
) -> Iterator[Compared]:
    """Estimated figures of all rows of `profiles`, the reference first, each with its record over `history`.

    `history` holds the reference and all windows in order of time, those of `profiles` among them; `realised` and
    `mature` have a row for each of it.
    """
    places = {id(each): at for at, each in enumerate(history)}
    rows = np.array([places[id(each)] for each in profiles], dtype=np.int64)
    lines = rows_of([Line(at, 0, 0, ALL, None, 0) for at in range(len(profiles))])
    labelled = np.full(len(profiles), round(history[0].labelled))
    for key, figure in _by_task(spec, history, learnt, policy).items():
        records = _records(figure, realised[key], mature, _near(key, realised[key], policy), policy.span)
        found = compare(f"{PREFIX}{key}", chosen(figure, rows), lines, n_reference=labelled)
        yield replace(found, record=records[rows])


def _by_task(spec: LogSpec, history: Sequence[Profile], learnt: Learnt | None, policy: Estimates) -> Mapping[str, Made]:
    if spec.task is Task.BINARY:
        return _figures(spec, [each.populations[ALL] for each in history], learnt, policy)
    if spec.label_seen_when is not None:
        n = np.array([round(each.rows) for each in history], dtype=np.int64)
        return dict.fromkeys(OF_ERRORS if spec.task is Task.REGRESSION else OF_CLASSES, absent(ONLY_SEEN, n))
    if spec.task is Task.MULTICLASS:
        return class_estimates(spec, history, policy)
    return error_estimates([each.populations[ALL] for each in history], policy)


def _figures(
    spec: LogSpec, populations: Sequence[Population], learnt: Learnt | None, policy: Estimates
) -> dict[str, Made]:
    decided = OF_DECISIONS if spec.decides else ()
    if learnt is None or spec.label_seen_when is not None:
        probable = spec.score_kind is ScoreKind.PROBABILITY
        why = NEEDS_PROBABILITY if not probable else UNLEARNT if learnt is None else ONLY_SEEN
        n = np.array([round(each.rows) for each in populations], dtype=np.int64)
        return dict.fromkeys((*OF_SCORES, *decided), absent(why, n))
    rates = learnt.calibrated.rates
    counts = [each.counts.sum(axis=1) for each in populations]
    expected = [rates[each.index] * n for each, n in zip(populations, counts, strict=True)]
    seen = _seen(populations, counts, expected, learnt)
    found = _ranking(populations, counts, expected, seen) | _losses(populations, counts, seen, learnt)
    found["base_rate"] = of_rates(_share(expected, counts, seen), NO_ROWS)
    if spec.threshold is not None:
        found |= _decisions(populations, counts, expected, seen, spec.threshold)
    else:
        found |= dict.fromkeys(decided, absent(DECIDED_ELSEWHERE, np.round(seen.rows).astype(np.int64)))
    return {key: as_estimate(figure, seen, policy) for key, figure in found.items()}


def _seen(populations: Sequence[Population], counts: Sequence[Ints], expected: Sequence[Floats], of: Learnt) -> Seen:
    rows = np.array([n.sum() for n in counts], dtype=np.float64)
    ends = [np.searchsorted(each.index, [of.calibrated.first, of.calibrated.last + 1]) for each in populations]
    within = np.array([n[first:last].sum() for n, (first, last) in zip(counts, ends, strict=True)])
    return Seen(
        rows,
        np.array([each.sum() for each in expected]),
        1 - within / np.where(rows > 0, rows, 1.0),
        of.labelled / (of.labelled + rows),
    )


def _ranking(
    populations: Sequence[Population], counts: Sequence[Ints], expected: Sequence[Floats], seen: Seen
) -> dict[str, Made]:
    tables = (
        ((n - hits) * part, hits * part, each.bins.exact and single(each.bins, each.index))
        for each, n, hits, part in zip(populations, counts, expected, seen.part.tolist(), strict=True)
    )
    found, n = discrimination.rankings(tables), seen.rows.astype(np.int64)
    auc = of_figures(found.roc_auc, n, NO_ROWS)
    return {
        "roc_auc": auc,
        "gini": as_gini(auc),
        "average_precision": of_figures(found.average_precision, n, NO_ROWS),
    }


def _losses(populations: Sequence[Population], counts: Sequence[Ints], seen: Seen, of: Learnt) -> dict[str, Made]:
    found = {}
    for key, loss in (("log_loss", of.log_loss), ("brier_score", of.brier)):
        mean, square, bound = (
            np.array([(table[each.index] * n).sum() for each, n in zip(populations, counts, strict=True)])
            for table in (loss.mean, loss.square, loss.bound)
        )
        figure = calibration.mean_of(mean * seen.part, square * seen.part, seen.rows * seen.part)
        expected = of_figures(figure, seen.rows.astype(np.int64), NO_ROWS)
        found[key] = replace(expected, error_bound=bound / np.where(seen.rows > 0, seen.rows, np.nan))
    return found


def _decisions(
    populations: Sequence[Population], counts: Sequence[Ints], expected: Sequence[Floats], seen: Seen, threshold: float
) -> dict[str, Made]:
    above = [each.bins.merge_at((threshold,), each.index) > 0 for each in populations]
    positive, hits = (
        np.array([side[over].sum() for side, over in zip(sides, above, strict=True)]) * seen.part
        for sides in (counts, expected)
    )
    events, rows = seen.events * seen.part, seen.rows * seen.part
    # Kinds of rows are floats here, whole only where labels are known.
    table = Confusions(tp=hits, fp=positive - hits, fn=events - hits, tn=rows - events - positive + hits)  # type: ignore[arg-type]
    found = {key: getattr(table, key) for key in OF_DECISIONS}
    right = [np.where(over, p, n - p) for over, p, n in zip(above, expected, counts, strict=True)]
    caught = [p[over] for over, p in zip(above, expected, strict=True)]
    alerts = [n[over] for over, n in zip(above, counts, strict=True)]
    found |= {"accuracy": _share(right, counts, seen), "precision": _share(caught, alerts, seen)}
    return {key: of_rates(rates, f"No row is expected that {key} is a share of.") for key, rates in found.items()}


def _share(hits: Sequence[Floats], rows: Sequence[Ints], seen: Seen) -> Rates:
    return unequal_shares((p * part, n * part) for p, n, part in zip(hits, rows, seen.part.tolist(), strict=True))


def _near(key: str, realised: Made, policy: Estimates) -> float:
    """A miss as small as this counts as none; of a figure in the outcome's own unit, as a share of the reference's."""
    return policy.tolerance * (abs(float(realised.value[0])) if key in OWN_UNIT else 1.0)


def _records(figure: Made, realised: Made, mature: Words, near: float, span: int) -> Words:
    """Of each window: how the newest of the mature windows before it came out."""
    miss = np.abs(figure.value - realised.value)
    known = np.array([each is True for each in mature], dtype=np.bool_) & ~np.isnan(miss)
    known[0] = False  # the reference is what was learnt from
    within = ((realised.value >= figure.low) & (realised.value <= figure.high)) | (miss <= near)
    return objects([_record(np.flatnonzero(known[:at])[-span:], within, miss) for at in range(len(miss))])


def _record(windows: Ints, within: Flags, miss: Floats) -> Record:
    if not len(windows):
        return Record(windows=0, within=0, error=0.0, newest_within=False)
    return Record(
        windows=len(windows),
        within=int(within[windows].sum()),
        error=float(miss[windows].mean()),
        newest_within=bool(within[windows[-1]]),
    )
