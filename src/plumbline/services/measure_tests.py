"""Tests of a binary model's probabilities: are they too low, or wrong in some band?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from plumbline.profiling.profile import ALL, Population, Profile
from plumbline.services.measure_figures import Figures, Made, absent, joined, made
from plumbline.services.measure_fine import Span
from plumbline.stats import calibration_tests as tests

TESTS = ("hosmer_lemeshow", "spiegelhalter_z", "jeffreys", "binomial")
CERTAIN = "Every probability is 0 or 1; there is no chance to test."


def calibration_tests(profiles: Sequence[Profile], spans: Sequence[Span]) -> Figures:
    """Of all rows of each; a p-value speaks of that window's own predictions, not of the reference."""
    found = [_of_window(profile, span) for profile, span in zip(profiles, spans, strict=True)]
    return {name: joined([each[name] for each in found]) for name in TESTS}


def _of_window(profile: Profile, span: Span) -> Figures:
    rows = profile.populations[ALL]
    # Both take whole rows: of a weighed view the nearest.
    n, events, expected = round(rows.labelled), round(rows.positives), rows.sums.value("expected")
    if not 0 < expected < rows.labelled:
        why = CERTAIN if n else "No label is known yet in this window."
        return dict.fromkeys(TESTS, absent(why, np.array([n]), np.array([events])))
    rate = expected / rows.labelled
    low, exact = tests.jeffreys(events, n, rate), tests.binomial(events, n, rate)
    return {
        "hosmer_lemeshow": _by_band(rows),
        "spiegelhalter_z": _by_row(rows, span),
        "jeffreys": made(low, method="Jeffreys, one-sided", n=n, events=events, p_value=low),
        "binomial": made(exact, method="exact binomial, one-sided", n=n, events=events, p_value=exact),
    }


def _by_band(rows: Population) -> Made:
    n, events = rows.labelled, rows.positives
    found = tests.hosmer_lemeshow(rows.band_rows, rows.band_score, rows.band_actual)
    if found is None:
        return absent(CERTAIN, np.array([n]), np.array([events]))
    method = f"chi-square over {int((rows.band_rows > 0).sum())} bands"
    return made(found.statistic, method=method, n=n, events=events, p_value=found.p_value)


def _by_row(rows: Population, span: Span) -> Made:
    """The excess is exact; the variance is reckoned at the middle of each score bin, and what that may cost is said."""
    n, events = rows.labelled, rows.positives
    low, high = span
    known = rows.counts[:, :2].sum(axis=1)
    middle = float((known * tests.lean_variance((low + high) / 2)).sum())
    slack = float((known * (high - low) / 2).sum())
    excess = rows.sums.value("brier") - rows.sums.value("variance")
    found = tests.spiegelhalter(excess, middle)
    if found is None or middle <= slack:
        return absent("The scores' bins are too wide for this test.", np.array([n]), np.array([events]))
    ends = [excess / np.sqrt(middle - slack), excess / np.sqrt(middle + slack)]
    return made(
        found.statistic,
        method="normal, two-sided",
        n=n,
        events=events,
        p_value=found.p_value,
        error_bound=max(abs(end - found.statistic) for end in ends),
    )
