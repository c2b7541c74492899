"""The register's entry that governance is tested on: a tier 1 model, its seats and who sits on them."""

from __future__ import annotations

from plumbline.domain.models import Automation, ModelEntry, Origin, TierInputs
from plumbline.domain.people import Seat

SEATED = {"mro": Seat.MODEL_RISK_OFFICER, "eve": Seat.ACCOUNTABLE_EXECUTIVE, "ind": Seat.INDEPENDENT_MEMBER}
LOAN_DEFAULT = ModelEntry(
    id="m",
    name="Loan default",
    purpose="Ranks loans",
    owner="ana",
    family="credit_pd",
    task="binary",
    description="A scorecard",
    origin=Origin.INTERNAL,
    technique="GLM",
    business_line="Retail",
    legal_entity="Bank",
    jurisdictions=("GB",),
    developers=("dev",),
    automation=Automation.ADVISORY,
    affects_people=True,
    decision_domain="credit",
    tier_inputs=TierInputs(
        exposure=5,
        purpose=4,
        assumptions=4,
        complexity=4,
        input_quality=4,
        data_constraints=4,
        explainability_and_autonomy=4,
    ),
    data_sources=("ledger",),
    accountable_executive="eve",
    independent_member="ind",
)
