"""Performance of all rows estimated without their labels, and how earlier estimates compared with the truth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from plumbline.domain.log_spec import LogSpec, ScoreKind
from plumbline.domain.results import Record
from plumbline.policy.estimates import Estimates
from plumbline.profiling.bins import NumericBins
from plumbline.profiling.edges import edges, single
from plumbline.profiling.profile import ALL, NEGATIVE, POSITIVE, Population, Profile
from plumbline.services.measure_compared import Compared, Line, compare, rows_of
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
    made,
    objects,
    of_figures,
    of_rates,
)
from plumbline.services.measure_performance import NEEDS_PROBABILITY
from plumbline.stats import calibration, discrimination, estimation
from plumbline.stats.classification import Confusions, shares
from plumbline.stats.estimation import Calibrated, Loss
from plumbline.stats.metrics_of_estimates import OF_DECISIONS, OF_SCORES, PREFIX

EXPECTED = "; of expected outcomes"
NO_ROWS = "There are no rows."
UNLEARNT = "The reference does not know both outcomes, so nothing says how often the event comes at a score."
ONLY_SEEN = "Outcomes exist only after one decision; of the other rows nothing says how often the event comes."
DECIDED_ELSEWHERE = "The decision is logged and not a threshold of the score: the score does not foretell its outcomes."


@dataclass(frozen=True, slots=True)
class Learnt:
    """What the reference teaches: event rates by score bin, the losses they lead one to expect, rows behind it."""

    calibrated: Calibrated
    log_loss: Loss
    brier: Loss
    labelled: float


@dataclass(frozen=True, slots=True)
class _Seen:
    """Of each window: scored rows, expected events, the share of rows beyond the reference's scores, and `part`, by
    which rows are scaled to stand for what the window and the calibration together are unsure of.
    """

    rows: Floats
    events: Floats
    beyond: Floats
    part: Floats


def learn(reference: Profile) -> Learnt | None:
    """From scores that are probabilities; None where the reference does not know both outcomes."""
    rows = reference.populations[ALL]
    low, high = _probabilities(rows.bins)
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


# The same few bins stand behind every window of a run.
@lru_cache(maxsize=8)
def _probabilities(bins: NumericBins) -> tuple[Floats, Floats]:
    """The least and greatest probability of every bin."""
    found = np.clip(edges(bins), 0.0, 1.0)
    return found[:-1], found[1:]


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
    populations = [each.populations[ALL] for each in history]
    labelled = np.full(len(profiles), round(populations[0].labelled))
    for key, figure in _figures(spec, populations, learnt, policy).items():
        records = _records(figure, realised[key], mature, policy)
        found = compare(f"{PREFIX}{key}", chosen(figure, rows), lines, n_reference=labelled)
        yield replace(found, record=records[rows])


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
    if decided and spec.threshold is None:
        found |= dict.fromkeys(decided, absent(DECIDED_ELSEWHERE, np.round(seen.rows).astype(np.int64)))
    elif decided:
        found |= _decisions(populations, counts, expected, seen, spec)
    return {key: _as_estimate(figure, seen, policy) for key, figure in found.items()}


def _seen(populations: Sequence[Population], counts: Sequence[Ints], expected: Sequence[Floats], of: Learnt) -> _Seen:
    rows = np.array([n.sum() for n in counts], dtype=np.float64)
    ends = [np.searchsorted(each.index, [of.calibrated.first, of.calibrated.last + 1]) for each in populations]
    within = np.array([n[first:last].sum() for n, (first, last) in zip(counts, ends, strict=True)])
    return _Seen(
        rows,
        np.array([each.sum() for each in expected]),
        1 - within / np.where(rows > 0, rows, 1.0),
        of.labelled / (of.labelled + rows),
    )


def _ranking(
    populations: Sequence[Population], counts: Sequence[Ints], expected: Sequence[Floats], seen: _Seen
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
        "base_rate": of_rates(shares(seen.events * seen.part, seen.rows * seen.part), NO_ROWS),
    }


def _losses(populations: Sequence[Population], counts: Sequence[Ints], seen: _Seen, of: Learnt) -> dict[str, Made]:
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
    populations: Sequence[Population], counts: Sequence[Ints], expected: Sequence[Floats], seen: _Seen, spec: LogSpec
) -> dict[str, Made]:
    threshold = () if spec.threshold is None else (spec.threshold,)
    above = [each.bins.merge_at(threshold, each.index) > 0 for each in populations]
    positive, hits = (
        np.array([side[over].sum() for side, over in zip(sides, above, strict=True)]) * seen.part
        for sides in (counts, expected)
    )
    events, rows = seen.events * seen.part, seen.rows * seen.part
    # Kinds of rows are floats here, whole only where labels are known.
    table = Confusions(tp=hits, fp=positive - hits, fn=events - hits, tn=rows - events - positive + hits)  # type: ignore[arg-type]
    return {key: of_rates(getattr(table, key), f"No row is expected that {key} is a share of.") for key in OF_DECISIONS}


def _as_estimate(figure: Made, seen: _Seen, policy: Estimates) -> Made:
    """With the window's own rows and spread; empty where too many scores lie where the reference has none."""
    beyond = seen.beyond > policy.beyond
    said = [
        f"{100 * share:.3g} % of the scores lie beyond the reference's, where nothing says how often the event comes; "
        f"the policy allows {100 * policy.beyond:g} %."
        for share in seen.beyond.tolist()
    ]
    return made(
        np.where(beyond, np.nan, figure.value),
        low=figure.low,
        high=figure.high,
        method=figure.method + EXPECTED,
        n=np.round(seen.rows).astype(np.int64),
        events=np.floor(seen.events).astype(np.int64),
        variance=figure.variance * seen.part,
        error_bound=figure.error_bound,
        why_not=np.where(beyond, objects(said), figure.why_not),
    )


def _records(figure: Made, realised: Made, mature: Words, policy: Estimates) -> Words:
    """Of each window: how the newest of the mature windows before it came out."""
    miss = np.abs(figure.value - realised.value)
    known = np.array([each is True for each in mature], dtype=np.bool_) & ~np.isnan(miss)
    known[0] = False  # the reference is what was learnt from
    within = ((realised.value >= figure.low) & (realised.value <= figure.high)) | (miss <= policy.tolerance)
    return objects([_record(np.flatnonzero(known[:at])[-policy.span :], within, miss) for at in range(len(miss))])


def _record(windows: Ints, within: Flags, miss: Floats) -> Record:
    if not len(windows):
        return Record(windows=0, within=0, error=0.0, newest_within=False)
    return Record(
        windows=len(windows),
        within=int(within[windows].sum()),
        error=float(miss[windows].mean()),
        newest_within=bool(within[windows[-1]]),
    )
