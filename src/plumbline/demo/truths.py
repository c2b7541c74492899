"""What was put into the sample estate on purpose: what must be found, and what must stay silent."""

from __future__ import annotations

from dataclasses import dataclass

from plumbline.domain.results import Level

LAST = "2026-10"


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """Something that is so: found at `level` in every month from `found_by` to `until`, never before `starts`.

    `carries` names other figures of the same model that may turn red with it.
    """

    model: str
    metric: str
    starts: str
    found_by: str
    says: str
    until: str = LAST
    level: Level = Level.RED
    column: str | None = None
    segment_by: str | None = None
    segment: str | None = None
    carries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Figures (all, or those of `metrics`) over all rows that stay under `below` from `starts` to `until`."""

    model: str
    says: str
    starts: str = "2024-11"
    until: str = LAST
    metrics: tuple[str, ...] = ()
    below: Level = Level.RED


_RANKING = ("roc_auc", "gini", "ks_separation", "average_precision", "brier_score", "log_loss")
_LEVEL = ("observed_expected", "ece", "brier_score", "log_loss", "base_rate", "mean_score", "concept_shift")
_DECISIONS = (
    *("recall", "precision", "specificity", "accuracy", "balanced_accuracy", "f1", "mcc", "selection_rate"),
    *("true_positive_rate", "false_positive_rate", "false_negative_rate"),
)

TRUTHS: tuple[Truth, ...] = (
    Truth(
        model="sme-pd",
        metric="observed_expected",
        starts="2025-08",
        found_by="2025-11",
        until="2026-07",
        carries=("psi", *_RANKING, *_LEVEL, *_DECISIONS),
        says="The default rate climbs from 17 % in July 2025 to 48 % in July 2026; the scores do not follow.",
    ),
    Truth(
        model="sme-pd",
        metric="gini",
        starts="2025-08",
        found_by="2026-01",
        until="2026-07",
        says="Over the same year the ranking decays: AUC from .85 to .68.",
    ),
    Truth(
        model="sme-pd",
        metric="concept_shift",
        starts="2025-08",
        found_by="2025-10",
        until="2026-07",
        says="At equal score ever more loans default: no change of the scores explains the climb.",
    ),
    Truth(
        model="sme-pd",
        metric="estimated_roc_auc",
        level=Level.GREY,
        starts="2024-11",
        found_by="2025-11",
        says="Estimated without labels all is well: not judged while untried, nor once what came says otherwise.",
    ),
    Truth(
        model="card-fraud",
        metric="recall",
        starts="2026-06",
        found_by="2026-06",
        until="2026-08",
        carries=(*_RANKING, *_LEVEL, *_DECISIONS),
        says="Small gift-card payments from known devices: half of all fraud from June 2026 passes unseen.",
    ),
    Truth(
        model="card-fraud",
        metric="concept_shift",
        starts="2026-06",
        found_by="2026-06",
        until="2026-08",
        says="The new pattern scores low and is fraud: more fraud than ever at the same low scores.",
    ),
    Truth(
        model="card-fraud",
        metric="unseen_rate",
        column="merchant",
        starts="2026-06",
        found_by="2026-06",
        carries=("psi", "js_distance", "chi_square"),
        says="The merchant category of the new pattern was never in the reference.",
    ),
    Truth(
        model="mortgage-pd",
        metric="impact_ratio",
        segment_by="sex",
        segment="F",
        starts="2026-01",
        found_by="2026-01",
        carries=("selection_rate", "approval_rate", "selection_rate_difference", *_RANKING, *_LEVEL, *_DECISIONS),
        says="The app's income feed sees one employer; women with two jobs look poorer, and are declined.",
    ),
    Truth(
        model="mortgage-pd",
        metric="calibration_gap",
        segment_by="sex",
        segment="F",
        starts="2026-01",
        found_by="2026-01",
        until="2026-04",  # later outcomes are not in
        carries=("equal_opportunity_difference", "equalized_odds_difference"),
        says="They are charged with a risk that they do not have: at equal score fewer of them default.",
    ),
    Truth(
        model="mortgage-pd",
        metric="psi",
        column="channel",
        starts="2026-01",
        found_by="2026-01",
        carries=("psi", "ks", "js_distance", "chi_square"),
        says="Branch and broker applications move to the app in one month.",
    ),
    Truth(
        model="motor-frequency",
        metric="actual_expected",
        starts="2025-10",
        found_by="2026-05",
        until="2026-09",
        carries=("mean_error", "mae", "rmse", "poisson_deviance"),
        says="Claims outrun the forecast a little more each month, to 26 % above it.",
    ),
    Truth(
        model="life-lapse",
        metric="observed_expected",
        starts="2025-12",
        found_by="2026-04",
        until="2026-08",
        carries=(*_LEVEL, "precision"),
        says="Lapses rise for everybody alike: calibration drifts, ranking and inputs hold.",
    ),
    Truth(
        model="life-lapse",
        metric="concept_shift",
        starts="2025-12",
        found_by="2026-05",
        until="2026-08",
        says="At every score more policies lapse than on the reference.",
    ),
    Truth(
        model="readmission",
        metric="roc_auc",
        segment_by="age_band",
        segment="80+",
        starts="2024-11",
        found_by="2024-11",
        until="2026-09",
        carries=_RANKING,
        says="The model ranks patients of 18 to 49 with an AUC of about .72, those of 80 and over with about .55.",
    ),
    Truth(
        model="readmission",
        metric="missing_rate",
        column="hba1c",
        starts="2026-03",
        found_by="2026-03",
        carries=("psi", "js_distance", "chi_square"),
        says="After the laboratory system changed, 36 % of HbA1c values are missing instead of 5 %.",
    ),
    Truth(
        model="offer-recommender",
        metric="observed_expected",
        starts="2025-12",
        found_by="2025-12",
        until="2026-01",
        carries=(*_RANKING, *_LEVEL, *_DECISIONS),
        says="In the second holiday season customers behave differently: clicks fall beyond the season and rank anew.",
    ),
    Truth(
        model="offer-recommender",
        metric="concept_shift",
        starts="2025-12",
        found_by="2025-12",
        until="2026-01",
        says="In the second holiday season the same scores bring far fewer clicks.",
    ),
    Truth(
        model="offer-recommender",
        metric="complaint_rate",
        segment_by="tenure",
        segment="new",
        starts="2026-05",
        found_by="2026-05",
        carries=("complaint_rate",),
        says="Complaints among new users double from May 2026 while clicks hold.",
    ),
    Truth(
        model="offer-recommender",
        metric="divergence",
        segment_by="tenure",
        segment="new",
        starts="2026-05",
        found_by="2026-05",
        until="2026-09",
        carries=("divergence",),
        says="So the model is steered by the wrong target: its ranking of clicks holds for new users, who complain.",
    ),
    Truth(
        model="asset-returns",
        metric="interval_coverage",
        starts="2026-02",
        found_by="2026-02",
        until="2026-09",
        carries=("rmse", "mae", "r2"),
        says="Markets grow restless: the 80 % interval holds 60 % of returns.",
    ),
    Truth(
        model="aml-alerts",
        metric="roc_auc",
        level=Level.GREY,
        starts="2024-11",
        found_by="2024-11",
        says="A handful of confirmed cases a month, known half a year late: too few to say.",
    ),
    Truth(
        model="bureau-score",
        metric="observed_expected",
        level=Level.GREY,
        starts="2024-11",
        found_by="2024-11",
        says="Points are not probabilities, so calibration cannot be measured.",
    ),
)

SILENCES: tuple[Silence, ...] = (
    Silence(model="retail-pd", says="Nothing changes: no red figure in 24 months."),
    Silence(
        model="offer-recommender",
        starts="2024-12",
        until="2025-01",
        metrics=("observed_expected", "roc_auc", "psi", "concept_shift"),
        below=Level.AMBER,
        says="In the first holiday season clicks fall as in every season, and the scores know it.",
    ),
    Silence(
        model="life-lapse",
        metrics=("roc_auc", "gini", "psi", "ks", "estimated_roc_auc"),
        below=Level.AMBER,
        says="Ranking and inputs hold while calibration drifts.",
    ),
    Silence(
        model="sme-pd",
        until="2025-07",
        metrics=("concept_shift",),
        below=Level.AMBER,
        says="Up to the climb the scores foretell the defaults.",
    ),
    Silence(
        model="readmission",
        metrics=("concept_shift",),
        below=Level.AMBER,
        says="The model ranks the old badly, as it always did: the event comes as often as before at each score.",
    ),
    Silence(model="card-fraud", until="2026-05", says="Nothing until the new pattern."),
    Silence(model="mortgage-pd", until="2025-12", says="Nothing until the channel changes."),
    Silence(model="aml-alerts", says="Grey is not red, and the inputs are steady."),
    Silence(model="bureau-score", says="Ranking and inputs are steady."),
    Silence(model="service-routing", says="Steady."),
    Silence(model="legacy-pd", says="Steady until it was retired in April 2026."),
)
