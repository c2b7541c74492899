"""Given events / when command / then events: a model's history told in facts, and the circumstances of a command."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from tests.entries import LOAN_DEFAULT, SEATED

from plumbline.domain.models import (
    Stage,
    Tier,
    UseEntry,
    VersionEntry,
)
from plumbline.domain.people import Actor, Authentication, Person, Role, Seat
from plumbline.domain.signoff import Condition, Decision, Outcome
from plumbline.policy.load import Policy, load_policy
from plumbline.workflow import commands as c
from plumbline.workflow import events as e
from plumbline.workflow.decide import decide
from plumbline.workflow.evolve import evolve
from plumbline.workflow.manifest import governance_items, pin
from plumbline.workflow.situation import Change, Situation
from plumbline.workflow.state import CaseState, ModelState

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
ROLES = {
    "ana": (Role.MODEL_OWNER, Role.APPROVER),
    "dev": (Role.DEVELOPER, Role.DEPLOYER),
    "val": (Role.VALIDATOR,),
    "zoe": (Role.MODEL_OWNER,),
    "cara": (Role.VALIDATOR, Role.APPROVER),
    "mro": (Role.MODEL_RISK_OFFICER,),
    "eve": (Role.EXECUTIVE,),
    "ind": (Role.APPROVER,),
    "dep": (Role.DEPLOYER,),
    "adm": (Role.ADMINISTRATOR,),
    "aud": (Role.AUDITOR,),
}


@dataclass
class History:
    """One model's log in the making, without a store."""

    policy: Policy
    state: ModelState = field(default_factory=lambda: ModelState(id="m"))
    now: datetime = NOON
    seq: int = 0
    ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def given(self, actor: str, *events: e.Event) -> History:
        for event in events:
            self.seq += 1
            recorded = e.Recorded(
                seq=self.seq,
                recorded_at=self.now,
                actor=actor,
                acting_role=ROLES[actor][0],
                roles=ROLES[actor],
                entity_id="m",
                origin="user",
                app_version="0",
                hash=f"{self.seq:064x}",
                event=event,
            )
            self.state = evolve(self.state, recorded)
        return self

    def ask(
        self,
        actor: str,
        command: c.Command,
        role: Role | None = None,
        *,
        changed: tuple[Change, ...] = (),
        proved: datetime | None = None,
    ) -> tuple[e.Event, ...]:
        """What `decide` answers; nothing is recorded."""
        situation = Situation(
            actor=Actor(actor, actor.title(), role or ROLES[actor][0], ROLES[actor]),
            now=self.now,
            new_id=lambda: f"{next(self.ids)}",
            policy=self.policy,
            people={user: Person(user, user.title(), roles) for user, roles in ROLES.items()},
            authentication=Authentication(actor, "password", proved or self.now),
            changed=changed,
        )
        return decide(self.state, command, situation)

    def when(self, actor: str, command: c.Command, role: Role | None = None) -> tuple[e.Event, ...]:
        """Ask, and record the answer as the service would, pinning evidence after it."""
        self.now += timedelta(seconds=1)
        events = self.ask(actor, command, role)
        self.given(actor, *events)
        for event in events:
            if isinstance(event, e.CaseOpened | e.ReportSigned):
                self.pinned(actor, event.case_id)
        return events

    def submitted(self) -> History:
        self.when("dev", c.SubmitForValidation(version_id="1", use_id="ranking"))
        return self

    def validated(self, by: str = "val") -> History:
        """Submitted and the report signed."""
        self.submitted()
        self.when(by, self.report())
        return self

    def report(self, outcome: Outcome = Outcome.FIT) -> c.SignValidationReport:
        return c.SignValidationReport(
            case_id=self.case.id,
            manifest_hash=self.case.manifest_hash,
            outcome=outcome,
            comment="Reperformed",
            independence="No part in it",
        )

    def vote(
        self, seat: Seat, decision: Decision = Decision.APPROVE, comment: str = "", *conditions: Condition
    ) -> c.CastVote:
        return c.CastVote(
            case_id=self.case.id,
            manifest_hash=self.case.manifest_hash,
            seat=seat,
            decision=decision,
            comment=comment,
            conditions=conditions,
        )

    def approved(self) -> History:
        """Validated and voted for by the three seats of tier 1."""
        self.validated()
        for actor, seat in SEATED.items():
            self.when(actor, self.vote(seat))
        return self

    def pinned(self, actor: str, case_id: str) -> None:
        manifest = pin(case_id, self.now, governance_items(self.state, self.state.cases[case_id]))
        self.given(actor, e.EvidencePinned(case_id=case_id, manifest_hash=manifest.hash, items=len(manifest.items)))

    @property
    def case(self) -> CaseState:
        return list(self.state.cases.values())[-1]

    @property
    def stage(self) -> Stage:
        return self.state.versions["1"].stage


@pytest.fixture(scope="session")
def policy() -> Policy:
    return load_policy()


@pytest.fixture
def history(policy: Policy) -> History:
    """A tier 1 model with one version in development."""
    version = VersionEntry(model_id="m", id="1", artefact="m.txt", artefact_sha256="a1")
    return History(policy).given(
        "ana",
        e.ModelRegistered(entry=LOAN_DEFAULT, tier=Tier.ONE, tier_because="high and high"),
        e.VersionRegistered(version=version),
        e.UseRegistered(use=UseEntry(model_id="m", id="ranking", purpose="ranking applications")),
        e.VersionMoved(version_id="1", before=Stage.PROPOSED, after=Stage.IN_DEVELOPMENT),
    )
