"""Harrow Vale Insurance: a tariff that lags its claims, a lapse forecast under a condition, a steady router."""

from __future__ import annotations

from datetime import date

from plumbline.demo.desk import Desk
from plumbline.demo.story import TIER_THREE, TIER_TWO, Step, launch, on, resubmit, watch
from plumbline.domain.people import Seat
from plumbline.domain.signoff import Decision, Outcome, Severity


def motor_frequency() -> list[Step]:
    model = "motor-frequency"
    return [
        *launch(model, "2025-01-13", TIER_TWO, "Actual over expected is within two per cent in every area."),
        *watch(model, ("2026-05-02", "2026-10-31")),
        Step(on("2026-05-11"), model, _claims_outrun),
    ]


def _claims_outrun(desk: Desk) -> None:
    desk.raise_finding(
        Severity.MEDIUM,
        "performance",
        "Claims outrun the forecast",
        "Actual over expected rose from 1.00 in September 2025 to 1.10 in April 2026 and is still rising.",
    )


def life_lapse() -> list[Step]:
    """Re-validated in June 2026 under a condition that falls due."""
    model = "life-lapse"
    return [
        *launch(model, "2025-02-10", TIER_THREE, "Ranks and forecasts lapses well."),
        *watch(model, ("2026-05-02", "2026-10-31")),
        Step(on("2026-06-01"), model, resubmit),
        Step(on("2026-06-09"), model, _level_is_off),
        Step(on("2026-06-11"), model, _recalibrate),
    ]


def _level_is_off(desk: Desk) -> None:
    desk.report(Outcome.FIT_WITH_FINDINGS, "Ranking holds; the level is a third too low and needs recalibration.")


def _recalibrate(desk: Desk) -> None:
    recalibrated = desk.condition("Recalibrate the level", "data_fix", date(2026, 11, 15), blocking=True)
    desk.vote(
        Seat.MODEL_RISK_OFFICER,
        Decision.APPROVE_WITH_CONDITIONS,
        "Good for choosing whom to call; not for reserves until recalibrated.",
        (recalibrated,),
    )


def service_routing() -> list[Step]:
    model = "service-routing"
    return [
        *launch(model, "2025-03-03", TIER_THREE, "Three messages of four go to the right desk at once."),
        *watch(model, ("2026-10-31",)),
        Step(
            on("2026-09-21"),
            model,
            lambda desk: desk.propose("2.0", "desk that settled it, out of five"),
        ),
    ]


def steps() -> list[Step]:
    return [step for model in (motor_frequency, life_lapse, service_routing) for step in model()]
