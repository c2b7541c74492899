"""Bands of the score read as rating grades: whether risk rises with them, and which saw too many events."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from plumbline.domain.log_spec import LogSpec, ScoreKind
from plumbline.profiling.profile import ALL, Population, Profile
from plumbline.services.measure_figures import Figures, Made, absent, joined, made
from plumbline.services.measure_performance import NEEDS_PROBABILITY, NO_LABEL, falling
from plumbline.stats import grades

FEW_BANDS = "Fewer than two bands of the score hold 100 labelled rows; an order needs two."
ORDER = "z tests of neighbouring bands, Holm; high: falls seen, proven or not"
ZONES = "binomial by band: red from 99.99 %; high: yellow ones too, from 95 %"


def of_grades(profiles: Sequence[Profile], spec: LogSpec) -> Figures:
    """Of all rows of each window."""
    populations = [each.populations[ALL] for each in profiles]
    return {
        "rank_order_breaks": joined([_order(each, falling(spec)) for each in populations]),
        "traffic_light": joined([_zones(each, spec) for each in populations]),
    }


def _order(rows: Population, turned: bool) -> Made:
    step = -1 if turned else 1
    found = grades.rank_order(rows.band_rows[::step], rows.band_actual[::step])
    n, events = np.array([round(rows.labelled)]), np.array([round(rows.positives)])
    if found is None:
        return absent(FEW_BANDS if n[0] else NO_LABEL, n, events)
    method = f"{ORDER}, {found.bands} bands"
    seen = max(found.seen, found.proven)
    return made(found.proven, low=found.proven, high=seen, method=method, n=n, events=events, p_value=found.p_value)


def _zones(rows: Population, spec: LogSpec) -> Made:
    n, events = np.array([round(rows.labelled)]), np.array([round(rows.positives)])
    if spec.score_kind is not ScoreKind.PROBABILITY or not n[0]:
        return absent(NO_LABEL if spec.score_kind is ScoreKind.PROBABILITY else NEEDS_PROBABILITY, n, events)
    # The test takes whole rows: of a weighed view the nearest.
    behind, hits = np.rint(rows.band_rows), np.rint(rows.band_actual)
    held = behind > 0
    chance = np.clip(rows.band_score[held] / rows.band_rows[held], 0.0, 1.0)
    # Chance of fewer: where next to no event is expected, seeing none is no surprise, though P(X <= 0) is nearly 1.
    came = np.minimum(hits, behind)[held]
    _, zone = grades.traffic_light(np.maximum(came - 1, 0), behind[held], chance)
    red, yellow = (int(((zone == name) & (came > 0)).sum()) for name in (grades.RED_ZONE, grades.YELLOW_ZONE))
    return made(red, low=red, high=red + yellow, method=ZONES, n=n, events=events)
