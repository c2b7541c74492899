"""Whether decisions and probabilities are as right for each group as for the reference group it is held against."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from plumbline.domain.log_spec import LogSpec, ScoreKind, Task
from plumbline.policy.load import Policy
from plumbline.profiling.profile import NEGATIVE, POSITIVE, UNKNOWN, Population
from plumbline.services.measure_compared import Compared, Maturity, compare, rows_of
from plumbline.services.measure_figures import NONE, Figures, Floats, Ints, absent
from plumbline.services.measure_groups import Faced, Facing, against
from plumbline.services.measure_performance import NEEDS_PROBABILITY
from plumbline.services.measure_selective import described, knowable
from plumbline.stats import fairness

NO_EVENT = "Without a decided row with the event in both groups, true positive rates cannot be compared."
NO_OUTCOME = "Without decided rows of either outcome in both groups, their rates of error cannot be compared."
NO_ALERT = "Without a labelled row that was decided 1 in both groups, precision cannot be compared."
ONE_DECISION = "Outcomes are seen after one decision alone, and this figure needs both: no group can be compared by it."
NO_LEVEL = "Without labels in both groups and an event in the reference group, their levels cannot be compared."


@dataclass(frozen=True, slots=True)
class _Behind:
    """Rows that a figure stands on: of the group, with the event among them, of the reference group."""

    n: Ints
    events: Ints
    reference: Ints


def parity(groups: Faced, spec: LogSpec, policy: Policy, maturity: Maturity) -> Iterator[Compared]:
    """True positive rates, both rates of error, precision and level of each group against its reference group's."""
    if spec.label is None or spec.task is not Task.BINARY:
        return
    rows = rows_of(groups.lines)
    now, behind = _figures(groups.now, spec, policy)
    # Without any earlier group no row points among them.
    past, _ = _figures(groups.earlier or groups.now[:1], spec, policy)
    counted = [each.group.counted for each in groups.now]
    decisions = np.array([each.decisions for each in counted])
    known = knowable(decisions, spec)
    share = np.array([each.labelled for each in counted]) / np.where(known > 0, known, np.nan)
    whom = described(decisions, spec)
    for metric, current in now.items():
        yield compare(
            metric,
            current,
            rows,
            before=past[metric],
            n_reference=behind[metric].reference,
            label_share=share,
            mature=maturity.mature[rows.window],
            population=whom,
        )


def _figures(facing: Sequence[Facing], spec: LogSpec, policy: Policy) -> tuple[Figures, dict[str, _Behind]]:
    behind = _behind(facing)
    tables = [[_table(side.measured) for side in (each.group, each.other)] for each in facing]
    # By group and reference group, by decision, by outcome.
    (_, fn), (fp, tp) = cells = np.array(tables, dtype=np.float64).transpose(2, 3, 1, 0)
    events, others = fn + tp, cells[0, 0] + fp
    recall, alarms = _sides(tp, events), _sides(fp, others)
    compared = {
        "equal_opportunity_difference": (fairness.against(*recall)[1], 0.0, NO_EVENT),
        "equalized_odds_difference": (fairness.worst_gap_of(recall, alarms), 0.0, NO_OUTCOME),
        "predictive_parity_difference": (fairness.against(*_sides(tp, tp + fp))[1], 0.0, NO_ALERT),
    }
    # Whoever was decided 1 tells of precision, where those are the ones whose outcomes are seen.
    hidden = () if spec.label_seen_when is None else tuple(compared)[: 2 if spec.label_seen_when == 1 else 3]
    found = {metric: absent(ONE_DECISION, behind[metric].n, behind[metric].events) for metric in hidden}
    compared = {metric: each for metric, each in compared.items() if metric not in hidden}
    if spec.score_kind is ScoreKind.PROBABILITY:
        compared["calibration_gap"] = (_levels(facing), 1.0, NO_LEVEL)
    level = behind["calibration_gap"]
    found["calibration_gap"] = absent(NEEDS_PROBABILITY, level.n, level.events)
    for metric, (figure, equal, why) in compared.items():
        of = behind[metric]
        found[metric] = against(facing, figure, policy, equal=equal, n=of.n, events=of.events, why=why)
    return found, behind


def _sides(k: Floats, n: Floats) -> fairness.Sides:
    return k[0], n[0], k[1], n[1]


def _levels(facing: Sequence[Facing]) -> fairness.Comparisons:
    sides = [(each.group.measured, each.other.measured) for each in facing]
    counts = [(one.positives, one.labelled, two.positives, two.labelled) for one, two in sides]
    expected = np.array([(one.sums.value("expected"), two.sums.value("expected")) for one, two in sides]).T
    k, n, k_reference, n_reference = np.array(counts, dtype=np.float64).T
    return fairness.calibration_ratio_of((k, n, k_reference, n_reference), expected[0], expected[1])


def _behind(facing: Sequence[Facing]) -> dict[str, _Behind]:
    """In rows, whatever they weigh; a gap of two rates stands on the thinner of them."""
    mine, other = ([getattr(each, side).counted for each in facing] for side in ("group", "other"))
    (tn, fn), (fp, tp) = np.array([_table(each) for each in mine]).transpose(1, 2, 0)
    (tn_other, fn_other), (fp_other, tp_other) = np.array([_table(each) for each in other]).transpose(1, 2, 0)
    labelled, labelled_other = (np.array([each.labelled for each in side]) for side in (mine, other))
    events = np.array([each.positives for each in mine])
    thinner, thinner_other = np.minimum(tp + fn, fp + tn), np.minimum(tp_other + fn_other, fp_other + tn_other)
    return {
        "equal_opportunity_difference": _Behind(tp + fn, tp, tp_other + fn_other),
        "equalized_odds_difference": _Behind(thinner, np.full(len(tp), NONE), thinner_other),
        "predictive_parity_difference": _Behind(tp + fp, tp, tp_other + fp_other),
        "calibration_gap": _Behind(labelled, events, labelled_other),
    }


def _table(population: Population) -> Ints:
    """Rows by decision and outcome, both known."""
    return population.decisions[:UNKNOWN, [NEGATIVE, POSITIVE]]
