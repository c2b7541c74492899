"""Tidewater Bank: nine models, among them a case that waits for the executive and a scorecard that was retired."""

from __future__ import annotations

from datetime import date

from plumbline.demo.desk import Desk
from plumbline.demo.story import (
    TIER_ONE,
    TIER_THREE,
    TIER_TWO,
    Step,
    approve,
    launch,
    on,
    resubmit,
    revalidate,
    watch,
)
from plumbline.domain.models import Stage
from plumbline.domain.people import Seat
from plumbline.domain.signoff import Decision, Outcome, Severity

YEARLY = ("2025-11-02", "2026-10-31")


def retail_pd() -> list[Step]:
    """Steady; its yearly review waits for the executive alone."""
    model = "retail-pd"
    return [
        *launch(model, "2024-12-16", TIER_ONE, "Ranks and forecasts as the development documents say."),
        *watch(model, YEARLY),
        *revalidate(model, "2025-11-04", TIER_ONE, Outcome.FIT, "A year of use shows no drift and no loss of ranking."),
        Step(on("2026-10-20"), model, lambda desk: desk.explain()),
        Step(on("2026-10-21"), model, resubmit),
        Step(on("2026-10-31", 7), model, lambda desk: desk.refresh()),
        Step(on("2026-10-31", 8), model, lambda desk: desk.report(Outcome.FIT, "Second year of use without change.")),
        Step(on("2026-10-31", 10), model, approve(Seat.MODEL_RISK_OFFICER)),
        Step(on("2026-10-31", 11), model, approve(Seat.INDEPENDENT_MEMBER)),
    ]


def sme_pd() -> list[Step]:
    """Approved under conditions as defaults began to climb, restricted since; its review is with the validator."""
    model = "sme-pd"
    return [
        *launch(model, "2025-01-20", TIER_ONE, "Ranks well; the cycle is the known weakness."),
        *watch(model, ("2025-11-02", "2026-02-02", "2026-10-31")),
        *revalidate(
            model,
            "2025-11-10",
            TIER_ONE[:1],
            Outcome.FIT_WITH_FINDINGS,
            "Defaults outrun the forecast since August; ranking still holds.",
        ),
        Step(on("2025-11-18"), model, _sme_with_conditions),
        Step(on("2025-11-19"), model, approve(Seat.ACCOUNTABLE_EXECUTIVE)),
        Step(on("2026-02-09"), model, _sme_ranking_decays),
        Step(on("2026-05-12"), model, _sme_small_loans_only),
        Step(on("2026-10-05"), model, _sme_forecast_is_a_third),
        Step(on("2026-10-12"), model, lambda desk: desk.explain()),
        Step(on("2026-10-13"), model, resubmit),
        Step(on("2026-10-31", 7, 10), model, lambda desk: desk.refresh()),
    ]


def _sme_with_conditions(desk: Desk) -> None:
    overlay = desk.condition("Overlay on provisions until the model is refitted", "overlay", date(2026, 11, 30))
    uplift = desk.condition("Monitor monthly and report to the committee", "monitoring_uplift", date(2026, 12, 31))
    desk.vote(
        Seat.INDEPENDENT_MEMBER,
        Decision.APPROVE_WITH_CONDITIONS,
        "Ranking carries the use for now; the level does not.",
        (overlay, uplift),
    )


def _sme_ranking_decays(desk: Desk) -> None:
    desk.raise_finding(
        Severity.HIGH,
        "performance",
        "Ranking decays as defaults climb",
        "AUC fell from .85 in the reference to under .77; leverage and late payments no longer tell firms apart.",
    )


def _sme_small_loans_only(desk: Desk) -> None:
    desk.move(Stage.IN_USE_RESTRICTED, "Loans up to 250,000 pounds only")


def _sme_forecast_is_a_third(desk: Desk) -> None:
    desk.raise_finding(
        Severity.CRITICAL,
        "performance",
        "Observed defaults are three times the forecast",
        "In July 2026 .48 of firms defaulted against .17 forecast. Limits and provisions rest on the forecast.",
    )


def card_fraud() -> list[Step]:
    """A new pattern in June 2026; the finding of July is overdue."""
    model = "card-fraud"
    return [
        *launch(model, "2024-12-18", TIER_TWO, "Catches known patterns early at few false alarms."),
        *watch(model, ("2026-07-08", "2026-10-31")),
        Step(on("2026-07-14"), model, _fraud_passes_unseen),
    ]


def _fraud_passes_unseen(desk: Desk) -> None:
    desk.raise_finding(
        Severity.HIGH,
        "performance",
        "Gift-card fraud passes unseen",
        "Since June 2026 small top-ups from known devices are not caught; their merchant category is new to the model.",
    )


def mortgage_pd() -> list[Step]:
    """An approval gap opened with the app in January 2026; a finding of fairness is open."""
    model = "mortgage-pd"
    return [
        *launch(model, "2024-12-20", TIER_ONE, "Ranks well in every channel; women and men fare alike."),
        *watch(model, ("2025-11-02", "2026-02-02", "2026-10-31")),
        *revalidate(model, "2025-11-17", TIER_ONE, Outcome.FIT, "No change in ranking, level or approval rates."),
        Step(on("2026-02-16"), model, _approval_gap),
    ]


def _approval_gap(desk: Desk) -> None:
    desk.raise_finding(
        Severity.HIGH,
        "fairness",
        "Women are approved less often since the app took over",
        "The app's income feed reads one employer. Applicants with two jobs, mostly women, look poorer than they are.",
    )


def aml_alerts() -> list[Step]:
    """Too few cases to measure; a low finding closed, another open."""
    model = "aml-alerts"
    return [
        *launch(model, "2025-04-14", TIER_TWO, "Orders the queue sensibly; outcomes are too few to test the level."),
        *watch(model, YEARLY[1:]),
        Step(on("2025-06-03"), model, _aml_documents),
        Step(
            on("2025-06-24"),
            model,
            lambda desk: desk.remediate("Section 2 of the data card names the report."),
        ),
        Step(on("2025-07-02"), model, lambda desk: desk.close("Ten cases drawn at random follow the definition.")),
        Step(on("2026-05-20"), model, _aml_cases),
    ]


def _aml_documents(desk: Desk) -> None:
    desk.raise_finding(
        Severity.LOW, "documentation", "Data card lacks the definition of a filed report", "Two definitions are in use."
    )


def _aml_cases(desk: Desk) -> None:
    desk.raise_finding(
        Severity.LOW,
        "data",
        "Performance cannot be measured",
        "Fewer than ten confirmed cases a month, known half a year late. Pool a year, or label a sample by hand.",
    )


def bureau_score() -> list[Step]:
    """Points without an artefact; steady."""
    model = "bureau-score"
    return [
        *launch(model, "2025-02-17", TIER_TWO, "Outcomes rank as the vendor says; the formula stays undisclosed."),
        *watch(model, YEARLY[1:]),
    ]


def asset_returns() -> list[Step]:
    """Its review came back with a question."""
    model = "asset-returns"
    return [
        *launch(model, "2025-03-10", TIER_TWO, "Better than the long-run mean; intervals hold what they promise."),
        *watch(model, ("2026-05-02", "2026-10-31")),
        Step(on("2026-05-18"), model, _narrow_intervals),
        Step(on("2026-10-31", 7, 20), model, resubmit),
        Step(on("2026-10-31", 8, 20), model, _narrow_but_useful),
        Step(on("2026-10-31", 12), model, _ask_about_width),
    ]


def _narrow_intervals(desk: Desk) -> None:
    desk.raise_finding(
        Severity.MEDIUM,
        "methodology",
        "The 80 % interval holds about 60 % of returns",
        "Its width is fixed, and errors have been half as large again since February 2026.",
    )


def _narrow_but_useful(desk: Desk) -> None:
    desk.report(Outcome.FIT_WITH_FINDINGS, "The forecast is useful still; its interval is not.")


def _ask_about_width(desk: Desk) -> None:
    desk.vote(
        Seat.MODEL_RISK_OFFICER,
        Decision.RETURN_FOR_INFORMATION,
        "What would the allocation have been with intervals half as wide again?",
    )


def offer_recommender() -> list[Step]:
    """A small model whose review lies with the validator."""
    model = "offer-recommender"
    return [
        *launch(model, "2024-12-12", TIER_THREE, "Ranks clicks well and knows the season."),
        *watch(model, ("2026-02-02", "2026-10-31")),
        Step(on("2026-10-26"), model, lambda desk: desk.explain()),
        Step(on("2026-10-31", 7, 30), model, resubmit),
    ]


def legacy_pd() -> list[Step]:
    """Retired when the retail scorecard had taken over all overdrafts."""
    model = "legacy-pd"
    return [
        *launch(model, "2024-12-10", TIER_TWO, "Still ranks; to be replaced within two years."),
        *watch(model, ("2026-05-02",)),
        Step(on("2026-04-20"), model, lambda desk: desk.move(Stage.RETIRING, "Replaced by the retail PD scorecard")),
        Step(on("2026-06-02"), model, lambda desk: desk.move(Stage.RETIRED, "No traffic since April; kept ten years")),
    ]


def steps() -> list[Step]:
    models = (
        *(retail_pd, sme_pd, card_fraud, mortgage_pd, aml_alerts, bureau_score),
        *(asset_returns, offer_recommender, legacy_pd),
    )
    return [step for model in models for step in model()]
