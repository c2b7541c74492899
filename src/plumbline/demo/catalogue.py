"""The thirteen models, in the order in which the estate lists them."""

from __future__ import annotations

from plumbline.demo.models import (
    aml_alerts,
    asset_returns,
    card_fraud,
    legacy_pd,
    life_lapse,
    mortgage,
    motor_frequency,
    readmission,
    recommender,
    retail_pd,
    service_routing,
    sme_pd,
    vendor_score,
)
from plumbline.demo.sample_model import Recipe

RECIPES: tuple[Recipe, ...] = (
    retail_pd.RECIPE,
    sme_pd.RECIPE,
    card_fraud.RECIPE,
    mortgage.RECIPE,
    aml_alerts.RECIPE,
    vendor_score.RECIPE,
    asset_returns.RECIPE,
    recommender.RECIPE,
    legacy_pd.RECIPE,
    motor_frequency.RECIPE,
    life_lapse.RECIPE,
    service_routing.RECIPE,
    readmission.RECIPE,
)
