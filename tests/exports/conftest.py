"""A store in a file with one model whose validation report is signed; its texts try to be formulas and scripts."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from plumbline.domain.models import Automation, ModelEntry, Origin, Stage, TierInputs, UseEntry, VersionEntry
from plumbline.domain.people import Actor, Authentication, Role
from plumbline.domain.results import Level, Measurement, Result, Verdict, Window
from plumbline.domain.signoff import Outcome, Severity
from plumbline.policy.load import load_policy
from plumbline.services import evidence, identity
from plumbline.services.context import Context
from plumbline.services.governance import handle, handle_together
from plumbline.store import results
from plumbline.store.database import Cursor, Store
from plumbline.store.result_digest import digest
from plumbline.workflow import commands as c
from plumbline.workflow.events import CaseOpened, Recorded
from plumbline.workflow.people import SYSTEM

PASSWORD = "a long password"
ROLES = {
    "ada": Role.ADMINISTRATOR,
    "abe": Role.ADMINISTRATOR,
    "ana": Role.MODEL_OWNER,
    "dev": Role.DEVELOPER,
    "val": Role.VALIDATOR,
    "aud": Role.AUDITOR,
}
ENTRY = ModelEntry(
    id="m",
    name="Loan <default>",
    purpose='=HYPERLINK("http://x.example")',
    owner="ana",
    family="credit_pd",
    task="binary",
    description="<script>alert(1)</script>",
    origin=Origin.INTERNAL,
    technique="GLM",
    business_line="Retail",
    legal_entity="Bank",
    jurisdictions=("GB", "FR"),
    developers=("dev",),
    automation=Automation.ADVISORY,
    affects_people=True,
    decision_domain="credit",
    tier_inputs=TierInputs(
        exposure=2, purpose=2, assumptions=2, complexity=2, input_quality=2, data_constraints=2,
        explainability_and_autonomy=2,
    ),
    data_sources=("ledger",),
)  # fmt: skip
WINDOW = Window("2026-09", datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC))


@dataclass
class Archive:
    """The context, its people, and the one case."""

    ctx: Context
    path: Path
    case_id: str = ""

    def actor(self, user_id: str) -> Actor:
        return Actor(user_id, user_id.title(), ROLES[user_id], (ROLES[user_id],))

    def act(self, user_id: str, command: c.Command) -> tuple[Recorded, ...]:
        proof = Authentication(user_id, "password", self.ctx.clock())
        return handle(self.ctx, command, self.actor(user_id), authentication=proof)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    moments = (datetime(2026, 10, 1, 9, tzinfo=UTC) + timedelta(seconds=n) for n in itertools.count())
    numbers = itertools.count(1)
    path = tmp_path / "plumbline.duckdb"
    store = Store.open(path, clock=lambda: next(moments))
    archive = Archive(Context(store, lambda: next(moments), lambda: f"{next(numbers):04d}", load_policy()), path)
    _people(archive)
    _model(archive)
    _sign(archive)
    yield archive
    store.close()


def _people(archive: Archive) -> None:
    # One account signs in with a password; hashing is slow on purpose.
    hashed = {"aud": identity.hash_password(PASSWORD)}
    added = [
        c.AddPerson(user_id=user, name=user.title(), password_hash=hashed.get(user, ""), initial=False)
        for user in ROLES
    ]
    granted = [c.GrantRole(user_id=user, role=role) for user, role in ROLES.items()]
    handle_together(archive.ctx, [*added, *granted], SYSTEM)


def _model(archive: Archive) -> None:
    archive.act("ana", c.RegisterModel(entry=ENTRY))
    archive.act("ana", c.RegisterVersion(version=VersionEntry(model_id="m", id="1", artefact_sha256="a1")))
    archive.act("ana", c.RegisterUse(use=UseEntry(model_id="m", id="ranking", purpose="ranking applications")))
    archive.act("ana", c.MoveVersion(model_id="m", version_id="1", to=Stage.IN_DEVELOPMENT, reason="Begin"))
    verdict = Verdict(Level.RED, "real and past the red limit", "drift.psi", archive.ctx.policy.digest)
    found = (Result(WINDOW, Measurement(metric="psi", column="score", estimate=0.31, n=12345), verdict),)

    def beside(cursor: Cursor, recorded: Recorded) -> None:
        results.insert_results(cursor, recorded, run_id="run", version_id="1", results=found)

    command = c.RecordMonitoring(
        model_id="m", version_id="1", run_id="run", windows=(WINDOW.label,), results_sha256=digest(found),
        profile_hashes=(), policy_digest=archive.ctx.policy.digest, source="log.parquet", rows=12345, quarantined=0,
    )  # fmt: skip
    handle(archive.ctx, command, archive.actor("ana"), beside=beside)


def _sign(archive: Archive) -> None:
    submit = c.SubmitForValidation(model_id="m", version_id="1", use_id="ranking")
    opened = archive.act("dev", submit)[0].event
    assert isinstance(opened, CaseOpened)
    archive.case_id = opened.case_id
    archive.act(
        "val",
        c.RaiseFinding(
            model_id="m", version_id="1", case_id=opened.case_id, severity=Severity.LOW, category="data",
            title="Gaps & holes", description="Term is missing", owner="ana",
        ),
    )  # fmt: skip
    archive.act("val", c.RefreshEvidence(case_id=opened.case_id))
    manifest = evidence.manifest_of(archive.ctx, opened.case_id).hash
    archive.act(
        "val",
        c.SignValidationReport(
            case_id=opened.case_id, manifest_hash=manifest, outcome=Outcome.FIT_WITH_FINDINGS,
            comment="Reperformed", independence="No part in it",
        ),
    )  # fmt: skip
