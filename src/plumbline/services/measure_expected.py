"""What figures of all rows without their labels share: whom they describe, and where they cannot be made."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from plumbline.policy.estimates import Estimates
from plumbline.profiling.bins import NumericBins
from plumbline.profiling.edges import edges
from plumbline.services.measure_figures import Floats, Made, made, objects

EXPECTED = "; of expected outcomes"
NO_ROWS = "There are no rows."
NOT_COUNTED = "These counts were made before this figure was; monitor with --recount to have it."


@dataclass(frozen=True, slots=True)
class Seen:
    """Of each window: scored rows, expected events, the share of rows beyond the reference's scores, and `part`, by
    which rows are scaled to stand for what the window and the calibration together are unsure of.
    """

    rows: Floats
    events: Floats
    beyond: Floats
    part: Floats


# The same few bins stand behind every window of a run.
@lru_cache(maxsize=64)
def probabilities(bins: NumericBins) -> tuple[Floats, Floats]:
    """The least and greatest probability of every bin."""
    found = np.clip(edges(bins), 0.0, 1.0)
    return found[:-1], found[1:]


def as_estimate(
    figure: Made, seen: Seen, policy: Estimates, unsaid: str = "how often the event comes", expected: str = EXPECTED
) -> Made:
    """With the window's own rows and spread; empty where too many scores lie where the reference has none."""
    beyond = seen.beyond > policy.beyond
    said = [
        f"{100 * share:.3g} % of the scores lie beyond the reference's, where nothing says {unsaid}; "
        f"the policy allows {100 * policy.beyond:g} %."
        for share in seen.beyond.tolist()
    ]
    return made(
        np.where(beyond, np.nan, figure.value),
        low=figure.low,
        high=figure.high,
        method=figure.method + expected,
        n=np.round(seen.rows).astype(np.int64),
        events=np.floor(seen.events).astype(np.int64),
        variance=figure.variance * seen.part,
        error_bound=figure.error_bound,
        why_not=np.where(beyond, objects(said), figure.why_not),
    )
