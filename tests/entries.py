"""What many tests begin with: a tier 1 model and its seats, a model file, an entry of the log for a run."""

from __future__ import annotations

from datetime import UTC, datetime

from plumbline.domain.models import Automation, ModelEntry, Origin, TierInputs
from plumbline.domain.people import Seat
from plumbline.workflow.events import MonitoringRecorded, Recorded

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
LOAN_MODEL_FILE = """
[model]
id = "sba-default"
name = "SBA loan default"
purpose = "Ranks small-business loans by the chance of charge-off"
owner = "ana.ito"
family = "credit_pd"
task = "binary"
[version]
id = "1.0"
artifact = "model.txt"
[log]
id = "id"
timestamp = "event_time"
score = "score"
"""


def recorded(seq: int, model_id: str = "m") -> Recorded:
    """The log's entry of a monitoring run."""
    event = MonitoringRecorded(
        version_id="1",
        run_id=f"run-{seq}",
        windows=(),
        results_sha256="",
        profile_hashes=(),
        policy_digest="",
        source="",
        rows=0,
        quarantined=0,
    )
    return Recorded(
        seq=seq,
        recorded_at=datetime(2026, 11, seq, tzinfo=UTC),
        actor="dev",
        acting_role="developer",
        roles=(),
        entity_id=model_id,
        origin="user",
        app_version="0",
        hash="",
        event=event,
    )
