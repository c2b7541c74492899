"""How many of the columns have drifted: counted over verdicts, so real and material, and never over what is grey."""

from __future__ import annotations

import pytest

from plumbline.domain.models import Tier
from plumbline.domain.results import REFERENCE, Level, Measurement, Result, Verdict, Window
from plumbline.policy.judge import UNPROVEN
from plumbline.policy.load import load_policy
from plumbline.services.drifted_share import DRIFTED_SHARE, drifted_shares

POLICY = load_policy()
MAY, JUNE = Window("2026-05"), Window("2026-06")


def psi(column: str, level: Level, *, window: Window = MAY, segment: str | None = None, rule: str = "psi") -> Result:
    by = None if segment is None else "region"
    m = Measurement(metric="psi", column=column, segment_by=by, segment=segment, estimate=0.3, n=900)
    return Result(window, m, Verdict(level, f"{column} said so.", rule, "p"))


def shares(*results: Result) -> dict[str, Result]:
    found = drifted_shares(results, POLICY, family="general", tier=Tier.TWO)
    return {each.window.label: each for each in found}


def test_drift_is_counted_where_it_is_real_and_material() -> None:
    found = shares(
        psi("red", Level.RED), psi("amber", Level.AMBER), psi("watch", Level.WATCH), psi("green", Level.GREEN),
        psi("perhaps", Level.AMBER, rule=f"psi{UNPROVEN}"), psi("thin", Level.GREY),
    )["2026-05"]  # fmt: skip
    m = found.measurement
    assert (m.metric, m.events, m.n) == (DRIFTED_SHARE, 2, 5)
    assert m.estimate == pytest.approx(0.4)
    assert (m.low, m.high, m.p_value) == (None, None, None)
    assert (found.verdict.level, found.verdict.reason) == (Level.GREEN, "The policy sets no limit.")


def test_score_outcome_segments_and_the_reference_are_no_columns_of_a_window() -> None:
    others = psi("score", Level.RED), psi("label", Level.RED), psi("income", Level.RED, segment="north")
    found = shares(psi("income", Level.GREEN, window=Window(REFERENCE)), psi("income", Level.GREEN), *others)
    assert {label: (each.measurement.events, each.measurement.n) for label, each in found.items()} == {
        "2026-05": (0, 1)
    }


def test_a_window_in_which_nothing_can_be_judged_is_grey_and_says_why() -> None:
    found = shares(
        psi("income", Level.RED), psi("income", Level.GREY, window=JUNE), psi("age", Level.GREY, window=JUNE)
    )
    assert found["2026-05"].measurement.estimate == 1.0
    grey = found["2026-06"]
    assert (grey.measurement.estimate, grey.verdict.level) == (None, Level.GREY)
    assert grey.verdict.reason == "None of 2 columns can be judged. income said so."
