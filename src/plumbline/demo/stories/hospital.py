"""St Aldhelm Hospital: a readmission warning that fails the old, now with the validator."""

from __future__ import annotations

from plumbline.demo.desk import Desk
from plumbline.demo.story import TIER_ONE, Step, launch, on, resubmit, revalidate, watch
from plumbline.domain.signoff import Outcome, Severity


def readmission() -> list[Step]:
    model = "readmission"
    return [
        *launch(model, "2024-12-17", TIER_ONE, "Useful for the young and middle-aged; weak for the oldest."),
        *watch(model, ("2025-11-02", "2026-04-02", "2026-10-31")),
        *revalidate(model, "2025-11-20", TIER_ONE, Outcome.FIT_WITH_FINDINGS, "As a year ago: weak for the oldest."),
        Step(on("2026-04-08"), model, _laboratory_values_missing),
        Step(on("2026-09-07"), model, _weak_for_the_oldest),
        Step(on("2026-10-19"), model, _everybody_of_80_is_visited),
        Step(on("2026-10-28"), model, lambda desk: desk.explain()),
        Step(on("2026-10-31", 7, 40), model, resubmit),
    ]


def _laboratory_values_missing(desk: Desk) -> None:
    desk.raise_finding(
        Severity.MEDIUM,
        "data",
        "HbA1c is missing for a third of patients",
        "Since the laboratory system changed in March 2026 its values arrive after discharge.",
    )


def _weak_for_the_oldest(desk: Desk) -> None:
    desk.raise_finding(
        Severity.HIGH,
        "performance",
        "Patients of 80 and over are ranked hardly better than by chance",
        "AUC is about .55 there against .72 for patients under 50, and a warning is what brings the follow-up visit.",
    )


def _everybody_of_80_is_visited(desk: Desk) -> None:
    desk.remediate("Every patient of 80 and over gets the visit, whatever the score; see ward order 14.")


def steps() -> list[Step]:
    return readmission()
