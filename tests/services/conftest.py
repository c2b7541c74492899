"""A desk to govern from: a real store in memory, a clock that moves, people, and a tier 1 model to decide on."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.entries import LOAN_DEFAULT, SEATED

from plumbline.domain.chain import sha256
from plumbline.domain.models import Stage, UseEntry, VersionEntry
from plumbline.domain.people import Actor, Authentication, Role, Seat
from plumbline.domain.results import Level, Measurement, Result, Verdict, Window
from plumbline.domain.signoff import Decision, Outcome
from plumbline.policy.load import load_policy
from plumbline.services import evidence
from plumbline.services.context import Context
from plumbline.services.governance import handle, handle_together
from plumbline.store import profiles, results
from plumbline.store.database import Cursor, Store
from plumbline.store.result_digest import digest
from plumbline.workflow import commands as c
from plumbline.workflow.events import CaseOpened, Recorded
from plumbline.workflow.people import SYSTEM
from plumbline.workflow.state import CaseState, ModelState

START = datetime(2026, 10, 1, 9, tzinfo=UTC)
ROLES = {
    "adm": (Role.ADMINISTRATOR,),
    "adm2": (Role.ADMINISTRATOR,),
    "ana": (Role.MODEL_OWNER, Role.APPROVER),
    "dev": (Role.DEVELOPER,),
    "val": (Role.VALIDATOR,),
    "mro": (Role.MODEL_RISK_OFFICER,),
    "eve": (Role.EXECUTIVE,),
    "ind": (Role.APPROVER,),
    "dep": (Role.DEPLOYER,),
    "aud": (Role.AUDITOR,),
}
WINDOW = Window("2026-09", datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC))


@dataclass
class Desk:
    """Everyone acts through here; each act takes a second."""

    ctx: Context
    time: list[datetime]

    def actor(self, user_id: str, role: Role | None = None) -> Actor:
        return Actor(user_id, user_id.title(), role or ROLES[user_id][0], ROLES[user_id])

    def act(self, user_id: str, command: c.Command, role: Role | None = None) -> tuple[Recorded, ...]:
        proof = Authentication(user_id, "password", self.time[0])
        return handle(self.ctx, command, self.actor(user_id, role), authentication=proof)

    def state(self) -> ModelState:
        with self.ctx.store.read() as cursor:
            return evidence.state_of(cursor, "m")

    @property
    def case(self) -> CaseState:
        return list(self.state().cases.values())[-1]

    def move(self, user_id: str, to: Stage) -> None:
        self.act(user_id, c.MoveVersion(model_id="m", version_id="1", to=to, reason="Because", artefact_sha256="a1"))

    def monitor(self, run_id: str, psi: float, window: Window = WINDOW) -> None:
        """A run with one figure and one profile."""
        measured = Measurement(metric="psi", column="score", estimate=psi, n=1000)
        found = (Result(window, measured, Verdict(Level.GREEN, "within", "drift.psi", self.ctx.policy.digest)),)
        content = f"{window.label} {psi}".encode()

        def beside(cursor: Cursor, recorded: Recorded) -> None:
            results.insert_results(cursor, recorded, run_id=run_id, version_id="1", results=found)
            profiles.insert_profiles(cursor, recorded, run_id=run_id, version_id="1", profiles=[(window, content)])

        command = c.RecordMonitoring(
            model_id="m",
            version_id="1",
            run_id=run_id,
            windows=(window.label,),
            results_sha256=digest(found),
            profile_hashes=(sha256(content),),
            policy_digest=self.ctx.policy.digest,
            source="log.parquet",
            rows=1000,
            quarantined=0,
        )
        handle(self.ctx, command, self.actor("dev"), beside=beside)

    def submit(self) -> str:
        opened = self.act("dev", c.SubmitForValidation(model_id="m", version_id="1", use_id="ranking"))[0].event
        assert isinstance(opened, CaseOpened)
        return opened.case_id

    def sign_report(self) -> None:
        case = self.case
        self.act(
            "val",
            c.SignValidationReport(
                case_id=case.id,
                manifest_hash=case.manifest_hash,
                outcome=Outcome.FIT,
                comment="Reperformed",
                independence="No part in it",
            ),
        )

    def vote(
        self,
        user_id: str,
        decision: Decision = Decision.APPROVE,
        *,
        seat: Seat | None = None,
        role: Role | None = None,
        comment: str = "",
    ) -> tuple[Recorded, ...]:
        case = self.case
        command = c.CastVote(
            case_id=case.id,
            manifest_hash=case.manifest_hash,
            seat=seat or SEATED.get(user_id, Seat.MEMBER),
            decision=decision,
            comment=comment,
        )
        return self.act(user_id, command, role)

    def approve(self) -> None:
        """From submission to the third seat's vote."""
        self.submit()
        self.sign_report()
        for user_id in SEATED:
            self.vote(user_id)

    def accesses(self, action: str) -> list[tuple[str, str, str]]:
        with self.ctx.store.read() as cursor:
            return cursor.execute(
                "select actor, payload, reason from access where action = ? order by seq", [action]
            ).fetchall()


def opened(path: Path, time: list[datetime]) -> Desk:
    numbers = itertools.count(1)

    def clock() -> datetime:
        time[0] += timedelta(seconds=1)
        return time[0]

    return Desk(Context(Store.open(path, clock=clock), clock, lambda: f"{next(numbers):04d}", load_policy()), time)


@pytest.fixture(scope="session")
def desk_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The desk's store with its people and its model in development, made once and only copied."""
    path = tmp_path_factory.mktemp("desk") / "desk.duckdb"
    desk = opened(path, [START])
    people = [c.AddPerson(user_id=user, name=user.title(), password_hash="") for user in ROLES]
    grants = [c.GrantRole(user_id=user, role=role) for user, roles in ROLES.items() for role in roles]
    handle_together(desk.ctx, [*people, *grants], SYSTEM)
    desk.act("ana", c.RegisterModel(entry=LOAN_DEFAULT))
    desk.act("ana", c.RegisterVersion(version=VersionEntry(model_id="m", id="1", artefact_sha256="a1")))
    desk.act("ana", c.RegisterUse(use=UseEntry(model_id="m", id="ranking", purpose="ranking applications")))
    desk.move("ana", Stage.IN_DEVELOPMENT)
    desk.ctx.store.close()
    return path


@pytest.fixture(scope="session")
def open_desk() -> Callable[[Path], Desk]:
    """Sits down at a copy of the desk's store, an hour after it was made."""
    return lambda path: opened(path, [START + timedelta(hours=1)])


@pytest.fixture
def desk(desk_file: Path, tmp_path: Path, open_desk: Callable[[Path], Desk]) -> Iterator[Desk]:
    desk = open_desk(Path(shutil.copy(desk_file, tmp_path / "desk.duckdb")))
    yield desk
    desk.ctx.store.close()
