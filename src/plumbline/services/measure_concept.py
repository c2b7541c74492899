"""Concept shift of each population: does the event come as often as on the reference at the same score?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from plumbline.domain.log_spec import LogSpec
from plumbline.profiling.profile import NEGATIVE, POSITIVE, Population
from plumbline.services.measure_compared import Compared, Rows
from plumbline.services.measure_figures import NONE, Floats, Words, made
from plumbline.services.measure_performance import NO_LABEL
from plumbline.stats.concept import Bands, Shift, concept_shift
from plumbline.stats.estimation import Calibrated
from plumbline.stats.special import chi_square_tail

METHOD = "delta method, widened by the expectation without a shift"
THIN = "Too few rows of either outcome have a label, here or on the reference, to hold one band against the other."


def shift_between(reference: Population, current: Population, calibrated: Calibrated | None) -> Shift | None:
    """By deciles of the reference's score; without `calibrated` rates the score's place within a band is not seen."""
    return concept_shift(bands(reference, calibrated), bands(current, calibrated))


def bands(of: Population, calibrated: Calibrated | None) -> Bands:
    """Labelled rows by decile of the reference's score."""
    positives = of.counts[:, POSITIVE]
    rows = of.counts[:, NEGATIVE] + positives
    expected: Any = rows if calibrated is None else rows * calibrated.rates[of.index]  # counts are whole, these are not
    return Bands.of(*(of.bins.in_deciles(of.index, each) for each in (rows, positives, expected)))


def concept_shifts(
    spec: LogSpec,
    populations: Sequence[Population],
    rows: Rows,
    calibrated: Calibrated | None,
    label_share: Floats,
    described: Words,
    mature: Words,
) -> Compared:
    """Of all rows and of each segment that is a row of the reference too; the reference itself cannot shift.

    Protected groups are left to the figures of fairness.
    """
    wanted = np.array([by is None or by in spec.segments for by in rows.by.tolist()], dtype=np.bool_)
    there = np.flatnonzero(wanted & (rows.reference != NONE) & ~rows.itself)
    sides = [(populations[rows.reference[at]], populations[at]) for at in there.tolist()]
    befores = {at: bands(populations[at], calibrated) for at in set(rows.reference[there].tolist())}
    found = [
        concept_shift(befores[at], bands(now, calibrated)) if now.labelled else None
        for at, (_, now) in zip(rows.reference[there].tolist(), sides, strict=True)
    ]
    numbers = [(np.nan,) * len(_NUMBERS) if each is None else _numbers(each) for each in found]
    value, signed, low, high, null, freedom, statistic = (
        np.array(numbers, dtype=np.float64).reshape(-1, len(_NUMBERS)).T
    )
    p_value = np.full(len(value), np.nan)
    known = ~np.isnan(value)
    p_value[known] = chi_square_tail(freedom[known], statistic[known])
    current = made(
        value,
        low=low,
        high=high,
        method=METHOD,
        n=[round(now.labelled) for _, now in sides],
        events=[round(now.positives) for _, now in sides],
        p_value=p_value,
        null_expectation=null,
        why_not=np.where([now.labelled > 0 for _, now in sides], THIN, NO_LABEL),
    )
    return Compared(
        metric="concept_shift",
        rows=Rows(**{field.name: getattr(rows, field.name)[there] for field in fields(Rows)}),
        current=current,
        reference=np.full(len(there), np.nan),
        n_reference=np.array([round(before.labelled) for before, _ in sides], dtype=np.int64),
        effect=signed,
        p_value=p_value,
        label_share=label_share[there],
        mature=mature[there],
        population=described[there],
    )


_NUMBERS = ("value", "signed", "low", "high", "null_expectation", "freedom", "statistic")


def _numbers(shift: Shift) -> tuple[float, ...]:
    return tuple(getattr(shift, name) for name in _NUMBERS)
